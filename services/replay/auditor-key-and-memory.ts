/** Who audits: under which key it cosigns, and what it has cosigned. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '../core/verification/signing.ts';
import { type Checkpoint, parseCheckpoint } from '../evidence/checkpoint.ts';
import { isAuditorName, type TrustedCheckpoint } from '../evidence/cosigner-policy.ts';
import {
  cosignNote,
  EvidenceFault,
  formatNote,
  isSignedBy,
  KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNote,
} from '../evidence/signed-note.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { syncNames, writeWhole } from '../platform/folders-and-whole-files.ts';
import { makeNamedFolder } from '../platform/service/named-output.ts';

/** A cosigner whose cosignature says: re-executed to this size. */
export interface AuditorKey {
  readonly key: NoteKey;
  readonly signer: Signer;
}

/** @throws BadInput for a name that does not say that it is an auditor's */
export function auditorKey(name: string, signer: Signer): AuditorKey {
  if (!isAuditorName(name))
    throw new BadInput(`--name ${name}: expected <domain>/auditor/<who>, without spaces and +`);
  return { key: noteKey(name, KEY_TYPE.cosignature, signer.publicKey), signer };
}

/**
 * What an auditor has cosigned, of each log the newest: a folder with one signed note for a pool. It is on the disk
 * before anybody is given it. After a restart the auditor re-executes the input, and its tree has to have the
 * same root at that size.
 */
export class AuditorState {
  readonly #folder: string;
  readonly #own: AuditorKey;
  /** By pool what this process wrote last: what the file has still needs no signature looked at. */
  readonly #wrote = new Map<string, { readonly text: string; readonly checkpoint: Checkpoint }>();

  /** @throws BadInput where nothing can be written in the folder */
  constructor(folder: string, own: AuditorKey) {
    this.#folder = folder;
    this.#own = own;
    makeNamedFolder('--state', folder);
  }

  /** The file of a pool, in which the note is. */
  fileOf(pool: string): string {
    return join(this.#folder, `${pool}.checkpoint`);
  }

  /** The note as it is in the file; null: nothing was cosigned. */
  note(pool: string): string | null {
    const file = this.fileOf(pool);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }

  /**
   * What was cosigned last; null: nothing was.
   * @throws BadInput where the file has no cosignature of this key
   */
  last(pool: string): Checkpoint | null {
    const file = this.fileOf(pool);
    const text = this.note(pool);
    if (text === null) return null;
    const wrote = this.#wrote.get(pool);
    if (wrote?.text === text) return wrote.checkpoint;
    try {
      const note = parseNote(text);
      if (!isSignedBy(note, this.#own.key))
        throw new EvidenceFault(`it has no cosignature of ${this.#own.key.name}`);
      return parseCheckpoint(note.text);
    } catch (error) {
      if (!(error instanceof EvidenceFault)) throw error;
      throw new BadInput(`${file}: ${error.message}; expected what this auditor cosigned`);
    }
  }

  /** Notes by which keys of a pool's log were handed over. */
  handOvers(pool: string): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith(`${pool}.hand-over-`))
      .map((name) => readFileSync(join(this.#folder, name), 'utf8'));
  }

  /** Of a key the newest. */
  keepHandOver(pool: string, id: number, note: string): void {
    const name = `${pool}.hand-over-${id.toString(16).padStart(8, '0')}`;
    const file = join(this.#folder, name);
    if (existsSync(file) && readFileSync(file, 'utf8') === note) return;
    this.#write(name, note);
  }

  #write(name: string, text: string): void {
    writeWhole(this.#folder, name, text);
    syncNames(this.#folder);
  }

  /**
   * Cosigns checkpoints of a log whose events were re-executed, and keeps the last: whoever contradicts none of its size
   * contradicts no smaller one.
   * @param checkpoints of one tree, by size, at least one
   * @returns the notes with the log's signature and this auditor's
   * @throws EvidenceFault where the folder has a larger one, another of this size, or one of another log
   */
  cosign(pool: string, checkpoints: readonly TrustedCheckpoint[], nowMs: number): string[] {
    const { size, root, origin } = checkpoints.at(-1) as TrustedCheckpoint;
    const last = this.last(pool);
    if (last) {
      const fail = (found: string): never => {
        throw new EvidenceFault(
          `${this.fileOf(pool)} has ${found}: nothing that contradicts it is cosigned`,
        );
      };
      if (last.origin !== origin) fail(`a cosigned checkpoint of ${last.origin}, not of ${origin}`);
      if (last.size > size) fail(`one of ${last.size} entries, this is of ${size}`);
      if (last.size === size && Buffer.compare(last.root, root) !== 0)
        fail(`another root at ${size} entries`);
    }
    const seconds = BigInt(Math.floor(nowMs / 1000));
    const texts = checkpoints.map(({ note, log }) => {
      const own = cosignNote(note.text, this.#own.key.name, this.#own.signer, seconds);
      const byLog = note.signatures.filter(({ keyId }) => keyId === log.id);
      return formatNote({ text: note.text, signatures: [...byLog, own] });
    });
    const text = texts.at(-1) as string;
    this.#write(`${pool}.checkpoint`, text);
    this.#wrote.set(pool, { text, checkpoint: { size, root, origin } });
    return texts;
  }
}
