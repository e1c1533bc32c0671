import { LogError, type LogMessage, MESSAGE_BYTES_MAX, type Placement } from '../log.ts';
import type { PartitionPlace } from './checksums.ts';
import type { OffsetRange } from './in-process-log.ts';
import { type Tail, Tails } from './newest-runs.ts';
import { RUN_BYTES_MAX, type RunPlace, RunWriter, runChecksum } from './record-runs.ts';
import type { CommittedPosition } from './store-format.ts';
import type { StoreThread } from './store-thread.ts';
import type { WrittenRun } from './store-worker.ts';
import { checkSizes, choosePartition, stamp, type Topic, takeKeyless } from './topic-catalogue.ts';

/** The newest records are kept in memory, so much of them in all. */
const TAILS_BYTES = 48 * 1_048_576;

/** A partition of the embedded log. */
export interface Partition extends OffsetRange {
  readonly place: PartitionPlace;
  start: number;
  /** What is durable. */
  end: number;
  readonly table: number;
  readonly tail: Tail;
}

export const commitKey = (group: string, topic: string, partition: number) =>
  `${topic} ${partition} ${group}`;

/** A run that waits for the next transaction, which gives it its offsets. */
interface NewRun extends RunPlace {
  readonly partition: Partition;
  firstOffset: number;
  checksum: number;
}

/** A call that waits for the next transaction. */
interface Write {
  readonly runs: readonly NewRun[];
  readonly commits: readonly CommittedPosition[];
  /** After it: durable, or why not. */
  done(error?: unknown): void;
}

/** Memory beyond it is not kept for the next transaction. */
const SPARE_BYTES_MAX = 16 * 1_048_576;

/** Gathers writes into transactions, one of which is under way at a time. */
export class Writer {
  readonly #thread: StoreThread;
  readonly #now: () => number;
  readonly #tails = new Tails(TAILS_BYTES);
  readonly committed = new Map<string, number>();
  /** Of the next transaction. */
  #records = new RunWriter();
  /** Memory of one that is over. */
  #spare: SharedArrayBuffer | undefined;
  #writes: Write[] = [];
  #underWay: Promise<void> | undefined;
  #broken: LogError | undefined;

  constructor(thread: StoreThread, now: () => number) {
    this.#thread = thread;
    this.#now = now;
    for (const { group, topic, partition, logOffset } of thread.opened.commits)
      this.committed.set(commitKey(group, topic, partition), logOffset);
  }

  async append(topic: Topic<Partition>, messages: readonly LogMessage[]): Promise<Placement[]> {
    const keyless = takeKeyless(topic);
    const chosen = messages.map((message) => choosePartition(topic, message, keyless));
    const runs = this.#encode(topic, messages, chosen);
    await this.#add(runs, []);
    return placements(chosen, runs);
  }

  commit(commits: readonly CommittedPosition[]): Promise<void> {
    return this.#add([], commits);
  }

  /** Resolves when everything that was added is written, or failed. */
  async drained(): Promise<void> {
    this.#flush();
    while (this.#underWay) await this.#underWay;
  }

  #add(runs: readonly NewRun[], commits: readonly CommittedPosition[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#writes.length === 0 && !this.#underWay) setImmediate(() => this.#flush());
      const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      this.#writes.push({ runs, commits, done });
    });
  }

  #encode(
    topic: Topic<Partition>,
    messages: readonly LogMessage[],
    chosen: readonly number[],
  ): NewRun[] {
    const nowMs = this.#now();
    const before = this.#records.length;
    const runs: NewRun[] = [];
    try {
      for (const [index, own] of byPartition(messages, chosen))
        this.#encodeOf(topic, topic.partitions[index]!, own, nowMs, runs);
    } catch (error) {
      this.#records.truncate(before);
      throw error;
    }
    return runs;
  }

  #encodeOf(
    topic: Topic<Partition>,
    partition: Partition,
    messages: readonly LogMessage[],
    nowMs: number,
    runs: NewRun[],
  ): void {
    const records = this.#records;
    let start = records.length;
    let count = 0;
    let lastMs = 0;
    for (const message of messages) {
      const { key, value } = message;
      const headers = JSON.stringify(message.headers);
      // A UTF-16 unit takes at most 3 bytes: only what comes near is measured exactly.
      if (value.length + (headers.length + (key?.length ?? 0)) * 3 > MESSAGE_BYTES_MAX)
        checkSizes(topic.spec.name, [message]);
      lastMs = stamp(topic, message, nowMs);
      records.put(lastMs, key, headers, value);
      count += 1;
      if (records.length - start < RUN_BYTES_MAX) continue;
      runs.push(newRun(partition, { start, end: records.length, count, lastMs }));
      start = records.length;
      count = 0;
    }
    if (count > 0) runs.push(newRun(partition, { start, end: records.length, count, lastMs }));
  }

  #flush(): void {
    if (this.#underWay || this.#writes.length === 0) return;
    const writes = this.#writes;
    const records = this.#records;
    this.#writes = [];
    this.#records = new RunWriter(this.#spare);
    this.#spare = undefined;
    this.#underWay = this.#write(writes, records).then(() => {
      this.#underWay = undefined;
      this.#flush();
    });
  }

  /** One transaction. */
  async #write(writes: readonly Write[], records: RunWriter): Promise<void> {
    let failure: unknown = this.#broken;
    if (failure === undefined)
      try {
        const runs = writes.flatMap((write) => write.runs);
        const commits = writes.flatMap((write) => write.commits);
        const { memory } = records;
        await this.#thread.write(memory, place(runs, memory), commits);
        this.#keep(runs, memory);
        if (memory.byteLength <= SPARE_BYTES_MAX) this.#spare = memory;
        for (const { group, topic, partition, logOffset } of commits)
          this.committed.set(commitKey(group, topic, partition), logOffset);
      } catch (error) {
        failure = error;
        // After a failed write nobody knows what the disk holds until the file is opened anew.
        if (error instanceof LogError && error.kind !== 'diskFull') this.#broken = error;
      }
    for (const write of writes) write.done(failure);
  }

  /** Counts what is durable, and keeps a copy of what somebody reads along. */
  #keep(runs: readonly NewRun[], memory: SharedArrayBuffer): void {
    const wanted = runs.filter(({ partition }) => partition.tail.isRead);
    const kept = Buffer.allocUnsafeSlow(
      wanted.reduce((bytes, { start, end }) => bytes + end - start, 0),
    );
    let at = 0;
    for (const { partition, firstOffset, start, end, count, lastMs, checksum } of wanted) {
      kept.set(new Uint8Array(memory, start, end - start), at);
      const bytes = kept.subarray(at, at + end - start);
      partition.tail.add({ firstOffset, count, lastMs, bytes, checksum });
      at += end - start;
    }
    for (const { partition, firstOffset, count } of runs) partition.end = firstOffset + count;
    this.#tails.added(
      kept.length,
      wanted.map(({ partition }) => partition.tail),
    );
  }
}

function byPartition(messages: readonly LogMessage[], chosen: readonly number[]) {
  const [first = 0] = chosen;
  if (chosen.every((partition) => partition === first)) return new Map([[first, messages]]);
  const lists = new Map<number, LogMessage[]>();
  messages.forEach((message, place) => {
    const partition = chosen[place] as number;
    const list = lists.get(partition);
    if (list) list.push(message);
    else lists.set(partition, [message]);
  });
  return lists;
}

const newRun = (partition: Partition, place: RunPlace): NewRun => ({
  ...place,
  partition,
  firstOffset: 0,
  checksum: 0,
});

/** Gives runs their offsets, those which they have once all is written, and the checksums with them. */
function place(runs: readonly NewRun[], memory: SharedArrayBuffer): WrittenRun[] {
  const ends = new Map<Partition, number>();
  return runs.map((run) => {
    const { partition, start, end, count, lastMs } = run;
    const firstOffset = ends.get(partition) ?? partition.end;
    const bytes = Buffer.from(memory, start, end - start);
    const checksum = runChecksum(partition.place, { firstOffset, count, lastMs, bytes });
    Object.assign(run, { firstOffset, checksum });
    ends.set(partition, firstOffset + count);
    return { table: partition.table, firstOffset, start, end, count, lastMs, checksum };
  });
}

/** Where the messages of a call came to lie: in each partition one behind the other. */
function placements(chosen: readonly number[], runs: readonly NewRun[]): Placement[] {
  const next = new Map<number, number>();
  for (const { partition, firstOffset } of runs)
    if (!next.has(partition.place.partition)) next.set(partition.place.partition, firstOffset);
  return chosen.map((partition) => {
    const logOffset = next.get(partition) as number;
    next.set(partition, logOffset + 1);
    return { partition, logOffset };
  });
}
