import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { CertifiedPayment } from '../../services/analysis/certificates/certificate-format.ts';
import {
  certificateFaults,
  verifyCertificate,
} from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { AnyCertificate } from '../../services/analysis/certificates/cycle-certificates.ts';
import type { NettingCertificate } from '../../services/analysis/certificates/netting-certificate.ts';
import type { OffsettingCertificate } from '../../services/analysis/certificates/offsetting-certificate.ts';
import { mutations } from '../support/certificate-mutations.ts';
import { certifiedCase, certifiedDay, resealed, withUetrs } from '../support/certified-days.ts';
import { everyCycleHolds, isNetting, isOffsetting } from './certified-cycles.ts';

everyCycleHolds(process.env.CORRIDOR_LONG_TESTS === '1' ? 40 : 24, false);

test('what waits from cycle to cycle is told as it stands, and is in each digest as it is told', () => {
  /** Payments whose class, or whose legs, differed from those that the certificate before had. */
  let changed = 0;
  for (let seed = 1; seed <= 25; seed += 1) {
    const last = new Map<number, string>();
    for (const { certificate, before } of certifiedDay(seed)) {
      const { digest, ...content } = certificate;
      const text = JSON.stringify(content);
      // Rows have their keys in order: none is put in order for the digest.
      assert.equal(createHash('sha256').update(text).digest('hex'), digest);
      if (isNetting(certificate)) continue;
      const told = certificate.payments.map((one) => JSON.stringify(termsTold(one)));
      const stand = before.payments.map(({ position, priority, isHeld, legs }) =>
        JSON.stringify([
          ...[position, ['urgent', 'high', 'normal'][priority], isHeld === true],
          legs.map(({ amount }) => String(amount)),
        ]),
      );
      assert.deepEqual(told, stand, `seed ${seed}`);
      for (const [index, { position }] of before.payments.entries()) {
        const known = last.get(position);
        if (known !== undefined && known !== stand[index]) changed += 1;
        last.set(position, stand[index] as string);
      }
    }
  }
  assert.ok(changed > 2, `${changed}`);
});

const termsTold = ({ position, priority, isHeld, legs }: CertifiedPayment) => [
  ...[position, priority, isHeld === true],
  legs.map(({ amount }) => amount),
];

for (const seed of [4, 5])
  test(`a matched pair that waits names its other leg, day ${seed}`, () => {
    const paired = certifiedDay(seed).flatMap(({ certificate }) =>
      'payments' in certificate
        ? certificate.payments.filter((one) => 'pairedWith' in one && one.pairedWith !== null)
        : [],
    );
    assert.ok(paired.length > 0);
    for (const { legs, uetr, pairedWith } of paired as readonly CertifiedPayment[])
      assert.ok(legs.length === 2 && pairedWith !== uetr && pairedWith?.length === uetr.length);
  });

test('who had defaulted before a cycle pays nothing in it, whatever it has: all is shared', () => {
  const [step] = certifiedCase(
    { cycle: 'deferredNet', defaultRule: 'shareTheLoss' },
    { 'A EUR': 100, 'B EUR': 100, 'C EUR': 100, 'D EUR': 100 },
    [
      'open EUR 1',
      ...['pay p1 D>A 80 EUR', 'pay p2 A>D 20 EUR'],
      // A lower cap undoes nothing: they are only what is shared by.
      ...['cap A EUR 50 for D', 'cap B EUR 30 for D', 'cap C EUR 20 for D'],
      ...['default D EUR', 'cycle EUR'],
    ],
  );
  const certificate = step?.certificate as NettingCertificate;
  assert.deepEqual(certificateFaults(certificate), []);
  assert.deepEqual(
    certificate.shares.map((s) => `${s.survivor} ${s.amount}`),
    // 60 in proportion to 50, 30 and 20.
    ['BANKDE00 30', 'BANKDE01 18', 'BANKDE02 12'],
  );
  const [, , , d] = certificate.nets;
  assert.deepEqual([d?.position, d?.netted, d?.balance], ['-60', '0', '100']);
  assert.deepEqual(certificate.defaults, []);
});

test('offsetting waits for its time and keeps limits across currencies, and its certificate says so', () => {
  const [step] = certifiedCase(
    { gridlockResolution: true, bilateralOffsetting: true, offsettingMinimumMs: 5000 },
    { 'A EUR': [0, 100], 'B EUR': 0 },
    [
      ...['open EUR 1', 'value EUR 1', 'across A EUR short 20 pooled none'],
      ...['pay p1 A>B 100 EUR', 'at 4000', 'pay p2 B>A 80 EUR', 'at 5000', 'cycle EUR'],
    ],
  );
  const certificate = step?.certificate as OffsettingCertificate;
  assert.deepEqual(certificateFaults(certificate), []);
  assert.equal(certificate.settled.length, 2);
  const { payments, crossLimits } = certificate;
  const later = payments.map((p, at) => (at === 0 ? { ...p, sinceMs: p.sinceMs + 1 } : p));
  const lower = crossLimits.map((l) => ({ ...l, aggregateShort: '19' }));
  for (const changes of [{ payments: later }, { crossLimits: lower }])
    assert.match(certificateFaults(resealed(certificate, changes)).join(), /nothing could be/);
});

const short = (
  list: readonly AnyCertificate[],
  kind: (c: AnyCertificate) => boolean,
  most: number,
) =>
  list
    .filter((c) => kind(c) && c.settled.length > 0 && JSON.stringify(c).length < 12_000)
    .slice(0, most)
    .map(withUetrs);

/** Small ones of both kinds, with what a forger could change. */
const samples = ((): AnyCertificate[] => {
  const all: AnyCertificate[] = [];
  for (let seed = 1; seed <= 80; seed += 1)
    all.push(...certifiedDay(seed).map(({ certificate }) => certificate));
  const rich = (c: AnyCertificate): boolean =>
    isNetting(c) && c.shares.length + c.unwound.length + c.refused.length > 1;
  return [...short(all, rich, 10), ...short(all, isNetting, 5), ...short(all, isOffsetting, 6)];
})();

const faultsOf = (certificate: unknown): string[] =>
  verifyCertificate(JSON.stringify(certificate)).faults;
/** What the certificates conclude; the rest is what they conclude it from. */
const CLAIMS = /^(settled|outcome|heldUp|nets|defaults|shares|unwound|refused\.[0-9]+\.short)/;

test('a netting or offsetting certificate with one thing changed does not hold', () => {
  let [changed, forged] = [0, 0];
  const survivors: string[] = [];
  for (const certificate of samples) {
    assert.deepEqual(faultsOf(certificate), []);
    for (const { path, value } of mutations(certificate)) {
      changed += 1;
      assert.notDeepEqual(faultsOf(value), [], path);
      if (!CLAIMS.test(path)) continue;
      forged += 1;
      // Shortages stand in no order.
      const isOrderOnly = /^heldUp( swapped|.*shortages swapped)$/.test(path);
      const claim = resealed(value as AnyCertificate, {});
      if (faultsOf(claim).length === 0 && !isOrderOnly) survivors.push(path);
    }
  }
  assert.ok(changed > 3000 && forged > 800, `${changed} changed, ${forged} forged`);
  assert.deepEqual(survivors, []);
});

test('premises of a netting cycle that others would have to follow are refused, digest and all', () => {
  let [tried, beyond, earlier] = [0, 0, 0];
  for (const c of samples.filter(isNetting)) {
    const forge = (changes: Partial<NettingCertificate>): void => {
      tried += 1;
      assert.notDeepEqual(certificateFaults(resealed(c, changes)), [], JSON.stringify(changes));
    };
    for (const [at, payment] of c.payments.entries()) {
      const more = { ...payment, amount: String(BigInt(payment.amount) + 1n) };
      forge({ payments: c.payments.with(at, more) });
      forge({ payments: c.payments.toSpliced(at, 1) });
      const turned = { ...payment, debtor: payment.creditor, creditor: payment.debtor };
      forge({ payments: c.payments.with(at, turned) });
      forge({ payments: c.payments.with(at, { ...payment, event: c.event + 1 }) });
    }
    // The first accepted payment would have been beyond a cap of 0, its own or its creditor's.
    const [first] = c.payments;
    const event = (first?.event ?? 0) - 1;
    const isFree = [...c.caps, ...c.refused].every((other) => other.event !== event);
    if (first !== undefined && isFree) {
      const { debtor, creditor } = first;
      const own = { event, participant: debtor, counterparty: null, cap: '0' };
      const granted = { event, participant: creditor, counterparty: debtor, cap: '0' };
      for (const cap of [own, granted]) {
        const caps = [...c.caps, cap].sort((one, other) => one.event - other.event);
        const faults = certificateFaults(resealed(c, { caps }));
        assert.match(faults.join(), /payment [0-9]+ was beyond its (netDebit|bilateral)Cap/);
        beyond += 1;
      }
    }
    for (const net of c.nets) {
      const at = c.accounts.findIndex((a) => a.participant === net.participant);
      const account = c.accounts[at] as NettingCertificate['accounts'][0];
      const richer = { ...account, balance: String(BigInt(account.balance) + 1n) };
      forge({ accounts: c.accounts.with(at, richer) });
      forge({ accounts: c.accounts.toSpliced(at, 1) });
    }
    // A defaulter's payment is not refused for a cap.
    const [capped] = c.refused;
    if (capped !== undefined && !c.payments.some(({ debtor }) => debtor === capped.debtor)) {
      const at = c.accounts.findIndex((a) => a.participant === capped.debtor);
      const account = c.accounts[at] as NettingCertificate['accounts'][0];
      const accounts = c.accounts.with(at, { ...account, defaultedAt: 1 });
      const faults = certificateFaults(resealed(c, { accounts }));
      assert.match(faults.join(), /refused: payment [0-9]+ is of \w+, which had defaulted/);
      earlier += 1;
    }
    for (const { short: by, debtor, creditor } of c.refused)
      for (const { by: kind } of by) {
        const isIt = (cap: NettingCertificate['caps'][0]): boolean =>
          kind === 'netDebitCap'
            ? cap.participant === debtor && cap.counterparty === null
            : cap.participant === creditor && cap.counterparty === debtor;
        forge({ caps: c.caps.filter((cap) => !isIt(cap)) });
      }
    if (c.shares.length > 0) forge({ onDefault: 'unwind' });
    const [account, ...accounts] = c.accounts;
    assert.ok(account);
    const most = { ...account, creditLine: `${2n ** 63n}` };
    const faults = certificateFaults(resealed(c, { accounts: [most, ...accounts] }));
    assert.match(faults.join(), /the credit line of \w+ is [0-9]+, expected within 64 bits/);
    const [one, two, ...payments] = c.payments;
    if (one === undefined || two === undefined) continue;
    const twins = resealed(c, { payments: [one, { ...two, uetr: one.uetr }, ...payments] });
    assert.match(certificateFaults(twins).join(), /UETR \S+ stands there twice/);
  }
  assert.ok(tried > 150 && beyond > 5 && earlier > 0, `${tried}, ${beyond}, ${earlier}`);
});
