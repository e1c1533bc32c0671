import { type AccountKey, accountKey } from '../analysis/ledger.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { bicOf, type Directory } from '../protocol/names/handles-to-names.ts';
import { isConversion, type OpenPayment, queuedPayment } from './open-payments-and-queues.ts';
import type { Head, ViewRelease } from './told-to-page.ts';
import { viewWait } from './waits-with-names.ts';
import { explainHeads, type WaitBooks } from './why-waiting.ts';

/** The first payments of these accounts' queues, and why they wait. */
export function headsOf(
  directory: Directory,
  books: WaitBooks,
  keys: readonly AccountKey[],
  releaseOf: (key: AccountKey, head: OpenPayment) => ViewRelease | null,
): Map<AccountKey, Head> {
  const payments = new Map<AccountKey, OpenPayment>();
  for (const key of keys) {
    const head = books.payments.head(key);
    if (head) payments.set(key, head);
  }
  const heads = new Map<AccountKey, Head>();
  for (const [key, held] of explainHeads(books, payments)) {
    const head = payments.get(key) as OpenPayment;
    // In a dealer's queue the leg that the dealer pays.
    const { legs } = queuedPayment(head);
    const own = legs.find(({ debtor, currency }) => accountKey(debtor, currency) === key);
    // Of a pair, who is paid by this account's own leg.
    const creditor = isConversion(head)
      ? head.creditorAgent
      : (own?.creditor ?? head.creditorAgent);
    heads.set(key, {
      uetr: uetrFromBytes(head.id) ?? '',
      amountMinor: String(own?.amount ?? head.amount1),
      creditor: bicOf(directory, creditor),
      wait: viewWait(directory, held, held.isQueued ? releaseOf(key, head) : null),
    });
  }
  return heads;
}

/** By submission: queues are in another order where payments were re-ordered or matched late. */
export function oldestOf(payments: Iterable<OpenPayment>): OpenPayment | null {
  let oldest: OpenPayment | null = null;
  for (const one of payments)
    if (one.state !== 'accepted' && (!oldest || one.submittedAtMs < oldest.submittedAtMs))
      oldest = one;
  return oldest;
}
