import assert from 'node:assert/strict';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { EventKind } from '../../services/core/settlement/events.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { partOf, synchronisedBy, termsDigest } from '../../services/protocol/messages/chain.ts';
import type {
  ChainCondition,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import { CHAIN } from '../../services/protocol/messages/message-types.ts';
import { documentOf } from '../../services/protocol/messages/payload.ts';
import { type Bic, type Uetr, uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import type {
  ControlRecord,
  PreValidation,
} from '../../services/protocol/records/control-record.ts';
import { readOriginal, readVerified } from '../../services/protocol/records/input-record.ts';
import {
  type DueAttestation,
  TwoPoolChains,
} from '../../services/synchronisation/two-pool-chains.ts';
import { seeded } from '../settlement/random-draft.ts';
import {
  BANKS,
  bankOf,
  CURRENCIES,
  CURRENCY_OF,
  createPath,
  DATE,
  messageOf,
  NETWORK,
  NEXT_DATE,
  OPERATOR,
  POOLS,
  type PoolName,
  SimulatedPool,
  START_MS,
} from './simulated-pools.ts';

/** How a day is broken on purpose. */
export interface Sabotage {
  /** The operator accepts at home what the other pool has not promised. */
  readonly acceptsUnpromised?: boolean;
  /** The other pool's core does not know of promises, and the operator takes what is set aside for promised. */
  readonly forgetsPromises?: boolean;
  /** Minor units that each bank has in each pool; default: OPENING. */
  readonly opening?: bigint;
  /** What the operator attests names no record of leg 1. */
  readonly namesNoRecord?: boolean;
}

type Leg = Omit<ChainLegInstruction, 'termsDigest'>;
const PATH = createPath();
const END_MS = START_MS + 12 * 3_600_000;

/** An operator's process: what it has read of both pools, and nothing else. */
export class OperatorProcess {
  readonly #pools: readonly SimulatedPool[];
  readonly #sabotage: Sabotage;
  #book!: TwoPoolChains;
  #next!: Map<PoolName, { input: number; event: number }>;

  constructor(pools: readonly SimulatedPool[], sabotage: Sabotage = {}) {
    this.#pools = pools;
    this.#sabotage = sabotage;
    this.#begin();
  }

  /** Whether it knew anything before. */
  crash(): boolean {
    const hasRead = [...this.#next.values()].some(({ event }) => event > 0);
    this.#begin();
    return hasRead;
  }

  #begin(): void {
    this.#book = new TwoPoolChains(NETWORK, OPERATOR, CURRENCIES);
    this.#next = new Map(POOLS.map((name) => [name, { input: 0, event: 0 }]));
  }

  read(name: PoolName, most: number): void {
    const pool = this.#pools.find((one) => one.name === name) as SimulatedPool;
    const next = this.#next.get(name) as { input: number; event: number };
    const end = Math.min(pool.events.length, next.event + most);
    for (; next.event < end; next.event += 1) {
      const event = pool.events[next.event] as (typeof pool.events)[number];
      for (; next.input <= event.position; next.input += 1)
        this.#book.takeInput(name, next.input, pool.inputs[next.input] as Uint8Array);
      this.#book.takeEvent(name, event);
      const [breach] = this.#book.takeBreaches();
      if (breach) {
        const { chainId, settledIn, endedIn } = breach;
        assert.fail(`chain ${chainId}: pool ${settledIn} has settled its part, ${endedIn} has not`);
      }
      const { acceptsUnpromised, forgetsPromises } = this.#sabotage;
      const isTaken =
        (acceptsUnpromised && event.kind === 'matched') ||
        (forgetsPromises && event.kind === 'earmarked');
      if (!isTaken) continue;
      const { position, paymentPosition, timeMs } = event;
      if (isOfHome(pool.inputs[paymentPosition] as Uint8Array)) continue;
      const told = { kind: 'promised', position, paymentPosition, timeMs };
      this.#book.takeEvent(name, told as never);
    }
  }

  due(nowMs: number): DueAttestation[] {
    const due = this.#book.due(nowMs);
    if (!this.#sabotage.namesNoRecord) return due;
    return due.map((one) => ({ ...one, leg1Position: undefined as unknown as bigint }));
  }
}

/** What became of chains with the same terms, by what the pools' events say. */
class Truth {
  readonly #digests = new Map<string, string>();
  readonly #states = new Map<string, Map<string, string>>();
  readonly #read = new Map<string, number>();
  settled = 0;
  promised = 0;

  take(pool: SimulatedPool): void {
    let at = this.#read.get(pool.name) ?? 0;
    for (; at < pool.events.length; at += 1) {
      const event = pool.events[at] as (typeof pool.events)[number];
      if (event.kind === 'matched' && event.legNumber === 1) {
        const { content } = readVerified(pool.inputs[event.paymentPosition] as Uint8Array);
        const { termsDigest } = content as { termsDigest: Uint8Array };
        this.#set(
          pool,
          event.paymentPosition,
          'complete',
          Buffer.from(termsDigest).toString('hex'),
        );
      } else if (event.kind === 'promised') this.#set(pool, event.paymentPosition, 'promised');
      else if (event.kind === 'settled') this.#set(pool, event.paymentPosition, 'settled');
      else if (event.kind === 'cancelled') this.#set(pool, event.paymentPosition, 'ended');
    }
    this.#read.set(pool.name, at);
  }

  #set(pool: SimulatedPool, position: number, state: string, digest?: string): void {
    const place = `${pool.name} ${position}`;
    if (digest !== undefined) this.#digests.set(place, digest);
    const of = this.#digests.get(place);
    if (of === undefined) return;
    const states = this.#states.get(of) ?? new Map<string, string>();
    this.#states.set(of, states.set(place, state));
    if (state === 'settled') this.settled += 1;
    if (state === 'promised') this.promised += 1;
  }

  /** Settled once in both pools, or in none. @param isQuiet nothing is on its way any more */
  check(isQuiet: boolean): void {
    for (const states of this.#states.values()) {
      const settledIn = (pool: PoolName) =>
        [...states].filter(([at, state]) => at.startsWith(pool) && state === 'settled').length;
      const [west, east] = [settledIn('west'), settledIn('east')];
      assert.ok(west <= 1 && east <= 1, 'a chain settled twice');
      const told = [...states].map(([at, state]) => `${at} ${state}`).join(', ');
      if (!isQuiet) continue;
      assert.equal(west, east, `a partial chain: ${told}`);
      const lives = [...states.values()].some((one) => one === 'promised' || one === 'complete');
      assert.ok(!lives, `a chain that nobody decides: ${told}`);
    }
  }
}

/**
 * A day of two pools and an operator, with messages that are lost, late, doubled and out of order, processes that crash
 * between any two steps, and all else that ends chains.
 * @returns what was met, by name: faults that had an effect, and outcomes
 */
export async function playTwoPools(
  seed: number,
  sabotage: Sabotage = {},
  steps = 160,
): Promise<Map<string, number>> {
  const pick = seeded(seed);
  // What is attested has a stream of its own: days without conditions stay what they are.
  const said = seeded(seed + ATTESTED);
  const hasConditions = said(3) > 0;
  const preValidation = hasConditions && said(2) === 0 ? policyDrawn(said) : [];
  const met = new Map<string, number>();
  const note = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);
  const pools = POOLS.map(
    (name) => new SimulatedPool(name, pick(2) === 0, { ...sabotage, preValidation }),
  );
  const poolOf = (name: string) => pools.find((pool) => pool.name === name) as SimulatedPool;
  // Two at a time: one that was thought to be gone, and who took over.
  const operators = [0, 1].map(() => new OperatorProcess(pools, sabotage));
  const truth = new Truth();
  const wire: { readonly message: Message; readonly isOperators: boolean }[] = [];
  const chains: (readonly Leg[])[] = [];
  let nowMs = START_MS;
  let ids = 0;
  const uetr = () => `00000000-0000-4000-9000-${String(++ids).padStart(12, '0')}` as Uetr;

  /** What the last record of a pool has caused. */
  const look = (pool: SimulatedPool): readonly SettlementEvent[] => {
    truth.take(pool);
    truth.check(false);
    pool.checkConserved();
    return readEvents(pool.eventBytes.at(-1) as Uint8Array);
  };
  /** Whether it had its effect: an event of that kind. */
  const control = (name: PoolName, fields: Record<string, unknown>, effect?: EventKind) => {
    poolOf(name).control({ ...fields, timeMs: nowMs } as unknown as ControlRecord);
    return look(poolOf(name)).some(({ kind }) => kind === effect);
  };
  const deliver = async (at: number) => {
    const [sent] = wire.splice(at, 1);
    if (!sent) return;
    const { pool, value } = await PATH(sent.message, nowMs);
    poolOf(pool).append(value);
    const caused = look(poolOf(pool));
    const isCancelled = caused.some(
      (event) => event.kind === 'cancelled' && event.reason === 'cancelledByDebtorAgent',
    );
    if (isCancelled) note('cancellation');
    const attested = caused.find((event) => event.kind === 'attested');
    if (attested?.kind !== 'attested' || attested.debtorAgent >= BANKS.length) return;
    note(`${attested.verdict} by an attestor`);
    const leg = poolOf(pool).inputs[attested.mate];
    if (leg && !isOfHome(leg)) note('attested in the other pool');
  };
  const instruct = ({ instructingAgent, ...leg }: Leg) => {
    const own = { ...leg, instructingAgent, messageId: `M-${++ids}`, uetr: uetr() };
    wire.push({ message: bankOf(instructingAgent).chainLeg(own, nowMs), isOperators: false });
  };
  const newChain = () => {
    const home = POOLS[pick(2)] as PoolName;
    const other = home === 'west' ? 'east' : 'west';
    const homeLegs = 1 + pick(2);
    const legs = Array.from({ length: homeLegs + 1 + pick(2) }, (_, place) => {
      const from = pick(3);
      const code = CURRENCY_OF[place < homeLegs ? home : other];
      const creditorAgent = BANKS[(from + 1 + pick(2)) % 3] as Bic;
      return { debtorAgent: BANKS[from] as Bic, creditorAgent, code, minor: BigInt(1 + pick(250)) };
    });
    const minutes = new Date(nowMs + 60_000 * (2 + pick(40))).toISOString().slice(11, 19);
    const condition = hasConditions && said(2) === 0 ? conditionDrawn(said, nowMs) : null;
    const terms = {
      ...{ chainId: `X-${++ids}`, settlementDate: DATE, priority: 'normal' as const, legs },
      ...(condition && { condition }),
      earmark: {
        when: pick(2) === 0 ? ('acceptance' as const) : ('trigger' as const),
        ...{ expiry: `${minutes}Z`, onExpiry: 'release' as const },
      },
      synchronised: { operator: OPERATOR, homeLegs },
    };
    const all = legs.map(({ debtorAgent: instructingAgent }, place): Leg => {
      const own = { messageId: '', uetr: uetr(), legNumber: place + 1, instructingAgent };
      return { ...terms, ...own };
    });
    chains.push(all);
    for (const leg of all) if (pick(8) > 0) instruct(leg);
  };
  /** Somebody says something of a chain, in one of its pools: whoever is asked, or anybody. */
  const attest = () => {
    const chain = chains[chains.length - 1 - said(Math.min(4, chains.length || 1))];
    const leg = chain?.[said(chain.length)];
    if (!leg) return;
    const sender = BANKS[said(3)] as Bic;
    const { legs } = partOf(leg);
    const verdict = (['refused', 'held', 'accepted'] as const)[Math.min(2, said(12))] ?? 'accepted';
    const message = bankOf(sender).attestation(
      {
        ...{ id: `T-${++ids}`, sender, verdict, digest: termsDigest(NETWORK, leg) },
        chain: {
          ...{ settlementDate: DATE, legCount: legs.length, reason: null },
          validUntilMs: verdict === 'accepted' && said(6) === 0 ? nowMs + 1000 * said(600) : null,
        },
        ...{ recordKind: null, currency: legs[0]?.code ?? null },
      },
      nowMs,
      nowMs,
    );
    wire.push({ message, isOperators: false });
  };
  const send = (order: DueAttestation) =>
    wire.push({ message: messageOf(order, nowMs), isOperators: true });

  const ACTIONS: readonly (readonly [weight: number, act: () => void | Promise<void>])[] = [
    [4, newChain],
    [
      4,
      () => {
        // A leg that did not come, or once more the same terms by other messages.
        const chain = chains[chains.length - 1 - pick(Math.min(4, chains.length || 1))];
        if (!chain) return;
        const leg = chain[pick(chain.length)];
        for (const one of chain) if (one === leg || pick(2) === 0) instruct(one);
        note('instructed again');
      },
    ],
    [
      34,
      async () => {
        if (wire.length === 0) return;
        const at = pick(3) === 0 ? pick(wire.length) : 0;
        if (at > 0) note('out of order');
        await deliver(at);
      },
    ],
    [
      5,
      () => {
        const at = wire.findIndex(({ isOperators }) => isOperators);
        if (at === -1) return;
        wire.splice(at, 1);
        note('lost');
      },
    ],
    [
      5,
      () => {
        const sent = wire[pick(wire.length || 1)];
        if (!sent) return;
        wire.push(sent);
        note('doubled');
      },
    ],
    [26, () => operators[pick(2)]?.read(POOLS[pick(2)] as PoolName, 1 + pick(20))],
    [
      24,
      () => {
        const due = operators[pick(2)]?.due(nowMs) ?? [];
        const order = due[pick(due.length || 1)];
        if (order) send(order);
      },
    ],
    [
      6,
      () => {
        if (operators[pick(2)]?.crash()) note('operator crashed');
      },
    ],
    [
      5,
      () => {
        pools[pick(2)]?.crash();
        note('clearing crashed');
      },
    ],
    [
      3,
      async () => {
        const pool = pools[pick(2)] as SimulatedPool;
        const live = pool.events.filter(({ kind }) => kind === 'queued' || kind === 'matched');
        const told = live[live.length - 1 - pick(Math.min(8, live.length || 1))];
        if (told?.kind !== 'queued' && told?.kind !== 'matched') return;
        const sender = BANKS[told.debtorAgent] as Bic;
        const request = {
          id: `C-${++ids}`,
          sender,
          uetr: uetrFromBytes(told.id) as Uetr,
          currency: CURRENCY_OF[pool.name],
        };
        const message = bankOf(sender).cancel(
          { ...request, paymentType: 'corridor.chain.1' },
          nowMs,
        );
        wire.push({ message, isOperators: false });
      },
    ],
    [
      5,
      () => {
        nowMs += 1000 * (1 + pick(240));
        const pool = POOLS[pick(2)] as PoolName;
        control(pool, { kind: 'tick' });
        note('time passed');
      },
    ],
    [
      5,
      () => {
        const [name, at] = [POOLS[pick(2)] as PoolName, pick(3)];
        const amountMinor = String(1 + pick(300));
        const issued = { kind: 'issue', bic: BANKS[at], currency: CURRENCY_OF[name], amountMinor };
        if (pick(3) > 0) control(name, issued);
      },
    ],
    [
      1,
      () => {
        if (pick(2) > 0) return;
        const name = POOLS[pick(2)] as PoolName;
        const defaults = { kind: 'default', bic: BANKS[pick(3)], currency: CURRENCY_OF[name] };
        if (control(name, defaults, 'defaulted')) note('default');
      },
    ],
    [
      1,
      () => {
        if (pick(2) > 0) return;
        const name = POOLS[pick(2)] as PoolName;
        const closes = { kind: 'close', currency: CURRENCY_OF[name], date: DATE };
        if (control(name, closes, 'closed')) note('close');
      },
    ],
  ];
  const total = ACTIONS.reduce((sum, [weight]) => sum + weight, 0);
  for (let step = 0; step < steps; step += 1) {
    let drawn = pick(total);
    for (const [weight, act] of ACTIONS) {
      drawn -= weight;
      if (drawn >= 0) continue;
      await act();
      break;
    }
    if (hasConditions && said(3) === 0) attest();
  }

  // All that is on its way comes, the day ends in both pools, and one operator that has read nothing carries on.
  while (wire.length > 0) await deliver(pick(wire.length));
  nowMs = END_MS;
  for (const name of POOLS) {
    control(name, { kind: 'close', currency: CURRENCY_OF[name], date: DATE });
    // What was carried over ends as its expiry has passed.
    const closesAtMs = nowMs + 3_600_000;
    control(name, { kind: 'open', currency: CURRENCY_OF[name], date: NEXT_DATE, closesAtMs });
  }
  const last = new OperatorProcess(pools, sabotage);
  for (let turn = 0; turn < 4; turn += 1) {
    for (const name of POOLS) last.read(name, Number.POSITIVE_INFINITY);
    const due = last.due(nowMs);
    for (const order of due) send(order);
    while (wire.length > 0) await deliver(0);
  }
  truth.check(true);
  met.set('settled', truth.settled);
  met.set('promised', truth.promised);
  return met;
}

/** Apart from the seeds of days. */
const ATTESTED = 7_000_000;

/** One or two groups of one or two banks, with a deadline. */
function conditionDrawn(pick: (below: number) => number, nowMs: number): ChainCondition {
  const first = pick(3);
  const groups = Array.from({ length: 1 + pick(2) }, (_, place) => {
    const attestors = Array.from(
      { length: 1 + pick(2) },
      (_unused, at) => BANKS[(first + place + at) % 3] as Bic,
    );
    return { threshold: 1 + pick(attestors.length), attestors };
  });
  const deadline = `${new Date(nowMs + 60_000 * (2 + pick(30))).toISOString().slice(11, 19)}Z`;
  return { groups, threshold: 1 + pick(groups.length), deadline, onSilence: 'release' };
}

/** A desk that looks at chains of some corridor, in both pools. */
function policyDrawn(pick: (below: number) => number): PreValidation[] {
  const country = (at: number) => (BANKS[at] as Bic).slice(4, 6);
  return [
    {
      ...{ from: country(pick(3)), to: country(pick(3)), desk: BANKS[pick(3)] as Bic },
      ...{ creditorAgent: pick(3) === 0, withinMs: 60_000 * (5 + pick(40)) },
    },
  ];
}

/** Whether the leg of a record of a chain over two pools is of its home. */
const isOfHome = (value: Uint8Array): boolean =>
  synchronisedBy(documentOf(CHAIN, readOriginal(value).payload))?.isHome !== false;

/** What of what was met is a fault. */
export const FAULTS = [
  ...['lost', 'doubled', 'out of order', 'operator crashed', 'clearing crashed'],
  ...['cancellation', 'default', 'close', 'instructed again'],
] as const;

/** What is no fault, and has to have been met too. */
export const OUTCOMES = [
  ...['promised', 'settled', 'attested in the other pool'],
  ...['accepted by an attestor', 'refused by an attestor', 'held by an attestor'],
] as const;
