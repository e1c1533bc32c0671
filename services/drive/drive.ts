import { createSigner } from '../core/verification/signing.ts';
import type { DriveCommand, DrivePort } from '../live/drive-port.ts';
import { type Network, poolNames } from '../live/network.ts';
import { checkNetwork } from '../live/network-against-log.ts';
import { persist, startLoop } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { TELEMETRY, topicPlan } from '../protocol/names/topic-plan.ts';
import { scenarioMessage } from '../protocol/records/telemetry.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { DrivePace } from './drive-pace.ts';
import { classOf, type DriveAction, drivePlan, isDueCycle, lastInstantMs } from './drive-plan.ts';
import { DriveSender } from './drive-sender.ts';
import { DriveClock, SPEED_MAX, SPEED_MIN, SPEEDS } from './drive-speed-and-clock.ts';
import { type DriveBooks, DrivenBanks } from './driven-banks.ts';
import { DriveOperator } from './driven-operator.ts';
import { ScenarioMarks } from './scenario-marks.ts';
import { ScenarioTimes, type TimesMark } from './scenario-times.ts';

export interface DriveOptions {
  /** Whose banks send; the network was founded with its participants, currencies and liquidity. */
  readonly scenario: Scenario;
  readonly network: Network;
  /** Of a bank, or of OPERATOR: 32 bytes. */
  readonly secretKeyOf: (name: string) => Uint8Array;
  /** Scenario seconds for one second. */
  readonly speed: number;
  /** A command that shows the network once the drive is over, for the live view; empty: none. */
  readonly afterwards?: string;
}

export interface DriveFigures extends DriveBooks {
  /** The scenario's present time. */
  readonly atMs: number;
  /** As the live view is told. */
  readonly reachedSpeed: number | null;
  /** For how long the scenario's time stood, in all, because not all of its messages were sent. */
  readonly behindMs: number;
  /** Messages that this drive sent, and those that the log had from an earlier one. */
  readonly messages: number;
  readonly messagesBefore: number;
}

/** A scenario that goes on in a live network. */
export interface Drive extends RunningService {
  readonly port: DrivePort;
  figures(): DriveFigures;
  /** Resolves when all was sent and answered, or nothing more came; never where it was stopped. */
  readonly ended: Promise<void>;
}

/** Messages of one call at most. */
const SEND_MAX = 256;
const LOOK_MS = 50;
/** The scenario's time is not further ahead of what is still to be sent; as DriveSender's PATIENCE_MS. */
const PATIENCE_MS = 1_000;
/** All is answered and nothing came for so long: what still waits, waits. */
const QUIET_MS = 2_000;
/** Nothing came for so long although answers are missing. */
const GIVE_UP_MS = 30_000;
/** Marks of one message: it stays small. */
const MARKS_MAX = 500;
/** A scenario's records begin an hour before anything opens; a drive does not wait for that. */
const BEFORE_OPENING_MS = 3_600_000;

/**
 * Drives a scenario through a live network: its banks send, and its operator commands, at the
 * scenario's times. Throws BadInput where the log is another network's.
 */
export async function startDrive(context: ServiceContext, options: DriveOptions): Promise<Drive> {
  const { scenario, network, secretKeyOf } = options;
  if (scenario.revocations.length > 0)
    throw new BadInput(
      'events.revocations: expected none in a scenario that is driven; an operator revokes the keys of a live network',
    );
  const bics = scenario.participants.map(({ bic }) => bic as Bic);
  const signer = createSigner(secretKeyOf(OPERATOR));
  const operator = new DriveOperator(context, network, scenario, signer);
  if (!(await checkNetwork(context.log, network)))
    throw new BadInput(
      `network ${network.network} is not founded on this log: \`corridor found\` it first`,
    );
  await operator.check();
  await context.log.createTopics(topicPlan(poolNames(network), bics, network.paymentPartitions));
  const drive = new ScenarioDrive(context, options, operator);
  await drive.recall();
  const mail = await drive.banks.listen(context);
  const sending = startLoop(context, () => drive.step());
  const failed = new Promise<never>((_, reject) => {
    for (const { done } of [mail, sending]) done.catch(reject);
  });
  const done = Promise.race([Promise.all([mail.done, sending.done]).then(() => {}), failed]);
  done.catch(() => {});
  return {
    port: drive.port,
    figures: () => drive.figures(),
    ended: drive.ended,
    done,
    async stop() {
      drive.isStopping = true;
      await Promise.all([sending.stop(), mail.stop()]);
    },
  };
}

class ScenarioDrive {
  readonly banks: DrivenBanks;
  readonly sender: DriveSender;
  readonly port: DrivePort;
  readonly ended: Promise<void>;
  isStopping = false;
  readonly #context: ServiceContext;
  readonly #scenario: Scenario;
  readonly #clock: DriveClock;
  readonly #plan: Iterator<DriveAction, void>;
  #head: DriveAction | undefined;
  #beginsMs: number | null = null;
  /** Where the clock began. */
  #startedMs = 0;
  readonly #pace = new DrivePace();
  readonly #marks: ScenarioMarks;
  readonly #times = new ScenarioTimes();
  #behindMs = 0;
  #allSentMs: number | null = null;
  #end: () => void = () => {};
  #isOver = false;

  constructor(context: ServiceContext, options: DriveOptions, operator: DriveOperator) {
    const { scenario, network, secretKeyOf, speed } = options;
    this.#context = context;
    this.#scenario = scenario;
    this.#clock = new DriveClock(context.elapsedMs, speed);
    this.#marks = new ScenarioMarks(scenario);
    this.banks = new DrivenBanks(scenario, secretKeyOf);
    this.sender = new DriveSender(context, {
      network,
      scenario,
      banks: this.banks,
      operator,
      clock: this.#clock,
      stopping: () => this.isStopping,
    });
    this.#plan = drivePlan(scenario);
    this.#head = this.#take();
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.port = this.#port(options.afterwards ?? '');
  }

  /** Finds what an earlier drive sent and told; to be called before the banks listen. */
  async recall(): Promise<void> {
    await this.sender.recall();
    if (this.sender.isResumed) await this.#marks.recall(this.#context.log);
  }

  figures(): DriveFigures {
    const { timeMs: atMs, reachedSpeed } = this.port.status();
    return {
      ...this.banks.books(),
      ...{ atMs, reachedSpeed, behindMs: Math.round(this.#behindMs) },
      messages: this.sender.sent,
      messagesBefore: this.sender.skipped,
    };
  }

  #take(): DriveAction | undefined {
    const { value, done } = this.#plan.next();
    return done ? undefined : (value as DriveAction);
  }

  async step(): Promise<void> {
    if (this.#clock.started) this.#times.note(this.#present());
    const head = this.#head;
    if (!head) return this.#conclude();
    if (this.sender.wasSent(head)) {
      this.sender.skipped += 1;
      this.#head = this.#take();
      return;
    }
    if (this.#runsWithout(head)) {
      this.#head = this.#take();
      return;
    }
    this.#startClock(head);
    if (this.#clock.started && !this.#clock.paused) {
      this.#keepWith(head, PATIENCE_MS * this.#clock.speed);
      this.#pace.note(this.#mark());
      await this.#tellMarks();
    }
    const waitMs = this.#waitMs(head);
    if (waitMs > 0) return this.#context.pause(Math.min(LOOK_MS, waitMs));
    await this.sender.perform(this.#due(head));
  }

  /**
   * The scenario's time begins at its first opening, or, where an earlier drive sent a part of it,
   * with the first message that is missing.
   */
  #startClock(head: DriveAction): void {
    if (this.#clock.started) return;
    const first = this.#beginning();
    if (this.sender.skipped > 0 && classOf(head) === 'command') return;
    this.#startedMs = this.sender.skipped === 0 ? first : Math.max(first, head.atMs);
    this.#clock.start(this.#startedMs);
    this.#times.note(this.#present(), true);
    this.#marks.begin(this.#startedMs);
  }

  async #tellMarks(): Promise<void> {
    const { log, nowMs } = this.#context;
    const due = this.#marks.due(this.#clock.nowMs(), nowMs(), this.#clock.speed);
    for (let from = 0; from < due.length; from += MARKS_MAX) {
      const events = due.slice(from, from + MARKS_MAX);
      const message = scenarioMessage({ kind: 'scenario', atMs: nowMs(), events });
      await persist(
        this.#context,
        () => this.isStopping,
        () => log.produce(TELEMETRY, [message]),
      );
    }
  }

  /**
   * A network that takes fewer messages than the speed brings does not let the scenario's time run
   * away from what was sent: it goes as fast as they are taken, and their order in time stays.
   * @param aheadMs of the scenario, by which the clock may be ahead of what is sent next
   */
  #keepWith(head: DriveAction, aheadMs: number): void {
    const nowMs = this.#clock.nowMs();
    this.#clock.setBack(Math.max(head.atMs, this.#startedMs) + aheadMs);
    this.#behindMs += (nowMs - this.#clock.nowMs()) / this.#clock.speed;
  }

  #mark() {
    return { elapsedMs: this.#context.elapsedMs(), scenarioMs: this.#clock.nowMs() };
  }

  #present(): TimesMark {
    return { atMs: this.#context.nowMs(), scenarioMs: Math.round(this.#clock.nowMs()) };
  }

  /** A cycle of an earlier drive's time, or, in real time, one that the network runs by itself. */
  #runsWithout(head: DriveAction): boolean {
    if (!isDueCycle(head)) return false;
    if (!this.#clock.started) return this.sender.skipped > 0;
    return head.due === 'interval' && this.#clock.speed === 1;
  }

  #beginning(): number {
    this.#beginsMs ??= genesisTimeMs(this.#scenario) + BEFORE_OPENING_MS;
    return this.#beginsMs;
  }

  /** 0: it is due. */
  #waitMs(head: DriveAction): number {
    // A command before the first missing message was given by the earlier drive, and is given again.
    if (!this.#clock.started) return 0;
    if (this.#clock.paused) return LOOK_MS;
    return Math.max(0, (head.atMs - this.#clock.nowMs()) / this.#clock.speed);
  }

  /** The head and what is due behind it of the same class, taken from the plan. */
  #due(head: DriveAction): DriveAction[] {
    const actions = [head];
    const kind = classOf(head);
    const nowMs = this.#clock.nowMs();
    for (;;) {
      const next = this.#take();
      this.#head = next;
      if (!next || actions.length === SEND_MAX || classOf(next) !== kind) return actions;
      if (next.atMs > nowMs || this.sender.wasSent(next)) return actions;
      actions.push(next);
    }
  }

  /** All was sent: waits until it is answered and nothing more comes. */
  async #conclude(): Promise<void> {
    const { elapsedMs, pause } = this.#context;
    this.#allSentMs ??= elapsedMs();
    if (!this.#isOver) {
      const idleMs = elapsedMs() - Math.max(this.#allSentMs, this.banks.lastStatusMs);
      const isAnswered =
        idleMs >= QUIET_MS &&
        (await this.sender.isVerified()) &&
        this.banks.books().unanswered === 0;
      if (isAnswered || idleMs >= GIVE_UP_MS) {
        this.#isOver = true;
        this.#clock.pause();
        this.#times.note(this.#present(), true);
        this.#end();
      }
    }
    await pause(LOOK_MS);
  }

  #reachedSpeed(): number | null {
    if (this.#head === undefined || this.#clock.paused) return null;
    return this.#pace.reached(this.#mark(), this.#clock.speed);
  }

  #port(afterwards: string): DrivePort {
    const { name } = this.#scenario;
    const clock = this.#clock;
    const endsAtMs = lastInstantMs(this.#scenario);
    const status: DrivePort['status'] = () => ({
      scenario: name,
      state: this.#isOver ? 'ended' : clock.paused ? 'paused' : 'running',
      timeMs: Math.min(endsAtMs, Math.round(clock.nowMs())),
      endsAtMs,
      speed: clock.speed,
      speeds: [...SPEEDS],
      reachedSpeed: this.#reachedSpeed(),
      afterwards,
    });
    return {
      status,
      scenarioMs: (atMs) => this.#times.at(atMs, this.#present()),
      control: async (command) => {
        if (!this.#isOver) this.#control(command);
        return status();
      },
    };
  }

  #control(command: DriveCommand): void {
    const clock = this.#clock;
    if (command.action === 'speed') {
      // What is due is due at any speed: the time goes on from there.
      if (this.#head && clock.started) this.#keepWith(this.#head, 0);
      clock.setSpeed(Math.min(SPEED_MAX, Math.max(SPEED_MIN, command.speed)));
    } else if (command.action === 'pause') clock.pause();
    else clock.resume();
    if (clock.started) this.#times.note(this.#present(), true);
    this.#pace.forget();
  }
}
