/** A model is trained by Python's libraries, answers as they do, and finds again what it was shown. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WatchModel } from '../../services/analysis/watch/watch-model.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';

import { scoredFlow } from '../../services/watch/flow-scores.ts';
import { heldOutFigures, heldOutOf, judgedBy } from '../../services/watch/model-card.ts';

import { trainModel } from '../../services/watch/train-model.ts';
import { flowFeatures, type RecordedFlow } from '../../services/watch/watched-run.ts';
import { pythonForTest } from '../support/python.ts';
import { randomPayments } from './feature-cases.ts';

const packages = readFileSync(join(packageFolder, 'services/watch/requirements.txt'), 'utf8');
const { skip } = pythonForTest(...packages.trim().split('\n'));

/** Every fortieth payment is one of a kind: a burst of amounts that nobody else pays; another kind has no mark at all. */
function flowOf(seed: number): RecordedFlow {
  const payments = randomPayments(3_000, seed).map((payment, at) => {
    if (at % 40 === 7) return { ...payment, amountMinor: 987_654_321_000n, label: 'large' };
    return { ...payment, label: at % 300 === 11 ? 'hidden' : '' };
  });
  return {
    ...{ folder: '', run: `days-${seed}`, eventsHash: 'aa', payments },
    features: flowFeatures(payments),
  };
}

test('a model finds what it was shown, names its features, and tells runs, kinds and libraries', {
  skip,
}, () => {
  const training = flowOf(1);
  const text = trainModel([training], ['hidden']);
  assert.equal(trainModel([training], ['hidden']), text);
  const model = new WatchModel(Buffer.from(text));
  const { kinds, runs, libraries, without } = model.document;
  assert.deepEqual(kinds, { large: 75 });
  assert.deepEqual(without, ['hidden']);
  assert.deepEqual(runs, [{ run: 'days-1', eventsHash: 'aa', payments: 2_990, labelled: 75 }]);
  assert.deepEqual(libraries, { 'scikit-learn': '1.9.1', lightgbm: '4.7.0' });
  const scored = scoredFlow(flowOf(2), model);
  const top = scored.toSorted((a, b) => b.score - a.score).slice(0, 75);
  const found = top.filter(({ payment }) => payment.label === 'large').length;
  assert.ok(found >= 70, `${found} of 75`);
  // All of the kind score near 1: where among them the threshold falls is chance. The share of alerts where scores differ: the next test.
  const alerts = scored.filter(({ isAlert }) => isAlert);
  assert.ok(alerts.length >= 1 && alerts.length <= 75, `${alerts.length} alerts`);
  assert.ok(alerts.every(({ payment }) => payment.label === 'large'));
  const named = alerts.flatMap(({ reasons }) => reasons.map(({ feature }) => feature));
  assert.ok(
    named.some((feature) => feature.startsWith('amountTo')),
    `${new Set(named).size}`,
  );
});

/** Every thirtieth payment has a label, and none a mark of it: all that a model knows of them are the payments that it was shown. */
function unmarked(seed: number): RecordedFlow {
  const flow = flowOf(seed);
  const payments = flow.payments.map((payment, at) => ({
    ...payment,
    label: (at * 7 + seed) % 30 === 0 ? 'unmarked' : '',
  }));
  return { ...flow, payments };
}

for (const seeds of [[1], [1, 2]])
  test(`of days that it was not shown one payment in a hundred is an alert: a model of ${seeds.length}`, {
    skip,
  }, () => {
    const model = new WatchModel(Buffer.from(trainModel(seeds.map(unmarked))));
    const scored = [4, 5, 6].flatMap((seed) => scoredFlow(unmarked(seed), model));
    const share = scored.filter(({ isAlert }) => isAlert).length / scored.length;
    assert.ok(share > 0.005 && share < 0.02, `${share}`);
  });

test('labels in one run of several, and one label alone, are enough to train', { skip }, () => {
  const one = flowOf(1);
  const only = (flow: RecordedFlow, isKept: (at: number) => boolean): RecordedFlow => ({
    ...flow,
    payments: flow.payments.map((payment, at) => ({
      ...payment,
      label: isKept(at) ? payment.label : '',
    })),
  });
  const unlabelled = only(flowOf(2), () => false);
  for (const flows of [[one, unlabelled], [only(one, (at) => at === 7)]]) {
    const { alertFrom } = new WatchModel(Buffer.from(trainModel(flows))).document;
    assert.ok(alertFrom > 0.4 && alertFrom < 1, `${alertFrom}`);
  }
});

test('a card has the figures of the last date of each run, that its model was trained without', {
  skip,
}, () => {
  const flows = [flowOf(1), flowOf(2)];
  const held = heldOutOf(flows) ?? assert.fail('nothing is held out');
  assert.equal(held.judgedOn, 'the last date of each run, UTC');
  const model = new WatchModel(Buffer.from(trainModel(held.training)));
  const trainedOn = held.training.reduce((sum, { payments }) => sum + payments.length, 0);
  const figures = heldOutFigures(flows);
  assert.deepEqual(figures, {
    ...{ judgedOn: held.judgedOn, trainedOn, ...judgedBy(model, held.judged) },
  });
  assert.ok(figures && figures.payments > 0 && figures.labelled > 0);
  assert.equal(figures.payments + trainedOn, 6_000);
  // Nine labelled payments in ten have a mark: the one that ranks highest does.
  assert.equal(figures.budgets[0]?.precision, 1);
});

test('what cannot be trained on is refused with words', () => {
  const flow = flowOf(3);
  const payments = flow.payments.map((payment) => ({ ...payment, label: '' }));
  for (const leftOut of [[], ['ring']])
    assert.throws(() => trainModel([{ ...flow, payments }], leftOut), {
      message: /no payment is labelled/,
    });
  assert.throws(() => trainModel([flow], ['ring']), {
    message: '--without ring: expected a kind of these runs: large, hidden',
  });
  assert.throws(() => trainModel([flow], ['large', 'hidden']), {
    message: '--without large, hidden: expected a kind at least that is shown of large, hidden',
  });
});
