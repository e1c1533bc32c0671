import { type Policy, parsePolicy, signedCheckpoint } from '../evidence/policy.ts';
import {
  EvidenceFault,
  formatNote,
  isSignedBy,
  type NoteKey,
  type NoteSignature,
} from '../evidence/signed-note.ts';
import type { LogPort } from '../live/ports.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { COSIGNATURES } from '../protocol/names/topic-plan.ts';

type CosignatureLog = Pick<LogPort, 'read' | 'startOffset' | 'endOffset'>;

/** What is older of the topic is not read: some minutes of a network with a dozen witnesses. */
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

/** By log: those that wait, and the newest that the policy takes. */
interface OfLog {
  waiting: Cosigned[];
  met: Cosigned | null;
}

/** Which checkpoints the policy's witnesses have cosigned, from the topic `cosignatures`. It is read when somebody asks. */
export class CosignedCheckpoints {
  /** As the network publishes it. */
  readonly policyText: string;
  readonly #policy: Policy;
  readonly #log: CosignatureLog;
  readonly #logs = new Map<string, OfLog>();
  #next = 0;

  /** @throws EvidenceFault for a policy that is none */
  constructor(log: CosignatureLog, policyText: string) {
    this.#log = log;
    this.policyText = policyText;
    this.#policy = parsePolicy(policyText);
  }

  /** The newest note of a log that the quorum cosigned; null: none is known. */
  async newest(origin: string): Promise<string | null> {
    await this.#readOn();
    const met = this.#logs.get(origin)?.met;
    return met
      ? formatNote({ text: met.text, signatures: [met.byLog, ...met.lines.values()] })
      : null;
  }

  /**
   * Takes a note with cosignatures.
   * @returns whether one of them was not known; those of other cosigners are passed over
   * @throws EvidenceFault where the log or a witness did not sign it
   */
  take(note: string): boolean {
    const { origin, size, note: parsed, log } = signedCheckpoint(note, this.#policy);
    const signers = this.#policy.witnesses.filter((key) => isSignedBy(parsed, key));
    if (signers.length === 0)
      throw new EvidenceFault(`no witness of the policy cosigned the checkpoint of ${origin}`);
    const ofLog = this.#logs.get(origin) ?? { waiting: [], met: null };
    this.#logs.set(origin, ofLog);
    const { text } = parsed;
    const lineOf = ({ name, id }: NoteKey) =>
      parsed.signatures.find((one) => one.name === name && one.keyId === id) as NoteSignature;
    const known = [...ofLog.waiting, ...(ofLog.met ? [ofLog.met] : [])].find(
      (one) => one.text === text,
    );
    if (!known && size <= (ofLog.met?.size ?? -1)) return false;
    const cosigned = known ?? { size, text, byLog: lineOf(log), lines: new Map() };
    const fresh = signers.filter((key) => !cosigned.lines.has(key));
    for (const key of fresh) cosigned.lines.set(key, lineOf(key));
    if (!known) ofLog.waiting.push(cosigned);
    if (this.#policy.isMet((key) => cosigned.lines.has(key))) ofLog.met = cosigned;
    const least = ofLog.met?.size ?? -1;
    ofLog.waiting = ofLog.waiting.filter((one) => one.size > least).slice(-WAITING_MAX);
    return fresh.length > 0;
  }

  async #readOn(): Promise<void> {
    const end = await this.#log.endOffset(COSIGNATURES, 0);
    const start = await this.#log.startOffset(COSIGNATURES, 0);
    const from = Math.max(this.#next, start, end - RECENT_RECORDS);
    for await (const { value, logOffset } of recordsOf(this.#log, COSIGNATURES, 0, { from, end })) {
      // Somebody else may have read it meanwhile.
      if (logOffset < this.#next) continue;
      this.#next = logOffset + 1;
      try {
        this.take(Buffer.from(value).toString());
      } catch (error) {
        // Any bank may write there: what no witness signed is nobody's cosignature.
        if (!(error instanceof EvidenceFault)) throw error;
      }
    }
  }
}
