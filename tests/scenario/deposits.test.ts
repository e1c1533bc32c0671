/** What a scenario says of deposits and customers' payments: what it is resolved to, and what it may not say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import type { PlannedPayment } from '../../services/scenario/planned-payment.ts';
import { atLeast } from '../support/at-least.ts';
import { load } from '../support/run.ts';

const scenario = load('two-layer');
const bic = (participant: number) => scenario.participants[participant]!.bic;
const code = (currency: number) => scenario.currencies[currency]!.code;

/** The legs of each chain, in the order of their numbers. */
function chainsOf(payments: Iterable<PlannedPayment>): Map<string, PlannedPayment[]> {
  const chains = new Map<string, PlannedPayment[]>();
  for (const payment of payments) {
    const { chain, legNumber } = payment.ofChain!;
    const legs = chains.get(chain.id) ?? [];
    legs[legNumber - 1] = payment;
    chains.set(chain.id, legs);
  }
  return chains;
}

test('deposits are a security of the bank’s, its customers hold it, and its own account goes down to the quota', () => {
  assert.deepEqual(
    scenario.deposits.map(({ bank, currency, asset, customers }) => [
      ...[bic(bank), code(currency), code(asset), customers.length],
      ...[bic(customers[0]!), bic(customers.at(-1)!)],
    ]),
    [
      ['ALFADE00', 'EUR', 'XTALFADEEUR7', 80, 'ALFADE00000', 'ALFADE00027'],
      ['BETAFR00', 'EUR', 'XTBETAFREUR8', 60, 'BETAFR00000', 'BETAFR0001N'],
      ['GAMMDE00', 'EUR', 'XTGAMMDEEUR8', 40, 'GAMMDE00000', 'GAMMDE00013'],
      ['NEUBFR00', 'EUR', 'XTNEUBFREUR9', 10, 'NEUBFR00000', 'NEUBFR00009'],
      ['KAPPGB00', 'GBP', 'XTKAPPGBGBP4', 40, 'KAPPGB00000', 'KAPPGB00013'],
    ],
  );
  for (const { bank, asset, customers } of atLeast(5, scenario.deposits)) {
    assert.equal(scenario.currencies[asset]!.issuer, bank);
    for (const customer of atLeast(10, customers)) {
      const { role, accounts } = scenario.participants[customer]!;
      assert.equal(role, 'customer');
      assert.deepEqual(
        accounts.map(({ currency }) => currency),
        [asset],
      );
    }
  }
  const lineOf = (place: number) => {
    const { bank, asset } = scenario.deposits[place]!;
    const own = scenario.participants[bank]!.accounts.find(({ currency }) => currency === asset)!;
    assert.equal(own.balanceMinor, 0n);
    return own.creditLineMinor;
  };
  // Without a quota: all that customers of other banks have in the currency.
  assert.equal(lineOf(0), 110_000_000n);
  assert.equal(lineOf(3), 6_000_000n);
});

test('a payment of a customer is a chain over both layers; inside a bank it moves deposits alone', () => {
  const chains = [...chainsOf(planPayments(scenario))];
  const kinds = new Map<string, number>();
  for (const [id, legs] of atLeast(500, chains)) {
    const path = legs.map(({ debtorAgent, creditorAgent, currency }) => [
      ...[bic(debtorAgent), bic(creditorAgent), code(currency)],
    ]);
    const [payer, payerBank] = path[0]!;
    const [payeeBank, payee, received] = path.at(-1)!;
    assert.notEqual(payer, payee, id);
    assert.ok(payer!.startsWith(payerBank!) && payee!.startsWith(payeeBank!), id);
    assert.deepEqual(
      [path[0]![2], received].map((one) => one!.slice(2, 8)),
      [...[payerBank, payeeBank].map((bank) => bank!.slice(0, 6))],
    );
    const reserves = path.slice(1, -1);
    const expected = id.startsWith('abroad')
      ? [
          [payerBank, 'DEALDE00', 'EUR'],
          ['DEALDE00', payeeBank, 'GBP'],
        ]
      : id.startsWith('home')
        ? [
            [payerBank, 'DEALDE00', 'GBP'],
            ['DEALDE00', payeeBank, 'EUR'],
          ]
        : payerBank === payeeBank
          ? []
          : [[payerBank, payeeBank, 'EUR']];
    assert.deepEqual(reserves, expected, id);
    const [first, ...others] = legs.map(({ amountMinor }) => amountMinor);
    if (legs.length < 4)
      assert.ok(
        others.every((amount) => amount === first),
        id,
      );
    // 0.8650 GBP for one EUR, rounded to the nearest penny, and the other way round.
    else {
      assert.deepEqual([legs[1]!.amountMinor, legs[2]!.amountMinor], [first, legs[3]!.amountMinor]);
      const bought = Number(first) * (id.startsWith('abroad') ? 0.865 : 1 / 0.865);
      assert.ok(Math.abs(Number(legs[3]!.amountMinor) - bought) <= 0.51, id);
    }
    const kind = `${id.split('-')[0]} of ${legs.length}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  assert.deepEqual(
    ['abroad of 4', 'home of 4', 'leaving of 3'].map((kind) => kinds.get(kind)),
    [30, 30, 40],
  );
  assert.equal(kinds.get('retail of 2')! + kinds.get('retail of 3')!, 400);
});

test('so many payments as are asked for stay inside a bank', () => {
  const onUs = (share: number) => {
    const payments = planPayments(load('two-layer', [`customerPayments.retail.onUs=${share}`]));
    const retail = [...chainsOf(payments)].filter(([id]) => id.startsWith('retail'));
    return retail.filter(([, legs]) => legs.length === 2).length;
  };
  assert.equal(onUs(0), 0);
  assert.equal(onUs(1), 400);
  // Of 400 draws four standard deviations are 40.
  assert.ok(Math.abs(onUs(0.5) - 200) < 40);
});

test('a bank that cannot send sends nothing for its customers either', () => {
  const outage = '{ participant: ALFADE00, from: "09:00", until: "11:00" }';
  const out = load('two-layer', [`events.outages=[${outage}]`]);
  const from = Date.parse('2026-03-16T09:00:00Z');
  const until = Date.parse('2026-03-16T11:00:00Z');
  const customers = new Set([0, ...out.deposits[0]!.customers]);
  let held = 0;
  for (const { debtorAgent, atMs } of planPayments(out)) {
    const isOwn = customers.has(debtorAgent) || bic(debtorAgent) === 'ALFADE00';
    if (isOwn) assert.ok(atMs < from || atMs >= until);
    if (isOwn && atMs === until) held += 1;
  }
  assert.ok(held > 30, `${held} legs left when the outage ended`);
});

const REFUSED: readonly [set: string, expected: RegExp][] = [
  ['deposits.0.bank=NOBODE00', /deposits\[0\]\.bank: "NOBODE00": expected a participant/],
  ['deposits.0.bank=KAPPGB00', /deposits\[0\]\.bank: "KAPPGB00": expected .*account in EUR/],
  ['deposits.0.currency=CHF', /deposits\[0\]\.currency: "CHF": expected a currency of the/],
  ['deposits.1.bank=ALFADE00', /deposits\[1\]\.bank: .*each bank once in a currency; deposits\.0/],
  ['deposits.0.customers=0', /deposits\[0\]\.customers: 0: expected a whole number from 1/],
  ['deposits.0.balance="1.234"', /deposits\[0\]\.balance: "1\.234": expected .*2 decimals/],
  ['deposits.0.balance="2000000000000000.00"', /deposits\[0\]\.balance: .*sum fits 64 bits/],
  ['deposits.3.quota="92233720368547758.00"', /deposits\[3\]\.quota: .*sum fits 64 bits/],
  [
    'participants.+={ bic: ALFADEX0, name: Like Alfa, accounts: { EUR: { balance: "0" } } }',
    /deposits\[5\]\.bank: "ALFADEX0": expected a bank whose BIC begins otherwise: XTALFADEEUR7/,
  ],
  ['customerPayments.retail.name=home', /customerPayments\[3\]\.name: "home": expected each name/],
  ['customerPayments.retail.currency=CHF', /customerPayments\[0\]\.currency: "CHF": expected a/],
  ['customerPayments.retail.dealers={ DEALDE00: 1 }', /\[0\]\.dealers: .*no dealers inside one/],
  ['customerPayments.retail.price=1.5', /\[0\]\.price: "1\.5": expected none inside one currency/],
  ['customerPayments.retail.onUs=1.5', /\[0\]\.onUs: 1\.5: expected a share from 0 to 1/],
  ['customerPayments.abroad.onUs=0.5', /\[2\]\.onUs: 0\.5: expected none across currencies/],
  ['customerPayments.abroad.dealers={}', /\[2\]\.dealers: .*a dealer with a weight above 0/],
  ['customerPayments.abroad.dealers={ BETAFR00: 1 }', /\[2\]\.dealers\.BETAFR00: .*account in GBP/],
  ['customerPayments.retail.payers={ KAPPGB00: 1 }', /\[0\]\.payers\.KAPPGB00: .*deposits in EUR/],
  ['customerPayments.retail.payees={ ALFADE00: 0 }', /\[0\]\.payees: .*a weight above 0/],
  ['customerPayments.home.to=CHF', /customerPayments\[3\]\.to: "CHF": expected a currency/],
];

test('a field that cannot be is refused with its place', () => {
  for (const [set, expected] of atLeast(15, REFUSED)) {
    const also = set.startsWith('participants')
      ? ['deposits.+={ bank: ALFADEX0, currency: EUR, customers: 1, balance: "0" }']
      : [];
    assert.throws(() => load('two-layer', [set, ...also]), expected, set);
  }
});
