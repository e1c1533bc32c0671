import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Certificate,
  certificateDigest,
} from '../../services/analysis/certificates/certificate-format.ts';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import { mutations } from '../support/certificate-mutations.ts';
import { samples } from './certificate-samples.ts';

const faultsOf = (certificate: unknown): string[] =>
  verifyCertificate(JSON.stringify(certificate)).faults;

test('a certificate with one thing changed does not hold, whatever it is', () => {
  let changed = 0;
  for (const certificate of samples(12)) {
    assert.deepEqual(faultsOf(certificate), []);
    for (const { path, value } of mutations(certificate)) {
      changed += 1;
      assert.notDeepEqual(faultsOf(value), [], path);
    }
  }
  assert.ok(changed > 3000, `${changed}`);
});

/** What a certificate concludes; the rest is what it concludes it from. */
const CLAIMS = /^(settled|largest|drops|outcome|heldUp|release)/;

test('a certificate whose conclusions were changed does not hold, digest and all', () => {
  const survivors = new Map<string, number>();
  let changed = 0;
  for (const certificate of samples(40))
    for (const { path, value } of mutations(certificate)) {
      if (!CLAIMS.test(path)) continue;
      // A heuristic claims no more than that its set can settle, and so does `settles`.
      const isHeuristic = ['multiple', 'bankClearing'].includes(certificate.mechanism);
      if (path.startsWith('release.settles') || (isHeuristic && path.startsWith('settled')))
        continue;
      const { digest: _, ...rest } = value as Certificate;
      const resealed = { ...rest, digest: certificateDigest(rest) } as Certificate;
      changed += 1;
      if (faultsOf(resealed).length > 0) continue;
      const kind = path.replaceAll(/[0-9]+/g, '*');
      survivors.set(kind, (survivors.get(kind) ?? 0) + 1);
    }
  assert.ok(changed > 3000, `${changed}`);
  // Two drops that do not depend on each other may change places: either order proves it.
  for (const harmless of ['drops swapped', 'release.drops swapped', 'heldUp swapped'])
    survivors.delete(harmless);
  // A proof may be longer than it must: a lower bound, or fewer drops, may prove the same amount.
  for (const proof of ['release.least', 'release.drops left out']) survivors.delete(proof);
  for (const kind of [...survivors.keys()])
    if (/shortages swapped$/.test(kind)) survivors.delete(kind);
  assert.deepEqual([...survivors], []);
});

test('what is no certificate is refused with the place and what was expected', () => {
  const [sample] = samples(1);
  assert.ok(sample);
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{', /^it is not JSON/],
    ['[]', /^\/: must be object/],
    [JSON.stringify({ ...sample, format: 'corridor-certificate-2' }), /^\/format: must be/],
    [JSON.stringify({ ...sample, timeMs: '1' }), /^\/timeMs: must be integer, found "1"/],
    [JSON.stringify({ ...sample, more: 1 }), /must not have "more"/],
  ];
  for (const [text, fault] of cases) {
    const { certificate, faults } = verifyCertificate(text);
    assert.equal(certificate, null);
    assert.match(faults.join(), fault);
  }
});
