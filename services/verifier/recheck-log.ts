import { controlFormFault } from '../protocol/messages/operator-command.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';
import { appendedAtMsOf, type VerifiedRecord } from '../protocol/records/verified-record.ts';
import { type ControlFinding, ControlProof } from './recheck-logged-control-records.ts';
import {
  type MessageFinding,
  MessageProof,
  type MessageProofOptions,
  type RecordedMessage,
} from './recheck-logged-messages.ts';
import type { SignatureVerification } from './verifier.ts';

export interface LogProofOptions extends MessageProofOptions {
  /** Of a log that is live: no record is later. */
  readonly nowMs?: () => number;
}

/** A record that should not be in a pool's input, and why. */
export interface ProofFault {
  readonly pool: string;
  readonly logOffset: number;
  readonly kind: string;
  readonly sender?: string;
  readonly uetr?: string;
  readonly fault: string;
}

/** Of a kind, in a pool, named one by one; beyond that they are counted: many cannot hide another. */
const FAULTS_NAMED = 100;

/** One line: where, what, whose, and why. */
export const faultLine = ({ pool, logOffset, kind, sender, uetr, fault }: ProofFault): string =>
  [`pool ${pool}, offset ${logOffset}: ${kind}`, sender && `of ${sender}`, uetr]
    .filter(Boolean)
    .join(' ')
    .concat(`: ${fault}`);

/**
 * Proves pools' logs, which stand already, in their order: that each record is what only its author could have caused. For
 * what it holds each record against, see MessageProof and ControlProof.
 */
export class LogProof {
  readonly #messages: MessageProof;
  readonly #controls = new Map<string, ControlProof>();
  /** The same of records that are learned before they are proven. */
  readonly #learned = new Map<string, ControlProof>();
  readonly #nowMs: (() => number) | null;
  readonly #proven = new Map<string, Map<string, number>>();
  readonly #faults: ProofFault[] = [];
  readonly #named = new Map<string, number>();
  #faultsCount = 0;
  readonly #faulty = new Map<string, Set<number>>();
  #waiting: RecordedMessage[] = [];
  #advancing: Promise<void> = Promise.resolve();

  constructor(options: LogProofOptions, verification: SignatureVerification) {
    this.#messages = new MessageProof(options, verification);
    this.#nowMs = options.nowMs ?? null;
  }

  /** The first of them. */
  get faults(): readonly ProofFault[] {
    return this.#faults;
  }

  get faultsCount(): number {
    return this.#faultsCount;
  }

  /** Records of a pool that are not proven. */
  faultsOf(pool: string): number {
    return this.#faulty.get(pool)?.size ?? 0;
  }

  /** Records proven, by kind: in a pool, or in all. */
  proven(pool?: string): ReadonlyMap<string, number> {
    const sum = new Map<string, number>();
    for (const [name, counts] of this.#proven)
      if (pool === undefined || name === pool)
        for (const [kind, count] of counts) sum.set(kind, (sum.get(kind) ?? 0) + count);
    return sum;
  }

  /** Keys and currencies of a pool that is proven later: what one pool has, verifiers know for all. */
  learn(pool: string, logOffset: number, value: Uint8Array): void {
    this.#control(this.#learned, pool, logOffset, value);
  }

  /**
   * Takes in a record, in the order of its pool's log; `advance` proves it where it is a message.
   * @param verified what the value says, where it was read before
   */
  take(pool: string, logOffset: number, value: Uint8Array, verified?: VerifiedRecord): void {
    this.fold(pool, logOffset, value);
    if (!isControl(value)) this.#waiting.push({ pool, logOffset, value, verified });
  }

  /**
   * Proves the messages that wait, where there are at least so many. It may be called again before it has resolved:
   * what is found is found in the order of the calls.
   */
  advance(atLeast: number): Promise<void> {
    if (this.#waiting.length < atLeast) return this.#advancing;
    const records = this.#waiting;
    this.#waiting = [];
    const before = this.#advancing;
    const checking = this.#messages.check(records);
    // It is awaited below, and what it threw thrown there.
    checking.catch(() => {});
    this.#advancing = before.then(async () => this.#foundAll(records, await checking));
    return this.#advancing;
  }

  /**
   * Begins to prove the messages that wait: threads have them when it resolves, and verify while the caller works.
   * @returns resolves when they are proven; who does not await it does not hear of what it threw
   */
  async begin(): Promise<{ readonly proving: Promise<void> }> {
    const proving = this.advance(1);
    proving.catch(() => {});
    await Promise.resolve();
    return { proving };
  }

  /** Takes in a record, in the order of its pool's log: a control record is proven, a message is not. */
  fold(pool: string, logOffset: number, value: Uint8Array): void {
    const finding = this.#control(this.#controls, pool, logOffset, value);
    if (finding) this.#found(pool, logOffset, finding);
  }

  /** @returns null for a message */
  #control(
    proofs: Map<string, ControlProof>,
    pool: string,
    logOffset: number,
    value: Uint8Array,
  ): ControlFinding | null {
    const proof = proofs.get(pool) ?? new ControlProof(pool, this.#nowMs);
    proofs.set(pool, proof);
    if (!isControl(value)) {
      proof.message(appendedAtMsOf(value));
      return null;
    }
    const control = controlOf(value);
    if (typeof control === 'string') return { kind: 'unreadable', fault: control };
    const finding = proof.take(control);
    if (!finding.isIneffective)
      this.#messages.learn(pool, control, logOffset, finding.fault === null);
    return finding;
  }

  /** Proves messages, in any order, once what lies before them was folded. */
  async prove(records: readonly RecordedMessage[]): Promise<void> {
    this.#foundAll(records, await this.#messages.check(records));
  }

  #foundAll(records: readonly RecordedMessage[], findings: readonly MessageFinding[]): void {
    for (const [index, finding] of findings.entries()) {
      const { pool, logOffset } = records[index] as RecordedMessage;
      this.#found(pool, logOffset, finding);
    }
  }

  #found(
    pool: string,
    logOffset: number,
    found: { kind: string; sender?: string; uetr?: string; fault: string | null },
  ): void {
    const { kind } = found;
    if (found.fault === null) {
      const proven = this.#proven.get(pool) ?? new Map<string, number>();
      this.#proven.set(pool, proven);
      proven.set(kind, (proven.get(kind) ?? 0) + 1);
      return;
    }
    const { fault, kind: _, ...whose } = found;
    // A background check comes by again.
    const known = this.#faulty.get(pool) ?? new Set<number>();
    this.#faulty.set(pool, known);
    if (known.has(logOffset)) return;
    known.add(logOffset);
    this.#faultsCount += 1;
    const named = this.#named.get(`${pool} ${kind}`) ?? 0;
    if (named === FAULTS_NAMED) return;
    this.#named.set(`${pool} ${kind}`, named + 1);
    this.#faults.push({ pool, logOffset, kind, ...whose, fault });
  }
}

function controlOf(value: Uint8Array) {
  try {
    const control = readControl(value);
    return controlFormFault(control) ?? control;
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}
