import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planRun } from '../../services/scenario/run-plan.ts';
import {
  type ControlInstant,
  timeline,
} from '../../services/scenario/timeline-and-same-instant-order.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const at = ({ atMs }: { atMs: number }) => new Date(atMs).toISOString().slice(5, 16);

/** `03-16T08:00 open EUR` */
function lines(set: readonly string[], kinds?: readonly ControlInstant['kind'][]): string[] {
  const scenario = loadText(TEST_YAML, set);
  return [...timeline(scenario)]
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .map((instant) => {
      const currency = 'currency' in instant ? instant.currency : null;
      const code = currency === null ? '' : ` ${scenario.currencies[currency]?.code}`;
      return `${at(instant)} ${instant.kind}${code}`;
    });
}

describe('the timeline', () => {
  test('has openings, quotes, liquidity, closes and ticks in order', () => {
    const events = [
      'tickMs=3600000',
      'events.creditLines=[{ participant: AAAADE00, currency: EUR, amount: "9.00", at: "08:00" }]',
      'events.issues=[{ participant: AAAADE00, currency: EUR, amount: "5.00", at: "12:30" }]',
      'events.redemptions=[{ participant: AAAADE00, currency: JPY, amount: "5", at: "15:00" }]',
    ];
    assert.deepEqual(lines(events), [
      '03-16T07:00 open JPY',
      '03-16T08:00 open EUR',
      '03-16T08:00 quote',
      '03-16T08:00 quote',
      '03-16T08:00 creditLine EUR',
      '03-16T09:00 tick',
      '03-16T10:00 tick',
      '03-16T11:00 tick',
      '03-16T12:00 tick',
      '03-16T12:30 issue EUR',
      '03-16T13:00 tick',
      '03-16T14:00 tick',
      '03-16T15:00 redeem JPY',
      '03-16T15:00 close JPY',
      '03-16T16:00 close EUR',
    ]);
  });

  test('has no ticks between two openings, and none on a holiday', () => {
    const days = [
      'tickMs=3600000',
      'businessDates=[2026-03-16, 2026-03-17]',
      'currencies.EUR.closes=09:30',
      'currencies.JPY.closes=09:00',
      'currencies.EUR.holidays=[2026-03-17]',
    ];
    assert.deepEqual(lines(days, ['open', 'close', 'tick']), [
      '03-16T07:00 open JPY',
      '03-16T08:00 open EUR',
      '03-16T09:00 close JPY',
      '03-16T09:30 close EUR',
      '03-17T07:00 open JPY',
      '03-17T08:00 tick',
      '03-17T09:00 close JPY',
    ]);
  });

  test('at one instant a date closes before the next of its currency opens, and before all else', () => {
    const days = [
      'tickMs=3600000',
      'businessDates=[2026-03-16, 2026-03-17, 2026-03-18]',
      'currencies.EUR.opens="00:00"',
      'currencies.EUR.closes="24:00"',
      'currencies.JPY.opens="00:00"',
      'currencies.JPY.closes="24:00"',
      'currencies.JPY.holidays=[2026-03-18]',
      'events.issues=[{ participant: AAAADE00, currency: EUR, amount: "5.00", at: "00:00", date: 2026-03-17 }]',
    ];
    const midnights = lines(days).filter((line) => /T00:00 (?!quote)/.test(line));
    assert.deepEqual(midnights, [
      '03-16T00:00 open EUR',
      '03-16T00:00 open JPY',
      '03-17T00:00 close EUR',
      '03-17T00:00 close JPY',
      '03-17T00:00 open EUR',
      '03-17T00:00 open JPY',
      '03-17T00:00 issue EUR',
      '03-18T00:00 close EUR',
      // No date of its own follows: the cut-off comes last.
      '03-18T00:00 open EUR',
      '03-18T00:00 close JPY',
      '03-19T00:00 close EUR',
    ]);
  });

  test('where one currency closes as another opens, both are open at that instant', () => {
    const days = ['currencies.EUR.opens="15:00"', 'traffic=[]', 'tickMs=3600000'];
    const scenario = `${TEST_YAML}payments: { csv: p.csv }\n`;
    const csv = 'date,time,debtor,creditor,currency,amount,priority\n';
    const kinds = [...timeline(loadText(scenario, days, csv))]
      .filter(({ kind, atMs }) => kind !== 'tick' && at({ atMs }) === '03-16T15:00')
      .map(({ kind }) => kind);
    assert.deepEqual(kinds, ['open', 'close']);
  });

  test('counts ticks through while the openings overlap', () => {
    const ticks = lines(['tickMs=600000', 'currencies.JPY.closes=08:30'], ['tick']);
    assert.equal(ticks[0], '03-16T07:10 tick');
    assert.equal(ticks.at(-1), '03-16T15:50 tick');
    // 54 multiples of 10 minutes in 9 hours, less the end and the two instants of other records.
    assert.equal(ticks.length, 54 - 3);
  });

  test('opens by the zone on both sides of a change of the clocks', () => {
    const days = [
      'businessDates=[2026-03-27, 2026-03-30]',
      'currencies.EUR.zone=Europe/Berlin',
      'traffic=[]',
    ];
    const scenario = loadText(
      `${TEST_YAML}payments: { csv: none.csv }\n`,
      days,
      'date,time,debtor,creditor,currency,amount,priority\n',
    );
    const opens = scenario.currencies[0]?.hours.map(
      (hours) => hours && at({ atMs: hours.opensMs }),
    );
    assert.deepEqual(opens, ['03-27T07:00', '03-30T06:00']);
  });

  test('comes first where a payment has the same instant', () => {
    const yaml = `${TEST_YAML}payments: { csv: p.csv }\n`;
    const csv = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,07:00,AAAADE00,BBBBDE00,JPY,1,
2026-03-16,15:00,AAAADE00,BBBBDE00,JPY,1,
`;
    const scenario = loadText(yaml, ['traffic=[]', 'tickMs=3600000'], csv);
    const kinds = [...planRun(scenario)].map((action) => `${at(action)} ${action.kind}`);
    assert.deepEqual(kinds.slice(0, 2), ['03-16T07:00 open', '03-16T07:00 payment']);
    assert.deepEqual(kinds.slice(-3), [
      '03-16T15:00 close',
      '03-16T15:00 payment',
      '03-16T16:00 close',
    ]);
  });
});
