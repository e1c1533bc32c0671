import type { CaseChange, CaseState } from '../live/case-book.ts';
import { CaseFollower } from '../live/case-follower.ts';
import { type Persistently, startLoop } from '../live/retry-loop.ts';
import type {
  ConsumerProgress,
  LoggedMessage,
  RunningService,
  ServiceContext,
} from '../live/service-context.ts';
import { CASES } from '../protocol/names/topic-plan.ts';
import {
  type CaseRecord,
  caseId,
  caseMessage,
  type HeldMoney,
  subjectKey,
} from '../protocol/records/case-record.ts';
import type { AnalysisStore } from './analysis-store.ts';
import { type AlertRule, type FiringRow, firingRow, queryAt } from './ask-alert-rules.ts';
import { caseTables } from './case-rows.ts';
import { TopicRows } from './insert-topic-in-blocks.ts';
import { heldAt, OUTAGE_RULE } from './money-held-by-an-outage.ts';

export interface CasesOptions {
  readonly run: string;
  readonly pools: readonly string[];
  readonly store: AnalysisStore;
  /** Without them no case is opened; those that the topic has get their rows. */
  readonly rules?: readonly AlertRule[];
  /** By name, who writes what rules look at: they are asked when it is in the store. */
  readonly sources?: ReadonlyMap<string, ConsumerProgress>;
}

/** A minute that rules are to be asked for, once these sources have read so far. */
interface AwaitedMinute {
  readonly minute: number;
  readonly ends: ReadonlyMap<string, number>;
}

const READ_RECORDS = 500;
const MINUTE_MS = 60_000;
/** Rows of a minute are in the store so long after it. */
const SETTLE_MS = 5_000;
/** What an outage holds is written down anew so often at most. */
const HELD_MS = 900_000;
/** Cases that were found so far ahead of the clock are told: until then none is found. */
const AHEAD_TOLD_MS = 300_000;
/** So far ahead of the clock a clock was wrong that was set right since: what it found bars nothing. */
const AHEAD_MAX_MS = 86_400_000;
/** Beyond it no case is opened: what fires then is one fault, and no operator reads more. */
const OPEN_MAX = 1_000;

/**
 * Opens a case where a rule of Grafana's file fires, also where there is no Grafana: each minute it asks the store what
 * Grafana would. What it finds goes to the topic `cases`, and the rows come from the topic alone. So a store that is filled
 * again has the same cases, and what was found before a crash is found once.
 */
export async function startCases(
  context: ServiceContext,
  options: CasesOptions,
): Promise<RunningService> {
  const reader = new CaseReader(context, options);
  const { progress } = reader.rows;
  context.probes.consumer('cases', progress);
  return startLoop(
    context,
    (persistently) => reader.step(persistently),
    async () => {},
    progress,
  );
}

class CaseReader {
  readonly rows: TopicRows;
  readonly #context: ServiceContext;
  readonly #options: CasesOptions;
  readonly #follower: CaseFollower;
  /** Since which minute rows are above their rules' limits that have to stay so. */
  #pending = new Map<string, number>();
  /** Offset after what this process wrote last: it is folded before rules are asked again. */
  #written = 0;
  #nextMinute: number;
  #awaited: AwaitedMinute | null = null;
  /** How many cases may still open in the minute in hand. */
  #room = 0;
  /** Up to which minute rules have found something. */
  #foundMs = 0;
  /** When it was last written down what a case holds, by its id. */
  readonly #heldMs = new Map<string, number>();

  constructor(context: ServiceContext, options: CasesOptions) {
    const { run, store } = options;
    this.#context = context;
    this.#options = options;
    this.#follower = new CaseFollower(context.log, options.pools);
    this.rows = new TopicRows(context, {
      ...{ run, store, topic: CASES, recordsMax: READ_RECORDS },
      tablesOf: async (records, persistently) =>
        caseTables(run, await this.#changes(records, persistently)),
      known: (message) => this.#fold(message),
    });
    // What was while this process was away is not asked for: a service that starts with it was silent then.
    this.#nextMinute = (Math.floor(context.nowMs() / MINUTE_MS) + 2) * MINUTE_MS;
  }

  async step(persistently: Persistently): Promise<void> {
    if ((await this.rows.step(persistently)) > 0) return;
    if ((this.rows.progress.position() ?? 0) >= this.#written) await this.#askRules();
  }

  async #fold(message: LoggedMessage): Promise<CaseChange | null> {
    const change = await this.#follower.take(message);
    if (!change || change.command) return change;
    const { kind, of, atMs } = change;
    this.#foundMs = Math.max(this.#foundMs, atMs);
    if (of && (kind === 'opened' || kind === 'held')) this.#heldMs.set(of.id, atMs);
    return change;
  }

  async #changes(
    records: readonly LoggedMessage[],
    persistently: Persistently,
  ): Promise<CaseChange[]> {
    const changes: CaseChange[] = [];
    for (const message of records) {
      const change = await persistently(() => this.#fold(message));
      if (change) changes.push(change);
    }
    return changes;
  }

  /** Once a minute, when its rows are there. A minute that was missed is not asked for again. */
  async #askRules(): Promise<void> {
    const { rules = [] } = this.#options;
    const { log, nowMs, logger, reached } = this.#context;
    const minute = Math.floor((nowMs() - SETTLE_MS) / MINUTE_MS) * MINUTE_MS;
    // A clock that went back would be waited for.
    this.#nextMinute = Math.min(this.#nextMinute, minute + 3 * MINUTE_MS);
    if (rules.length === 0 || minute < this.#nextMinute || !(await this.#isReadUpTo(minute)))
      return;
    const records: CaseRecord[] = [];
    this.#room = OPEN_MAX - this.#follower.book.open().length;
    if (this.#isAfterFound(minute))
      for (const rule of rules)
        try {
          records.push(...(await this.#found(rule, minute)));
        } catch (error) {
          logger.warn({ rule: rule.uid, reason: (error as Error).message }, 'a rule was not asked');
        }
    if (records.length > 0) {
      reached('cases.beforeRecords');
      const places = await log.produce(CASES, records.map(caseMessage));
      this.#written = Math.max(this.#written, ...places.map(({ logOffset }) => logOffset + 1));
      reached('cases.afterRecords');
      logger.info({ minute, records: records.length }, 'cases of alerts changed');
    }
    this.#nextMinute = minute + MINUTE_MS;
  }

  /**
   * Whether the store has what the sources' topics had when the minute was over. A store that is filled again, or a
   * reader that reads its topic again, has not: there an alert would seem to have stopped.
   */
  async #isReadUpTo(minute: number): Promise<boolean> {
    const { sources = new Map<string, ConsumerProgress>() } = this.#options;
    if (this.#awaited?.minute !== minute) {
      if (this.#awaited) {
        const { minute: missed, ends } = this.#awaited;
        const behind = await this.#behind(ends);
        if (behind)
          this.#context.logger.warn(
            { minute: missed, ...behind },
            'rules were not asked: rows come',
          );
      }
      const ends = new Map<string, number>();
      for (const [name, { end }] of sources) ends.set(name, await end());
      this.#awaited = { minute, ends };
    }
    if (await this.#behind(this.#awaited.ends)) return false;
    this.#awaited = null;
    return true;
  }

  /** The first source that has still something to read before these offsets. */
  async #behind(ends: ReadonlyMap<string, number>) {
    for (const [reader, progress] of this.#options.sources ?? []) {
      const position = progress.position();
      const end = ends.get(reader) ?? 0;
      if (position !== null && position >= end) continue;
      // What lies before the end need not be a record.
      const from = position ?? 0;
      const next = progress.nextRecord ? await progress.nextRecord(from) : from;
      if (next !== null && next < end) return { reader, position, end };
    }
    return null;
  }

  /** A clock that went back finds nothing: what is found would come before what stands. */
  #isAfterFound(minute: number): boolean {
    const { logger } = this.#context;
    const told = { minute, foundMs: this.#foundMs };
    if (this.#foundMs - minute > AHEAD_MAX_MS) {
      logger.error(told, 'a case was found more than a day ahead of the clock: rules are asked');
      this.#foundMs = 0;
    } else if (this.#foundMs - minute >= AHEAD_TOLD_MS)
      logger.error(told, 'rules are not asked before the clock is where a case was found last');
    return minute > this.#foundMs;
  }

  /** What a rule says at the end of a minute that the topic does not say yet. */
  async #found(rule: AlertRule, minute: number): Promise<CaseRecord[]> {
    const { run, store } = this.#options;
    const { book } = this.#follower;
    const rows = await store.query<Record<string, unknown>>(queryAt(rule, minute), { run });
    const above = new Map<string, FiringRow>();
    for (const row of rows) {
      const firing = firingRow(rule, row);
      if (firing) above.set(subjectKey(rule.uid, firing.subject), firing);
    }
    for (const key of [...this.#pending.keys()])
      if (key.startsWith(`["${rule.uid}",`) && !above.has(key)) this.#pending.delete(key);
    const records: CaseRecord[] = [];
    for (const [key, firing] of above) {
      const last = book.last(rule.uid, firing.subject);
      if (last?.stoppedMs === null) {
        records.push(...(await this.#held(rule, last, minute)));
        continue;
      }
      const since = this.#pending.get(key) ?? minute;
      this.#pending.set(key, since);
      if (minute - since < rule.forMs) continue;
      if (last && last.closed === null)
        records.push({ kind: 'resumed', case: last.id, atMs: minute });
      else if (this.#room > 0) {
        this.#room -= 1;
        records.push(await this.#opened(rule, firing, minute));
      }
    }
    for (const { id, rule: uid, subject } of book.firing())
      if (uid === rule.uid && !above.has(subjectKey(uid, subject)))
        records.push({ kind: 'stopped', case: id, atMs: minute });
    return records;
  }

  async #opened(
    rule: AlertRule,
    { subject, summary }: FiringRow,
    atMs: number,
  ): Promise<CaseRecord> {
    const { uid, title, severity } = rule;
    const held = await this.#heldBy(rule, subject, atMs);
    return {
      ...{ kind: 'opened', case: caseId(uid, subject, atMs), rule: uid, title, severity },
      ...{ summary, subject, atMs, ...(held && { held }) },
    };
  }

  /** Of an outage that lasts, now and then, where it has changed. */
  async #held(rule: AlertRule, state: CaseState, atMs: number): Promise<CaseRecord[]> {
    const { id, subject, held, closed } = state;
    const isDue = held === null || atMs - (this.#heldMs.get(id) ?? 0) >= HELD_MS;
    if (closed !== null || !isDue) return [];
    const now = await this.#heldBy(rule, subject, atMs);
    if (!now || JSON.stringify(now) === JSON.stringify(held)) return [];
    return [{ kind: 'held', case: id, atMs, held: now }];
  }

  /** Null: it is no outage's, or the store did not say: a case is opened without. */
  async #heldBy(
    { uid, rangeMs }: AlertRule,
    { debtor_agent: bic }: Readonly<Record<string, string>>,
    atMs: number,
  ): Promise<HeldMoney | null> {
    const { run, store } = this.#options;
    if (uid !== OUTAGE_RULE || bic === undefined) return null;
    try {
      return await heldAt(store, { run, bic, fromMs: atMs - rangeMs, toMs: atMs });
    } catch (error) {
      const reason = (error as Error).message;
      this.#context.logger.warn({ bic, reason }, 'what an outage holds was not asked');
      return null;
    }
  }
}
