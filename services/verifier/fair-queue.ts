/**
 * What waits in one partition, by sender: each has its own line, and a turn takes the same number from the
 * front of each. So a message waits for so many of each other sender's, however many those have sent
 * before it. Of one sender the order stays: while its messages have their turn, none of the others in its line
 * has one.
 *
 * A line that is long keeps its front. Of what is behind that it knows the offsets, and whoever has the queue
 * reads them from the log again when their time comes: so a flood takes no room from others.
 */

/** At most so many of one sender's in a turn, where others may come meanwhile. */
export const TURN_OF_SENDER = 64;
/** More are verified together where there are more senders: batches pay. */
export const TURN_MAX = 1024;
/** What an offset takes. */
const OFFSET_BYTES = 8;

interface Placed {
  readonly logOffset: number;
}

interface Line<T> {
  /** Those who had their turn are gone from it. */
  waiting: (T | undefined)[];
  /** Of each of them. */
  sizes: number[];
  /** Those before it have had their turn. */
  front: number;
  /** Of those from `front` on. */
  bytes: number;
  /** The offsets of those behind, from `laterFront` on. */
  later: number[];
  laterFront: number;
}

export interface FairTurn<T> {
  /** In the order of their offsets. */
  readonly messages: readonly T[];
  /** How many are whose. */
  readonly senders: ReadonlyMap<string, number>;
  /** Of all of them. */
  readonly bytes: number;
  /** Its senders may have the next one. */
  end(): void;
}

export interface FairQueueOptions<T> {
  /** Default: nothing. */
  readonly sizeOf?: (message: T) => number;
  /** What one line keeps at most; default: all. */
  readonly lineBytesMax?: number;
  /** What is kept of a message that has to wait; default: itself. */
  readonly kept?: (message: T) => T;
}

const newLine = <T>(): Line<T> => ({
  ...{ waiting: [], sizes: [], front: 0, bytes: 0 },
  ...{ later: [], laterFront: 0 },
});
const left = <T>({ waiting, front }: Line<T>) => waiting.length - front;
const isEmpty = <T>(line: Line<T>) => left(line) === 0 && line.laterFront === line.later.length;

export class FairQueue<T extends Placed> {
  /** Of senders that may have a turn, in the order of their next one. Who has nothing waiting has no line. */
  readonly #idle = new Map<string, Line<T>>();
  /** Of senders whose messages have their turn; they may be empty. */
  readonly #busy = new Map<string, Line<T>>();
  readonly #options: Required<FairQueueOptions<T>>;
  /** Who has a line whose end is not kept. */
  readonly #long = new Set<string>();

  constructor(options: FairQueueOptions<T> = {}) {
    this.#options = {
      sizeOf: () => 0,
      lineBytesMax: Number.POSITIVE_INFINITY,
      kept: (message) => message,
      ...options,
    };
  }

  /** The lowest offset that waits; null: none does. */
  get first(): number | null {
    let first: number | null = null;
    for (const lines of [this.#idle, this.#busy])
      for (const { waiting, front, later, laterFront } of lines.values()) {
        const logOffset = waiting[front]?.logOffset ?? later[laterFront];
        if (logOffset !== undefined && (first === null || logOffset < first)) first = logOffset;
      }
    return first;
  }

  /**
   * In the order of the offsets.
   * @returns what is taken by it: less where its line is long and its offset alone is kept
   */
  add(sender: string, message: T): number {
    const known = this.#lineOf(sender);
    const line = known ?? newLine<T>();
    if (!known) this.#idle.set(sender, line);
    const { lineBytesMax, sizeOf, kept } = this.#options;
    if (this.#long.has(sender) || line.bytes >= lineBytesMax) {
      this.#long.add(sender);
      line.later.push(message.logOffset);
      return OFFSET_BYTES;
    }
    const isBehind = this.#busy.has(sender) || left(line) >= TURN_OF_SENDER;
    return keep(line, isBehind ? kept(message) : message, sizeOf(message));
  }

  /** From where on messages are to be read again, and whose; null: all that has its turn soon is here. */
  get wanted(): { readonly sender: string; readonly from: number } | null {
    for (const sender of this.#long) {
      const line = this.#lineOf(sender) as Line<T>;
      if (line.bytes < this.#options.lineBytesMax / 2)
        return { sender, from: line.later[line.laterFront] as number };
    }
    return null;
  }

  /**
   * Takes what was read from the wanted offset on, others' among it. What is not there any more is not
   * waited for.
   * @returns what is taken by it, beside what its offsets took
   */
  fill(sender: string, messages: readonly T[]): number {
    const line = this.#lineOf(sender);
    if (!line || !this.#long.has(sender)) return 0;
    const { lineBytesMax, sizeOf, kept } = this.#options;
    const { later, laterFront } = line;
    let grown = 0;
    for (const message of messages) {
      if (line.bytes >= lineBytesMax) break;
      while ((later[line.laterFront] as number) < message.logOffset) line.laterFront += 1;
      if (later[line.laterFront] !== message.logOffset) continue;
      line.laterFront += 1;
      grown += keep(line, kept(message), sizeOf(message));
    }
    grown -= OFFSET_BYTES * (line.laterFront - laterFront);
    if (line.laterFront > later.length / 2) {
      line.later = later.slice(line.laterFront);
      line.laterFront = 0;
    }
    if (line.later.length === 0) this.#long.delete(sender);
    if (isEmpty(line)) this.#idle.delete(sender);
    return grown;
  }

  /**
   * Who comes next; null: nobody can. What is left behind them where that is less than one sender's part
   * comes with them.
   * @param roomOf how many a sender may have in the turn at most; who may have none keeps its place
   */
  take(roomOf: (sender: string) => number = () => TURN_MAX): FairTurn<T> | null {
    const messages: T[] = [];
    const senders = new Map<string, number>();
    const lines = new Map<string, Line<T>>();
    let bytes = 0;
    const part = (sender: string, line: Line<T>) => {
      const before = senders.get(sender) ?? 0;
      const room = Math.min(TURN_OF_SENDER, roomOf(sender) - before, TURN_MAX - messages.length);
      const count = Math.min(room, left(line));
      bytes += move(line, count, messages);
      senders.set(sender, before + count);
    };
    for (const [sender, line] of this.#idle) {
      if (messages.length >= TURN_MAX) break;
      // What it has left may have to be read first.
      if (roomOf(sender) <= 0 || left(line) === 0) continue;
      this.#idle.delete(sender);
      this.#busy.set(sender, line);
      lines.set(sender, line);
      part(sender, line);
    }
    if (lines.size === 0) return null;
    const behind = [...lines.values()].reduce((sum, line) => sum + left(line), 0);
    if (behind <= TURN_OF_SENDER) for (const [sender, line] of lines) part(sender, line);
    messages.sort((one, other) => one.logOffset - other.logOffset);
    const end = () => {
      for (const sender of lines.keys()) this.#end(sender);
    };
    return { messages, senders, bytes, end };
  }

  #lineOf(sender: string): Line<T> | undefined {
    return this.#busy.get(sender) ?? this.#idle.get(sender);
  }

  /** Behind those who had no turn yet. */
  #end(sender: string): void {
    const line = this.#busy.get(sender);
    this.#busy.delete(sender);
    if (line && !isEmpty(line)) this.#idle.set(sender, line);
  }
}

/** @returns what it takes */
function keep<T>(line: Line<T>, message: T, size: number): number {
  line.waiting.push(message);
  line.sizes.push(size);
  line.bytes += size;
  return size;
}

/** @returns what they took */
function move<T>(line: Line<T>, count: number, to: T[]): number {
  let bytes = 0;
  for (const end = line.front + count; line.front < end; line.front++) {
    to.push(line.waiting[line.front] as T);
    line.waiting[line.front] = undefined;
    bytes += line.sizes[line.front] as number;
  }
  line.bytes -= bytes;
  if (line.front > line.waiting.length / 2) {
    line.waiting = line.waiting.slice(line.front);
    line.sizes = line.sizes.slice(line.front);
    line.front = 0;
  }
  return bytes;
}
