/** Whether an entry, as that of a receipt, stands in a log that is believed. The path of hashes: merkle-tree.ts. */
import { openCheckpoint, type Policy, type TrustedCheckpoint } from './cosigner-policy.ts';
import { isIncluded, leafHash } from './merkle-tree.ts';
import { EvidenceFault } from './signed-note.ts';
import type { TlogProof } from './tlog-proof.ts';

/**
 * That the entry stands in a log of the policy, at the index and in the tree that the proof says.
 * @throws EvidenceFault where that is not proven
 */
export function checkTlogProof(
  proof: TlogProof,
  entry: Uint8Array,
  policy: Policy,
): TrustedCheckpoint {
  const checkpoint = openCheckpoint(proof.checkpoint, policy);
  const { size, root, origin } = checkpoint;
  if (!isIncluded(leafHash(entry), proof.index, size, proof.path, root))
    throw new EvidenceFault(
      `the entry is not at index ${proof.index} of the ${size} of ${origin}: its hash and the proof's do not lead to the checkpoint's root`,
    );
  return checkpoint;
}
