import { type Dashboard, STUDY_VARIABLE } from '../dashboard-frame.ts';
import { bars, rows } from '../panels.ts';

const STUDY = 'run IN (${study:sqlstring})';

/** Cells of the study, a row each. */
const CELLS = `(SELECT run, cell, variant, settings, repeat, error FROM study_cells WHERE ${STUDY})`;
/** Figures of a table of it. */
const figures = (of: string, names: readonly string[] = []) =>
  `(SELECT * FROM study_figures WHERE ${STUDY} AND of_table = '${of}'${
    names.length === 0 ? '' : ` AND figure IN (${names.map((name) => `'${name}'`).join(', ')})`
  })`;
const DECIMALS = `(SELECT run, any(studies.decimals) AS scales, any(reference_currency) AS reference FROM studies WHERE ${STUDY} GROUP BY run)`;
const figure = (name: string) => `avgOrNullIf(f.value, f.figure = '${name}')`;
const one = (name: string) => `sumOrNullIf(f.value, f.figure = '${name}')`;
/** An amount of minor units in whole units of a currency. */
const units = (amount: string, currency: string) => `${amount} / exp10(d.scales[${currency}])`;

/** By cell and account: by how much what it has is short of what settling everything at once needs. */
const SHORTFALLS = `(SELECT f.run AS run, f.cell AS cell, f.participant AS participant, toString(f.currency) AS currency,
    greatest(0, sumIf(f.value, f.figure = 'upperMinor') - sumIf(f.value, f.figure = 'availableMinor')) AS short
  FROM ${figures('banks', ['upperMinor', 'availableMinor'])} AS f GROUP BY run, cell, participant, currency)`;

/** Delay, settled share and liquidity of a cell by currency: the currency is a part of the figure's name. */
const BY_CURRENCY = `(SELECT run, cell, value, splitByChar('.', toString(figure)) AS parts, if(parts[1] = 'delay', parts[3], parts[2]) AS currency,
    multiIf(parts[1] = 'delay', 'delay', parts[1] = 'liquidity', parts[3], 'settled') AS what
  FROM ${figures('cells')}
  WHERE figure LIKE 'delay.settlementDelayIndicator.%' OR figure LIKE 'liquidity.%.usedMinor' OR figure LIKE 'liquidity.%.availableMinor' OR figure LIKE 'settledValueShare.%')`;

/** Failures of a stress test, a row each. */
const FAILURES = `(SELECT c.run AS run, c.cell AS cell, any(c.settings['bank']) AS bank, any(c.settings['hour']) AS hour, any(c.settings['reaction']) AS reaction,
    ${one('newlyUnsettled.payments')} AS unsettled, ${one('laterRounds.payments')} AS later, ${one('newlyUnsettled.referenceMinor')} AS value_minor, ${one('trapped.referenceMinor')} AS trapped_minor
  FROM ${CELLS} AS c INNER JOIN ${figures('stress', ['newlyUnsettled.payments', 'laterRounds.payments', 'newlyUnsettled.referenceMinor', 'trapped.referenceMinor'])} AS f
    ON c.run = f.run AND c.cell = f.cell GROUP BY run, cell)`;

const A_STRESS_TEST = 'the study is no stress test';
const A_STUDY = 'the study is a stress test';
const MEAN = 'Means are over the seeds or dates of a variant.';

export const studies: Dashboard = {
  uid: 'corridor-studies',
  title: 'Stress and studies',
  description:
    'Studies and stress tests that corridor publish has copied here, whatever the time range: by variant what does not settle, who is short by how much, and delay against liquidity.',
  variables: [STUDY_VARIABLE],
  panels: [
    rows({
      title: 'Variants',
      description: `Of a study, by variant: its cells, those that failed, payments planned (sent, or kept back for good), those that did not settle (rejected, cancelled, waiting or never sent) and their share. ${MEAN}`,
      unit: 'short',
      noValue: A_STUDY,
      columnUnits: { unsettled_share: 'percentunit' },
      sql: `SELECT variant, uniqExact(c.cell) AS cells, uniqExactIf(c.cell, error != '') AS failed, ${figure('planned')} AS planned,
  ${figure('planned')} - ${figure('settled')} AS unsettled, unsettled / nullIf(planned, 0) AS unsettled_share
FROM ${CELLS} AS c LEFT JOIN ${figures('cells', ['planned', 'settled'])} AS f ON c.run = f.run AND c.cell = f.cell
WHERE c.run IN (SELECT run FROM studies WHERE kind = 'study')
GROUP BY variant ORDER BY min(c.cell)`,
    }),
    rows({
      title: 'Worst shortfall',
      description:
        'Of a study, by variant and currency, in whole units: by how much an account’s liquidity available (opening balance, the most issued less redeemed, the most credit) is below what it needs to settle everything at once (upper bound of liquidity), the most of all accounts and cells; whose, and of which seed or date. 0: none is short.',
      unit: 'short',
      noValue: A_STUDY,
      sql: `SELECT variant, w.currency AS currency, ${units('shortfall', 'w.currency')} AS worst_shortfall, if(shortfall > 0, worst.1, '') AS participant, if(shortfall > 0, worst.2, '') AS repeat
FROM (SELECT c.run AS run, c.variant AS variant, s.currency AS currency, min(c.cell) AS first, max(s.short) AS shortfall,
    argMax((toString(s.participant), toString(c.repeat)), (s.short, -toInt64(c.cell))) AS worst
  FROM ${CELLS} AS c INNER JOIN ${SHORTFALLS} AS s ON c.run = s.run AND c.cell = s.cell GROUP BY run, variant, currency) AS w
INNER JOIN ${DECIMALS} AS d ON w.run = d.run
ORDER BY first, currency`,
    }),
    rows({
      title: 'Delay against liquidity',
      description: `Of a study, by variant and currency: the settlement delay indicator (0: all at once, 1: all at the close), the share of the value planned that settled, and the liquidity that payments drew and that was available, in whole units. A low delay says little where little settled. ${MEAN}`,
      unit: 'short',
      width: 24,
      noValue: A_STUDY,
      columnUnits: { settled_share: 'percentunit' },
      sql: `SELECT variant, w.currency AS currency, delay, settled_share, ${units('used', 'w.currency')} AS liquidity_used, ${units('available', 'w.currency')} AS liquidity_available
FROM (SELECT c.run AS run, c.variant AS variant, b.currency AS currency, min(c.cell) AS first, avgOrNullIf(b.value, b.what = 'delay') AS delay,
    avgOrNullIf(b.value, b.what = 'settled') AS settled_share, avgOrNullIf(b.value, b.what = 'usedMinor') AS used, avgOrNullIf(b.value, b.what = 'availableMinor') AS available
  FROM ${CELLS} AS c INNER JOIN ${BY_CURRENCY} AS b ON c.run = b.run AND c.cell = b.cell GROUP BY run, variant, currency) AS w
INNER JOIN ${DECIMALS} AS d ON w.run = d.run
ORDER BY first, currency`,
    }),
    bars({
      title: 'Delay by variant',
      description: `Of a study: the settlement delay indicator of each variant and currency. ${MEAN}`,
      unit: 'short',
      noValue: A_STUDY,
      sql: `SELECT concat(c.variant, ': ', b.currency) AS variant_and_currency, avg(b.value) AS delay
FROM ${CELLS} AS c INNER JOIN ${BY_CURRENCY} AS b ON c.run = b.run AND c.cell = b.cell WHERE b.what = 'delay'
GROUP BY variant_and_currency ORDER BY min(c.cell), variant_and_currency`,
    }),
    bars({
      title: 'Unsettled by variant',
      description: `Of a study: the share of the payments planned that did not settle, by variant. ${MEAN}`,
      unit: 'percentunit',
      noValue: A_STUDY,
      sql: `SELECT variant, 1 - ${figure('settled')} / nullIf(${figure('planned')}, 0) AS unsettled_share
FROM ${CELLS} AS c INNER JOIN ${figures('cells', ['planned', 'settled'])} AS f ON c.run = f.run AND c.cell = f.cell
GROUP BY variant ORDER BY min(c.cell)`,
    }),
    rows({
      title: 'Most harmful failures',
      description:
        'Of a stress test, the hundred failures with the largest newly unsettled value: which bank fails at which hour, without or with the others’ reaction; payments that settle on the day without failure and not with it, those of them between other banks (later rounds), their value and what is trapped at the failed bank, in whole units of the reference currency.',
      unit: 'short',
      width: 24,
      noValue: A_STRESS_TEST,
      sql: `SELECT bank, hour, reaction, unsettled, later AS later_rounds, ${units('value_minor', 'd.reference')} AS unsettled_value, ${units('trapped_minor', 'd.reference')} AS trapped
FROM ${FAILURES} AS x INNER JOIN ${DECIMALS} AS d ON x.run = d.run
ORDER BY value_minor DESC, unsettled DESC, cell LIMIT 100`,
    }),
    rows({
      title: 'Banks that fail',
      description:
        'Of a stress test, by bank that fails and reaction of the others: newly unsettled payments at the hour at which they are the most, on average over the hours, and of the later rounds at most.',
      unit: 'short',
      noValue: A_STRESS_TEST,
      sql: `SELECT bank, reaction, argMax(hour, (unsettled, -toInt64(cell))) AS worst_hour, max(unsettled) AS most, avg(unsettled) AS average, max(later) AS later_rounds
FROM ${FAILURES} AS x GROUP BY bank, reaction ORDER BY most DESC, bank, reaction`,
    }),
    rows({
      title: 'Losses of liquidity',
      description:
        'Of a stress test, by account, in whole units: by how much its liquidity is below that of the day without failure, at the worst instant of the failure of another bank that costs it most; which failure, and how much less it has received in that at most.',
      unit: 'short',
      noValue: A_STRESS_TEST,
      sql: `SELECT participant, l.currency AS currency, ${units('worst.1', 'l.currency')} AS loss, ${units('worst.2', 'l.currency')} AS received_less, worst.3 AS failure FROM
  (SELECT a.run AS run, a.participant AS participant, a.currency AS currency, argMax((a.loss, a.less, toString(c.variant)), (a.loss, -toInt64(a.cell))) AS worst
  FROM (SELECT f.run AS run, f.cell AS cell, toString(f.participant) AS participant, toString(f.currency) AS currency,
      sumIf(f.value, f.figure = 'lossMinor') AS loss, sumIf(f.value, f.figure = 'receivedLessMinor') AS less
    FROM ${figures('losses', ['lossMinor', 'receivedLessMinor'])} AS f GROUP BY run, cell, participant, currency) AS a
  INNER JOIN ${CELLS} AS c ON a.run = c.run AND a.cell = c.cell GROUP BY run, participant, currency) AS l
INNER JOIN ${DECIMALS} AS d ON l.run = d.run
ORDER BY currency, loss DESC, participant`,
    }),
  ],
};
