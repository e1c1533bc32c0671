import { QUOTE_TYPE } from '../protocol/messages/message-types.ts';
import type { ControlRecord, CoreLimits, Genesis } from '../protocol/records/control-record.ts';
import { readVerified, writeControl } from '../protocol/records/input-record.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { genesisBeforeMs } from '../scenario/genesis-time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { timelineWith } from '../scenario/timeline-and-same-instant-order.ts';
import { controlRecord } from './control-records.ts';
import { genesisRecords, poolsOfControl, simulatedPublicKeys } from './keys-and-genesis.ts';
import type { PoolRecord } from './recorded-simulation.ts';

/** What a run's recorded input says that its operator's records, made anew, depend on. */
export interface RecordedInstructions {
  /** Dealers' quotes of all pools, in order of time, which have their place among control records. */
  readonly quotes: readonly RecordedQuote[];
  /** When the first message was sent, ms. */
  readonly firstMs: number;
  /** Of each pool: its tables have room for all that was recorded. */
  readonly limits: readonly CoreLimits[];
}

export interface RecordedQuote {
  readonly atMs: number;
  /** Its number. */
  readonly pool: number;
}

export const isQuote = ({ messageType }: VerifiedRecord): boolean => messageType === QUOTE_TYPE;

/** Control records in one slice at most where no message is between them. */
const CONTROLS_MAX = 8192;

/**
 * The input of a run whose participants sent what was recorded, and whose operator did what the scenario
 * has him do: each pool's founding, then messages among control records, ordered as a plan orders them
 * (scenario/timeline-and-same-instant-order.ts). Where the scenario is that of the recording, it is the recorded input.
 * @param messages in batches, those of a pool in order
 */
export async function* counterfactualInputs(
  scenario: Scenario,
  recorded: RecordedInstructions,
  messages: AsyncIterable<readonly PoolRecord[]>,
): AsyncGenerator<readonly PoolRecord[], void> {
  const operators = scenario.pools.map((_, pool) => new PoolOperator(scenario, pool, recorded));
  for await (const batch of messages)
    yield batch.flatMap(({ pool, value }) => [
      ...(operators[pool] as PoolOperator).before(readVerified(value)),
      { pool, value },
    ]);
  for (const operator of operators) {
    let rest: PoolRecord[] = [];
    for (const record of operator.rest()) {
      rest.push(record);
      if (rest.length < CONTROLS_MAX) continue;
      yield rest;
      rest = [];
    }
    yield rest;
  }
}

/** A pool's control records, each as soon as no message that comes later belongs before it. */
class PoolOperator {
  readonly #pool: number;
  readonly #records: Iterator<OperatorRecord, void>;
  #next: OperatorRecord | undefined;

  constructor(scenario: Scenario, pool: number, recorded: RecordedInstructions) {
    this.#pool = pool;
    this.#records = operatorRecords(scenario, pool, recorded);
    this.#advance();
  }

  #advance(): void {
    this.#next = this.#records.next().value ?? undefined;
  }

  before(message: VerifiedRecord): PoolRecord[] {
    const records: PoolRecord[] = [];
    for (let next = this.#next; next && next.atMs <= message.appendedAtMs; next = this.#next) {
      this.#advance();
      // The message is this quote: what is behind it at its instant comes after it.
      if (next.value === null) break;
      records.push({ pool: this.#pool, value: next.value });
    }
    return records;
  }

  *rest(): Generator<PoolRecord, void> {
    for (; this.#next; this.#advance())
      if (this.#next.value !== null) yield { pool: this.#pool, value: this.#next.value };
  }
}

export interface OperatorRecord {
  readonly atMs: number;
  /** Null: here a quote of a dealer went out. */
  readonly value: Uint8Array | null;
}

/** A pool's founding and what its operator writes, in order, with the places of the recorded quotes. */
export function* operatorRecords(
  scenario: Scenario,
  pool: number,
  recorded: RecordedInstructions,
): Generator<OperatorRecord, void> {
  for (const record of founding(scenario, pool, recorded))
    yield { atMs: record.timeMs, value: writeControl(record) };
  for (const action of timelineWith(scenario, recorded.quotes)) {
    const { kind, atMs } = action;
    if (kind !== 'quote') {
      if (poolsOfControl(scenario, action).includes(pool))
        yield { atMs, value: writeControl(controlRecord(scenario, action)) };
    } else if (action.pool === pool) yield { atMs, value: null };
  }
}

function founding(
  scenario: Scenario,
  pool: number,
  { quotes, firstMs, limits }: RecordedInstructions,
): ControlRecord[] {
  const keys = simulatedPublicKeys(scenario);
  const own = scenario.pools[pool] as Scenario['pools'][number];
  const records = genesisRecords(
    scenario,
    own,
    quotes.length,
    (bic) => keys.get(bic) as Uint8Array,
  );
  const timeMs = genesisBeforeMs(scenario, firstMs);
  return records.map((record) => ({
    ...record,
    timeMs,
    ...(record.kind === 'genesis' && { limits: roomFor(record, limits[pool] as CoreLimits) }),
  }));
}

/** Tables with room for what either asks for. */
export const roomFor = ({ limits }: Genesis, recorded: CoreLimits): CoreLimits =>
  Object.fromEntries(
    Object.entries(limits).map(([table, room]) => [
      table,
      Math.max(room, recorded[table as keyof CoreLimits] ?? 0),
    ]),
  ) as unknown as CoreLimits;
