/**
 * What waits in one partition, by sender: each has its own line, and a turn takes the same number from the
 * front of each. So a message waits for so many of each other sender's, however many those have sent
 * before it. Of one sender the order stays: while its messages have their turn, none of the others in its line
 * has one.
 */

/** At most so many of one sender's in a turn, where others may come meanwhile. */
export const TURN_OF_SENDER = 64;
/** More are verified together where there are more senders: batches pay. */
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
  readonly senders: readonly string[];
  /** Its senders may have the next one. */
  end(): void;
  /** Those of whom nothing waits may have the next one. @returns the others, for whom `end` is to be called */
  endShort(): string[];
}

const left = <T>({ waiting, front }: Line<T>) => waiting.length - front;

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
   */
  take(): FairTurn<T> | null {
    const messages: T[] = [];
    const senders: string[] = [];
    for (const [sender, line] of this.#idle) {
      if (messages.length >= TURN_MAX) break;
      this.#idle.delete(sender);
      this.#busy.set(sender, line);
      senders.push(sender);
      move(line, Math.min(TURN_OF_SENDER, TURN_MAX - messages.length), messages);
    }
    if (senders.length === 0) return null;
    const lines = senders.map((sender) => this.#busy.get(sender) as Line<T>);
    if (lines.reduce((sum, line) => sum + left(line), 0) <= TURN_OF_SENDER)
      for (const line of lines) move(line, TURN_OF_SENDER, messages);
    messages.sort((one, other) => one.logOffset - other.logOffset);
    let busy = senders;
    const end = () => {
      for (const sender of busy) this.#end(sender);
    };
    const endShort = () => {
      for (const sender of senders)
        if (left(this.#busy.get(sender) as Line<T>) === 0) this.#end(sender);
      busy = senders.filter((sender) => this.#busy.has(sender));
      return busy;
    };
    return { messages, senders, end, endShort };
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
