/** Customers' accounts and labelled anomalies of a scenario: what is drawn, what is told of it, and what stays as it was. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createBank } from '../../services/bank/bank.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { marksOf } from '../../services/report/event-marks.ts';
import { flowLabels } from '../../services/report/figures/label-tables.ts';
import { scenarioEvents } from '../../services/report/figures/scenario-tables.ts';
import { unlabelledLines } from '../../services/run/summary-on-terminal.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planMessages, planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../services/scenario/planned-payment.ts';
import { plannedPayments } from '../../services/simulator/core-table-sizes.ts';
import { PlannedMessages } from '../../services/simulator/planned-messages.ts';
import { load as loadFile, runDirectly, runScenario } from '../support/run.ts';
import { loadText, TEST_FILE } from '../support/scenario.ts';

const BANKS = ['AAAADE00', 'BBBBDE00', 'CCCCFR00', 'EEEEIT00'];
const YAML = `name: watched
seed: 5
businessDates: [2026-03-16, 2026-03-17]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "16:00", zone: UTC }
participants:
${BANKS.map((bic, place) => `  - { bic: ${bic}, name: ${bic}, size: ${4 - place}, accounts: { EUR: { balance: "90000.00" } } }`).join('\n')}
profiles:
  day: { zone: UTC, parts: [{ from: "08:00", to: "16:00", weight: 1 }] }
traffic:
  - name: retail
    from: EUR
    paymentsPerDate: 400
    profile: day
    amounts: { median: "100.00", sigma: 1, min: "1.00", max: "5000.00" }
    priorities: { high: 1, normal: 1 }
  - name: own
    kind: bank
    from: EUR
    paymentsPerDate: 20
    profile: day
    amounts: { median: "100.00", sigma: 1, min: "1.00", max: "5000.00" }
events:
  repeatMessages: [{ participant: AAAADE00, every: 7 }]
`;
const CUSTOMERS = 'customers={ perBank: 40 }';
const anomaly = (name: string, text: string, times = 'from: "10:00", until: "11:00"') =>
  `anomalies.+={ name: ${name}, ${times}, ${text} }`;
const SMALL = 'amounts: { median: "5.00", sigma: 0.2, min: "1.00", max: "9.00" }';
const INJECTED = {
  drain: `kind: hijackedKey, bank: BBBBDE00, flow: retail, payments: 30, ${SMALL}`,
  typo: 'kind: mistypedAmount, bank: BBBBDE00, flow: retail, payments: 3, factor: 10',
  flight: 'kind: run, bank: CCCCFR00, flow: retail, payments: 50',
  circle: `kind: ring, banks: [EEEEIT00, AAAADE00, CCCCFR00], flow: retail, rounds: 4`,
  again: 'kind: stuckBatch, bank: AAAADE00, flow: retail, payments: 6, times: 2',
  silence: 'kind: silentOutage, bank: AAAADE00',
};
type Injected = keyof typeof INJECTED;
const NAMES = Object.keys(INJECTED) as Injected[];
const load = (...set: string[]) => loadText(YAML, ['anomalies=[]', ...set]);
const watched = (...names: Injected[]) =>
  load(CUSTOMERS, ...names.map((name) => anomaly(name, INJECTED[name])));
const at = (hour: number, minute = 0) => Date.UTC(2026, 2, 16, hour, minute);
const FROM = at(10);
const UNTIL = at(11);
/** What a payment is, but for its place in the plan, which one that is added before it moves. */
const told = ({ number: _, uetr, ...payment }: PlannedPayment) => ({ ...payment, uetr: `${uetr}` });
const plan = (...args: Parameters<typeof watched>) => [...planPayments(watched(...args))].map(told);
const bicOf = (participant: number) => BANKS[participant];

describe('customers', () => {
  const [without, having] = [load(), load(CUSTOMERS)].map((one) => [...planPayments(one)]);

  test('have accounts in the payments of customers, and move no draw and no event', async () => {
    assert.deepEqual(
      having!.map(({ accounts: _, endToEndId, ...payment }) => payment),
      without!.map(({ endToEndId: _, ...payment }) => payment),
    );
    for (const { kind, accounts, uetr, endToEndId, debtorAgent, creditorAgent } of having!) {
      assert.equal(accounts !== undefined, kind === 'customer');
      if (!accounts) continue;
      assert.equal(endToEndId, `${uetr}`.replaceAll('-', ''));
      for (const [account, agent] of [
        [accounts.debtor, debtorAgent],
        [accounts.creditor, creditorAgent],
      ] as const)
        assert.match(account, new RegExp(`^${bicOf(agent)}-[0-9]{10}$`));
    }
    const [plain, named] = await Promise.all([runDirectly(load()), runDirectly(load(CUSTOMERS))]);
    assert.equal(named.summary.eventsHash, plain.summary.eventsHash);
  });

  const ofMany = (...set: string[]) =>
    [...planPayments(load('traffic.retail.paymentsPerDate=2500', ...set))].flatMap(
      ({ accounts, amountMinor }) => (accounts ? [{ ...accounts, amountMinor }] : []),
    );
  const counted = <T>(of: readonly T[]) => {
    const counts = new Map<T, number>();
    for (const one of of) counts.set(one, (counts.get(one) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => b - a);
  };

  test('are paid in proportion to 1 / k, and have as many accounts as were asked for', () => {
    const paid = ofMany(CUSTOMERS, 'customers.toRegulars=0');
    const own = paid.filter(({ creditor }) => creditor.startsWith('AAAADE00'));
    const counts = counted(own.map(({ creditor }) => creditor));
    assert.equal(counts.length, 40);
    const harmonic = (upTo: number) =>
      Array.from({ length: upTo }, (_, place) => 1 / (place + 1)).reduce((a, b) => a + b);
    for (const first of [1, 4, 10]) {
      const share = counts.slice(0, first).reduce((a, b) => a + b) / own.length;
      const expected = harmonic(first) / harmonic(40);
      assert.ok(Math.abs(share - expected) < 0.03, `${first}: ${share} of ${expected}`);
    }
    const few = ofMany('customers={ perBank: 40, banks: { AAAADE00: 3 } }');
    const names = new Set(few.flatMap(({ debtor, creditor }) => [debtor, creditor]));
    assert.equal([...names].filter((name) => name.startsWith('AAAADE00')).length, 3);
  });

  test('pay regular payees, the same on all dates', () => {
    const pairsOf = (toRegulars: number) => {
      const paid = ofMany(
        'customers={ perBank: 2000, regulars: 2 }',
        `customers.toRegulars=${toRegulars}`,
      );
      const payers = new Map<string, string[]>();
      for (const { debtor, creditor } of paid)
        payers.set(debtor, [...(payers.get(debtor) ?? []), creditor]);
      return payers;
    };
    // To the two of each other bank.
    for (const payees of pairsOf(1).values())
      for (const bic of BANKS) {
        const there = new Set(payees.filter((one) => one.startsWith(bic)));
        assert.ok(there.size <= 2, `${[...there]}`);
      }
    const most = Math.max(...[...pairsOf(0).values()].map((payees) => new Set(payees).size));
    assert.ok(most > 20, `${most} payees of one payer`);
  });

  test('pay amounts of their own size as far as is asked for', () => {
    /** Share of the variance of log amounts that lies between payers. */
    const between = (ownAmounts: number) => {
      const paid = ofMany(CUSTOMERS, `customers.ownAmounts=${ownAmounts}`);
      const logs = paid.map(({ amountMinor }) => Math.log(Number(amountMinor)));
      const mean = logs.reduce((a, b) => a + b) / logs.length;
      const all = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
      const payers = new Map<string, number[]>();
      for (const [place, { debtor }] of paid.entries())
        payers.set(debtor, [...(payers.get(debtor) ?? []), logs[place]!]);
      let sum = 0;
      for (const own of payers.values())
        sum += own.length * (own.reduce((a, b) => a + b) / own.length - mean) ** 2;
      return sum / all;
    };
    assert.ok(between(0) < 0.07, `${between(0)}`);
    assert.ok(between(0.7) > 0.3 && between(0.7) < 0.65, `${between(0.7)}`);
    assert.ok(between(1) > 0.8, `${between(1)}`);
  });
});

describe('anomalies', () => {
  const normal = plan();

  for (const name of NAMES)
    test(`${name}: all payments that it does not label stay as they are`, () => {
      const labelled = plan(name);
      const others = labelled.filter(({ label }) => label === undefined);
      const changed = new Set(labelled.map(({ uetr }) => uetr));
      if (name === 'silence') {
        const late = ({ debtorAgent, atMs }: (typeof normal)[number]) =>
          bicOf(debtorAgent) === 'AAAADE00' && atMs >= FROM && atMs < UNTIL;
        assert.ok(normal.filter(late).length > 5);
        const kept = ({ isRepeat }: (typeof normal)[number]) => !isRepeat;
        assert.deepEqual(
          others.filter((one) => kept(one) && one.atMs !== UNTIL),
          normal.filter((one) => kept(one) && !late(one)),
        );
        assert.equal(labelled.filter(late).length, 0);
        assert.equal(others.length, normal.length);
        return;
      }
      const own = new Set(labelled.flatMap(({ label, uetr }) => (label === 0 ? [uetr] : [])));
      assert.deepEqual(
        others,
        normal.filter(({ uetr }) => !own.has(uetr)),
      );
      assert.ok(own.size > 0 && normal.every(({ uetr }) => changed.has(uetr)));
    });

  const labelled = (name: Injected) => plan(name).filter(({ label }) => label === 0);
  const inTime = (payments: readonly { readonly atMs: number }[]) =>
    payments.every(({ atMs }) => atMs >= FROM && atMs < UNTIL);

  test('a hijacked key drains one account in small payments to accounts that nobody else pays', () => {
    const drained = labelled('drain');
    assert.equal(drained.length, 30);
    assert.ok(inTime(drained));
    assert.equal(new Set(drained.map(({ accounts }) => accounts!.debtor)).size, 1);
    assert.ok(normal.some(({ accounts }) => accounts?.debtor === drained[0]!.accounts!.debtor));
    const known = new Set(normal.flatMap(({ accounts }) => accounts?.creditor ?? []));
    const paid = new Set(drained.map(({ accounts }) => accounts!.creditor));
    assert.equal(paid.size, 30);
    assert.deepEqual(
      [...paid].filter((one) => known.has(one)),
      [],
    );
    for (const { amountMinor, debtorAgent, accounts, creditorAgent } of drained) {
      assert.ok(amountMinor >= 100n && amountMinor <= 900n);
      assert.equal(bicOf(debtorAgent), 'BBBBDE00');
      assert.ok(accounts!.creditor.startsWith(`${bicOf(creditorAgent)}-`));
    }
    assert.ok(new Set(drained.map(({ creditorAgent }) => creditorAgent)).size === 3);
    assert.ok(new Set(drained.map(({ priority }) => priority)).size === 2);
  });

  test('a mistyped amount is that of the first payments in the time, times the factor', () => {
    const first = normal.filter(
      ({ debtorAgent, kind, atMs, isRepeat }) =>
        bicOf(debtorAgent) === 'BBBBDE00' && kind === 'customer' && atMs >= FROM && !isRepeat,
    );
    assert.deepEqual(
      labelled('typo').map(({ label: _, ...payment }) => payment),
      first.slice(0, 3).map((one) => ({ ...one, amountMinor: one.amountMinor * 10n })),
    );
  });

  test('in a run each customer withdraws once before one does again, and more and more do', () => {
    const withdrawn = labelled('flight');
    assert.equal(withdrawn.length, 50);
    assert.ok(inTime(withdrawn));
    const payers = withdrawn.map(({ accounts }) => accounts!.debtor);
    assert.equal(new Set(payers.slice(0, 40)).size, 40);
    assert.deepEqual(payers.slice(40), payers.slice(0, 10));
    const early = withdrawn.filter(({ atMs }) => atMs < (FROM + UNTIL) / 2).length;
    // Of parts with weights 1 to 8 the first four have 10 of 36.
    assert.ok(early >= 7 && early <= 21, `${early}`);
    assert.ok(withdrawn.every(({ debtorAgent }) => bicOf(debtorAgent) === 'CCCCFR00'));
  });

  test('in a ring a round amount comes back to where it began, in each round', () => {
    const paid = labelled('circle');
    assert.equal(paid.length, 12);
    assert.ok(inTime(paid));
    for (let round = 0; round < 4; round++) {
      const hops = paid.slice(3 * round, 3 * round + 3);
      assert.equal(new Set(hops.map(({ amountMinor }) => amountMinor)).size, 1);
      assert.match(`${hops[0]!.amountMinor}`, /^[1-9]0+$/);
      for (const [place, { accounts }] of hops.entries())
        assert.equal(accounts!.creditor, hops[(place + 1) % 3]!.accounts!.debtor);
    }
    assert.equal(new Set(paid.map(({ accounts }) => accounts!.debtor)).size, 3);
    assert.deepEqual(
      paid.slice(0, 3).map(({ debtorAgent }) => bicOf(debtorAgent)),
      ['EEEEIT00', 'AAAADE00', 'CCCCFR00'],
    );
  });

  test('a stuck batch is the last payments before it, under ids of their own', () => {
    const before = normal.filter(
      ({ debtorAgent, kind, atMs, isRepeat }) =>
        bicOf(debtorAgent) === 'AAAADE00' && kind === 'customer' && atMs < FROM && !isRepeat,
    );
    const terms = ({
      accounts,
      amountMinor,
      priority,
      creditorAgent,
    }: (typeof normal)[number]) => ({
      ...{ accounts, amountMinor, priority, creditorAgent },
    });
    const sent = labelled('again');
    assert.ok(inTime(sent));
    assert.deepEqual(sent.map(terms), [...before.slice(-6), ...before.slice(-6)].map(terms));
    const ids = [...sent, ...normal].map(({ uetr }) => uetr);
    assert.equal(new Set(ids).size, 12 + new Set(normal.map(({ uetr }) => uetr)).size);
  });

  test('what is added has room in the core, and counts in no rule of every so many', () => {
    assert.equal(plannedPayments(watched()), 840);
    for (const [name, added] of [
      ['drain', 30],
      ['typo', 0],
      ['flight', 50],
      ['circle', 12],
      ['again', 12],
      ['silence', 0],
    ] as const)
      assert.equal(plannedPayments(watched(name)), 840 + added, name);
    const repeats = (payments: typeof normal) =>
      payments.flatMap(({ isRepeat, uetr }) => (isRepeat ? [uetr] : []));
    assert.ok(repeats(normal).length > 20);
    assert.deepEqual(repeats(plan('again')), repeats(normal));
  });

  test('labels tell the payments with their anomaly, and the bank that is silent', () => {
    const scenario = watched(...NAMES);
    const labels = [...flowLabels(scenario)];
    const counts = Object.fromEntries(
      NAMES.map((name) => [name, labels.filter(({ injection }) => injection === name).length]),
    );
    // Of a silent bank's own payments those that are labelled leave afterwards.
    assert.deepEqual(counts, { drain: 30, typo: 3, flight: 50, circle: 12, again: 12, silence: 1 });
    const payments = new Map(plan(...NAMES).map((payment) => [payment.uetr, payment]));
    for (const { injection, kind, participant, fromMs, untilMs, uetr, endToEndId } of labels) {
      assert.deepEqual([fromMs, untilMs], [FROM, UNTIL]);
      assert.ok(INJECTED[injection as Injected].startsWith(`kind: ${kind}`));
      if (kind === 'silentOutage') {
        assert.deepEqual([participant, uetr, endToEndId], ['AAAADE00', '', '']);
        continue;
      }
      const payment = payments.get(uetr)!;
      assert.equal(NAMES[payment.label!], injection);
      assert.deepEqual([bicOf(payment.debtorAgent), payment.endToEndId], [participant, endToEndId]);
    }
    assert.deepEqual([...flowLabels(load(CUSTOMERS))], []);
    // What is sent again is no payment of its own.
    const repeated = load(
      ...[CUSTOMERS, anomaly('typo', INJECTED.typo)],
      'events.repeatMessages=[{ participant: BBBBDE00, every: 1 }]',
    );
    assert.equal([...flowLabels(repeated)].length, 3);
  });

  test('an anomaly of which no payment is there is told', () => {
    assert.equal(unlabelledLines(watched(...NAMES)), '');
    assert.equal(unlabelledLines(load(CUSTOMERS)), '');
    const early = load(
      anomaly('early', INJECTED.again, 'from: "08:00", until: "08:01"'),
      ...[anomaly('typo', INJECTED.typo), anomaly('silence', INJECTED.silence), CUSTOMERS],
    );
    assert.equal(unlabelledLines(early), 'anomaly early (stuckBatch): it labels no payment\n');
  });

  test('neither messages nor events of the scenario tell of them, and messages name the accounts', () => {
    const scenario = watched(...NAMES);
    const { network, participants } = scenario;
    const messages = new PlannedMessages(scenario, (participant) =>
      createBank({
        ...{ bic: participants[participant]!.bic as Bic, keyId: 'key-1', network },
        ...{ decimals: () => 2, keepsSent: true },
      }),
    );
    const texts = new Map<string, string>();
    for (const message of planMessages(scenario)) {
      if (message.kind !== 'payment' || message.payment.isRepeat) continue;
      const { value, headers } = messages.pay(message.payment);
      texts.set(`${message.payment.uetr}`, `${Buffer.from(value)}${JSON.stringify(headers)}`);
    }
    const labels = [...flowLabels(scenario)];
    const named = [...planMessages(scenario)].flatMap((message) =>
      message.kind === 'payment' && message.payment.accounts ? [message.payment] : [],
    );
    for (const { uetr, accounts } of named) {
      const text = texts.get(`${uetr}`)!;
      for (const [element, account] of [
        ['DbtrAcct', accounts!.debtor],
        ['CdtrAcct', accounts!.creditor],
      ])
        assert.ok(text.includes(`"${element}":{"Id":{"Othr":{"Id":"${account}"}}}`), text);
    }
    for (const text of texts.values())
      for (const word of [...NAMES, ...labels.map(({ kind }) => kind)])
        assert.ok(!text.includes(word), word);
    assert.deepEqual(scenarioEvents(scenario, []), scenarioEvents(load(CUSTOMERS), []));
    assert.deepEqual(marksOf(scenario, []), marksOf(load(CUSTOMERS), []));
  });

  test('both doors come to the same, over two dates', async () => {
    const set = NAMES.map((name) =>
      anomaly(name, INJECTED[name], 'date: 2026-03-17, from: "10:00", until: "11:00"'),
    );
    const scenario = load(CUSTOMERS, ...set);
    const unsigned = { signatures: false };
    const { summary } = await runScenario(scenario, unsigned);
    assert.deepEqual((await runDirectly(scenario, unsigned)).summary, summary);
    assert.ok(summary.submitted > 900);
  });
});

test('a counterfactual has no labels of its own: what it takes has those of its run', () => {
  const document = JSON.stringify(watched(...NAMES).document);
  const readFile = () => document;
  const { anomalies, customers, outages } = loadScenario('run/scenario.json', {
    ...{ readFile, instructionsOf: 'a run' },
  });
  assert.deepEqual([anomalies, customers, outages], [[], null, []]);
});

test('a bank that is silent sends nothing for its customers with deposits either', () => {
  const silent =
    'anomalies=[{ name: quiet, kind: silentOutage, bank: ALFADE00, from: "10:00", until: "11:00" }]';
  const { outages, deposits } = loadFile('two-layer', [silent]);
  const { customers } = outages.find(({ isSilent }) => isSilent)!;
  assert.deepEqual(
    [...customers!],
    deposits
      .filter(({ bank }) => bank === outages.at(-1)!.participant)
      .flatMap((one) => one.customers),
  );
});

const FLOW = 'bank: AAAADE00, flow: retail';
const ONE = `kind: run, ${FLOW}, payments: 1`;
/** Settings behind customers, and the line that comes of them behind the override. */
const MISTAKES: readonly [what: string, set: readonly string[], message: string][] = [
  [
    'an unknown bank of customers',
    ['customers.banks={ AAABDE00: 3 }'],
    'customers.banks.AAABDE00: "AAABDE00": expected a participant of the scenario; did you mean "AAAADE00"?',
  ],
  [
    'too many customers',
    ['customers={ perBank: 100000, banks: { AAAADE00: 100000 } }', 'customers.perBank=100001'],
    'customers.perBank: 100001: expected a whole number from 1 to 100000',
  ],
  [
    'a kind that is none',
    [anomaly('a', `kind: theft, ${FLOW}`)],
    'anomalies[0].kind: "theft": expected one of hijackedKey, mistypedAmount, run, ring, stuckBatch, silentOutage',
  ],
  [
    'a name twice',
    [anomaly('a', ONE), anomaly('a', ONE)],
    'anomalies[1].name: "a": expected each name once; anomalies[0] has this one',
  ],
  [
    'a field that its kind needs',
    [anomaly('a', `kind: mistypedAmount, ${FLOW}`)],
    'anomalies[0].factor: missing: expected a value: mistypedAmount needs it',
  ],
  [
    'a field that its kind has not',
    [anomaly('a', 'kind: silentOutage, bank: AAAADE00, payments: 3')],
    'anomalies[0].payments: 3: expected nothing here: silentOutage has no such field',
  ],
  [
    'a time outside the day',
    [anomaly('a', ONE, 'from: "07:59", until: "09:00"')],
    'anomalies[0].from: "07:59": expected a time inside the day, 2026-03-16 08:00 to 2026-03-16 16:00 UTC',
  ],
  [
    'an end before the begin',
    [anomaly('a', ONE, 'from: "10:00", until: "10:00"')],
    'anomalies[0].until: "10:00": expected a time at least a second after from, 10:00',
  ],
  [
    'a time at which the currency is not open',
    [
      `currencies.USD={ opens: "07:00", closes: "17:00", zone: UTC }`,
      anomaly('a', ONE, 'from: "15:00", until: "16:30"'),
    ],
    'anomalies[0].until: "16:30": expected a time up to which EUR is open on 2026-03-16',
  ],
  [
    'a time at which it is not open yet',
    [
      `currencies.USD={ opens: "07:00", closes: "17:00", zone: UTC }`,
      anomaly('a', ONE, 'from: "07:30", until: "09:30"'),
    ],
    'anomalies[0].from: "07:30": expected a time from which on EUR is open on 2026-03-16',
  ],
  [
    'a holiday',
    [
      'currencies.USD={ opens: "08:00", closes: "16:00", zone: UTC }',
      'currencies.EUR.holidays=[2026-03-17]',
      anomaly('a', ONE, 'date: 2026-03-17, from: "10:00", until: "11:00"'),
    ],
    'anomalies[0].date: "2026-03-17": expected a date on which EUR opens',
  ],
  [
    'a flow of banks',
    [anomaly('a', 'kind: run, bank: AAAADE00, flow: own, payments: 1')],
    `anomalies[0].flow: "own": expected a flow of customers' payments (retail)`,
  ],
  [
    'a bank that pays nothing in the flow',
    ['traffic.retail.debtors={ BBBBDE00: 1 }', anomaly('a', ONE)],
    'anomalies[0].bank: "AAAADE00": expected a bank that pays in the flow retail',
  ],
  [
    'a bank twice in a ring',
    [anomaly('a', 'kind: ring, banks: [AAAADE00, BBBBDE00, AAAADE00], flow: retail, rounds: 1')],
    'anomalies[0].banks[2]: "AAAADE00": expected each bank once',
  ],
  [
    'a participant without customers in a ring',
    [
      'participants.+={ bic: ZZZZDE00, name: Zz, role: customer, accounts: { EUR: { balance: "1000.00" } } }',
      anomaly('a', 'kind: ring, banks: [AAAADE00, ZZZZDE00], flow: retail, rounds: 1'),
    ],
    'anomalies[0].banks[1]: "ZZZZDE00": expected a bank that `customers` has customers of',
  ],
  [
    'an amount with too many decimals',
    [anomaly('a', `${ONE}, amounts: { median: "5.001", sigma: 1, min: "1.00", max: "9.00" }`)],
    'anomalies[0].amounts.median: "5.001": expected at most 2 decimals, as EUR has',
  ],
  [
    'a factor beyond 64 bits',
    [
      'traffic.retail.amounts={ median: "100.00", sigma: 1, min: "1.00", max: "90000000000000.00" }',
      anomaly('a', `kind: mistypedAmount, ${FLOW}, factor: 1000000`),
    ],
    'anomalies[0].factor: 1000000: expected a factor with which the amounts of the flow fit 64 bits',
  ],
  [
    'a ring with too many payments',
    [anomaly('a', 'kind: ring, banks: [AAAADE00, BBBBDE00], flow: retail, rounds: 50001')],
    'anomalies[0].rounds: 50001: expected at most 100000 payments in all',
  ],
  [
    'a batch that comes again too often',
    [anomaly('a', `kind: stuckBatch, ${FLOW}, payments: 50001, times: 2`)],
    'anomalies[0].times: 2: expected at most 100000 payments in all',
  ],
  [
    'more payments than a scenario can have',
    ['traffic.retail.paymentsPerDate=4999980', anomaly('a', `kind: run, ${FLOW}, payments: 1`)],
    'anomalies[0].payments: 1: expected at most 10000000 payments over all flows, dates and anomalies',
  ],
];

test('anomalies without customers are refused', () => {
  assert.throws(() => load(anomaly('a', ONE)), {
    message: /anomalies\[0\]\.kind: "run": expected silentOutage, or `customers` in the scenario/,
  });
  assert.equal(load(anomaly('a', INJECTED.silence)).outages.length, 1);
});

for (const [what, set, message] of MISTAKES)
  test(`${what}: the line names field, value and what was expected`, () => {
    assert.throws(
      () => load(CUSTOMERS, ...set),
      (error: Error) => {
        assert.ok(error.message.startsWith(`${TEST_FILE}: --set `), error.message);
        assert.ok(error.message.endsWith(`: ${message}`), error.message);
        return true;
      },
    );
  });
