import { readFileSync } from 'node:fs';
import { openedEntry, openingFrom } from '../evidence/event-commitment.ts';
import { type Policy, parsePolicy } from '../evidence/policy.ts';
import { EvidenceFault } from '../evidence/signed-note.ts';
import { checkTlogProof, parseTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';

/** What a proof of a log has to be held against. */
export interface ProofFlags {
  /** Whose logs are believed. */
  readonly policy?: string;
  /** The bytes that are in the log, where the proof does not say by itself what they are made of. */
  readonly entry?: string;
}

/**
 * Checks a `.tlog-proof`, of this program or of any other.
 * @returns what it proves, in words
 * @throws EvidenceFault where it proves nothing, BadInput where something is missing
 */
export function verifyProof(file: string, text: string, { policy, entry }: ProofFlags): string {
  if (policy === undefined)
    throw new BadInput(`${file}: expected --policy FILE, which says whose logs are believed`);
  const believed = policyIn(policy);
  const proof = parseTlogProof(text);
  const opening = openingFrom(proof.extra ?? new Uint8Array());
  if (entry === undefined && opening === null)
    throw new BadInput(
      `${file}: it does not say of what entry it is; expected --entry FILE with the bytes that are in the log`,
    );
  const bytes = entry === undefined ? openedEntry(opening as never) : bytesIn(entry);
  const { origin, size, root } = checkTlogProof(proof, bytes, believed);
  const head = `checkpoint of ${size}, root ${Buffer.from(root).toString('base64')}`;
  return `entry ${proof.index} of ${origin} (${head})`;
}

function policyIn(file: string): Policy {
  try {
    return parsePolicy(bytesIn(file).toString('utf8'));
  } catch (error) {
    if (error instanceof EvidenceFault) throw new BadInput(`${file}: ${error.message}`);
    throw error;
  }
}

function bytesIn(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInput(`${file}: cannot be read (${code}); expected a file`);
  }
}
