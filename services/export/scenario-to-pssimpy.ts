/**
 * A scenario's payments, drawn ones among them, as the tables and arguments that PSSimPy 0.1.5 loads: one
 * currency, since its accounts have none. What PSSimPy cannot hold is said, in sentences about the scenario.
 */
import { amountText } from '../protocol/names/minor-units.ts';
import { formatInstant } from '../scenario/local-time-to-instant.ts';
import { paymentTimeMs, sendingTimeMs } from '../scenario/outages.ts';
import { planMessages } from '../scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import { stopsWaitingMs } from '../scenario/planned-requests.ts';
import type { Scenario, ScenarioAccount } from '../scenario/scenario.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';

export interface PssimpyTables {
  readonly banks: readonly string[];
  readonly accounts: readonly PssimpyAccountRow[];
  readonly transactions: readonly PssimpyTransactionRow[];
  /** BasicSim's arguments beside the tables; its classes by name. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly differences: readonly string[];
}

export interface PssimpyAccountRow {
  readonly id: string;
  readonly owner: string;
  readonly balance: string;
  readonly posted_collateral: string;
}

export interface PssimpyTransactionRow {
  readonly sender_account: string;
  readonly recipient_account: string;
  readonly amount: string;
  readonly priority: number;
  readonly day: number;
  /** HH:MM. */
  readonly time: string;
}

/** PSSimPy's smaller number goes first. */
const PRIORITY = { urgent: 1, high: 2, normal: 3 } as const;
const BASIS_POINTS = 10_000n;

/**
 * @param code the currency; undefined: the only one
 * @throws ScenarioError where it has to be chosen, or is none of the scenario's
 */
export function pssimpyTablesOf(scenario: Scenario, code: string | undefined): PssimpyTables {
  const currency = currencyOf(scenario, code);
  const { code: chosen, minorUnits, isSecurity } = scenario.currencies[currency]!;
  const { document } = scenario;
  const hours = (isSecurity ? document.securities : document.currencies)[chosen]!;
  const counts = {
    ...{ split: 0, legs: 0, chainLegs: 0, others: 0, closed: 0, seconds: 0 },
    ...{ earliest: 0, latest: 0, corrupt: 0, heldBack: 0, takenBack: 0 },
    ...{ repeats: 0, cancellations: 0, returns: 0, reorderings: 0 },
  };
  const text = (minor: bigint) => amountText(minor, minorUnits);
  const bic = (participant: number) => scenario.participants[participant]!.bic;
  const opens = hours.opens.slice(0, 5);
  // PSSimPy has no 24:00; the last minute of such a day is lost.
  const closes = hours.closes === '24:00' ? '23:59' : hours.closes;
  const localTime = localTimes(hours.zone);
  const transactions: PssimpyTransactionRow[] = [];
  // What an outage without end holds is PSSimPy's to fail; what the others take back is counted apart.
  const planned = {
    ...scenario,
    outages: scenario.outages
      .filter(({ untilMs, sends }) => untilMs !== null || sends)
      .map((one) => ({
        ...one,
        reaction: one.reaction && { ...one.reaction, cancelsQueued: false },
      })),
  };
  const seen = new Set<PlannedPayment['priority']>();
  const taken = new Set<PlannedPayment['uetr']>();
  for (const message of planMessages(planned)) {
    if (message.kind === 'request') {
      const { request } = message;
      if (!('uetr' in request) || !taken.has(request.uetr)) continue;
      counts[COUNTED_AS[request.kind]] += 1;
      continue;
    }
    const { payment } = message;
    if (payment.isRepeat) {
      if (taken.has(payment.uetr)) counts.repeats += 1;
      continue;
    }
    const { amountMinor, amount2Minor, dealer } = payment;
    const isDebit = payment.currency === currency;
    if (!isDebit && !(dealer !== null && payment.currency2 === currency)) {
      counts.others += 1;
      continue;
    }
    const [date, time] = localTime(payment.atMs);
    const day = scenario.businessDates.indexOf(date) + 1;
    if (day === 0 || time < opens || time >= closes) {
      counts.closed += 1;
      continue;
    }
    if (dealer !== null) counts.split += 1;
    if (payment.kind === 'leg') counts.legs += 1;
    if (payment.kind === 'chainLeg') counts.chainLegs += 1;
    if (payment.atMs % 60_000 !== 0) counts.seconds += 1;
    if (payment.times?.earliest) counts.earliest += 1;
    if (payment.times?.latest) counts.latest += 1;
    if (payment.corrupt) counts.corrupt += 1;
    else if (isHeldBack(scenario, payment)) counts.heldBack += 1;
    else if (isTakenBack(scenario, payment)) counts.takenBack += 1;
    taken.add(payment.uetr);
    seen.add(payment.priority);
    transactions.push({
      sender_account: bic(isDebit ? payment.debtorAgent : dealer!),
      recipient_account: bic(isDebit ? (dealer ?? payment.creditorAgent) : payment.creditorAgent),
      amount: text(isDebit ? amountMinor : amount2Minor!),
      priority: PRIORITY[payment.priority],
      ...{ day, time },
    });
  }
  const holders = scenario.participants.flatMap((participant) => {
    const account = participant.accounts.find((one) => one.currency === currency);
    return account ? [{ bic: participant.bic, account }] : [];
  });
  const failures = failuresOf(scenario, currency, localTime);
  return {
    banks: holders.map((one) => one.bic),
    accounts: holders.map(({ bic: id, account }) => ({
      ...{ id, owner: id, balance: text(account.balanceMinor) },
      posted_collateral: text(creditOf(account)),
    })),
    transactions,
    args: {
      name: scenario.name,
      ...{ open_time: opens, close_time: closes, processing_window: 1 },
      num_days: scenario.businessDates.length,
      queue: seen.size > 1 ? 'PriorityQueue' : 'FIFOQueue',
      credit_facility: 'SimpleCollateralized',
      eod_clear_queue: scenario.settlement.rules[currency]!.atClose === 'cancel',
      ...(Object.keys(failures).length > 0 && { bank_failure: failures }),
    },
    differences: differencesOf(scenario, currency, { ...counts, closes, closesAt: hours.closes }),
  };
}

function currencyOf({ file, currencies }: Scenario, code: string | undefined): number {
  const codes = currencies.map((one) => one.code);
  if (code === undefined && codes.length > 1)
    throw new ScenarioError(
      `${file}: currencies ${codes.join(', ')}: expected --currency with one of them: PSSimPy's accounts have one money`,
    );
  const currency = code === undefined ? 0 : codes.indexOf(code);
  if (currency < 0)
    throw new ScenarioError(`--currency ${code}: expected one of ${file}: ${codes.join(', ')}`);
  return currency;
}

/** Date and time of an instant in a zone, which are asked for by the minute. */
function localTimes(zone: string): (atMs: number) => [date: string, time: string] {
  const known = new Map<number, [string, string]>();
  return (atMs) => {
    const minute = Math.floor(atMs / 60_000);
    const found =
      known.get(minute) ?? (formatInstant(minute * 60_000, zone).split(' ') as [string, string]);
    known.set(minute, found);
    return found;
  };
}

/** Whether the others, not its own bank, never send it: it is to a bank in an outage without end. */
const isHeldBack = (scenario: Scenario, payment: PlannedPayment): boolean =>
  sendingTimeMs(scenario, payment.debtorAgent, payment.atMs) !== null &&
  paymentTimeMs(scenario, payment, payment.atMs) === null;

const isTakenBack = (scenario: Scenario, payment: PlannedPayment): boolean => {
  const dateIndex = scenario.businessDates.indexOf(payment.businessDate);
  return stopsWaitingMs(scenario, payment, { dateIndex, currency: payment.currency }) !== null;
};

/** All that a balance may go below zero. */
function creditOf({ creditLineMinor, collateral }: ScenarioAccount): bigint {
  if (collateral === null) return creditLineMinor;
  const share = BASIS_POINTS - BigInt(collateral.haircutBasisPoints);
  return creditLineMinor + (collateral.amountMinor * share) / BASIS_POINTS;
}

/** Outages without end and defaults, by day. */
function failuresOf(
  { outages, defaults, participants, businessDates }: Scenario,
  currency: number,
  localTime: (atMs: number) => [date: string, time: string],
): Record<string, [string, string][]> {
  const failures: Record<string, [string, string][]> = {};
  const moments = [
    ...outages
      .filter(({ untilMs, sends }) => untilMs === null && !sends)
      .map(({ participant, fromMs }) => ({ participant, atMs: fromMs })),
    ...defaults.filter((one) => one.currency === null || one.currency === currency),
  ];
  for (const { participant, atMs } of moments) {
    const { bic, accounts } = participants[participant]!;
    const [date, time] = localTime(atMs);
    const day = businessDates.indexOf(date) + 1;
    if (day === 0 || !accounts.some((one) => one.currency === currency)) continue;
    failures[day] = [...(failures[day] ?? []), [time, bic]];
  }
  return failures;
}

interface Counts {
  readonly split: number;
  readonly legs: number;
  readonly chainLegs: number;
  readonly others: number;
  readonly closed: number;
  readonly seconds: number;
  /** With a time before which, or after which, they may not settle. */
  readonly earliest: number;
  readonly latest: number;
  readonly corrupt: number;
  /** By the others from a bank in an outage without end: not sent, and sent and to be taken back. */
  readonly heldBack: number;
  readonly takenBack: number;
  readonly repeats: number;
  readonly cancellations: number;
  readonly returns: number;
  readonly reorderings: number;
  readonly closes: string;
  /** The close as the scenario has it. */
  readonly closesAt: string;
}

const COUNTED_AS = {
  cancellation: 'cancellations',
  return: 'returns',
  reordering: 'reorderings',
} as const;

/** Told by their payments, or as failures of a bank. */
const COUNTED_EVENTS = [
  ...['outages', 'defaults', 'corruptSignatures', 'repeatMessages', 'cancellations', 'returns'],
  'reorderings',
];

const payments = (count: number): string => (count === 1 ? '1 payment' : `${count} payments`);

function differencesOf(scenario: Scenario, currency: number, counts: Counts): string[] {
  const { document, currencies } = scenario;
  const { code } = currencies[currency]!;
  const { settlement, events } = document;
  const rule = { ...settlement, ...settlement.currencies[code] };
  const holders = scenario.participants.flatMap(({ accounts }) =>
    accounts.filter((one) => one.currency === currency),
  );
  const ownLimits = document.participants.some(
    ({ accounts, acrossCurrencies }) =>
      acrossCurrencies !== undefined ||
      (accounts[code] !== undefined &&
        (accounts[code].limit !== undefined ||
          Object.keys(accounts[code].bilateralLimits).length > 0 ||
          accounts[code].reservations !== undefined ||
          accounts[code].netDebitCap !== undefined ||
          Object.keys(accounts[code].bilateralCaps).length > 0)),
  );
  const leftOut = Object.entries(events)
    .filter(([name, list]) => list.length > 0 && !COUNTED_EVENTS.includes(name))
    .map(([name]) => name);
  const isDown =
    scenario.outages.some(({ untilMs }) => untilMs === null) || scenario.defaults.length > 0;
  const sentences: readonly (readonly [applies: boolean, sentence: string])[] = [
    [counts.others > 0, `${payments(counts.others)} in other currencies or securities: left out.`],
    [
      counts.split > 0,
      `${payments(counts.split)} over two currencies: the part in ${code} is there, to or from the dealer, and nothing links it to the other part.`,
    ],
    [
      counts.legs > 0,
      `${counts.legs} ${counts.legs === 1 ? 'leg' : 'legs'} of PvP or DvP: each is a payment by itself there, settled without what it is exchanged for.`,
    ],
    [
      counts.chainLegs > 0,
      `${counts.chainLegs} ${counts.chainLegs === 1 ? 'leg' : 'legs'} of chains: each is a payment by itself there, settled without the others, and needs its whole amount.`,
    ],
    [
      counts.closed > 0,
      `${payments(counts.closed)} sent outside the hours of ${code}: left out, PSSimPy never comes to them.`,
    ],
    [counts.closesAt === '24:00', 'PSSimPy has no 24:00: its day ends at 23:59.'],
    [
      counts.seconds > 0,
      `${payments(counts.seconds)} sent within a minute: PSSimPy’s times are minutes, and it takes those of one minute in no fixed order.`,
    ],
    [
      true,
      'PSSimPy settles once a minute here (processing_window), lets payments that each fit overdraw a balance together, and counts what came in from the next minute on.',
    ],
    [
      rule.queue === 'fifo',
      'The queue here is strictly FIFO; PSSimPy’s queues pass over what does not fit.',
    ],
    [
      rule.mechanism !== 'rtgs',
      `Settlement here is by ${rule.mechanism}; PSSimPy nets nothing: each payment settles by itself.`,
    ],
    [
      rule.mechanism === 'rtgs' &&
        (rule.cycle !== 'off' || rule.offsetting.entry || rule.offsetting.bilateral),
      'PSSimPy saves no liquidity: cycles and offsetting are left out.',
    ],
    [
      holders.some((account) => creditOf(account) > 0n),
      'Credit lines and collateral after haircut are posted_collateral: SimpleCollateralized lends what the payments of a minute lack together, or nothing.',
    ],
    [ownLimits, 'Limits, reservations and caps are left out: PSSimPy has none.'],
    [
      isDown,
      'A bank in an outage without end or in default is a bank_failure: PSSimPy also fails what it is sent.',
    ],
    [
      counts.earliest > 0,
      `${payments(counts.earliest)} with an earliest time of settlement: left out, PSSimPy settles as soon as the money is there.`,
    ],
    [
      counts.latest > 0,
      `${payments(counts.latest)} with a latest time of settlement: left out, PSSimPy cancels nothing before the close.`,
    ],
    [
      counts.cancellations > 0,
      `${payments(counts.cancellations)} that the sender asks to cancel (cancelAfterSeconds, cancellations): PSSimPy takes no payment back.`,
    ],
    [
      counts.returns > 0,
      `${payments(counts.returns)} returned by the receiver (returns): PSSimPy returns none.`,
    ],
    [
      counts.reorderings > 0,
      `${payments(counts.reorderings)} moved in the queue (reorderings): PSSimPy moves none.`,
    ],
    [
      counts.repeats > 0,
      `${payments(counts.repeats)} sent a second time, unchanged (repeatMessages): there once, PSSimPy would settle both.`,
    ],
    [
      counts.corrupt > 0,
      `${payments(counts.corrupt)} with a corrupted signature, which are refused here: there they settle like any other.`,
    ],
    [
      counts.heldBack > 0,
      `${payments(counts.heldBack)} that the others do not send to a bank in an outage without end (othersStopPayingAfterSeconds): there they are sent, for PSSimPy to fail.`,
    ],
    [
      counts.takenBack > 0,
      `${payments(counts.takenBack)} to a bank in an outage that the others ask to cancel if still queued (queuedToIt: cancelled): PSSimPy takes no payment back.`,
    ],
    [leftOut.length > 0, `Events left out: ${leftOut.join(', ')}.`],
    [
      scenario.businessDates.length > 1,
      `Days are numbered: day 1 is ${scenario.businessDates[0]}, day ${scenario.businessDates.length} is ${scenario.businessDates.at(-1)}.`,
    ],
  ];
  return sentences.filter(([applies]) => applies).map(([, sentence]) => sentence);
}
