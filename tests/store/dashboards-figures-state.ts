/** Figures of what stands: Liquidity, Queues and gridlock, Participant. */
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { Truth } from './dashboards-run.ts';
import { MINUTE_MS, WAITING } from './dashboards-telemetry.ts';
import {
  balanceAt,
  CODES,
  count,
  cyclesIn,
  endedLegs,
  type Figure,
  FLOAT,
  inQueueOf,
  inView,
  legsIn,
  linesOf,
  lowest,
  mechanismShare,
  minorSum,
  ofBank,
  only,
  type Pair,
  type Rows,
  series,
  settled,
  settledLegs,
  sum,
  total,
  waitingNow,
  where,
  whole,
} from './dashboards-truth.ts';

export const LIQUIDITY: Record<string, Figure> = {
  'Turnover by currency': (rows, truth) =>
    CODES.flatMap((code): Pair[] => {
      const own = where(rows, 'currency', code);
      // Of one run: another's is a row of its own.
      return [
        [own.length, 1],
        [own[0]?.settled_value, whole(legsIn(settledLegs(truth), code)), FLOAT],
      ];
    }),
  'Credit lines used, at most': (rows, truth) => {
    const used = [...linesOf(truth)].map(([account, line]) => {
      const low = lowest(truth, ...(account.split(' ') as [string, string]));
      return [account, low < 0n ? whole(-low) / whole(line) : 0] as const;
    });
    return [
      [rows.map(({ account }) => account).sort(), used.map(([account]) => account).sort()],
      ...used.map(
        ([account, share]): Pair => [where(rows, 'account', account)[0]?.used, share, FLOAT],
      ),
    ];
  },
  'Balances of the accounts closest to their floor': (rows, truth) => [
    ...rows.map(({ account, time, balance }): Pair => {
      const [bic, currency] = String(account).split(' ') as [string, string];
      return [balance, whole(balanceAt(truth, bic, currency, Date.parse(`${time}Z`))), FLOAT];
    }),
    [Date.parse(`${rows.at(-1)?.time}Z`), truth.view.toMs],
    // Each to the end, whether or not it changed then.
    ...[...new Map(rows.map(({ account, time }) => [account, time]))].map(
      ([account, time]): Pair => [
        `${account} ${Date.parse(`${time}Z`)}`,
        `${account} ${truth.view.toMs}`,
      ],
    ),
  ],
  'Who is short': (rows, truth) => {
    const { toMs } = truth.view;
    const short = truth.scenario.participants.flatMap(({ bic }) =>
      CODES.flatMap((code) => {
        const own = waitingNow(truth).filter(
          (one) => one.debtorAgent === bic && one.currency === code,
        );
        const line = linesOf(truth).get(`${bic} ${code}`) ?? 0n;
        const by = minorSum(own) - balanceAt(truth, bic, code, toMs) - line;
        return own.length > 0 && by > 0n ? [`${bic} ${code} ${own.length} ${whole(by)}`] : [];
      }),
    );
    return [
      [
        rows
          .map(({ participant, currency, waiting, short_by }) =>
            [participant, currency, waiting, short_by].join(' '),
          )
          .sort(),
        short.sort(),
      ],
      [short.length > 0, true],
    ];
  },
  Accounts: (rows, truth) =>
    rows.flatMap(({ participant, currency, closing_balance, lowest_balance }): Pair[] => {
      const account = [String(participant), String(currency)] as const;
      return [
        [closing_balance, whole(balanceAt(truth, ...account, truth.view.toMs)), FLOAT],
        [lowest_balance, whole(lowest(truth, ...account)), FLOAT],
      ];
    }),
};

/** As the events number them. */
const OUTCOMES = ['nothingQueued', 'resolved', 'deadlock', 'gridlock', 'undecided'];

export const QUEUES: Record<string, Figure> = {
  'Payments waiting': (rows, truth) =>
    CODES.flatMap((code) =>
      series(
        where(rows, 'currency', code),
        'waiting',
        inQueueOf(truth, code),
        ({ count }) => count,
      ),
    ),
  'Value waiting': (rows, truth) =>
    CODES.flatMap((code) =>
      series(where(rows, 'currency', code), 'value', inQueueOf(truth, code), ({ value }) =>
        whole(value),
      ),
    ),
  'Age of the oldest': (rows, truth) =>
    CODES.flatMap((code) =>
      series(where(rows, 'currency', code), 'age', inQueueOf(truth, code), ({ ageMs }) => ageMs),
    ),
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
  'Gridlocks resolved': (rows, truth) => [[count(rows, 'resolved'), cyclesIn(truth, 1).length]],
  'Cycles in deadlock': (rows, truth) => [[count(rows, 'deadlocks'), cyclesIn(truth, 2).length]],
  'Cycles by what they found': (rows, truth) => [
    [
      rows.map(({ outcome, cycles }) => [outcome, Number(cycles)]),
      ['deadlock', 'gridlock', 'nothingQueued', 'resolved', 'undecided']
        .map((outcome) => [outcome, cyclesIn(truth, OUTCOMES.indexOf(outcome)).length])
        .filter(([, cycles]) => cycles !== 0),
    ],
  ],
  'Queues by bank': (rows, truth) => [
    [sum(rows, 'waiting'), waitingNow(truth).length],
    [rows.length > 1, true],
  ],
  'What holds payments up': (rows, truth) => {
    const seen = truth.heldUp.filter(({ atMs }) => atMs < truth.view.toMs);
    const last = seen.filter(({ cycle }) => cycle === seen.at(-1)?.cycle);
    return [
      [
        rows.map(({ participant, currency, short_by }) => [participant, currency, short_by]),
        last.map(({ bic, currency, amount }) => [bic, currency, whole(amount)]),
      ],
      [last.length > 0, true],
    ];
  },
  Cycles: (rows, truth) => {
    const seen = truth.cycles.filter((one) => one.atMs < truth.view.toMs);
    return [
      [
        rows.map(({ time, settled: number }) => [Date.parse(`${time}Z`), number]),
        seen.map(({ atMs, settled: number }) => [atMs, number]).reverse(),
      ],
    ];
  },
};

export const PARTICIPANT: Record<string, Figure> = {
  Sent: (rows, truth) => [
    [count(rows, 'sent'), ofBank(truth).filter((row) => inView(truth, row.submittedAtMs)).length],
  ],
  'Sent and settled': (rows, truth) => [
    [count(rows, 'settled'), endedLegs(truth, 'settled', ofBank(truth)).length],
  ],
  Received: (rows, truth) => [
    [
      count(rows, 'received'),
      settledLegs(truth).filter((row) => row.creditorAgent === truth.bank).length,
    ],
  ],
  Rejected: (rows, truth) => [
    [count(rows, 'rejected'), endedLegs(truth, 'rejected', ofBank(truth)).length],
  ],
  'Value sent and settled': (rows, truth) => [
    [
      sum(where(rows, 'currency', 'EUR'), 'sent'),
      whole(
        minorSum(
          endedLegs(truth, 'settled', ofBank(truth)).filter((row) => row.currency === 'EUR'),
        ),
      ),
      FLOAT,
    ],
  ],
  'Value received': (rows, truth) => [
    [
      sum(where(rows, 'currency', 'SGD'), 'received'),
      whole(
        settledLegs(truth)
          .filter((row) => row.creditorAgent === truth.bank && row.currency2 === 'SGD')
          .reduce((all, row) => all + row.amount2Minor, 0n),
      ),
      FLOAT,
    ],
  ],
  Balances: (rows, truth) => [
    ...rows.map(({ time, currency, balance }): Pair => {
      const atMs = Date.parse(`${time}Z`);
      return [balance, whole(balanceAt(truth, truth.bank, String(currency), atMs)), FLOAT];
    }),
    [Date.parse(`${rows.at(-1)?.time}Z`), truth.view.toMs],
  ],
  'Its queue': (rows, truth) =>
    CODES.flatMap((code) =>
      series(
        where(rows, 'currency', code),
        'waiting',
        inQueueOf(truth, code, ({ bic }) => bic === truth.bank),
        ({ count }) => count,
      ),
    ),
  'What its queue waits for': (rows, truth) => [
    [rows.length, WAITING.length],
    ...WAITING.flatMap(({ kind, currency, count, cents, sinceMinutes }): Pair[] => {
      const row = rows.find((one) => one.kind === kind && one.currency === currency);
      const sinceMs = truth.view.toMs - sinceMinutes * MINUTE_MS;
      return [
        [Number(row?.messages), count],
        [Number(row?.amount_waiting), cents / 100, FLOAT],
        [Date.parse(`${row?.waits_since}Z`), sinceMs],
      ];
    }),
  ],
  'Its limits': (rows, truth) => {
    const lines = [...linesOf(truth)].filter(
      ([account, line]) => account.startsWith(`${truth.bank} `) && line > 0n,
    );
    return [
      [lines.length > 0, true],
      [
        rows.map(({ kind, currency, bound }) => [kind, currency, Number(bound)]),
        lines
          .map(([account, line]) => ['creditLine', account.split(' ')[1], whole(line)])
          .sort((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1)),
      ],
    ];
  },
  'Notices to it': (rows, truth) => {
    const forged = truth.rows.filter(
      (row) =>
        row.reason === 'signatureInvalid' &&
        row.debtorAgent === truth.bank &&
        row.submittedAtMs < truth.view.toMs,
    );
    return [
      [forged.length > 0, true],
      [sum(where(rows, 'reason', 'signatureInvalid'), 'messages'), forged.length],
    ];
  },
  'Its latest payments': (rows, truth) => {
    const { toMs } = truth.view;
    const isIts = (one: PaymentRow) =>
      one.submittedAtMs < toMs && [one.debtorAgent, one.creditorAgent].includes(truth.bank);
    const newest = truth.rows.findLast(isIts) as PaymentRow;
    return [
      [rows.length, 200],
      [only(rows, 'uetr'), newest.uetr],
      [Number(only(rows, 'amount')), whole(newest.amountMinor), FLOAT],
      [rows.every((row) => [row.debtor_agent, row.creditor_agent].includes(truth.bank)), true],
    ];
  },
  'Rejects and cancellations': (rows, truth) => [
    [
      sum(where(rows, 'status', 'RJCT'), 'messages'),
      endedLegs(truth, 'rejected', ofBank(truth)).length,
    ],
  ],
  Counterparties: (rows, truth) =>
    rows.map(({ counterparty, currency, paid_value }): Pair => {
      const hour = (ms: number | null) => Math.floor((ms ?? 0) / 3_600_000) * 3_600_000;
      const paid = ofBank(truth).filter(
        (row) =>
          row.status === 'settled' &&
          row.creditorAgent === counterparty &&
          row.currency === currency &&
          hour(row.finalAtMs) < truth.view.toMs,
      );
      return [paid_value, whole(minorSum(paid)), FLOAT];
    }),
};

const points = (count: number, rows: Rows, column: string, expected: number): Pair[] => [
  [rows.length, count],
  ...rows.map((row): Pair => [Number(row[column]), expected, FLOAT]),
];
const waitingIn = (truth: Truth, code: string) =>
  waitingNow(truth).filter(({ currency }) => currency === code);

/** The intervals, as `dashboards.system.test.ts` has them, of a range after the truth's in which nothing was sampled. */
const QUIET_INTERVALS = 4;

/** Of panels of levels, in that range: a queue in each interval, other levels at both ends. */
export const STANDING_FIGURES: Readonly<Record<string, Figure>> = {
  'Queues and gridlock / Payments waiting': (rows, truth) =>
    CODES.flatMap((code) =>
      points(
        QUIET_INTERVALS,
        where(rows, 'currency', code),
        'waiting',
        waitingIn(truth, code).length,
      ),
    ),
  'Queues and gridlock / Value waiting': (rows, truth) =>
    CODES.flatMap((code) =>
      points(
        QUIET_INTERVALS,
        where(rows, 'currency', code),
        'value',
        whole(minorSum(waitingIn(truth, code))),
      ),
    ),
  'Participant / Balances': (rows, truth) =>
    CODES.flatMap((code) =>
      points(
        2,
        where(rows, 'currency', code),
        'balance',
        whole(balanceAt(truth, truth.bank, code, truth.view.toMs)),
      ),
    ),
  'Liquidity / Accounts': (rows, truth) =>
    rows.flatMap(({ participant, currency, opening_balance, closing_balance, lowest_balance }) => {
      const stands = whole(
        balanceAt(truth, String(participant), String(currency), truth.view.toMs),
      );
      return [opening_balance, closing_balance, lowest_balance].map(
        (found): Pair => [found, stands, FLOAT],
      );
    }),
};
