/** Rules over payments, queues, banks and checks. */
import {
  type Cases,
  check,
  forged,
  HOUR,
  MINUTE,
  payment,
  proof,
  queue,
  rejected,
  sends,
  times,
  tooLate,
  waits,
} from './alerts-rows.ts';

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
};
