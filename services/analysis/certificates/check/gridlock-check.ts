import { type Certificate, digestFaults } from '../certificate-format.ts';
import { dropAll, sameSet, setFaults } from './feasible-set.ts';
import { heldUpFaults } from './held-up-check.ts';
import { outcomeFaults } from './outcome-check.ts';
import { structureFaults } from './premises-check.ts';
import { releaseFaults } from './release-check.ts';

const FAULTS_MAX = 20;

/**
 * Proves from a certificate alone that what was settled was allowed, that the largest set which
 * respects the order of the queues is the one named, that outcome and mechanism agree with both, and
 * that what holds payments up is what it says. Of a heuristic (`isHeuristic`) it does not prove that
 * nothing more could settle. Independent of the core and of the resolver. What it cannot know is
 * whether rules, balances, limits and payments were those of the pool: that the log tells.
 * That none is dropped without need: feasible-set.ts; that what settled is that largest set: outcome-check.ts.
 * @param certificate of the form in certificate-format.ts
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkCertificate(certificate: Certificate): string[] {
  const broken = structureFaults(certificate);
  if (broken.length > 0) return broken;
  const unproven = [
    ...digestFaults(certificate),
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
