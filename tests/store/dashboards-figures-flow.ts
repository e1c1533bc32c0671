/** Figures of what flows: Overview, Corridors, Pilot comparison. */
import { isCounted, isLeg, type PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { Truth } from './dashboards-run.ts';
import { LAG_MS } from './dashboards-telemetry.ts';
import {
  BETWEEN,
  BUCKET,
  betweenCurrencies,
  CODES,
  COST_FLOAT,
  costOf,
  count,
  ended,
  type Figure,
  FLOAT,
  inCorridor,
  inIntervals,
  inQueueOf,
  intervalsOf,
  inView,
  legsIn,
  MID,
  mechanismShare,
  minorSum,
  minute,
  only,
  owed,
  type Pair,
  percentile,
  type Rows,
  settled,
  settledLegs,
  submitted,
  sum,
  TRADED,
  told,
  total,
  traded,
  wait,
  waitingNow,
  where,
  whole,
} from './dashboards-truth.ts';

/** Every corridor of payments. */
const OF_PAYMENTS = ['EUR', 'EUR-SGD', 'SGD', 'SGD-EUR'];

export const OVERVIEW: Record<string, Figure> = {
  'Payments settled': (rows, truth) => [[count(rows, 'settled'), settled(truth).length]],
  'Settled of submitted': (rows, truth) => [
    [only(rows, 'share'), settled(truth).length / submitted(truth).length, FLOAT],
  ],
  'Rejected of submitted': (rows, truth) => [
    [only(rows, 'share'), ended(truth, 'rejected').length / submitted(truth).length, FLOAT],
  ],
  'Time to finality, p95': (rows, truth) => [
    [only(rows, 'p95'), percentile(settled(truth).map(wait), 0.95), BUCKET],
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
      truth.queuedEvents.filter(({ atMs }) => inView(truth, atMs)).length,
      FLOAT,
    ],
    [rows.length, intervalsOf(truth)],
  ],
  'Value settled by currency': (rows, truth) =>
    ['EUR', 'SGD'].map(
      (currency): Pair => [
        sum(where(rows, 'currency', currency), 'value'),
        whole(minorSum(settledLegs(truth).filter((row) => row.currency === currency))),
        FLOAT,
      ],
    ),
  'Time to finality': (rows, truth) => {
    const intervals = inIntervals(truth, settled(truth));
    return [
      [rows.length, intervalsOf(truth)],
      [told(rows, 'p50').length, intervals.length],
      ...intervals.flatMap(([atMs, payments]): Pair[] => {
        const row = rows.find(({ time }) => Date.parse(`${time}Z`) === atMs);
        const waits = payments.map(wait);
        return [
          [row?.p50, percentile(waits, 0.5), BUCKET],
          [row?.p95, percentile(waits, 0.95), BUCKET],
          [row?.p99, percentile(waits, 0.99), BUCKET],
        ];
      }),
    ];
  },
  'Rejects by reason': (rows, truth) => [
    [
      total(where(rows, 'reason', 'DS0B signatureInvalid'), 'rejected'),
      ended(truth, 'rejected').filter(({ reason }) => reason === 'signatureInvalid').length,
      FLOAT,
    ],
  ],
  'Analysis behind settlement': (rows) => [[count(rows, 'behind_ms'), LAG_MS]],
  'Furthest behind': (rows) => [[count(rows, 'behind_ms'), LAG_MS]],
  'Figures that differ': (rows) => [[count(rows, 'different'), 1]],
  Runs: (rows, truth) => {
    const row = where(rows, 'run', truth.run);
    const both = [...truth.rows, ...truth.otherPool].filter(isCounted);
    return [
      [only(row, 'overrides'), truth.overrides.join(' ')],
      [count(row, 'submitted'), both.length],
      [count(row, 'settled'), both.filter(({ status }) => status === 'settled').length],
      [count(row, 'from_ms'), minute(Math.min(...both.map((one) => one.submittedAtMs)))],
    ];
  },
};

export const CORRIDORS: Record<string, Figure> = {
  'Corridors between currencies': (rows, truth) => {
    const [row] = where(rows, 'corridor', 'EUR-SGD');
    const payments = inCorridor(truth, 'EUR-SGD');
    return [
      [Number(row?.settled), payments.length],
      [rows.map(({ corridor }) => corridor), OF_PAYMENTS],
      [row?.debited, whole(minorSum(payments)), FLOAT],
      [row?.p95, percentile(payments.map(wait), 0.95), BUCKET],
      [
        row?.within_hour,
        payments.filter((one) => wait(one) <= 3_600_000).length / owed(truth, ['EUR-SGD']).length,
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
      sum(where(rows, 'corridor', `${TRADED} SGD`), 'value'),
      whole(minorSum(settledLegs(truth).filter((row) => isLeg(row) && row.currency === 'SGD'))),
      FLOAT,
    ],
    [
      sum(where(rows, 'corridor', 'SGD-EUR'), 'value'),
      whole(minorSum(inCorridor(truth, 'SGD-EUR'))),
      FLOAT,
    ],
  ],
  'Time to finality by corridor, p95': (rows, truth) =>
    ['EUR', ...BETWEEN].flatMap((corridor) => {
      const own = where(rows, 'corridor', corridor);
      const intervals = inIntervals(truth, inCorridor(truth, corridor));
      return [
        [told(own, 'p95').length, intervals.length] as const,
        ...intervals.map(([atMs, payments]): Pair => {
          const row = own.find(({ time }) => Date.parse(`${time}Z`) === atMs);
          return [row?.p95, percentile(payments.map(wait), 0.95), BUCKET];
        }),
      ];
    }),
  'Share final within an hour': (rows, truth) => [
    [rows.map(({ corridor }) => corridor), BETWEEN],
    ...rows.map(({ corridor, within_hour }): Pair => {
      const payments = inCorridor(truth, String(corridor));
      const quick = payments.filter((one) => wait(one) <= 3_600_000).length;
      return [within_hour, quick / owed(truth, [String(corridor)]).length, FLOAT];
    }),
  ],
  'Final within an hour': (rows, truth) => {
    const payments = betweenCurrencies(truth);
    const quick = payments.filter((one) => wait(one) <= 3_600_000).length;
    const all = owed(truth, BETWEEN).length;
    return [
      [only(rows, 'share'), quick / all, FLOAT],
      // Else the test would not tell a share of what settled from one of what should have.
      [all > payments.length, true],
    ];
  },
  'Trades between banks': (rows, truth) => [
    [
      rows.map(({ trade, currency }) => `${trade} ${currency}`),
      CODES.map((code) => `${TRADED} ${code}`),
    ],
    ...rows.flatMap(({ currency, trades, delivered, p95 }): Pair[] => [
      [Number(trades), traded(truth).length],
      [
        delivered,
        whole(
          minorSum(settledLegs(truth).filter((row) => isLeg(row) && row.currency === currency)),
        ),
        FLOAT,
      ],
      [p95, percentile(traded(truth).map(wait), 0.95), BUCKET],
    ]),
  ],
  'Average cost, by number': (rows, truth) => {
    const costs = BETWEEN.map((corridor) => costOf(truth, corridor));
    const paid = BETWEEN.map((corridor) => inCorridor(truth, corridor).length);
    const weighted = costs.reduce((all, cost, index) => all + cost * (paid[index] as number), 0);
    return [[only(rows, 'average'), weighted / paid.reduce((a, b) => a + b), COST_FLOAT]];
  },
  'Dearest corridor': (rows, truth) => [
    [
      only(rows, 'dearest'),
      Math.max(...BETWEEN.map((corridor) => costOf(truth, corridor))),
      COST_FLOAT,
    ],
  ],
  'Cost by corridor': (rows, truth) => [
    [rows.map(({ corridor }) => corridor), BETWEEN],
    ...BETWEEN.map(
      (corridor): Pair => [
        where(rows, 'corridor', corridor)[0]?.cost,
        costOf(truth, corridor),
        COST_FLOAT,
      ],
    ),
  ],
  'Reference rates': (rows) => [
    [rows.map(({ pair }) => pair), BETWEEN],
    [where(rows, 'pair', 'EUR-SGD')[0]?.rate, MID],
  ],
};

/** The two that are chosen, in the order of their names. */
const chosen = ({ run, rows, liquidity, overrides, other }: Truth) =>
  [{ run, rows, liquidity, overrides }, other].sort((a, b) => (a.run < b.run ? -1 : 1));
/** Each leg of a trade by itself, and payments. */
const legsOf = (rows: readonly PaymentRow[]) => rows.filter(({ status }) => status === 'settled');
const doneOf = (rows: readonly PaymentRow[]) => legsOf(rows).filter(isCounted);
const askedOf = (rows: readonly PaymentRow[]) => rows.filter(isCounted);
/** A figure of each run: one row for each. */
const byRun = (
  rows: Rows,
  truth: Truth,
  column: string,
  figure: (payments: readonly PaymentRow[]) => number,
  within = FLOAT,
): Pair[] => [
  [rows.map(({ run }) => run), chosen(truth).map(({ run }) => run)],
  ...chosen(truth).map(
    ({ run, rows: payments }): Pair => [
      Number(where(rows, 'run', run)[0]?.[column]),
      figure(payments),
      within,
    ],
  ),
];
const isOfMost = (truth: Truth) => {
  const counts = CODES.map((code) =>
    chosen(truth)
      .flatMap(({ rows }) => doneOf(rows))
      .filter(({ currency }) => currency === code),
  );
  const [most] = [...counts].sort((a, b) => b.length - a.length);
  return (row: PaymentRow) => row.currency === most?.[0]?.currency;
};

export const COMPARISON: Record<string, Figure> = {
  'Runs side by side': (rows, truth) => [
    [
      rows.map(({ overrides }) => overrides),
      chosen(truth).map(({ overrides }) => overrides.join(' ')),
    ],
    ...byRun(rows, truth, 'settled', (payments) => doneOf(payments).length),
    ...byRun(rows, truth, 'submitted', (payments) => askedOf(payments).length),
    ...byRun(
      rows,
      truth,
      'p99',
      (payments) => percentile(doneOf(payments).map(wait), 0.99),
      BUCKET,
    ),
  ],
  'Time to finality, p95': (rows, truth) =>
    byRun(rows, truth, 'p95', (all) => percentile(doneOf(all).map(wait), 0.95), BUCKET),
  'Settled of submitted': (rows, truth) =>
    byRun(rows, truth, 'share', (all) => doneOf(all).length / askedOf(all).length),
  'Liquidity and turnover': (rows, truth) =>
    CODES.flatMap((code) => {
      const own = where(rows, 'currency', code);
      return [
        ...byRun(own, truth, 'settled_value', (all) => whole(legsIn(legsOf(all), code))),
        // The run's own results, which fold the events by themselves.
        ...chosen(truth).flatMap(({ run, liquidity }): Pair[] => {
          const [row] = where(own, 'run', run);
          const { usedMinor, turnover } = liquidity[code] as Truth['liquidity'][string];
          return [
            [row?.drawn_value, whole(BigInt(usedMinor)), FLOAT],
            [row?.turnover, turnover, FLOAT],
          ];
        }),
      ];
    }),
  'Share settled by mechanism': (rows, truth) => [
    [
      [...new Set(rows.map(({ settled_by }) => String(settled_by).split(': ')[0]))],
      chosen(truth).map(({ run }) => run),
    ],
    ...chosen(truth).map(({ run, rows: all }): Pair => {
      const [row] = where(rows, 'settled_by', `${run}: queue`);
      return [row?.share, mechanismShare(doneOf(all), 'queue'), FLOAT];
    }),
  ],
  'Payments waiting, the longest queue': (rows, truth) => {
    const points = CODES.flatMap((code) => inQueueOf(truth, code));
    return [
      [[...new Set(rows.map(({ run }) => run))].sort(), chosen(truth).map(({ run }) => run)],
      ...where(rows, 'run', truth.run).map(({ time, waiting }): Pair => {
        const counts = points.filter(({ atMs }) => atMs === Date.parse(`${time}Z`));
        return [Number(waiting), Math.max(...counts.map(({ count }) => count))];
      }),
    ];
  },
  'Cumulative share settled': (rows, truth) => [
    [[...new Set(rows.map(({ run }) => run))].sort(), chosen(truth).map(({ run }) => run)],
    ...chosen(truth).flatMap(({ run, rows: all }) => {
      const own = legsOf(all)
        .filter(isOfMost(truth))
        .filter((row) => inView(truth, row.finalAtMs));
      const lengthMs = truth.view.intervalSeconds * 1000;
      return where(rows, 'run', run).map(({ time, share }): Pair => {
        const untilMs = Date.parse(`${time}Z`) + lengthMs;
        const before = own.filter(({ finalAtMs }) => (finalAtMs ?? 0) < untilMs);
        return [share, Number(minorSum(before)) / Number(minorSum(own)), FLOAT];
      });
    }),
  ],
};
