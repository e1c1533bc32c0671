import { digestFaults } from '../certificate-format.ts';
import type { OffsettingCertificate, QueuedSince } from '../offsetting-certificate.ts';
import { placeOf } from './book-shortfalls.ts';
import { heldUpFaults } from './held-up-check.ts';
import { OffsettingDesk } from './offsetting-desk.ts';
import { tableFaults } from './premises-check.ts';

const FAULTS_MAX = 20;
/** Of payments back in a group (docs/settlement.md, "Offsetting"). */
const OFFSETS_MAX = 10;

/**
 * Proves from the certificate of a bilateral offsetting alone that it settled what it had to, by going
 * through the queues again as docs/settlement.md says, and what holds up what it left. Independent of
 * the core. What it cannot know is whether rules, balances, limits and queues were those of the pool:
 * that the log tells.
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkOffsetting(certificate: OffsettingCertificate): string[] {
  const broken = [...tableFaults(certificate), ...premiseFaults(certificate)];
  if (broken.length > 0) return broken.slice(0, FAULTS_MAX);
  const faults = digestFaults(certificate);
  const expected = offsetGroups(certificate).flat();
  if (expected.join() !== certificate.settled.join())
    faults.push('settled: offsetting settles others, or in another order');
  if (expected.length === 0) faults.push('settled: nothing could be offset');
  if (faults.length > 0) return faults;
  return heldUpFaults({ ...certificate, asked: null }).slice(0, FAULTS_MAX);
}

function premiseFaults({ rules, currencies, payments, timeMs }: OffsettingCertificate): string[] {
  const faults: string[] = [];
  const all = rules.filter((r) => r.offsets).map((r) => r.currency);
  const isOne = currencies.length === 1 && all.includes(currencies[0] as string);
  if (!isOne && (all.length === 0 || all.join() !== currencies.join()))
    faults.push(`by the rules ${all.join(', ')} are offset, or one of them, not ${currencies}`);
  for (const { position, sinceMs, legs } of payments)
    if (sinceMs > timeMs || (legs.length > 1 && sinceMs !== 0))
      faults.push(`payment ${position} is queued since no time that can be`);
  return faults;
}

/** The groups that the offsetting settles, in order: each the payment and those back. */
export function offsetGroups(certificate: OffsettingCertificate): number[][] {
  const { payments, rules, currencies, timeMs } = certificate;
  const desk = new OffsettingDesk(certificate);
  const dueAfter = new Map(rules.map((r) => [r.currency, r.minimumMs]));
  const bypasses = new Set(rules.filter((r) => r.bypasses).map((r) => r.currency));
  const groups: number[][] = [];
  for (const payment of payments) {
    const [leg, another] = payment.legs;
    if (leg === undefined || another !== undefined || payment.isChain === true) continue;
    if (!currencies.includes(leg.currency)) continue;
    if (payment.sinceMs + (dueAfter.get(leg.currency) as number) > timeMs) continue;
    if (!desk.isNext(payment, bypasses.has(leg.currency))) continue;
    const group = findGroup(desk, payment, bypasses.has(leg.currency));
    if (group === null) continue;
    desk.settle(group);
    groups.push(group.map((p) => p.position));
  }
  return groups;
}

/** The payment alone, else the fewest payments back, in their queue's order, with which it settles. */
function findGroup(
  desk: OffsettingDesk,
  payment: QueuedSince,
  bypasses: boolean,
): QueuedSince[] | null {
  const [{ debtor, creditor, currency }] = payment.legs as [QueuedSince['legs'][0]];
  const group = [payment];
  if (desk.canSettle(group)) return group;
  for (const back of desk.queued(placeOf(creditor, currency))) {
    const isBack = back.legs.length === 1 && back.isChain !== true;
    if (!isBack || back.legs[0]?.creditor !== debtor) {
      if (bypasses && back.priority === 'normal') continue;
      return null;
    }
    group.push(back);
    if (desk.canSettle(group)) return group;
    if (group.length > OFFSETS_MAX) return null;
  }
  return null;
}
