// What stands in a log already is judged again; when it first comes: gateway/routes-operator.ts.

import { createSignatureCheck } from '../core/verification/signing.ts';
import { lacksPossession } from '../protocol/messages/key-possession.ts';
import {
  commandRecordFault,
  type OperatorCheck,
  operatorKeys,
  operatorsFault,
} from '../protocol/messages/operator-command.ts';
import { dateText, dayNumber } from '../protocol/names/dates.ts';
import { CLOCKS_APART_MS, ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import { TakenCommands } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import type {
  ControlRecord,
  Genesis,
  SignedCommand,
  SystemKeyRecord,
} from '../protocol/records/control-record.ts';
import { isSystemKey, SystemKeys } from '../protocol/records/system-keys.ts';

/** What the gateway writes of itself: the passing of time, and the business days. */
const UNSIGNED: ReadonlySet<string> = new Set<ControlRecord['kind']>(['tick', 'open', 'close']);
const DAY_MS = 86_400_000;

const NO_OPERATOR =
  'the genesis names no operator key, which that of a live network does (a run is proven by its folder)';

export interface ControlFinding {
  /** What the record is counted as. */
  readonly kind: string;
  /** Why it should not be there; null where it may. */
  readonly fault: string | null;
  /** It may be there, and clearing gives it no effect. */
  readonly isIneffective?: boolean;
}

/**
 * Proves a pool's control records, in their order. Where the genesis names an operator key:
 *
 * - the records written together with the genesis are part of it;
 * - what follows is signed by that key, for this pool, not long before it was logged; or is time
 *   passing (tick), or the beginning or end of a business day (open, close), which the calendar says.
 *
 * Where it names none, nobody signs: the log of a simulation. A live network's names one.
 */
export class ControlProof {
  readonly #pool: string;
  readonly #nowMs: (() => number) | null;
  readonly #systemKeys = new SystemKeys();
  readonly #taken = new TakenCommands(this.#systemKeys);
  #genesis: Genesis | null = null;
  /** Of operators' keys by their ids, revoked ones too: what they signed before stands. */
  readonly #checks = new Map<string, OperatorCheck>();
  /** Of participants, by `<BIC>:<key id>`, as the records so far have them. */
  readonly #bankKeys = new Map<string, { readonly check: OperatorCheck; isRevoked: boolean }>();
  #beganMs = 0;
  /** Records that may still belong to the founding. */
  #founding = 0;
  /** Of the pool's state: the largest of the records so far. */
  #timeMs = 0;

  /** @param nowMs of a log that is live: no record is later */
  constructor(pool: string, nowMs: (() => number) | null = null) {
    this.#pool = pool;
    this.#nowMs = nowMs;
  }

  /** A message of a participant: the opening records are over. */
  message(appendedAtMs: number): void {
    this.#founding = 0;
    this.#timeMs = Math.max(this.#timeMs, appendedAtMs);
  }

  take(record: ControlRecord): ControlFinding {
    const finding = this.#read(record);
    if (finding.fault === null && !finding.isIneffective) {
      if (record.kind === 'key') this.#learn(record);
      else if (isSystemKey(record) && record.command) this.#learnSystem(record);
    }
    if (Number.isSafeInteger(record.timeMs)) this.#timeMs = Math.max(this.#timeMs, record.timeMs);
    return finding;
  }

  #learnSystem(record: SystemKeyRecord): void {
    this.#systemKeys.fold(record);
    if (record.kind === 'operatorKey' && record.state === 'registered')
      this.#checks.set(record.keyId, createSignatureCheck(Buffer.from(record.publicKey, 'hex')));
  }

  #learn({ bic, keyId, publicKey, state }: Extract<ControlRecord, { kind: 'key' }>): void {
    const name = `${bic}:${keyId}`;
    const known = this.#bankKeys.get(name);
    if (known) known.isRevoked ||= state === 'revoked';
    else if (state === 'registered')
      this.#bankKeys.set(name, {
        check: createSignatureCheck(Buffer.from(publicKey, 'hex')),
        isRevoked: false,
      });
  }

  /** A hostile record may have any members. */
  #read(record: ControlRecord): ControlFinding {
    try {
      return this.#find(record);
    } catch (error) {
      return { kind: String(record.kind), fault: `it cannot be read: ${(error as Error).message}` };
    }
  }

  #find(record: ControlRecord): ControlFinding {
    if (record.kind === 'genesis') return { kind: 'genesis', fault: this.#begin(record) };
    const { kind } = record;
    if (!this.#genesis) return { kind, fault: 'the log does not begin with a genesis' };
    if (!Number.isSafeInteger(record.timeMs)) return { kind, fault: 'its time is none' };
    if (this.#checks.size === 0 && this.#nowMs === null) return { kind, fault: null };
    if (record.command) {
      this.#founding = 0;
      return this.#checks.size > 0
        ? this.#command({ ...record, command: record.command }, this.#genesis)
        : { kind, fault: NO_OPERATOR };
    }
    if (this.#isFounding(record)) return { kind: 'founding', fault: null };
    this.#founding = 0;
    if (!UNSIGNED.has(kind)) return { kind, fault: 'it carries no signature of the operator' };
    return { kind, fault: this.#future(record) ?? this.#offCalendar(record) };
  }

  #begin(genesis: Genesis & { readonly timeMs: number }): string | null {
    if (this.#genesis) return 'a log has one genesis, at its beginning';
    this.#genesis = genesis;
    this.#beganMs = genesis.timeMs;
    const { foundingRecords } = genesis;
    const keys = operatorKeys(genesis);
    this.#founding = (foundingRecords ?? Number.MAX_SAFE_INTEGER) - 1;
    for (const [keyId, key] of keys)
      this.#checks.set(keyId, createSignatureCheck(Buffer.from(key, 'hex')));
    this.#systemKeys.begin(genesis);
    this.#taken.begin(genesis);
    if (keys.size === 0 && this.#nowMs !== null) return NO_OPERATOR;
    if (genesis.pool !== this.#pool) return `it is the genesis of pool ${genesis.pool}`;
    return operatorsFault(genesis);
  }

  /** A founding that does not say how many records it has ends with its instant, or with the first of another origin. */
  #isFounding({ kind, timeMs }: ControlRecord): boolean {
    if (this.#founding === 0 || timeMs !== this.#beganMs) return false;
    if (this.#genesis?.foundingRecords === undefined && UNSIGNED.has(kind)) return false;
    this.#founding -= 1;
    return true;
  }

  #command(
    record: ControlRecord & { readonly command: SignedCommand },
    genesis: Genesis,
  ): ControlFinding {
    const lateMs = Math.max(this.#timeMs, record.timeMs) - record.command.issuedAtMs;
    const fault =
      commandRecordFault(record, genesis, (keyId, sender) =>
        sender === undefined
          ? this.#checks.get(keyId)
          : this.#bankKeys.get(`${sender}:${keyId}`)?.check,
      ) ??
      (lateMs > ISSUE_WINDOW_MS + CLOCKS_APART_MS
        ? `it was signed ${Math.round(lateMs / 1000)} s before it was logged: somebody kept it`
        : null);
    const taken = this.#taken.take(record);
    if (!taken.takesEffect) {
      const isAgain = taken.outcome === 'repeated' || taken.outcome === 'conflicting';
      const kind = isAgain ? 'repeated command' : 'command without effect';
      return { kind, fault, isIneffective: true };
    }
    const isIneffective =
      lacksPossession(genesis.network, record, this.#taken.areVersioned) !== null ||
      (isSystemKey(record) && this.#systemKeys.refusal(record) !== null) ||
      !this.#isOwners(record);
    return { kind: isIneffective ? 'command without effect' : 'command', fault, isIneffective };
  }

  /** Whether a bank that commands does so about its own keys, under one that is active. */
  #isOwners(record: ControlRecord & { readonly command: SignedCommand }): boolean {
    const { sender, keyId } = record.command;
    if (sender === undefined) return true;
    const key = this.#bankKeys.get(`${sender}:${keyId}`);
    return record.kind === 'key' && record.bic === sender && key?.isRevoked === false;
  }

  #future({ timeMs }: ControlRecord): string | null {
    const nowMs = this.#nowMs?.() ?? Number.POSITIVE_INFINITY;
    return timeMs > nowMs + CLOCKS_APART_MS
      ? `its time ${new Date(timeMs).toISOString()} has not come`
      : null;
  }

  /** Every currency is open around the clock, for the UTC date (services/gateway/sandbox-business-days.ts). */
  #offCalendar(record: ControlRecord): string | null {
    if (record.kind !== 'open' && record.kind !== 'close') return null;
    const day = dayNumber(record.date);
    if (day === null) return `its date ${record.date} is none`;
    const endMs = (day + 1) * DAY_MS;
    const at = new Date(record.timeMs).toISOString();
    if (record.kind === 'close')
      return record.timeMs >= endMs ? null : `${record.date} does not close at ${at}`;
    if (dateText(Math.floor(record.timeMs / DAY_MS)) !== record.date)
      return `${record.date} does not open at ${at}`;
    if (record.closesAtMs !== endMs)
      return `${record.date} closes at ${new Date(endMs).toISOString()}, not at ${record.closesAtMs}`;
    return this.#timeMs > endMs + CLOCKS_APART_MS
      ? `${record.date} was over at ${new Date(this.#timeMs).toISOString()}, when it was logged`
      : null;
  }
}
