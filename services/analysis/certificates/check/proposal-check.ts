import { digestFaults } from '../certificate-format.ts';
import type { CertifiedSet, ProposalCertificate } from '../proposal-certificate.ts';
import { heldUpFaults } from './held-up-check.ts';
import { tableFaults } from './premises-check.ts';
import { ProposedBooks } from './proposed-books.ts';

const FAULTS_MAX = 20;

/**
 * Proves from the certificate of a proposal alone that each set was judged as docs/settlement.md has it:
 * what settled left nobody short, what was refused would have, by exactly so much, and what holds up
 * what is left. Independent of the core. What it cannot know is whether rules, balances, limits and
 * queues were those of the pool, and whether these sets were proposed: that the log tells.
 * @returns what is wrong, in words; empty where the certificate holds
 */
export function checkProposal(certificate: ProposalCertificate): string[] {
  const broken = [...tableFaults(certificate), ...premiseFaults(certificate)];
  if (broken.length > 0) return broken.slice(0, FAULTS_MAX);
  const faults = [...digestFaults(certificate), ...setFaults(certificate)];
  if (faults.length > 0) return faults.slice(0, FAULTS_MAX);
  return heldUpFaults({ ...certificate, asked: null }).slice(0, FAULTS_MAX);
}

function premiseFaults({ rules, currencies }: ProposalCertificate): string[] {
  const taking = rules.filter((r) => r.mechanism === 'proposed').map((r) => r.currency);
  return taking.length > 0 && taking.join() === currencies.join()
    ? []
    : [
        `by the rules ${taking.join(', ') || 'no currency'} take proposals, not ${currencies.join(', ')}`,
      ];
}

/** Each set in turn, on the books as those before it left them. */
function setFaults(certificate: ProposalCertificate): string[] {
  const books = new ProposedBooks(certificate);
  const faults: string[] = [];
  const settled: number[] = [];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  for (const [index, set] of certificate.sets.entries()) {
    const refused = books.judge(set.payments);
    const balances = refused === null ? books.settle(set.payments) : [];
    if (refused === null) settled.push(...set.payments);
    if (!sameRefusal(refused, set.refused))
      faults.push(
        `sets: set ${index + 1} ${refused === null ? 'can settle' : 'is refused'}, ${wordsOf(refused)}`,
      );
    else if (!same(balances, inOrder(set.balances)))
      faults.push(`sets: set ${index + 1} leaves other balances`);
  }
  if (settled.join() !== certificate.settled.join())
    faults.push('settled: not the payments of the sets that can settle, set after set');
  const { outcome } = certificate;
  const expected =
    settled.length > 0 ? 'resolved' : books.isAnyProposable() ? 'undecided' : 'nothingQueued';
  if (outcome !== expected) faults.push(`the outcome is ${expected}, not ${outcome}`);
  return faults;
}

type Refusal = CertifiedSet['refused'];

/** As texts, whatever the order of their fields. */
function sameRefusal(one: Refusal, other: Refusal): boolean {
  return wordsOf(one) === wordsOf(other);
}

const inOrder = (balances: CertifiedSet['balances']): CertifiedSet['balances'] =>
  balances.map(({ participant, currency, balance }) => ({ participant, currency, balance }));

function wordsOf(refusal: Refusal): string {
  if (refusal === null) return 'and nobody is short';
  if (refusal.kind === 'notQueued') return `for payment ${refusal.payment} is not queued`;
  if (refusal.kind === 'elsewhere')
    return `for payment ${refusal.payment} has a leg in ${refusal.currency}`;
  const { participant, currency, by, counterparty, amount } = refusal.shortage;
  const against = counterparty === null ? '' : ` against ${counterparty}`;
  return `for ${participant} is ${amount} ${currency} short by its ${by}${against}`;
}
