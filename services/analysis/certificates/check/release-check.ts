import { type Certificate, RELEASE_STEPS_MAX } from '../certificate-format.ts';
import { type Extra, placeOf } from './book-shortfalls.ts';
import { dropAll, sameSet } from './feasible-set.ts';
import { replay } from './release-replay.ts';

/**
 * Part of the certificate's checker: the smallest injection that releases a payment. Below `least`
 * nothing does, which the drops prove; from there on the checker goes itself from one amount at
 * which something turns to the next, and settles the queues anew with each.
 */

/** There where nothing passes anything and all cycles resolve gridlocks. */
const hasRelease = ({ rules, crossLimits }: Certificate): boolean =>
  crossLimits.length === 0 &&
  rules.every((r) => r.mechanism === 'gridlockResolution' && !r.bypasses && !r.offsets);

/** Whether somebody has less than it must keep: then the search may take too many steps. */
const isStrained = ({ accounts, limits }: Certificate): boolean =>
  accounts.some(
    (a) =>
      BigInt(a.balance) + BigInt(a.creditLine) < 0n ||
      BigInt(a.reservedUrgent) + BigInt(a.reservedHigh) > 0n,
  ) || limits.some((l) => BigInt(l.position) > BigInt(l.limit));

export function releaseFaults(certificate: Certificate): string[] {
  const { release, asked: position, cycle } = certificate;
  const isDue = cycle === null && hasRelease(certificate);
  if (release === null)
    return isDue && !isStrained(certificate) ? ['release: nothing is said of it'] : [];
  if (!isDue) return ['release: under these rules none can be told'];
  const { payment, participant, currency } = release;
  const place = placeOf(participant, currency);
  const asked = certificate.payments.find((p) => p.position === payment);
  if (payment !== position) return ['release: not of the payment that was asked about'];
  if (!asked?.legs.some((leg) => placeOf(leg.debtor, leg.currency) === place))
    return [`release: payment ${payment} does not debit ${place}`];
  return [
    ...leastFaults(certificate, release, place),
    ...smallestFaults(certificate, release, place),
  ];
}

type Release = NonNullable<Certificate['release']>;

/** No set that settles with less than `least` has the payment. */
function leastFaults(
  certificate: Certificate,
  { payment, least, drops }: Release,
  place: string,
): string[] {
  if (least === '0')
    return drops.length === 0 ? [] : ['release: nothing is less than no money, yet it drops'];
  const nothing = { reservedUrgent: '0', reservedHigh: '0' };
  const accounts = certificate.accounts.map((a) => ({ ...a, ...nothing }));
  const less: Extra = { place, amount: least === null ? null : BigInt(least) - 1n };
  const left = dropAll({ ...certificate, accounts }, drops, less);
  const isIn = [...left.members].some((p) => p.position === payment);
  return [
    ...(isIn ? [`release: less might release payment ${payment}`] : []),
    ...left.faults.map((fault) => `release: ${fault}`),
  ];
}

/** With `amount` exactly what is named settles; with those from `least` on to it the payment does not. */
function smallestFaults(
  certificate: Certificate,
  { payment, amount, settles, least }: Release,
  place: string,
): string[] {
  if (amount === null && settles.length > 0) return ['release: no amount, yet it settles'];
  if (least === null) return amount === null ? [] : ['release: an amount, where none can release'];
  let money = BigInt(least);
  for (let steps = 0; steps < RELEASE_STEPS_MAX; steps += 1) {
    const { settled, step } = replay(certificate, { place, amount: money });
    if (settled.includes(payment)) {
      if (String(money) !== amount)
        return [
          `release: ${money} is the smallest that releases payment ${payment}, not ${amount}`,
        ];
      return sameSet(settled, settles) ? [] : [`release: with ${amount} others settle`];
    }
    if (step === null)
      return amount === null ? [] : [`release: no amount releases payment ${payment}`];
    money += step;
  }
  return ['release: it takes too many steps to check'];
}
