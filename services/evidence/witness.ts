// Whether a proof shows that a tree only grew (`isConsistent`): merkle-tree.ts. Whose cosignatures count: cosigner-policy.ts.

import { hash } from 'node:crypto';
import { HASH_BYTES } from '../core/evidence/tree-hashing.ts';
import type { Signer } from '../core/verification/signing.ts';
import { type Checkpoint, parseCheckpoint, sizeFrom, unprovenCheckpoint } from './checkpoint.ts';
import { isAuditorName } from './cosigner-policy.ts';
import { emptyRoot, isConsistent } from './merkle-tree.ts';
import {
  cosignNote,
  EvidenceFault,
  formatNote,
  fromBase64,
  isSignedBy,
  KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNote,
  type SignedNote,
  signatureLine,
} from './signed-note.ts';

/**
 * A witness (c2sp.org/tlog-witness): of each log it cosigns one tree that only grows. What it signed is kept before
 * anybody is given it, so that neither a crash nor a second process with the same key signs another.
 */
export interface WitnessOptions {
  /** Logs that it knows; several keys of one name: each of them may sign. */
  readonly logs: readonly NoteKey[];
  /** Of its own key: a URL without a scheme. */
  readonly name: string;
  /** Of no other cosigner, and not that of a bank's payments. */
  readonly signer: Signer;
  readonly records: WitnessRecords;
  /** Since 1970. */
  readonly nowSeconds: () => bigint;
}

/** What a witness keeps, by log: notes that it cosigned, and notes that prove a fork. */
export interface WitnessRecords {
  /** @param log as `logFolder` names it; null: none */
  newest(log: string): NumberedText | null;
  /**
   * Keeps a text under the number that follows the newest one's, for good once it returns.
   * @returns false: there is one of that number or a later one, by another process
   */
  put(log: string, record: NumberedText): boolean;
  /** Keeps a text beside them, once under a name. */
  keep(log: string, name: string, text: string): void;
}

export interface NumberedText {
  readonly number: number;
  readonly text: string;
}

/** A request of `add-checkpoint`. */
export interface Submission {
  /** The size of which the proof is. */
  readonly old: number;
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** As HTTP tells it. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

const PROOF_LINES_MAX = 63;
const PLAIN = 'text/plain; charset=utf-8';
const SIZE = 'text/x.tlog.size';

/** How a log's records are named: an origin may have slashes. */
export const logFolder = (origin: string): string => hash('sha256', origin, 'hex').slice(0, 16);

/** @throws EvidenceFault: answered with 400 */
export function parseSubmission(body: string): Submission {
  const fail = (message: string): never => {
    throw new EvidenceFault(`the request ${message}`);
  };
  const split = body.indexOf('\n\n');
  if (split < 0) fail('has no empty line before its checkpoint');
  const [first = '', ...lines] = body.slice(0, split).split('\n');
  const old = first.startsWith('old ') ? sizeFrom(first.slice(4)) : null;
  if (old === null)
    return fail(`begins with ${JSON.stringify(first.slice(0, 40))}, expected old <size>`);
  if (lines.length > PROOF_LINES_MAX)
    fail(`has ${lines.length} lines of a proof, expected at most ${PROOF_LINES_MAX}`);
  const proof = lines.map((line, at) => {
    const one = fromBase64(line);
    return one?.length === HASH_BYTES
      ? one
      : fail(`has a line ${at + 2} that is not 32 bytes in base64`);
  });
  return { old, proof, checkpoint: body.slice(split + 2) };
}

interface Held extends Checkpoint {
  /** Of its record; 0: there is none. */
  readonly number: number;
  readonly note: string;
}

export class Witness {
  readonly key: NoteKey;
  readonly #options: WitnessOptions;

  /** @throws RangeError for a name that is none of a key, or an auditor's: it would say that this one re-executed */
  constructor(options: WitnessOptions) {
    if (isAuditorName(options.name)) throw new RangeError(`an auditor's name ${options.name}`);
    this.#options = options;
    this.key = noteKey(options.name, KEY_TYPE.cosignature, options.signer.publicKey);
  }

  /** Of a log: the size that it cosigned last, 0 for none. */
  heldSize(origin: string): number {
    return this.#held(origin).size;
  }

  /** The newest note that it cosigned, with its line; null: none. */
  cosigned(origin: string): string | null {
    const { number, note } = this.#held(origin);
    return number === 0 ? null : note;
  }

  /** Answers a request's body. What is answered with 200 is kept before. */
  answer(body: string): WitnessAnswer {
    try {
      return this.add(parseSubmission(body));
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
      return told(400, error.message);
    }
  }

  add({ old, proof, checkpoint }: Submission): WitnessAnswer {
    const { logs, name, signer, records, nowSeconds } = this.#options;
    let note: SignedNote;
    let seen: Checkpoint;
    try {
      note = parseNote(checkpoint);
      seen = parseCheckpoint(note.text);
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
      return told(400, error.message);
    }
    const { origin, size } = seen;
    const keys = logs.filter((key) => key.name === origin);
    if (keys.length === 0) return told(404, `no log ${origin} is known here`);
    const unsigned = unsignedBy(note, keys);
    if (unsigned !== null) return told(403, unsigned);
    if (old > size)
      return told(400, `the old size ${old} is above that of the checkpoint, ${size}`);
    const held = this.#held(origin);
    if (old !== held.size) return sizeTold(held.size);
    if (size === 0 && !areEqual(seen.root, emptyRoot()))
      return told(422, 'the root of an empty tree is another');
    if (!isConsistent(held, seen, proof)) {
      // Two roots of one size contradict each other by themselves, whatever the proof is.
      if (size === held.size && !areEqual(seen.root, held.root))
        records.keep(logFolder(origin), forkName(seen), checkpoint);
      return told(
        422,
        `it is not proven that the ${size} entries of ${origin} begin with the ${held.size} that were cosigned before`,
      );
    }
    const line = cosignNote(note.text, name, signer, nowSeconds());
    if (held.number === 0 || size > held.size) {
      const number = held.number + 1;
      const own = note.signatures.filter((one) =>
        keys.some((key) => key.name === one.name && key.id === one.keyId),
      );
      const text = formatNote({ text: note.text, signatures: [...own, line] });
      if (!records.put(logFolder(origin), { number, text })) return sizeTold(this.heldSize(origin));
    }
    return { status: 200, contentType: PLAIN, body: signatureLine(line) };
  }

  /** Keeps a note of the log that contradicts what was cosigned. @returns how it is named */
  keepFork(origin: string, checkpoint: string): string {
    const name = forkName(unprovenCheckpoint(checkpoint));
    this.#options.records.keep(logFolder(origin), name, checkpoint);
    return name;
  }

  #held(origin: string): Held {
    const kept = this.#options.records.newest(logFolder(origin));
    if (kept === null) return { origin, size: 0, root: emptyRoot(), number: 0, note: '' };
    return { ...unprovenCheckpoint(kept.text), number: kept.number, note: kept.text };
  }
}

const areEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const forkName = ({ size, root }: Checkpoint): string =>
  `fork-${size}-${Buffer.from(root).toString('hex').slice(0, 16)}`;

const told = (status: WitnessAnswer['status'], message: string): WitnessAnswer => ({
  status,
  contentType: PLAIN,
  body: `${message}\n`,
});

const sizeTold = (size: number): WitnessAnswer => ({
  status: 409,
  contentType: SIZE,
  body: `${size}\n`,
});

/** Null: one of the keys signed the note, and no signature of any of them is wrong. */
function unsignedBy(note: SignedNote, keys: readonly NoteKey[]): string | null {
  try {
    const signed = keys.filter((key) => isSignedBy(note, key)).length;
    return signed > 0 ? null : `no key that is known here for ${keys[0]?.name} signed it`;
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    return error.message;
  }
}
