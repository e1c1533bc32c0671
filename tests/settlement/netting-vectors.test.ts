import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { type Accounts, createWorld, type Rules, type World } from './case-language.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

type Numbers = Readonly<Record<string, number>>;
type Payment = readonly [from: string, to: string, amount: number];

interface Trade {
  readonly buyer: string;
  readonly seller: string;
  readonly sell: { readonly ccy: string; readonly minor: number };
  readonly buy: { readonly ccy: string; readonly minor: number };
}

interface Vectors {
  readonly dns: {
    readonly payments: readonly Payment[];
    readonly expect: {
      readonly netPositions: Numbers;
      readonly defaulter: string;
      readonly shortfall: number;
      readonly bilateralLimitsGrantedToD: Numbers;
      readonly lossShare: Numbers;
      readonly unwindPayments: readonly Payment[];
      readonly unwindNet: Numbers;
    };
    readonly caps: {
      readonly netDebitCaps: Numbers;
      readonly acceptedInOrder: readonly boolean[];
      readonly net: Numbers;
    };
  };
  readonly credit: {
    readonly collateral: number;
    readonly haircutBps: number;
    readonly balance: number;
    readonly payment: number;
    readonly after: number;
  };
  readonly limits: { readonly note: string; readonly steps: readonly { readonly pay: string }[] };
  readonly pvp: {
    readonly trades: readonly Trade[];
    readonly cases: readonly {
      readonly balances?: Readonly<Record<string, Numbers>>;
      readonly settles?: boolean;
      readonly after?: Readonly<Record<string, Numbers>>;
      readonly trades?: readonly {
        readonly payer: string;
        readonly payee: string;
        readonly EUR: number;
        readonly USDback: number;
      }[];
      readonly net?: Readonly<Record<string, Numbers>>;
    }[];
    readonly clsStyle: {
      readonly fxToUSD: Numbers;
      readonly haircutBps: number;
      readonly account: Numbers;
      readonly expect: {
        readonly adjustedBalance: number;
        readonly passPositiveAdjusted: boolean;
        readonly shortPositionEUR: number;
        readonly passSPL50: boolean;
        readonly failSPL39: boolean;
        readonly aggregateShortUSD: number;
      };
    };
  };
}

function vectors(): Vectors {
  const file = fixture('vectors/settlement/dns_pvp_credit.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Vectors;
}

const NETTING = { cycle: 'deferredNet' } as const;

/** A day in which these banks net; what each payment became. */
function netting(
  balances: Accounts,
  rules: Rules,
  payments: readonly Payment[],
  before: readonly string[] = [],
): { world: World; outcomes: string[] } {
  const world = createWorld(wasm, rules, balances, { XTS: 0 });
  for (const row of ['open XTS 1', ...before]) world.say(row);
  const outcomes = payments.map(
    ([from, to, amount], at) => world.say(`pay p${at} ${from}>${to} ${amount} XTS`)[0] as string,
  );
  return { world, outcomes };
}

const endowed = (banks: readonly string[], balances: Numbers): Accounts =>
  Object.fromEntries(banks.map((bank) => [`${bank} XTS`, balances[bank] ?? 1000]));

const BANKS = ['A', 'B', 'C', 'D'];

/** 'A XTS netted 50' for each. */
const netted = (nets: Numbers): string[] =>
  Object.entries(nets).map(([bank, net]) => `${bank} XTS netted ${net}`);

test('net debit caps: which payments are accepted, and the nets', { skip: needsFixtures }, () => {
  const { payments, caps } = vectors().dns;
  const rows = Object.entries(caps.netDebitCaps).map(([bank, cap]) => `cap ${bank} XTS ${cap}`);
  const { world, outcomes } = netting(endowed(BANKS, {}), NETTING, payments, rows);
  const expected = caps.acceptedInOrder.map(
    (accepted, at) => `p${at} ${accepted ? 'accepted' : 'rejected capExceeded'}`,
  );
  assert.deepEqual(outcomes, expected);
  const events = world.say('cycle XTS').filter((event) => / XTS netted /.test(event));
  assert.deepEqual(events, netted(caps.net));
});

test('the multilateral nets settle, and add up to zero', { skip: needsFixtures }, () => {
  const { payments, expect } = vectors().dns;
  const { world } = netting(endowed(BANKS, {}), NETTING, payments);
  const events = world.say('cycle XTS');
  assert.deepEqual(
    events.filter((event) => / XTS netted /.test(event)),
    netted(expect.netPositions),
  );
  for (const [bank, net] of atLeast(3, Object.entries(expect.netPositions)))
    assert.equal(world.balance(bank, 'XTS'), BigInt(1000 + net));
});

test('a default is unwound: the payments that stay, and their nets', {
  skip: needsFixtures,
}, () => {
  const { payments, expect } = vectors().dns;
  const { defaulter, shortfall, unwindPayments, unwindNet } = expect;
  const { world } = netting(endowed(BANKS, { [defaulter]: 0 }), NETTING, payments);
  const events = world.say('cycle XTS');
  assert.ok(events.includes(`${defaulter} XTS defaulted, ${shortfall} short`));
  const settled = payments.filter((_, at) => events.includes(`p${at} settled deferredNet`));
  assert.deepEqual(settled, unwindPayments);
  assert.deepEqual(
    events.filter((event) => / XTS netted /.test(event)),
    netted(unwindNet),
  );
});

test('a loss is shared by the limits granted to the defaulter', { skip: needsFixtures }, () => {
  const { payments, expect } = vectors().dns;
  const { defaulter, bilateralLimitsGrantedToD, lossShare, netPositions } = expect;
  const rules = { ...NETTING, defaultRule: 'shareTheLoss' } as const;
  const { world } = netting(endowed(BANKS, { [defaulter]: 0 }), rules, payments);
  // The vectors give the limits as weights: they come after the payments, which they would refuse.
  for (const [bank, limit] of atLeast(2, Object.entries(bilateralLimitsGrantedToD)))
    assert.deepEqual(world.say(`cap ${bank} XTS ${limit} for ${defaulter}`), ['capSet']);
  const events = world.say('cycle XTS');
  assert.deepEqual(
    events.filter((event) => event.includes('bears')),
    Object.entries(lossShare).map(([bank, share]) => `${bank} XTS bears ${share} for ${defaulter}`),
  );
  for (const [bank, share] of atLeast(2, Object.entries(lossShare)))
    assert.equal(world.balance(bank, 'XTS'), BigInt(1000 + (netPositions[bank] ?? 0) - share));
  assert.equal(world.balance(defaulter, 'XTS'), 0n);
});

test('PvP between two banks: both legs or neither', { skip: needsFixtures }, () => {
  const { trades, cases } = vectors().pvp;
  const { buyer, seller, sell, buy } = trades[0] as Trade;
  const funded = cases.filter((c) => c.balances !== undefined);
  assert.equal(funded.length, 2);
  for (const { balances = {}, settles, after = balances } of funded) {
    const accounts = Object.fromEntries(
      Object.entries(balances).flatMap(([bank, money]) =>
        Object.entries(money).map(([currency, amount]) => [`${bank} ${currency}`, amount]),
      ),
    );
    const world = createWorld(wasm, {}, accounts);
    for (const { ccy } of [sell, buy]) world.say(`open ${ccy} 1`);
    const sold = `${sell.minor} ${sell.ccy}`;
    const bought = `${buy.minor} ${buy.ccy}`;
    world.say(`leg f1 ${buyer}>${seller} ${sold} for ${bought} key fx`);
    const events = world.say(`leg f2 ${seller}>${buyer} ${bought} for ${sold} key fx`);
    assert.equal(events.includes('f1 settled entry'), settles);
    assert.equal(events.includes('f2 settled entry'), settles);
    for (const [bank, money] of atLeast(2, Object.entries(after)))
      for (const [currency, amount] of Object.entries(money))
        assert.equal(world.balance(bank, currency), BigInt(amount));
  }
});

test('PvP netting: only the net of each currency needs money', { skip: needsFixtures }, () => {
  const vector = vectors().pvp.cases.find((c) => c.net !== undefined);
  assert.ok(vector?.net !== undefined && vector.trades !== undefined);
  const accounts = Object.fromEntries(
    Object.entries(vector.net).flatMap(([bank, nets]) =>
      Object.entries(nets).map(([currency, net]) => [`${bank} ${currency}`, Math.max(0, -net)]),
    ),
  );
  const world = createWorld(wasm, { gridlockResolution: true }, accounts);
  for (const currency of ['EUR', 'USD']) world.say(`open ${currency} 1`);
  for (const [at, { payer, payee, EUR, USDback }] of vector.trades.entries()) {
    world.say(`leg a${at} ${payer}>${payee} ${EUR} EUR for ${USDback} USD key t${at}`);
    world.say(`leg b${at} ${payee}>${payer} ${USDback} USD for ${EUR} EUR key t${at}`);
  }
  world.say('cycle');
  for (const [bank, nets] of atLeast(2, Object.entries(vector.net)))
    for (const [currency, net] of Object.entries(nets))
      assert.equal(world.balance(bank, currency), BigInt(Math.max(0, net)));
  assert.equal(world.settlement.queued(), 0);
});

test('credit capacity is what the collateral gives after its haircut', {
  skip: needsFixtures,
}, () => {
  const { collateral, haircutBps, balance, payment, after } = vectors().credit;
  const world = createWorld(wasm, {}, { 'A XTS': balance, 'B XTS': 0 });
  world.say('open XTS 1');
  world.say(`collateral A XTS ${collateral} haircut ${haircutBps}`);
  assert.deepEqual(world.say(`pay p1 A>B ${payment + 1} XTS`), ['p1 queued']);
  world.say('cancel c1 p1');
  assert.deepEqual(world.say(`pay p2 A>B ${payment} XTS`), ['p2 settled entry']);
  assert.equal(world.balance('A', 'XTS'), BigInt(after));
});

test('a bilateral limit holds a payment until the counterparty pays', {
  skip: needsFixtures,
}, () => {
  const { note, steps } = vectors().limits;
  const [limit, balance] = [/limit (\d+)/, /balance (\d+)/].map((of) => of.exec(note)?.[1]);
  const world = createWorld(wasm, {}, { 'A XTS': Number(balance), 'B XTS': 1000 });
  world.say('open XTS 1');
  world.say(`limit l1 A>B XTS ${limit}`);
  const said = steps.map(({ pay }, at) => {
    const [, from, to, amount] = /(\w)->(\w) (\d+)/.exec(pay) ?? [];
    return world.say(`pay p${at} ${from}>${to} ${amount} XTS`);
  });
  assert.deepEqual(said, [['p0 queued'], ['p1 settled entry', 'p0 settled queue']]);
  assert.deepEqual(world.say('pay p8 A>B 11 XTS'), ['p8 queued']);
  world.say('cancel c1 p8');
  assert.deepEqual(world.say('pay p9 A>B 10 XTS'), ['p9 settled entry']);
});

test('CLS-style tests of an account decide what it may pay', { skip: needsFixtures }, () => {
  const { fxToUSD, haircutBps, account, expect } = vectors().pvp.clsStyle;
  const [long, owed] = [account.USD ?? 0, -(account.EUR ?? 0)];
  assert.equal(owed, expect.shortPositionEUR);
  /** The account pays what makes it short in EUR, then so many USD. */
  const pays = (line: number, across: string, usd: number): string[] => {
    const accounts = { 'A USD': long, 'A EUR': [0, line] as const, 'B USD': 0, 'B EUR': 0 };
    const world = createWorld(wasm, {}, accounts, { USD: 0, EUR: 0 });
    for (const [currency, rate] of Object.entries(fxToUSD)) {
      world.say(`open ${currency} 1`);
      world.say(`value ${currency} ${Math.round(rate * 100)} haircut ${haircutBps}`);
    }
    assert.deepEqual(world.say(`across A USD ${across}`), ['crossLimitSet']);
    const eur = world.say(`pay p1 A>B ${owed} EUR`);
    return usd === 0 ? eur : [...eur, ...world.say(`pay p2 A>B ${usd} USD`)];
  };
  const settled = ['p1 settled entry'];
  // A short position limit of one currency is its credit capacity.
  assert.deepEqual(pays(50, 'short none pooled none', 0), expect.passSPL50 ? settled : []);
  assert.deepEqual(pays(39, 'short none pooled none', 0), expect.failSPL39 ? ['p1 queued'] : []);
  const { aggregateShortUSD, adjustedBalance } = expect;
  assert.deepEqual(pays(50, `short ${aggregateShortUSD} pooled none`, 0), settled);
  assert.deepEqual(pays(50, `short ${aggregateShortUSD - 1} pooled none`, 0), ['p1 queued']);
  // What is left of the adjusted balance bounds the USD that it can pay besides.
  const most = Math.floor(adjustedBalance / (1 - haircutBps / 10_000));
  assert.equal(expect.passPositiveAdjusted, true);
  const worth = 'short none pooled 0';
  assert.deepEqual(pays(50, worth, most), [...settled, 'p2 settled entry']);
  assert.deepEqual(pays(50, worth, most + 1), [...settled, 'p2 queued']);
});
