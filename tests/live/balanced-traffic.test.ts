import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { balancedRates, type Holders, holdersOf } from '../../services/sandbox/balanced-traffic.ts';
import { load } from '../support/run.ts';

/** What an account pays less what it is paid, on average, where each sends to the others at random. */
function netFlows(holders: Holders, rates: ReadonlyMap<Bic, number>): number[] {
  const payable = [...holders].filter(([code, { size }]) => code.length === 3 && size > 1);
  const codesOf = (bic: Bic) => payable.filter(([, banks]) => banks.has(bic)).length;
  const paid = (bic: Bic) => (rates.get(bic) ?? 0) / codesOf(bic);
  return payable.flatMap(([, banks]) =>
    [...banks].map((bic) => {
      const others = [...banks].filter((other) => other !== bic);
      return paid(bic) - others.reduce((sum, other) => sum + paid(other) / others.length, 0);
    }),
  );
}

const sumOf = (rates: ReadonlyMap<Bic, number>) => [...rates.values()].reduce((a, b) => a + b, 0);

test('in traffic at random no account of a bank drains', () => {
  const holders = holdersOf(load('four-corridors'));
  const rates = balancedRates(holders, 300);
  assert.equal(rates.size, 14);
  assert.ok(Math.abs(sumOf(rates) - 300) < 1e-9, `${sumOf(rates)}`);
  const flows = netFlows(holders, rates);
  assert.equal(flows.length, 16, 'accounts of banks');
  for (const flow of flows) assert.ok(Math.abs(flow) < 1e-9, `${flows}`);
  // What is held against it can tell: with the same rate for each bank accounts drain.
  const alike = new Map([...rates.keys()].map((bic) => [bic, 300 / 14]));
  assert.ok(netFlows(holders, alike).some((flow) => flow > 5));
});

test('who can pay nobody sends nothing, and what no payment moves does not count', () => {
  const [a, b, c] = ['AAAADE00', 'BBBBDE00', 'CCCCDE00'] as Bic[] as [Bic, Bic, Bic];
  const holders = new Map([
    ['EUR', new Set([a, b])],
    ['USD', new Set([c])],
    ['DE0001102580', new Set([a, c])],
  ]);
  assert.deepEqual(
    [...balancedRates(holders, 10)],
    [
      [a, 5],
      [b, 5],
    ],
  );
  assert.deepEqual([...balancedRates(new Map(), 10)], []);
});
