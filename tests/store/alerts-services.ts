/** Rules over what services say of themselves, and what the live view tells of the same. */

import { LAG_MAX_MS } from '../../services/live/alert-thresholds.ts';
import { SHUT_DOWN } from '../../services/protocol/records/telemetry.ts';
import { ServiceBook } from '../../services/view/service-book.ts';
import {
  type Cases,
  DAY,
  diverged,
  HOUR,
  lives,
  MINUTE,
  metrics,
  NOW,
  sample,
  shutDown,
  speaks,
} from './alerts-rows.ts';

const keys = { service: 'verifier', reader: 'participants' };
const partition = (number: number) => ({ service: 'verifier', reader: `payments/${number}` });

const DIVERGENCE = 'Chain divergence or fault';
type Sample = ReturnType<typeof sample>;

/** Which services the live view names, of a rule's kind. Undefined: it is not there without metrics. */
export function viewTells(title: string, samples: readonly Sample[]): string[] | undefined {
  const hasNoView = samples.some(
    ({ service, fault }) => service === metrics.service && fault === SHUT_DOWN,
  );
  if (hasNoView) return undefined;
  const book = new ServiceBook();
  const states = samples.map(({ time, is_ready, lag_records, lag_ms, ...same }) => ({
    ...{ ...same, atMs: Date.parse(`${time.replace(' ', 'T')}Z`), isReady: is_ready === 1 },
    ...{ lagRecords: lag_records, lagMs: lag_ms },
  }));
  for (const state of states.sort((a, b) => a.atMs - b.atMs)) book.take(state);
  const told = book
    .states(NOW)
    .filter(({ state, lagMs }) =>
      title === DIVERGENCE
        ? state === 'stopped'
        : state === 'silent' || (state !== 'stopped' && lagMs > LAG_MAX_MS),
    );
  return [...new Set(told.map(({ service, instance }) => `${service} ${instance}`))].sort();
}

export const SERVICE_CASES: Cases = {
  [DIVERGENCE]: {
    'a service that stopped over one hours ago, and says nothing since': {
      rows: (run) => ({
        service_samples: [
          sample(run, 3 * HOUR),
          sample(run, 3 * HOUR - 1, { fault: 'historyDiverged', is_ready: 0 }),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'one', fault_now: 'historyDiverged' }],
    },
    'one three weeks ago, and a healthy one that went on beside it': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'writer', 22 * DAY, 1),
          sample(run, 21 * DAY + 1, { instance: 'standby' }),
          sample(run, 21 * DAY, { ...diverged, instance: 'standby' }),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'standby', fault_now: 'historyDiverged' }],
    },
    'one of two, where another began in the place of the other': {
      rows: (run) => ({
        service_samples: [
          sample(run, 3 * HOUR, { ...diverged, instance: 'one' }),
          sample(run, 3 * HOUR, { ...diverged, instance: 'two' }),
          ...lives(run, 'three', 2 * HOUR, 1),
        ],
      }),
      fires: [{ instance: 'one' }, { instance: 'two' }],
    },
    'one that was started again': {
      rows: (run) => ({
        service_samples: [sample(run, 3 * HOUR, diverged), sample(run, MINUTE)],
      }),
    },
    'one in whose place another was started, in the same minute too': {
      rows: (run) => ({
        service_samples: [
          sample(run, 20 * HOUR, { ...diverged, instance: 'old' }),
          ...lives(run, 'new', 20 * HOUR - 1, 1),
        ],
      }),
    },
    'one of a pair that began in one minute, of which the other goes on': {
      rows: (run) => ({
        service_samples: [
          ...speaks(run, 'old', HOUR - 2, HOUR - 6),
          sample(run, HOUR - 8, { ...diverged, instance: 'old' }),
          ...speaks(run, 'new', HOUR, 0),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'old', fault_now: 'historyDiverged' }],
    },
    'one that was shut down': {
      rows: (run) => ({
        service_samples: [sample(run, 3 * HOUR), sample(run, 3 * HOUR - 1, shutDown)],
      }),
    },
  },
  'A service lags or is silent': {
    'ten seconds and a millisecond behind': {
      rows: (run) => ({ service_samples: [sample(run, 1, { lag_ms: 10_001 })] }),
      fires: [{ service: 'clearing', pool: 'main' }],
    },
    'nothing said for sixteen seconds': {
      rows: (run) => ({ service_samples: [sample(run, 16)] }),
      fires: [{ service: 'clearing', pool: 'main' }],
    },
    'ten seconds behind, and told fifteen seconds ago': {
      rows: (run) => ({ service_samples: [sample(run, 15, { lag_ms: 10_000 })] }),
    },
    'the instance before lagged, and is gone': {
      rows: (run) => ({
        service_samples: [
          sample(run, 90, { instance: 'before', lag_ms: 99_000 }),
          sample(run, 1, { instance: 'now' }),
        ],
      }),
    },
    'one that died a week ago, while the others go on': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'one', 8 * DAY, 7 * DAY),
          ...lives(run, 'one', 8 * DAY, 1, metrics),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'one', pool: 'main' }],
    },
    'a standby that died beside the one that works': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'one', 8 * HOUR, 1),
          ...lives(run, 'standby', 8 * HOUR, 2 * HOUR),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'standby' }],
    },
    'one of a pair that began in one minute and died in it': {
      rows: (run) => ({
        service_samples: [
          ...speaks(run, 'old', HOUR - 2, HOUR - 6),
          ...speaks(run, 'new', HOUR, 0),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'old' }],
    },
    'one that was killed half a minute after the other began': {
      rows: (run) => ({
        service_samples: [
          ...speaks(run, 'old', 2 * HOUR, HOUR - 40),
          ...speaks(run, 'new', HOUR - 10, 0),
        ],
      }),
      fires: [{ service: 'clearing', instance: 'old' }],
    },
    'one in whose place another began two seconds later': {
      rows: (run) => ({
        service_samples: [
          ...speaks(run, 'old', 2 * HOUR, HOUR - 10),
          ...speaks(run, 'new', HOUR - 12, 0),
        ],
      }),
    },
    'all of a network that was killed': {
      rows: (run) => ({
        service_samples: [...lives(run, 'a', HOUR, MINUTE), ...lives(run, 'b', HOUR, 30, metrics)],
      }),
      fires: [{ service: 'clearing' }, { service: 'metrics' }],
    },
    'one that died before metrics was shut down': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'one', 8 * HOUR, 7 * HOUR),
          ...lives(run, 'one', 8 * HOUR, 2 * HOUR, metrics),
          sample(run, 2 * HOUR - 1, { ...metrics, ...shutDown }),
        ],
      }),
      fires: [{ service: 'clearing', value: String((5 * HOUR + 1) * 1000 - 5_000) }],
    },
    'one of two verifiers, whose partitions the other has taken over': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'a', 8 * HOUR, 2 * HOUR, keys),
          ...lives(run, 'a', 8 * HOUR, 2 * HOUR, partition(0)),
          ...lives(run, 'b', 8 * HOUR, 1, keys),
          ...lives(run, 'b', 8 * HOUR, 1, partition(1)),
          ...lives(run, 'b', 2 * HOUR - 5, 1, partition(0)),
        ],
      }),
      fires: [{ service: 'verifier', instance: 'a' }],
    },
    'a verifier of several partitions, after which one of none began': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'a', 8 * HOUR, 2 * HOUR, keys),
          ...lives(run, 'a', 8 * HOUR, 2 * HOUR, partition(0)),
          ...lives(run, 'a', 8 * HOUR, 2 * HOUR, partition(1)),
          ...lives(run, 'b', 2 * HOUR - 5, 1, keys),
        ],
      }),
    },
    'a standby that was shut down, and one in whose place another began': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'one', 8 * HOUR, 3 * HOUR),
          ...lives(run, 'two', 3 * HOUR - 2, 1),
          ...lives(run, 'standby', 8 * HOUR, 2 * HOUR),
          sample(run, 2 * HOUR - 1, { ...shutDown, instance: 'standby' }),
        ],
      }),
    },
    'a network whose metrics was shut down a day ago, whatever the last words of others were': {
      rows: (run) => ({
        service_samples: [
          ...lives(run, 'one', 2 * DAY, DAY + 3),
          ...lives(run, 'one', 2 * DAY, DAY + 1, metrics),
          sample(run, DAY, { ...metrics, ...shutDown }),
        ],
      }),
    },
    'a reader of which its process speaks no longer': {
      rows: (run) => ({
        service_samples: [sample(run, HOUR, { reader: '' }), ...lives(run, 'one', HOUR, 1)],
      }),
    },
  },
};
