import { inspect } from 'node:util';
import type { CoreQueues } from '../core/settlement/queue-state.ts';
import type { Settlement } from '../core/settlement/settlement.ts';
import { PRIORITIES } from '../protocol/messages/priorities.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import type { Command, ControlRecord } from '../protocol/records/control-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { proposalBytesMax } from './core-table-sizes.ts';
import type { CycleAsk } from './cycle-and-operator-turns.ts';
import { recordAt } from './keys-and-genesis.ts';
import {
  ProposalFault,
  type Proposer,
  type ProposerPayment,
  type ProposerView,
} from './own-mechanism.ts';

/** Asks a mechanism of one's own, and makes records of what it answers. */
export class ProposalDesk {
  readonly #scenario: Scenario;
  readonly #proposer: Proposer;
  readonly #settlements: readonly Settlement[];

  constructor(scenario: Scenario, proposer: Proposer, settlements: readonly Settlement[]) {
    this.#scenario = scenario;
    this.#proposer = proposer;
    this.#settlements = settlements;
  }

  /** Nothing is alive in the pool: there is nobody to ask, nor anything to fall due. */
  isIdle({ pool }: CycleAsk): boolean {
    return this.#settlements[pool]?.queued() === 0;
  }

  /** What comes before the question; null: nothing. */
  first({ atMs, currency, first }: CycleAsk): ControlRecord | null {
    if (first === null) return null;
    const code = currency === null ? null : (this.#scenario.currencies[currency]?.code as string);
    return recordAt(atMs, first === 'tick' ? { kind: 'tick' } : { kind: 'cycle', currency: code });
  }

  /**
   * The proposal for a pool as it stands; null where nothing is queued that may be proposed.
   * @throws ProposalFault
   */
  proposal(ask: CycleAsk): ControlRecord | null {
    const view = this.#view(ask);
    if (view.payments.length === 0) return null;
    const { name } = this.#proposer;
    const where = `at ${new Date(ask.atMs).toISOString()} in pool ${view.pool}`;
    let returned: unknown;
    try {
      returned = this.#proposer.propose(view);
    } catch (error) {
      const [line] = (error instanceof Error ? `${error}` : `threw ${error}`).split('\n');
      throw new ProposalFault(`${name} ${where}: ${line}; expected sets of queued payments`);
    }
    const sets = setsOf(returned, view.payments, (fault) => {
      throw new ProposalFault(`${name} ${where}: ${fault}`);
    });
    const [bytes, most] = [proposalBytes(sets), proposalBytesMax(this.#scenario)];
    if (bytes > most)
      throw new ProposalFault(
        `${name} ${where}: returned ${sets.length} sets of ${sets.flat().length} payments in all, ${bytes} bytes; expected ${most} at most, 24 for a set and 8 for each payment in it`,
      );
    const { currency } = view;
    return recordAt(ask.atMs, { kind: 'proposal', mechanism: name, currency, sets } as Command);
  }

  #view({ pool, atMs, currency }: CycleAsk): ProposerView {
    const { pools, currencies, participants } = this.#scenario;
    const { name, currencies: own } = pools[pool] as (typeof pools)[number];
    const state = (this.#settlements[pool] as Settlement).queues();
    // As genesisRecords registers them.
    const code = (handle: number) => currencies[own[handle] as number]?.code as string;
    const bic = (handle: number) => participants[handle]?.bic as string;
    return {
      ...{ pool: name, atMs },
      currency: currency === null ? null : (currencies[currency]?.code as string),
      payments: proposable(state).map((payment) => paymentOf(payment, code, bic)),
      accounts: state.accounts.map(({ participant, currency: handle, ...account }) => {
        const { balance, earmarked = 0n, creditLine, reserved } = account;
        const available = balance + creditLine;
        return {
          ...{ participant: bic(participant), currency: code(handle), balance },
          ...{ earmarked, creditLine },
          available: available > 0n ? available : 0n,
          ...{ reservedUrgent: reserved[0], reservedHigh: reserved[1] },
        };
      }),
      limits: state.limits.map(({ participant, currency: handle, counterparty, ...limit }) => ({
        ...{ participant: bic(participant), currency: code(handle), ...limit },
        counterparty: counterparty === null ? null : bic(counterparty),
      })),
    };
  }
}

type TimedPayment = CoreQueues['payments'][number];

/** Payments all of whose currencies take proposals; the core refuses a set with a leg that waits to be set aside. */
const proposable = ({ mechanisms, payments }: CoreQueues): TimedPayment[] =>
  payments.filter(
    ({ legs, isHeld }) =>
      isHeld !== true && legs.every(({ currency }) => mechanisms[currency] === 'proposed'),
  );

function paymentOf(
  { position, id, priority, sinceMs, legs }: TimedPayment,
  code: (handle: number) => string,
  bic: (handle: number) => string,
): ProposerPayment {
  const named = legs.map(({ currency, debtor, creditor, amount }) => ({
    ...{ debtor: bic(debtor), creditor: bic(creditor), currency: code(currency), amount },
  }));
  return {
    ...(named[0] as ProposerPayment['legs'][number]),
    position,
    uetr: uetrFromBytes(Buffer.from(id, 'hex')) ?? '',
    priority: PRIORITIES[priority] ?? 'normal',
    sinceMs: legs.length > 1 ? null : sinceMs,
    legs: named,
  };
}

/** What was returned as positions of payments, or a fault: which set, what stands there, what was expected. */
function setsOf(
  returned: unknown,
  payments: readonly ProposerPayment[],
  fail: (fault: string) => never,
): number[][] {
  if (!Array.isArray(returned))
    return fail(`returned ${shown(returned)}; expected an array of sets`);
  const known = new Map<unknown, number>(
    payments.flatMap(({ position, uetr }) => [
      [position, position],
      [uetr, position],
    ]),
  );
  // Holes of an array too are sets that are none.
  return Array.from(returned, (set: unknown, index) => {
    const of = `set ${index + 1}`;
    if (!Array.isArray(set) || set.length === 0)
      return fail(`${of} is ${shown(set)}; expected an array of queued payments, at least one`);
    const members = new Set<number>();
    for (const member of set as readonly unknown[]) {
      const position = known.get(member);
      if (position === undefined)
        return fail(
          `${of} has ${shown(member)}; expected the position or UETR of a queued payment`,
        );
      if (members.has(position)) return fail(`${of} has ${shown(member)} twice; expected it once`);
      members.add(position);
    }
    return [...members];
  });
}

/** What the core has to keep of them (assembly/settlement/proposals.ts). */
const proposalBytes = (sets: readonly (readonly number[])[]): number =>
  sets.reduce((sum, { length }) => sum + 24 + 8 * length, 0);

function shown(value: unknown): string {
  if (value instanceof Promise) return 'a promise';
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, compact: true });
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}
