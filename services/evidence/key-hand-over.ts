import type { Signer } from '../core/verification/signing.ts';
import { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts';
import { type Policy, signedCheckpoint } from './cosigner-policy.ts';
import {
  EvidenceFault,
  formatNote,
  isSignedBy,
  KEY_TYPE,
  type NoteKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from './signed-note.ts';

/**
 * How a log changes its key: its last checkpoint under the old one has a line of its own behind the root, which names
 * the next. Both keys sign it: the old one says who comes, the new one that it is there. Whoever believes the
 * old key can believe the new one from this size on, and witnesses see it as they see any checkpoint.
 *
 *     <origin>
 *     <size>
 *     <root>
 *     next-key <origin>+<id>+<base64>
 */
const NEXT = 'next-key ';
/** Beside the log's checkpoint, for whoever believes the old key. */
export const HAND_OVER_FILE = 'hand-over';

export interface KeyHandOver {
  /** The last under the old key. */
  readonly checkpoint: Checkpoint;
  readonly from: NoteKey;
  readonly to: NoteKey;
}

/** @throws RangeError where both are one key */
export function handOverNote(checkpoint: Checkpoint, from: Signer, to: Signer): string {
  if (Buffer.compare(from.publicKey, to.publicKey) === 0)
    throw new RangeError('a key is handed over to itself');
  const { origin } = checkpoint;
  const next = verifierKey(noteKey(origin, KEY_TYPE.log, to.publicKey));
  const text = `${checkpointText(checkpoint)}${NEXT}${next}\n`;
  const signatures = [from, to].map((signer) => signNote(text, origin, signer));
  return formatNote({ text, signatures });
}

/**
 * The key to which the note of a checkpoint hands its log over; nothing of it is believed yet. Null: to none.
 * @throws EvidenceFault where there are several, or the line has no key
 */
export function nextKeyIn(note: string): NoteKey | null {
  const lines = parseNote(note)
    .text.split('\n')
    .slice(3)
    .filter((line) => line.startsWith(NEXT));
  if (lines.length > 1)
    throw new EvidenceFault(`the checkpoint has ${lines.length} lines next-key`);
  return lines[0] === undefined ? null : parseVerifierKey(lines[0].slice(NEXT.length));
}

/**
 * The hand-over of a log of the policy.
 * @throws EvidenceFault where it is none, the policy has not the old key, or the new key has not signed it
 */
export function openHandOver(text: string, { logs }: Pick<Policy, 'logs'>): KeyHandOver {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.text);
  const { origin } = checkpoint;
  const to = nextKeyIn(text);
  if (!to) throw new EvidenceFault(`the checkpoint of ${origin} has no line next-key`);
  if (to.name !== origin || to.type !== KEY_TYPE.log)
    throw new EvidenceFault(
      `the key of ${origin} is handed over to ${to.name}, expected its own name`,
    );
  const others = logs.filter(({ id }) => id !== to.id);
  const { log: from } = signedCheckpoint(text, { logs: others });
  if (!isSignedBy(note, to))
    throw new EvidenceFault(`the key to which ${origin} is handed over has not signed that`);
  return { checkpoint, from, to };
}
