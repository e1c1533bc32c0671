import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { load, runDirectly } from '../support/run.ts';

const RING = `
name: ring
seed: 1
tickMs: 60000
businessDates: [2026-03-30, 2026-03-31]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
  - { bic: ALFADE00, name: A, accounts: { EUR: { balance: "100.00" } } }
  - { bic: BETADE00, name: B, accounts: { EUR: { balance: "0.00", creditLine: "10.00" } } }
  - { bic: GAMMFR00, name: C, accounts: { EUR: { balance: "0.00" } } }
payments: { csv: ring.csv }
settlement: { queue: fifo, cycle: off, atClose: cancel }
`;
const PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-30,08:30,ALFADE00,BETADE00,EUR,100.00,normal
2026-03-30,09:00,BETADE00,GAMMFR00,EUR,60.00,normal
2026-03-31,09:30,BETADE00,ALFADE00,EUR,40.00,normal
2026-03-31,10:00,GAMMFR00,ALFADE00,EUR,500.00,normal
`;

type Told = Summary['indicators']['currencies'][number];

test('by arithmetic: two dates, what did not settle is in no share, and an outage of each', async () => {
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : RING);
  const { summary } = await runDirectly(loadScenario('ring.yaml', { readFile }));
  const [euro] = summary.indicators.currencies as [Told];
  const none = { largestShare: null, fiveLargestShare: null, tenLargestShare: null };
  // 100 and 100 of 200; 100, 60 and 40.
  assert.deepEqual(euro.shares, {
    debtors: {
      ...{ number: 2, concentration: 0.5, largestShare: 0.5 },
      fiveLargestShare: 1,
      tenLargestShare: 1,
    },
    creditors: {
      ...{ number: 3, concentration: 0.38, largestShare: 0.5 },
      fiveLargestShare: 1,
      tenLargestShare: 1,
    },
    dealers: { number: 0, concentration: null, ...none },
    pairs: {
      ...{ number: 3, concentration: 0.38, largestShare: 0.5 },
      fiveLargestShare: 1,
      tenLargestShare: 1,
    },
  });
  assert.deepEqual(
    euro.sharesByDate.map(({ date, debtors, creditors }) => [
      date,
      debtors.largestShare,
      creditors.number,
    ]),
    [
      ['2026-03-30', 0.625, 2],
      ['2026-03-31', 1, 1],
    ],
  );
  const least = (bic: string) =>
    euro.accounts.find(({ participant }) => participant === bic)?.leastUnsettledMinor;
  // Whatever happens C lacks 500 - 60. Without A its 100, and B lacks 100 - 10 of what it pays.
  assert.equal(least('ALFADE00'), '63000');
  // Without B its 100, and C lacks all of the 500.
  assert.equal(least('BETADE00'), '60000');
  // Without C its 500, and nobody lacks anything: A has what it pays.
  assert.equal(least('GAMMFR00'), '50000');
});

const OUTAGE = (balance: number) => `
name: outage
seed: 3
tickMs: 60000
businessDates: [2026-03-30]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "12:00", zone: UTC }
participants:
${['ALFADE00', 'BETADE00', 'GAMMFR00', 'DELTDE00', 'EPSIDE00']
  .map(
    (bic) => `  - { bic: ${bic}, name: ${bic}, accounts: { EUR: { balance: "${balance}.00" } } }`,
  )
  .join('\n')}
profiles: { morning: { zone: UTC, parts: [{ from: "08:00", to: "11:00", weight: 1 }] } }
traffic:
  - name: all
    from: EUR
    paymentsPerDate: 100
    profile: morning
    amounts: { median: "100.00", sigma: 1, min: "1.00", max: "10000.00" }
settlement: { queue: bypass-fifo, cycle: gridlockResolution, atClose: cancel }
`;

test('a run in which a bank sends nothing leaves no less unsettled than was said', async () => {
  const seen = { knockOn: 0, near: 0 };
  for (const balance of [0, 400]) {
    const readFile = () => OUTAGE(balance);
    const { summary } = await runDirectly(loadScenario('outage.yaml', { readFile }));
    const [euro] = summary.indicators.currencies as [Told];
    for (const { participant, outMinor, leastUnsettledMinor } of euro.accounts) {
      const outage = `{ participant: ${participant}, from: "08:00" }`;
      const set = [`events.outages=[${outage}]`];
      const { summary: without } = await runDirectly(
        loadScenario('outage.yaml', { readFile, set }),
      );
      const planned = BigInt(euro.valid.grossMinor);
      const unsettled = planned - BigInt(without.settledValueMinor.EUR as string);
      const least = BigInt(leastUnsettledMinor);
      assert.ok(unsettled >= least, `${participant} with ${balance}: ${unsettled} < ${least}`);
      if (least > BigInt(outMinor)) seen.knockOn += 1;
      if (unsettled < least * 2n) seen.near += 1;
    }
  }
  assert.ok(seen.knockOn >= 5 && seen.near >= 5, JSON.stringify(seen));
});

interface Flow {
  readonly value: bigint;
  readonly date: string | null;
  readonly who: Readonly<Partial<Record<keyof Told['shares'], string>>>;
  readonly from: string;
  readonly to: string;
}

/** What each valid row moves in a currency, by the text of rows. */
function flowsIn(scenario: Scenario, rows: readonly PaymentRow[], code: string): Flow[] {
  const { hours } = scenario.currencies.find((currency) => currency.code === code) ?? assert.fail();
  const closes = hours.flatMap((open, at) => (open ? [{ at, ms: open.closesMs }] : []));
  const dateOf = (ms: number) =>
    scenario.businessDates[(closes.find((close) => close.ms >= ms) ?? closes.at(-1))?.at ?? -1] ??
    '';
  return rows.flatMap((row): Flow[] => {
    const isLeg = row.messageType === 'corridor.pvp.1';
    if (row.status === 'rejected' || (isLeg && row.pairPosition === null)) return [];
    const date = row.status === 'settled' ? dateOf(row.finalAtMs as number) : null;
    const { debtorAgent: debtors, creditorAgent: creditors, dealer } = row;
    const pairs = `${debtors} ${creditors}`;
    const flows: Flow[] = [];
    if (row.currency === code)
      flows.push({
        ...{ value: row.amountMinor, date, from: debtors, to: dealer || creditors },
        who: dealer ? { debtors, dealers: dealer, pairs } : { debtors, creditors, pairs },
      });
    if (dealer && row.currency2 === code)
      flows.push({
        value: row.amount2Minor,
        date,
        from: dealer,
        to: creditors,
        who: { creditors },
      });
    return flows;
  });
}

function sharesIn(flows: readonly Flow[], by: keyof Told['shares']) {
  const sums = new Map<string, number>();
  for (const { who, value } of flows) {
    const name = who[by];
    if (name) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  const all = [...sums.values()].filter((value) => value > 0).sort((a, b) => b - a);
  const whole = all.reduce((sum, value) => sum + value, 0);
  const upTo = (count: number) =>
    all.slice(0, count).reduce((sum, value) => sum + value / whole, 0);
  return {
    number: all.length,
    concentration: all.reduce((sum, value) => sum + (value / whole) ** 2, 0),
    largestShare: upTo(1),
    fiveLargestShare: upTo(5),
    tenLargestShare: upTo(10),
  };
}

function near(told: Told['shares'], flows: readonly Flow[], what: string): void {
  for (const by of ['debtors', 'creditors', 'dealers', 'pairs'] as const) {
    const expected = sharesIn(flows, by);
    for (const key of Object.keys(expected) as (keyof typeof expected)[]) {
      const value = told[by][key];
      if (expected.number === 0 && key !== 'number') assert.equal(value, null, `${what} ${by}`);
      else
        assert.ok(
          Math.abs((value as number) - expected[key]) < 1e-8,
          `${what} ${by}.${key}: ${value}, expected ${expected[key]}`,
        );
    }
  }
}

async function compared(scenario: Scenario): Promise<{ dates: number; dealers: number }> {
  const { summary, rows } = await runDirectly(scenario);
  const seen = { dates: 0, dealers: 0 };
  for (const { currency, shares, sharesByDate, accounts } of summary.indicators.currencies) {
    const what = `${scenario.name} ${currency}`;
    const flows = flowsIn(scenario, rows, currency);
    const settled = flows.filter(({ date }) => date !== null);
    near(shares, settled, what);
    assert.deepEqual(
      sharesByDate.map(({ date }) => date),
      scenario.businessDates.filter((date) => settled.some((flow) => flow.date === date)),
    );
    for (const { date, ...by } of sharesByDate)
      near(
        by,
        settled.filter((flow) => flow.date === date),
        `${what} ${date}`,
      );
    seen.dates += sharesByDate.length;
    seen.dealers += shares.dealers.number;
    // What a participant pays is the least that its outage leaves.
    for (const { participant, outMinor, leastUnsettledMinor } of accounts) {
      const paid = flows.reduce(
        (sum, { from, value }) => sum + (from === participant ? value : 0n),
        0n,
      );
      assert.equal(outMinor, String(paid), what);
      assert.ok(BigInt(leastUnsettledMinor) >= paid, `${what} ${participant}`);
    }
  }
  return seen;
}

test('smoke: as other code has it of the rows', async () => {
  assert.ok((await compared(load('smoke'))).dates > 0);
});

const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 60 : 4;

test('random scenarios: the same', async () => {
  const seen = { dates: 0, dealers: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { dates, dealers } = await compared(randomScenario(seed));
    seen.dates += dates;
    seen.dealers += dealers;
  }
  assert.ok(seen.dates > 8 && seen.dealers > 4, JSON.stringify(seen));
});
