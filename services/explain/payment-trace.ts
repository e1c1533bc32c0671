import type { TakenRecord } from '../analysis/chains/attested-and-earmarked.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { reasonAttested } from '../protocol/messages/attestation.ts';
import {
  type ChainTerms,
  debtorAgentsOf,
  furtherTermsOf,
  synchronisedBy,
  type TwoPools,
} from '../protocol/messages/chain.ts';
import { ATTESTATION, CHAIN, isPaymentType } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import { type Uetr, uetrBytes } from '../protocol/names/bic-and-uetr.ts';
import { isMessageEvent, type MessageEvent } from '../protocol/records/event-payment.ts';
import {
  isControl,
  readControl,
  readOriginal,
  readVerified,
} from '../protocol/records/input-record.ts';
import { type AskedCondition, askedOf } from '../protocol/records/pre-validation.ts';
import type { VerifiedPayment } from '../protocol/records/verified-record.ts';
import type { Inputs } from '../replay/recorded-inputs.ts';
import { PoolState } from '../replay/replayed-state-and-names.ts';

export type TracedEvent =
  | MessageEvent
  | EventOf<'reordered'>
  | EventOf<'triggered' | 'earmarked' | 'released' | 'notEarmarked' | 'promised'>
  | TracedAttestation;

/** Of the chain of which it is a leg; with what its attestor said for people, null: nothing, or the log has not its message. */
type TracedAttestation = EventOf<'attested'> & { readonly words: string | null };

/** What the terms of a chain say besides its legs, and what the network's policy adds. */
export interface FurtherTerms extends Pick<ChainTerms, 'earmark'> {
  /** Of a chain over two pools. */
  readonly over?: TwoPools;
  /** Null: nothing has to be attested. */
  readonly asked: AskedCondition | null;
}

/** All that a pool's history says of one payment. */
export interface PaymentTrace {
  /** Its pool at the end of the input. */
  readonly pool: PoolState;
  /** Position of its record in the pool's input. */
  readonly position: number;
  readonly events: [TracedEvent, ...TracedEvent[]];
  /** What its message said; null where it did not get so far. */
  readonly record: VerifiedPayment | null;
  /** Of a leg of a chain the banks that its legs debit, in their order; null where the log has not its message. */
  readonly chainAgents: readonly string[] | null;
  readonly chainTerms: FurtherTerms | null;
}

/** Where an event stands: the input record that caused it, by pool. */
type EventPlaces = ReadonlyMap<string, number>;

export interface Traced {
  /** In the order of the pools and of their inputs; a UETR may name payments of several senders. */
  readonly payments: readonly PaymentTrace[];
  readonly pools: readonly PoolState[];
  /** Of the event with the number that was asked for. */
  readonly eventPlaces: EventPlaces;
}

/** Replays all pools and notes what concerns a UETR, and where an event stands. */
export async function tracePayment(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  uetr: Uetr,
  eventNumber: number | null,
): Promise<Traced> {
  return (await tracePayments(inputs, wasm, [uetr], eventNumber)).get(uetr) as Traced;
}

/** The same of several, in one replay. */
export async function tracePayments(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  uetrs: readonly Uetr[],
  eventNumber: number | null = null,
): Promise<ReadonlyMap<Uetr, Traced>> {
  const wanted = new Map(uetrs.map((uetr) => [idKey(uetrBytes(uetr)), uetr]));
  const pools = new Map<string, PoolState>();
  const traces = new Map<string, { readonly uetr: Uetr; readonly trace: PaymentTrace }>();
  const eventPlaces = new Map<string, number>();
  const begin = (name: string): PoolState => {
    const pool: PoolState = new PoolState(name, wasm, ({ events, value }) => {
      for (const event of events) {
        if (event.number === eventNumber) eventPlaces.set(name, event.position);
        if (event.kind === 'attested') noteAttested(name, event, value(event.position));
        if (!isTraced(event)) continue;
        const known = traces.get(`${name}/${event.paymentPosition}`);
        if (event.kind !== 'reordered' && !isOfPayment(event)) continue;
        const uetr = event.kind === 'reordered' ? known?.uetr : wanted.get(idKey(event.id));
        if (uetr === undefined) continue;
        if (known) known.trace.events.push(event);
        else note(uetr, pool, event, value(event.paymentPosition));
      }
    });
    pools.set(name, pool);
    return pool;
  };
  /** Of a chain every leg that lives. */
  const noteAttested = (name: string, event: EventOf<'attested'>, value?: Uint8Array): void => {
    for (const { trace } of traces.values())
      if (trace.pool.name === name && isOfChain(trace, event))
        trace.events.push({ ...event, words: wordsIn(value) });
  };
  const note = (
    uetr: Uetr,
    pool: PoolState,
    event: TracedEvent,
    value: Uint8Array | undefined,
  ): void => {
    const isRecord = value !== undefined && !isControl(value) && event.kind !== 'noticed';
    const record = isRecord ? paymentIn(value) : null;
    const trace: PaymentTrace = {
      ...{ pool, position: event.paymentPosition, events: [event], record },
      ...chainIn(record?.kind === 'chainLeg' ? (value as Uint8Array) : null, pool),
    };
    traces.set(`${pool.name}/${event.paymentPosition}`, { uetr, trace });
  };
  await inputs.read((name, position, value) => {
    (pools.get(name) ?? begin(name)).take(position, value);
    return true;
  });
  for (const pool of pools.values()) pool.flush();
  const all = { pools: [...pools.values()], eventPlaces };
  const traced = new Map<Uetr, Traced & { readonly payments: PaymentTrace[] }>(
    uetrs.map((uetr) => [uetr, { ...all, payments: [] }]),
  );
  for (const { uetr, trace } of traces.values()) traced.get(uetr)?.payments.push(trace);
  return traced;
}

const OF_CHAINS: ReadonlySet<string> = new Set([
  ...['triggered', 'earmarked', 'released', 'notEarmarked', 'promised'],
]);
const isTraced = (
  event: SettlementEvent,
): event is Exclude<TracedEvent, { readonly kind: 'attested' }> =>
  event.kind === 'reordered' || OF_CHAINS.has(event.kind) || isMessageEvent(event);

const isOfPayment = (event: Exclude<TracedEvent, { readonly kind: 'reordered' }>): boolean =>
  event.kind === 'noticed' || isPaymentType(event.messageType);

/** 16 bytes as a key of a map. */
const idKey = (id: Uint8Array): string => Buffer.from(id).toString('latin1');

/** Where a state is wanted: after a record and all that fell due by an instant, or after all by an instant. */
export type Until =
  | { readonly kind: 'position'; readonly position: number; readonly dueMs: number | null }
  | { readonly kind: 'time'; readonly timeMs: number };

export interface StateAt {
  readonly pool: PoolState;
  /** Input values of the payments asked for, where they had come. */
  readonly records: ReadonlyMap<number, VerifiedPayment>;
  /** An unmatched leg ends after so many ms; 0: never. */
  readonly pvpTimeoutMs: number;
  /** The last record that was taken, and the state's time. */
  readonly reached: TakenRecord;
}

/** A state that is wanted of a pool. */
export interface Stop {
  readonly until: Until;
  /** Of the payments whose records are wanted too. */
  readonly positions: readonly number[];
}

/** Replays one pool up to a place in its input. */
export async function stateAt(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  name: string,
  stop: Stop,
): Promise<StateAt> {
  const states: StateAt[] = [];
  await visitStates(inputs, wasm, name, [stop], (_, state) => states.push(state));
  return states[0] as StateAt;
}

/**
 * Replays one pool once, and shows it at places of its input that ascend. What falls due between two
 * records happens with the later one, each at its own instant: so if one follows, the core's time goes
 * on to the instant asked for.
 */
export async function visitStates<Wanted extends Stop>(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  name: string,
  stops: readonly Wanted[],
  visit: (stop: Wanted, state: StateAt) => void,
): Promise<void> {
  const pool = new PoolState(name, wasm);
  const wanted = new Set(stops.flatMap(({ positions }) => positions));
  const records = new Map<number, VerifiedPayment>();
  let pvpTimeoutMs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPosition = 0;
  let next = 0;
  const show = (goesOn: boolean): void => {
    const stop = stops[next++] as Wanted;
    const { until } = stop;
    // Behind the last one nothing is taken.
    const shown = next < stops.length ? pool.fork() : pool;
    shown.flush();
    const dueMs = until.kind === 'time' ? until.timeMs : until.dueMs;
    const advances = goesOn && dueMs !== null && dueMs > lastMs && Number.isFinite(lastMs);
    if (advances) shown.advance(dueMs);
    const reached = { position: lastPosition, timeMs: advances ? dueMs : lastMs };
    visit(stop, { pool: shown, records, pvpTimeoutMs, reached });
  };
  await inputs.read((of, position, value) => {
    if (of !== name) return true;
    const timeMs = recordTimeMs(value);
    while (next < stops.length && isPast((stops[next] as Wanted).until, position, timeMs))
      show(true);
    if (next === stops.length) return false;
    lastMs = Math.max(lastMs, timeMs);
    lastPosition = position;
    if (position === 0) pvpTimeoutMs = pvpTimeoutOf(value);
    const record = wanted.has(position) && !isControl(value) ? paymentIn(value) : null;
    if (record !== null) records.set(position, record);
    pool.take(position, value);
    return true;
  });
  while (next < stops.length) show(false);
}

const isPast = (until: Until, position: number, timeMs: number): boolean =>
  until.kind === 'time' ? timeMs > until.timeMs : position > until.position;

function paymentIn(value: Uint8Array): VerifiedPayment | null {
  const read = readVerified(value);
  return read.kind === 'payment' ||
    read.kind === 'pvpLeg' ||
    read.kind === 'chainLeg' ||
    read.kind === 'return'
    ? read
    : null;
}

/** Of a leg of a chain what its message says of the whole. */
function chainIn(
  value: Uint8Array | null,
  { preValidation }: PoolState,
): Pick<PaymentTrace, 'chainAgents' | 'chainTerms'> {
  const payload = value && readOriginal(value).payload;
  if (!payload || payload.length === 0) return { chainAgents: null, chainTerms: null };
  const document = documentOf(CHAIN, payload);
  const terms = furtherTermsOf(document);
  const { earmark } = terms;
  const over = synchronisedBy(document);
  const chainTerms = {
    asked: askedOf(document, preValidation, terms),
    ...(earmark && { earmark }),
    ...(over && { over }),
  };
  return { chainAgents: debtorAgentsOf(document), chainTerms };
}

/** What an attestation says for people. */
function wordsIn(value: Uint8Array | undefined): string | null {
  const payload = value && readOriginal(value).payload;
  return payload && payload.length > 0 ? reasonAttested(documentOf(ATTESTATION, payload)) : null;
}

/** Whether what was attested is of the chain of a leg that lives. */
function isOfChain({ record, events }: PaymentTrace, event: EventOf<'attested'>): boolean {
  if (record?.kind !== 'chainLeg' || record.content.legCount !== event.legCount) return false;
  const { kind } = events.at(-1) as TracedEvent;
  const isOver = kind === 'settled' || kind === 'cancelled' || kind === 'rejected';
  return !isOver && Buffer.from(record.content.termsDigest).equals(event.termsDigest);
}

function pvpTimeoutOf(value: Uint8Array): number {
  const control = readControl(value);
  return control.kind === 'genesis' ? control.pvpTimeoutMs : 0;
}

const recordTimeMs = (value: Uint8Array): number =>
  isControl(value) ? readControl(value).timeMs : readVerified(value).appendedAtMs;
