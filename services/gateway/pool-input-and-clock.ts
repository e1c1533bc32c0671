import { genesisOf } from '../live/network-against-log.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import type { ControlRecord, Genesis } from '../protocol/records/control-record.ts';
import {
  isControl,
  readControl,
  readVerified,
  writeControl,
} from '../protocol/records/input-record.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';

/** What became of a tick: written; skipped, as the clock did not go on; held, as it jumped. */
export type TickOutcome = 'written' | 'skipped' | 'held' | 'absent';

/** Records at the end of a pool's input that tell its time. */
const LAST_RECORDS = 100;

/**
 * The gateway's hand in one pool's input: ticks and the operator's commands. Times rise: a clock that
 * went back is waited for, and one that jumped by more than `clockJumpMaxMs` writes no more ticks
 * until the operator accepts it with a command `tick`; other commands then keep the time that was.
 */
export class PoolInput {
  readonly pool: string;
  readonly #log: Pick<GatewayLog, 'produce' | 'read' | 'endOffset'>;
  readonly #clockJumpMaxMs: number;
  readonly #reached: (point: string) => void;
  #genesis: Genesis | null = null;
  /** Time of the last record, ms; null: not known yet. */
  #lastMs: number | null = null;

  constructor(
    pool: string,
    log: Pick<GatewayLog, 'produce' | 'read' | 'endOffset'>,
    clockJumpMaxMs: number,
    reached: (point: string) => void = () => {},
  ) {
    this.#reached = reached;
    this.pool = pool;
    this.#log = log;
    this.#clockJumpMaxMs = clockJumpMaxMs;
  }

  /** The pool's first record; null where its log has not begun. */
  async genesis(): Promise<Genesis | null> {
    this.#genesis ??= await genesisOf(this.#log, this.pool);
    return this.#genesis;
  }

  async tick(nowMs: number): Promise<TickOutcome> {
    const lastMs = await this.#time();
    if (lastMs === null) return 'absent';
    if (nowMs <= lastMs) return 'skipped';
    if (this.#isJump(nowMs, lastMs)) return 'held';
    await this.#write([{ kind: 'tick', timeMs: nowMs }], nowMs);
    return 'written';
  }

  /** True while the clock is so far ahead of the pool's time that the operator must accept it. */
  async isHeld(nowMs: number): Promise<boolean> {
    const lastMs = await this.#time();
    return lastMs !== null && this.#isJump(nowMs, lastMs);
  }

  /** Appends records with the pool's present time; `accepts` where they accept a jump of the clock. */
  async append(
    recordsAt: (timeMs: number) => readonly ControlRecord[],
    nowMs: number,
    accepts = false,
  ): Promise<void> {
    const lastMs = (await this.#time()) ?? nowMs;
    const held = !accepts && this.#isJump(nowMs, lastMs);
    const timeMs = held ? lastMs : Math.max(nowMs, lastMs);
    await this.#write(recordsAt(timeMs), timeMs);
  }

  #isJump(nowMs: number, lastMs: number): boolean {
    return nowMs - lastMs > this.#clockJumpMaxMs;
  }

  async #write(records: readonly ControlRecord[], timeMs: number): Promise<void> {
    this.#reached('gateway.beforeRecord');
    await this.#log.produce(
      poolInput(this.pool),
      records.map((record) => ({ key: this.pool, value: writeControl(record), headers: {} })),
    );
    this.#reached('gateway.afterRecord');
    this.#lastMs = Math.max(this.#lastMs ?? timeMs, timeMs);
  }

  /** After a start, what the log's last records say. */
  async #time(): Promise<number | null> {
    if (this.#lastMs !== null || !(await this.genesis())) return this.#lastMs;
    const end = await this.#log.endOffset(poolInput(this.pool), 0);
    const from = Math.max(0, end - LAST_RECORDS);
    const records = await this.#log.read(poolInput(this.pool), 0, from, LAST_RECORDS);
    const times = records.map(({ value }) =>
      isControl(value) ? readControl(value).timeMs : readVerified(value).appendedAtMs,
    );
    this.#lastMs = Math.max(this.#lastMs ?? 0, ...times);
    return this.#lastMs;
  }
}
