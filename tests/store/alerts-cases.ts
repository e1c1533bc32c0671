/** Rules over payments, queues, banks and checks. */
import {
  balance,
  type Cases,
  check,
  cosignatures,
  DAY,
  forged,
  HOUR,
  issuer,
  MINUTE,
  payment,
  proof,
  queue,
  rejected,
  scored,
  sends,
  times,
  tooLate,
  usualCredit,
  usualQueue,
  waits,
} from './alerts-rows.ts';

/** On four days before it sends in every minute of two hours, as another does, half an hour beyond this time of day; or less long. */
const usually = (run: string, bic: string, lessS = 0) =>
  times(4, (index) => {
    const from = (index + 1) * DAY - 30 * MINUTE;
    return [
      ...sends(run, 'ALFADE00', 120, from),
      ...sends(run, bic, 120 - lessS / MINUTE, from + lessS),
    ];
  }).flat();

export const FLOW_CASES: Cases = {
  'Conservation broken': {
    'a currency that did not add up, though it does again': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'conserved EUR', false, 30 * MINUTE),
          check(run, 'conserved EUR', true, MINUTE),
        ],
      }),
      fires: [{ pool: 'main' }],
    },
    'another figure, and more than an hour ago': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', false, MINUTE),
          check(run, 'conserved EUR', true, MINUTE),
          check(run, 'conserved EUR', false, HOUR + 1),
        ],
      }),
    },
  },
  'A record in the log is not proven': {
    'what one of two processes found': {
      rows: (run) => ({
        log_proofs: [
          proof(run, 'one', 0, 2 * MINUTE),
          proof(run, 'one', 2, MINUTE),
          proof(run, 'two', 0, 30),
        ],
      }),
      fires: [{ pool: 'main', first: 'pool main, offset 7: issue: no signature', value: 2 }],
    },
    'a log that is proven, and what was found more than an hour ago': {
      rows: (run) => ({
        log_proofs: [proof(run, 'two', 0, MINUTE), proof(run, 'one', 1, HOUR + 1)],
      }),
    },
  },
  'A transparency log was forked': {
    'what one of two gateways found': {
      rows: (run) => ({
        log_cosignatures: [
          cosignatures(run, 2 * MINUTE),
          cosignatures(run, MINUTE, { forks: 2, first_fork: '7 entries' }),
          cosignatures(run, 30, { instance: 'two' }),
        ],
      }),
      fires: [{ pool: 'main', first: '7 entries', value: 2 }],
    },
    'a log that is one, and what was found more than an hour ago': {
      rows: (run) => ({
        log_cosignatures: [
          cosignatures(run, HOUR + 1, { forks: 1, first_fork: '7 entries' }),
          cosignatures(run, MINUTE, { instance: 'two' }),
        ],
      }),
    },
  },
  'Cosignatures of a log are missing': {
    'a checkpoint that waits, as each gateway says': {
      rows: (run) => ({
        log_cosignatures: [
          cosignatures(run, 40, { waiting_ms: 20_001, missing: 'a, b, c' }),
          cosignatures(run, 2, { waiting_ms: 60_001, missing: 'a, b' }),
          cosignatures(run, 1, { waiting_ms: 70_000, missing: 'a, b, c', instance: 'two' }),
        ],
      }),
      fires: [{ pool: 'main', missing_now: 'a, b', value: 60_001 }],
    },
    'one that one gateway has seen cosigned, a minute, and what waited before': {
      rows: (run) => ({
        log_cosignatures: [
          ...[
            cosignatures(run, 50, { pool: 'other', waiting_ms: 70_000 }),
            cosignatures(run, 3, { pool: 'other', waiting_ms: 60_000 }),
          ],
          cosignatures(run, 2, { waiting_ms: 99_000 }),
          cosignatures(run, 1, { instance: 'two' }),
          cosignatures(run, 61, { pool: 'third', waiting_ms: 99_000 }),
        ],
      }),
    },
  },
  'Reconciliation difference': {
    'the last check of a figure': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', true, 2 * MINUTE),
          check(run, 'settled EUR', false, MINUTE),
          check(run, 'settled SGD', true, MINUTE),
        ],
      }),
      fires: [{ figure: 'settled EUR', pool: 'main', value: 7 }],
    },
    'a figure that agrees again': {
      rows: (run) => ({
        reconciliations: [
          check(run, 'settled EUR', false, 2 * MINUTE),
          check(run, 'settled EUR', true, MINUTE),
        ],
      }),
    },
  },
  'Time to finality above target': {
    '3 of 200 took longer': {
      rows: (run) => ({ payments: waits(run, 200, 3, MINUTE) }),
      fires: [{ pool: 'main' }],
    },
    '2 of 200 did, and 50 more than ten minutes ago': {
      rows: (run) => ({
        payments: [...waits(run, 200, 2, MINUTE), ...waits(run, 50, 50, 11 * MINUTE)],
      }),
    },
  },
  'Payments wait too long': {
    'a queue that nothing changed for days': {
      rows: (run) => ({ queue_samples: [queue(run, 3 * 24 * HOUR, 1, 3 * 24 * HOUR)] }),
      fires: [{ currency: 'EUR', pool: 'main' }],
    },
    'a queue of 30 minutes': {
      rows: (run) => ({ queue_samples: [queue(run, MINUTE, 1, 30 * MINUTE)] }),
    },
    'a queue that was worked off': {
      rows: (run) => ({
        queue_samples: [
          queue(run, 2 * HOUR, 9, 3 * HOUR),
          queue(run, MINUTE, 0, 56 * 365 * 24 * HOUR),
        ],
      }),
    },
  },
  'Many messages are rejected': {
    '6 of 100': {
      rows: (run) => ({
        payments: times(100, (index) => payment(run, MINUTE, index < 6 ? rejected : {})),
      }),
      fires: [{ pool: 'main' }],
    },
    '5 of 100': {
      rows: (run) => ({
        payments: times(100, (index) => payment(run, MINUTE, index < 5 ? rejected : {})),
      }),
    },
    'all of 19': { rows: (run) => ({ payments: times(19, () => payment(run, MINUTE, rejected)) }) },
  },
  'A bank is silent': {
    'one that sent for ten minutes, while another goes on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 10, 60 + 31 * MINUTE),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00', value: String(31 * MINUTE) }],
    },
    'one in whose name a forger goes on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 10, 60 + 31 * MINUTE),
          ...sends(run, 'BETADE00', 40, 60, forged),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one where one of its two currencies has closed': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 60, 60),
          ...sends(run, 'BETADE00', 15, 60 + 31 * MINUTE),
          ...sends(run, 'BETADE00', 15, 60 + 32 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'GAMMFR00', 15, 60 + 31 * MINUTE, { currency: 'SGD' }),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one that sent in nine minutes, or sent half an hour ago': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 42, 60),
          ...sends(run, 'BETADE00', 9, 60 + 31 * MINUTE),
          ...sends(run, 'GAMMFR00', 10, 60 + 30 * MINUTE),
        ],
      }),
    },
    'one whose currency has closed, though another’s has not, and messages come too late': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...sends(run, 'ALFADE00', 60, 60 + 90 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'BETADE00', 60, 60 + 91 * MINUTE, { currency: 'SGD' }),
          ...sends(run, 'ALFADE00', 90, 60, { ...tooLate, currency: 'SGD' }),
        ],
      }),
    },
    'one that sends in one currency, and once in another where others go on': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...sends(run, 'BETADE00', 1, 60 + 100 * MINUTE),
          ...sends(run, 'BETADE00', 60, 60 + 90 * MINUTE, { currency: 'SGD' }),
        ],
      }),
    },
    'one that sends too seldom for an hour to say anything': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 200, 60),
          ...times(12, (index) =>
            payment(run, 61 * MINUTE + index * 10 * MINUTE, { debtor_agent: 'BETADE00' }),
          ),
        ],
      }),
    },
    'one at the beginning of a day': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 20, 60),
          ...sends(run, 'ALFADE00', 60, 60 + 180 * MINUTE),
          ...sends(run, 'BETADE00', 60, 60 + 190 * MINUTE),
        ],
      }),
    },
    'all of them, as at night': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 20, 3 * HOUR),
          ...sends(run, 'BETADE00', 20, 3 * HOUR + 60),
        ],
      }),
    },
  },
  'A large bank does not send': {
    'one that sends in every minute of other days, and for a quarter of an hour of this one nothing':
      {
        rows: (run) => ({
          payments: [
            ...sends(run, 'ALFADE00', 65, 60),
            ...usually(run, 'BETADE00'),
            ...sends(run, 'BETADE00', 40, 60 + 16 * MINUTE),
          ],
        }),
        fires: [{ debtor_agent: 'BETADE00' }],
      },
    'one that did not come up in the morning': {
      rows: (run) => ({
        payments: [...sends(run, 'ALFADE00', 16, 60), ...usually(run, 'BETADE00')],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one that on other days sent in each minute, of which another sent in every fourth': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 65, 60),
          ...sends(run, 'BETADE00', 40, 60 + 16 * MINUTE),
          ...times(4, (day) => [
            ...sends(run, 'BETADE00', 120, (day + 1) * DAY - 30 * MINUTE),
            ...times(30, (at) => payment(run, (day + 1) * DAY + (4 * at - 30) * MINUTE)),
          ]).flat(),
        ],
      }),
      fires: [{ debtor_agent: 'BETADE00' }],
    },
    'one whose value lies on the date of eight days ago': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 65, 60, { amount_minor: '100' }),
          ...usually(run, 'BETADE00'),
          ...sends(run, 'BETADE00', 40, 60 + 16 * MINUTE),
          ...sends(run, 'ALFADE00', 1, DAY, { amount_minor: '20000' }),
          ...sends(run, 'BETADE00', 1, 8 * DAY - HOUR, { amount_minor: '90000' }),
        ],
      }),
    },
    'one that is large in a currency in which what it had sent long ago settled': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 65, 60, { amount_minor: '100' }),
          ...usually(run, 'BETADE00'),
          ...sends(run, 'BETADE00', 40, 60 + 16 * MINUTE),
          ...sends(run, 'ALFADE00', 1, DAY, { amount_minor: '20000' }),
          payment(run, DAY, { debtor_agent: 'BETADE00', currency: 'SGD', is_first: 0 }),
        ],
      }),
    },
    'one that ends so early on other days too': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 65, 60),
          ...usually(run, 'BETADE00', HOUR),
          ...sends(run, 'BETADE00', 40, 60 + 16 * MINUTE),
        ],
      }),
    },
    'one that sent in every minute, and nothing for four': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 64, 60),
          ...sends(run, 'BETADE00', 60, 60 + 4 * MINUTE),
        ],
      }),
    },
    'one of less than a twentieth of the value': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 5, 60, { amount_minor: '13' }),
          ...sends(run, 'ALFADE00', 60, DAY + 60, { amount_minor: '18' }),
          ...sends(run, 'BETADE00', 60, DAY + 60),
        ],
      }),
    },
    'one after which one other sends where ten did: the evening is slow': {
      rows: (run) => ({
        payments: [
          ...times(10, (index) => sends(run, `ALF${index}DE00`, 60, 60 + 9 * MINUTE)).flat(),
          ...sends(run, 'ALF0DE00', 9, 60),
          ...sends(run, 'BETADE00', 60, 60 + 9 * MINUTE),
        ],
      }),
    },
    'one that sends at another time of day': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 60, 60),
          ...sends(run, 'ALFADE00', 60, DAY + 60),
          ...sends(run, 'ALFADE00', 60, DAY - 5 * HOUR),
          ...sends(run, 'BETADE00', 60, DAY - 5 * HOUR),
          ...sends(run, 'BETADE00', 60, DAY - 7 * HOUR),
        ],
      }),
    },
    'one in a currency where nobody has sent for more than a quarter of an hour': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 65, 16 * MINUTE),
          ...sends(run, 'BETADE00', 60, 21 * MINUTE),
        ],
      }),
    },
    'one of nine minutes alone': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 29, 60),
          ...sends(run, 'BETADE00', 9, 60 + 20 * MINUTE),
        ],
      }),
    },
    'one that was refused as too late a minute ago, in another currency': {
      rows: (run) => ({
        payments: [
          ...sends(run, 'ALFADE00', 60, 60),
          ...sends(run, 'BETADE00', 40, 60 + 20 * MINUTE),
          ...sends(run, 'BETADE00', 1, 60, { ...tooLate, currency: 'SGD' }),
        ],
      }),
    },
  },
  'A queue grows against its usual shape': {
    'sixty-one wait, where twenty did on three days': {
      rows: (run) => usualQueue(run, 3, 20, 61),
      fires: [{ pool: 'main', currency: 'EUR', value: 3.05 }],
    },
    'more than thrice the lower median of four days, of which one was bad': {
      rows: (run) => ({
        ...usualQueue(run, 4, 30, 91),
        queue_samples: [
          ...usualQueue(run, 4, 30, 91).queue_samples,
          queue(run, 2 * DAY, 9_999, 2 * DAY),
          queue(run, 2 * DAY - HOUR, 0, 2 * DAY - HOUR),
        ],
      }),
      fires: [{ currency: 'EUR' }],
    },
    'eighty wait, where twenty-five did at this time of three days, and hundreds at another': {
      rows: (run) => ({
        ...usualQueue(run, 3, 25, 80),
        queue_samples: [
          ...usualQueue(run, 3, 25, 80).queue_samples,
          ...[1, 2, 3].map((day) => ({
            ...queue(run, day * DAY + 16 * MINUTE, 0, day * DAY),
            count_max: 500,
          })),
        ],
      }),
      fires: [{ currency: 'EUR', value: 3.2 }],
    },
    'as many as thrice the usual': { rows: (run) => usualQueue(run, 3, 30, 90) },
    'sixty, where nothing ever waits': { rows: (run) => usualQueue(run, 3, 0, 60) },
    'on the third day': { rows: (run) => usualQueue(run, 2, 20, 500) },
    'what stood there a quarter of an hour ago already': {
      rows: (run) => ({
        ...usualQueue(run, 3, 20, 61),
        queue_samples: [
          ...usualQueue(run, 3, 20, 61).queue_samples,
          queue(run, 17 * MINUTE, 61, 17 * MINUTE),
        ],
      }),
    },
    'one that is as long on other days from a level that nothing changed at this time': {
      rows: (run) => ({
        payments: usualQueue(run, 3, 0, 100).payments,
        queue_samples: [
          ...[1, 2, 3].flatMap((day) => [
            queue(run, day * DAY + HOUR, 90, day * DAY + HOUR),
            queue(run, day * DAY - HOUR, 0, day * DAY - HOUR),
          ]),
          queue(run, 60, 100, 60),
        ],
      }),
    },
  },
  'A bank uses unusually much credit': {
    'more than twice the lower median of three days': {
      rows: (run) => ({ balances: usualCredit(run, [-900, -100, -10], -201, 800) }),
      fires: [{ participant: 'ALFADE00', currency: 'EUR', value: 2.01 }],
    },
    'a bank that never drew, more than a quarter of its credit': {
      rows: (run) => ({ balances: usualCredit(run, [5, 5, 5], -251, 1_000) }),
      fires: [{ participant: 'ALFADE00' }],
    },
    'twice the usual': {
      rows: (run) => ({ balances: usualCredit(run, [-900, -100, -10], -200, 800) }),
    },
    'a quarter of its credit, of a bank that never drew': {
      rows: (run) => ({ balances: usualCredit(run, [5, 5, 5], -250, 1_000) }),
    },
    'the issuer of the currency': {
      rows: (run) => ({
        balances: usualCredit(run, [5, 5, 5], -900, 1_000),
        issuers: [issuer(run)],
      }),
    },
    'the issuer of another currency': {
      rows: (run) => ({
        balances: usualCredit(run, [5, 5, 5], -900, 1_000),
        issuers: [{ ...issuer(run), currency: 'USD' }],
      }),
      fires: [{ participant: 'ALFADE00', currency: 'EUR' }],
    },
    'on the third day': { rows: (run) => ({ balances: usualCredit(run, [0, 0], -900, 1_000) }) },
    'what was given back': {
      rows: (run) => ({
        balances: [
          ...usualCredit(run, [-100, -100, -100], -900, 1_000),
          balance(run, 30, -200, -900, 1_000),
        ],
      }),
    },
  },
  'More payments are unusual than the model expects': {
    'more than twice as many as one in a hundred, of two banks': {
      rows: (run) => ({
        watch_scores: [
          ...scored(run, 'ALFADE00', 200, 4, 30),
          ...scored(run, 'GAMMDE00', 349, 7, HOUR - 1),
        ],
      }),
      fires: [{ pool: 'main', most_of: 'GAMMDE00', by_model: 'a', value: 1100 / 549 }],
    },
    'one of two models': {
      rows: (run) => ({
        watch_scores: [
          ...scored(run, 'ALFADE00', 300, 10, 30, 'b'),
          ...scored(run, 'ALFADE00', 300, 5, 30, 'a'),
        ],
      }),
      fires: [{ pool: 'main', by_model: 'b' }],
    },
    'twice as many, nine of ten payments, and what came before the hour': {
      rows: (run) => ({
        watch_scores: [
          ...scored(run, 'ALFADE00', 500, 10, 30),
          ...scored(run, 'ALFADE00', 10, 9, 30).map((row) => ({ ...row, pool: 'other' })),
          ...scored(run, 'GAMMDE00', 100, 100, HOUR + 1),
        ],
      }),
    },
  },
};
