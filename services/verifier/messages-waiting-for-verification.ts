import type { LoggedMessage, MessageBatch, RunningService } from '../live/service-context.ts';
import { FairQueue, type FairTurn } from './fair-queue.ts';

/**
 * Between a reader of `payments` and whoever verifies: what has been read waits here, and each partition's
 * messages come in turns that are fair to their senders (`fair-queue.ts`). Reading goes on meanwhile, so that
 * who sent much holds up nobody who stands behind it in the log; it pauses while too many bytes are here. Turns
 * of different senders are under way side by side: who comes during another's waits for none.
 *
 * Nothing of it is remembered: a partition's position is the first offset whose turn is not over. After a
 * crash all that stands from there on comes again, whether or not it had its turn.
 */
export interface LanesOptions {
  /** Whose line a message joins. */
  readonly senderOf: (message: LoggedMessage) => string;
  /** Resolves when all that follows from the turn is durable. Not consecutive: what comes later is left out. */
  readonly take: (turn: MessageBatch) => Promise<void>;
  /** Of one partition one at a time; what is before the offset is done. */
  readonly commit: (position: LanePosition) => Promise<void>;
  /** Default LANES_BYTES_MAX. */
  readonly bytesMax?: number;
  /** Monotonic ms, by which it is told whether somebody else sends. */
  readonly elapsedMs: () => number;
}

export interface LanePosition {
  readonly topic: string;
  readonly partition: number;
  readonly logOffset: number;
}

export interface Lanes extends RunningService {
  /** Resolves when there is room for more. @throws what a turn has failed with */
  offer(batch: MessageBatch): Promise<void>;
  /** What waits comes again, to this process or another. */
  forget(): void;
}

/** Of what waits or has its turn, in all partitions together: what 512 banks bring in a second by Kafka's quotas. */
const LANES_BYTES_MAX = 64 * 1_048_576;
/** What a message takes beside its payload and texts. */
const MESSAGE_BYTES = 1_024;
/** Of a text. */
const CHARACTER_BYTES = 2;
/** Of one partition side by side. */
const TURNS_MAX = 4;
/** Who has sent within this time is one of those who send. */
const SENDING_MS = 1_000;

function bytesOf({ key, value, headers, claims = [] }: LoggedMessage): number {
  let characters = key?.length ?? 0;
  for (const name in headers) characters += name.length + (headers[name] as string).length;
  for (const claim of claims) characters += claim.length;
  return MESSAGE_BYTES + value.length + CHARACTER_BYTES * characters;
}

interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly queue: FairQueue<LoggedMessage>;
  /** The first offset of each turn that is under way. */
  readonly underWay: Set<number>;
  /** Behind the last that was offered. */
  next: number;
  /** Of what waits. */
  bytes: number;
  isForgotten: boolean;
  committed: number | null;
  isCommitting: boolean;
}

const newLane = (topic: string, partition: number): Lane => ({
  ...{ topic, partition, queue: new FairQueue(), underWay: new Set() },
  ...{ next: 0, bytes: 0, isForgotten: false, committed: null },
  isCommitting: false,
});

const positionOf = ({ queue, underWay, next }: Lane): number =>
  Math.min(queue.first ?? next, ...underWay);

export function startLanes(options: LanesOptions): Lanes {
  const { senderOf, take, commit, bytesMax = LANES_BYTES_MAX, elapsedMs } = options;
  /** Who sent last, when, and when anybody else did. Who begins to read knows nobody: others may stand behind the first. */
  const sent: { by: string | null; atMs: number; othersAtMs: number } = {
    ...{ by: null, atMs: elapsedMs(), othersAtMs: Number.NEGATIVE_INFINITY },
  };
  const lanes = new Map<string, Lane>();
  const atWork = new Set<Promise<void>>();
  const waitingForRoom = new Set<() => void>();
  let bytes = 0;
  let stopping = false;
  const failed: { readonly error: unknown }[] = [];
  let end = { resolve() {}, reject(_error: unknown) {} };
  const done = new Promise<void>((resolve, reject) => {
    end = { resolve, reject };
  });
  done.catch(() => {}); // whoever runs the lanes hears of it

  const refuseFailed = () => {
    for (const { error } of failed) throw error;
  };
  const isOver = () => stopping || failed.length > 0;
  const tellRoom = () => {
    if (bytes >= bytesMax && !isOver()) return;
    for (const go of waitingForRoom) go();
    waitingForRoom.clear();
  };

  const leave = (count: number) => {
    bytes -= count;
    tellRoom();
  };

  const drop = (lane: Lane) => {
    lane.isForgotten = true;
    lanes.delete(`${lane.topic}/${lane.partition}`);
    leave(lane.bytes);
  };

  /** Where a partition comes from further back than it was read, it begins anew. */
  function laneOf({ topic, partition, records }: MessageBatch): Lane {
    const key = `${topic}/${partition}`;
    const known = lanes.get(key);
    if (known) {
      if ((records[0] as LoggedMessage).logOffset >= known.next) return known;
      drop(known);
    }
    const lane = newLane(topic, partition);
    lanes.set(key, lane);
    return lane;
  }

  function work(doing: () => Promise<void>): void {
    const working = doing()
      .catch((error: unknown) => {
        failed.push({ error });
        end.reject(error);
        tellRoom();
      })
      .finally(() => atWork.delete(working));
    atWork.add(working);
  }

  /** What comes while it commits is in the next one: an older position would come to stand behind a newer. */
  async function commitPositions(lane: Lane): Promise<void> {
    const { topic, partition } = lane;
    if (lane.isCommitting) return;
    lane.isCommitting = true;
    for (;;) {
      const logOffset = positionOf(lane);
      // What it had forgotten would be passed over.
      if (lane.isForgotten || failed.length > 0 || logOffset === lane.committed) break;
      await commit({ topic, partition, logOffset });
      lane.committed = logOffset;
    }
    lane.isCommitting = false;
  }

  const noteSent = (by: string, atMs: number) => {
    if (sent.by !== by) Object.assign(sent, { by, othersAtMs: sent.atMs });
    sent.atMs = atMs;
  };
  const othersSend = (sender: string) =>
    elapsedMs() - (sent.by === sender ? sent.othersAtMs : sent.atMs) < SENDING_MS;

  async function takeTurn(lane: Lane, turn: FairTurn<LoggedMessage>) {
    const { messages } = turn;
    const { topic, partition, underWay } = lane;
    const { logOffset } = messages[0] as LoggedMessage;
    underWay.add(logOffset);
    const count = messages.reduce((sum, message) => sum + bytesOf(message), 0);
    lane.bytes -= count;
    await take({ topic, partition, records: messages });
    leave(count);
    underWay.delete(logOffset);
    turn.end();
    work(() => commitPositions(lane));
    begin(lane);
  }

  function begin(lane: Lane): void {
    while (lane.underWay.size < TURNS_MAX && !lane.isForgotten && !isOver()) {
      const turn = lane.queue.take(othersSend);
      if (!turn) return;
      work(() => takeTurn(lane, turn));
    }
  }

  return {
    done,
    async offer(batch) {
      refuseFailed();
      const last = batch.records[batch.records.length - 1];
      if (stopping || !last) return;
      const lane = laneOf(batch);
      // Before what waits, its position is not behind what has not come yet.
      lane.committed ??= (batch.records[0] as LoggedMessage).logOffset;
      const nowMs = elapsedMs();
      for (const record of batch.records) {
        const sender = senderOf(record);
        noteSent(sender, nowMs);
        lane.queue.add(sender, record);
        const count = bytesOf(record);
        lane.bytes += count;
        bytes += count;
      }
      lane.next = last.logOffset + 1;
      begin(lane);
      if (bytes >= bytesMax) await new Promise<void>((go) => waitingForRoom.add(go));
      refuseFailed();
    },
    forget() {
      for (const lane of [...lanes.values()]) drop(lane);
      Object.assign(sent, { by: null, atMs: elapsedMs() });
    },
    async stop() {
      stopping = true;
      tellRoom();
      while (atWork.size > 0) await Promise.all(atWork);
      end.resolve();
    },
  };
}
