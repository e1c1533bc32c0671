import { HASH_BYTES } from '../core/evidence/tree-hashing.ts';
import { quoted } from '../protocol/rules/refusal.ts';
import { sizeFrom } from './checkpoint.ts';
import { EvidenceFault, fromBase64 } from './signed-note.ts';

/** That an entry is in a log (c2sp.org/tlog-proof), for whoever has neither: everything but the entry itself. */
export interface TlogProof {
  /** Not proven by itself: what an entry is made of, for example. Null: none. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly path: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

export const PROOF_FIRST_LINE = 'c2sp.org/tlog-proof@v1';
export const PROOF_ENDING = '.tlog-proof';
/** A tree of 2^63 entries has no longer path. */
const PATH_MAX = 63;

export const isTlogProof = (text: string): boolean => text.startsWith(`${PROOF_FIRST_LINE}\n`);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  const lines = [
    PROOF_FIRST_LINE,
    ...(extra ? [`extra ${base64(extra)}`] : []),
    `index ${index}`,
    ...path.map(base64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** @throws EvidenceFault */
export function parseTlogProof(text: string): TlogProof {
  const fail = (message: string): never => {
    throw new EvidenceFault(`the proof ${message}`);
  };
  if (!isTlogProof(text)) {
    const [found = ''] = text.split('\n', 1);
    fail(`does not begin with the line ${PROOF_FIRST_LINE}: its first is ${quoted(found)}`);
  }
  const split = text.indexOf('\n\n');
  if (split < 0) fail('has no empty line before its checkpoint');
  const lines = text.slice(PROOF_FIRST_LINE.length + 1, split).split('\n');
  const [first = ''] = lines;
  const extra = first.startsWith('extra ') ? fromBase64(first.slice(6)) : undefined;
  if (extra === null) fail('has an extra line that is not base64');
  if (extra !== undefined) lines.shift();
  const [indexLine = '', ...hashes] = lines;
  const index = indexLine.startsWith('index ') ? sizeFrom(indexLine.slice(6)) : null;
  if (index === null) return fail(`has ${JSON.stringify(indexLine)} in place of its index`);
  if (hashes.length > PATH_MAX) fail(`has ${hashes.length} hashes, expected at most ${PATH_MAX}`);
  const path = hashes.map((line, at) => {
    const one = fromBase64(line);
    return one?.length === HASH_BYTES
      ? one
      : fail(`has a hash ${at + 1} that is not 32 bytes in base64`);
  });
  return { extra: extra ?? null, index, path, checkpoint: text.slice(split + 2) };
}
