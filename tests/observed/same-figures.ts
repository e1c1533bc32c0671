/** A simulated run's own times, observed: what must be the same, and what a mechanism alone knows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Leaf, summaryLeaves } from '../../services/compare/figure-differences.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { listedImport, loadImport, observed, observedCsv } from '../support/observed-import.ts';
import { load, runDirectly } from '../support/run.ts';

interface SameCase {
  readonly scenario: string;
  readonly set?: readonly string[];
  /** Beside ALWAYS: what depends on the mechanism in this scenario. */
  readonly differs?: readonly RegExp[];
  /** Whether money passed an account to and fro in one instant: then used liquidity is the least. */
  readonly isLeast?: boolean;
}

/** Mechanisms, cycles, how the core ended what did not settle, and money by issuer: an observation has no issuers. */
const ALWAYS: readonly RegExp[] = [
  /(^|\.)settledByMechanism\./,
  /^indicators\.(gridlocks|deadlocks|gridlocksLeft)\./,
  /^(cancelled|rejected)(ByReason\.\w+|ValueMinor\.\w+)?$/,
  /^queued(AtClose|ValueMinor\.\w+)$/,
  /^indicators\.currencies\.\w+\.unsettledAtCloses\.[^.]+\.cancelled$/,
  /^(defaults|belowFloor|settledAfterClose|uncapped\.\w+)$/,
  /^supply\./,
];
/** Of payments that a rule ended before the last close: they wait no more in the run that ended them. */
export const ENDED_EARLY: readonly RegExp[] = [
  /^delay\.(settlementDelayIndicator|valueWeightedDelayMs)\.\w+$/,
  /^indicators\.currencies\.\w+\.(queuePeak|unsettledAtCloses)\./,
];
/** Of payments that the core refused, or that netting accepted and queued none of. */
export const REFUSED_OR_NETTED: readonly RegExp[] = [
  ...ENDED_EARLY,
  /^indicators\.currencies\.\w+\.(valid|accounts|timeInQueue|defaultCover)\./,
  /^delay\.settledAfterQueuing$/,
];
const LIQUIDITY = /^liquidity\.\w+\.(usedMinor|usage|turnover)$/;

const leavesOf = (summary: Summary) =>
  new Map<string, Leaf['value']>(
    summaryLeaves(summary, true).map(({ path, value }) => [path, value]),
  );

export function sameFigures(cases: readonly SameCase[]): void {
  for (const { scenario: name, set = [], differs = [], isLeast = false } of cases)
    test(`${name}: its own times observed give the figures that depend on no mechanism`, async () => {
      const files = listedImport(load(name, set));
      const scenario = loadImport(files);
      const simulated = await runDirectly(scenario, { signatures: false });
      const csv = observedCsv(scenario, simulated.rows);
      const run = await observed({ ...files, 'observed.csv': csv });
      const [one, other] = [leavesOf(simulated.summary), leavesOf(run.summary)];
      const allowed = [...ALWAYS, ...differs, ...(isLeast ? [LIQUIDITY] : [])];
      const paths = [...new Set([...one.keys(), ...other.keys()])].filter((path) =>
        allowed.every((pattern) => !pattern.test(path)),
      );
      const different = paths.filter((path) => one.get(path) !== other.get(path));
      assert.deepEqual(
        different.map((path) => [path, one.get(path), other.get(path)]),
        [],
      );
      assert.ok(paths.length > 30, `${paths.length} figures`);
      assert.deepEqual(run.summary.settledByMechanism, { observed: run.summary.settled });
      for (const [currency, { usedMinor }] of Object.entries(run.summary.liquidity))
        assert.ok(
          BigInt(usedMinor) <= BigInt(simulated.summary.liquidity[currency]?.usedMinor ?? 0),
        );
      // No balance was lower at the end of an instant than the core let it be within.
      assert.deepEqual(run.summary.observed, { belowFloor: [], settledAfterClose: 0 });
      // Payment by payment: each with its terms, its submission and its settlement.
      const settled = new Map(simulated.rows.map((row) => [row.uetr, row]));
      assert.equal(run.rows.length, simulated.rows.length);
      for (const row of run.rows) {
        const {
          mechanism,
          status,
          finalAtMs,
          queuedAtMs,
          reason,
          position,
          pairPosition,
          ...terms
        } = row;
        const its = settled.get(row.uetr);
        assert.ok(its, row.uetr);
        for (const [term, value] of Object.entries(terms))
          assert.equal(value, its[term as keyof typeof its], `${row.uetr} ${term}`);
        assert.equal(finalAtMs, its.status === 'settled' ? its.finalAtMs : null);
        assert.equal(status === 'settled', its.status === 'settled');
        assert.equal(pairPosition === null, its.pairPosition === null || its.status === 'rejected');
      }
    });
}
