/**
 * A run's indicators computed a second time, in the plainest way, from what anyone can read: the rows
 * of payments.csv and the scenario. No code is shared with services/report/figures.
 */
import type { Scenario } from '../../services/scenario/scenario.ts';

export type CsvRow = Readonly<Record<string, string>>;

/** "12.50" with two decimals is 1250. */
const minorOf = (text: string) => BigInt(text.replace('.', ''));
const msOf = (text: string) => Date.parse(text);
const nine = (value: number) => Math.round(value * 1e9) / 1e9;

export interface Leg {
  readonly order: number;
  readonly from: string;
  readonly to: string;
  readonly minor: bigint;
}

const isLeg = (row: CsvRow) => row.messageType === 'corridor.pvp.1';
const isValid = (row: CsvRow) =>
  row.status !== 'RJCT' && !(isLeg(row) && (row.pairedWith ?? '') === '');

function legsIn(rows: readonly CsvRow[], code: string): Leg[] {
  const legs: Leg[] = [];
  for (const row of rows) {
    const order = Math.max(Number(row.position), Number(row.pairedWith || 0));
    const from = row.debtorAgent as string;
    const to = row.creditorAgent as string;
    const dealer = row.dealer as string;
    if (row.currency === code)
      legs.push({ order, from, to: dealer || to, minor: minorOf(row.amount as string) });
    if (dealer && row.creditedCurrency === code)
      legs.push({ order, from: dealer, to, minor: minorOf(row.creditedAmount as string) });
  }
  return legs.sort((a, b) => a.order - b.order);
}

/** For each account its position after every leg, as a list; the bounds are read off it. */
function flows(legs: readonly Leg[]) {
  const names = [...new Set(legs.flatMap(({ from, to }) => [from, to]))];
  let [upper, lower, gross, squares] = [0n, 0n, 0n, 0n];
  for (const name of names) {
    const positions = [0n];
    let paid = 0n;
    for (const { from, to, minor } of legs) {
      const last = positions[positions.length - 1] as bigint;
      if (from === name) positions.push(last - minor);
      if (to === name) positions.push(last + minor);
      if (from === name) paid += minor;
    }
    const least = positions.reduce((a, b) => (a < b ? a : b));
    const end = positions[positions.length - 1] as bigint;
    upper += -least;
    if (end < 0n) lower += -end;
    gross += paid;
    squares += paid * paid;
  }
  const over = (part: bigint, whole: bigint) =>
    whole === 0n ? null : nine(Number((part * 10n ** 15n) / whole) / 1e15);
  return {
    gross,
    upper,
    lower,
    netting: gross === 0n ? null : nine(1 - (over(lower, gross) ?? 0)),
    turnoverAtUpper: over(gross, upper),
    turnoverAtLower: over(gross, lower),
    concentration: over(squares, gross * gross),
  };
}

export const flowsOf = (rows: readonly CsvRow[], code: string) => ({
  valid: flows(legsIn(rows.filter(isValid), code)),
  settled: flows(
    legsIn(
      rows.filter(({ status }) => status === 'ACSC'),
      code,
    ),
  ),
});

/** rho and the value-weighted delay; the close is looked up hour by hour. */
export function delays(rows: readonly CsvRow[], code: string, scenario: Scenario) {
  const closes = closesOf(scenario, code);
  const last = closes[closes.length - 1] as number;
  let [waited, longest, value] = [0n, 0n, 0n];
  for (const row of rows) {
    if (row.currency !== code || row.status === 'RJCT') continue;
    const submitted = msOf(row.submittedAt as string);
    const ended = row.finalAt ? msOf(row.finalAt) : Math.max(last, submitted);
    const close = dayEndOf(scenario, code, submitted, ended) ?? Math.max(ended, last);
    const minor = minorOf(row.amount as string);
    waited += minor * BigInt(ended - submitted);
    longest += minor * BigInt(close - submitted);
    value += minor;
  }
  return {
    rho: longest === 0n ? null : Number(waited) / Number(longest),
    weightedMs: value === 0n ? null : Number(waited) / Number(value),
  };
}

/** What settled of what was submitted, and rho with all that did not settle waiting to its day's end. */
export function ofSubmitted(rows: readonly CsvRow[], code: string, scenario: Scenario) {
  const closes = closesOf(scenario, code);
  let [settled, all, waited, longest] = [0n, 0n, 0n, 0n];
  for (const row of rows) {
    if (row.currency !== code) continue;
    const minor = minorOf(row.amount as string);
    const submitted = msOf(row.submittedAt as string);
    const ended = row.finalAt ? msOf(row.finalAt) : Number.POSITIVE_INFINITY;
    const close =
      dayEndOf(scenario, code, submitted, ended) ??
      Math.max(...closes, Number.isFinite(ended) ? ended : submitted);
    all += minor;
    longest += minor * BigInt(close - submitted);
    waited += minor * BigInt((row.status === 'ACSC' ? ended : close) - submitted);
    if (row.status === 'ACSC') settled += minor;
  }
  return {
    share: all === 0n ? null : Number(settled) / Number(all),
    rho: longest === 0n ? null : Number(waited) / Number(longest),
  };
}

const hoursOf = (scenario: Scenario, code: string) =>
  scenario.currencies
    .filter((currency) => currency.code === code)
    .flatMap(({ hours }) => hours)
    .filter((open) => open !== null);

const closesOf = (scenario: Scenario, code: string) =>
  hoursOf(scenario, code).map(({ closesMs }) => closesMs);

/** Of a wait that ended behind a close that it had come before, and by the middle of the night, its own end. */
function dayEndOf(scenario: Scenario, code: string, from: number, ended: number) {
  const all = hoursOf(scenario, code);
  const next = all.find(({ closesMs }) => closesMs >= ended && closesMs > from);
  const closed = all.filter(({ closesMs }) => closesMs < ended && closesMs > from).pop();
  const isLate = next && closed && ended <= (closed.closesMs + next.opensMs) / 2;
  return isLate ? ended : next?.closesMs;
}

/** The smallest of the values that at least so many of a hundred do not exceed. */
export function rank(values: readonly number[], hundredths: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted.find((value) => {
      const covered = sorted.filter((other) => other <= value).length;
      return covered * 100 >= hundredths * sorted.length;
    }) ?? null
  );
}

const waitOf = (row: CsvRow) => msOf(row.finalAt as string) - msOf(row.submittedAt as string);

export function timesInQueue(rows: readonly CsvRow[], code: string): number[] {
  return whatWaited(rows, code)
    .filter((row) => row.status === 'ACSC')
    .map(waitOf);
}

/** Of two legs that met, the one that came first. */
export const whatWaited = (rows: readonly CsvRow[], code: string) =>
  rows.filter(
    (row) =>
      row.currency === code &&
      row.queuedAt &&
      (!row.pairedWith || Number(row.position) < Number(row.pairedWith)),
  );

/** What waits, after everything of an instant has happened, and before anything of it left. */
export function queueBounds(rows: readonly CsvRow[], code: string) {
  const mine = whatWaited(rows, code);
  const instants = [...new Set(mine.map(({ queuedAt }) => msOf(queuedAt as string)))];
  const ends = (row: CsvRow) => (row.finalAt ? msOf(row.finalAt) : Number.POSITIVE_INFINITY);
  const most = (stillThere: (end: number, atMs: number) => boolean) =>
    Math.max(
      0,
      ...instants.map(
        (atMs) =>
          mine.filter((row) => msOf(row.queuedAt as string) <= atMs && stillThere(ends(row), atMs))
            .length,
      ),
    );
  return {
    least: most((end, atMs) => end > atMs),
    most: most((end, atMs) => end >= atMs),
  };
}

/**
 * By close: taken in before it, and ended by the close itself, later, or never; and cancelled at an
 * instant that is no close of the currency: by the close of the payment's other one.
 */
export function unsettled(rows: readonly CsvRow[], code: string, scenario: Scenario) {
  let [number, value] = [0, 0n];
  const owed = (row: CsvRow): void => {
    const isSecondLeg = row.pairedWith !== '' && Number(row.position) > Number(row.pairedWith);
    number += isSecondLeg ? 0 : 1;
    value += minorOf(row.amount as string);
  };
  const own = closesOf(scenario, code);
  for (const row of rows)
    if (row.currency === code && row.status === 'CANC')
      if (/^Not settled by the close/.test(row.reasonText as string))
        if (!own.includes(msOf(row.finalAt as string))) owed(row);
  for (const close of own)
    for (const row of rows) {
      if (row.currency !== code || row.status === 'RJCT') continue;
      if (msOf(row.submittedAt as string) >= close) continue;
      const end = row.finalAt ? msOf(row.finalAt) : Number.POSITIVE_INFINITY;
      const byClose =
        end === close &&
        row.status === 'CANC' &&
        ['AM04', 'AB03'].includes(row.reason as string) &&
        !/in time/.test(row.reasonText as string);
      if (end > close || byClose) owed(row);
    }
  return { number, value };
}

export interface CorridorCheck {
  readonly payments: number;
  readonly hour: number;
  readonly day: number;
  readonly cost: number | null;
}

/** Rejected, or withdrawn by its bank (CUST): nothing that could be credited. */
const isRefused = ({ status, reason }: CsvRow) => status === 'RJCT' || reason === 'CUST';

/** By corridor across a border. One date only: a business day is 24 hours. Cost in floating point, which is enough to see an error. */
export function corridorChecks(
  rows: readonly CsvRow[],
  rateOf: (from: string, to: string) => number,
  decimals: (code: string) => number,
): Map<string, CorridorCheck> {
  const found = new Map<string, CorridorCheck>();
  for (const name of new Set(rows.map(nameOf))) {
    const all = rows.filter((row) => nameOf(row) === name);
    const mine = all.filter((row) => !isRefused(row));
    const settled = mine.filter(({ status }) => status === 'ACSC');
    const [from, to] = [all[0]?.currency as string, all[0]?.creditedCurrency as string];
    const units = (minor: bigint, code: string) => Number(minor) / 10 ** decimals(code);
    const sum = (column: string) =>
      settled.reduce((total, row) => total + minorOf(row[column] as string), 0n);
    const debited = units(sum('amount'), from) * (from === to ? 1 : rateOf(from, to));
    found.set(name, {
      payments: mine.length,
      hour: settled.filter((row) => waitOf(row) <= 3_600_000).length,
      day: settled.filter((row) => waitOf(row) <= 86_400_000).length,
      cost: from === to || debited === 0 ? null : 1 - units(sum('creditedAmount'), to) / debited,
    });
  }
  return found;
}

/** What dealers kept of all that crossed currencies, at reference rates; null where nothing did. */
export function averageCost(
  rows: readonly CsvRow[],
  rateOf: (from: string, to: string) => number,
  decimals: (code: string) => number,
): number | null {
  const crossed = rows.filter(
    (row) => row.status === 'ACSC' && !isLeg(row) && row.currency !== row.creditedCurrency,
  );
  const [first] = crossed;
  if (!first) return null;
  // In any one currency: rates between three are consistent.
  const unit = first.currency as string;
  const worth = (amount: 'amount' | 'creditedAmount', currency: 'currency' | 'creditedCurrency') =>
    crossed.reduce((sum, row) => {
      const code = row[currency] as string;
      const units = Number(minorOf(row[amount] as string)) / 10 ** decimals(code);
      return sum + units * rateOf(code, unit);
    }, 0);
  return 1 - worth('creditedAmount', 'creditedCurrency') / worth('amount', 'currency');
}

const SEGMENTS: CsvRow = { 'pacs.008.001.08': 'retail', 'pacs.009.001.08': 'wholesale' };
const countryOf = (bic = '') => bic.slice(4, 6);

/** Of a payment across a border; null: it is none, or in no segment. No scenario here has remittances. */
export function segmentOf(row: CsvRow): string | null {
  const countries = [countryOf(row.debtorAgent), countryOf(row.creditorAgent)];
  const crosses = row.currency && !countries.includes('') && countries[0] !== countries[1];
  return (crosses && SEGMENTS[row.messageType as string]) || null;
}

const nameOf = (row: CsvRow) =>
  `${segmentOf(row)}: ${countryOf(row.debtorAgent)} ${row.currency} → ${countryOf(row.creditorAgent)} ${row.creditedCurrency}`;

/** Share of what settled up to each date's instant; in zones whose date is that of UTC. */
export function shareSettledBy(
  rows: readonly CsvRow[],
  code: string,
  dates: readonly string[],
  atMs: readonly (number | null)[],
): number | null {
  const mine = rows.filter((row) => row.currency === code && row.status === 'ACSC');
  const byMs = (row: CsvRow) => atMs[dates.indexOf((row.finalAt as string).slice(0, 10))] as number;
  const sum = (of: readonly CsvRow[]) =>
    of.reduce((total, row) => total + Number(minorOf(row.amount as string)), 0);
  return mine.length === 0
    ? null
    : sum(mine.filter((row) => msOf(row.finalAt as string) <= byMs(row))) / sum(mine);
}
