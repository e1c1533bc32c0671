/** What a model is held out from, by which figures it is judged there, and the card that says it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUDGETS } from '../../services/analysis/watch/alert-budgets.ts';
import { MODEL_FORMAT, WatchModel } from '../../services/analysis/watch/watch-model.ts';
import { FEATURES } from '../../services/analysis/watch/watched-features.ts';
import { heldOutOf, judgedBy, modelCard } from '../../services/watch/model-card.ts';
import { flowFeatures, type RecordedFlow } from '../../services/watch/watched-run.ts';

const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 2, 16);

/** By date the labels of its payments, in their order; amounts rise from 1,000 on by the payment's number. */
function flowOf(run: string, ...dates: readonly (readonly string[])[]): RecordedFlow {
  const payments = dates.flatMap((labels, date) =>
    labels.map((label, at) => ({
      ...{ pool: 'main', uetr: `${run}-${date}-${at}`, timeMs: MONDAY + date * DAY_MS + at },
      ...{ debtorAgent: 'ALFADE00', creditorAgent: 'BETADE00', debtorAccount: 'A' },
      ...{ creditorAccount: 'B', currency: 'EUR', amountMinor: BigInt(1_000 + at), label },
    })),
  );
  return { folder: run, run, eventsHash: run, payments, features: flowFeatures(payments) };
}
const runsOf = (flows: readonly RecordedFlow[]) =>
  flows.map(({ payments }) => payments.map(({ uetr }) => uetr));

test('held out is the last date of each run, whatever the dates of the others', () => {
  const one = flowOf('one', ['', 'ring'], ['run', ''], ['', 'run', '']);
  const two = flowOf('two', [''], ['ring']);
  const held = heldOutOf([one, two]);
  assert.equal(held?.judgedOn, 'the last date of each run, UTC');
  assert.deepEqual(runsOf(held.training), [
    ['one-0-0', 'one-0-1', 'one-1-0', 'one-1-1'],
    ['two-0-0'],
  ]);
  assert.deepEqual(runsOf(held.judged), [['one-2-0', 'one-2-1', 'one-2-2'], ['two-1-0']]);
  // Features stay those that the whole flow gave.
  const width = FEATURES.length;
  assert.deepEqual(held.judged[0]?.features, one.features.slice(4 * width));
  // A run of one date trains nothing.
  assert.equal(heldOutOf([one, flowOf('short', ['ring'])])?.training.length, 1);
});

test('where no label stands before the last date it is the last of several runs, or nothing', () => {
  const one = flowOf('one', [''], ['ring', '']);
  const two = flowOf('two', [''], ['', 'run']);
  const held = heldOutOf([one, two]);
  assert.equal(held?.judgedOn, 'the run two');
  assert.deepEqual(held.training, [one]);
  assert.deepEqual(held.judged, [two]);
  assert.equal(heldOutOf([one]), null);
  assert.equal(heldOutOf([one, flowOf('plain', [''], [''])]), null);
  // What a model is not shown is no label to train on.
  assert.equal(heldOutOf([one, two], ['ring']), null);
  assert.equal(heldOutOf([flowOf('first', ['ring', 'run'], ['ring'])], ['ring'])?.judged.length, 1);
  assert.equal(heldOutOf([flowOf('first', ['ring'], ['ring'])], ['ring']), null);
});

const leaf = (value: number) => ({
  ...{ feature: [-1], threshold: [0], left: [-1], right: [-1], value: [value] },
});
const payments = FEATURES.findIndex(({ name }) => name === 'payerPayments');
/** What its payer paid before decides alone: ln(1 + 3) is below the threshold, ln(1 + 4) above. */
const later = {
  ...{ feature: [payments, -1, -1], threshold: [1.5, 0, 0], left: [1, -1, -1] },
  ...{ right: [2, -1, -1], value: [0, -9, 9] },
};
const model = new WatchModel(
  Buffer.from(
    JSON.stringify({
      ...{ format: MODEL_FORMAT, features: FEATURES.map(({ name }) => name), alertFrom: 0.9 },
      ...{ runs: [{ run: 'one', eventsHash: '', payments: 7, labelled: 2 }], kinds: { ring: 2 } },
      ...{ parameters: {}, libraries: { lightgbm: '1.2.3' }, medians: FEATURES.map((_, at) => at) },
      ...{ unusualFrom: 0.5, meanPath: 4, without: ['run'], withAccounts: 0.25 },
      ...{ boosting: [later], isolation: [leaf(4)] },
    }),
  ),
);

test('held-out figures are of the payments that rank highest over all that is judged', () => {
  // The fifth payment of a payer is the first above the threshold; of equal scores the earlier come first.
  const flows = [
    flowOf('one', ['', '', '', '', 'ring', '']),
    flowOf('two', ['run', '', '', '', 'ring', '']),
  ];
  const figures = judgedBy(model, flows);
  assert.equal(figures.payments, 12);
  assert.equal(figures.labelled, 3);
  // By the threshold two more of the first flow and one more of the second.
  assert.deepEqual(figures.own, {
    ...{ alerts: 4, precision: 2 / 4, recall: 2 / 3, kindsFound: 1 / 2 },
    byKind: { ring: 1, run: 0 },
  });
  assert.deepEqual(
    figures.budgets,
    BUDGETS.map((budget) => ({
      ...{ budget, alerts: 1, precision: 1, recall: 1 / 3, kindsFound: 1 / 2 },
      byKind: { ring: 1 / 2, run: 0 },
    })),
  );
});

test('the card names model, data, figures, medians and what drift is seen by', () => {
  const held = judgedBy(model, [flowOf('one', ['', '', '', '', 'ring', ''])]);
  const card = modelCard(model, { judgedOn: 'the run two', trainedOn: 77, ...held });
  for (const text of [
    `SHA-256 \`${model.digest}\``,
    'lightgbm 1.2.3',
    '| one | 7        | 2        | planned, not run |',
    'by kind: `ring` 2. Kinds that it was not shown: run.',
    '25 % of the payments name',
    '| by its threshold  | 2        | 50 %      | 100 %  | 100 %       |',
    '| the highest 0.1 % | 1        | 100 %     | 100 %  | 100 %       |',
    'Judged on the run two: 6 payments, 1 of them labelled, by a model that was trained as this one on 77 other payments.',
    'Recall by kind, by its threshold: `ring` 100 %.',
    '| `amountToPayer`    | 1                  |',
    "Scores from 0.9 on are alerts: 1 % of the training's payments reach that where each is scored by a model",
    "Of the payments held out, 33.3 % reach their own training's threshold.",
    `model = '${model.digest}'`,
  ])
    assert.ok(card.includes(text), `${text}\n${card}`);
});

test('a card without held-out payments says that it has no figures', () => {
  const card = modelCard(model, null);
  assert.match(card, /### Held out\n\nNo figures: labelled payments stand neither both before/);
  assert.ok(!card.includes('precision') && !card.includes('payments held out'));
});
