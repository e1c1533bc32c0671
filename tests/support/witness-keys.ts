/** Banks that witness logs: keys of made-up secrets, what a policy says of them, and what they cosign. */
import { createSigner } from '../../services/core/verification/signing.ts';
import { type Checkpoint, checkpointText } from '../../services/evidence/checkpoint.ts';
import {
  cosignNote,
  formatNote,
  KEY_TYPE,
  noteKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';

/** @param firstByte of which the first one's secret is; the next one's is of the next */
export const witnessKeys = (firstByte: number, ...names: readonly string[]) =>
  names.map((who, at) => {
    const secret = Buffer.alloc(32, firstByte + at);
    const signer = createSigner(secret);
    const name = `corridor.example/witness/${who}`;
    return {
      who,
      secret,
      signer,
      name,
      key: noteKey(name, KEY_TYPE.cosignature, signer.publicKey),
    };
  });
export type WitnessKey = ReturnType<typeof witnessKeys>[number];

export const witnessLines = (keys: readonly WitnessKey[]): string =>
  keys.map(({ who, key }) => `witness ${who} ${verifierKey(key)}\n`).join('');

/** Of a policy that asks for so many of them. */
export const quorumLines = (keys: readonly WitnessKey[], least: number): string =>
  `${witnessLines(keys)}group banks ${least} ${keys.map(({ who }) => who).join(' ')}\nquorum banks\n`;

/** A checkpoint that the log signed and a witness cosigned, so many times. */
export function cosignedCheckpoint(
  checkpoint: Checkpoint,
  logSecret: Uint8Array,
  { name, signer }: Pick<WitnessKey, 'name' | 'signer'>,
  times = 1,
): string {
  const text = checkpointText(checkpoint);
  const byLog = signNote(text, checkpoint.origin, createSigner(logSecret));
  const lines = Array(times).fill(cosignNote(text, name, signer, 5n));
  return formatNote({ text, signatures: [byLog, ...lines] });
}
