/**
 * The auditor of a live network: follows its topics, proves each record, settles the input once more, and holds the
 * events against those in their topic and against the checkpoints of the pools' logs. Over a run: services/run/audit-run.ts.
 */
import { WrittenHistory } from '../clearing/first-written-history-wins.ts';
import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { type AuditedFiles, AuditedTree, EntryDiffers } from '../evidence/audited-tree.ts';
import { type Checkpoint, parseCheckpoint, unprovenCheckpoint } from '../evidence/checkpoint.ts';
import {
  type Policy,
  signedCheckpoint,
  type TrustedCheckpoint,
} from '../evidence/cosigner-policy.ts';
import { HAND_OVER_FILE, nextKeyIn, openHandOver } from '../evidence/key-hand-over.ts';
import {
  EvidenceFault,
  isSignedBy,
  type NoteKey,
  parseNote,
  verifierKey,
} from '../evidence/signed-note.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Log, LogRecord } from '../platform/log/log.ts';
import { BLOCKS, poolEvents, poolInput } from '../protocol/names/topic-plan.ts';
import { verifiedIn } from '../protocol/records/input-record.ts';
import type { LogProof } from '../verifier/recheck-log.ts';
import type { SignatureVerification } from '../verifier/verifier.ts';
import { type AuditFault, auditFault, unproven } from './audit-fault.ts';
import type { AuditorState } from './auditor-key-and-memory.ts';
import { poolsIn } from './named-log.ts';
import { beginProof } from './replay-log.ts';
import { ReplayedPool } from './replayed-pool.ts';

export interface LogAuditOptions {
  readonly core: WebAssembly.Module;
  readonly hashing: TreeHashing;
  /** Verification with room for so many keys. */
  readonly verify: (keysMax: number) => SignatureVerification;
  /** Whose checkpoints are believed. Of witnesses it asks nothing. */
  readonly policy: Policy;
  /** A day's key of a pool, 32 bytes; throws where there is none. */
  readonly keyOf: (pool: string, day: string) => Uint8Array;
  /** The files of a pool's log, where an entry is looked for that differs; null: they are not at hand. */
  readonly filesOf: (pool: string) => AuditedFiles | null;
  /** What was cosigned before, and what is; null: nothing is cosigned. */
  readonly state: AuditorState | null;
  /**
   * Told of the notes that were cosigned, of which the last is kept then, and after a restart of the one that was kept: it
   * may not have been told. Where it throws it is told them again with the next step.
   */
  readonly onCosigned?: (pool: string, notes: readonly string[]) => void | Promise<void>;
  readonly nowMs?: () => number;
  /** So many checkpoints are held at most before the input is read to them. */
  readonly shownMax?: number;
}

export interface AuditedPool {
  readonly pool: string;
  /** That its input gives. */
  readonly events: number;
  /** The newest checkpoint that agrees; null: none was seen. */
  readonly sealed: Checkpoint | null;
}

const READ_RECORDS = 4096;
const SHOWN_MAX = 4096;
/** Of these so many wait for what comes behind them: sizes may fall by a few. */
const SHOWN_KEPT = 16;
/**
 * Of what agrees at once so many are cosigned, the newest: a quorum is of those who cosigned the same checkpoint, and
 * each looks at another time.
 */
const COSIGNED_MAX = 64;

/** The pool whose log has such an origin; null: it is no pool's. */
export const poolOfOrigin = (origin: string): string | null =>
  /\/pool\/([^/]+)$/.exec(origin)?.[1] ?? null;

class PoolAudit {
  readonly name: string;
  readonly replayed: ReplayedPool;
  readonly history: WrittenHistory;
  readonly tree: AuditedTree;
  /** Offset of the next record of the input. */
  next = 0;
  /** Of the next that is learned, where other pools need to know. */
  learned = 0;
  /** Checkpoints that were shown and not reached yet. */
  readonly shown: TrustedCheckpoint[] = [];
  /** What this auditor cosigned in an earlier life, until it is reached. */
  before: Checkpoint | null;
  agreed: TrustedCheckpoint | null = null;
  cosigned = 0;
  /** What agrees and is not cosigned yet, by size. */
  fresh: TrustedCheckpoint[] = [];
  /** What was cosigned and not told yet. */
  untold: string[] = [];

  constructor(name: string, log: Log, { core, hashing, keyOf, filesOf, state }: LogAuditOptions) {
    this.name = name;
    this.replayed = new ReplayedPool(name, createSettlement(core));
    this.history = new WrittenHistory(name, log);
    this.tree = new AuditedTree(hashing, (day) => keyOf(name, day), filesOf(name));
    this.before = state?.last(name) ?? null;
    this.cosigned = this.before?.size ?? 0;
  }
}

/** One that stopped with a fault goes no further. */
export class LogAudit {
  readonly #log: Log;
  readonly #proof: LogProof;
  readonly #options: LogAuditOptions;
  readonly #pools: readonly PoolAudit[];
  readonly #hasBlocks: boolean;
  #nextBlock = 0;
  /** From there on, of which a wait has told since they were read last; null: none was waited for. */
  #arrived: readonly LogRecord[] | null = null;
  /** Whether `blocks` may have more that were not read: a log that is not compacted has one a second of its life. */
  #hasMore = false;
  /** By id the keys of logs that others have followed: by whom, and from which size on. */
  readonly #retired = new Map<number, { readonly size: number; readonly next: NoteKey }>();
  /** Pools whose files were asked for a hand-over: its note in `blocks` may be compacted away. */
  readonly #asked = new Set<PoolAudit>();
  #fault: AuditFault | null = null;

  private constructor(
    log: Log,
    proof: LogProof,
    pools: readonly PoolAudit[],
    hasBlocks: boolean,
    options: LogAuditOptions,
  ) {
    this.#log = log;
    this.#proof = proof;
    this.#pools = pools;
    this.#hasBlocks = hasBlocks;
    this.#options = options;
  }

  /**
   * @param spec what the log is called in what is said of it
   * @throws BadInput where it is no network's, or the state is another auditor's
   */
  static async begin(log: Log, spec: string, options: LogAuditOptions): Promise<LogAudit> {
    const names = await poolsIn(log, spec);
    const proof = await beginProof(log, spec, names, options.verify);
    const pools = names.map((name) => new PoolAudit(name, log, options));
    const hasBlocks = (await log.topics()).some(({ name }) => name === BLOCKS);
    const audit = new LogAudit(log, proof, pools, hasBlocks, options);
    for (const { name } of pools)
      for (const note of options.state?.handOvers(name) ?? []) audit.#retire(note, name);
    return audit;
  }

  /** Why it stopped; null: it did not. */
  get fault(): AuditFault | null {
    return this.#fault;
  }

  pools(): AuditedPool[] {
    return this.#pools.map(({ name, tree, agreed }) => ({
      pool: name,
      events: tree.events,
      sealed: agreed,
    }));
  }

  /** Records proven, by kind. */
  proven(): ReadonlyMap<string, number> {
    return this.#proof.proven();
  }

  /**
   * Audits what there is: what it has shown of its checkpoints first, then the input, which has to give at least what
   * they seal.
   * @returns whether anything new was there
   * @throws what a log throws: it may be called again
   */
  async step(): Promise<boolean> {
    let isNew = false;
    do isNew = (await this.#part()) || isNew;
    while (this.#hasMore && !this.#fault);
    return isNew;
  }

  /** Resolves when a checkpoint is there that was not read, or after so long. @throws what a log throws */
  async arrival(waitMs: number): Promise<void> {
    if (this.#hasBlocks)
      this.#arrived = await this.#log.read(BLOCKS, 0, this.#nextBlock, READ_RECORDS, { waitMs });
    else await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  /** The next checkpoints, and the input up to them; where they are the last, up to its end. */
  async #part(): Promise<boolean> {
    if (this.#fault) return false;
    const isNew = await this.#readBlocks();
    if (this.#fault) return isNew;
    const ends = new Map<PoolAudit, number>();
    for (const pool of this.#pools)
      ends.set(pool, await this.#log.endOffset(poolInput(pool.name), 0));
    if (this.#pools.length > 1) for (const pool of this.#pools) await this.#learn(pool);
    let read = 0;
    for (const [pool, end] of ends) {
      const before = pool.next;
      await this.#guarded(pool.name, () => this.#audit(pool, end));
      if (this.#fault) return true;
      read += pool.next - before;
    }
    // A pool's that cannot be told now is not to hold up another.
    for (const pool of this.#pools) await this.#tell(pool);
    return isNew || read > 0;
  }

  get #kept(): number {
    const { shownMax = SHOWN_MAX } = this.#options;
    return Math.min(SHOWN_KEPT, Math.floor(shownMax / 2 / this.#pools.length));
  }

  /** A fault of what is audited ends the audit; any other error is the caller's. */
  async #guarded(pool: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#fault = auditFault(pool, error);
      if (!this.#fault) throw error;
    }
  }

  async #readBlocks(): Promise<boolean> {
    let isNew = false;
    const { shownMax = SHOWN_MAX } = this.#options;
    this.#hasMore = false;
    while (this.#hasBlocks && !this.#fault) {
      const room = shownMax - this.#pools.reduce((sum, { shown }) => sum + shown.length, 0);
      this.#hasMore = room <= 0;
      if (this.#hasMore) break;
      const count = Math.min(room, READ_RECORDS);
      const arrived = this.#arrived;
      this.#arrived = null;
      const blocks =
        arrived?.slice(0, count) ??
        (await this.#log.read(BLOCKS, 0, this.#nextBlock, count, { waitMs: 0 }));
      if (blocks.length === 0) break;
      for (const { key, value, logOffset } of blocks) {
        if (this.#fault) break;
        this.#nextBlock = logOffset + 1;
        isNew = true;
        await this.#guarded(poolOfOrigin(String(key)) ?? BLOCKS, async () => {
          const text = Buffer.from(value).toString();
          const { origin } = unprovenCheckpoint(text);
          const name = poolOfOrigin(origin);
          const pool = this.#pools.find((one) => one.name === name);
          const { policy } = this.#options;
          if (pool && !policy.logs.some((key) => key.name === origin))
            throw new BadInput(
              `--policy: it has no log ${origin}, which pool ${pool.name} has; expected a line log with its key`,
            );
          if (pool) await this.#askHandOver(pool);
          this.#wantNext(text, origin);
          const shown = signedCheckpoint(text, policy);
          if (!pool) throw new EvidenceFault(`a checkpoint of ${shown.origin}, which is no pool's`);
          this.#refuseRetired(text, shown);
          this.#retire(text, pool.name);
          // Two notifiers of a log, one behind, show falling sizes.
          const at = pool.shown.findLastIndex(({ size }) => size <= shown.size);
          pool.shown.splice(at + 1, 0, shown);
        });
      }
      // Who waited, and has all that came, need not ask whether more did meanwhile: the next wait says it.
      if (arrived && arrived.length < count) break;
    }
    return isNew;
  }

  /** Once: what comes later comes by the topic. */
  async #askHandOver(pool: PoolAudit): Promise<void> {
    if (this.#asked.has(pool)) return;
    this.#asked.add(pool);
    // A log that never changed its key has none, and files that cannot be had tell nothing.
    const files = this.#options.filesOf(pool.name);
    const note = await Promise.resolve(files)
      .then((one) => one?.read(HAND_OVER_FILE))
      .catch(() => null);
    try {
      if (note) this.#retire(Buffer.from(note).toString(), pool.name);
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
    }
  }

  /**
   * A key that was handed over signs nothing behind the hand-over but that once more, to the same key: a notifier that
   * does not know whether the topic has it repeats it.
   */
  #refuseRetired(text: string, { log, note, origin, size }: TrustedCheckpoint): void {
    const retired = this.#retired.get(log.id);
    if (!retired || size <= retired.size) return;
    const isOfOther = this.#options.policy.logs.some(
      (key) => key.name === origin && !this.#retired.has(key.id) && isSignedBy(note, key),
    );
    if (isOfOther) return;
    const next = nextKeyIn(text);
    if (next?.id === retired.next.id && isSignedBy(note, next)) return;
    throw new EvidenceFault(
      `a checkpoint of ${size} entries of ${origin} is signed by the key that was handed over`,
    );
  }

  /** To whom a log was handed over is to be in the policy: without it nothing more is cosigned. */
  #wantNext(text: string, origin: string): void {
    const { logs } = this.#options.policy;
    for (const { next } of this.#retired.values()) {
      if (next.name !== origin || logs.some(({ id }) => id === next.id)) continue;
      const note = parseNote(text);
      if (!logs.some((key) => isSignedBy(note, key)) && isSignedBy(note, next))
        throw new BadInput(
          `--policy: log ${origin} was handed over to a key that it has not; add its line log ${verifierKey(next)}`,
        );
    }
  }

  /** A key that the policy has and that was handed over signs nothing more. It is kept, as the topic forgets it. */
  #retire(note: string, pool: string): void {
    const { policy, state } = this.#options;
    const next = nextKeyIn(note);
    const { text, signatures } = parseNote(note);
    const { origin, size } = parseCheckpoint(text);
    const isOfPolicy = policy.logs.some(
      ({ name, id }) =>
        name === origin && id !== next?.id && signatures.some(({ keyId }) => keyId === id),
    );
    if (!next || !isOfPolicy) return;
    const { from } = openHandOver(note, policy);
    if ((this.#retired.get(from.id)?.size ?? -1) >= size) return;
    this.#retired.set(from.id, { size, next });
    state?.keepHandOver(pool, from.id, note);
  }

  async #learn(pool: PoolAudit): Promise<void> {
    for (;;) {
      const records = await this.#records(pool, pool.learned);
      for (const { logOffset, value } of records) {
        this.#proof.learn(pool.name, logOffset, value);
        pool.learned = logOffset + 1;
      }
      if (records.length === 0) return;
    }
  }

  #records({ name }: PoolAudit, from: number) {
    return this.#log.read(poolInput(name), 0, from, READ_RECORDS, { waitMs: 0 });
  }

  async #audit(pool: PoolAudit, end: number): Promise<void> {
    while (pool.next < end) {
      if (this.#hasMore && pool.shown.length <= this.#kept) return;
      const records = await this.#records(pool, pool.next);
      if (records.length === 0) break;
      const read = records.map(({ value }) => verifiedIn(value));
      for (const [at, { logOffset, value }] of records.entries()) {
        this.#proof.take(pool.name, logOffset, value, read[at]);
        pool.next = logOffset + 1;
      }
      const { proving } = await this.#proof.begin();
      try {
        for (const [at, { logOffset, value }] of records.entries())
          pool.replayed.take(logOffset, value, read[at]);
        const { events } = pool.replayed.flush();
        pool.history.add(events);
        pool.tree.add(events);
      } finally {
        await proving;
      }
      const [forged] = this.#proof.faults;
      if (forged) {
        this.#fault = unproven(forged);
        return;
      }
      if (pool.next >= end) break;
      await pool.history.follow();
      await this.#hold(pool);
    }
    await pool.history.follow();
    await this.#hold(pool);
    await this.#refuseSurplus(pool);
    if (!this.#hasMore) this.#cosign(pool);
  }

  /** Takes what the checkpoints say that are reached. */
  async #hold(pool: PoolAudit): Promise<void> {
    const kept = this.#hasMore ? this.#kept : 0;
    for (;;) {
      const shown = pool.shown.length > kept ? pool.shown[0] : undefined;
      const { before } = pool;
      // What it is held against comes first.
      if (before && !shown && kept > 0) return;
      if (before && (!shown || before.size <= shown.size)) {
        try {
          if (!(await pool.tree.holds(before))) return;
        } catch (error) {
          if (!(error instanceof EvidenceFault) || error instanceof EntryDiffers) throw error;
          throw new EvidenceFault(
            `the input gives other events than those that this auditor has cosigned before, ${before.size} of them: ${error.message}`,
          );
        }
        pool.before = null;
        pool.untold.push(this.#options.state?.note(pool.name) as string);
        continue;
      }
      if (!shown || !(await pool.tree.holds(shown))) return;
      pool.shown.shift();
      if (shown.size >= (pool.agreed?.size ?? 0)) pool.agreed = shown;
      if (shown.size > (pool.fresh.at(-1)?.size ?? pool.cosigned))
        pool.fresh = [...pool.fresh, shown].slice(-COSIGNED_MAX);
    }
  }

  /** What was shown before the input was read to its end has to be in it. */
  async #refuseSurplus({ name, tree, shown, before, history, replayed }: PoolAudit): Promise<void> {
    const surplus = [...(before ? [before] : []), ...shown].findLast(
      ({ size }) => size > tree.events,
    );
    if (surplus) {
      await tree.seekDifference(surplus.size);
      throw new EvidenceFault(
        `${surplus.size} events are sealed, and the input gives ${tree.events}: its records from offset ${replayed.clearing.position()} on are missing`,
      );
    }
    if (history.aheadOf !== null && history.aheadOf < replayed.clearing.position())
      throw new EvidenceFault(
        `${poolEvents(name)} holds events that its input does not give, from number ${tree.events + 1} on`,
      );
  }

  #cosign(pool: PoolAudit): void {
    const { state, nowMs = Date.now } = this.#options;
    const { fresh } = pool;
    pool.fresh = [];
    if (!state || fresh.length === 0) return;
    const notes = state.cosign(pool.name, fresh, nowMs());
    pool.untold = [...pool.untold, ...notes].slice(-COSIGNED_MAX);
    pool.cosigned = (fresh.at(-1) as TrustedCheckpoint).size;
  }

  async #tell(pool: PoolAudit): Promise<void> {
    if (pool.untold.length > 0) await this.#options.onCosigned?.(pool.name, pool.untold);
    pool.untold = [];
  }
}
