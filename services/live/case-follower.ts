import { createSignatureCheck } from '../core/verification/signing.ts';
import {
  commandSigningText,
  isCommandFault,
  readAnyCommand,
} from '../protocol/messages/operator-command.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { COMMANDS } from '../protocol/names/topic-plan.ts';
import { isCaseCommand } from '../protocol/records/case-command.ts';
import { type CommandedCase, readCaseMessage } from '../protocol/records/case-record.ts';
import { readCommandMessage } from '../protocol/records/command-report.ts';
import type { Genesis } from '../protocol/records/control-record.ts';
import { SystemKeys } from '../protocol/records/system-keys.ts';
import { CaseBook, type CaseChange, type SignedCaseCommand } from './case-book.ts';
import { genesisOf } from './network-against-log.ts';
import type { LoggedMessage, LogPort } from './service-context.ts';
import { recordsOf } from './topic-reader.ts';

type FollowedLog = Pick<LogPort, 'read' | 'startOffset'>;

/** Keys of a pool's operators, with those that were revoked. */
interface PoolKeys {
  readonly genesis: Genesis;
  readonly keys: SystemKeys;
}

/**
 * Folds the topic `cases`, and checks each signature once more, without trust in who wrote there. A signature counts
 * under any key that the pool's operators have or had: who took the command refused a revoked one, and what was
 * signed before a revocation stays. So the answer is the same whenever the topic is read.
 */
export class CaseFollower {
  readonly book: CaseBook;
  readonly #log: FollowedLog;
  readonly #names: readonly string[];
  readonly #pools = new Map<string, PoolKeys>();

  /** @param names of the network's pools: what names another is nobody's */
  constructor(log: FollowedLog, names: readonly string[]) {
    this.book = new CaseBook(names);
    this.#log = log;
    this.#names = names;
  }

  /** Messages in the order of the topic. @returns what changed; null: nothing */
  async take({ value, logOffset }: LoggedMessage): Promise<CaseChange | null> {
    const record = readCaseMessage(value);
    if (!record) return null;
    if (record.kind !== 'commanded') return this.book.found(record, logOffset);
    const signed = await this.#signed(record);
    return signed && this.book.commanded(record, signed, logOffset);
  }

  /** Null: no operator of the pool signed it. */
  async #signed(record: CommandedCase): Promise<SignedCaseCommand | null> {
    const payload = Buffer.from(record.payload);
    const read = readAnyCommand(payload);
    if (isCommandFault(read) || read.pool !== record.pool || !isCaseCommand(read.command))
      return null;
    const held = await this.#keysOf(record.pool, record.keyId);
    const key = held?.keys.operatorKey(record.keyId);
    if (!held || key === undefined) return null;
    const text = commandSigningText(held.genesis.network, record.pool, record, payload);
    const check = createSignatureCheck(Buffer.from(key, 'hex'));
    if (!check(text, Buffer.from(record.signature, 'base64'))) return null;
    return { command: read.command, payloadDigest: payloadDigestHex(payload) };
  }

  /** Looked up anew where it has no such key: it may have been registered since. */
  async #keysOf(pool: string, keyId: string): Promise<PoolKeys | null> {
    const known = this.#pools.get(pool);
    if (known?.keys.operatorKey(keyId) !== undefined) return known;
    const now = await this.#read(pool);
    if (now) this.#pools.set(pool, now);
    return now;
  }

  /** Whether a key signs for a pool's operators now. */
  async isActive(pool: string, keyId: string): Promise<boolean> {
    return (await this.#read(pool))?.keys.activeOperatorKeys().has(keyId) ?? false;
  }

  async #read(pool: string): Promise<PoolKeys | null> {
    const genesis = this.#names.includes(pool) ? await genesisOf(this.#log, pool) : null;
    if (!genesis) return null;
    const keys = new SystemKeys();
    keys.begin(genesis);
    const changes = [];
    for await (const { value } of recordsOf(this.#log, COMMANDS)) {
      const report = readCommandMessage(value);
      if (report.pool === pool && report.key) changes.push(report);
    }
    for (const { key } of changes.sort((one, other) => one.eventNumber - other.eventNumber))
      if (key) keys.fold(key);
    return { genesis, keys };
  }
}
