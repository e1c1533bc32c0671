import type { Logger } from '../live/ports.ts';
import type { Message } from '../protocol/message.ts';
import { PAYMENTS } from '../protocol/topics.ts';
import { errorKind, type GatewayLog } from './ports.ts';
import { ProblemError } from './problems.ts';

/**
 * Takes messages for `payments` and answers each when the log has acknowledged it.
 *
 * - What waits is bounded in messages and bytes: beyond it a message is refused at once ("try
 *   later"). Memory does not follow the load.
 * - One call to the log is under way at a time; what arrives meanwhile goes with the next.
 * - Who waited `ackTimeoutMs` is told to try later, and so is everyone else until the log answers. A
 *   message that was under way then may be in the log or not: sending it again is safe, as the
 *   same identity with the same bytes settles once.
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
  #queue: Waiting[] = [];
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
    if (this.#messages >= this.#limits.messagesMax || this.#bytes + bytes > this.#limits.bytesMax)
      return Promise.reject(
        new ProblemError('overloaded', {
          detail: 'the gateway holds as many unacknowledged messages as it may; send it again',
          retryAfterSeconds: RETRY_SECONDS,
        }),
      );
    this.#messages += 1;
    this.#bytes += bytes;
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
      this.#queue.push(waiting);
      if (!this.#underWay) this.#begin();
    });
  }

  /** Takes out what is not under way; what is, holds its place until the log has answered. */
  #withdraw(waiting: Waiting): void {
    const index = this.#queue.indexOf(waiting);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    this.#release([waiting]);
  }

  #release(batch: readonly Waiting[]): void {
    this.#messages -= batch.length;
    for (const { bytes } of batch) this.#bytes -= bytes;
  }

  /** What arrives in the same turn of the event loop goes together. */
  #begin(): void {
    this.#underWay = true;
    setImmediate(() => this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#limits.batchMax);
      const problem = await this.#produce(batch);
      this.#stalled = false;
      this.#release(batch);
      for (const waiting of batch) waiting.settle(problem);
    }
    this.#underWay = false;
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
