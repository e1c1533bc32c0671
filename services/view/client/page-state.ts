import { batch, computed, type Signal, signal } from '@preact/signals';
import { CYCLE_ROWS, FEED_ROWS, SERIES_SECONDS } from '../lengths-of-feed-lists-charts.ts';
import type {
  AccountState,
  CorridorState,
  CycleRow,
  FeedRow,
  Flow,
  SecondPoint,
  ViewCurrency,
  ViewDelta,
  ViewState,
} from '../told-to-page.ts';

/** The page's state: what the server told last. */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

export const connection = signal<Connection>('connecting');
/** False until the first snapshot came. */
export const isFilled = signal(false);
export const networkName = signal('');
export const nowMs = signal(0);
const participants = signal<ViewState['participants']>([]);
export const currencies = signal<ViewState['currencies']>([]);
export const pools = signal<ViewState['pools']>([]);
export const totals = signal<ViewState['totals'] | null>(null);
export const finality = signal<ViewState['finality'] | null>(null);
export const alerts = signal<ViewState['alerts']>([]);
export const cases = signal<ViewState['cases']>([]);
export const openCases = signal(0);
export const watched = signal<ViewState['watched']>([]);
export const watches = signal<ViewState['watches']>([]);
export const services = signal<ViewState['services']>([]);
export const chains = signal<ViewState['chains']>([]);
export const drive = signal<ViewState['drive']>(null);
export const points = signal<readonly SecondPoint[]>([]);
export const accounts = signal<ReadonlyMap<string, AccountState>>(new Map());
export const corridors = signal<ReadonlyMap<string, CorridorState>>(new Map());
export const flows = signal<ReadonlyMap<string, Flow>>(new Map());
/** The newest first. */
export const feed = signal<readonly FeedRow[]>([]);
export const cycles = signal<readonly CycleRow[]>([]);

/** Whole seconds of the server's clock: for ages, which need not be written anew more often. */
export const nowSecond = computed(() => Math.floor(nowMs.value / 1000));

/** What the page shows of the currencies: the one chosen, else the first. */
const chosen = signal('');
export const currency = computed<ViewCurrency | undefined>(
  () => currencies.value.find(({ code }) => code === chosen.value) ?? currencies.value[0],
);
export const chooseCurrency = (code: string): void => {
  chosen.value = code;
};

/** UETR of the payment whose history is open; null: none. */
export const opened = signal<string | null>(null);

export const decimalsOf = (code: string): number =>
  currencies.value.find((one) => one.code === code)?.minorUnits ?? 2;

/** Whether banks were told it as final: the quorum of auditors has come to it, where one is waited for. */
export const isFinal = ({ pool, eventNumber }: Pick<FeedRow, 'pool' | 'eventNumber'>): boolean =>
  eventNumber <= (pools.value.find((one) => one.pool === pool)?.final ?? eventNumber);

export const participantName = (bic: string): string =>
  participants.value.find((one) => one.bic === bic)?.name ?? '';

const accountName = ({ bic, currency: code }: AccountState) => `${bic}/${code}`;
const corridorName = ({ corridor, from }: CorridorState) => `${corridor} ${from}`;
const flowName = ({ side, bic, corridor, from }: Flow) => `${side} ${bic} ${corridor} ${from}`;
const rowName = ({ pool, position }: FeedRow) => `${pool}/${position}`;
const cycleName = ({ pool, eventNumber }: CycleRow) => `${pool}/${eventNumber}`;

/** With these rows in place of those of the same name. */
function merged<Row>(
  before: ReadonlyMap<string, Row>,
  rows: readonly Row[],
  nameOfRow: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const after = new Map(before);
  for (const row of rows) after.set(nameOfRow(row), row);
  return after;
}

/** Newest first, each name once. */
function onTop<Row>(
  before: readonly Row[],
  rows: readonly Row[],
  nameOfRow: (row: Row) => string,
  max: number,
): readonly Row[] {
  const names = new Set(rows.map(nameOfRow));
  const kept = before.filter((row) => !names.has(nameOfRow(row)));
  return [...[...rows].reverse(), ...kept].slice(0, max);
}

function withPoints(before: readonly SecondPoint[], changed: readonly SecondPoint[]) {
  const bySecond = new Map(before.map((point) => [point.atS, point]));
  for (const point of changed) bySecond.set(point.atS, point);
  const sorted = [...bySecond.values()].sort((a, b) => a.atS - b.atS);
  const last = sorted[sorted.length - 1]?.atS ?? 0;
  return sorted.filter(({ atS }) => atS > last - SERIES_SECONDS);
}

/** A snapshot replaces everything, a delta what it has. */
export function apply(delta: ViewDelta, isSnapshot: boolean): void {
  batch(() => {
    if (isSnapshot) {
      points.value = [];
      accounts.value = new Map();
      corridors.value = new Map();
      flows.value = new Map();
      feed.value = [];
      cycles.value = [];
      isFilled.value = true;
    }
    applyPlain(delta);
    if (delta.points) points.value = withPoints(points.value, delta.points);
    if (delta.accounts) accounts.value = merged(accounts.value, delta.accounts, accountName);
    if (delta.corridors) corridors.value = merged(corridors.value, delta.corridors, corridorName);
    if (delta.flows) flows.value = merged(flows.value, delta.flows, flowName);
    if (delta.feed) feed.value = onTop(feed.value, delta.feed, rowName, FEED_ROWS);
    if (delta.cycles) cycles.value = cyclesWith(delta.cycles);
  });
}

/** Members that replace what was told before. */
const PLAIN = {
  network: networkName,
  nowMs,
  participants,
  currencies,
  pools,
  totals,
  finality,
  alerts,
  cases,
  openCases,
  watched,
  watches,
  services,
  chains,
  drive,
};

function applyPlain(delta: ViewDelta): void {
  for (const name of Object.keys(PLAIN) as (keyof typeof PLAIN)[]) {
    const member: Signal<unknown> = PLAIN[name];
    if (delta[name] !== undefined) member.value = delta[name];
  }
}

/** A cycle keeps its place when more becomes known of it. */
function cyclesWith(rows: readonly CycleRow[]): readonly CycleRow[] {
  const all = new Map(cycles.value.map((row) => [cycleName(row), row]));
  for (const row of rows) all.set(cycleName(row), row);
  return [...all.values()]
    .sort((a, b) => b.atMs - a.atMs || b.eventNumber - a.eventNumber)
    .slice(0, CYCLE_ROWS);
}
