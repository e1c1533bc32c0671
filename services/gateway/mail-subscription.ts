import type { LoggedMessage, Logger } from '../live/service-context.ts';
import { nextRecord, recordsOf } from '../live/topic-reader.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { passingProblem } from '../protocol/names/http-problems.ts';
import {
  deliveriesOf,
  PARTICIPANTS,
  statementsOf,
  statusesOf,
  topicsOf,
} from '../protocol/names/topic-plan.ts';
import { isNodeKey, readKeyMessage } from '../protocol/records/participant-message.ts';
import { Mailbox } from './bank-mailbox.ts';
import type { KeyBook } from './key-book.ts';
import { errorKind, type GatewayLog } from './log-port-and-try-later.ts';
import { HeldRecord } from './record-kept-as-text.ts';
import { UetrIndex } from './uetr-index.ts';

export interface MailRoomOptions {
  readonly log: GatewayLog;
  readonly logger: Logger;
  readonly keys: KeyBook;
  /** A name of this gateway's own: two gateways must not share one. */
  readonly group: string;
  /** Memory for the index of statuses. */
  readonly indexBytesMax?: number;
  /** Records of each topic that are read again at the start, to fill the index. */
  readonly startRecords?: number;
  readonly reached?: ((point: string) => void) | undefined;
}

const INDEX_BYTES_MAX = 134_217_728;
const START_RECORDS = 2_000;
/** Of deliveries and statements nothing is indexed by UETR: what waiting readers need is enough. */
const START_DELIVERIES = 128;
const RETRY_MS = 1_000;
/** UETRs for which the log was searched in vain, remembered so that asking again costs little. */
const SEARCHES_MAX = 10_000;

/**
 * Statuses, deliveries and statements of all banks, and the participants' keys, by one subscription. It decides
 * nothing about who may read: the routes do.
 */
export class MailRoom {
  readonly #options: MailRoomOptions;
  readonly #index: UetrIndex;
  readonly #boxes = new Map<string, Mailbox>();
  /** Up to which offset a topic holds nothing under a UETR. */
  readonly #searched = new Map<string, number>();
  readonly #searching = new Set<string>();
  #participantsNext = 0;
  /** The topic that is watched: one after the other, each until all of it has been taken. */
  #watched = PARTICIPANTS;
  #watchedBefore = 0;
  #subscription: { stop(): Promise<void> } | null = null;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(options: MailRoomOptions) {
    this.#options = options;
    this.#index = new UetrIndex(options.indexBytesMax ?? INDEX_BYTES_MAX);
  }

  /** Reads the keys, then follows the topics. Rejects where the log cannot be read. */
  async start(): Promise<void> {
    const { log } = this.#options;
    this.#participantsNext = await log.startOffset(PARTICIPANTS, 0);
    for await (const record of recordsOf(log, PARTICIPANTS, 0, { from: this.#participantsNext }))
      this.#takeParticipant(record);
    await this.#follow();
  }

  /** Takes all keys that the log has now, where the subscription has not handed them over yet. */
  async readKeys(): Promise<void> {
    const { log } = this.#options;
    const end = await log.endOffset(PARTICIPANTS, 0);
    const from = this.#participantsNext;
    for await (const record of recordsOf(log, PARTICIPANTS, 0, { from, end }))
      this.#takeParticipant(record);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#refreshing;
    await this.#subscription?.stop().catch(() => {});
  }

  /** How far it has come in the topic that is watched, counted on from those watched before. */
  get position(): number {
    return this.#watchedBefore + this.#nextOf(this.#watched);
  }

  /** Where that topic ends, counted alike; the next one's turn comes when all of it has been taken. */
  async end(): Promise<number> {
    const topic = this.#watched;
    const end = this.#watchedBefore + (await this.#options.log.endOffset(topic, 0));
    const { position } = this;
    if (topic === this.#watched && position >= end) this.#turnTo(position);
    return end;
  }

  /** The first record of that topic that was not taken, counted alike; null: its turn is over. */
  async nextRecord(): Promise<number | null> {
    const topic = this.#watched;
    const next = await nextRecord(this.#options.log, topic, 0, this.#nextOf(topic));
    if (next !== null) return this.#watchedBefore + next;
    const end = await this.#options.log.endOffset(topic, 0);
    if (topic === this.#watched) this.#turnTo(this.#watchedBefore + end);
    return null;
  }

  /** @param position as it is counted from the next topic on */
  #turnTo(position: number): void {
    const topics = [PARTICIPANTS, ...this.#boxes.keys()];
    this.#watched = topics[(topics.indexOf(this.#watched) + 1) % topics.length] as string;
    this.#watchedBefore = position - this.#nextOf(this.#watched);
  }

  #nextOf(topic: string): number {
    return this.#boxes.get(topic)?.next ?? this.#participantsNext;
  }

  statuses(bic: Bic): Mailbox {
    return this.#box(statusesOf(bic));
  }

  deliveries(bic: Bic): Mailbox {
    return this.#box(deliveriesOf(bic));
  }

  statements(bic: Bic): Mailbox {
    return this.#box(statementsOf(bic));
  }

  #box(topic: string): Mailbox {
    const box = this.#boxes.get(topic);
    if (box) return box;
    throw passingProblem('logUnavailable', `the topic ${topic} is not followed yet`);
  }

  /**
   * What a bank was told about a UETR, in order. `complete` is false where earlier statuses may lie
   * in the log before what is in memory.
   * @param suffices whether what is in memory answers the question; else the log is searched too
   */
  async statusesOf(
    bic: Bic,
    uetr: string,
    suffices: (known: readonly LoggedMessage[]) => boolean,
  ): Promise<{ records: readonly LoggedMessage[]; complete: boolean }> {
    const { topic } = this.statuses(bic);
    const known = this.#index.find(topic, uetr);
    const isWhole = this.#index.isWhole(topic);
    if (known && (isWhole || suffices(known))) return { records: known, complete: isWhole };
    const earlier = await this.#search(topic, uetr);
    const last = earlier[earlier.length - 1]?.logOffset ?? -1;
    const later = (this.#index.find(topic, uetr) ?? []).filter(({ logOffset }) => logOffset > last);
    return { records: [...earlier, ...later], complete: true };
  }

  /** What was delivered to a bank under a UETR and is wanted, in order. All of its topic is read for it. */
  async deliveriesUnder(
    bic: Bic,
    uetr: string,
    isWanted: (record: LoggedMessage) => boolean,
  ): Promise<LoggedMessage[]> {
    const { topic } = this.deliveries(bic);
    const found: LoggedMessage[] = [];
    await this.#alone(topic, async () => {
      for await (const record of recordsOf(this.#options.log, topic))
        if (record.key === uetr && isWanted(record)) found.push(record);
    });
    return found;
  }

  /** Reads the log where the index does not reach: one search a topic at a time. */
  async #search(topic: string, uetr: string): Promise<LoggedMessage[]> {
    const end = this.#index.missingBefore(topic);
    const name = `${topic} ${uetr}`;
    const found: LoggedMessage[] = [];
    const searched = this.#searched.get(name) ?? 0;
    if (this.#index.isWhole(topic) || searched >= end) return found;
    const from = Math.max(await this.#options.log.startOffset(topic, 0), searched);
    await this.#alone(topic, async () => {
      for await (const record of recordsOf(this.#options.log, topic, 0, { from, end }))
        if (record.key === uetr) found.push(record);
    });
    if (found.length === 0) this.#remember(name, end);
    return found;
  }

  /** @throws ProblemError where the topic is searched already */
  async #alone(topic: string, search: () => Promise<void>): Promise<void> {
    if (this.#searching.has(topic))
      throw passingProblem(
        'overloaded',
        'an older payment of this bank is being sought in the log; ask again',
      );
    this.#searching.add(topic);
    try {
      await search();
    } finally {
      this.#searching.delete(topic);
    }
  }

  #remember(name: string, end: number): void {
    this.#searched.delete(name);
    this.#searched.set(name, end);
    if (this.#searched.size <= SEARCHES_MAX) return;
    const [oldest] = this.#searched.keys();
    this.#searched.delete(oldest as string);
  }

  #takeParticipant(record: LoggedMessage): void {
    if (record.logOffset < this.#participantsNext) return;
    this.#participantsNext = record.logOffset + 1;
    const entry = readKeyMessage(record.value);
    const { ce_pool: pool = '', ce_eventnumber: number = '0' } = record.headers;
    const place = { pool, eventNumber: Number(number), changedAtMs: record.timestampMs };
    if (isNodeKey(entry)) {
      this.#options.keys.learnNode(entry, place);
      return;
    }
    this.#options.keys.learn(entry, place);
    if (this.#subscription && !this.#boxes.has(statusesOf(entry.bic))) this.#again(0);
  }

  #take(topic: string, record: LoggedMessage): void {
    if (topic === PARTICIPANTS) {
      this.#takeParticipant(record);
      return;
    }
    const held = new HeldRecord(record);
    if (this.#boxes.get(topic)?.take(held) && topic.startsWith(STATUSES))
      this.#index.take(topic, held, record.value.length);
  }

  /** Subscribes anew after a failure, or because there is a new participant. */
  #again(afterMs: number): void {
    if (this.#isClosed || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#refreshing = this.#refreshing
        .then(() => this.#follow())
        .catch((error) => {
          this.#options.logger.warn({ kind: errorKind(error) }, 'the log cannot be followed now');
          this.#again(RETRY_MS);
        });
    }, afterMs);
  }

  async #follow(): Promise<void> {
    if (this.#isClosed) return;
    const { log, group, reached } = this.#options;
    const previous = this.#subscription;
    this.#subscription = null;
    await previous?.stop().catch(() => {});
    await this.#addBoxes();
    const boxes = [...this.#boxes.values()];
    const positions = boxes.map(({ topic, next }) => ({ topic, partition: 0, logOffset: next }));
    positions.push({ topic: PARTICIPANTS, partition: 0, logOffset: this.#participantsNext });
    // The group has no memory: its offsets are where this process stands.
    reached?.('gateway.beforeCommit');
    await log.commit(group, positions);
    reached?.('gateway.afterCommit');
    const subscription = await log.subscribe({
      group,
      topics: positions.map(({ topic }) => topic),
      handle: async ({ topic, records }) => {
        for (const record of records) this.#take(topic, record);
      },
    });
    this.#subscription = subscription;
    subscription.stopped.then(
      () => this.#lost(subscription),
      (error) => {
        const { message: reason } = error as Error;
        this.#options.logger.warn(
          { kind: errorKind(error), reason },
          'the log is lost, tries again',
        );
        this.#lost(subscription);
      },
    );
  }

  /** A subscription that ended by itself: the log was closed, or failed. */
  #lost(subscription: { stop(): Promise<void> }): void {
    if (this.#subscription === subscription) this.#again(RETRY_MS);
  }

  /** The topics of every participant that has a key; the notifier creates them. */
  async #addBoxes(): Promise<void> {
    const { keys } = this.#options;
    for (const bic of keys.participants())
      for (const { name } of topicsOf(bic as Bic))
        if (!this.#boxes.has(name)) await this.#addBox(name);
  }

  async #addBox(topic: string): Promise<void> {
    const { log, startRecords = START_RECORDS } = this.#options;
    try {
      const start = await log.startOffset(topic, 0);
      const again = topic.startsWith(STATUSES) ? startRecords : START_DELIVERIES;
      const first = Math.max(start, (await log.endOffset(topic, 0)) - again);
      this.#boxes.set(topic, new Mailbox(topic, log, first));
      if (topic.startsWith(STATUSES)) this.#index.begin(topic, start, first);
    } catch (error) {
      if (errorKind(error) !== 'topicUnknown') throw error;
      this.#again(RETRY_MS);
    }
  }
}

const STATUSES = 'statuses.';
