import { EventCursor } from '../../core/settlement/event-cursor.ts';
import { readEvents } from '../../core/settlement/event-reader.ts';
import {
  EVENT_BYTES,
  EVENT_KINDS,
  type GrossOutcome,
  kindNumbers,
  MECHANISMS,
} from '../../core/settlement/events.ts';
import {
  type CapturedQueues,
  type CoreQueues,
  readQueues,
} from '../../core/settlement/queue-state.ts';
import type { CycleMechanism } from '../../core/settlement/records.ts';
import type { CycleStep, TakeStep } from '../../core/settlement/settlement.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { bicOf, currencyOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';
import type { EventChain } from '../../protocol/records/event-chain.ts';
import type { ChainedEvents } from '../../protocol/records/events-message.ts';
import type { Certificate } from './certificate-format.ts';
import {
  type CertificateNames,
  type CertifiedPlace,
  type CycleRun,
  certifyRun,
  uetrOf,
} from './gridlock-certificate.ts';
import { certifyNetting, type NettingCertificate } from './netting-certificate.ts';
import { NettingBooks, type NettingInput } from './netting-premises.ts';
import { certifyOffsetting, type OffsettingCertificate } from './offsetting-certificate.ts';
import { certifyProposal, type ProposalCertificate } from './proposal-certificate.ts';

/** Of a run over queues or of a state, of a netting cycle, of a bilateral offsetting, of a proposal. */
export type AnyCertificate =
  | Certificate
  | NettingCertificate
  | OffsettingCertificate
  | ProposalCertificate;

/** A step of a cycle as it was taken, with its certificate. */
export interface CertifiedStep {
  /** Its `cycled` event; of an offsetting the first `settled`. */
  readonly event: EventOf<'cycled' | 'settled'>;
  readonly settled: readonly EventOf<'settled'>[];
  readonly certificate: AnyCertificate;
  /** The core right before it. */
  readonly before: CoreQueues;
}

/** Events that a certificate may begin with, or tell of; of settlements bilateral offsettings alone. */
const TAKEN = kindNumbers([
  ...(['cycled', 'accepted', 'rejected', 'cancelled', 'capSet', 'defaulted', 'matched'] as const),
]);
const OFFSETTING = MECHANISMS.indexOf('bilateralOffsetting');
/** With these a matched leg ends. */
const ENDINGS = kindNumbers(['settled', 'cancelled']);

/** A run of a cycle that has no certificate yet. */
export interface RunToCertify {
  readonly event: EventOf<'cycled'>;
  readonly before: CapturedQueues;
  readonly run: CycleRun;
  readonly place: CertifiedPlace;
  readonly names: CertificateNames;
}

type CertifiedEvents = Omit<ChainedEvents, 'digestAfter'>;

/** A core, or who has heard of its steps in their order. */
interface Watched {
  watchCycle(cycle: 'every', take: TakeStep): void;
}

/**
 * Certificates of a pool's cycles as they come: it stands beside the core from its first record on, is told by the
 * core of each step of a cycle before it is taken, and is given all events in order. The certificates themselves:
 * `*-certificate.ts`; how one is verified: check/verify-certificate.ts.
 */
export class CycleCertifier {
  readonly #pool: string;
  readonly #directory: DirectoryNames;
  readonly #books = new NettingBooks();
  /** UETR of the other leg, of matched legs that have not ended. */
  readonly #mates = new Map<number, string>();
  /** By the last event before: the core before the run, or before the offsetting, that comes next. */
  readonly #runs = new Map<number, CapturedQueues>();
  readonly #offsettings = new Map<
    number,
    { readonly step: CycleStep; readonly before: CapturedQueues | null }
  >();
  #offsettingNumber = 0;
  readonly #writes: (run: RunToCertify) => boolean;

  /**
   * @param wants whether a step is certified; each, where it is not given
   * @param writes whether it has written the certificate of a run by itself: then there is no step of it
   */
  constructor(
    settlement: Watched,
    pool: string,
    directory: DirectoryNames,
    wants: (step: CycleStep) => boolean = () => true,
    writes: (run: RunToCertify) => boolean = () => false,
  ) {
    this.#writes = writes;
    this.#pool = pool;
    this.#directory = directory;
    settlement.watchCycle('every', (step, capture) => {
      const before = wants(step) ? capture() : null;
      if (step.offsets) this.#offsettings.set(step.event, { step, before });
      else if (before !== null) this.#runs.set(step.event, before);
    });
  }

  /** How many of the pool's offsettings have settled something so far. */
  get offsettings(): number {
    return this.#offsettingNumber;
  }

  /** Takes the events of whole records; returns the wanted steps that they tell of, in order. */
  take(batch: CertifiedEvents): CertifiedStep[] {
    const steps: CertifiedStep[] = [];
    this.each(batch, (step) => steps.push(step));
    return steps;
  }

  /** As `take`: between one step and the next those come that are written. */
  each(batch: CertifiedEvents, use: (step: CertifiedStep) => void): void {
    const digest = digestsOf(batch);
    const cursor = new EventCursor(batch.events);
    while (cursor.next()) {
      if (!tellsOffset(cursor) && !TAKEN.has(cursor.kind)) continue;
      const { index } = cursor;
      const event = cursor.read();
      const input = this.#books.take(event);
      if (event.kind === 'matched' && event.legCount === 0) this.#note(event);
      const later = batch.events.subarray((index + 1) * EVENT_BYTES);
      const part = this.#partOf(event, later, input);
      if (part === null) continue;
      const step = part(this.#place(event, digest(index)));
      if (step !== null) use(step);
    }
    this.#forgetEnded(batch);
    const last = batch.firstNumber + batch.count - 1;
    for (const steps of [this.#runs, this.#offsettings])
      for (const event of steps.keys()) if (event < last) steps.delete(event);
  }

  /** Matched legs that these events end. */
  #forgetEnded({ events }: CertifiedEvents): void {
    const event = new EventCursor(events);
    while (this.#mates.size > 0 && event.next())
      if (ENDINGS.has(event.kind)) this.#mates.delete(event.paymentPosition);
  }

  /** The step whose first event this is, to be certified at its place; null: it is none that is wanted. */
  #partOf(
    event: SettlementEvent,
    later: Uint8Array,
    input: NettingInput | null,
  ): ((place: CertifiedPlace) => CertifiedStep | null) | null {
    if (event.kind === 'cycled') {
      const before = this.#runs.get(event.number - 1);
      if (before === undefined) return null;
      const told = upTo(later, ({ kind }) => kind === EVENT_KINDS.cycled);
      return (place) => this.#certifyRun(event, told, before, input, place);
    }
    const step = this.#offsettings.get(event.number - 1);
    if (step === undefined || !isOffset(event)) return null;
    const rest = upTo(later, (e) => !tellsOffset(e) || this.#offsettings.has(e.number - 1));
    const settled = [event, ...readEvents(rest).filter(isOffset)] as const;
    this.#offsettingNumber += 1;
    const { before } = step;
    if (before === null) return null;
    const offsetting = this.#offsettingNumber;
    return (place) =>
      this.#certifyOffsetting(step.step, readQueues(before), offsetting, settled, place);
  }

  #certifyRun(
    event: EventOf<'cycled'>,
    told: Uint8Array,
    captured: CapturedQueues,
    input: NettingInput | null,
    place: CertifiedPlace,
  ): CertifiedStep | null {
    const settled = settledIn(told, event.cycle);
    const names = this.#names;
    const isProposed = event.mechanism === 'proposed';
    const { cycle, outcome, currency } = event;
    const run = {
      ...{ cycle, currency, outcome: outcome as GrossOutcome },
      mechanism: event.mechanism as CycleMechanism,
      settled: settled.map((e) => e.paymentPosition),
    };
    const isRun = input === null && !isProposed;
    if (isRun && this.#writes({ event, before: captured, run, place, names })) return null;
    const before = readQueues(captured);
    const certificate = isProposed
      ? certifyProposal(before, event, readEvents(told), place, names)
      : input === null
        ? certifyRun(before, run, place, names)
        : certifyNetting(before, input, event, readEvents(told), place, names);
    return { event, settled, certificate, before };
  }

  #certifyOffsetting(
    step: CycleStep,
    before: CoreQueues,
    offsetting: number,
    settled: readonly [EventOf<'settled'>, ...EventOf<'settled'>[]],
    place: CertifiedPlace,
  ): CertifiedStep {
    const told = {
      ...{ offsetting, nextCycle: step.cycle, currency: step.currency },
      settled: settled.map((e) => e.paymentPosition),
    };
    const certificate = certifyOffsetting(before, told, place, this.#names);
    return { event: settled[0], settled, certificate, before };
  }

  #place({ number, timeMs }: SettlementEvent, digest: Buffer): CertifiedPlace {
    return { pool: this.#pool, event: number - 1, eventsDigest: digest.toString('hex'), timeMs };
  }

  /** A leg's match: of the other, which the event names, this one is the mate. */
  #note({ id, mate }: EventOf<'matched'>): void {
    this.#mates.set(mate, uetrOf(Buffer.from(id).toString('hex')));
  }

  readonly #names: CertificateNames = {
    participant: (handle) => bicOf(this.#directory, handle),
    currency: (handle) => currencyOf(this.#directory, handle),
    pairedWith: ({ position }) => this.#mates.get(position) ?? null,
  };
}

/** The events before the first that ends them. */
function upTo(events: Uint8Array, isEnd: (event: EventCursor) => boolean): Uint8Array {
  const event = new EventCursor(events);
  while (event.next()) if (isEnd(event)) return events.subarray(0, event.index * EVENT_BYTES);
  return events;
}

/** What a cycle settled. */
function settledIn(events: Uint8Array, cycle: number): EventOf<'settled'>[] {
  const settled: EventOf<'settled'>[] = [];
  const event = new EventCursor(events);
  while (event.next())
    if (event.kind === EVENT_KINDS.settled && event.cycle === cycle)
      settled.push(event.read() as EventOf<'settled'>);
  return settled;
}

const tellsOffset = ({ kind, mechanism }: EventCursor): boolean =>
  kind === EVENT_KINDS.settled && mechanism === OFFSETTING;

const isOffset = (event: SettlementEvent): event is EventOf<'settled'> =>
  event.kind === 'settled' && event.mechanism === 'bilateralOffsetting';

/** The digest before each event of a batch, asked for in order: nothing is hashed where nobody asks. */
function digestsOf({ events, before }: CertifiedEvents): (index: number) => Buffer {
  let chain: EventChain | null = null;
  let chained = 0;
  return (index) => {
    chain ??= before.copy();
    chain.append(events.subarray(chained, index * EVENT_BYTES));
    chained = index * EVENT_BYTES;
    return chain.digest();
  };
}
