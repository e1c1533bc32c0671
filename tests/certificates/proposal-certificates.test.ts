import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  certificateFaults,
  verifyCertificate,
} from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { AnyCertificate } from '../../services/analysis/certificates/cycle-certificates.ts';
import type { ProposalCertificate } from '../../services/analysis/certificates/proposal-certificate.ts';
import { mutations } from '../support/certificate-mutations.ts';
import { certifiedCase, resealed } from '../support/certified-days.ts';
import { featuresOf, proposalDays } from './proposal-days.ts';

/** As files have them. */
const all: ProposalCertificate[] = [];
before(() => {
  all.push(...proposalDays(12));
});

test('every cycle of random days with proposals has a certificate that holds', () => {
  const seen = featuresOf(all);
  for (const what of ['undecided', 'resolved', 'settled', 'balance', 'notQueued', 'elsewhere'])
    assert.ok((seen.get(what) ?? 0) >= 3, `${what}: ${JSON.stringify([...seen])}`);
});

const faultsOf = (certificate: unknown): string[] =>
  verifyCertificate(JSON.stringify(certificate)).faults;

test('a certificate of a proposal with one thing changed does not hold; a false claim not even resealed', () => {
  // What the certificate concludes; the rest is what it concludes it from.
  const claims = /^(settled|outcome|heldUp|sets\.[0-9]+\.(refused|balances))/;
  const samples = all
    .filter((c) => c.sets.some((s) => s.refused === null) && JSON.stringify(c).length < 9_000)
    // Of equal ones any order is the same.
    .filter((c) => new Set(c.sets.map((s) => JSON.stringify(s))).size === c.sets.length)
    .slice(0, 6);
  let [changed, forged] = [0, 0];
  const survivors: string[] = [];
  for (const certificate of samples) {
    assert.deepEqual(faultsOf(certificate), []);
    for (const { path, value } of mutations(certificate)) {
      changed += 1;
      assert.notDeepEqual(faultsOf(value), [], path);
      if (!claims.test(path)) continue;
      forged += 1;
      const isOrderOnly = /^heldUp( swapped|.*shortages swapped)$/.test(path);
      if (faultsOf(resealed(value as AnyCertificate, {})).length === 0 && !isOrderOnly)
        survivors.push(path);
    }
  }
  assert.ok(changed > 500 && forged > 60, `${changed} changed, ${forged} forged`);
  assert.deepEqual(survivors, []);
});

test('it tells each set with the balances that it left, and of a refused one the account and the shortage', () => {
  const [step] = certifiedCase({ cycle: 'proposed' }, { 'A EUR': 5, 'B EUR': 0, 'C EUR': 0 }, [
    ...['open EUR 1', 'pay p1 A>B 10 EUR', 'pay p2 B>C 20 EUR', 'pay p3 B>A 10 EUR'],
    'propose p2 / p1 p3',
  ]);
  const certificate = step?.certificate as ProposalCertificate;
  assert.deepEqual(certificateFaults(certificate), []);
  assert.equal(certificate.mechanism, 'mine');
  const [refused, settled] = certificate.sets;
  const shortage = { by: 'balance', participant: 'BANKDE01', currency: 'CC0', counterparty: null };
  assert.deepEqual(refused?.refused, { kind: 'short', shortage: { ...shortage, amount: '20' } });
  assert.deepEqual(settled?.balances, [
    { participant: 'BANKDE00', currency: 'CC0', balance: '5' },
    { participant: 'BANKDE01', currency: 'CC0', balance: '0' },
  ]);
  const less = refused && {
    ...refused,
    refused: { kind: 'short', shortage: { ...shortage, amount: '19' } } as const,
  };
  const forged = resealed(certificate, { sets: [less, settled] as ProposalCertificate['sets'] });
  assert.match(
    certificateFaults(forged).join(),
    /^sets: set 1 is refused, for BANKDE01 is 20 CC0 short by its balance$/,
  );
  const other = resealed(certificate, { currencies: [] });
  assert.match(certificateFaults(other).join(), /by the rules CC0 take proposals, not /);
});
