/**
 * What each figure means: the words that stand beside it in the report, and in docs/indicators.md,
 * which a test holds against these.
 */
export interface Definition {
  readonly name: string;
  /** A formula, or words where they are exact. */
  readonly definition: string;
  readonly unit: string;
  readonly rounding: string;
  /** Who measures so. */
  readonly source: string;
}

const EXACT = 'none, exact';
const RATIO = 'one division at the end, to 9 decimals';
const RANK = 'none, percentiles by nearest rank';
const OURS = 'this project';
const BOF16 = 'Leinonen and Soramäki, Bank of Finland Discussion Paper 16/1999';
const BOF9 = 'Bech and Soramäki, Bank of Finland Discussion Paper 9/2001';
const BCBS = (tool: string) =>
  `BCBS 248, Monitoring tools for intraday liquidity management, 2013, tool ${tool}`;
const FSB = 'FSB, Targets for addressing the four challenges of cross-border payments, 2021';

const define = (
  name: string,
  unit: string,
  definition: string,
  rounding = EXACT,
  source = OURS,
): Definition => ({ name, definition, unit, rounding, source });

export const DEFINITIONS = {
  valueSettled: define(
    'Value settled',
    'amount',
    'Σ v of the payments settled, by currency debited. Each leg of a PvP counts in the currency that it delivers. Netted payments count in full.',
  ),
  settledShare: define(
    'Settled share',
    '%',
    'Value settled / (value submitted + value never sent), by currency debited; of all currencies the same by number. An outage without end keeps payments from being sent. The denominator is the value that a scenario plans, so it is the same in each variant that forges the same messages. Forged messages count in the number and have no value. By number the denominator may differ between variants: two legs of a trade count as one payment where they met, and each counts where it was alone or never sent.',
    RATIO,
  ),
  delayIndicator: define(
    'Settlement delay indicator ρ',
    '0 to 1',
    'Σ v (s − a) / Σ v (T − a), where v is a payment’s value, a the time at which clearing took it in, s the time at which it settled, and T the close of the currency at which or before which the wait ended. Where the wait ended behind a close, no further from it than from the next opening, T is its end. 0 means that all settled at once, 1 that all settled at the close. For a payment that did not settle, s is the time at which it was cancelled, or else the run’s last close. Rejected payments are left out.',
    RATIO,
    BOF16,
  ),
  delayIndicatorSubmitted: define(
    'Settlement delay indicator ρ over all submitted',
    '0 to 1',
    'ρ over all submitted payments, rejected ones too, where s = T for each payment that did not settle. T of a payment that was rejected is the first close after it came in. ρ alone falls where payments are rejected, cancelled or unwound early, and this does not. Forged messages have no value and are left out. A payment that is rejected at the instant of the last close adds nothing: no close follows it.',
    RATIO,
  ),
  weightedDelay: define(
    'Value-weighted delay',
    'time',
    'Σ v (s − a) / Σ v, over the payments of the settlement delay indicator.',
    RATIO,
  ),
  available: define(
    'Liquidity available',
    'amount',
    'Σ over accounts of opening balance + the most of (issued − redeemed) over time + the most credit that the account had. What is redeemed at the end of a day counts until then. Credit is the account’s line and what its collateral gave.',
  ),
  used: define(
    'Liquidity used',
    'amount',
    'Σ over accounts of max(0, max over time of (opening balance + issued − redeemed − balance)). That is the most by which payments drew each account.',
    EXACT,
    BOF16,
  ),
  usage: define('Liquidity usage', '%', 'Liquidity used / liquidity available.', RATIO),
  turnover: define(
    'Turnover ratio',
    'times',
    'Value of all legs settled in the currency / liquidity used. “–” where nothing was drawn.',
    RATIO,
  ),
  gross: define(
    'Gross value of the flows',
    'amount',
    'Σ of all legs that debit an account in the currency. A payment over two currencies has the debtor’s leg in one and the dealer’s leg in the other. Only legs of valid payments count: not the rejected ones, and no leg of a PvP that found no mirror.',
  ),
  upper: define(
    'Upper bound of liquidity',
    'amount',
    'Σ over accounts of max(0, −min over time of (cumulative in − cumulative out)), as if every valid payment settled when it comes in. Settling everything at once needs this much. The bound is of the whole run, because balances carry over from date to date.',
    EXACT,
    BOF16,
  ),
  lower: define(
    'Lower bound of liquidity',
    'amount',
    'Σ over accounts of max(0, out − in) of the same flows. Settling everything together, at the end, needs this much.',
    EXACT,
    BOF16,
  ),
  netting: define(
    'Netting efficiency',
    '%',
    '1 − lower bound / gross value. That is the share that multilateral netting of the whole run would save.',
    RATIO,
  ),
  turnoverAtBounds: define(
    'Turnover at the bounds',
    'times',
    'Gross value / upper bound, and gross value / lower bound. “–” where the bound is 0.',
    RATIO,
  ),
  concentration: define(
    'Concentration of debtors',
    '0 to 1',
    'Herfindahl–Hirschman index: Σ over accounts of (what the account pays / gross value)². The index is 1/n where n accounts pay alike, and 1 where one account pays all.',
    RATIO,
  ),
  intradayUsage: define(
    'Daily maximum intraday liquidity usage',
    'amount',
    'The most by which what payments took from an account on a business date exceeded what they had brought, at any moment since its opening: max over time of (made − received), or 0. As booked: what settles together counts as a whole, and nets count as nets. What is issued, redeemed or pledged is no payment. Of a month the three largest, and the average over its dates.',
    'averages half away from zero, to the minor unit',
    BCBS('A(i)'),
  ),
  intradayPositive: define(
    'Largest positive position',
    'amount',
    'The same the other way: max over time of (received − made), or 0.',
    'averages half away from zero, to the minor unit',
    BCBS('A(i)'),
  ),
  intradayAvailable: define(
    'Intraday liquidity available at the start',
    'amount',
    'Balance + credit line + what collateral gives after its haircut, at the opening of a business date. Of a month the three smallest, and the average; of each source the average.',
    'averages half away from zero, to the minor unit',
    BCBS('A(ii)'),
  ),
  intradayPayments: define(
    'Total payments',
    'amount',
    'What an account sent and what it received on a business date, gross, of the payments that settled on it. Netted payments count in full. Of a month the three largest of each, and the averages.',
    'averages half away from zero, to the minor unit',
    BCBS('A(iii)'),
  ),
  intradayTimeSpecific: define(
    'Time-specific obligations',
    'amount',
    'Valid payments of the class urgent that came in on a business date, but for those that their bank withdrew by its close; missed: those that had not settled by then. A latest time alone makes none: events do not tell it of a payment that settles. Of a month the three largest sums of a date, the average, and what was missed in all.',
    'averages half away from zero, to the minor unit',
    BCBS('A(iv)'),
  ),
  intradayThroughput: define(
    'Intraday throughput',
    '%',
    'By full hours after the opening: what had settled by then of the value that an account sent on a business date, the average over the dates of the month on which it sent any.',
    'to 9 decimals',
    BCBS('C(i)'),
  ),
  queuePeakPayments: define(
    'Queue, most payments',
    'payments',
    'The most payments that waited at one time, by currency debited. A payment waits for funds, its turn, an opening, its earliest time or its mirror. A matched pair counts as the leg that came first.',
  ),
  queuePeakValue: define(
    'Queue, most value',
    'amount',
    'The highest sum of amounts that waited at one time, by currency debited.',
  ),
  timeInQueue: define(
    'Time in queue',
    'time',
    'The time from when clearing took a payment in to its settlement, of payments that waited and then settled. Payments that waited and ended otherwise are left out.',
    RANK,
  ),
  unsettled: define(
    'Unsettled at close',
    'payments, amount',
    'By currency debited and close: payments that were taken in by the close, and had neither settled by it nor ended otherwise before it. Such a payment is cancelled by the close, carried over, or waiting when the run ends. Payments that the close of their other currency cancelled count at that close. A payment that is carried over twice counts at both closes; what stands for a whole run is the sum over its closes. Two legs that met are one payment, as the leg that came first; the value of each leg counts in its own currency.',
  ),
  heldUp: define(
    'What held payments up',
    'payments, amount, time',
    'By account, hour and currency debited: payments that the account held up in the hour, their value, and for how long, summed over the payments. A payment that waits is looked at when it begins to wait and then at each full minute, and what is found holds it up to the next look. That is the first account that it debits and that is short of its amount: the debtor’s own, then the dealer’s or that of the other leg. The legs of a chain are held up together, by the first account in the order of its legs from which the chain takes more than it brings in and than is there; a limit likewise counts what the chain counts out less in. If none is short, it is the account whose limit the payment exceeds. If none is, the payment waits for its turn, and what holds up the first payment of its queue holds it up too. The times add up to all that was waited in queues.',
    'what holds a payment by the minute, times exact',
  ),
  halfBy: define(
    'Half, nine tenths of value settled by',
    'time of day UTC',
    'The first instant by which that share of the value settled has settled. Several dates are taken together, by time since midnight UTC of the business date. What settles behind a close is of the date whose hours are nearer, the earlier of two as near.',
  ),
  throughputProfile: define(
    'Throughput profile',
    '%',
    'Value settled up to a time of day / value settled on the date, by currency debited. Of several dates both are summed over all of them.',
    RATIO,
  ),
  mechanism: define(
    'Share by mechanism',
    '%',
    'Payments (or value) that a mechanism settled / payments (or value) settled.',
    RATIO,
  ),
  gridlock: define(
    'Gridlock',
    'number, time',
    'A set of waiting payments that a cycle settles together although none of them could settle alone. The duration ends with that cycle. It begins when the last payment of the set began to wait, or with the cycle before where that is later: the gridlock cannot have lasted longer.',
    EXACT,
    `${BOF9}; the duration is this project’s`,
  ),
  deadlock: define(
    'Deadlock',
    'number, time',
    'A cycle that finds payments waiting and no set of them that could settle. The deadlock lasts until a waiting payment settles, none waits any more, or no currency is open. Cycles that find the same again lengthen it. Where a currency has cycles of its own, that currency alone counts.',
    EXACT,
    `${BOF9}; the duration is this project’s`,
  ),
  gridlockLeft: define(
    'Gridlock left',
    'number, time',
    'A cycle that finds a set of waiting payments that could settle together, and whose mechanism settles none of them. It lasts as a deadlock does.',
    EXACT,
    `${BOF9}; the duration is this project’s`,
  ),
  defaults: define(
    'Default',
    'number, amount',
    'An account of deferred net settlement that could not pay its net debit in a cycle, or that the scenario made default. The shortfall is what the net debit left short; of a default outside a cycle it is the net debit so far. It is borne by those who bear shares of the loss. Where payments are unwound it is borne by those whom the account was to pay, net, and did not pay.',
  ),
  finality: define(
    'Time to finality',
    'time',
    'The time from when clearing takes a payment in to its settlement, of payments settled. An outage of the payment’s bank before that is not in it.',
    RANK,
  ),
  shares: define(
    'Shares of debtors, creditors, dealers and pairs',
    '0 to 1, %',
    'Of the value settled in a currency, in the whole run and by the business date on which it settled: who paid it (debtors’ agents, by what was debited), who received it (creditors’ agents, by what was credited), through whom it was changed into another currency (dealers, by what was debited), and between whom it went (ordered pairs of both agents, by what was debited). Of each how many have any, the Herfindahl–Hirschman index (Σ of the squared shares), and the share of the largest one, five and ten. Each leg of a trade is paid by who delivers it. Netted payments count in full.',
    RATIO,
  ),
  criticality: define(
    'What an outage leaves unsettled, at least',
    'amount',
    'If a participant sends nothing in a currency all run long: Σ of what it was to pay + Σ over the other accounts of max(0, out − in − available), where out is what an account was to pay, in what it was to receive without what that participant sends, and available what it had: opening balance + the most of (issued − redeemed) + the most credit. Of the valid payments, gross. Payments to the participant still go. Queues, limits and closes leave more unsettled. Where a netting scheme shares losses, others may pay for an account, and less may stay unsettled.',
  ),
  valueShare: define(
    'Share of the value',
    '%',
    '(Paid + received) / (2 × gross value), of the valid payments, by account. The shares sum to 1.',
    RATIO,
  ),
  defaultCover: define(
    'Cover 1 and cover 2',
    'amount',
    "Shortfall of an account at a full hour (UTC) while its currency is open: max(0, owed − balance − what its collateral gives), where owed is what it is to pay less what it is to be paid of the payments that are accepted for netting. A balance below zero is credit drawn. A credit line covers nothing, because whoever gave it bears the loss. Cover 1: the largest shortfall, which the default of that participant leaves uncovered. Cover 2: the two largest together; where one participant alone is short, they are the same. What settles at the hour has settled by it. The account of a currency's own issuer is left out: what it issued beyond its opening is no credit, and stands in money by issuer.",
    EXACT,
    'this project, after CPMI-IOSCO, Principles for financial market infrastructures, 2012, principles 4 and 7',
  ),
  corridorAcross: define(
    'G20: corridor',
    'number',
    'Country and currency of the debtor’s agent and of the creditor’s agent. The country stands in the BIC. A payment crosses a border where the two countries differ, also in one currency. What changes its currency inside a country crosses none.',
    EXACT,
    FSB,
  ),
  segment: define(
    'G20: segment',
    'number',
    'Wholesale: between banks (pacs.009). Retail: of customers (pacs.008). Remittances: those of customers of at most what the scenario says of the currency debited (remittancesUpTo); without it none are. No message says who a customer is, so a company’s small payment counts as a remittance then. Legs of trades and of chains are in no segment, because they settle when their parties agreed; nor are returns.',
    EXACT,
    `this project, after the segments of ${FSB}`,
  ),
  speed: define(
    'G20: speed',
    '%',
    'Of the payments across a border that were neither rejected nor withdrawn by their bank, the share settled on the account of the creditor’s bank within one hour, and within a business day. A business day ends at the same time of the next business date of both currencies; on the last date it has 24 hours. Targets of each segment: 75 % within an hour, and all within a business day. Of remittances the first is a target of every corridor.',
    RATIO,
    FSB,
  ),
  cost: define(
    'G20: cost',
    '%',
    '1 − Σ credited / (Σ debited × reference rate), of the payments settled that changed their currency. That is the dealers’ margin with the rounding. On average: weighted by the value debited at reference rates. Targets: of retail payments at most 1 % on average and 3 % in each corridor; of remittances (of USD 200) 3 % and 5 %; of wholesale payments none. Banks’ fees are not in the scenario, so nothing else is charged. The margin is proportional, so a small payment pays the same share.',
    RATIO,
    FSB,
  ),
  transparency: define(
    'G20: transparency',
    '%',
    'Cost: the share of payments across a border that were not refused for their rate; each that changes its currency carried a rate that its dealer had quoted and signed before. Status: the share of payments whose bank was told of each change of status; each run over messages checks that against the banks’ own books. Time: no bank is told in advance how long a payment will take.',
    RATIO,
    FSB,
  ),
  chainOutcomes: define(
    'Outcomes of chains',
    'chains',
    'Settled, or waiting at the end: of chains whose legs had all come. Met: their condition was met, by attestations or by silence at its deadline. Refused: so many attestors refused that the condition could not be met, also where legs had not come. Deadline: it was not met by its deadline. Expired: their earmarks expired, and they ended with them. Capped: the cap on earmarks let nothing be set aside for them, and they ended; where their terms say so they went on without earmarks. Promised: all was set aside for them, and another pool decides (a chain over two pools); what became of them is counted too. Of such a chain each of the two pools counts its part. What ended otherwise was cancelled by a bank, a latest time, a close or a default.',
  ),
  earmarkOutcomes: define(
    'Outcomes of earmarks',
    'legs',
    'Legs whose money was set aside. It settled with its chain, was released as it expired, also where the chain then went on without, was released for another end of the chain or for a close, or still stands. A leg that is set aside anew after a close counts again.',
  ),
  locked: define(
    'Liquidity locked × time',
    'amount × hours',
    'By account: Σ v (e − b) over its legs that were set aside, where v is a leg’s amount, b the time at which it was set aside, and e that at which it settled or was released. Of what still stands e is the run’s last event.',
  ),
  earmarkedPeak: define(
    'Earmarked, most',
    'amount',
    'The highest sum of an account’s legs that were set aside together, event by event. What is set aside and settles at the same instant counts.',
  ),
  lastAttestation: define(
    'Time to the last attestation',
    'time',
    'From when the last leg of a chain came to the attestation with which its condition was met. 0 where that had come before. Conditions that silence met are left out.',
    RANK,
  ),
  attestationToSettlement: define(
    'Attestation to settlement',
    'time',
    'From when attestations had met the condition of a chain, all its legs there, to its settlement. Of chains that settled, without those whose condition silence met.',
    RANK,
  ),
  attestations: define(
    'Attestations',
    'number',
    'By attestor: acceptances, refusals and holds of chains that counted, records of documents, and attestations that did not count: of an unknown or decided chain, said before, out of date, or by who is not named.',
  ),
  waitedForLast: define(
    'Waited for last',
    'chains',
    'By attestor: chains whose condition was met with what it said, all legs there and all others who were needed heard, and the longest time from their last leg to then. Whom a chain waits for at an instant, named by its terms: corridor explain.',
  ),
  supply: define(
    'Supply',
    'amount',
    'Of a currency or security with an issuer, what all others than the issuer have of it: central-bank money, or what a bank owes its customers. Beginning: when the issuer was appointed. Least and most are those after a record.',
  ),
  issuedAndRedeemed: define(
    'Issued and redeemed',
    'amount',
    'What left the issuer’s own account, and what came back to it; with it what records issue to others and redeem of them. A payment inside one bank redeems the payer’s deposits and issues as much to the payee.',
  ),
  cover: define(
    'Cover of deposits',
    '%',
    'Reserves of a bank / what it owes its customers in the currency, after the record after which that was least. “–” where nobody had deposits.',
    RATIO,
  ),
  customerPayments: define(
    'Payments for customers',
    'number, amount',
    'What a bank paid for those who have deposits at it: legs that redeem a customer’s deposits and settled, whether the payee is a customer of the same bank or of another; returns are none. Of the dates on which the reserves opened the three with most, and the average. Share: of what the customers of all banks sent over the same reserves.',
    'averages half away from zero, to the minor unit',
    `${BCBS('B(i)')}; CPMI-IOSCO, Principles for financial market infrastructures, 2012, principle 19`,
  ),
  customerExposure: define(
    'Largest exposure of customers',
    'amount',
    'The most by which what a bank owed its customers in deposits exceeded its reserves, after any record, or 0. A payment of a customer moves both alike: where no reserves move otherwise, it is what there was at the opening.',
    undefined,
    'CPMI-IOSCO, Principles for financial market infrastructures, 2012, principle 19',
  ),
} satisfies Record<string, Definition>;
