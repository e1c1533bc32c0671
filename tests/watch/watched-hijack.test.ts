/** The walk-through of docs/watch.md: at speed 1 the case of scenarios/watched-hijack.yaml is one of its anomaly. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ALERT_OF } from '../../services/analysis/watch/alert-budgets.ts';
import { WATCH_ALERT_TIMES, WATCH_ALERTS_MIN } from '../../services/live/alert-thresholds.ts';
import { liveModel } from '../../services/metrics/score-live-payments.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { plannedFlow } from '../../services/watch/anomaly-days.ts';
import { scoredFlow } from '../../services/watch/flow-scores.ts';
import { load } from '../support/run.ts';

const MODEL = readFileSync(join(packageFolder, 'docs/studies/anomalies-model.json'));

test('within a minute its alerts open a case, and nearly all are of the hijacked key', () => {
  const scored = scoredFlow(plannedFlow(load('watched-hijack')), liveModel(MODEL));
  const beginMs = scored[0]?.payment.timeMs ?? assert.fail('no payment');
  for (const seconds of [60, 120]) {
    const come = scored.filter(({ payment }) => payment.timeMs < beginMs + seconds * 1_000);
    const alerts = come.filter(({ isAlert }) => isAlert);
    assert.ok(alerts.length >= WATCH_ALERTS_MIN, `${alerts.length} after ${seconds} s`);
    assert.ok(alerts.length * ALERT_OF > WATCH_ALERT_TIMES * come.length);
    const others = alerts.filter(({ payment }) => payment.label !== 'hijackedKey');
    assert.ok(others.length * 20 < alerts.length, `${others.length} of ${alerts.length}`);
  }
});
