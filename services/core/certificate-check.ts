import { placeOf } from './certificate-book.ts';
import { type Certificate, certificateDigest } from './certificate-format.ts';
import { heldUpFaults } from './certificate-held-up.ts';
import { outcomeFaults } from './certificate-outcome.ts';
import { dropAll, sameSet, setFaults } from './certificate-sets.ts';
import { structureFaults } from './certificate-structure.ts';

const FAULTS_MAX = 20;

/**
 * Proves from a certificate alone that what was settled was allowed, that the largest set which
 * respects the order of the queues is the one named, that outcome and mechanism agree with both, and
 * that what holds payments up is what it says. Of a heuristic (`isHeuristic`) it does not prove that
 * nothing more could settle. Independent of the core and of the resolver. What it cannot know is
 * whether rules, balances, limits and payments were those of the pool: that the log tells.
 * @param certificate of the form in certificate-format.ts
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkCertificate(certificate: Certificate): string[] {
  const broken = structureFaults(certificate);
  if (broken.length > 0) return broken;
  const unproven = [
    ...(certificateDigest(certificate) === certificate.digest
      ? []
      : ['the digest is of another content']),
    ...setFaults(certificate, certificate.settled, 'settled', null, false),
    ...largestFaults(certificate),
  ];
  if (unproven.length > 0) return unproven.slice(0, FAULTS_MAX);
  const faults = [
    ...outcomeFaults(certificate),
    ...heldUpFaults(certificate),
    ...releaseFaults(certificate),
  ];
  return faults.slice(0, FAULTS_MAX);
}

function largestFaults(certificate: Certificate): string[] {
  const { largest, drops } = certificate;
  const left = dropAll(certificate, drops, null);
  const reached = certificate.payments.filter((p) => left.members.has(p)).map((p) => p.position);
  return [
    ...setFaults(certificate, largest, 'largest', null, true),
    ...left.faults,
    ...(sameSet(reached, largest) ? [] : ['largest: not what is left when what must go has gone']),
  ];
}

/** Only there what releases a payment is what brings it into the largest set over all currencies. */
const hasRelease = ({ rules, crossLimits }: Certificate): boolean =>
  crossLimits.length === 0 &&
  rules.every((r) => r.mechanism === 'gridlockResolution' && !r.bypasses && !r.offsets);

function releaseFaults(certificate: Certificate): string[] {
  const { release, asked: position, cycle } = certificate;
  const isDue = cycle === null && hasRelease(certificate);
  if (release === null) return isDue ? ['release: nothing is said of it'] : [];
  if (!isDue) return ['release: under these rules none can be told'];
  const { payment, participant, currency, amount, settles, drops } = release;
  const place = placeOf(participant, currency);
  const asked = certificate.payments.find((p) => p.position === payment);
  if (payment !== position) return ['release: not of the payment that was asked about'];
  if (!asked?.legs.some((leg) => placeOf(leg.debtor, leg.currency) === place))
    return [`release: payment ${payment} does not debit ${place}`];
  if (amount === '0')
    return sameSet(settles, certificate.largest) && settles.includes(payment) && drops.length === 0
      ? []
      : [`release: payment ${payment} is not released without money`];
  const isMember = settles.includes(payment);
  const faults =
    amount === null && settles.length > 0 ? ['release: no amount, yet it settles'] : [];
  if (amount !== null) {
    const extra = { place, amount: BigInt(amount) };
    if (!isMember) faults.push(`release: ${amount} does not release payment ${payment}`);
    faults.push(...setFaults(certificate, settles, 'release', extra, true));
  }
  const less = { place, amount: amount === null ? null : BigInt(amount) - 1n };
  const left = dropAll(certificate, drops, less);
  const reached = certificate.payments.filter((p) => left.members.has(p)).map((p) => p.position);
  // What is left can settle, so nothing that had to go was kept back.
  faults.push(...setFaults(certificate, reached, 'release', less, true));
  if (left.members.has(asked)) faults.push(`release: less would release payment ${payment}`);
  return [...faults, ...left.faults.map((fault) => `release: ${fault}`)];
}
