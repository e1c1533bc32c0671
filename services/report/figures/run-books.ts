import type { AccountBook, NoteAccount } from '../../analysis/audited-accounts-book.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import type { Directory } from '../../protocol/names/handles-to-names.ts';
import { eventsHash } from '../../protocol/records/event-chain.ts';
import { eachListed } from '../../scenario/payment-list.ts';
import type {
  LiquidityEvent,
  OpenHours,
  Scenario,
  ScenarioCurrency,
} from '../../scenario/scenario.ts';
import { type ControlInstant, timeline } from '../../scenario/timeline-and-same-instant-order.ts';
import { plannedPayments } from '../../simulator/core-table-sizes.ts';
import type { RunSlice, SimulatedRun } from '../../simulator/simulated-run.ts';
import { FloorBook } from './below-floor-book.ts';
import { BooksOverLedger, type LedgerFigures } from './books-over-ledger.ts';
import { ConditionBook, conditionFigures } from './condition-figures.ts';
import type { AccountsAndQueues } from './currency-indicators.ts';
import { DefaultBook } from './default-book.ts';
import { allChains, PaymentBook } from './payment-book.ts';
import type { PaymentRow, PaymentStatus, PaymentTable } from './payment-table.ts';
import { allProposals, ProposalBook } from './proposal-book.ts';
import { QueueBook } from './queues-and-standstills.ts';
import { type Indicators, indicatorsOf } from './run-indicators.ts';
import {
  type PaymentSums,
  paymentSums,
  type Summary,
  type SummaryInput,
  summarize,
} from './summary.ts';
import { SupplyFold, supplyFigures } from './supply-figures.ts';

/** An account, and whose it is in what. */
export interface NamedAccount extends AccountBook {
  readonly bic: string;
  readonly currencyCode: string;
}

/** A change that the scenario asks for, and `done` or the reason why it was refused. */
export type LiquidityChange = LiquidityEvent & { readonly outcome: 'done' | Reason };

const isLiquidityChange = (control: ControlInstant): control is LiquidityEvent =>
  control.kind === 'creditLine' ||
  control.kind === 'collateral' ||
  control.kind === 'issue' ||
  control.kind === 'redeem';

/** Gathers what a run came to, slice by slice, from the events alone. */
export class RunResults {
  readonly #scenario: Scenario;
  readonly #simulation: SimulatedRun;
  readonly #books: readonly {
    payments: PaymentBook;
    queues: QueueBook;
    /** Null: another thread folds them. */
    overLedger: BooksOverLedger | null;
    defaults: DefaultBook;
    proposals: ProposalBook;
    /** Null: the scenario has no chains. */
    conditions: ConditionBook | null;
    /** Null: no currency has an issuer. */
    supply: SupplyFold | null;
  }[];
  /** Dates that a plan lost: what was sent for one was judged by another date's hours. */
  readonly #refusedDates: string[] = [];
  /** Of an observation, by pool. */
  readonly #floors: readonly FloorBook[];
  #sent = 0;
  #sums: PaymentSums | null = null;
  /** What payments alone say of the indicators, until these are asked for. */
  #prepared: ReturnType<typeof indicatorsOf> | null = null;
  #indicators: Indicators | null = null;
  /** By pool, when all has been taken. */
  #figures: readonly LedgerFigures[] | null = null;

  /**
   * @param foldsLedger false: what accounts came to and what held payments up is told by `takeLedger` before anybody asks
   * for it. An observation folds it itself in any case.
   */
  constructor(scenario: Scenario, simulation: SimulatedRun, foldsLedger = true) {
    this.#scenario = scenario;
    this.#simulation = simulation;
    const isObserved = scenario.observedMs !== undefined;
    this.#floors = isObserved ? simulation.pools.map(() => new FloorBook()) : [];
    // What a live network recorded may have chains that no scenario says.
    const { chains, chainFlows, customerFlows, records, recordFlows, instructionsOf } = scenario;
    const listed = [chains, chainFlows, customerFlows, records, recordFlows];
    const hasChains = listed.some(({ length }) => length > 0) || instructionsOf !== undefined;
    const hasIssuers = !isObserved && scenario.currencies.some(({ issuer }) => issuer !== null);
    // Which of them each of several pools gets is not known.
    const planned = simulation.pools.length === 1 ? plannedPayments(scenario) : 0;
    this.#books = simulation.pools.map(({ name, clearing }, pool) => ({
      payments: new PaymentBook(name, clearing.directory, planned),
      queues: new QueueBook(),
      overLedger: foldsLedger || isObserved ? this.#overLedger(clearing.directory, pool) : null,
      defaults: new DefaultBook(clearing.directory),
      proposals: new ProposalBook(),
      conditions: hasChains ? new ConditionBook(clearing.directory) : null,
      supply: hasIssuers ? new SupplyFold(clearing.directory, scenario) : null,
    }));
  }

  #overLedger(directory: Directory, pool: number): BooksOverLedger {
    const floors = this.#floors[pool];
    if (!floors) return new BooksOverLedger(directory);
    const note: NoteAccount = (account, _, timeMs) => floors.note(account, timeMs);
    return new BooksOverLedger(directory, { note });
  }

  take(slice: RunSlice): void {
    this.#sent += slice.payments;
    for (const [index, { batch }] of slice.steps.entries()) {
      for (const book of Object.values(this.#books[index] ?? {})) book?.fold(batch.events);
      // A live network may have opened a date twice.
      if (this.#scenario.instructionsOf !== undefined) continue;
      for (const { kind, currency, date } of batch.refusedDates)
        this.#refusedDates.push(`clearing refused to ${kind} ${currency} for ${date}`);
    }
  }

  /** The scenario's changes of liquidity, each with what became of it, in order of time. */
  liquidityChanges(): LiquidityChange[] {
    const next = this.#books.map(() => 0);
    return [...timeline(this.#scenario)].flatMap((control) => {
      if (!isLiquidityChange(control)) return [];
      const pool = this.#scenario.currencies[control.currency]?.pool as number;
      const outcome = this.#ledger()[pool]?.accounts.changes[next[pool] as number];
      next[pool] = (next[pool] as number) + 1;
      if (outcome === undefined) throw new Error('a change of liquidity left no event');
      return [{ ...control, outcome }];
    });
  }

  /** So far, as the summary counts them at the end; `legs`: of all that is planned, each leg of a trade by itself. */
  progress(): { legs: number; sent: number; settled: number; queued: number } {
    const sum = { legs: this.#sent, sent: this.#sent, settled: 0, queued: 0 };
    for (const { payments } of this.#books) {
      sum.sent -= payments.secondLegs;
      sum.queued -= payments.secondLegs - payments.endedSecondLegs;
      sum.settled += payments.settled;
    }
    for (const core of this.#simulation.settlements) sum.queued += core.queued();
    return sum;
  }

  /** By pool. */
  payments(): PaymentTable[] {
    return this.#books.map(({ payments }) => payments.table);
  }

  *rows(): Generator<PaymentRow, void> {
    for (const payments of this.payments()) yield* payments.rows();
  }

  /** Computes what needs nothing of another thread: all has been taken. */
  prepare(): void {
    this.#prepared = indicatorsOf(this.#scenario, this.payments());
    this.#paymentSums();
  }

  #paymentSums(): PaymentSums {
    this.#sums ??= paymentSums({
      payments: this.payments(),
      hours: (currency) => this.#hours(currency),
    });
    return this.#sums;
  }

  /** What another thread folded, by pool; of an observation it is nothing. */
  takeLedger(figures: readonly LedgerFigures[]): void {
    if (figures.length > 0) this.#figures = figures;
  }

  #ledger(): readonly LedgerFigures[] {
    this.#figures ??= this.#books.map(({ overLedger }) => {
      if (overLedger === null) throw new Error('nobody told what accounts came to');
      return overLedger.end();
    });
    return this.#figures;
  }

  /** Of the finished run. */
  indicators(): Indicators {
    this.#indicators ??= this.#completed();
    return this.#indicators;
  }

  #completed(): Indicators {
    const heldUp = this.#ledger().flatMap(({ heldUp }) => heldUp);
    heldUp.sort((a, b) => a.hourMs - b.hourMs || b.heldUpMs - a.heldUpMs);
    const books = this.#accountsAndQueues();
    const prepared = this.#prepared ?? indicatorsOf(this.#scenario, this.payments());
    this.#prepared = null;
    return { ...prepared(books), heldUp };
  }

  #accountsAndQueues(): AccountsAndQueues {
    const pools = this.#ledger();
    const queues = this.#books.map((books) => books.queues);
    for (const book of queues) book.end();
    const handleOf = ({ code, pool }: ScenarioCurrency) =>
      this.#simulation.pools[pool]?.clearing.directory.currencies.findIndex(
        ({ currency }) => currency === code,
      ) ?? -1;
    const ofCurrency = <Row extends { readonly currency: number }>(
      rows: readonly Row[] | undefined,
      currency: ScenarioCurrency,
    ): Row[] => {
      const handle = handleOf(currency);
      return rows?.filter((row) => row.currency === handle) ?? [];
    };
    return {
      days: (currency) => ofCurrency(pools[currency.pool]?.accounts.days, currency),
      available: (currency) =>
        new Map(
          ofCurrency(pools[currency.pool]?.accounts.accounts, currency).map(
            ({ participant, openingMinor, injectedMinor, creditLineMinor }) => [
              participant,
              openingMinor + injectedMinor + creditLineMinor,
            ],
          ),
        ),
      shortfalls: ({ pool }) => pools[pool]?.accounts.shortfalls ?? [],
      queuePeak: (currency) =>
        queues[currency.pool]?.peak(handleOf(currency)) ?? { payments: 0, valueMinor: 0n },
      gridlocks: queues.flatMap(({ gridlocks }) => gridlocks),
      deadlocks: queues.flatMap(({ deadlocks }) => deadlocks),
      gridlocksLeft: queues.flatMap(({ gridlocksLeft }) => gridlocksLeft),
    };
  }

  /** Throws where two ways of counting disagree: such a run has no figures. */
  summary(made: Pick<Summary, 'version' | 'overrides' | 'signatures'>): Summary {
    const faults = this.#faults();
    if (faults.length > 0) throw new Error(`the run does not add up: ${faults.join('; ')}`);
    const chains = allChains(this.#books.map(({ payments }) => payments.chains));
    const proposals = allProposals(this.#books.map((books) => books.proposals));
    const supply = supplyFigures(this.#books.flatMap((books) => books.supply ?? []));
    const conditions = conditionFigures(this.#books.flatMap((books) => books.conditions ?? []));
    return summarize({
      scenario: this.#scenario.name,
      seed: this.#scenario.seed,
      ...made,
      counterfactualOf: this.#scenario.instructionsOf,
      observed: this.#observed(),
      eventsHash: this.#eventsHash(),
      payments: this.payments(),
      repeated: this.#books.reduce((sum, { payments }) => sum + payments.repeated, 0),
      unsent: this.#simulation.totals.unsent,
      unsentMinor: (currency) => this.#unsentMinor(currency, made.signatures),
      ...(proposals && { proposals }),
      ...(chains && { chains }),
      ...(conditions && { conditions }),
      ...(supply.length > 0 && { supply }),
      defaults: this.#books.flatMap(({ defaults }) => defaults.defaults),
      uncapped: uncappedAccounts(this.#scenario),
      refusedChanges: this.liquidityChanges().filter(({ outcome }) => outcome !== 'done').length,
      refusedRequests: this.#books.reduce((sum, { payments }) => sum + payments.refusedRequests, 0),
      accounts: this.accounts(),
      currencies: this.#scenario.currencies.map(({ code }) => code),
      hours: (currency) => this.#hours(currency),
      conserved: this.#simulation.settlements.every((core) => core.conserved()),
      indicators: this.indicators(),
      sums: this.#paymentSums(),
    });
  }

  /** Of an observation what it has that no core lets be. */
  #observed(): SummaryInput['observed'] {
    const { observedMs, listedPayments, currencies } = this.#scenario;
    if (observedMs === undefined) return undefined;
    let row = 0;
    let settledAfterClose = 0;
    for (const { currency, dateIndex } of eachListed(listedPayments)) {
      const closesMs = currencies[currency]?.hours[dateIndex]?.closesMs;
      const settledMs = observedMs[row++] ?? null;
      if (settledMs !== null && closesMs !== undefined && settledMs > closesMs)
        settledAfterClose += 1;
    }
    const belowFloor = this.#floors.flatMap((book, pool) => {
      const directory = this.#simulation.pools[pool]?.clearing.directory;
      return book.accounts.map(({ participant, currency, ...when }) => ({
        participant: directory?.bic(participant) as string,
        currency: directory?.currency(currency).currency as string,
        ...when,
      }));
    });
    return { belowFloor, settledAfterClose };
  }

  #eventsHash(): string {
    const { pools } = this.#simulation;
    return eventsHash(new Map(pools.map(({ name, clearing }) => [name, clearing.digest()])));
  }

  /** In the order in which each pool's were opened. */
  accounts(): NamedAccount[] {
    return this.#ledger().flatMap(({ accounts }, index) => {
      const directory = this.#simulation.pools[index]?.clearing.directory;
      return accounts.accounts.map((account) => ({
        ...account,
        bic: directory?.bic(account.participant) as string,
        currencyCode: directory?.currency(account.currency).currency as string,
      }));
    });
  }

  /** Without signatures what was to be corrupted passes, and would have had a value. */
  #unsentMinor(code: string, signatures: boolean): bigint {
    const number = this.#scenario.currencies.findIndex((currency) => currency.code === code);
    const { unsentMinor, unsentCorruptMinor } = this.#simulation.totals;
    const corrupt = signatures ? 0n : (unsentCorruptMinor.get(number) ?? 0n);
    return (unsentMinor.get(number) ?? 0n) + corrupt;
  }

  #hours(currency: string): OpenHours[] {
    const hours = this.#scenario.currencies.find(({ code }) => code === currency)?.hours ?? [];
    return hours.filter((open) => open !== null);
  }

  /** Ways to the same figures: the plan, the events, the core's accounts, and the banks' own books if any. */
  #faults(): string[] {
    const disagreements = this.#ledger().flatMap(({ accounts }) => accounts.disagreements);
    const supplies = this.#books.flatMap(({ supply }) => supply?.book.disagreements ?? []);
    const faults = [...this.#refusedDates, ...disagreements, ...supplies];
    for (const [index, { accounts }] of this.#ledger().entries())
      for (const { participant, currency, balanceMinor } of accounts.accounts) {
        const held = this.#simulation.settlements[index]?.balance(participant, currency);
        if (held !== balanceMinor)
          faults.push(
            `account (${participant}, ${currency}): ${balanceMinor} booked, ${held} held`,
          );
      }
    const { planned, unsent, returns } = this.#simulation.totals;
    const compare = (what: string, counted: number, expected: number) => {
      if (counted !== expected) faults.push(`${what}: ${counted}, expected ${expected}`);
    };
    const count = (status: PaymentStatus) =>
      this.payments().reduce((sum, payments) => sum + payments.count(status), 0);
    const sum = (of: (book: PaymentBook) => number) =>
      this.#books.reduce((total, { payments }) => total + of(payments), 0);
    const submitted = this.payments().reduce((sum, { length }) => sum + length, 0);
    // Of what was recorded a repeat that was refused is told from a payment by its id alone, which is known in the books.
    const isRecorded = this.#scenario.instructionsOf !== undefined;
    const further = isRecorded ? sum(({ refusedRepeats }) => refusedRepeats) : 0;
    compare('submitted payments', submitted, planned - unsent + returns - further);
    const books = this.#simulation.bankBook();
    if (books === null) return faults;
    // Of notices a bank is told ten a minute: the payments of the others wait for a status in its book.
    const untold = sum((book) => book.untold);
    const waiting = count('queued') + count('accepted') + untold;
    compare("settled by the banks' books", books.settled, count('settled'));
    compare("rejected by the banks' books", books.rejected, count('rejected') - untold);
    compare("cancelled by the banks' books", books.cancelled, count('cancelled'));
    compare("pending by the banks' books", books.pending, waiting);
    compare("received by the creditors' banks", books.received, count('settled'));
    // A notice is no answer: a forger's request the bank did not ask.
    const noticed = sum(({ noticedRequests }) => noticedRequests);
    compare('answers to requests', books.answers, this.#simulation.totals.requests - noticed);
    const told = noticed + sum((book) => book.noticedQuotes - book.untoldRequests);
    compare('statuses that match no payment', books.unmatched, told);
    return faults;
  }
}

/** Accounts without a net debit cap, of each currency that settles nets. */
function uncappedAccounts({ currencies, participants, settlement }: Scenario) {
  const accounts = participants.flatMap((participant) => participant.accounts);
  return Object.fromEntries(
    [...currencies.entries()].flatMap(([currency, { code }]) => {
      if (settlement.rules[currency]?.cycleMechanism !== 'deferredNet') return [];
      const mine = accounts.filter((account) => account.currency === currency);
      return [[code, mine.filter(({ netDebitCapMinor }) => netDebitCapMinor === null).length]];
    }),
  );
}
