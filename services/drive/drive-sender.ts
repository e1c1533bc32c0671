import type { Network } from '../live/network.ts';
import { isPassing } from '../live/passing-faults.ts';
import type { ServiceContext } from '../live/service-context.ts';
import type { Message } from '../protocol/names/message.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import { planPayments } from '../scenario/payments-in-sending-order.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { corrupted } from '../simulator/planned-messages.ts';
import { VERIFIERS_GROUP } from '../verifier/verifier-service.ts';
import { classOf, type DriveAction, type DueCycle, isDueCycle } from './drive-plan.ts';
import type { DriveClock } from './drive-speed-and-clock.ts';
import type { DrivenBanks } from './driven-banks.ts';
import type { DriveOperator, OperatorAction } from './driven-operator.ts';
import { type SentMessage, sentBefore, sentName } from './sent-before.ts';
import { presentPayment, presentQuote, presentRequest, requestId } from './shift-to-now.ts';

interface Outgoing {
  message: Message;
  readonly renew: (message: Message, atMs: number) => Message;
}

interface DriveParts {
  readonly network: Network;
  readonly scenario: Scenario;
  readonly banks: DrivenBanks;
  readonly operator: DriveOperator;
  readonly clock: DriveClock;
  readonly stopping: () => boolean;
}

/** Messages are valid for 5 minutes after they were signed: those that waited are signed anew. */
const RENEW_MS = 120_000;
const RETRY_MS = 500;
const VERIFIED_LOOK_MS = 20;
/** Longer than this the scenario's clock does not run ahead of what is verified. */
const PATIENCE_MS = 1_000;

/**
 * Sends what a scenario plans into a live log, in the plan's order as far as a pool can see it: what
 * follows a quote or a command waits until the verifiers have passed on what came before.
 */
export class DriveSender {
  readonly #context: ServiceContext;
  readonly #parts: DriveParts;
  #before: ReadonlyMap<string, SentMessage> = new Map();
  /** Offset after the last message, by partition of `payments`. */
  readonly #sentTo = new Map<number, number>();
  #commands = 0;
  sent = 0;
  skipped = 0;

  constructor(context: ServiceContext, parts: DriveParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Finds what an earlier drive sent; to be called before the banks listen. */
  async recall(): Promise<void> {
    const { log } = this.#context;
    this.#before = await sentBefore(log, this.#parts.network.paymentPartitions);
    if (this.#before.size === 0) return;
    for (const planned of planPayments(this.#parts.scenario)) {
      const { debtorAgent, isRepeat, uetr } = planned;
      const known = this.#before.get(sentName(this.#parts.banks.bic(debtorAgent), String(uetr)));
      if (!known?.payload || isRepeat) continue;
      this.#parts.banks.enter(planned);
      this.#parts.banks.bank(debtorAgent).resume(String(uetr), known.messageType, known.payload);
    }
  }

  /** Whether the log has messages from before this drive. */
  get isResumed(): boolean {
    return this.#before.size > 0;
  }

  /** Whether the log has it from an earlier drive. A command may be given again: it counts once. */
  wasSent(action: DriveAction): boolean {
    const [sender, id, times] = this.#nameOf(action);
    if (sender === null) return false;
    return (this.#before.get(sentName(this.#parts.banks.bic(sender), id))?.times ?? 0) >= times;
  }

  #nameOf(action: DriveAction): [number | null, string, number] {
    switch (action.kind) {
      case 'payment': {
        const { debtorAgent, uetr, isRepeat } = action.payment;
        return [debtorAgent, String(uetr), isRepeat ? 2 : 1];
      }
      case 'request': {
        const { participant, id } = action.request;
        return [participant, requestId(id, this.#parts.scenario.seed), 1];
      }
      case 'quote':
        return [action.quote.dealer, action.id, 1];
      default:
        return [null, '', 0];
    }
  }

  /** @param actions all of one class */
  async perform(actions: readonly DriveAction[]): Promise<void> {
    const [first] = actions;
    if (!first) return;
    if (classOf(first) === 'command')
      return this.#command(actions as readonly (OperatorAction | DueCycle)[]);
    await this.#send(actions.map((action) => this.#outgoing(action)));
    this.sent += actions.length;
    if (classOf(first) === 'quote') await this.#untilVerified();
  }

  /** A cycle that is due by the time is in no order with the messages: nothing waits for it. */
  async #command(actions: readonly (OperatorAction | DueCycle)[]): Promise<void> {
    if (!actions.every(isDueCycle)) await this.#untilVerified();
    for (const action of actions) {
      const id = `drive-${this.#parts.scenario.seed}-${this.#commandName(action)}`;
      await this.#persistently(() => this.#parts.operator.command(id, action));
    }
  }

  #commandName(action: OperatorAction | DueCycle): string {
    if (isDueCycle(action)) return `cycle-${action.atMs}-${action.currency ?? 'all'}`;
    this.#commands += 1;
    return String(this.#commands);
  }

  #outgoing(action: DriveAction): Outgoing {
    const { seed } = this.#parts.scenario;
    const present = { nowMs: this.#context.nowMs(), speed: this.#parts.clock.speed, seed };
    const { messages } = this.#parts.banks;
    const renewed = (participant: number) => (message: Message, atMs: number) =>
      this.#parts.banks.bank(participant).renew(message, atMs);
    switch (action.kind) {
      case 'payment': {
        const { debtorAgent, corrupt } = action.payment;
        const renew = renewed(debtorAgent);
        this.#parts.banks.enter(action.payment);
        return {
          message: messages.pay(presentPayment(action.payment, present)),
          renew: (message, atMs) =>
            corrupt ? corrupted(renew(message, atMs)) : renew(message, atMs),
        };
      }
      case 'request':
        return {
          message: messages.request(presentRequest(action.request, present)),
          renew: renewed(action.request.participant),
        };
      case 'quote':
        return {
          message: messages.quote(presentQuote(action, present)),
          renew: renewed(action.quote.dealer),
        };
      default:
        throw new Error(`a ${action.kind} is no message`);
    }
  }

  async #send(batch: Outgoing[]): Promise<void> {
    const { log, nowMs } = this.#context;
    let signedMs = nowMs();
    const places = await this.#persistently(() => {
      if (nowMs() - signedMs > RENEW_MS) {
        signedMs = nowMs();
        for (const one of batch) one.message = one.renew(one.message, signedMs);
      }
      return log.produce(
        PAYMENTS,
        batch.map(({ message }) => message),
      );
    });
    for (const { partition, logOffset } of places)
      this.#sentTo.set(partition, Math.max(logOffset + 1, this.#sentTo.get(partition) ?? 0));
  }

  /** Whether the verifiers have passed on all that was sent. */
  async isVerified(): Promise<boolean> {
    for (const [partition, next] of this.#sentTo) {
      const done = await this.#persistently(() =>
        this.#context.log.committed(VERIFIERS_GROUP, PAYMENTS, partition),
      );
      if ((done ?? 0) < next) return false;
    }
    return true;
  }

  async #untilVerified(): Promise<void> {
    const { elapsedMs, pause, logger } = this.#context;
    const sinceMs = elapsedMs();
    const scenarioMs = this.#parts.clock.nowMs();
    let held = false;
    while (!this.#parts.stopping() && !(await this.isVerified())) {
      if (!held && elapsedMs() - sinceMs > PATIENCE_MS) {
        held = true;
        this.#parts.clock.hold(scenarioMs);
        logger.warn({}, 'waiting for the verifiers');
      }
      await pause(VERIFIED_LOOK_MS);
    }
    if (held) this.#parts.clock.release();
  }

  /** Again and again while the log is away; the scenario's time stands until it is back. */
  async #persistently<T>(action: () => Promise<T>): Promise<T> {
    const { logger, pause } = this.#context;
    const scenarioMs = this.#parts.clock.nowMs();
    for (let attempt = 1; ; attempt++)
      try {
        const result = await action();
        if (attempt > 1) {
          this.#parts.clock.release();
          logger.info({}, 'the log can be used again');
        }
        return result;
      } catch (error) {
        if (!isPassing(error) || this.#parts.stopping()) throw error;
        if (attempt === 1) {
          this.#parts.clock.hold(scenarioMs);
          logger.warn({ reason: error.message }, 'waiting for the log');
        }
        await pause(RETRY_MS);
      }
  }
}
