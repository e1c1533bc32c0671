import { parseCheckpoint } from '../evidence/checkpoint.ts';
import { CosignedCheckpoints } from '../evidence/cosigned-checkpoints.ts';
import { isAuditorName, type Policy, parseAuditorsPolicy } from '../evidence/cosigner-policy.ts';
import {
  EvidenceFault,
  type NoteKey,
  parseVerifierKey,
  verifierKey,
} from '../evidence/signed-note.ts';
import type { ServiceContext } from '../live/service-context.ts';
import type { AddressedMessage } from '../protocol/names/message.ts';
import { INTERIM_HEADER } from '../protocol/names/message-headers.ts';
import { bankToldBy } from '../protocol/names/topic-plan.ts';
import { FINAL_READER } from '../protocol/records/telemetry.ts';
import type { PoolSeal } from './pool-seal.ts';
import { SealFault } from './seal-fault.ts';

/**
 * Quorum finality: what banks are told waits, in order, until so many auditors as the policy asks for have cosigned a
 * checkpoint that covers it. What is held is remembered by nothing but the position behind what was told: after a crash
 * the events behind it are projected once more.
 */
interface Held {
  /** Number of the last event that it tells of. */
  readonly through: number;
  /** Offset of the next message of events, once it is told. */
  readonly next: number;
  /** Whether the record of its last event may have more events to come. */
  readonly goesOn: boolean;
  readonly messages: readonly AddressedMessage[];
}

type SealedEvents = Pick<PoolSeal, 'isOfEvents' | 'isProven' | 'signing'>;

/** Messages held at most before no more events are read: some 100 MB. */
const HELD_MAX = 50_000;
/** The quorum is away that has cosigned nothing new for so long. */
const AWAY_MS = 5_000;

/** What is for a bank alone, and final. Keys, quotes and commands' outcomes are at once what they are. */
const waits = ({ topic, message }: AddressedMessage): boolean =>
  (topic.startsWith('deliveries.') || bankToldBy(topic) !== null) &&
  message.headers[INTERIM_HEADER] === undefined;

export class QuorumFinality {
  readonly #context: ServiceContext;
  readonly #cosigned: CosignedCheckpoints;
  readonly #origin: string;
  readonly #heldMax: number;
  readonly #policy: Policy;
  #seal: SealedEvents | null = null;
  /** The newest checkpoint of the quorum that is one of the pool's events, and its size. */
  #met = '';
  #covered = 0;
  /** Checkpoints that auditors have cosigned: whether they are of the pool's events, as far as that is known. */
  #judged: ReadonlyMap<string, boolean> = new Map();
  #held: Held[] = [];
  #messages = 0;
  #told = 0;
  #projected = 0;
  /** Since when the first that is held is the first, ms. */
  #sinceMs = 0;
  /** Who was said to be missing; empty: nobody. */
  #missing = '';
  readonly #heldFigure: (value: number) => void;
  readonly #agreeing: (value: number) => void;

  /**
   * @param policyText as of `parseAuditorsPolicy`
   * @param logKey of the pool's log
   * @throws SealFault where the policy does not ask for auditors of this log
   */
  constructor(context: ServiceContext, policyText: string, logKey: string, heldMax = HELD_MAX) {
    this.#context = context;
    this.#heldMax = heldMax;
    try {
      this.#policy = parseAuditorsPolicy(policyText, logKey);
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
      throw new SealFault(`finality by a quorum: ${error.message}`);
    }
    this.#cosigned = new CosignedCheckpoints(context.log, policyText);
    this.#origin = parseVerifierKey(logKey).name;
    const { figures, probes } = context;
    this.#heldFigure = figures.gauge(
      'corridor_final_held_messages',
      'Messages for banks that wait for the quorum of auditors',
    );
    this.#agreeing = figures.gauge(
      'corridor_final_auditors',
      'Auditors that have cosigned the event that is told next as final; all of them where nothing waits',
    );
    const progress = { position: () => this.#told, end: async () => this.#projected };
    probes.consumer(FINAL_READER, progress);
  }

  /**
   * Number of the last event that the quorum has cosigned, as far as is known: of the events that the pool has, and not
   * of others that were lost since.
   * @throws SealFault where it has cosigned others
   */
  get covered(): number {
    const met = this.#cosigned.met(this.#origin);
    if (met !== null && met !== this.#met) {
      const checkpoint = parseCheckpoint(met);
      if (this.#seal?.isOfEvents(checkpoint)) {
        this.#met = met;
        this.#covered = checkpoint.size;
      }
    }
    return this.#covered;
  }

  /** Whether no more events are to be read until some are told; never before all is seen that was signed before. */
  get isFull(): boolean {
    return this.#messages >= this.#heldMax && this.#seal?.isProven !== false;
  }

  /** Whether the last that is held is told as far as this. */
  isHeldTo(next: number, goesOn: boolean): boolean {
    const last = this.#held.at(-1);
    return last?.next === next && last.goesOn === goesOn;
  }

  /**
   * @param number of the last event that was told before
   * @param seal the pool's, which has taken that event
   * @throws SealFault where it signs with a key that the policy has not
   */
  async begin(number: number, seal: SealedEvents): Promise<void> {
    for (const key of seal.signing.map(verifierKey))
      if (!this.#policy.logs.some((log) => verifierKey(log) === key))
        throw new SealFault(
          `finality by a quorum: its policy has no line log ${key}, with which log.pem signs: add it there and to the --policy of each auditor, then start again`,
        );
    this.#seal = seal;
    this.#told = number;
    this.#projected = number;
    await this.#cosigned.begin(this.#origin);
    this.#show();
  }

  /** Takes cosignatures that come, for at most so long. */
  follow(waitMs: number): Promise<void> {
    return this.#cosigned.follow(waitMs);
  }

  /** Of messages what is told before they are held: what waits for nobody, and what is told ahead. */
  early(messages: readonly AddressedMessage[]): AddressedMessage[] {
    // Also of what is not proven yet: it may have been told as final before.
    const cosigned = this.#cosigned.size(this.#origin);
    const isCovered = ({ message: { headers } }: AddressedMessage) =>
      headers[INTERIM_HEADER] !== undefined && Number(headers.ce_eventnumber) <= cosigned;
    return messages.filter((one) => !waits(one) && !isCovered(one));
  }

  /** Holds what waits; what was to be told before has been told: nothing ahead comes behind what is final. */
  hold({ messages, ...of }: Held): void {
    if (this.#held.length === 0) this.#sinceMs = this.#context.elapsedMs();
    const held = messages.filter(waits);
    const last = this.#held.at(-1);
    // Events of which no bank is told take no room, however many come; what is covered is being told.
    const isMerged =
      held.length === 0 && last?.messages.length === 0 && last.through > this.covered;
    if (isMerged) this.#held.pop();
    this.#held.push({ ...of, messages: held });
    this.#messages += held.length;
    this.#projected = Math.max(this.#projected, of.through);
  }

  /** What may be told now, in order; it stays until `drop`. */
  due(): readonly Held[] {
    const { covered } = this;
    const end = this.#held.findIndex(({ through }) => through > covered);
    return end < 0 ? this.#held : this.#held.slice(0, end);
  }

  /** The first of what is held, which were told. */
  drop(count: number): void {
    for (const { messages, through } of this.#held.splice(0, count)) {
      this.#messages -= messages.length;
      this.#told = Math.max(this.#told, through);
    }
    this.#sinceMs = this.#context.elapsedMs();
    this.#show();
  }

  /** Says who is missing, where nothing was cosigned for a while, and that it goes on. */
  look(): void {
    this.#show();
    const [first] = this.#held;
    const isAway = first && this.#context.elapsedMs() - this.#sinceMs >= AWAY_MS;
    const missing = isAway ? this.#missingFor(first.through) : '';
    if (missing === this.#missing) return;
    const { covered } = this;
    const { logger } = this.#context;
    if (first && missing !== '')
      logger.warn(
        { event: first.through, covered, held: this.#messages, missing },
        'waits for the quorum of auditors: nothing is told as final meanwhile',
      );
    else if (!first || first.through <= covered)
      logger.info({ covered }, 'the quorum of auditors goes on');
    else return;
    this.#missing = missing;
  }

  #missingFor(event: number): string {
    if (event <= this.covered) return '';
    return this.#behind(event).join(', ') || 'no checkpoint has the quorum';
  }

  /** Cosigners of the policy that have not come to an event. */
  #behind(event: number): string[] {
    const sizes = [...this.#cosigned.sizes(this.#origin)];
    return sizes.filter(([, size]) => size < event).map(([{ name }]) => name);
  }

  #show(): void {
    this.#heldFigure(this.#messages);
    const auditors = [...this.#cosigned.sizes(this.#origin)].filter(([{ name }]) =>
      isAuditorName(name),
    );
    const [first] = this.#held;
    const ours = first ? this.#ofOurEvents() : null;
    const agrees = ([key, size]: (typeof auditors)[number]) =>
      !first || (size >= first.through && ours?.has(key));
    this.#agreeing(auditors.filter(agrees).length);
  }

  /** Cosigners whose largest checkpoint is of the pool's events, and of no others of that size. */
  #ofOurEvents(): ReadonlySet<NoteKey> {
    const largest = this.#cosigned.largest(this.#origin);
    const judged = new Map<string, boolean>();
    for (const text of new Set(largest.values())) {
      const isOurs = this.#judged.get(text) ?? this.#isOurs(text);
      if (isOurs !== null) judged.set(text, isOurs);
    }
    this.#judged = judged;
    return new Set([...largest].filter(([, text]) => judged.get(text)).map(([key]) => key));
  }

  /** Null: it is not known yet. */
  #isOurs(text: string): boolean | null {
    if (text === this.#met) return true;
    try {
      return this.#seal?.isOfEvents(parseCheckpoint(text)) || null;
    } catch (error) {
      // One cosigner alone stops nothing: it makes no quorum.
      if (!(error instanceof SealFault)) throw error;
      return false;
    }
  }
}
