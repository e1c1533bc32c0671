import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offsetGroups } from '../../services/analysis/certificates/check/offsetting-check.ts';
import { certificateFaults } from '../../services/analysis/certificates/check/verify-certificate.ts';
import type { AnyCertificate } from '../../services/analysis/certificates/cycle-certificates.ts';
import type { NettingCertificate } from '../../services/analysis/certificates/netting-certificate.ts';
import type { OffsettingCertificate } from '../../services/analysis/certificates/offsetting-certificate.ts';
import { certifiedDay } from '../support/certified-days.ts';

export const isNetting = (c: AnyCertificate): c is NettingCertificate =>
  c.format === 'corridor-netting-certificate-1';
export const isOffsetting = (c: AnyCertificate): c is OffsettingCertificate =>
  c.format === 'corridor-offsetting-certificate-1';

/** What the certificates of the days are about: the tests are worth nothing unless they reach it. */
function featuresOf(certificate: AnyCertificate): string[] {
  if (isNetting(certificate)) {
    const { outcome, onDefault, defaults, shares, unwound, refused, accounts, caps } = certificate;
    const lost = shares.length > 0 && unwound.length > 0 ? ['shared and unwound'] : [];
    return [
      `netting ${outcome}`,
      ...(defaults.length > 0 ? [`${onDefault}, defaults`] : []),
      ...(defaults.length > 1 ? [`${onDefault}, defaults of several`] : []),
      ...(shares.length > 1 ? ['shares'] : []),
      ...(caps.some((c) => c.cap === null) ? ['a cap taken away'] : []),
      ...(accounts.some((a) => a.defaultedAt !== null) ? ['an earlier default'] : []),
      ...refused.flatMap((r) => r.short.map((s) => `refused by ${s.by}`)),
      ...lost,
    ];
  }
  if (!isOffsetting(certificate)) return [];
  const groups = offsetGroups(certificate);
  const { rules, crossLimits, limits, accounts, heldUp } = certificate;
  return [
    ...(groups.length > 1 ? ['offsetting in several groups'] : []),
    ...groups.map((group) => `group of ${Math.min(group.length, 3)}`),
    ...(rules.some((r) => r.bypasses) ? ['offsetting, bypass'] : []),
    ...(rules.some((r) => r.minimumMs > 0) ? ['offsetting after a time'] : []),
    ...(crossLimits.length > 0 ? ['offsetting with limits across currencies'] : []),
    ...(limits.length > 0 ? ['offsetting with limits'] : []),
    ...(accounts.some((a) => a.reservedHigh !== '0') ? ['offsetting with reservations'] : []),
    ...(heldUp.some((h) => h.shortages.length > 0) ? ['held up after offsetting'] : []),
  ];
}

const FEATURES = [
  ...['nothingAccepted', 'netted', 'unwound'].map((outcome) => `netting ${outcome}`),
  ...['unwind', 'shareTheLoss'].flatMap((rule) => [
    `${rule}, defaults`,
    `${rule}, defaults of several`,
  ]),
  ...['shares', 'shared and unwound', 'a cap taken away', 'an earlier default'],
  ...['refused by netDebitCap', 'refused by bilateralCap'],
  ...['group of 1', 'group of 2', 'group of 3', 'offsetting in several groups'],
  ...['offsetting, bypass', 'offsetting after a time', 'offsetting with limits'],
  ...['offsetting with limits across currencies', 'offsetting with reservations'],
  'held up after offsetting',
];

/**
 * Makes a test of the random days of the seeds 1 to `days`.
 * @param reachesAll whether these are enough to meet all that certificates are about
 */
export function everyCycleHolds(days: number, reachesAll: boolean): void {
  test(`${days} random days: every cycle and offsetting has a certificate, and it holds`, () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= days; seed += 1)
      for (const { certificate, event } of certifiedDay(seed)) {
        assert.deepEqual(certificateFaults(certificate), [], `seed ${seed}, event ${event.number}`);
        for (const feature of featuresOf(certificate))
          seen.set(feature, (seen.get(feature) ?? 0) + 1);
      }
    assert.ok(seen.size > 0);
    if (!reachesAll) return;
    for (const feature of FEATURES)
      assert.ok((seen.get(feature) ?? 0) >= 2, `${feature}: ${JSON.stringify([...seen])}`);
  });
}
