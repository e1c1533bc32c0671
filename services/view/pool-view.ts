import { LedgerBook } from '../analysis/credit-and-limits-book.ts';
import {
  type AccountKey,
  accountKey,
  currencyOfKey,
  participantOfKey,
} from '../analysis/ledger.ts';
import { NEED_DATES_MIN } from '../analysis/need-forecasts.ts';
import { type HourForecast, LiquidityNeeds } from '../analysis/needs-with-forecasts.ts';
import type { ReleaseQuestion } from '../analysis/queues/money-to-release-worker.ts';
import { nameOf } from '../analysis/queues/queue-set.ts';
import { NO_CURRENCY } from '../core/settlement/events.ts';
import type { QueueState } from '../core/settlement/queue-state.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import { LEG_TYPE } from '../protocol/messages/message-types.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { bicOf, currencyOf } from '../protocol/names/handles-to-names.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import type { CurrencyRules, Genesis } from '../protocol/records/control-record.ts';
import {
  isPaymentEvent,
  type MessageEvent,
  mechanismOf,
} from '../protocol/records/event-payment.ts';
import { type CorridorEnds, FlowBook } from './corridor-flow-book.ts';
import { CycleBook } from './cycle-book.ts';
import { CycleClock } from './cycle-clock.ts';
import { FeedBook } from './feed-book.ts';
import { type HeadRelease, HeadReleases, PENDING } from './head-releases.ts';
import { type ChainRecords, ChainsBook } from './leg-chains-book.ts';
import { CHAIN_ROWS } from './lengths-of-feed-lists-charts.ts';
import { type OpenPayment, OpenPaymentBook, type Reordering } from './open-payments-and-queues.ts';
import type { Series } from './per-second-series.ts';
import { headsOf, oldestOf } from './queue-heads.ts';
import { RulesBook } from './rules-book.ts';
import { NOT_DRIVEN, type ScenarioClock, spanBetween } from './scenario-clock.ts';
import type { SenderBook } from './silent-banks.ts';
import type {
  AccountNeed,
  AccountState,
  ChainsState,
  CorridorState,
  CycleState,
  Flow,
  Totals,
  ViewCurrency,
  ViewRelease,
  ViewWait,
} from './told-to-page.ts';
import { TrappedBook, type TrappedMoney } from './trapped-money.ts';
import { CreditUseBook, type UnusualCredit } from './usual-credit.ts';
import { type GrownQueue, QueueMinutes } from './usual-queues.ts';
import { viewWait } from './waits-with-names.ts';
import { explain, explainsWhole, queueStateOf, releaseQuestion } from './why-waiting.ts';

/** What pools share. */
interface PoolViewBooks {
  readonly series: Series;
  readonly senders: SenderBook;
  readonly scenarioMs?: ScenarioClock;
}

interface Counts {
  submitted: number;
  settled: number;
  rejected: number;
  cancelled: number;
  repeated: number;
}

/** What input records say and their events do not, by position. */
export interface RecordNotes {
  readonly reorderings: ReadonlyMap<number, Reordering>;
  /** Of geneses and of records that give a currency its rules. */
  readonly rules: ReadonlyMap<number, CurrencyRules | Genesis>;
  /** Of legs of chains and attestations. */
  readonly chains?: ChainRecords;
}

const NO_RECORDS: ChainRecords = new Map();

/**
 * What the live view shows of one pool, folded from its events: nothing else is asked, so a restart
 * shows the same. Memory follows participants, currencies and payments that wait, not the log.
 */
export class PoolView {
  readonly pool: string;
  readonly directory: Directory;
  readonly feed: FeedBook;
  readonly cycles: CycleBook;
  readonly #chains: ChainsBook;
  readonly #series: Series;
  readonly #ledger = new LedgerBook();
  readonly #payments = new OpenPaymentBook((lead) => this.#chains.isAwaited(lead));
  readonly #flows = new FlowBook();
  readonly #rules = new RulesBook();
  readonly #clock = new CycleClock();
  readonly #senders: SenderBook;
  readonly #credit = new CreditUseBook();
  readonly #trapped = new TrappedBook();
  readonly #needs: LiquidityNeeds;
  /** Of open currencies, as of the last full hour. */
  readonly #forecasts = new Map<AccountKey, HourForecast>();
  /** By currency. */
  readonly #queues = new Map<number, QueueMinutes>();
  readonly #open = new Set<number>();
  /** Of accounts, as `accounts` told of those that change: what holds a payment changes elsewhere too. */
  readonly #toldHeads = new Map<AccountKey, string>();
  /** Of the last cycle. */
  #proposer = '';
  #isDirty = false;
  /** Rises with what is taken. */
  #version = 0;
  readonly #releases = new HeadReleases();
  readonly #counts: Counts = { submitted: 0, settled: 0, rejected: 0, cancelled: 0, repeated: 0 };
  readonly #byMechanism: Record<string, number> = {};
  readonly #byReason: Record<string, number> = {};

  readonly scenarioMs: ScenarioClock;

  /** The directory must know every name before the events that use it are folded. */
  constructor(
    pool: string,
    directory: Directory,
    { series, senders, scenarioMs = NOT_DRIVEN }: PoolViewBooks,
  ) {
    this.pool = pool;
    this.directory = directory;
    this.scenarioMs = scenarioMs;
    this.feed = new FeedBook(pool, directory, scenarioMs);
    this.cycles = new CycleBook(pool, directory);
    this.#chains = new ChainsBook(directory);
    this.#needs = new LiquidityNeeds(directory);
    this.#series = series;
    this.#senders = senders;
  }

  /**
   * @param events whole messages of events
   * @param loggedAtMs when the log took them
   * @param notes what the records that caused them say beyond the events
   */
  take(events: readonly SettlementEvent[], loggedAtMs: number, notes: RecordNotes): void {
    this.#isDirty = true;
    this.#version += 1;
    for (const event of events) {
      if (event.kind === 'issuerSet') {
        this.#credit.appoint(event);
        this.#needs.appoint(event);
      }
      this.#forecast(this.#needs.passed(event.timeMs));
      for (const account of this.#ledger.take(event)) {
        this.#credit.take(account, event.timeMs);
        this.#trapped.take(account);
        this.#needs.note(account);
      }
      this.cycles.take(event);
      // It knows first which chains have a condition.
      this.#chains.take(event, notes.chains ?? NO_RECORDS);
      if (isPaymentEvent(event)) this.#payment(event, loggedAtMs);
      else if (event.kind === 'triggered') this.#payments.meet(event);
      this.#take(event, notes);
    }
    if (this.cycles.deadlocks.length > 0) this.cycles.dissolve(this.#payments.queuedCurrencies());
  }

  #take(event: SettlementEvent, { reorderings, rules }: RecordNotes): void {
    const given = rules.get(event.position);
    const reordering = reorderings.get(event.position);
    if (event.kind === 'reordered' && reordering) this.#payments.reorder(event, reordering);
    else if (event.kind === 'repeated') this.#counts.repeated += 1;
    else if (event.kind === 'cycled') this.#proposer = event.proposer;
    else if (event.kind === 'opened') {
      this.#open.add(event.currency);
      this.#clock.opened(event.timeMs);
      this.#forecast(this.#needs.opened(event, this.#ledger.accounts()));
    } else if (event.kind === 'closed') {
      this.#open.delete(event.currency);
      this.#clock.closed();
      this.#needs.closed(event);
      for (const key of this.#forecasts.keys())
        if (currencyOfKey(key) === event.currency) {
          this.#forecasts.delete(key);
          this.#ledger.changed.add(key);
        }
    } else if (event.kind === 'genesis' && given) {
      this.#rules.take(null, given);
      if (!('cycleIntervalMs' in given)) return;
      this.#clock.begin(given.cycleIntervalMs);
      this.#chains.preValidation = given.preValidation ?? [];
    } else if (event.kind === 'rulesSet' && given) this.#rules.take(event.currency, given);
    else this.#rules.takeAcross(event);
  }

  #forecast(hours: readonly HourForecast[]): void {
    for (const hour of hours) {
      const key = accountKey(hour.participant, hour.currency);
      this.#forecasts.set(key, hour);
      this.#ledger.changed.add(key);
    }
  }

  #payment(event: MessageEvent, loggedAtMs: number): void {
    const before = this.#payments.payment(event.paymentPosition);
    const change = this.#payments.take(event);
    if (!change) return;
    const after = this.#payments.payment(event.paymentPosition);
    // What a forger sent is no word of the bank that it names.
    if (event.kind !== 'noticed') this.#said(event, change.isNew);
    if (event.kind === 'settled') this.#flows.settled(endsOf(event, before), event);
    if (!after) this.#flows.waits(event.paymentPosition, null);
    for (const one of [after, after?.partner])
      if (one) this.#flows.waits(one.position, endsOf(one, one));
    this.feed.take(event, change);
    if (!change.isSecondLeg) this.#count(event, change.isNew, change.submittedAtMs, loggedAtMs);
  }

  #said(event: Exclude<MessageEvent, { kind: 'noticed' }>, isNew: boolean): void {
    const bic = bicOf(this.directory, event.debtorAgent);
    const currency = currencyOf(this.directory, event.currency1);
    if (isNew) {
      const isLate = event.kind === 'rejected' && event.reason === 'afterCutOff';
      this.#senders.take(bic, currency, event.timeMs, isLate);
      this.#trapped.said(event.debtorAgent);
    }
    if (event.kind === 'settled') this.#senders.settled(bic, currency, event.timeMs, event.amount1);
    this.#noteQueue(event.currency1, event.timeMs);
  }

  #noteQueue(currency1: number, timeMs: number): void {
    const waiting = this.#payments.waitingIn(currency1);
    const queue = this.#queues.get(currency1);
    if (queue) queue.note(timeMs, waiting);
    else if (waiting > 0) {
      const begun = new QueueMinutes();
      begun.note(timeMs, waiting);
      this.#queues.set(currency1, begun);
    }
  }

  /** Currencies in which more waits than usual. */
  grownQueues(nowMs: number): GrownQueue[] {
    return [...this.#queues].flatMap(([handle, queue]) => {
      const currency = currencyOf(this.directory, handle);
      const active = this.#senders.active(currency);
      const grown = active && queue.grown(nowMs, active);
      return grown ? [{ currency, ...grown }] : [];
    });
  }

  /** Accounts that use more credit than usual. */
  unusualCredit(nowMs: number): UnusualCredit[] {
    return this.#credit.unusual(nowMs).map(({ account, used, usual }) => ({
      bic: bicOf(this.directory, account.participant),
      currency: currencyOf(this.directory, account.currency),
      ...{ used, usual },
    }));
  }

  /** What came in at a bank since its last message and is still there, and who waits in these currencies. */
  trappedAt(bic: string): TrappedMoney[] {
    const participant = this.directory.participantHandle(bic);
    if (participant === undefined) return [];
    return this.#trapped.of(participant).map(({ currency, amount }) => ({
      ...{ currency: currencyOf(this.directory, currency), amount },
      waiting: [...this.#ledger.keys()]
        .filter((key) => currencyOfKey(key) === currency && participantOfKey(key) !== participant)
        .map((key) => ({
          bic: bicOf(this.directory, participantOfKey(key)),
          payments: this.#payments.queue(key)?.own.size ?? 0,
        }))
        .filter(({ payments }) => payments > 0)
        .sort((a, b) => b.payments - a.payments),
    }));
  }

  #count(event: MessageEvent, isNew: boolean, submittedAtMs: number, loggedAtMs: number): void {
    const counts = this.#counts;
    if (isNew) {
      counts.submitted += 1;
      this.#series.submitted(loggedAtMs);
    }
    switch (event.kind) {
      case 'settled':
        counts.settled += 1;
        this.#series.settled(
          loggedAtMs,
          loggedAtMs - submittedAtMs,
          spanBetween(this.scenarioMs, submittedAtMs, loggedAtMs),
        );
        this.#countBy(mechanismOf(event, this.#proposer));
        return;
      case 'rejected':
      case 'noticed': {
        counts.rejected += 1;
        this.#series.rejected(loggedAtMs);
        const code = isoReason(event.reason)?.code ?? '';
        this.#byReason[code] = (this.#byReason[code] ?? 0) + 1;
        return;
      }
      case 'cancelled':
      case 'unwound':
        counts.cancelled += 1;
    }
  }

  #countBy(mechanism: string): void {
    this.#byMechanism[mechanism] = (this.#byMechanism[mechanism] ?? 0) + 1;
  }

  /** When cycles run by themselves; null: no currency has a mechanism for them. */
  cycle(nowMs: number): CycleState | null {
    const { mechanisms } = this.#rules.of(this.directory.currencies.length);
    return mechanisms.some((one) => one !== 'none') ? this.#clock.state(nowMs) : null;
  }

  /** Payments that wait now. */
  get waiting(): number {
    return this.#payments.counts.queued;
  }

  get totals(): Totals {
    return {
      ...this.#counts,
      ...this.#payments.counts,
      byMechanism: { ...this.#byMechanism },
      byReason: { ...this.#byReason },
    };
  }

  /** Null: it has had none. */
  chains(nowMs: number): ChainsState | null {
    return this.#chains.state(this.pool, nowMs, CHAIN_ROWS);
  }

  currencies(): ViewCurrency[] {
    return this.directory.currencies.map(({ currency, minorUnits }, handle) => ({
      code: currency,
      minorUnits,
      pool: this.pool,
      isOpen: this.#open.has(handle),
      isConserved: this.#ledger.isConserved(handle),
    }));
  }

  corridors(all: boolean): CorridorState[] {
    return this.#flows.corridors(this.directory, all);
  }

  flows(all: boolean): Flow[] {
    return this.#flows.flows(this.directory, all);
  }

  /** Accounts that changed, or whose queue or its first payment's reason did, since `forgetChanges`. */
  accounts(all: boolean): AccountState[] {
    if (!all && !this.#isDirty) return [];
    const changed = new Set([...this.#ledger.changed, ...this.#payments.changed]);
    const looked = all || explainsWhole(this.#books) ? [...this.#ledger.keys()] : [...changed];
    const isTried = explainsWhole(this.#books);
    const heads = headsOf(this.directory, this.#books, looked, (key, { position }) => {
      const account = this.#ledger.account(key);
      if (!isTried || !account) return TOO_MANY;
      return this.#releases.of({
        position,
        account: nameOf(account.participant, account.currency),
      });
    });
    const told = this.#toldHeads;
    for (const key of looked) {
      const text = JSON.stringify(heads.get(key) ?? null);
      if (text === told.get(key)) continue;
      if (!all) {
        told.set(key, text);
        changed.add(key);
        // A page that took up the state between two tellings must hear of it again.
      } else told.delete(key);
    }
    if (!all) this.#isDirty = false;
    return (all ? looked : [...changed]).flatMap(
      (key) => this.#account(key, heads.get(key) ?? null) ?? [],
    );
  }

  #account(key: AccountKey, head: AccountState['head']): AccountState | null {
    const account = this.#ledger.account(key);
    if (!account) return null;
    const queue = this.#payments.queue(key);
    const oldestMs = oldestOf(queue?.own.values() ?? [])?.submittedAtMs ?? null;
    const oldestScenarioMs = oldestMs === null ? null : this.scenarioMs(oldestMs);
    const hour = this.#forecasts.get(key);
    return {
      bic: bicOf(this.directory, account.participant),
      currency: currencyOf(this.directory, account.currency),
      balance: String(account.balance),
      credit: String(account.creditLine + account.collateral),
      peak: String(account.peak),
      waiting: queue?.own.size ?? 0,
      waitingMinor: String(queue?.value ?? 0n),
      oldestMs,
      ...(oldestScenarioMs !== null && { oldestScenarioMs }),
      head,
      ...(hour && { need: needOf(hour) }),
    };
  }

  get #books() {
    return {
      ledger: this.#ledger,
      payments: this.#payments,
      rules: this.#rules,
      open: this.#open,
      currencies: this.directory.currencies.length,
    };
  }

  /** Why the payment at this position waits, exactly; null where it does not. */
  wait(position: number): ViewWait | null {
    const payment = this.#payments.payment(position);
    if (!payment) return null;
    const held = explain(this.#books, payment, queueStateOf(this.#books));
    return viewWait(this.directory, held, held.isQueued ? PENDING : null);
  }

  /** What is to be asked of the payment at a position; null: it stands in no queue. */
  questionOf(position: number): Asked | null {
    const payment = this.#payments.payment(position);
    if (!payment) return null;
    const state = queueStateOf(this.#books);
    const payer = { participant: payment.debtorAgent, currency: payment.currency1 };
    const question = releaseQuestion(payment, state, payer);
    return question && { state, questions: [question] };
  }

  /** What is to be asked of the heads of all queues; null: nothing, or nothing changed since the last time. */
  headQuestions(): Asked | null {
    if (!explainsWhole(this.#books) || !this.#releases.isDue(this.#version)) return null;
    const state = queueStateOf(this.#books);
    const questions = [...this.#ledger.keys()].flatMap((key) => {
      const head = this.#payments.head(key);
      const account = this.#ledger.account(key);
      return (head && account && releaseQuestion(head, state, account)) ?? [];
    });
    return { state, questions: this.#releases.inTurn(questions, this.#version) };
  }

  /** What was found of all that `headQuestions` asked, in its order. */
  tellReleases(found: readonly HeadRelease[], nowMs: number): void {
    this.#releases.take(found, nowMs);
    this.#isDirty = true;
  }

  /** Of what waits, an unmatched leg too, the oldest submission; null: nothing waits. */
  oldest(): { readonly sinceMs: number; readonly bic: string; readonly currency: string } | null {
    const oldest = oldestOf(this.#payments.open());
    return (
      oldest && {
        sinceMs: oldest.submittedAtMs,
        bic: bicOf(this.directory, oldest.debtorAgent),
        currency: currencyOf(this.directory, oldest.currency1),
      }
    );
  }

  forgetChanges(): void {
    // Nobody was told: whoever comes is told of every head.
    if (this.#isDirty) this.#toldHeads.clear();
    this.#ledger.changed.clear();
    this.#payments.changed.clear();
    this.#flows.forgetChanges();
    this.feed.forgetChanges();
    this.cycles.forgetChanges();
  }
}

/** The queues as they stand, and what is asked of them. */
export interface Asked {
  readonly state: QueueState;
  readonly questions: readonly ReleaseQuestion[];
}

function needOf({ atMs, forecast }: HourForecast): AccountNeed {
  if (forecast === null) return { kind: 'tooShort', datesMin: NEED_DATES_MIN };
  const { lowerMinor, middleMinor, upperMinor } = forecast;
  return {
    ...{ kind: 'forecast', atMs, lowerMinor: `${lowerMinor}` },
    ...{ middleMinor: `${middleMinor}`, upperMinor: `${upperMinor}` },
  };
}

const TOO_MANY: ViewRelease = { kind: 'notKnown', why: 'many' };

/** @param payment as it was while it waited */
function endsOf(
  terms: Pick<EventOf<'settled'>, 'messageType' | 'currency1' | 'currency2'>,
  payment: OpenPayment | undefined,
): CorridorEnds {
  const { currency1: from, currency2 } = terms;
  if (terms.messageType !== LEG_TYPE)
    return { from, to: currency2 === NO_CURRENCY ? from : currency2, isTrade: false };
  const other = payment?.otherCurrency ?? NO_CURRENCY;
  return { from, to: other === NO_CURRENCY ? null : other, isTrade: true };
}
