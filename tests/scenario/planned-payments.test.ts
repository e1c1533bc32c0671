import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Arrivals } from '../../services/scenario/flow-draws.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic, type PlannedPayment } from '../../services/scenario/planned-payment.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import { cumulate, Picks } from '../../services/scenario/weighted-picks.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const plan = (...set: string[]): PlannedPayment[] => [...planPayments(loadText(TEST_YAML, set))];
const of = (payments: PlannedPayment[], flow: string) =>
  payments.filter(({ endToEndId }) => endToEndId.startsWith(`${flow}-2026`));
const at = (hour: number, minute = 0) => Date.UTC(2026, 2, 16, hour, minute);

describe('planned payments', () => {
  const payments = plan();

  test('are as many as the flows say, in order, each with an id of its own', () => {
    assert.equal(payments.length, 100);
    assert.equal(of(payments, 'eur').length, 50);
    assert.equal(of(payments, 'eur-jpy').length, 50);
    assert.equal(new Set(payments.map(({ uetr }) => String(uetr))).size, 100);
    assert.equal(new Set(payments.map(({ endToEndId }) => endToEndId)).size, 100);
    for (const [index, payment] of payments.entries()) {
      assert.equal(payment.number, index);
      assert.ok(index === 0 || payment.atMs >= payments[index - 1]!.atMs);
      assert.match(
        String(payment.uetr),
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      assert.ok(payment.endToEndId.length <= 35);
    }
  });

  test('are the same for the same seed and others for another', () => {
    assert.deepEqual(plan(), payments);
    const other = plan('seed=43');
    const known = new Set(payments.map(({ uetr }) => String(uetr)));
    assert.ok(other.every(({ uetr }) => !known.has(String(uetr))));
  });

  test('of a flow do not change when another flow does', () => {
    const fewer = of(plan('traffic.eur-jpy.paymentsPerDate=7'), 'eur');
    const without = ({ number: _, ...rest }: PlannedPayment) => rest;
    assert.deepEqual(fewer.map(without), of(payments, 'eur').map(without));
  });

  test('keep their parties and times when the amounts are drawn otherwise', () => {
    const other = of(plan('traffic.eur.amounts.sigma=0'), 'eur');
    assert.deepEqual(new Set(other.map(({ amountMinor }) => amountMinor)), new Set([2000n]));
    const rest = (payment: PlannedPayment) => ({ ...payment, amountMinor: 0n });
    assert.deepEqual(other.map(rest), of(payments, 'eur').map(rest));
  });

  test('of one instant come in the order of the flows in the file, numbered by flow', () => {
    const crowded = plan(
      ...['eur', 'eur-jpy'].map((flow) => `traffic.${flow}.paymentsPerDate=9000`),
    );
    const pairs = crowded.flatMap((payment, index) => {
      const next = crowded[index + 1];
      return next?.atMs === payment.atMs ? [[payment, next] as const] : [];
    });
    const flowOf = ({ currency2 }: PlannedPayment) => (currency2 === null ? 0 : 1);
    assert.ok(pairs.some(([one, next]) => flowOf(one) !== flowOf(next)));
    for (const [one, next] of pairs) assert.ok(flowOf(one) <= flowOf(next), one.endToEndId);
    const ids = of(crowded, 'eur').map(({ endToEndId }) => endToEndId);
    const numbered = ids.map((_, index) => `eur-20260316-${String(index + 1).padStart(7, '0')}`);
    assert.deepEqual(ids, numbered);
  });

  test('over two currencies go through the dealer at its rate', () => {
    for (const payment of of(payments, 'eur-jpy')) {
      assert.equal(payment.dealer, 2);
      assert.equal(payment.currency2, 1);
      assert.deepEqual(payment.rate, { mantissa: 1603395n, scale: 4 });
      // cents x 160.3395 / 100 = yen, to half a yen
      const error = payment.amountMinor * 1603395n - payment.amount2Minor! * 1_000_000n;
      assert.ok(error <= 500_000n && error >= -500_000n);
    }
  });

  test('are drawn anew on every date, and not where a currency has a holiday', () => {
    const holiday = 'currencies.JPY.holidays=[2026-03-17]';
    const dates = plan('businessDates=[2026-03-16, 2026-03-17]', holiday);
    assert.equal(dates.length, 150);
    const second = dates.filter(({ businessDate }) => businessDate === '2026-03-17');
    assert.equal(second.length, 50);
    assert.ok(second.every(({ atMs }) => atMs >= at(24 + 8) && atMs < at(24 + 14)));
    assert.deepEqual(
      dates.filter(({ businessDate }) => businessDate === '2026-03-16'),
      payments,
    );
  });
});

describe('outages', () => {
  const before = plan();
  const outage = (rest: string) =>
    `events.outages=[{ participant: AAAADE00, from: "09:00"${rest} }]`;

  test('hold what the bank sends and release it at their end, in its order', () => {
    const totals = noTraffic();
    const scenario = loadText(TEST_YAML, [outage(', until: "11:00"')]);
    const after = [...planPayments(scenario, totals)];
    const isHeld = ({ debtorAgent, atMs }: PlannedPayment) =>
      debtorAgent === 0 && atMs >= at(9) && atMs < at(11);
    const held = before.filter(isHeld);
    assert.ok(held.length > 5);
    const released = after.filter(({ debtorAgent, atMs }) => debtorAgent === 0 && atMs === at(11));
    assert.deepEqual(
      released,
      held.map((payment) => ({ ...payment, atMs: at(11), createdAtMs: at(11) })),
    );
    assert.deepEqual(
      after.filter(({ atMs }) => atMs !== at(11)),
      before.filter((p) => !isHeld(p)),
    );
    assert.deepEqual(totals, { ...noTraffic(), planned: 100 });
    assert.ok(
      after.every((payment, index) => index === 0 || payment.atMs >= after[index - 1]!.atMs),
    );
  });

  test('without end stop a bank from sending, not from receiving', () => {
    const totals = noTraffic();
    const after = [...planPayments(loadText(TEST_YAML, [outage('')]), totals)];
    const unsent = before.filter(({ debtorAgent, atMs }) => debtorAgent === 0 && atMs >= at(9));
    assert.equal(totals.unsent, unsent.length);
    const value = (currency: number) =>
      unsent.reduce((sum, p) => (p.currency === currency ? sum + p.amountMinor : sum), 0n);
    const currencies = [...new Set(unsent.map(({ currency }) => currency))].sort();
    assert.deepEqual(
      [...totals.unsentMinor].sort(([a], [b]) => a - b),
      currencies.map((currency) => [currency, value(currency)]),
    );
    assert.equal(after.length, 100 - unsent.length);
    assert.ok(after.some(({ creditorAgent, atMs }) => creditorAgent === 0 && atMs >= at(9)));
  });

  test('may follow one another without a moment between', () => {
    const second = '{ participant: AAAADE00, from: "11:00", until: "12:00" }';
    const both = `events.outages=[{ participant: AAAADE00, from: "09:00", until: "11:00" }, ${second}]`;
    const sent = plan(both).filter(({ debtorAgent }) => debtorAgent === 0);
    assert.ok(sent.every(({ atMs }) => atMs < at(9) || atMs >= at(12)));
    assert.equal(sent.length, before.filter(({ debtorAgent }) => debtorAgent === 0).length);
  });
});

describe('corrupted signatures and repeats', () => {
  const before = plan();

  test('concern every Nth payment of the bank', () => {
    const after = plan('events.corruptSignatures=[{ participant: BBBBDE00, every: 10 }]');
    const own = after.filter(({ debtorAgent }) => debtorAgent === 1);
    assert.deepEqual(
      own.flatMap(({ corrupt }, index) => (corrupt ? [index + 1] : [])),
      own.flatMap((_, index) => ((index + 1) % 10 === 0 ? [index + 1] : [])),
    );
    assert.ok(after.every(({ debtorAgent, corrupt }) => debtorAgent === 1 || !corrupt));
    assert.deepEqual(
      after.map((payment) => ({ ...payment, corrupt: false })),
      before,
    );
  });

  test('repeats come on top, unchanged, after their delay', () => {
    const totals = noTraffic();
    const set = ['events.repeatMessages=[{ participant: AAAADE00, every: 5, afterSeconds: 60 }]'];
    const after = [...planPayments(loadText(TEST_YAML, set), totals)];
    const repeats = after.filter(({ isRepeat }) => isRepeat);
    const own = before.filter(({ debtorAgent }) => debtorAgent === 0);
    assert.equal(totals.repeats, Math.floor(own.length / 5));
    assert.equal(totals.planned, 100);
    assert.deepEqual(
      repeats,
      own
        .filter((_, index) => (index + 1) % 5 === 0)
        .map((payment) => ({ ...payment, atMs: payment.atMs + 60_000, isRepeat: true })),
    );
    assert.deepEqual(
      after.filter(({ isRepeat }) => !isRepeat),
      before,
    );
    assert.ok(
      after.every((payment, index) => index === 0 || payment.atMs >= after[index - 1]!.atMs),
    );
  });

  test('what is corrupted is not repeated', () => {
    const after = plan(
      'events.repeatMessages=[{ participant: AAAADE00, every: 5 }]',
      'events.corruptSignatures=[{ participant: AAAADE00, every: 5 }]',
    );
    assert.ok(after.some(({ corrupt }) => corrupt));
    assert.ok(!after.some(({ isRepeat }) => isRepeat));
  });

  test('a repeat waits for the end of an outage', () => {
    const after = plan(
      'events.repeatMessages=[{ participant: AAAADE00, every: 1, afterSeconds: 3600 }]',
      'events.outages=[{ participant: AAAADE00, from: "13:00", until: "15:30" }]',
    );
    const repeats = after.filter(({ isRepeat }) => isRepeat);
    assert.ok(repeats.every(({ atMs }) => atMs < at(13) || atMs >= at(15, 30)));
    assert.ok(repeats.some(({ atMs }) => atMs === at(15, 30)));
  });
});

describe('distributions, of 40,000 payments with a fixed seed', () => {
  const flow = (extra: string) =>
    `traffic=[{ name: x, from: EUR, paymentsPerDate: 40000, profile: day, ${extra} }]`;
  const amounts = 'amounts: { median: "100.00", sigma: 1.2, min: "0.01", max: "9999999.00" }';
  const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean) =>
    items.filter(holds).length / items.length;
  const near = (actual: number, expected: number, within: number) =>
    assert.ok(Math.abs(actual - expected) < within, `${actual}, expected about ${expected}`);
  const drawn = plan(flow(`${amounts}, priorities: { urgent: 1, high: 3, normal: 16 }`));

  test('amounts are log-normal: median, and mean and deviation of the logarithm', () => {
    const logs = drawn.map(({ amountMinor }) => Math.log(Number(amountMinor)));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const variance = logs.reduce((sum, log) => sum + (log - mean) * (log - mean), 0) / logs.length;
    // Four standard errors: 4 x 1.2 / sqrt(40,000) and 4 x 1.2 / sqrt(80,000).
    near(mean, Math.log(10_000), 0.024);
    near(Math.sqrt(variance), 1.2, 0.017);
    near(
      shareOf(drawn, ({ amountMinor }) => amountMinor < 10_000n),
      0.5,
      0.01,
    );
  });

  test('amounts outside are set to the bounds', () => {
    const bounded = plan(
      flow('amounts: { median: "100.00", sigma: 1.2, min: "50.00", max: "150.00" }'),
    );
    // ln 2 / 1.2 = 0.5776, of which the normal distribution has 0.2818 beyond; ln 1.5 / 1.2: 0.3677.
    near(
      shareOf(bounded, ({ amountMinor }) => amountMinor === 5000n),
      0.2818,
      0.01,
    );
    near(
      shareOf(bounded, ({ amountMinor }) => amountMinor === 15_000n),
      0.3677,
      0.01,
    );
    assert.ok(bounded.every(({ amountMinor }) => amountMinor >= 5000n && amountMinor <= 15_000n));
  });

  test('arrivals have the weights of the parts and are uniform inside them', () => {
    near(
      shareOf(drawn, ({ atMs }) => atMs < at(10)),
      0.25,
      0.01,
    );
    near(
      shareOf(drawn, ({ atMs }) => atMs < at(9)),
      0.125,
      0.007,
    );
    near(
      shareOf(drawn, ({ atMs }) => atMs < at(12)),
      0.625,
      0.01,
    );
    assert.ok(drawn.every(({ atMs }) => atMs >= at(8) && atMs < at(14)));
  });

  test('priorities have their shares', () => {
    near(
      shareOf(drawn, ({ priority }) => priority === 'urgent'),
      0.05,
      0.005,
    );
    near(
      shareOf(drawn, ({ priority }) => priority === 'high'),
      0.15,
      0.008,
    );
  });

  test('pairs of banks have the product of their sizes', () => {
    const third = '{ bic: CCCCDE00, name: C, size: 2, accounts: { EUR: { balance: "1.00" } } }';
    const scenario = loadText(
      TEST_YAML.replace('  - bic: DDDDJP00', `  - ${third}\n  - bic: DDDDJP00`),
      [flow(amounts), 'participants.AAAADE00.size=3'],
    );
    const pairs = [...planPayments(scenario)];
    // Sizes 3, 1, 2: AB and BA 3, AC and CA 6, BC and CB 2, of 22.
    const share = (debtor: number, creditor: number) =>
      shareOf(pairs, (p) => p.debtorAgent === debtor && p.creditorAgent === creditor);
    near(share(0, 1), 3 / 22, 0.01);
    near(share(1, 0), 3 / 22, 0.01);
    near(share(0, 2), 6 / 22, 0.01);
    near(share(2, 0), 6 / 22, 0.01);
    near(share(1, 2), 2 / 22, 0.01);
    near(share(2, 1), 2 / 22, 0.01);
  });

  test('a matrix takes the place of the sizes', () => {
    const matrix = 'matrix: { AAAADE00: { BBBBDE00: 1 }, BBBBDE00: { AAAADE00: 4 } }';
    const pairs = plan(flow(`${amounts}, ${matrix}`));
    near(
      shareOf(pairs, ({ debtorAgent }) => debtorAgent === 0),
      0.2,
      0.01,
    );
  });
});

test('picks made again and again are the first whose running sum is above, wherever parts and sums turn', () => {
  const stream = new SeededStream(1, 'picks');
  for (let count = 1; count <= 40; count += 1) {
    const weights = Array.from({ length: count }, () =>
      stream.uniform() < 0.2 ? 0 : stream.uniform() ** 9,
    );
    weights[Math.floor(stream.uniform() * count)] = 0.3;
    const sums = cumulate(weights);
    const total = sums.at(-1)!;
    const turns = [...sums.map((sum) => sum / total), ...sums.map((_, at) => at / 2 ** 6)];
    const near = turns.flatMap((turn) => [turn - 2 ** -53, turn, turn + 2 ** -52]);
    const picks = new Picks(sums);
    for (const u of [...near, ...weights.map(() => stream.uniform()), 0, 1 - 2 ** -53])
      if (u >= 0 && u < 1) {
        const above = sums.findIndex((sum) => sum > u * total);
        assert.equal(picks.at(u), above < 0 ? count - 1 : above, `${u} of ${weights}`);
      }
  }
});

describe('arrivals', () => {
  test('are exactly as many as asked for, down to none', () => {
    const parts = [{ fromMs: 100, toMs: 200, weight: 1 }];
    for (const count of [0, 1, 2, 500]) {
      const arrivals = new Arrivals(parts, count, new SeededStream(1, 'arrivals'));
      const times: number[] = [];
      for (let atMs = arrivals.next(); atMs !== null; atMs = arrivals.next()) times.push(atMs);
      assert.equal(times.length, count);
      assert.ok(
        times.every((atMs, index) => atMs >= 100 && atMs < 200 && atMs >= (times[index - 1] ?? 0)),
      );
    }
  });
});

/** The test's scenario with as many flows, each of as many payments on a date. */
function withFlows(flows: number, payments: number): string {
  const traffic = Array.from(
    { length: flows },
    (_, flow) =>
      `  - { name: f${flow}, from: EUR, paymentsPerDate: ${payments}, profile: day, amounts: { median: "2.00", sigma: 1, min: "1.00", max: "9.00" } }`,
  );
  return TEST_YAML.replace(/traffic:[\s\S]*/, `traffic:\n${traffic.join('\n')}\n`);
}

test('flows of more than is drawn at a time come whole and in order, however many of them', () => {
  for (const flows of [1, 2, 3, 5]) {
    const payments = [...planPayments(loadText(withFlows(flows, 700), []))];
    assert.equal(payments.length, flows * 700);
    for (const [index, { atMs }] of payments.entries())
      assert.ok(index === 0 || atMs >= payments[index - 1]!.atMs, `${index} of ${flows}`);
    for (let flow = 0; flow < flows; flow++) {
      const alone = of(payments, `f${flow}`);
      assert.equal(alone.length, 700);
      assert.equal(new Set(alone.map(({ uetr }) => String(uetr))).size, 700);
    }
  }
});

test('what is drawn ahead is one payment of each flow and date, and of the flows of a date up to a bound', (t) => {
  const { uuidTo } = SeededStream.prototype;
  let drawn = 0;
  SeededStream.prototype.uuidTo = function (...to) {
    drawn += 1;
    uuidTo.apply(this, to);
  };
  t.after(() => {
    SeededStream.prototype.uuidTo = uuidTo;
  });
  for (const [flows, dates, payments] of [
    [20, 30, 30],
    [512, 1, 140],
  ] as const) {
    const businessDates = Array.from({ length: dates }, (_, date) =>
      new Date(at(0) + date * 86_400_000).toISOString().slice(0, 10),
    );
    const scenario = loadText(
      withFlows(flows, payments).replace(/businessDates.*/, `businessDates: [${businessDates}]`),
      [],
    );
    let [given, most] = [0, 0];
    drawn = 0;
    for (const _ of planPayments(scenario)) {
      if (given === 0) assert.equal(drawn, flows * dates);
      most = Math.max(most, drawn - given);
      given += 1;
    }
    assert.equal(given, flows * dates * payments);
    assert.ok(most <= flows * dates + 65_536, `${most} ahead`);
  }
});
