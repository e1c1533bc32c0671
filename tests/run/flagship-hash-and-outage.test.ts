import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { load, runDirectly } from '../support/run.ts';

describe('the flagship, by the direct door', () => {
  let run: ReturnType<typeof runDirectly>;
  before(() => {
    run = runDirectly(load('four-corridors'));
  });

  test('has its golden hash', async () => {
    const { summary } = await run;
    assert.equal(
      summary.eventsHash,
      'a05f470eaf1dcf090123aefc5e00ee438b202c05b3f0cebdccbd61beb481e519',
    );
  });

  test('an outage of an hour delays what its bank sends, and all of it ends before the cut-off', async () => {
    const from = Date.UTC(2026, 2, 16, 7, 30);
    const until = Date.UTC(2026, 2, 16, 8, 30);
    const scenario = load('four-corridors');
    const [outage] = scenario.outages;
    assert.deepEqual([outage?.fromMs, outage?.untilMs], [from, until]);
    const bic = scenario.participants[outage?.participant as number]?.bic;
    const { rows, summary } = await run;
    assert.equal(summary.submitted, 100_000);
    const own = rows.filter(({ debtorAgent }) => debtorAgent === bic);
    assert.equal(own.filter((r) => r.submittedAtMs >= from && r.submittedAtMs < until).length, 0);
    const released = own.filter(({ submittedAtMs }) => submittedAtMs === until);
    assert.ok(released.length > 100, `${released.length} were released`);
    assert.ok(released.every(({ status }) => status === 'settled' || status === 'cancelled'));
    assert.ok(released.every(({ reason }) => reason !== 'afterCutOff'));
  });
});
