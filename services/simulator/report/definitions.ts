/**
 * What each figure means: the words that stand beside it in the report, and in docs/indicators.md,
 * which a test holds against these.
 */
export interface Definition {
  readonly name: string;
  /** A formula, or words where they are exact. */
  readonly definition: string;
  readonly unit: string;
  /** Null: counted or added up, exact. */
  readonly rounding: string | null;
  /** Who measures so; null: this project. */
  readonly source: string | null;
}

const RATIO = 'one division at the end, to 9 decimals';
const RANK = 'nearest rank, none';
const BOF16 = 'Leinonen and Soramäki, Bank of Finland Discussion Paper 16/1999';

const define = (
  name: string,
  unit: string,
  definition: string,
  rounding: string | null = null,
  source: string | null = null,
): Definition => ({ name, definition, unit, rounding, source });

export const DEFINITIONS = {
  valueSettled: define(
    'Value settled',
    'amount',
    'Σ v of the payments settled, by currency debited. Each leg of a PvP counts in the currency that it delivers; netted payments count in full.',
  ),
  delayIndicator: define(
    'Settlement delay indicator ρ',
    '0 to 1',
    'Σ v (s − a) / Σ v (T − a): v value, a taken in by clearing, s settled, T the close of the currency at which or before which the wait ended. 0: all at once; 1: all at the close. What did not settle waits until it is cancelled, or to the run’s last close; the rejected are left out.',
    RATIO,
    BOF16,
  ),
  weightedDelay: define(
    'Value-weighted delay',
    'time',
    'Σ v (s − a) / Σ v, over the same payments.',
    RATIO,
  ),
  available: define(
    'Liquidity available',
    'amount',
    'Σ over accounts of opening balance + issued − redeemed + the most credit that the account had (its line and what its collateral gave).',
  ),
  used: define(
    'Liquidity used',
    'amount',
    'Σ over accounts of max(0, max over time of (opening balance + issued − redeemed − balance)): the most by which payments drew each.',
    null,
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
    'Σ of all legs that debit an account in the currency: of a payment over two currencies the debtor’s leg in one and the dealer’s in the other. Legs of valid payments: all but the rejected, and legs of a PvP that found no mirror.',
  ),
  upper: define(
    'Upper bound of liquidity',
    'amount',
    'Σ over accounts of max(0, −min over time of cumulative in − out), were every valid payment settled when it comes in. What settling all at once needs. Over the whole run: balances carry over from date to date.',
    null,
    BOF16,
  ),
  lower: define(
    'Lower bound of liquidity',
    'amount',
    'Σ over accounts of max(0, out − in) of the same flows. What settling all together, at the end, needs.',
    null,
    BOF16,
  ),
  netting: define(
    'Netting efficiency',
    '%',
    '1 − lower bound / gross value: the share that multilateral netting of the whole run would save.',
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
    'Herfindahl–Hirschman index: Σ over accounts of (what it pays / gross value)². 1/n where n pay alike, 1 where one pays all.',
    RATIO,
  ),
  queuePeakPayments: define(
    'Queue, most payments',
    'payments',
    'The most that waited at one time, by currency debited: for funds, their turn, an opening, or their mirror. A matched pair counts as the leg that came first.',
  ),
  queuePeakValue: define(
    'Queue, most value',
    'amount',
    'The highest sum of amounts that waited at one time.',
  ),
  timeInQueue: define(
    'Time in queue',
    'time',
    'From when clearing took it in to its settlement, of payments that waited and then settled. Those that ended otherwise are not in it.',
    RANK,
  ),
  unsettled: define(
    'Unsettled at close',
    'payments, amount',
    'By currency debited: taken in by its close and not ended before it (cancelled by the close, carried over, or waiting when the run ends), and what the close of the other currency of a payment cancelled. Carried over twice counts at both closes. Two legs that met are one payment, as the leg that came first; the value is that of both.',
  ),
  halfBy: define(
    'Half, nine tenths of value settled by',
    'time of day UTC',
    'The first instant up to which that share of the value settled lies; of several dates together, by time since midnight UTC of the business date.',
    null,
  ),
  throughputProfile: define(
    'Throughput profile',
    '%',
    'Value settled up to a time of day / value settled on the date, by currency debited; of several dates the sums of all of them.',
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
    'A set of waiting payments that a cycle settles together though none could settle alone. It lasts, at the most, from when its last payment began to wait, or from the cycle before, to that cycle.',
    null,
    'Bech and Soramäki, Bank of Finland Discussion Paper 9/2001; the duration is this project’s',
  ),
  deadlock: define(
    'Deadlock',
    'number, time',
    'A cycle that finds payments waiting and no set of them that could settle. It lasts to the first settlement of a waiting payment, or until none waits or no currency is open; cycles that find the same again lengthen it.',
    null,
    'the same',
  ),
  gridlockLeft: define(
    'Gridlock left',
    'number, time',
    'A cycle that finds a set of waiting payments that could settle together, and whose mechanism settles none of it. It lasts as a deadlock does.',
    null,
    'the same',
  ),
  finality: define(
    'Time to finality',
    'time',
    'From when clearing takes a payment in to its settlement, of payments settled. An outage of its bank before that is not in it.',
    RANK,
  ),
  speed: define(
    'G20: speed',
    '%',
    'Of the payments neither rejected nor withdrawn by their bank, the share settled on the account of the creditor’s bank within one hour, and within a business day (by the same time of the next business date of both currencies; 24 hours after the last). Target: 75 %, and all. The targets are for cross-border payments, here those between two currencies: payments inside one currency have none, nor have trades, which settle when their banks agreed.',
    RATIO,
    'FSB, Targets for addressing the four challenges of cross-border payments, 2021',
  ),
  cost: define(
    'G20: cost',
    '%',
    '1 − Σ credited / (Σ debited × reference rate), of the payments settled: the dealers’ margin with the rounding. Target: at most 1 % on average and 3 % in each corridor; for remittances of USD 200 3 % and 5 %. Banks’ fees are not in the scenario: nothing else is charged. The margin is proportional, so a small payment pays the same share.',
    RATIO,
    'the same',
  ),
  transparency: define(
    'G20: transparency',
    '%',
    'Cost: payments over two currencies that were not refused for their rate: each of these carried a rate that its dealer had quoted and signed before. Status: payments whose bank was told of each change of status, which each run checks against the banks’ own books. Time: no bank is told in advance how long a payment will take.',
    RATIO,
    'the same',
  ),
} satisfies Record<string, Definition>;
