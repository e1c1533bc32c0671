/**
 * What happens at one instant, pair by pair: what falls due, with each other and with every kind of
 * record, and every kind of record with every other in both orders of the log. Each half has banks and
 * currencies of its own, so that nothing but the order decides what is told first.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { RECORD_KINDS, type RecordKind } from '../../services/core/settlement/records.ts';
import { type Accounts, createWorld, type Rules } from './case-language.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

const AT_MS = 2000;

/** A half of a pair: what goes before, and the events by which one sees it happen. */
interface Half {
  readonly rules?: Rules;
  readonly accounts: Accounts;
  readonly before: readonly string[];
  readonly marks: readonly string[];
}

interface RecordHalf extends Half {
  readonly row: string;
}

/** What falls due at AT_MS, in the order that docs/settlement.md gives; in EUR. */
const DUE = {
  'an earliest time': {
    accounts: { 'E EUR': 100, 'F EUR': 0 },
    before: [`pay e1 E>F 1 EUR from ${AT_MS}`],
    marks: ['e1 settled entry'],
  },
  'a latest time': {
    accounts: { 'G EUR': 0, 'F EUR': 0 },
    before: [`pay l1 G>F 1 EUR till ${AT_MS}`],
    marks: ['l1 cancelled latestTimePassed'],
  },
  'a time-out of a leg': {
    rules: { pvpTimeoutMs: AT_MS },
    accounts: { 'H EUR': 9, 'H USD': 0, 'I EUR': 0, 'I USD': 9 },
    before: ['leg m1 H>I 5 EUR for 5 USD key due'],
    marks: ['m1 cancelled unmatched'],
  },
  'a periodic cycle': {
    rules: { gridlockResolution: true, cycleIntervalMs: AT_MS },
    accounts: { 'M EUR': 0, 'N EUR': 0 },
    before: ['pay g1 M>N 10 EUR', 'pay g2 N>M 10 EUR'],
    marks: ['g1 settled gridlockResolution', 'g2 settled gridlockResolution'],
  },
} satisfies Record<string, Half>;

const DUE_ROWS: readonly (readonly [string, Half])[] = Object.entries(DUE);

/** The sets of a proposal stand at its own position. */
type Kind = Exclude<RecordKind, 'genesis' | 'proposedSet' | 'command' | 'chainTerms'>;

/** A record of each kind at AT_MS, by banks and currencies of its own. */
function recordHalves(a: string, b: string, own: string, other: string) {
  const accounts = {
    ...{ [`${a} ${own}`]: 100, [`${a} ${other}`]: 0 },
    ...{ [`${b} ${own}`]: 0, [`${b} ${other}`]: 100 },
  };
  const n = `${a.toLowerCase()}1`;
  const waits = `pay ${n}w ${a}>${b} 1 ${own} from 9000`;
  const half = (row: string, mark: string | null, before: readonly string[] = []): RecordHalf => ({
    accounts,
    before: [`open ${own} 1`, ...before],
    row,
    marks: mark === null ? [] : [mark],
  });
  return {
    participant: half(`participant X${a}`, 'participantAdded'),
    currency: half(`currency X${a}`, 'currencyAdded'),
    account: half(`account X${a} ${own}`, 'accountOpened', [`participant X${a}`]),
    creditLine: half(`line ${a} ${own} 5`, 'creditLineSet'),
    issue: half(`issue ${a} ${own} 5`, 'issued'),
    redeem: half(`redeem ${a} ${own} 5`, 'redeemed'),
    open: half(`open ${other} 1`, `${other} opened`),
    close: half(`close ${own} 1`, `${own} closed, 0 unsettled`),
    tick: half(`at ${AT_MS}`, null),
    quote: half(`quote ${n} ${a} ${own}/${other} 1 for 10`, `${n} quoted`),
    payment: half(`pay ${n} ${a}>${b} 1 ${own}`, `${n} settled entry`),
    notice: half(`notice ${a}`, 'noticed'),
    keyState: half(`key ${a}`, 'keyChanged'),
    rules: half(`rules ${own} bypassFifo`, `${own} rules set`),
    cycle: half(`cycle ${own}`, 'cycle # nothing queued: 0 settled, 0 left', [
      `rules ${own} gridlockResolution`,
    ]),
    proposal: half(`propose nothing for ${own}`, 'cycle # nothing queued: 0 settled, 0 left', [
      `rules ${own} proposed`,
    ]),
    issuer: half(`issuer ${other} ${a}`, 'issuerSet'),
    collateral: half(`collateral ${a} ${own} 50 haircut 0`, 'collateralSet, capacity 50'),
    cap: half(`cap ${a} ${own} 60`, 'capSet'),
    default: half(`default ${b} ${own}`, `${b} ${own} defaulted, 0 short`),
    pvpLeg: half(`leg ${n} ${a}>${b} 5 ${own} for 5 ${other} key ${n}`, `${n} queued`),
    chainLeg: {
      ...half(`link ${n} ${a}>${b} 5 ${own} as 1/2 of ${n}`, `${n} queued`),
      rules: { chainLegsMax: 2 },
    },
    attestation: {
      ...half(`attest ${n} ${a} records ${n}`, `${n} recorded`),
      rules: { chainLegsMax: 2, conditions: true },
    },
    cancellation: half(`cancel ${n} ${n}w`, `${n}w cancelled cancelledByDebtorAgent`, [waits]),
    reordering: half(`reorder ${n} ${n}w urgent`, `${n} reordered`, [waits]),
    limit: half(`limit ${n} ${a}>${b} ${own} 50`, `${n} limitSet, 0 counted`),
    reservation: half(`reserve ${n} ${a} ${own} urgent 5`, `${n} reservationSet`),
    query: half(`ask ${n} ${a} ${own}`, `${n} queried`),
    valuation: half(`value ${own} 110`, 'valuationSet'),
    crossLimit: half(`across ${a} ${own} short 44 pooled none`, 'crossLimitSet', [
      `value ${own} 1`,
      `value ${other} 1`,
    ]),
    corridorLimit: {
      ...half(`corridor ${a}>${b} ${own} 50`, 'corridorLimitSet, 0 used'),
      rules: { corridorLimitsMax: 4 },
    },
    return: half(`return ${n} ${n}r 1 ${own}`, `${n}r settled entry`, [
      `pay ${n}r ${a}>${b} 1 ${own}`,
    ]),
    reply: half(`reply ${n} ${n}r credited`, `${n} passedOn`, [`pay ${n}r ${a}>${b} 1 ${own}`]),
  } satisfies Record<Kind, RecordHalf>;
}

/** What is told at AT_MS: the events that are marks of either half. */
function told(halves: readonly Half[], rows: readonly string[]): string[] {
  const rules = Object.assign({}, ...halves.map((half) => half.rules ?? {}));
  const accounts = Object.assign({}, ...halves.map((half) => half.accounts));
  const world = createWorld(wasm, rules, { 'Z EUR': 0, ...accounts });
  world.say('open EUR 1');
  for (const row of halves.flatMap(({ before }) => before)) world.say(row);
  assert.deepEqual(world.say(`at ${AT_MS - 1}`), [], 'nothing happens before');
  world.at(AT_MS);
  const marks = new Set(halves.flatMap((half) => half.marks));
  return rows
    .flatMap((row) => world.say(row))
    .map((event) => event.replace(/^cycle \d+/, 'cycle #'))
    .filter((event) => marks.has(event));
}

const FIRST = recordHalves('A', 'B', 'CNY', 'JPY');
const SECOND = recordHalves('K', 'L', 'SEK', 'NOK');
const KINDS = Object.keys(RECORD_KINDS).filter(
  // The last three stand with the records that they are about.
  (kind) => !['genesis', 'proposedSet', 'command', 'chainTerms'].includes(kind),
) as Kind[];

describe('at one instant, what falls due', () => {
  for (const [name, due] of DUE_ROWS)
    for (const kind of KINDS)
      test(`${name} comes before a record: ${kind}`, () => {
        const record = FIRST[kind];
        assert.deepEqual(told([due, record], [record.row]), [...due.marks, ...record.marks]);
      });
  for (const [name, first] of DUE_ROWS)
    for (const [other, second] of DUE_ROWS)
      if (name !== other && other === 'a periodic cycle')
        test(`${name} comes before ${other}`, () => {
          for (const halves of [
            [first, second],
            [second, first],
          ])
            assert.deepEqual(told(halves, [`at ${AT_MS}`]), [...first.marks, ...second.marks]);
        });
      else if (name !== other && name !== 'a periodic cycle')
        test(`${name} comes before ${other} where its message came first`, () => {
          const both = told([first, second], [`at ${AT_MS}`]);
          assert.deepEqual(both, [...first.marks, ...second.marks]);
        });
});

/** Of two kinds each has the first banks once, in the long form: in short each pair has them one way, in both orders. */
const isLong = process.env.CORRIDOR_LONG_TESTS === '1';

describe('at one instant, records happen in the order of the log', () => {
  for (const [place, kind] of KINDS.entries())
    test(`${kind} with every kind, in both orders`, () => {
      assert.equal(KINDS.length, 33);
      for (const other of isLong ? KINDS : KINDS.slice(place)) {
        const [first, second] = [FIRST[kind], SECOND[other]];
        const [one, two] = [first.marks, second.marks];
        const rows = [first.row, second.row];
        assert.deepEqual(told([first, second], rows), [...one, ...two], `${kind}, ${other}`);
        const reversed = told([first, second], rows.reverse());
        assert.deepEqual(reversed, [...two, ...one], `${other}, ${kind}`);
      }
    });
});
