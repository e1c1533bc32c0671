/** All claims in their groups, and what becomes of them. */
import { boundsClaims } from './bounds-claims.ts';
import {
  type ClaimGroup,
  type Validated,
  type ValidationScope,
  validated,
} from './claim-and-finding.ts';
import { indicatorClaims } from './indicator-claims.ts';
import { liquidityGame } from './liquidity-game.ts';
import { pairedClaims } from './paired-claims.ts';
import { queueClaims } from './queue-claims.ts';
import { pssimpyClaims, simcashClaims } from './rival-claims.ts';

export interface ValidatedGroup extends Pick<ClaimGroup, 'title' | 'text'> {
  readonly rows: readonly Validated[];
}

export const CLAIM_GROUPS: readonly ClaimGroup[] = [
  boundsClaims,
  queueClaims,
  indicatorClaims,
  liquidityGame,
  pssimpyClaims,
  simcashClaims,
  pairedClaims,
];

/**
 * Computes every claim, one after the other: the same scope gives the same rows on every machine.
 * @param onRow is told each row as it is there
 */
export async function validate(
  scope: ValidationScope,
  onRow: (row: Validated) => void = () => {},
): Promise<ValidatedGroup[]> {
  const groups: ValidatedGroup[] = [];
  for (const { title, text, claims } of CLAIM_GROUPS) {
    const rows: Validated[] = [];
    for (const claim of claims) {
      const row = await validated(claim, scope);
      onRow(row);
      rows.push(row);
    }
    groups.push({ title, text, rows });
  }
  return groups;
}
