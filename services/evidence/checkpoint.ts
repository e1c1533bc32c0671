import { HASH_BYTES } from '../core/evidence/tree-hashing.ts';
import { EvidenceFault, fromBase64, parseNote } from './signed-note.ts';

/** A log's state, as c2sp.org/tlog-checkpoint has it in a note's text. */
export interface Checkpoint {
  /** The log's name, which its key bears. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** What nobody could resolve: of logs whose owner has named no domain of his own. */
export const NO_DOMAIN = 'corridor.invalid';

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** Of a number as these formats write it: decimal, without leading zeros; null: it is none. */
export function sizeFrom(text: string): number | null {
  const number = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * Lines behind the third are the log's own, and signed with it.
 * @throws EvidenceFault
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', ...rest] = text.split('\n');
  const size = sizeFrom(sizeText);
  const root = fromBase64(rootText);
  if (origin === '') throw new EvidenceFault('the checkpoint has no origin in its first line');
  if (size === null)
    throw new EvidenceFault(
      `the checkpoint's size is ${JSON.stringify(sizeText)}, expected a number`,
    );
  if (root?.length !== HASH_BYTES)
    throw new EvidenceFault(
      `the checkpoint's root is ${JSON.stringify(rootText)}, expected 32 bytes in base64`,
    );
  // The last line's end leaves an empty text behind it.
  if (rest.length === 0 || rest.slice(0, -1).includes('') || rest.at(-1) !== '')
    throw new EvidenceFault('the checkpoint has an empty line, or its last has no end');
  return { origin, size, root };
}

/**
 * What a note says of its log, whoever signed it: for what needs to be known before its signatures are looked at.
 * @throws EvidenceFault
 */
export const unprovenCheckpoint = (note: string): Checkpoint =>
  parseCheckpoint(parseNote(note).text);
