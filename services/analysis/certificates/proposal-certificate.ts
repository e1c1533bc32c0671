import type { GrossOutcome } from '../../core/settlement/events.ts';
import type { CoreQueues, QueueAccount, QueuedPayment } from '../../core/settlement/queue-state.ts';
import type { EventOf, SettlementEvent } from '../../core/settlement/settlement-event.ts';
import { shortagesOf } from '../queues/gridlock-resolution.ts';
import { nameOf } from '../queues/queue-set.ts';
import { afterSettling } from '../queues/settled-state.ts';
import {
  type AmountText,
  type Certificate,
  type CertificateBase,
  type CertifiedShortage,
  type PaymentPosition,
  sealed,
} from './certificate-format.ts';
import {
  type CertificateNames,
  type CertifiedPlace,
  certifiedShortage,
  describe,
  firstOfQueues,
  heldUp,
} from './gridlock-certificate.ts';

/** Why a proposed set was refused. */
type SetRefusal =
  /** What it would have left short: the first account by currency and registration. */
  | { readonly kind: 'short'; readonly shortage: CertifiedShortage }
  /** The first member that cannot be in it: it is not queued any more, or stands in the set twice. */
  | { readonly kind: 'notQueued'; readonly payment: PaymentPosition }
  /** The same: a leg is in a currency that takes no proposals. */
  | { readonly kind: 'elsewhere'; readonly payment: PaymentPosition; readonly currency: string };

export interface CertifiedSet {
  /** As they were proposed. */
  readonly payments: readonly PaymentPosition[];
  /** Null: it settled. */
  readonly refused: SetRefusal | null;
  /** Of a set that settled: each account that it touched as it left it, in the order of `accounts`. */
  readonly balances: readonly {
    readonly participant: string;
    readonly currency: string;
    readonly balance: AmountText;
  }[];
}

/**
 * What a cycle settled of the sets that a mechanism of somebody's own proposed, and why not the others:
 * whoever holds this can judge each set again without the core (proposal-check.ts) and
 * without the log.
 */
export interface ProposalCertificate
  extends CertificateBase,
    Pick<
      Certificate,
      'rules' | 'accounts' | 'limits' | 'valuations' | 'crossLimits' | 'payments' | 'heldUp'
    > {
  readonly format: 'corridor-proposal-certificate-1';
  readonly cycle: number;
  /** Who proposed. */
  readonly mechanism: string;
  /** Those that take proposals, in the order of the pool's registration. */
  readonly currencies: readonly string[];
  readonly outcome: GrossOutcome;
  /** In the order in which they were judged, each on the books as those before left them. */
  readonly sets: readonly CertifiedSet[];
  /** Set after set. */
  readonly settled: readonly PaymentPosition[];
}

/**
 * @param before the core right before the run, with the sets that it is to judge
 * @param cycled its event, which `told` follow: among them all others of the run
 */
export function certifyProposal(
  before: CoreQueues,
  cycled: EventOf<'cycled'>,
  told: readonly SettlementEvent[],
  place: CertifiedPlace,
  names: CertificateNames,
): ProposalCertificate {
  const tables = describe(before, names);
  const refused = new Map<number, EventOf<'setRefused'>>();
  for (const event of told)
    if (event.kind === 'setRefused' && event.cycle === cycled.cycle) refused.set(event.set, event);
  const books = new Books(before, names);
  const sets = (before.proposed ?? []).map((payments, index): CertifiedSet => {
    const event = refused.get(index + 1);
    if (event !== undefined)
      return { balances: [], payments, refused: books.refusal(payments, event) };
    return { balances: books.settle(payments), payments, refused: null };
  });
  const after = books.after();
  const content = {
    format: 'corridor-proposal-certificate-1' as const,
    ...place,
    cycle: cycled.cycle,
    mechanism: cycled.proposer,
    currencies: tables.rules.filter((r) => r.mechanism === 'proposed').map((r) => r.currency),
    outcome: cycled.outcome as GrossOutcome,
    ...tables,
    sets,
    settled: told.flatMap((e) =>
      e.kind === 'settled' && e.cycle === cycled.cycle && books.isQueued(e.paymentPosition)
        ? [e.paymentPosition]
        : [],
    ),
    heldUp: heldUp(after, firstOfQueues(after), names),
  };
  return sealed(content);
}

/** What the core clamps an amount to. */
const INT64_MAX = 2n ** 63n - 1n;

/** Balances as one set after the other settles. */
class Books {
  readonly #before: CoreQueues;
  readonly #names: CertificateNames;
  readonly #payments: ReadonlyMap<PaymentPosition, QueuedPayment>;
  readonly #balances: Map<string, bigint>;
  readonly #places: ReadonlyMap<string, number>;
  readonly #settled = new Set<PaymentPosition>();

  constructor(before: CoreQueues, names: CertificateNames) {
    this.#before = before;
    this.#names = names;
    this.#payments = new Map(before.payments.map((p) => [p.position, p]));
    const named = before.accounts.map((a) => nameOf(a.participant, a.currency));
    this.#places = new Map(named.map((name, at) => [name, at]));
    this.#balances = new Map(before.accounts.map((a, at) => [named[at] as string, a.balance]));
  }

  /** The second leg of a matched pair stands in no queue. */
  isQueued(position: PaymentPosition): boolean {
    return this.#payments.has(position);
  }

  settle(positions: readonly PaymentPosition[]): CertifiedSet['balances'] {
    const touched = new Set<string>();
    for (const position of positions) {
      this.#settled.add(position);
      for (const leg of this.#payments.get(position)?.legs ?? []) {
        const moves = [
          [nameOf(leg.debtor, leg.currency), -leg.amount],
          [nameOf(leg.creditor, leg.currency), leg.amount],
        ] as const;
        for (const [name, amount] of moves) {
          this.#balances.set(name, (this.#balances.get(name) ?? 0n) + amount);
          touched.add(name);
        }
      }
    }
    const place = (name: string) => this.#places.get(name) as number;
    return [...touched]
      .sort((a, b) => place(a) - place(b))
      .map((name) => {
        const { participant, currency } = this.#before.accounts[place(name)] as QueueAccount;
        return {
          balance: String(this.#balances.get(name)),
          currency: this.#names.currency(currency),
          participant: this.#names.participant(participant),
        };
      });
  }

  refusal(positions: readonly PaymentPosition[], event: EventOf<'setRefused'>): SetRefusal {
    const { by, paymentPosition: payment, counterparty } = event;
    if (event.currency === null) return { kind: 'notQueued', payment };
    const { currency, participant } = { ...event, currency: event.currency };
    if (by === 'none' || participant === null)
      return { currency: this.#names.currency(currency), kind: 'elsewhere', payment };
    const told = { by, participant, currency, counterparty };
    const amount = event.amount === INT64_MAX ? this.#amount(positions, told) : event.amount;
    return { kind: 'short', shortage: certifiedShortage({ ...told, amount }, this.#names) };
  }

  /** An amount that the event may have had no room for. */
  #amount(
    positions: readonly PaymentPosition[],
    told: { readonly [Key in 'by' | 'participant' | 'currency' | 'counterparty']: unknown },
  ): bigint {
    const state = afterSettling(this.#before, this.#settled);
    const members = state.payments.filter((p) => positions.includes(p.position));
    const found = shortagesOf(state, members[0] as QueuedPayment, new Set(members)).find(
      (s) =>
        s.by === told.by &&
        s.participant === told.participant &&
        s.currency === told.currency &&
        s.counterparty === told.counterparty,
    );
    return found?.amount ?? INT64_MAX;
  }

  after() {
    return afterSettling(this.#before, this.#settled);
  }
}
