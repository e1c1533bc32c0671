import type { Logger } from '../live/service-context.ts';
import { ProblemError } from '../protocol/names/http-problems.ts';
import type { Message } from '../protocol/names/message.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import { errorKind, type GatewayLog } from './log-port-and-try-later.ts';

/**
 * Takes messages for `payments` and answers each when the log has acknowledged it. A bank's share and what does not
 * verify: door-signatures-and-rate-limits.ts.
 *
 * - What waits is bounded in messages and bytes: beyond it a message is refused at once ("try
 *   later"). Memory does not follow the load.
 * - Where the room is full, a bank that has less than its equal share of it is let in all the same, and
 *   each call takes from the banks in turn: one bank's messages hold up its own.
 * - One call to the log is under way at a time; what arrives meanwhile goes with the next.
 * - Who waited `ackTimeoutMs` is told to try later, and so is everyone else until the log answers. A
 *   message that was under way then may be in the log or not: sending it again is safe, as the
 *   same identity with the same bytes settles once. The answer to it is the same (routes-payments.ts); whether it
 *   is a repeat or another payment is judged behind the log: assembly/settlement/duplicates-and-dispatch.ts.
 */
export interface IntakeLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  readonly batchMax: number;
  readonly ackTimeoutMs: number;
}

export const INTAKE_LIMITS: IntakeLimits = {
  messagesMax: 10_000,
  bytesMax: 33_554_432,
  batchMax: 500,
  ackTimeoutMs: 5_000,
};

interface Waiting {
  readonly message: Message;
  readonly bytes: number;
  settle(problem?: ProblemError): void;
}

const RETRY_SECONDS = 1;

export class Intake {
  readonly #log: Pick<GatewayLog, 'produce'>;
  readonly #logger: Logger;
  readonly #limits: IntakeLimits;
  readonly #reached: (point: string) => void;
  /** By bank, in the order in which it is their turn. */
  readonly #queues = new Map<string, Waiting[]>();
  /** What each bank has in the room: waiting or under way. */
  readonly #held = new Map<string, { messages: number; bytes: number }>();
  #messages = 0;
  #bytes = 0;
  #underWay = false;
  /** The log has not answered for `ackTimeoutMs`. */
  #stalled = false;

  constructor(
    log: Pick<GatewayLog, 'produce'>,
    logger: Logger,
    limits: Partial<IntakeLimits> = {},
    reached: (point: string) => void = () => {},
  ) {
    this.#reached = reached;
    this.#log = log;
    this.#logger = logger;
    this.#limits = { ...INTAKE_LIMITS, ...limits };
  }

  /** Messages that were taken and not yet acknowledged. */
  get waiting(): number {
    return this.#messages;
  }

  /** Resolves once the message is durable; rejects with a ProblemError that says to try later. */
  accept(message: Message): Promise<void> {
    const bytes = message.value.length;
    if (this.#stalled) return Promise.reject(unavailable('the log has not answered for a while'));
    const bank = message.key ?? '';
    if (this.#isFull(bank, bytes))
      return Promise.reject(
        new ProblemError('overloaded', {
          detail: 'the gateway holds as many unacknowledged messages as it may; send it again',
          retryAfterSeconds: RETRY_SECONDS,
        }),
      );
    this.#hold(bank, 1, bytes);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#stalled = true;
        this.#withdraw(waiting);
        reject(unavailable('the log did not acknowledge in time; sending again is safe'));
      }, this.#limits.ackTimeoutMs);
      const waiting: Waiting = {
        message,
        bytes,
        settle: (problem) => {
          clearTimeout(timer);
          if (problem) reject(problem);
          else resolve();
        },
      };
      const queue = this.#queues.get(bank);
      if (queue) queue.push(waiting);
      else this.#queues.set(bank, [waiting]);
      if (!this.#underWay) this.#begin();
    });
  }

  /** Takes out what is not under way; what is, holds its place until the log has answered. */
  #withdraw(waiting: Waiting): void {
    const queue = this.#queues.get(waiting.message.key ?? '') ?? [];
    const index = queue.indexOf(waiting);
    if (index < 0) return;
    queue.splice(index, 1);
    this.#release([waiting]);
  }

  #release(batch: readonly Waiting[]): void {
    for (const { message, bytes } of batch) this.#hold(message.key ?? '', -1, -bytes);
  }

  /** What arrives in the same turn of the event loop goes together. */
  #begin(): void {
    this.#underWay = true;
    setImmediate(() => this.#drain());
  }

  async #drain(): Promise<void> {
    for (;;) {
      const batch = this.#nextBatch();
      if (batch.length === 0) break;
      const problem = await this.#produce(batch);
      this.#stalled = false;
      this.#release(batch);
      for (const waiting of batch) waiting.settle(problem);
    }
    this.#underWay = false;
  }

  /** One message of each bank, and again, until there are enough or no more. */
  #nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    // A bank that is set again stands behind the others, and comes again in this loop.
    for (const [bank, queue] of this.#queues) {
      if (batch.length >= this.#limits.batchMax) break;
      const next = queue.shift();
      if (next) batch.push(next);
      this.#queues.delete(bank);
      if (queue.length > 0) this.#queues.set(bank, queue);
    }
    return batch;
  }

  #isFull(bank: string, bytes: number): boolean {
    const { messagesMax, bytesMax } = this.#limits;
    if (this.#messages < messagesMax && this.#bytes + bytes <= bytesMax) return false;
    const held = this.#held.get(bank) ?? { messages: 0, bytes: 0 };
    const banks = this.#held.has(bank) ? this.#held.size : this.#held.size + 1;
    return held.messages >= messagesMax / banks || held.bytes + bytes > bytesMax / banks;
  }

  #hold(bank: string, messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
    const held = this.#held.get(bank) ?? { messages: 0, bytes: 0 };
    held.messages += messages;
    held.bytes += bytes;
    if (held.messages === 0) this.#held.delete(bank);
    else this.#held.set(bank, held);
  }

  async #produce(batch: readonly Waiting[]): Promise<ProblemError | undefined> {
    try {
      this.#reached('gateway.beforePayments');
      await this.#log.produce(
        PAYMENTS,
        batch.map(({ message }) => message),
      );
      this.#reached('gateway.afterPayments');
      return undefined;
    } catch (error) {
      const kind = errorKind(error);
      this.#logger.warn({ kind, messages: batch.length }, 'the log refused messages');
      return unavailable(kind === 'diskFull' ? 'the log is full' : 'the log cannot be written now');
    }
  }
}

const unavailable = (detail: string): ProblemError =>
  new ProblemError('logUnavailable', { detail, retryAfterSeconds: RETRY_SECONDS });
