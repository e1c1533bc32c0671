import { type Persistently, startLoop, together } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { poolInput, TELEMETRY } from '../protocol/names/topic-plan.ts';
import { isControl } from '../protocol/records/input-record.ts';
import { proofMessage } from '../protocol/records/telemetry.ts';
import { CheckPlan, type Segment } from './background-log-check-plan.ts';
import { faultLine, LogProof, type ProofFault } from './recheck-log.ts';
import type { RecordedMessage } from './recheck-logged-messages.ts';
import type { SignatureVerification } from './verifier.ts';

/**
 * Finds who writes into a pool's input past the services, while the network runs: clearing settles what
 * it reads there. Beside the verifier, at a bounded rate:
 *
 * - one reader goes through each pool's input in order, proves every control record, and notes which key
 *   is whose from where to where. At its start it reads the whole input; then it follows the end. It waits for no proof.
 * - messages are proven as they come, up to the rate. What was left out, and all that was there at the
 *   start, comes in passes, each in an order of its own that follows from the seed: nobody can tell
 *   what is looked at next. When everything was proven it begins again, once an hour at most.
 */
export interface LogCheckOptions {
  readonly network: string;
  /** The first takes what names no currency. */
  readonly pools: readonly string[];
  readonly verification: SignatureVerification;
  /** Which of the processes that check. */
  readonly instance: string;
  readonly seed: number;
  readonly limits?: Partial<CheckLimits>;
}

export interface CheckLimits {
  /** Messages proven in a second, where a day at this rate covers what is owed; else so many as do. */
  readonly messagesPerSecond: number;
  /** Records read in a second at the start. */
  readonly recordsPerSecond: number;
  /** Between two beginnings of passes over what was proven before, ms. */
  readonly passEveryMs: number;
  /** Between two words in `telemetry`, ms. */
  readonly reportEveryMs: number;
}

const CHECK_LIMITS: CheckLimits = {
  messagesPerSecond: 1_000,
  recordsPerSecond: 20_000,
  passEveryMs: 3_600_000,
  reportEveryMs: 5_000,
};

const READ_RECORDS = 512;
const IDLE_MS = 100;
/** What may be proven at once after a pause. */
const BURST_MS = 1_000;
/**
 * Proven in one go: what messages that have just come wait for, since it is done on the thread that verifies them. All
 * that is read at a time, 512 messages, would hold them up for 60 ms.
 */
const PROVEN_AT_ONCE = 16;
/** How much faster than the rate they may follow one another, for what proving itself takes and timers that are late. */
const CATCH_UP = 2;
const DAY_S = 86_400;

export function startLogCheck(context: ServiceContext, options: LogCheckOptions): RunningService {
  const check = new LogCheck(context, options);
  const service = together([
    startLoop(context, (persistently) => check.read(persistently)),
    startLoop(context, (persistently) => check.prove(persistently)),
  ]);
  // Where one has failed the other is of no use.
  service.done.catch(() => service.stop().catch(() => {}));
  return service;
}

class LogCheck {
  readonly #context: ServiceContext;
  readonly #options: LogCheckOptions;
  readonly #limits: CheckLimits;
  readonly #proof: LogProof;
  readonly #plan: CheckPlan;
  readonly #next: Map<string, number>;
  readonly #figures: ReturnType<typeof figuresOf>;
  /** By pool, the end of its input at the start; absent: not known yet. */
  readonly #ends = new Map<string, number>();
  /** Pools that were not read to that end: only behind it all keys are known. */
  readonly #unread: Set<string>;
  /** Ends of inputs that were seen and not read up to yet, oldest first. */
  #unreadEnds: { readonly pool: string; readonly end: number; readonly seenMs: number }[] = [];
  /** Messages that were read, to be proven next: at most half of the allowance as they come, or some of one segment. */
  #atHand: RecordedMessage[] = [];
  /** What is left to be read of the segment that was drawn last. */
  #drawn: Omit<Segment, 'messages'> | null = null;
  #allowance = 0;
  #filledMs: number;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #told = 0;

  constructor(context: ServiceContext, options: LogCheckOptions) {
    const { network, pools, verification, seed } = options;
    this.#context = context;
    this.#options = options;
    this.#limits = { ...CHECK_LIMITS, ...options.limits };
    this.#proof = new LogProof(
      { network, firstPools: pools.slice(0, 1), nowMs: context.nowMs },
      verification,
    );
    this.#plan = new CheckPlan(seed, this.#limits.passEveryMs);
    this.#next = new Map(pools.map((pool) => [pool, 0]));
    this.#unread = new Set(pools);
    this.#figures = figuresOf(context);
    this.#filledMs = context.elapsedMs();
  }

  async read(persistently: Persistently): Promise<void> {
    const { count, isBehind } = await this.#readOn(persistently);
    await this.#report(persistently);
    // Whoever follows the end looks now and then: a record at a time would cost a read each.
    const leastMs = isBehind ? 0 : IDLE_MS;
    const { pause } = this.#context;
    await pause(Math.max(leastMs, (1000 * count) / this.#limits.recordsPerSecond));
  }

  /** A few at a time, evenly: others have the thread between two of them. */
  async prove(persistently: Persistently): Promise<void> {
    const rate = this.#fill();
    const mayProve = this.#keysKnown && this.#allowance >= 1;
    if (mayProve && this.#atHand.length === 0) await this.#readOwed(persistently);
    const some = mayProve ? this.#atHand.splice(0, PROVEN_AT_ONCE) : [];
    if (some.length > 0) {
      this.#allowance -= some.length;
      await this.#proof.prove(some);
      this.#figures.checked(some.length);
      await this.#report(persistently);
    }
    const isIdle = this.#atHand.length === 0 && this.#drawn === null && some.length === 0;
    const apartMs = (1000 * PROVEN_AT_ONCE) / (rate * CATCH_UP);
    const { pause } = this.#context;
    await pause(Math.min(IDLE_MS, isIdle ? IDLE_MS : apartMs));
  }

  get #keysKnown(): boolean {
    return this.#unread.size === 0;
  }

  /**
   * What may be proven grows with time, and faster where more is owed than a day would do.
   * @returns messages a second
   */
  #fill(): number {
    const nowMs = this.#context.elapsedMs();
    const rate = Math.max(this.#limits.messagesPerSecond, this.#plan.owedMessages / DAY_S);
    const more = (rate * (nowMs - this.#filledMs)) / 1000;
    this.#allowance = Math.min(this.#allowance + more, (rate * BURST_MS) / 1000);
    this.#filledMs = nowMs;
    return rate;
  }

  /** The next records of each pool. @returns how many, and whether more may lie behind them */
  async #readOn(persistently: Persistently): Promise<{ count: number; isBehind: boolean }> {
    let count = 0;
    let isBehind = false;
    for (const [pool, next] of this.#next) {
      const end = await this.#endOf(pool, persistently);
      const records = await this.#read(pool, next, READ_RECORDS, persistently);
      count += records.length;
      const last = records[records.length - 1];
      // A log may give fewer records than it has: none, it gives only at its end.
      if (!last || last.logOffset + 1 >= end) this.#unread.delete(pool);
      if (this.#unread.has(pool) || records.length === READ_RECORDS) isBehind = true;
      if (!last) continue;
      this.#next.set(pool, last.logOffset + 1);
      const messages = records.filter(({ logOffset, value }) => {
        const isMessage = !isControl(value);
        this.#proof.fold(pool, logOffset, value);
        return isMessage;
      });
      this.#figures.checked(records.length - messages.length);
      this.#takeMessages(pool, records, messages);
    }
    return { count, isBehind };
  }

  async #endOf(pool: string, persistently: Persistently): Promise<number> {
    const known = this.#ends.get(pool);
    if (known !== undefined) return known;
    const end = await persistently(() => this.#context.log.endOffset(poolInput(pool), 0));
    this.#ends.set(pool, end);
    return end;
  }

  /** They are proven next where half of the allowance has room, since they are read already; else later. */
  #takeMessages(
    pool: string,
    records: readonly LoggedMessage[],
    messages: readonly LoggedMessage[],
  ): void {
    if (messages.length === 0) return;
    const [first, last] = [records[0], records[records.length - 1]] as [
      LoggedMessage,
      LoggedMessage,
    ];
    this.#fill();
    const isNext = this.#keysKnown && this.#atHand.length + messages.length <= this.#allowance / 2;
    this.#plan.add(
      { pool, from: first.logOffset, to: last.logOffset + 1, messages: messages.length },
      isNext ? null : this.#context.elapsedMs(),
    );
    if (isNext) this.#atHand.push(...messages.map((message) => ({ ...message, pool })));
  }

  /** More of one segment of those that are owed: a log may give it in parts. */
  async #readOwed(persistently: Persistently): Promise<void> {
    const { elapsedMs, nowMs } = this.#context;
    this.#drawn ??= this.#plan.draw(elapsedMs(), nowMs());
    if (!this.#drawn) return;
    // The plan lets a segment grow by what comes next to it and is proven as it comes.
    const { pool, from, to } = this.#drawn;
    const records = await this.#read(pool, from, to - from, persistently);
    const next = (records[records.length - 1]?.logOffset ?? to) + 1;
    this.#drawn = next < to ? { pool, from: next, to } : null;
    const messages = records.filter(({ logOffset, value }) => logOffset < to && !isControl(value));
    this.#atHand.push(...messages.map((message) => ({ ...message, pool })));
  }

  /** What the log itself refuses to give is a fault that is told once, and left out. */
  async #read(
    pool: string,
    from: number,
    count: number,
    persistently: Persistently,
  ): Promise<readonly LoggedMessage[]> {
    return persistently(() => this.#context.log.read(poolInput(pool), 0, from, count));
  }

  /** For how long the oldest that was not read has waited: what came since the last word, for nothing yet. */
  async #oldestUnreadMs(persistently: Persistently): Promise<number> {
    const { log, elapsedMs } = this.#context;
    for (const pool of this.#next.keys()) {
      const end = await persistently(() => log.endOffset(poolInput(pool), 0));
      this.#unreadEnds.push({ pool, end, seenMs: elapsedMs() });
    }
    const read = (pool: string) => this.#next.get(pool) ?? 0;
    this.#unreadEnds = this.#unreadEnds.filter(({ pool, end }) => read(pool) < end);
    const [oldest] = this.#unreadEnds;
    return oldest ? elapsedMs() - oldest.seenMs : 0;
  }

  /** Faults in the log at once, figures now and then. */
  async #report(persistently: Persistently): Promise<void> {
    const { logger, elapsedMs, nowMs, log } = this.#context;
    const { faults, faultsCount } = this.#proof;
    for (const fault of faults.slice(this.#told)) tell(logger, fault);
    const isNew = faults.length > this.#told;
    this.#told = faults.length;
    if (!isNew && elapsedMs() - this.#reportedMs < this.#limits.reportEveryMs) return;
    this.#reportedMs = elapsedMs();
    const uncheckedMs = Math.max(
      this.#plan.oldestOwedMs(elapsedMs()),
      await this.#oldestUnreadMs(persistently),
    );
    this.#figures.faults(faultsCount);
    this.#figures.unchecked(uncheckedMs / 1000);
    this.#figures.covered((this.#plan.coveredAtMs ?? 0) / 1000);
    const messages = [...this.#next].map(([pool, records]) => {
      const own = faults.filter((fault) => fault.pool === pool);
      const proven = [...this.#proof.proven(pool).values()].reduce((sum, count) => sum + count, 0);
      return proofMessage({
        kind: 'proof',
        atMs: nowMs(),
        instance: this.#options.instance,
        pool,
        records,
        proven,
        faults: this.#proof.faultsOf(pool),
        firstFault: own[0] ? faultLine(own[0]).slice(0, FAULT_CHARACTERS) : '',
        uncheckedMs,
        coveredAtMs: this.#plan.coveredAtMs ?? 0,
      });
    });
    await log.produce(TELEMETRY, messages);
  }
}

/** Of the first fault, in `telemetry`. */
const FAULT_CHARACTERS = 300;

function tell(logger: ServiceContext['logger'], fault: ProofFault): void {
  const { pool, logOffset, kind, sender = '', uetr = '' } = fault;
  logger.error(
    { pool, logOffset, kind, sender, uetr, reason: fault.fault },
    'a record in a pool’s log is not proven: somebody else than the services may have written it',
  );
}

function figuresOf({ figures }: ServiceContext) {
  return {
    checked: figures.counter('corridor_proof_records_total', 'Records of pools’ inputs checked'),
    faults: figures.gauge('corridor_proof_faults', 'Records of pools’ inputs that are not proven'),
    unchecked: figures.gauge(
      'corridor_proof_oldest_unchecked_seconds',
      'For how long the oldest record that was not checked yet, read or not, has waited for it',
    ),
    covered: figures.gauge(
      'corridor_proof_covered_timestamp_seconds',
      'When every record had been checked last, seconds since 1970; 0: not yet',
    ),
  };
}
