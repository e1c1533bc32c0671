/**
 * What waits in one partition, by sender: each has its own line, and a turn takes a part from the front of each.
 * So a message waits for so many of each other sender's, however many those have sent before it. Of one sender the
 * order stays: while its messages have their turn, none of the others in its line has one.
 *
 * How large a part is follows from what waits, and from no clock. Turns are not broken off, so where others may come
 * at any time parts are small: who comes waits for one. Where many senders have something waiting, or much waits of
 * one, parts are larger, since batches pay: a turn for few is never a turn of few messages for all.
 */

/** Of one sender in a turn, for each that has something waiting or has a turn. */
export const PART_OF_SENDER = 4;
/** Of whom more waits than so many such parts, this share of it: a line is done in some tens of turns, however fast it grows. */
const PARTS_OF_LINE = 32;
/** And of that at most so many. */
export const TURN_OF_SENDER = 32;
/** Of one sender in a turn for many, at most. */
export const TURN_AMONG_MANY = 64;
/** Of who sends alone. Who else comes then waits for it once. */
export const TURN_ALONE = 256;
/** Of all senders together. */
export const TURN_MAX = 1024;

interface Placed {
  readonly logOffset: number;
}

interface Line<T> {
  /** Those who had their turn are gone from it. */
  waiting: (T | undefined)[];
  /** Those before it have had their turn. */
  front: number;
}

export interface FairTurn<T> {
  /** In the order of their offsets. */
  readonly messages: readonly T[];
  /** Its senders may have the next one. */
  end(): void;
}

const left = <T>({ waiting, front }: Line<T>) => waiting.length - front;

const partOf = (waiting: number, senders: number): number =>
  Math.max(
    Math.min(TURN_AMONG_MANY, PART_OF_SENDER * senders),
    Math.min(TURN_OF_SENDER, Math.ceil(waiting / PARTS_OF_LINE)),
  );

export class FairQueue<T extends Placed> {
  /** Of senders that may have a turn, in the order of their next one. Who has nothing waiting has no line. */
  readonly #idle = new Map<string, Line<T>>();
  /** Of senders whose messages have their turn; they may be empty. */
  readonly #busy = new Map<string, Line<T>>();

  /** The lowest offset that waits; null: none does. */
  get first(): number | null {
    let first: number | null = null;
    for (const lines of [this.#idle, this.#busy])
      for (const { waiting, front } of lines.values()) {
        const logOffset = waiting[front]?.logOffset;
        if (logOffset !== undefined && (first === null || logOffset < first)) first = logOffset;
      }
    return first;
  }

  /** In the order of the offsets. */
  add(sender: string, message: T): void {
    const line = this.#busy.get(sender) ?? this.#idle.get(sender);
    if (line) line.waiting.push(message);
    else this.#idle.set(sender, { waiting: [message], front: 0 });
  }

  /**
   * Who comes next; null: nobody can. What is left behind them where that is less than one sender's part
   * comes with them.
   * @param othersSend whether somebody else than a sender sends, where it is the only one that can have the turn
   */
  take(othersSend: (sender: string) => boolean): FairTurn<T> | null {
    const count = this.#idle.size;
    const [only] = this.#idle.keys();
    if (only === undefined) return null;
    const isAlone = count === 1 && !othersSend(only);
    const senderCount = count + this.#busy.size;
    const part = (waiting: number) => (isAlone ? TURN_ALONE : partOf(waiting, senderCount));
    const messages: T[] = [];
    const senders: string[] = [];
    for (const [sender, line] of this.#idle) {
      if (messages.length >= TURN_MAX) break;
      this.#idle.delete(sender);
      this.#busy.set(sender, line);
      senders.push(sender);
      move(line, Math.min(part(left(line)), TURN_MAX - messages.length), messages);
    }
    const lines = senders.map((sender) => this.#busy.get(sender) as Line<T>);
    if (lines.reduce((sum, line) => sum + left(line), 0) <= part(0))
      for (const line of lines) move(line, left(line), messages);
    messages.sort((one, other) => one.logOffset - other.logOffset);
    return {
      messages,
      end: () => {
        for (const sender of senders) this.#end(sender);
      },
    };
  }

  /** Behind those who had no turn yet. */
  #end(sender: string): void {
    const line = this.#busy.get(sender);
    this.#busy.delete(sender);
    if (line && left(line) > 0) this.#idle.set(sender, line);
  }
}

function move<T>(line: Line<T>, count: number, to: T[]): void {
  const next = line.waiting.slice(line.front, line.front + count) as T[];
  to.push(...next);
  line.waiting.fill(undefined, line.front, line.front + next.length);
  line.front += next.length;
  if (line.front <= line.waiting.length / 2) return;
  line.waiting = line.waiting.slice(line.front);
  line.front = 0;
}
