import type { Certificate } from '../analysis/certificates/certificate-format.ts';
import { certifyState } from '../analysis/certificates/gridlock-certificate.ts';
import type { WaitCertificate } from '../analysis/certificates/wait-certificate.ts';
import type { NoMoney } from '../analysis/queues/best-set-and-least-money.ts';
import { closureOf, mustGoFirst } from '../analysis/queues/gridlock-resolution.ts';
import { nameOf } from '../analysis/queues/queue-set.ts';
import type { QueuedPayment, QueueLeg } from '../core/settlement/queue-state.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Inputs } from '../replay/recorded-inputs.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';
import { Amounts, timeText } from './amount-words.ts';
import { certifiedRecords, certifiedWait, valuesAt } from './certified-wait.ts';
import { analyse, type Hold } from './deadlock-and-what-would-release.ts';
import { type EarlierTakers, earlierTakers } from './earlier-takers.ts';
import { ENDS, fateOf, fateSentence, titleOf } from './fate-sentence.ts';
import {
  earlierTakersText,
  type LeastMoney,
  leastMoneyFor,
  leastMoneyText,
} from './optimum-sentence.ts';
import { type Wait, waitOf, waitSentence } from './outside-queues-sentence.ts';
import {
  type PaymentTrace,
  type StateAt,
  type Stop,
  stateAt,
  type Traced,
  type Until,
  visitStates,
} from './payment-trace.ts';
import { holdSentence, type Tense } from './queue-hold-sentence.ts';

/** Which state is explained: that at an instant, that after an event, or the last in which it waited. */
export type At =
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'event'; readonly number: number }
  | null;

export interface Explanation {
  readonly trace: PaymentTrace;
  /** The state that is explained; null where the payment never waited. */
  readonly state: {
    readonly event: number;
    readonly timeMs: number;
    readonly hold: Hold | null;
    readonly wait: Wait | null;
    /** Null: it was not asked for. */
    readonly least: LeastMoney | NoMoney | null;
    /** Asked for with it: who takes what it lacks; null also where the shortages alone release it. */
    readonly takers: EarlierTakers | null;
  } | null;
  /** What and what became of it; then what holds or held it. */
  readonly sentences: readonly string[];
  /** Of the state, where the payment stands in a queue, or its chain waits for its condition. */
  readonly certificate: (() => Promise<Certificate | WaitCertificate>) | null;
}

/** Explains one payment of a traced UETR. */
export async function explainPayment(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  traced: Traced,
  trace: PaymentTrace,
  at: At,
  minimumSeconds: number | null,
): Promise<Explanation> {
  const stop = stopOf(traced, trace, at);
  if (stop === null) return withoutState(trace);
  const amounts = new Amounts(trace.pool.directory);
  const there = await stateAt(inputs, wasm, trace.pool.name, stop);
  const explained = atState(inputs, traced, trace, there, at, amounts);
  const hold = explained.state?.hold;
  if (minimumSeconds === null || !explained.state || !hold) return explained;
  const queues = there.pool.queues();
  const own = queues.payments.find((p) => p.position === hold.payment.position) as QueuedPayment;
  const least = await leastMoneyFor(there.pool, queues, own, minimumSeconds);
  const passed = closureOf(queues, own).size - mustGoFirst(queues, own).size;
  const takers = hold.mayPass ? earlierTakers(queues, own) : null;
  return {
    ...explained,
    state: { ...explained.state, least, takers },
    sentences: [
      ...explained.sentences,
      ...earlierTakersText(there.pool, takers, amounts, tenseOf(trace, at)),
      leastMoneyText(least, amounts, minimumSeconds, passed),
    ],
  };
}

/**
 * Explains several payments in the last state in which each waited: each pool is replayed once.
 * @returns in the order of the payments
 */
export async function explainPayments(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  all: readonly Traced[],
): Promise<Explanation[]> {
  const explained = new Map<PaymentTrace, Explanation>();
  const wanted = all.flatMap((traced) =>
    traced.payments.flatMap((trace) => {
      explained.set(trace, withoutState(trace));
      const stop = stopOf(traced, trace, null);
      return stop === null ? [] : [{ ...stop, trace, traced }];
    }),
  );
  const inOrder = wanted.sort((a, b) => positionOf(a) - positionOf(b));
  for (const name of new Set(inOrder.map(({ trace }) => trace.pool.name))) {
    const stops = inOrder.filter(({ trace }) => trace.pool.name === name);
    await visitStates(inputs, wasm, name, stops, ({ trace, traced }, there) => {
      const amounts = new Amounts(trace.pool.directory);
      explained.set(trace, atState(inputs, traced, trace, there, null, amounts));
    });
  }
  return [...explained.values()];
}

const positionOf = ({ until }: Stop): number =>
  until.kind === 'position' ? until.position : Number.MAX_SAFE_INTEGER;

const fateText = (trace: PaymentTrace, amounts: Amounts): string =>
  `${titleOf(trace, amounts)}: ${fateSentence(trace)}`;

const withoutState = (trace: PaymentTrace): Explanation => ({
  ...{ trace, state: null, certificate: null },
  sentences: [fateText(trace, new Amounts(trace.pool.directory))],
});

/** The state that is explained; null where there is none, or its message did not get so far. */
function stopOf(traced: Traced, trace: PaymentTrace, at: At): Stop | null {
  const until = untilOf(traced, trace, at);
  if (until === null || trace.record === null) return null;
  return { until, positions: [trace.position, ...othersOf(trace, trace.pool)] };
}

function atState(
  inputs: Inputs,
  { pools }: Traced,
  trace: PaymentTrace,
  there: StateAt,
  at: At,
  amounts: Amounts,
): Explanation {
  const fate = fateText(trace, amounts);
  const { pool } = there;
  const place = pool.place();
  const saidMs = at?.kind === 'time' ? at.timeMs : place.timeMs;
  const after = place.event > 0 ? ` (after event ${place.event})` : ', before any event,';
  const so = fateOf(trace).filter((event) => event.number <= place.event);
  const last = so.at(-1);
  const none = { least: null, takers: null };
  const state = { ...none, event: place.event, timeMs: place.timeMs, hold: null, wait: null };
  const said = (sentence: string): Explanation => ({
    trace,
    state,
    sentences: [fate, `At ${timeText(saidMs)}${after} ${sentence}.`],
    certificate: null,
  });
  if (last === undefined) return said('it had not come');
  if (ENDS.includes(last.kind))
    return said(`it had ended: ${last.kind} at ${timeText(last.timeMs)}`);
  const end = fateOf(trace).find((event) => ENDS.includes(event.kind));
  const tense = tenseOf(trace, at);
  const when = tense === 'present' ? 'Now' : at === null ? `Right before it ${ended(end)}` : 'Then';
  const stamp = `${when} (${timeText(saidMs)}, after event ${place.event})`;
  const queued = queuedAs(trace, pool);
  if (queued === null || queued.isHeld) {
    const record = trace.record as NonNullable<PaymentTrace['record']>;
    const atMs = at === null && end ? end.timeMs - 1 : saidMs;
    const others = othersOf(trace, pool).flatMap((position) => there.records.get(position) ?? []);
    const isFunded = queued !== null;
    const wait = waitOf(there, { ...trace, record }, others, last.kind, isFunded, atMs);
    const sentence = waitSentence(wait, record, tense === 'past', amounts);
    return {
      ...said(''),
      state: { ...state, wait },
      sentences: [fate, `${stamp} ${sentence}.`],
      certificate:
        wait.kind === 'condition'
          ? () => ofWait(inputs, pools, there, trace, queued)
          : queued && (async () => certified(trace, pool, queued)),
    };
  }
  const payer = first(trace).debtorAgent;
  const hold = analyse(pool, queued, payer);
  return {
    trace,
    state: { ...state, hold },
    sentences: [fate, `${stamp} ${holdSentence(hold, tense, amounts)}.`],
    certificate: async () => certified(trace, pool, queued),
  };
}

function certified(trace: PaymentTrace, pool: PoolState, queued: QueuedPayment): Certificate {
  const payer = first(trace).debtorAgent;
  const leg = (queued.legs.find((l) => l.debtor === payer) ?? queued.legs[0]) as QueueLeg;
  const account = nameOf(leg.debtor, leg.currency);
  return certifyState(pool.queues(), { payment: queued, account }, pool.place(), pool.names());
}

/** Of a chain that waits for its condition, and of the queue in which it waits for its money. */
async function ofWait(
  inputs: Inputs,
  pools: readonly PoolState[],
  { pool, reached }: StateAt,
  trace: PaymentTrace,
  queued: QueuedPayment | null,
): Promise<WaitCertificate> {
  const { position } = trace;
  const values = await valuesAt(inputs, pool.name, certifiedRecords(pool, position));
  const queue = queued && certified(trace, pool, queued);
  return certifiedWait(pool, position, values, pools, reached, queue);
}

/** A state that still lasts, or one that has passed. */
const tenseOf = (trace: PaymentTrace, at: At): Tense =>
  at !== null || fateOf(trace).some(({ kind }) => ENDS.includes(kind)) ? 'past' : 'present';

const ended = (end: { kind: string } | undefined): string =>
  end?.kind === 'settled' ? 'settled' : `was ${end?.kind}`;

const first = ({ events }: PaymentTrace) => events[0] as PaymentTrace['events'][number];

/** Positions of the legs that settle with it, as far as a pool has matched them. */
function othersOf({ position }: PaymentTrace, { mates, chains }: PoolState): number[] {
  const mate = mates.get(position);
  const legs = chains.get(position) ?? (mate ? [mate] : []);
  return legs.map((leg) => leg.position).filter((other) => other !== position);
}

/** The payment in the queues: of a matched pair or a chain one leg stands for all. */
function queuedAs(trace: PaymentTrace, pool: PoolState): QueuedPayment | null {
  const settling = [trace.position, ...othersOf(trace, pool)];
  return pool.queues().payments.find(({ position }) => settling.includes(position)) ?? null;
}

/** Null where the payment never waited and no state was asked for. */
function untilOf({ eventPlaces, payments }: Traced, trace: PaymentTrace, at: At): Until | null {
  if (at?.kind === 'time') return { kind: 'time', timeMs: at.timeMs };
  if (at?.kind === 'event') {
    const position = eventPlaces.get(trace.pool.name);
    const { event } = trace.pool.place();
    if (position === undefined && payments.length > 0)
      throw new BadInput(
        `--at ${at.number}: pool ${trace.pool.name} has the events 1 to ${event}; expected one of them, or an ISO time`,
      );
    return { kind: 'position', position: position as number, dueMs: null };
  }
  const fate = fateOf(trace);
  const end = fate.find((event) => ENDS.includes(event.kind));
  if (end === undefined)
    return { kind: 'position', position: Number.MAX_SAFE_INTEGER, dueMs: null };
  const waited = fate[0] !== end && end.position > trace.position;
  // It may have ended long after the record before; of its last instant nothing that falls due is taken.
  return waited ? { kind: 'position', position: end.position - 1, dueMs: end.timeMs - 1 } : null;
}
