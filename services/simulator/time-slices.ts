import { DraftRows } from '../scenario/draft-rows.ts';
import { outOfRow, PaymentInRow } from '../scenario/payments-in-sending-order.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { PlannedPause } from './cycle-and-operator-turns.ts';
import type { MessageAction } from './direct-records.ts';

/** Control records that a slice holds at most while no payment is due (nights, empty hours). */
const CONTROLS_MAX = 8192;

/** What a plan has next, in its order; it holds until the next slice is asked for. */
export class PlanSlice {
  readonly #scenario: Scenario;
  /** Null: the next of the payments that stand in rows. */
  readonly actions: (PlannedAction | null)[] = [];
  readonly rows = new DraftRows(0);
  /** Of each row, as `PlannedPayment` has it. */
  readonly numbers: number[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  get length(): number {
    return this.actions.length;
  }

  add(action: PlannedAction): void {
    if (!(action instanceof PaymentInRow)) {
      this.actions.push(action);
      return;
    }
    this.actions.push(null);
    this.rows.copy(action.rows, action.row);
    this.numbers.push(action.number);
  }

  clear(): void {
    this.actions.length = 0;
    this.numbers.length = 0;
    this.rows.clear();
  }

  /** The payment that stands in a row. */
  inRow(row: number): PaymentInRow {
    return new PaymentInRow(this.#scenario, this.rows, row, this.numbers[row] as number);
  }

  /** All, as objects. */
  *[Symbol.iterator](): Generator<PlannedAction, void> {
    let row = 0;
    for (const action of this.actions) yield action ?? outOfRow(this.inRow(row++));
  }

  /** Of its last action, ms. */
  get atMs(): number {
    const last = this.actions.at(-1);
    return last === null ? this.rows.atMs(this.rows.length - 1) : (last?.atMs ?? 0);
  }
}

/**
 * Cuts the plan of a run into slices of `batchSize` messages (fewer where there are many control
 * records between them). Slices change nothing but how much is verified and cleared together. A pause
 * ends the slice before it, and is none.
 */
export function* slices(
  scenario: Scenario,
  actions: Iterable<PlannedAction | PlannedPause>,
  batchSize: number,
): Generator<PlanSlice | PlannedPause, void> {
  const slice = new PlanSlice(scenario);
  let messages = 0;
  for (const action of actions) {
    if (action.kind === 'ask' || action.kind === 'turn') {
      if (slice.length > 0) yield slice;
      slice.clear();
      messages = 0;
      yield action;
      continue;
    }
    slice.add(action);
    if (isMessage(action)) messages += 1;
    if (messages >= batchSize || slice.length - messages >= CONTROLS_MAX) {
      yield slice;
      slice.clear();
      messages = 0;
    }
  }
  if (slice.length > 0) yield slice;
}

/** What a participant sends; everything else is the operator's. */
export const isMessage = (action: PlannedAction): action is MessageAction =>
  action.kind === 'payment' || action.kind === 'quote' || action.kind === 'request';
