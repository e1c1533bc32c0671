import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateDigest } from '../../services/analysis/certificates/certificate-format.ts';
import { checkCertificate } from '../../services/analysis/certificates/check/gridlock-check.ts';
import { certifyRun } from '../../services/analysis/certificates/gridlock-certificate.ts';
import { isForeseeable } from '../../services/analysis/queues/money-to-release.ts';
import { play } from '../settlement/played-day.ts';
import { NAMES, PLACE } from './certificate-samples.ts';

/** Rows that value three currencies and bound what A and B may owe in all. */
const ACROSS = [
  'value EUR 2 haircut 500',
  'value USD 1',
  'value CNY 1 haircut 1000',
  ...['A', 'B'].flatMap((bank) => ['EUR', 'USD', 'CNY'].map((c) => `line ${bank} ${c} 4`)),
  'across A EUR short 3 pooled none',
  'across B EUR short none pooled 2',
];

test('certificates with limits across currencies hold, and claim no largest set', () => {
  const seen = new Map<string, number>();
  let bound = 0;
  for (let seed = 1; seed <= 250; seed += 1) {
    const { runs } = play(seed, 3, seed % 2 === 0, ACROSS);
    for (const { run, state } of runs) {
      assert.equal(state.crossLimits.length, 2);
      assert.ok(!isForeseeable(state));
      const certificate = certifyRun(state, run, PLACE, NAMES);
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}, cycle ${run.cycle}`);
      const kind = certificate.outcome ?? '';
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (certificate.settled.length < certificate.largest.length) bound += 1;
      const across = certificate.heldUp
        .flatMap((h) => h.shortages)
        .filter((s) => /^(aggregate|pooled)/.test(s.by));
      if (across.length > 0) seen.set('heldUp across', (seen.get('heldUp across') ?? 0) + 1);
      // More than the limits allow is not certified.
      const { digest: _, ...rest } = certificate;
      const free = {
        ...rest,
        crossLimits: certificate.crossLimits.map((l) => ({
          ...l,
          aggregateShort: '0',
          pooledCollateral: '0',
        })),
      };
      const faults = checkCertificate({ ...free, digest: certificateDigest(free) });
      if (faults.some((fault) => fault.includes('across its currencies')))
        seen.set('refused', (seen.get('refused') ?? 0) + 1);
    }
  }
  assert.ok(bound > 5, `${bound}`);
  for (const kind of ['resolved', 'deadlock', 'undecided', 'heldUp across', 'refused'])
    assert.ok((seen.get(kind) ?? 0) >= 2, `${kind}: ${JSON.stringify([...seen])}`);
});
