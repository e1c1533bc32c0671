import assert from 'node:assert/strict';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import type { PoolStep } from '../../services/simulator/clear-and-notify.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { runScenario } from '../support/run.ts';
import { StatementReader } from '../support/statement-reader.ts';

const ASKED = [
  'statements.reportEveryMinutes=45',
  'statements.reportTimes=["12:10"]',
  'batchSize=24',
];
/** Nets, defaults and shares of losses. */
export const NETTED = ['settlement.mechanism=dns', 'settlement.onDefault=share-loss'];
/** More entries on an account than a page has. */
export const MANY = ['traffic.0.paymentsPerDate=1400'];

/** A random scenario through the whole path, and all that its notifiers wrote. */
export const runWithStatements = (
  seed: number,
  set: readonly string[] = [],
  poolNames?: (pool: number) => string,
) => runRandom(seed, [...ASKED, ...set], poolNames);

/** The same as it is drawn, but for the names of pools, where others are given. */
export async function runRandom(
  seed: number,
  set: readonly string[],
  poolNames?: (pool: number) => string,
) {
  const drawn = randomScenario(seed, { set });
  const pools = drawn.pools.map((pool, at) => ({ ...pool, name: poolNames?.(at) ?? pool.name }));
  const scenario = { ...drawn, pools };
  const messages: AddressedMessage[] = [];
  const steps: PoolStep[] = [];
  const { simulation } = await runScenario(scenario, {
    signatures: false,
    onSlice: (slice) => {
      for (const step of slice.steps) messages.push(...step.messages);
      // Of the first pool.
      steps.push(slice.steps[0] as PoolStep);
    },
  });
  return { scenario, simulation, messages, steps };
}

/**
 * Each bank's messages by themselves: openings, entries and closings follow from each other, what it comes to
 * is the core's balance, and over all banks what was issued less what was redeemed. Returns the kinds of entries.
 */
export async function checkStatements(
  seed: number,
  set: readonly string[] = [],
): Promise<Set<string>> {
  const { scenario, simulation, messages } = await runWithStatements(seed, set);
  const { participants, currencies, pools } = scenario;
  const met = new Set<string>();
  const readers = new Map<string, StatementReader>();
  for (const [handle, { bic, accounts }] of participants.entries()) {
    for (const [pool, { name, currencies: own }] of pools.entries()) {
      const reader = new StatementReader(bic);
      for (const { topic, message } of messages)
        if (topic === `statements.${bic}` && message.headers.ce_pool === name) reader.take(message);
      for (const type of reader.types.keys()) met.add(type);
      if (reader.pages > reader.statements) met.add('pages');
      readers.set(`${bic} ${name}`, reader);
      assert.equal(reader.repeats, 0);
      const settlement = simulation.settlements[pool];
      for (const [number, currency] of own.entries()) {
        const code = currencies[currency]?.code as string;
        const has = reader.balances.get(code) ?? 0n;
        assert.equal(has, settlement?.balance(handle, number), `seed ${seed}: ${bic} ${code}`);
        for (const { BkTxCd } of reader.entries(code)) met.add(BkTxCd.Prtry.Cd);
      }
      const held = accounts.filter(({ currency }) => own.includes(currency)).length;
      assert.ok(reader.statements >= held, `seed ${seed}: each account of ${bic} has closed`);
    }
  }
  for (const { name, currencies: own } of pools)
    for (const currency of own) {
      const code = currencies[currency]?.code as string;
      const sum = (of: (reader: StatementReader) => bigint): bigint =>
        participants.reduce(
          (total, { bic }) => total + of(readers.get(`${bic} ${name}`) as StatementReader),
          0n,
        );
      const issued = sum((r) => r.sumOf(code, 'ISSUE') + r.sumOf(code, 'REDEMPTION'));
      assert.equal(
        sum((r) => r.balances.get(code) ?? 0n),
        issued,
        `seed ${seed}: ${code}`,
      );
    }
  return met;
}
