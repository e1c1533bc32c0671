import assert from 'node:assert/strict';
import { certificateFaults } from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { ProposalCertificate } from '../../services/analysis/certificates/proposal-certificate.ts';
import { certifiedDay, withUetrs } from '../support/certified-days.ts';

/** The certificates of proposals of the random days of the seeds 1 to `days`; each holds. */
export function proposalDays(days: number): ProposalCertificate[] {
  const found: ProposalCertificate[] = [];
  for (let seed = 1; seed <= days; seed += 1)
    for (const { certificate, event } of certifiedDay(seed, true)) {
      assert.deepEqual(certificateFaults(certificate), [], `seed ${seed}, event ${event.number}`);
      if (certificate.format === 'corridor-proposal-certificate-1')
        found.push(withUetrs(certificate));
    }
  return found;
}

/** What certificates tell of, and how often. */
export function featuresOf(certificates: readonly ProposalCertificate[]): Map<string, number> {
  const seen = new Map<string, number>();
  const meet = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (const { outcome, sets } of certificates) {
    meet(outcome);
    for (const { refused } of sets)
      if (refused === null) meet('settled');
      else meet(refused.kind === 'short' ? refused.shortage.by : refused.kind);
  }
  return seen;
}
