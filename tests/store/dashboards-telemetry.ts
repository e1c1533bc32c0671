/** What no simulated run has: rows of services, checks and blocks, and what of them must not count. */
import { drillRow } from '../../services/drive/kept-drills.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { cosignatureRow, verifierRow } from '../../services/metrics/telemetry-rows.ts';

export const MINUTE_MS = 60_000;
export const LAG_MS = 750;

interface Place {
  readonly run: string;
  readonly bank: string;
  readonly toMs: number;
  /** 0: what figures are of; else a decoy, with other values. */
  readonly laterMs: number;
}

type Insert = (table: string, values: readonly object[], token: string) => Promise<void>;

/** What services would have measured, and decoys that no figure may count. */
export async function insertTelemetry(insert: Insert, place: Place): Promise<void> {
  for (const [table, rows] of Object.entries({
    verifier_batches: batches(place),
    service_samples: samples(place),
    reconciliations: checks(place),
    log_proofs: proofs(place),
    log_cosignatures: cosignatures(place),
    insertions: insertedBlocks(place),
    security_events: reusedIdentities(place),
    waits: waiting(place),
    watch_scores: scoredPayments(place),
    drills: [drilled(place)],
    case_events: caseEvents(place),
    case_money: caseMoney(place),
  }))
    await insert(table, rows, `test/${table}/${place.run}/${place.laterMs}`);
}

/** Of the network: passed after a minute and a half; of another run: one that did not. */
function drilled(place: Place): object {
  return drillRow(place.run, timesOf(place, 5), {
    breaks: place.laterMs === 0 ? 'tables' : 'store',
    recoverySeconds: 90.25,
    recoverySecondsMax: 7_200,
    log: { records: 700, lost: 2 },
    replayFault: null,
    events: 5_000,
    store: { figures: 40, different: ['settled EUR', 'payments'] },
    closed: { EUR: true, SGD: 'why not' },
    isPassed: false,
  });
}

const timesOf = ({ toMs, laterMs }: Place, minutes: number) => toMs + laterMs - minutes * MINUTE_MS;

function batches(place: Place): object[] {
  const { run, laterMs } = place;
  const invalid = laterMs === 0 ? 1 : 7;
  const batchSize = laterMs === 0 ? 100 : 50;
  return [1, 2, 3, 4].map((minutes) =>
    verifierRow(run, {
      atMs: timesOf(place, minutes),
      batchSize,
      valid: batchSize - invalid,
      invalid,
      durationNs: 2_000_000n,
      threads: laterMs === 0 ? minutes % 4 : 9,
      keysWithoutRoom: laterMs === 0 ? minutes % 4 : 9,
    }),
  );
}

const READERS: Readonly<Record<string, string>> = {
  metrics: 'main/events',
  notifier: 'main/seal',
};

function samples(place: Place): object[] {
  const { run, laterMs } = place;
  const isDecoy = laterMs > 0;
  const services = isDecoy
    ? ['clearing', 'gateway', 'metrics', 'verifier', 'notifier']
    : ['clearing', 'metrics', 'verifier', 'notifier'];
  return services.flatMap((service, index) =>
    [2, 1].map((minutes) => {
      const isIll = minutes === 1 && (isDecoy || service === 'verifier');
      return {
        run,
        time: clickHouseTime(timesOf(place, minutes)),
        service,
        instance: `${service}-0`,
        reader: READERS[service] ?? 'main/input',
        is_ready: isIll ? 0 : 1,
        lag_records: (isDecoy ? 70 : 10) * index * minutes,
        lag_ms: (isDecoy ? 2 : 1) * LAG_MS * minutes,
        records: isDecoy ? 500 : 400,
        fault: isIll ? 'chainDivergence' : '',
      };
    }),
  );
}

function checks(place: Place): object[] {
  const time = clickHouseTime(timesOf(place, 1));
  const found = place.laterMs === 0 ? '6' : '4';
  return [
    { figure: 'conserved EUR', expected: '5', found: '5', agrees: 1 },
    { figure: 'settled EUR', expected: '7', found, agrees: 0 },
    { pool: 'other', figure: 'settled EUR', expected: '7', found: '3', agrees: 0 },
    ...(place.laterMs === 0 ? [] : [{ figure: 'settled SGD', expected: '1', found, agrees: 0 }]),
  ].map((check) => ({ run: place.run, pool: 'main', time, ...check }));
}

/** Of two processes the last word counts: one has 2 faults, the other none more. */
function proofs(place: Place): object[] {
  const faults = place.laterMs === 0 ? 2 : 9;
  return [
    { instance: 'verifier-0', minutes: 2, faults: 0 },
    { instance: 'verifier-0', minutes: 1, faults },
    { instance: 'verifier-1', minutes: 1, faults: 0 },
  ].map(({ instance, minutes, faults }) => ({
    run: place.run,
    time: clickHouseTime(timesOf(place, minutes)),
    pool: 'main',
    instance,
    records: 100,
    proven: 100 - faults,
    faults,
    first_fault: faults > 0 ? 'pool main, offset 7: issue: no signature' : '',
    unchecked_ms: 0,
    covered_time: clickHouseTime(timesOf(place, minutes)),
  }));
}

function cosignatures(place: Place): object[] {
  const lag = place.laterMs === 0 ? 30 : 900;
  return [2, 1].map((minutes) =>
    cosignatureRow(place.run, {
      ...{ kind: 'cosignatures', atMs: timesOf(place, minutes), instance: 'one', pool: 'main' },
      ...{
        sealed: 10_000,
        cosigned: 10_000 - lag * minutes,
        waiting: 10_000,
        waitingMs: 250 * minutes,
      },
      ...{ cosigners: [{ name: 'a', size: 0 }], forks: 0, firstFork: '' },
    }),
  );
}

/** The scenario reuses none. */
function reusedIdentities(place: Place): object[] {
  const event = {
    run: place.run,
    time: clickHouseTime(timesOf(place, 1)),
    kind: 'identityReused',
    participant: place.bank,
  };
  return ['main', 'other'].map((pool, index) => ({ ...event, pool, event_number: 1e6 + index }));
}

/** What the bank waits for at the end of the range, in cents. */
export const WAITING = [
  { kind: 'balance', currency: 'EUR', count: 3, cents: 1250, sinceMinutes: 9 },
  { kind: 'behind', currency: 'EUR', count: 2, cents: 700, sinceMinutes: 4 },
  { kind: 'closed', currency: 'SGD', count: 1, cents: 30, sinceMinutes: 30 },
] as const;

/** An earlier snapshot, another bank, another pool: none of it counts. */
function waiting(place: Place): object[] {
  const isDecoy = place.laterMs > 0;
  const snapshot = (pool: string, number: number, minutes: number, more: number) =>
    WAITING.flatMap(({ kind, currency, count, cents, sinceMinutes }) =>
      [place.bank, 'ALFADE00'].map((participant) => ({
        ...{ run: place.run, pool, event_number: number, participant, currency, kind },
        time: clickHouseTime(timesOf(place, minutes)),
        count: count + more,
        value_minor: String(cents + more),
        oldest_since: clickHouseTime(timesOf(place, sinceMinutes + more)),
      })),
    );
  return [
    ...snapshot('main', isDecoy ? 950 : 800, 3, 5),
    ...snapshot('main', isDecoy ? 990 : 900, 1, isDecoy ? 11 : 0),
    ...snapshot('other', isDecoy ? 990 : 900, 1, 7),
  ];
}

/** Of three hundred payments twelve are alerts, two in three of them of the bank; of decoys all. */
function scoredPayments(place: Place): object[] {
  return Array.from({ length: 300 }, (_, index) => ({
    ...{ run: place.run, pool: 'main', submitted_at: clickHouseTime(timesOf(place, 2)) },
    ...{ uetr: `${index}`, debtor_agent: index % 3 === 0 ? 'ALFADE00' : place.bank },
    ...{ creditor_agent: 'GAMMFR00', currency: 'EUR', amount_minor: '1' },
    ...{ score: 0.5, known: 0.1, isolated: 0.4, reasons: [], model: 'model' },
    is_alert: index < 12 || place.laterMs > 0 ? 1 : 0,
  }));
}

/** Blocks of rows, a minute apart. */
function insertedBlocks(place: Place): object[] {
  return [3, 2, 1].map((minutes) => ({
    run: place.run,
    reader: 'events/main',
    time: clickHouseTime(timesOf(place, minutes)),
    records: (place.laterMs === 0 ? 100 : 900) * minutes,
    rows: 150 * minutes,
  }));
}

const CASE = { rule: 'corridor-outage', title: 'A large bank does not send', severity: 'critical' };

/**
 * Three cases: one that stands, acknowledged after 40 s; one that was closed after 90 s without a word before;
 * a warning that nobody has answered, which began to fire again. Later the first is closed, and another opens.
 */
function caseEvents(place: Place): object[] {
  const { run, bank } = place;
  let position = place.laterMs === 0 ? 0 : 100;
  const row = (case_id: string, event: string, secondsBefore: number, more: object = {}) => ({
    ...{ run, case_id, event, position: position++, by_key: '', why: '', reason: '' },
    ...{ ...CASE, summary: `${case_id} fires`, subject: {}, participant: bank, ...more },
    time: clickHouseTime(place.toMs + place.laterMs - secondsBefore * 1000),
  });
  const by = { by_key: 'genesis', why: 'because' };
  const warning = { severity: 'warning', title: 'A bank is silent' };
  if (place.laterMs > 0)
    return [
      row('case-a', 'closed', 50, by),
      row('case-c', 'acknowledged', 50, { ...by, ...warning }),
      row('case-d', 'opened', 40),
      row('case-a', 'held', 30),
    ];
  return [
    row('case-b', 'opened', 200),
    row('case-b', 'closed', 110, by),
    row('case-a', 'opened', 100),
    row('case-a', 'refused', 90, { ...by, reason: 'caseUnknown' }),
    row('case-c', 'opened', 80, warning),
    row('case-a', 'acknowledged', 60, by),
    row('case-c', 'stopped', 50, warning),
    row('case-c', 'resumed', 45, warning),
    row('case-a', 'stopped', 40),
    row('case-a', 'held', 70),
    row('case-c', 'held', 30, warning),
  ];
}

/** What was written down first, then once more; of the closed case too, and of one that holds nothing any more. */
function caseMoney(place: Place): object[] {
  const { run, bank } = place;
  const isDecoy = place.laterMs > 0;
  const rows = (case_id: string, position: number, seconds: number, cents: number) => {
    const time = clickHouseTime(place.toMs + place.laterMs - seconds * 1000);
    const of = { run, case_id, position, time, currency: 'EUR' };
    return [
      { ...of, kind: 'trapped', participant: bank, amount_minor: String(cents), payments: 0 },
      { ...of, kind: 'waiting', participant: 'ALFADE00', amount_minor: '0', payments: cents / 50 },
    ];
  };
  if (isDecoy) return [...rows('case-d', 102, 40, 99_900), ...rows('case-a', 103, 30, 99_900)];
  return [
    ...rows('case-b', 0, 200, 700),
    ...rows('case-a', 2, 100, 150),
    ...rows('case-a', 9, 70, 250),
    ...rows('case-c', 4, 80, 350),
  ];
}
