// Which checkpoints were cosigned, by the topic. What a cosignature covers (`cosigned`): signed-note.ts; how many of whom count:
// cosigner-policy.ts.

import type { LoggedMessage, LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import type { Message } from '../protocol/names/message.ts';
import { COSIGNATURES } from '../protocol/names/topic-plan.ts';
import { parseCheckpoint, unprovenCheckpoint } from './checkpoint.ts';
import { leastAsked, type Policy, parsePolicy, signedCheckpoint } from './cosigner-policy.ts';
import {
  EvidenceFault,
  formatNote,
  isSignedBy,
  type NoteKey,
  type NoteSignature,
  parseNote,
  type SignedNote,
} from './signed-note.ts';

type CosignatureLog = Pick<LogPort, 'read' | 'startOffset' | 'endOffset'>;

/** What is older of the topic is not read at first: of a dozen cosigners at five checkpoints a second, a minute. */
const RECENT_RECORDS = 4_096;
/** Checkpoints of a log that wait for cosignatures; a quorum that needs longer than these is of newer ones. */
const WAITING_MAX = 64;

interface Cosigned {
  readonly size: number;
  /** The checkpoint as the log signed it. */
  readonly text: string;
  readonly byLog: NoteSignature;
  readonly lines: Map<NoteKey, NoteSignature>;
}

/** A note's: new lines; known without a look at a signature; or verified, and nothing new in it. */
type Brought = 'new' | 'known' | 'repeated';

interface Fresh {
  readonly origin: string;
  readonly cosigned: Cosigned;
  readonly lines: readonly (readonly [NoteKey, NoteSignature])[];
}

const lineOf = ({ signatures }: SignedNote, { name, id }: NoteKey): NoteSignature | undefined =>
  signatures.find((one) => one.name === name && one.keyId === id);
/** @param keys that signed it */
const linesOf = (note: SignedNote, keys: readonly NoteKey[]): Fresh['lines'] =>
  keys.map((key) => [key, lineOf(note, key) as NoteSignature] as const);

/** By log: those that wait, by size, and the newest that the policy takes. */
interface OfLog {
  waiting: Cosigned[];
  met: Cosigned | null;
}

/** A note for the topic `cosignatures`. @param note whose text is a checkpoint's */
export function cosignatureMessage(note: string): Message {
  const { origin } = unprovenCheckpoint(note);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { key: origin, value: Buffer.from(note), headers };
}

/** Which checkpoints the policy's witnesses have cosigned, from the topic `cosignatures`. It is read when somebody asks. */
export class CosignedCheckpoints {
  /** As the network publishes it. */
  readonly policyText: string;
  readonly #policy: Policy;
  readonly #log: CosignatureLog;
  readonly #logs = new Map<string, OfLog>();
  /** By log and cosigner the largest that was taken. */
  readonly #largest = new Map<string, Map<NoteKey, Cosigned>>();
  #next = 0;
  #accepting: Promise<unknown> = Promise.resolve();

  /** @throws EvidenceFault for a policy that is none */
  constructor(log: CosignatureLog, policyText: string) {
    this.#log = log;
    this.policyText = policyText;
    this.#policy = parsePolicy(policyText);
  }

  /**
   * The newest that the quorum cosigned, those that wait for it, and such as contradict that one at its size: as the log
   * signed them, as far as the topic was read.
   */
  checkpoints(origin: string): string[] {
    const { waiting, met } = this.#logs.get(origin) ?? { waiting: [], met: null };
    return [...(met ? [met] : []), ...waiting].map(({ text }) => text);
  }

  /** How many of whom the policy asks for, such as "2 of A, B, C". */
  get asked(): string {
    const { witnesses } = this.#policy;
    return `${leastAsked(this.#policy, witnesses)} of ${witnesses.map(({ name }) => name).join(', ')}`;
  }

  /** The newest note of a log that the quorum cosigned; null: none is known. */
  async newest(origin: string): Promise<string | null> {
    await this.catchUp();
    const met = this.#logs.get(origin)?.met;
    return met
      ? formatNote({ text: met.text, signatures: [met.byLog, ...met.lines.values()] })
      : null;
  }

  /** The text of the newest checkpoint of a log that the quorum cosigned, as far as the topic was read; null: of none. */
  met(origin: string): string | null {
    return this.#logs.get(origin)?.met?.text ?? null;
  }

  /** Entries of a log that the quorum cosigned, as far as the topic was read. */
  size(origin: string): number {
    return this.#logs.get(origin)?.met?.size ?? 0;
  }

  /** How many entries of a log each of the policy's cosigners has cosigned, as far as the topic was read. */
  sizes(origin: string): ReadonlyMap<NoteKey, number> {
    const known = this.#largest.get(origin);
    return new Map(this.#policy.witnesses.map((key) => [key, known?.get(key)?.size ?? 0]));
  }

  /** The text of the largest checkpoint of a log that each of its cosigners has cosigned, as far as the topic was read. */
  largest(origin: string): ReadonlyMap<NoteKey, string> {
    return new Map([...(this.#largest.get(origin) ?? [])].map(([key, { text }]) => [key, text]));
  }

  /** Takes what comes to the topic, after at most so long. @throws what a log throws */
  async follow(waitMs: number): Promise<void> {
    const records = await this.#log.read(COSIGNATURES, 0, this.#next, RECENT_RECORDS, { waitMs });
    for (const record of records) this.#take(record);
    // After a month without any the topic begins further on.
    if (records.length === 0) await this.catchUp();
  }

  /** Takes what the topic has now. @throws what a log throws */
  async catchUp(): Promise<void> {
    const end = await this.#log.endOffset(COSIGNATURES, 0);
    const start = await this.#log.startOffset(COSIGNATURES, 0);
    const from = Math.max(this.#next, start, end - RECENT_RECORDS);
    this.#next = from;
    for await (const record of recordsOf(this.#log, COSIGNATURES, 0, { from, end }))
      this.#take(record);
  }

  /**
   * Begins with so much of the topic that a checkpoint of the log is in it which the quorum cosigned, whatever any bank
   * wrote behind that; or else with the newest 4,096 that cosigners wrote. @throws what a log throws
   */
  async begin(origin: string): Promise<void> {
    const start = await this.#log.startOffset(COSIGNATURES, 0);
    const end = await this.#log.endOffset(COSIGNATURES, 0);
    for (let count = RECENT_RECORDS; ; count *= 4) {
      const from = Math.max(start, end - count);
      this.#logs.clear();
      this.#largest.clear();
      this.#next = from;
      let kept = 0;
      for await (const record of recordsOf(this.#log, COSIGNATURES, 0, { from, end }))
        if (this.#take(record)) kept += 1;
      if (from === start || this.met(origin) !== null || kept >= RECENT_RECORDS) return;
    }
  }

  /**
   * Takes a note with cosignatures that somebody brings. It is known once the topic has it; what the topic has by then
   * is read before.
   * @param write has it in the topic
   * @returns what it brought; those of other cosigners are passed over
   * @throws EvidenceFault where the log or a witness did not sign it
   */
  accept(note: string, write: () => Promise<unknown>): Promise<Brought> {
    // One after the other: what two bring at once is written once.
    this.#accepting = this.#accepting
      .catch(() => {})
      .then(async () => {
        await this.catchUp();
        const judged = this.#judge(note, true);
        if (typeof judged === 'string') return judged;
        await write();
        this.#keep(judged);
        return 'new';
      });
    return this.#accepting as Promise<Brought>;
  }

  /**
   * @param isBrought whoever brings it is told of each line that does not verify; in the topic lines of who cosigned the
   *   checkpoint already cost nothing
   * @throws EvidenceFault as above
   */
  #judge(note: string, isBrought: boolean): Fresh | Exclude<Brought, 'new'> {
    const parsed = parseNote(note);
    const { origin, size } = parseCheckpoint(parsed.text);
    for (const { name, id } of [...this.#policy.logs, ...this.#policy.witnesses])
      if (parsed.signatures.filter((one) => one.name === name && one.keyId === id).length > 1)
        throw new EvidenceFault(`the note has several signatures of ${name}`);
    const { waiting, met } = this.#logs.get(origin) ?? { waiting: [], met: null };
    const known = [...waiting, ...(met ? [met] : [])].find(({ text }) => text === parsed.text);
    // Whoever replays what is public is to cost no verification.
    if (!known) {
      const [least] = waiting.length < WAITING_MAX ? [] : waiting;
      // Of the size of the newest another one is a fork.
      if (size < Math.max(met?.size ?? 0, least?.size ?? 0)) return 'known';
    } else if (this.#isKnown(known, parsed)) return 'known';
    else if (!isBrought) {
      // As the log signed it, as was verified when it was new.
      const added = this.#policy.witnesses.filter(
        (key) => !known.lines.has(key) && isSignedBy(parsed, key),
      );
      if (added.length === 0) return 'known';
      return { origin, cosigned: known, lines: linesOf(parsed, added) };
    }
    const { log } = signedCheckpoint(note, this.#policy);
    const signers = this.#policy.witnesses.filter((key) => isSignedBy(parsed, key));
    if (signers.length === 0)
      throw new EvidenceFault(`no witness of the policy cosigned the checkpoint of ${origin}`);
    const fresh = signers.filter((key) => !known?.lines.has(key));
    if (fresh.length === 0) return 'repeated';
    const byLog = lineOf(parsed, log) as NoteSignature;
    const cosigned = known ?? { size, text: parsed.text, byLog, lines: new Map() };
    return { origin, cosigned, lines: linesOf(parsed, fresh) };
  }

  /** Whether it has lines of witnesses, and each as it was verified before. */
  #isKnown(known: Cosigned, parsed: SignedNote): boolean {
    const own = this.#policy.witnesses.filter((key) => lineOf(parsed, key));
    const isAsBefore = (key: NoteKey) =>
      Buffer.compare(
        lineOf(parsed, key)?.signature ?? Buffer.alloc(0),
        known.lines.get(key)?.signature ?? Buffer.alloc(0),
      ) === 0;
    return own.length > 0 && own.every(isAsBefore);
  }

  #keep({ origin, cosigned, lines }: Fresh): void {
    const ofLog = this.#logs.get(origin) ?? { waiting: [], met: null };
    this.#logs.set(origin, ofLog);
    const largest = this.#largest.get(origin) ?? new Map<NoteKey, Cosigned>();
    this.#largest.set(origin, largest);
    for (const [key, line] of lines) {
      cosigned.lines.set(key, line);
      if (cosigned.size > (largest.get(key)?.size ?? 0)) largest.set(key, cosigned);
    }
    if (this.#policy.isMet((key) => cosigned.lines.has(key))) ofLog.met = cosigned;
    const { met } = ofLog;
    ofLog.waiting = [...new Set([...ofLog.waiting, cosigned])]
      .filter((one) => one !== met && one.size >= (met?.size ?? 0))
      .sort((a, b) => a.size - b.size)
      .slice(-WAITING_MAX);
  }

  /** @returns whether it has something new */
  #take({ value, logOffset }: LoggedMessage): boolean {
    // Somebody else may have read it meanwhile.
    if (logOffset < this.#next) return false;
    this.#next = logOffset + 1;
    try {
      const judged = this.#judge(Buffer.from(value).toString(), false);
      if (typeof judged === 'string') return false;
      this.#keep(judged);
      return true;
    } catch (error) {
      // Any bank may write there: what no witness signed is nobody's cosignature.
      if (!(error instanceof EvidenceFault)) throw error;
      return false;
    }
  }
}
