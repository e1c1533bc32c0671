/**
 * Registers: attestors that keep who holds a security, so that nobody assigns it twice. A register judges the listed chains that
 * ask it, in the order in which it answers. It accepts a chain where whoever delivers the security has as much registered, and
 * moves it in the register at once. It refuses any other. What it has accepted stays registered, whatever becomes of the chain.
 */
import { REASON_MAX } from '../protocol/messages/attestation.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import { firstLegMs, sendingTimeMs } from './outages.ts';
import { listedCurrency } from './payment-list.ts';
import type {
  DrawnAnswer,
  PaymentList,
  Scenario,
  ScenarioChain,
  ScenarioCondition,
} from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';

/**
 * @param drawn what attestors would say of each of the listed chains if they had no register
 * @returns the same, with what registers refuse
 */
export function judgedByRegisters(
  scenario: Scenario,
  drawn: readonly (readonly DrawnAnswer[])[],
): readonly (readonly DrawnAnswer[])[] {
  const judged = drawn.map((answers) => [...answers]);
  for (const { attestor, registers } of scenario.attestors) {
    if (registers === null) continue;
    const holders = new Holders(scenario, registers);
    for (const { chain, answers, place } of turnsOf(scenario, attestor, judged)) {
      const reason = holders.assign(chain);
      if (reason === null) continue;
      answers[place] = { ...answers[place]!, verdict: 'refused', validMs: null, reason };
    }
  }
  return judged;
}

/** Whether no chain with this condition settles unless an attestor accepts it. */
function isNeeded(condition: ScenarioCondition | null, attestor: number): boolean {
  if (condition === null || condition.onSilence === 'settle') return false;
  const { groups, threshold } = condition;
  const holds = groups.map(
    (group) => group.attestors.filter((one) => one !== attestor).length >= group.threshold,
  );
  const isMandatoryMissed = groups.some(({ isMandatory }, place) => isMandatory && !holds[place]);
  return isMandatoryMissed || holds.filter(Boolean).length < threshold;
}

type Moved = Pick<
  Scenario,
  'chains' | 'chainFlows' | 'customerFlows' | 'deposits' | 'listedPayments' | 'trades'
> & { readonly document: Pick<Scenario['document'], 'events'> };

/** What may move a security and asks no register: where the file has it, whether it does, and its name. Traffic has none. */
function movedUnasked(
  { chainFlows, customerFlows, deposits, listedPayments, trades, document }: Moved,
  security: number,
  code: string,
): { readonly path: Path; readonly isMoved: boolean; readonly name: string }[] {
  const isOf = (one: { readonly currency: number }) => one.currency === security;
  const deposited = new Set(
    deposits.filter(({ asset }) => asset === security).map((one) => one.currency),
  );
  return [
    ...chainFlows.map(({ legs, name }, place) => ({
      ...{ path: ['chainFlows', place], isMoved: legs.some(isOf), name },
    })),
    ...trades.map(({ delivers, receives, name }, place) => ({
      ...{ path: ['trades', place], isMoved: [delivers, receives].includes(security), name },
    })),
    ...customerFlows.map(({ currency: from, to, name }, place) => ({
      ...{
        path: ['customerPayments', place],
        isMoved: deposited.has(from) || deposited.has(to),
        name,
      },
    })),
    ...(['issues', 'redemptions'] as const).flatMap((list) =>
      document.events[list].map((event, place) => ({
        ...{ path: ['events', list, place], isMoved: event.currency === code },
        name: event.participant,
      })),
    ),
    {
      ...{ path: ['payments'], name: code },
      isMoved: isListed(listedPayments, security),
    },
  ];
}

/** Whether any of the list has it, debited or received. */
function isListed(list: PaymentList, security: number): boolean {
  for (let line = 0; line < list.length; line++)
    if (listedCurrency(list, line) === security) return true;
  return [...list.beside.values()].some(({ receives }) => receives?.currency === security);
}

/** What passes a register by would make its holders wrong: it would refuse who holds, and accept who does not. */
export function checkMovedByRegisters(
  {
    attestors,
    participants,
    currencies,
    ...moved
  }: Pick<Scenario, 'attestors' | 'participants' | 'currencies'> & Moved,
  fail: Fail,
): void {
  for (const { attestor, registers } of attestors) {
    if (registers === null) continue;
    const { bic } = participants[attestor]!;
    const { code } = currencies[registers]!;
    for (const [place, { legs, condition, id }] of moved.chains.entries())
      if (legs.some(({ currency }) => currency === registers) && !isNeeded(condition, attestor))
        fail(
          ['chains', place, 'condition'],
          `one that ${bic} has to accept, as it keeps the holders of ${code}`,
          id,
        );
    const past = movedUnasked(moved, registers, code).find(({ isMoved }) => isMoved);
    if (past)
      fail(
        past.path,
        `none of ${code}, of which ${bic} keeps the holders: listed chains that it has to accept`,
        past.name,
      );
  }
}

/** Each acceptance of an attestor's, in the order in which they leave it. */
function turnsOf(scenario: Scenario, attestor: number, drawn: readonly DrawnAnswer[][]) {
  const turns = scenario.chains.flatMap((chain, index) => {
    const answers = drawn[index]!;
    const place = answers.findIndex(
      (one) => one.attestor === attestor && one.verdict === 'accepted' && !one.isForged,
    );
    const firstMs = firstLegMs(scenario, chain);
    if (place < 0 || firstMs === null) return [];
    const atMs = sendingTimeMs(scenario, attestor, firstMs + answers[place]!.afterMs);
    const sent = chain.legs.flatMap(({ afterMs }) => afterMs ?? []);
    const plannedMs = chain.atMs + Math.min(...sent);
    return atMs === null ? [] : [{ chain, answers, place, atMs, plannedMs }];
  });
  // At one instant attestations leave in the order in which their chains were planned.
  return turns.sort((a, b) => a.atMs - b.atMs || a.plannedMs - b.plannedMs);
}

/** Who holds how much of a security, and by which chain the last of it went. */
class Holders {
  readonly #scenario: Scenario;
  readonly #security: number;
  readonly #held: bigint[];
  readonly #assignedBy = new Map<number, string>();

  constructor(scenario: Scenario, security: number) {
    this.#scenario = scenario;
    this.#security = security;
    this.#held = scenario.participants.map(
      ({ accounts }) => accounts.find(({ currency }) => currency === security)?.balanceMinor ?? 0n,
    );
  }

  /** Moves what a chain moves, or nothing: then why, in words. */
  assign({ id, legs }: ScenarioChain): string | null {
    const moved = new Map<number, bigint>();
    for (const { debtorAgent, creditorAgent, currency, amountMinor } of legs) {
      if (currency !== this.#security) continue;
      moved.set(debtorAgent, (moved.get(debtorAgent) ?? 0n) - amountMinor);
      moved.set(creditorAgent, (moved.get(creditorAgent) ?? 0n) + amountMinor);
    }
    for (const [holder, change] of moved)
      if (this.#held[holder]! + change < 0n) return this.#notHeld(holder, -change);
    for (const [holder, change] of moved) {
      this.#held[holder]! += change;
      if (change < 0n) this.#assignedBy.set(holder, id);
    }
    return null;
  }

  #notHeld(holder: number, wanted: bigint): string {
    const { minorUnits } = this.#scenario.currencies[this.#security]!;
    const { bic } = this.#scenario.participants[holder]!;
    const [held, asked] = [this.#held[holder]!, wanted].map((minor) =>
      amountText(minor, minorUnits),
    );
    const by = this.#assignedBy.get(holder);
    const text = `${bic} holds ${held} of ${asked}${by === undefined ? '' : `: assigned by ${by}`}`;
    return text.slice(0, REASON_MAX);
  }
}
