/** Figures of the system itself: Signatures and security, Operations, alerts. */
import type { Truth } from './dashboards-run.ts';
import { LAG_MS } from './dashboards-telemetry.ts';
import {
  count,
  ended,
  endedLegs,
  type Figure,
  FLOAT,
  inView,
  minute,
  only,
  settled,
  told,
  total,
  wait,
  waitingNow,
  where,
} from './dashboards-truth.ts';

const forged = (truth: Truth) =>
  ended(truth, 'rejected').filter(({ reason }) => reason === 'signatureInvalid');
/** To the instant: events have their times, not their minutes. */
const forgedUpTo = (truth: Truth) =>
  truth.rows.filter(
    ({ reason, submittedAtMs }) => reason === 'signatureInvalid' && submittedAtMs < truth.view.toMs,
  );
const repeatsIn = ({ repeatsAtMs, view }: Truth) => repeatsAtMs.filter((atMs) => atMs < view.toMs);
export const SECURITY: Record<string, Figure> = {
  'Signatures a second of verifying': (rows) => [[only(rows, 'rate'), 100 / 0.002, FLOAT]],
  'Invalid signatures': (rows) => [[count(rows, 'invalid_signatures'), 4]],
  'Repeated messages': (rows, truth) => [[count(rows, 'repeats'), repeatsIn(truth).length]],
  'Identities used twice': (rows) => [[count(rows, 'reused'), 1]],
  'Signatures verified': (rows) => [
    [total(rows, 'valid_signatures'), 4 * 99, FLOAT],
    [total(rows, 'invalid_signatures'), 4, FLOAT],
  ],
  'Batches by size': (rows) => [[rows, [{ batch_size_at_most: '<= 256', batches: '4' }]]],
  'Verifier threads': (rows) => [
    [Math.min(...told(rows, 'fewest').map(({ fewest }) => Number(fewest))), 0],
    [Math.max(...told(rows, 'most').map(({ most }) => Number(most))), 3],
  ],
  'Keys without room': (rows) => [[count(rows, 'keys'), 3]],
  'Rejects by reason and sender': (rows, truth) => [
    [count(where(rows, 'reason', 'signatureInvalid'), 'messages'), forged(truth).length],
  ],
  'Failed authentication': (rows, truth) => [
    [total(rows, 'messages'), forgedUpTo(truth).length, FLOAT],
  ],
  Keys: (rows, truth) => [[where(rows, 'kind', 'keyRegistered').length, truth.keys]],
  'Latest incidents': (rows, truth) => [
    [where(rows, 'kind', 'notAuthentic').length, forgedUpTo(truth).length],
    [where(rows, 'kind', 'repeated').length, repeatsIn(truth).length],
    [rows.length, forgedUpTo(truth).length + repeatsIn(truth).length + 1],
  ],
};

export const OPERATIONS: Record<string, Figure> = {
  Services: (rows) => [
    [rows.map(({ service }) => service), ['clearing', 'metrics', 'notifier', 'verifier']],
    [Number(where(rows, 'service', 'verifier')[0]?.ready), 0],
  ],
  // The verifier is not ready in the second of its two minutes.
  'Availability by service': (rows) => [
    [
      rows.map(({ service, available, longest_away }) => [
        service,
        Number(available),
        Number(longest_away),
      ]),
      [
        ['verifier', 0.5, 60],
        ['clearing', 1, 0],
        ['metrics', 1, 0],
        ['notifier', 1, 0],
      ],
    ],
  ],
  'Services not ready': (rows) => [[count(rows, 'not_ready'), 1]],
  'Analysis behind settlement': (rows) => [[count(rows, 'behind_ms'), LAG_MS]],
  'Open cases': (rows) => [
    [
      rows.map(({ case_id, severity, firing, acknowledged, acknowledged_by }) => [
        ...[case_id, severity, Number(firing), acknowledged !== null, acknowledged_by],
      ]),
      [
        ['case-a', 'critical', 0, true, 'genesis'],
        ['case-c', 'warning', 1, false, ''],
      ],
    ],
  ],
  'Time to acknowledge': (rows) => [
    [
      rows.map(({ severity, opened_cases, answered_cases, median_ms, longest_ms }) => [
        ...[severity, Number(opened_cases), Number(answered_cases)],
        ...[median_ms, longest_ms].map((one) => (one === null ? null : Number(one))),
      ]),
      [
        ['critical', 2, 2, 40_000, 90_000],
        ['warning', 1, 0, null, null],
      ],
    ],
  ],
  'Held by outages': (rows) => [
    [
      rows.map(({ case_id, kind, amount_units, payments }) => [
        ...[case_id, kind, Number(amount_units), Number(payments)],
      ]),
      [
        ['case-a', 'trapped', 2.5, 0],
        ['case-a', 'waiting', 0, 5],
      ],
    ],
  ],
  'Records behind': (rows) => [
    [Math.max(...where(rows, 'service', 'verifier').map(({ behind }) => Number(behind))), 40],
  ],
  'Events not sealed': (rows) => [
    [
      Math.max(...told(where(rows, 'pool', 'main'), 'unsealed').map((row) => Number(row.unsealed))),
      60,
    ],
  ],
  'Events not cosigned': (rows) => [
    [
      Math.max(
        ...told(where(rows, 'pool', 'main'), 'uncosigned').map((row) => Number(row.uncosigned)),
      ),
      60,
    ],
  ],
  'Records handled': (rows) => [[total(where(rows, 'service', 'metrics'), 'handled'), 800, FLOAT]],
  'Messages a verification batch': (rows) => [
    [told(rows, 'messages_a_batch').every((row) => row.messages_a_batch === 100), true],
    [told(rows, 'messages_a_batch').length > 0, true],
  ],
  'Verifiers at work': (rows) => [[total(rows, 'threads_busy'), 4 * 0.002, FLOAT]],
  'Rows inserted': (rows) => [[total(rows, 'inserted'), 150 * (3 + 2 + 1), FLOAT]],
  'Events a block of rows': (rows) => {
    const blocks = told(rows, 'records_a_block').map((row) => Number(row.records_a_block));
    return [[Math.min(...blocks) >= 100 && Math.max(...blocks) <= 300, true]];
  },
  // Of the network, whenever: another run's is not among them.
  'Recovery drills': (rows) => [
    [rows.map(({ breaks }) => breaks), ['store', 'tables']],
    [
      where(rows, 'breaks', 'tables').map(({ ended_at: _, ...row }) =>
        Object.values(row).map((value) => (Number.isNaN(Number(value)) ? value : Number(value))),
      ),
      [['tables', 90_250, 90_250 / 7_200_000, 700, 2, 5_000, 2, 'not closed: SGD', 0]],
    ],
  ],
  Reconciliation: (rows) => [
    [
      rows.map(({ found, agrees }) => [found, Number(agrees)]),
      [
        ['6', 0],
        ['3', 0],
        ['5', 1],
      ],
    ],
  ],
};

export const ALERTS: Record<string, Figure> = {
  'Conservation broken': (rows) => [[count(rows, 'value'), 0]],
  'A record in the log is not proven': (rows, truth) => [
    [
      where(rows, 'run', truth.run).map(({ pool, first, value }) => [pool, first, value]),
      [['main', 'pool main, offset 7: issue: no signature', 2]],
    ],
  ],
  'A transparency log was forked': (rows, truth) => [
    [where(rows, 'run', truth.run).map(({ pool, value }) => [pool, value]), [['main', 0]]],
  ],
  // The last word is a minute old.
  'Cosignatures of a log are missing': (rows, truth) => [
    [
      where(rows, 'run', truth.run).map(({ pool, missing_now, value }) => [
        pool,
        missing_now,
        value,
      ]),
      [['main', 'a', 250]],
    ],
  ],
  // 6 in place of 7, and in the other pool 3.
  'Reconciliation difference': (rows, truth) => [
    [
      where(where(rows, 'run', truth.run), 'figure', 'settled EUR').map(({ pool, value }) => [
        pool,
        value,
      ]),
      [
        ['main', 1],
        ['other', 4],
      ],
    ],
  ],
  'Chain divergence or fault': (rows, truth) => [
    [
      where(rows, 'run', truth.run)
        .filter(({ value }) => Number(value) > 0)
        .map(({ service }) => service),
      ['verifier'],
    ],
  ],
  'Time to finality above target': (rows, truth) => [
    [
      where(rows, 'run', truth.run)[0]?.value,
      settled(truth).filter((one) => wait(one) > 900_000).length / settled(truth).length,
      FLOAT,
    ],
  ],
  'Payments wait too long': (rows, truth) => {
    const own = waitingNow(truth).filter(({ currency }) => currency === 'SGD');
    const oldest = Math.min(...own.map(({ submittedAtMs }) => submittedAtMs));
    const [row] = where(where(rows, 'run', truth.run), 'currency', 'SGD');
    return [[Number(row?.value), own.length === 0 ? 0 : truth.view.toMs - oldest]];
  },
  // The last samples are a minute old.
  'A service lags or is silent': (rows, truth) => [
    [
      Number(where(where(rows, 'run', truth.run), 'service', 'metrics')[0]?.value),
      Math.max(LAG_MS, 60_000 - 5_000),
    ],
  ],
  'Many messages are rejected': (rows, truth) => [
    [
      where(rows, 'run', truth.run)[0]?.value,
      // Messages: each leg of a trade is one.
      endedLegs(truth, 'rejected').length /
        truth.rows.filter((row) => inView(truth, row.submittedAtMs)).length,
      FLOAT,
    ],
  ],
  'A bank is silent': (rows, truth) => [
    [
      Object.fromEntries(
        where(rows, 'run', truth.run).map(({ debtor_agent, value }) => [
          debtor_agent,
          Number(value),
        ]),
      ),
      silences(truth),
    ],
  ],
  // Nothing is usual on a first day.
  'A large bank does not send': (rows, truth) => [
    [where(rows, 'run', truth.run).filter(({ value }) => Number(value) > 13.8).length, 0],
    [where(rows, 'run', truth.run).length > 2, true],
  ],
  'A queue grows against its usual shape': (rows, truth) => [
    [where(rows, 'run', truth.run).every(({ value }) => Number(value) === 0), true],
    [where(rows, 'run', truth.run).length > 0, true],
  ],
  'A bank uses unusually much credit': (rows, truth) => [
    [where(rows, 'run', truth.run).every(({ value }) => Number(value) === 0), true],
    [where(rows, 'run', truth.run).length > 4, true],
  ],
  // One in 25, where one in a hundred is expected.
  'More payments are unusual than the model expects': (rows, truth) => [
    [
      where(rows, 'run', truth.run).map(({ pool, most_of, by_model, value }) => [
        ...[pool, most_of, by_model, Number(value)],
      ]),
      [['main', truth.bank, 'model', 4]],
    ],
  ],
};

/** Of each bank that sent in the view, walked by the minute, in seconds. */
function silences(truth: Truth): Readonly<Record<string, number>> {
  const { fromMs, toMs } = truth.view;
  const sent = [...truth.rows, ...truth.otherPool]
    .map((row) => ({ ...row, at: minute(row.submittedAtMs) }))
    .filter(({ currency, at }) => currency !== '' && at >= fromMs && at < toMs);
  const inHours = sent.filter(({ reason }) => reason !== 'afterCutOff');
  const silences: Record<string, number> = {};
  for (const bank of new Set(sent.map(({ debtorAgent }) => debtorAgent))) {
    const last = Math.max(...sent.filter((one) => one.debtorAgent === bank).map(({ at }) => at));
    const own = inHours.filter((one) => one.debtorAgent === bank);
    silences[bank] = 0;
    for (const currency of new Set(own.map((one) => one.currency))) {
      const times = new Set(inHours.filter((one) => one.currency === currency).map(({ at }) => at));
      const minutes = new Set(own.filter((one) => one.currency === currency).map(({ at }) => at));
      const newest = Math.max(...times);
      const before = walked(Math.min(...times), last, times);
      const silence = walked(last, newest, new Set([last, ...times]));
      if (minutes.size < 10 || toMs - newest > 15 * 60_000) continue;
      if (silence * minutes.size < 10 * (before + 1)) continue;
      silences[bank] = Math.max(silences[bank] ?? 0, silence * 60);
    }
  }
  return silences;
}

/** Minutes from one to another, but those of pauses of more than a quarter of an hour. */
function walked(fromMs: number, toMs: number, times: ReadonlySet<number>): number {
  let [sum, pause] = [0, 0];
  for (let at = fromMs + 60_000; at <= toMs; at += 60_000) {
    pause += 1;
    if (!times.has(at)) continue;
    if (pause <= 15) sum += pause;
    pause = 0;
  }
  return sum;
}
