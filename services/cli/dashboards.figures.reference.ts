/**
 * At least one figure of every panel and alert, computed from the payments and the balances that the
 * events state, and from nothing that the metrics fold or ClickHouse computed.
 */
import type { PaymentRow } from '../simulator/results/payment-book.ts';
import { type Booking, LAG_MS, MINUTE_MS, type Truth } from './dashboards.run.reference.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];
/** Found, expected, and within what share of it (0: exactly). */
type Pair = readonly [unknown, unknown, number?];
type Figure = (rows: Rows, truth: Truth) => readonly Pair[];

/** The sketch's promise. */
const SKETCH = 0.01;
/** Whole units are drawn as floating-point numbers. */
const FLOAT = 1e-9;

const minute = (ms: number) => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
const inView = ({ view }: Truth, ms: number | null) =>
  ms !== null && minute(ms) >= view.fromMs && minute(ms) <= view.toMs;
const ended = (truth: Truth, status: PaymentRow['status'], rows = truth.rows) =>
  rows.filter((row) => row.status === status && inView(truth, row.finalAtMs));
const settled = (truth: Truth) => ended(truth, 'settled');
const submitted = (truth: Truth) => truth.rows.filter((row) => inView(truth, row.submittedAtMs));
const wait = ({ finalAtMs, submittedAtMs }: PaymentRow) => (finalAtMs ?? 0) - submittedAtMs;
const minorSum = (rows: readonly PaymentRow[]) =>
  rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
/** Both currencies of the run have two decimals. */
const whole = (minor: bigint) => Number(minor) / 100;

/** The value of rank share x (n - 1), rounded down, from 0: the rank that a DDSketch estimates. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

const only = (rows: Rows, column: string) => rows[0]?.[column];
const count = (rows: Rows, column: string) => Number(only(rows, column));
/** A rate a second of intervals of 300 s, back to a number. */
const total = (rows: Rows, column: string, seconds = 300) =>
  rows.reduce((sum, row) => sum + Number(row[column]) * seconds, 0);
const sum = (rows: Rows, column: string) => total(rows, column, 1);
const where = (rows: Rows, column: string, value: string) =>
  rows.filter((row) => row[column] === value);

/** Payments in a queue at an instant: queued before it, not ended before it. */
const waitingAt = (truth: Truth, atMs: number) =>
  truth.rows.filter(
    ({ queuedAtMs, finalAtMs }) =>
      queuedAtMs !== null && queuedAtMs < atMs && (finalAtMs === null || finalAtMs >= atMs),
  );
const waitingNow = (truth: Truth) => waitingAt(truth, truth.view.toMs);

function balanceAt(truth: Truth, bic: string, currency: string, atMs: number): bigint {
  const own = (one: Booking) => one.bic === bic && one.currency === currency && one.atMs < atMs;
  return truth.bookings.findLast(own)?.balance ?? 0n;
}

const lowest = (truth: Truth, bic: string, currency: string) =>
  truth.bookings
    .filter((one) => one.bic === bic && one.currency === currency && one.atMs < truth.view.toMs)
    .map(({ balance }) => balance)
    .sort((a, b) => (a < b ? -1 : 1))[0] as bigint;

const mechanismShare = (rows: readonly PaymentRow[], mechanism: string) =>
  rows.filter((row) => row.mechanism === mechanism).length / rows.length;

const corridorOf = ({ currency, currency2 }: PaymentRow) =>
  currency === currency2 ? currency : `${currency}-${currency2}`;
const inCorridor = (truth: Truth, corridor: string) =>
  settled(truth).filter((row) => corridorOf(row) === corridor);
const MID = 1.4676;

const ofBank = (truth: Truth) => truth.rows.filter(({ debtorAgent }) => debtorAgent === truth.bank);
const cyclesIn = (truth: Truth, outcome: number) =>
  truth.cycles.filter(
    (one) =>
      one.outcome === outcome && one.atMs >= truth.view.fromMs && one.atMs <= truth.view.toMs,
  );

const OVERVIEW: Record<string, Figure> = {
  'Payments settled': (rows, truth) => [[count(rows, 'settled'), settled(truth).length]],
  'Settled of submitted': (rows, truth) => [
    [only(rows, 'share'), settled(truth).length / submitted(truth).length, FLOAT],
  ],
  'Rejected of submitted': (rows, truth) => [
    [only(rows, 'share'), ended(truth, 'rejected').length / submitted(truth).length, FLOAT],
  ],
  'Time to finality, p95': (rows, truth) => [
    [only(rows, 'p95'), percentile(settled(truth).map(wait), 0.95), SKETCH],
  ],
  'Waiting now': (rows, truth) => [[count(rows, 'waiting'), waitingNow(truth).length]],
  'Oldest waiting': (rows, truth) => [
    [
      count(rows, 'age'),
      truth.view.toMs - Math.min(...waitingNow(truth).map(({ submittedAtMs }) => submittedAtMs)),
    ],
  ],
  Throughput: (rows, truth) => [
    [total(rows, 'submitted'), submitted(truth).length, FLOAT],
    [total(rows, 'settled'), settled(truth).length, FLOAT],
    [total(rows, 'rejected'), ended(truth, 'rejected').length, FLOAT],
    [
      total(rows, 'queued'),
      truth.rows.filter((row) => inView(truth, row.queuedAtMs)).length,
      FLOAT,
    ],
  ],
  'Value settled by currency': (rows, truth) =>
    ['EUR', 'SGD'].map(
      (currency): Pair => [
        sum(where(rows, 'currency', currency), 'value'),
        whole(minorSum(settled(truth).filter((row) => row.currency === currency))),
        FLOAT,
      ],
    ),
  'Time to finality': (rows, truth) => {
    const last = rows.at(-1);
    const bucketMs = Date.parse(`${last?.time}Z`);
    const waits = settled(truth)
      .filter(({ finalAtMs }) => Math.floor((finalAtMs ?? 0) / 300_000) * 300_000 === bucketMs)
      .map(wait);
    return [[last?.p99, percentile(waits, 0.99), SKETCH]];
  },
  'Rejects by reason': (rows, truth) => [
    [
      total(where(rows, 'reason', 'DS0B signatureInvalid'), 'rejected'),
      ended(truth, 'rejected').filter(({ reason }) => reason === 'signatureInvalid').length,
      FLOAT,
    ],
  ],
  Runs: (rows, truth) => {
    const row = where(rows, 'run', truth.run);
    return [
      [count(row, 'submitted'), truth.rows.length],
      [count(row, 'settled'), truth.rows.filter(({ status }) => status === 'settled').length],
      [count(row, 'from_ms'), minute(Math.min(...truth.rows.map((one) => one.submittedAtMs)))],
    ];
  },
};

const CORRIDORS: Record<string, Figure> = {
  'Corridors against the G20 targets': (rows, truth) => {
    const [row] = where(rows, 'corridor', 'EUR-SGD');
    const payments = inCorridor(truth, 'EUR-SGD');
    return [
      [Number(row?.settled), payments.length],
      [row?.debited, whole(minorSum(payments)), FLOAT],
      [row?.p95, percentile(payments.map(wait), 0.95), SKETCH],
      [
        row?.within_hour,
        payments.filter((one) => wait(one) <= 3_600_000).length / payments.length,
        FLOAT,
      ],
    ];
  },
  'Payments settled by corridor': (rows, truth) => [
    [
      total(where(rows, 'corridor', 'SGD-EUR'), 'settled'),
      inCorridor(truth, 'SGD-EUR').length,
      FLOAT,
    ],
  ],
  'Value settled by corridor': (rows, truth) => [
    [
      sum(where(rows, 'corridor', 'SGD-EUR'), 'value'),
      whole(minorSum(inCorridor(truth, 'SGD-EUR'))),
      FLOAT,
    ],
  ],
  'Time to finality by corridor, p95': (rows, truth) => {
    const last = where(rows, 'corridor', 'EUR').at(-1);
    const bucketMs = Date.parse(`${last?.time}Z`);
    const waits = inCorridor(truth, 'EUR')
      .filter(({ finalAtMs }) => Math.floor((finalAtMs ?? 0) / 300_000) * 300_000 === bucketMs)
      .map(wait);
    return [[last?.p95, percentile(waits, 0.95), SKETCH]];
  },
  'Share final within an hour': (rows, truth) => {
    const payments = inCorridor(truth, 'EUR');
    const quick = payments.filter((one) => wait(one) <= 3_600_000).length;
    return [[where(rows, 'corridor', 'EUR')[0]?.within_hour, quick / payments.length, FLOAT]];
  },
  'Cost by corridor': (rows, truth) => {
    const payments = inCorridor(truth, 'EUR-SGD');
    const debited = whole(minorSum(payments)) * MID;
    const credited = whole(payments.reduce((all, one) => all + one.amount2Minor, 0n));
    const [row] = where(rows, 'corridor', 'EUR-SGD');
    return [[row?.cost, 1 - credited / debited, 1e-6]];
  },
  'Reference rates': (rows) => [[where(rows, 'pair', 'EUR-SGD')[0]?.rate, MID]],
};

const LIQUIDITY: Record<string, Figure> = {
  'Turnover by currency': (rows, truth) => [
    [
      where(rows, 'currency', 'EUR')[0]?.settled_value,
      whole(minorSum(settled(truth).filter(({ currency }) => currency === 'EUR'))),
      FLOAT,
    ],
  ],
  'Credit lines used, at most': (rows, truth) => {
    const [row] = where(rows, 'account', 'BETASG00 SGD');
    const low = lowest(truth, 'BETASG00', 'SGD');
    return [[row?.used, low < 0n ? whole(-low) / 5000 : 0, FLOAT]];
  },
  'Balances of the accounts closest to their floor': (rows, truth) => {
    const last = rows.at(-1);
    const [bic, currency] = String(last?.account).split(' ') as [string, string];
    const atMs = Date.parse(`${last?.time}Z`);
    return [[last?.balance, whole(balanceAt(truth, bic, currency, atMs)), FLOAT]];
  },
  'Who is short': (rows, truth) =>
    rows.map(
      ({ participant, currency, waiting_value }): Pair => [
        waiting_value,
        whole(
          minorSum(
            waitingNow(truth).filter(
              (one) => one.debtorAgent === participant && one.currency === currency,
            ),
          ),
        ),
        FLOAT,
      ],
    ),
  Accounts: (rows, truth) =>
    rows.map(
      ({ participant, currency, closing_balance }): Pair => [
        closing_balance,
        whole(balanceAt(truth, String(participant), String(currency), truth.view.toMs)),
        FLOAT,
      ],
    ),
};

const QUEUES: Record<string, Figure> = {
  'Payments waiting': (rows, truth) => {
    const last = where(rows, 'currency', 'EUR').at(-1);
    const now = waitingNow(truth).filter(({ currency }) => currency === 'EUR').length;
    return [
      [Number(last?.waiting) >= now, true],
      [rows.some((row) => Number(row.waiting) > 1), true],
    ];
  },
  'Value waiting': (rows, truth) => {
    const most = Math.max(...where(rows, 'currency', 'SGD').map(({ value }) => Number(value)));
    const now = whole(minorSum(waitingNow(truth).filter(({ currency }) => currency === 'SGD')));
    return [[most >= now && now > 0, true]];
  },
  'Age of the oldest': (rows, truth) => {
    const ages = where(rows, 'currency', 'SGD').map(({ age }) => Number(age));
    const own = truth.rows.filter(({ currency, queuedAtMs }) => currency === 'SGD' && queuedAtMs);
    const longest = Math.max(
      ...own.map(
        ({ submittedAtMs, finalAtMs }) =>
          Math.min(finalAtMs ?? truth.view.toMs, truth.view.toMs) - submittedAtMs,
      ),
    );
    return [[Math.max(...ages) <= longest && Math.max(...ages) > longest - 2 * MINUTE_MS, true]];
  },
  'Settled by mechanism': (rows, truth) =>
    ['entry', 'queue', 'gridlockResolution'].map(
      (mechanism): Pair => [
        total(where(rows, 'mechanism', mechanism), 'settled'),
        settled(truth).filter((row) => row.mechanism === mechanism).length,
        FLOAT,
      ],
    ),
  'Share settled by mechanism': (rows, truth) => [
    [where(rows, 'mechanism', 'queue')[0]?.share, mechanismShare(settled(truth), 'queue'), FLOAT],
  ],
  'Gridlocks resolved': (rows, truth) => [[count(rows, 'gridlocks'), cyclesIn(truth, 1).length]],
  Deadlocks: (rows, truth) => [[count(rows, 'deadlocks'), cyclesIn(truth, 2).length]],
  'Queues by bank': (rows, truth) => [
    [sum(rows, 'waiting'), waitingNow(truth).length],
    [rows.length > 1, true],
  ],
  Cycles: (rows, truth) => {
    const { atMs, settled: number } = truth.cycles
      .filter((one) => one.atMs <= truth.view.toMs)
      .at(-1) as Truth['cycles'][number];
    return [
      [Date.parse(`${only(rows, 'time')}Z`), atMs],
      [count(rows, 'settled'), number],
    ];
  },
};

const PARTICIPANT: Record<string, Figure> = {
  Sent: (rows, truth) => [
    [count(rows, 'sent'), ofBank(truth).filter((row) => inView(truth, row.submittedAtMs)).length],
  ],
  'Sent and settled': (rows, truth) => [
    [count(rows, 'settled'), ended(truth, 'settled', ofBank(truth)).length],
  ],
  Received: (rows, truth) => [
    [
      count(rows, 'received'),
      settled(truth).filter((row) => row.creditorAgent === truth.bank).length,
    ],
  ],
  Rejected: (rows, truth) => [
    [count(rows, 'rejected'), ended(truth, 'rejected', ofBank(truth)).length],
  ],
  'Value sent and settled': (rows, truth) => [
    [
      sum(where(rows, 'currency', 'EUR'), 'sent'),
      whole(
        minorSum(ended(truth, 'settled', ofBank(truth)).filter((row) => row.currency === 'EUR')),
      ),
      FLOAT,
    ],
  ],
  'Value received': (rows, truth) => [
    [
      sum(where(rows, 'currency', 'SGD'), 'received'),
      whole(
        settled(truth)
          .filter((row) => row.creditorAgent === truth.bank && row.currency2 === 'SGD')
          .reduce((all, row) => all + row.amount2Minor, 0n),
      ),
      FLOAT,
    ],
  ],
  Balances: (rows, truth) => {
    const last = where(rows, 'currency', 'SGD').at(-1);
    const atMs = Date.parse(`${last?.time}Z`);
    return [[last?.balance, whole(balanceAt(truth, truth.bank, 'SGD', atMs)), FLOAT]];
  },
  'Its queue': (rows, truth) => {
    const now = waitingNow(truth).filter((row) => row.debtorAgent === truth.bank).length;
    return [[Math.max(...rows.map(({ waiting }) => Number(waiting))) * 2 >= now && now > 0, true]];
  },
  'Its latest payments': (rows, truth) => {
    const row = truth.rows.find(({ uetr }) => uetr === only(rows, 'uetr')) as PaymentRow;
    return [
      [only(rows, 'amount'), whole(row.amountMinor), FLOAT],
      [[row.debtorAgent, row.creditorAgent].includes(truth.bank), true],
    ];
  },
  'Rejects and cancellations': (rows, truth) => [
    [
      sum(where(rows, 'status', 'RJCT'), 'messages'),
      ended(truth, 'rejected', ofBank(truth)).length,
    ],
  ],
  Counterparties: (rows, truth) => {
    const { counterparty, currency, paid_value } = rows[0] as Record<string, unknown>;
    const hour = (ms: number | null) => Math.floor((ms ?? 0) / 3_600_000) * 3_600_000;
    const paid = ofBank(truth).filter(
      (row) =>
        row.status === 'settled' &&
        row.creditorAgent === counterparty &&
        row.currency === currency &&
        hour(row.finalAtMs) >= truth.view.fromMs &&
        hour(row.finalAtMs) <= truth.view.toMs,
    );
    return [[paid_value, whole(minorSum(paid)), FLOAT]];
  },
};

const forged = (truth: Truth) =>
  ended(truth, 'rejected').filter(({ reason }) => reason === 'signatureInvalid');
const SECURITY: Record<string, Figure> = {
  'Signatures a second of verifying': (rows) => [[only(rows, 'rate'), 100 / 0.002, FLOAT]],
  'Invalid signatures': (rows) => [[count(rows, 'invalid_signatures'), 4]],
  'Repeated messages': (rows, truth) => [
    [count(rows, 'repeats') <= truth.repeats, true],
    [count(rows, 'repeats') > 0, true],
  ],
  'Identities used twice': (rows) => [[count(rows, 'reused'), 0]],
  'Signatures verified': (rows) => [
    [total(rows, 'valid_signatures'), 4 * 99, FLOAT],
    [total(rows, 'invalid_signatures'), 4, FLOAT],
  ],
  'Batches by size': (rows) => [[rows, [{ batch_size_at_most: '<= 256', batches: '4' }]]],
  'Rejects by reason and sender': (rows, truth) => [
    [count(where(rows, 'reason', 'signatureInvalid'), 'messages'), forged(truth).length],
  ],
  'Failed authentication': (rows, truth) => [
    [total(rows, 'messages'), forged(truth).length, FLOAT],
  ],
  Keys: (rows, truth) => [[where(rows, 'kind', 'keyRegistered').length, truth.keys]],
  'Latest incidents': (rows) => [[rows.some(({ kind }) => kind === 'notAuthentic'), true]],
};

const OPERATIONS: Record<string, Figure> = {
  Services: (rows) => [
    [rows.map(({ service }) => service), ['clearing', 'metrics', 'verifier']],
    [Number(where(rows, 'service', 'verifier')[0]?.ready), 0],
  ],
  'Services not ready': (rows) => [[count(rows, 'not_ready'), 1]],
  'Analysis behind settlement': (rows) => [[count(rows, 'behind_ms'), LAG_MS]],
  'Records behind': (rows) => [
    [Math.max(...where(rows, 'service', 'verifier').map(({ behind }) => Number(behind))), 40],
  ],
  'Records handled': (rows) => [[total(where(rows, 'service', 'metrics'), 'handled'), 800, FLOAT]],
  'Messages a verification batch': (rows) => [
    [rows.every((row) => row.messages_a_batch === 100), true],
  ],
  'Verifiers at work': (rows) => [[total(rows, 'threads_busy'), 4 * 0.002, FLOAT]],
  Reconciliation: (rows) => [[rows.map(({ agrees }) => Number(agrees)), [0, 1]]],
};

const COMPARISON: Record<string, Figure> = {
  'Runs side by side': (rows, truth) => {
    const [row] = where(rows, 'run', truth.other.run);
    const done = truth.other.rows.filter(({ status }) => status === 'settled');
    return [
      [rows.length, 2],
      [Number(row?.settled), done.length],
      [row?.p99, percentile(done.map(wait), 0.99), SKETCH],
    ];
  },
  'Time to finality, p95': (rows, truth) => {
    const done = truth.other.rows.filter(({ status }) => status === 'settled');
    return [
      [where(rows, 'run', truth.other.run)[0]?.p95, percentile(done.map(wait), 0.95), SKETCH],
    ];
  },
  'Settled of submitted': (rows, truth) => {
    const done = truth.other.rows.filter(({ status }) => status === 'settled');
    const share = done.length / truth.other.rows.length;
    return [[where(rows, 'run', truth.other.run)[0]?.share, share, FLOAT]];
  },
  'Liquidity and turnover': (rows, truth) => {
    const done = truth.other.rows.filter(
      (row) => row.status === 'settled' && row.currency === 'EUR',
    );
    const [row] = where(where(rows, 'run', truth.other.run), 'currency', 'EUR');
    return [[row?.settled_value, whole(minorSum(done)), FLOAT]];
  },
  'Share settled by mechanism': (rows, truth) => {
    const done = truth.rows.filter(({ status }) => status === 'settled');
    const [row] = where(rows, 'settled_by', `${truth.run}: queue`);
    return [[row?.share, mechanismShare(done, 'queue'), FLOAT]];
  },
  'Payments waiting, most of each minute': (rows, truth) => [
    [new Set(rows.map(({ run }) => run)).has(truth.run), true],
    [Math.max(...rows.map(({ waiting }) => Number(waiting))) > 1, true],
  ],
  'Cumulative share settled': (rows, truth) =>
    [truth.run, truth.other.run].map(
      (run): Pair => [where(rows, 'run', run).at(-1)?.share, 1, FLOAT],
    ),
};

const ALERTS: Record<string, Figure> = {
  'Conservation broken': (rows) => [[count(rows, 'value'), 0]],
  'Reconciliation difference': (rows) => [
    [Number(where(rows, 'figure', 'settled EUR')[0]?.value), 1],
  ],
  'Chain divergence or fault': (rows) => [
    [rows.filter(({ value }) => Number(value) > 0).map(({ service }) => service), ['verifier']],
  ],
  'Time to finality above target': (rows, truth) => [
    [where(rows, 'run', truth.run)[0]?.value, percentile(settled(truth).map(wait), 0.99), SKETCH],
  ],
  'Payments wait too long': (rows, truth) => {
    const own = waitingNow(truth).filter(({ currency }) => currency === 'SGD');
    const oldest = Math.min(...own.map(({ submittedAtMs }) => submittedAtMs));
    const [row] = where(where(rows, 'run', truth.run), 'currency', 'SGD');
    return [[Number(row?.value), own.length === 0 ? 0 : truth.view.toMs - oldest]];
  },
  'A service lags': (rows) => [[Number(where(rows, 'service', 'metrics')[0]?.value), LAG_MS]],
  'Many messages are rejected': (rows, truth) => [
    [
      where(rows, 'run', truth.run)[0]?.value,
      ended(truth, 'rejected').length / submitted(truth).length,
      FLOAT,
    ],
  ],
  'A bank is silent': (rows, truth) => {
    const [row] = where(where(rows, 'run', truth.run), 'debtor_agent', truth.bank);
    const last = Math.max(
      ...ofBank(truth)
        .filter((one) => inView(truth, one.submittedAtMs))
        .map((one) => minute(one.submittedAtMs)),
    );
    return [[Number(row?.value), (truth.view.toMs - last) / 1000 - 60]];
  },
};

const named = (dashboard: string, figures: Record<string, Figure>): [string, Figure][] =>
  Object.entries(figures).map(([panel, figure]) => [`${dashboard} / ${panel}`, figure]);

/** By 'dashboard / panel', or 'alert / title'. */
export const FIGURES: Readonly<Record<string, Figure>> = Object.fromEntries([
  ...named('Overview', OVERVIEW),
  ...named('Corridors', CORRIDORS),
  ...named('Liquidity', LIQUIDITY),
  ...named('Queues and gridlock', QUEUES),
  ...named('Participant', PARTICIPANT),
  ...named('Signatures and security', SECURITY),
  ...named('Operations', OPERATIONS),
  ...named('Pilot comparison', COMPARISON),
  ...named('alert', ALERTS),
]);
