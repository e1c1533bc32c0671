/** What of an import from PSSimPy means something else here, in sentences about the tables given. */
import { counted, listed } from '../explain/amount-words.ts';
import type { PssimpyArguments } from './pssimpy-schema.ts';
import type { TransactionKind } from './pssimpy-tables.ts';

export interface PssimpyChoices {
  /** Of all amounts; its decimals are the most that they may have. */
  readonly currency: string;
  /** The date of PSSimPy's day 1. */
  readonly firstDate: string;
}

export interface PssimpyAccount {
  readonly id: string;
  readonly owner: string;
  readonly balanceMinor: bigint;
  readonly collateralMinor: bigint;
}

export interface PssimpyPayment {
  /** Counted from 0. */
  readonly row: number;
  readonly debtor: string;
  readonly creditor: string;
  readonly amountMinor: bigint;
  /** Counted from 1. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
  readonly priority: number;
  /** By PSSimPy's log. */
  readonly settled: {
    readonly day: number;
    /** null: the log has none, and it is the close of the day. */
    readonly minute: number | null;
  } | null;
}

export interface PssimpyFailure {
  readonly bank: string;
  readonly day: number;
  readonly minute: number;
  /** The begin of its window. */
  readonly fromMinute: number;
}

export interface PssimpyFacts {
  readonly rules: PssimpyArguments & {
    readonly open_time: string;
    readonly close_time: string;
    readonly num_days: number;
    readonly queue: string;
    readonly credit_facility: string;
    readonly constraint_handler: string;
  };
  readonly opens: number;
  readonly ends: number;
  readonly window: number;
  /** Whether the windows end with the day. */
  readonly isWhole: boolean;
  /** Whether every payment settles in its window, whatever the balance. */
  readonly isUnlimited: boolean;
  /** Whether what does not fit when it is sent fails, so that no payment waits. */
  readonly failsAtOnce: boolean;
  readonly choices: PssimpyChoices;
  readonly banks: {
    readonly names: ReadonlySet<string>;
    readonly strategies: ReadonlyMap<string, readonly string[]>;
  };
  readonly accounts: readonly PssimpyAccount[];
  readonly failures: readonly PssimpyFailure[];
  readonly classes: ReadonlyMap<number, 'urgent' | 'high' | 'normal'>;
  readonly kind: TransactionKind;
  readonly read: readonly PssimpyPayment[];
  readonly kept: readonly PssimpyPayment[];
  /** Of times that PSSimPy never comes to. */
  readonly missed: readonly PssimpyPayment[];
  readonly strayColumns: readonly string[];
}

/** Rows that a sentence names. */
const ROWS_MAX = 3;
const rowsOf = (payments: readonly PssimpyPayment[]): string => {
  const rows = payments.slice(0, ROWS_MAX).map(({ row }) => String(row + 1));
  const more = payments.length > ROWS_MAX ? ', ...' : '';
  return `${payments.length === 1 ? 'row' : 'rows'} ${rows.join(', ')}${more}`;
};
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** In the order of a reader's questions: who, when, which payments, how they settle, what is left out. */
export const differencesOf = (facts: PssimpyFacts): string[] =>
  [
    ...[parties, days, hours, leftOut, windows, ...[crowded, credit, queue, priorities, endOfDay]],
    ...[failures, strategies, constraints, fees, columns, log],
  ].flatMap((part) => part(facts) ?? []);

type Part = (facts: PssimpyFacts) => string | string[] | null;

const parties: Part = ({ accounts }) => {
  const several = [...new Set(accounts.map(({ owner }) => owner))].filter(
    (bank) => accounts.filter(({ owner }) => owner === bank).length > 1,
  );
  if (several.length === 0) return null;
  return `A participant here has one account in a currency: the accounts of ${listed(several)} are participants of their own, and payments between them are payments between banks.`;
};

const days: Part = ({ rules, choices }) =>
  `PSSimPy’s days have no dates and its amounts no currency: day 1 is ${choices.firstDate}${rules.num_days > 1 ? ', each day the next date, weekends included' : ''}, times are UTC, and amounts are ${choices.currency}.`;

const hours: Part = ({ isWhole, rules, ends, window }) =>
  isWhole
    ? null
    : `PSSimPy’s last window of ${window} minutes begins before ${rules.close_time} and is taken whole: the close here is ${clock(ends)}.`;

const leftOut: Part = ({ missed, read, opens, ends, rules }) => {
  const same = read.filter(({ debtor, creditor }) => debtor === creditor);
  return [
    ...(missed.length === 0
      ? []
      : [
          `${counted(missed.length, 'payment')} outside ${clock(opens)} to ${clock(ends)} or after day ${rules.num_days} (${rowsOf(missed)}): PSSimPy never comes to them and does not say so; they are left out.`,
        ]),
    ...(same.length === 0
      ? []
      : [
          `${counted(same.length, 'payment')} from an account to itself (${rowsOf(same)}): PSSimPy settles them, which moves nothing; they are left out.`,
        ]),
  ];
};

const windows: Part = ({ window }) =>
  window === 1
    ? null
    : `PSSimPy settles once in ${window} minutes, at the begin of a window and with all that is sent during it; here a payment settles when it is sent, up to ${window - 1} minutes later on the clock, and what it brings can be paid on at once, not from the next window on.`;

const isCrowded = ({ kept, opens, window }: PssimpyFacts): boolean => {
  const seen = new Set<string>();
  return kept.some(({ debtor, day, minute }) => {
    const key = `${day} ${Math.floor((minute - opens) / window)} ${debtor}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
};

const crowded: Part = (facts) =>
  facts.isUnlimited || !isCrowded(facts)
    ? null
    : [
        `PSSimPy holds each payment of a window against the balance at its begin and then settles all that fit, though together they may overdraw it; here a payment that does not fit any more ${facts.failsAtOnce ? 'fails' : 'waits'}.`,
        'PSSimPy takes the payments of a window in no fixed order, so two runs of it may differ; here they go by time, then by row.',
      ];

const credit: Part = ({ isUnlimited, rules, accounts }) => {
  const { queue: queueClass, credit_facility: facility } = rules;
  const posted = accounts.filter(({ collateralMinor }) => collateralMinor > 0n).length;
  if (!isUnlimited)
    return posted === 0
      ? null
      : `SimpleCollateralized lends what all payments of a window lack together, or nothing, and takes it back at the end of a day; here the collateral of ${counted(posted, 'account')} is credit that each payment may use in part and that receipts repay at once.`;
  const why =
    queueClass === 'DirectQueue'
      ? 'DirectQueue settles whatever the balance is'
      : 'SimplePriced lends whatever a window lacks';
  const lent =
    posted === 0
      ? null
      : `SimpleCollateralized decides nothing under DirectQueue: the collateral of ${counted(posted, 'account')} is left out.`;
  return [
    `${why}: each account has a credit line here as large as all that it pays, so that nothing waits, as there.`,
    facility === 'SimplePriced'
      ? 'SimplePriced lends what all payments of a window lack together and takes it back in whole loans at the end of a day; here only what a payment lacks is drawn, and receipts repay it: balances and credit during the day differ, nothing else.'
      : lent,
  ].filter((sentence) => sentence !== null);
};

const queue: Part = ({ isUnlimited, classes }) =>
  isUnlimited || classes.size <= 1
    ? null
    : 'PriorityQueue passes over whatever does not fit; here an urgent or high payment that does not fit holds up those of its bank behind it.';

const priorities: Part = ({ rules, read, classes, failsAtOnce }) => {
  if (rules.queue !== 'PriorityQueue' || failsAtOnce)
    return read.some(({ priority }) => priority !== read[0]!.priority)
      ? `${failsAtOnce ? 'A queue in which nothing waits' : rules.queue} does not look at priorities: all payments are normal.`
      : null;
  if (classes.size <= 1) return null;
  const shown = [...classes].slice(0, 3).map(([number, name]) => `${number} is ${name}`);
  const more = classes.size > 3 ? `, and so are the ${classes.size - 3} larger numbers` : '';
  return `Of PSSimPy’s priorities the smallest goes first: ${listed(shown)}${more}.`;
};

const endOfDay: Part = ({ rules, isUnlimited, failsAtOnce }) => {
  if (isUnlimited || failsAtOnce) return null;
  if (rules.eod_force_settlement)
    return 'eod_force_settlement settles what is queued at the close whatever the balance is; here it is cancelled.';
  return null;
};

const failures: Part = ({ failures: failed, kept, accounts }) => {
  if (failed.length === 0) return null;
  const ownerOf = new Map(accounts.map(({ id, owner }) => [id, owner]));
  const isDown = (account: string, { day, minute }: PssimpyPayment) =>
    failed.some(
      (failure) =>
        failure.bank === ownerOf.get(account) &&
        (day > failure.day || (day === failure.day && minute >= failure.fromMinute)),
    );
  const received = kept.filter((one) => !isDown(one.debtor, one) && isDown(one.creditor, one));
  const early = failed.filter(({ minute, fromMinute }) => minute > fromMinute);
  const told = failed.map(
    ({ bank, day, fromMinute }) => `${bank} from ${clock(fromMinute)} of day ${day}`,
  );
  return [
    `A bank that fails sends nothing more here (an outage without end): ${listed(told)}${early.length > 0 ? ', the begin of the window in which PSSimPy takes the failure' : ''}.`,
    ...(received.length === 0
      ? []
      : [
          `${counted(received.length, 'payment')} to a bank that has failed (${rowsOf(received)}): PSSimPy fails such payments; here a bank that has failed still receives, and they settle.`,
        ]),
  ];
};

const strategies: Part = ({ banks: { strategies: found } }) =>
  [...found].map(
    ([strategy, names]) =>
      `The strategy ${strategy} of ${listed(names)} is a class in Python, which cannot be imported: the payments are sent at their times.`,
  );

const constraints: Part = ({ rules, failsAtOnce }) =>
  ({
    PassThroughHandler: null,
    MinBalanceConstraintHandler: failsAtOnce
      ? 'MinBalanceConstraintHandler fails a payment that does not fit when it is sent, whatever the queue; here each payment has a latest settlement time one second after it is sent: what does not fit is cancelled then, unless a payment of the same minute brings what it lacks.'
      : null,
    MaxSizeConstraintHandler:
      'MaxSizeConstraintHandler splits payments above a size; here they stay whole.',
  })[rules.constraint_handler as 'PassThroughHandler'];

const fees: Part = ({ rules }) =>
  rules.transaction_fee_rate === undefined || rules.transaction_fee_rate === 0
    ? null
    : 'Transaction fees are left out: PSSimPy writes them down and takes them from no account.';

const columns: Part = ({ strayColumns: found }) =>
  found.length === 0
    ? null
    : `Left out, as PSSimPy’s own classes do not read it: ${found.join(', ')}.`;

const log: Part = ({ kind, kept, window, rules }) => {
  if (kind !== 'processed') return null;
  const early = kept.filter(
    ({ settled, day, minute }) =>
      settled?.day === day && settled.minute !== null && settled.minute < minute,
  );
  const forced = kept.filter(({ settled }) => settled?.minute === null);
  return [
    'The transactions are PSSimPy’s log of those that settled or failed: it has none that were still queued at the end, and no priorities.',
    ...(early.length === 0
      ? []
      : [
          `${counted(early.length, 'payment')} settled by the log at the begin of a window of ${window} minutes, before being sent: they count as settled when they were sent.`,
        ]),
    ...(forced.length === 0
      ? []
      : [
          `${counted(forced.length, 'payment')} of status Success without a settlement time (${rowsOf(forced)}), as eod_force_settlement leaves them: they count as settled at the end of their day, ${rules.close_time}.`,
        ]),
  ];
};
