import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createReference } from './reference.ts';
import { type Accounts, createWorld, type Rules } from './words.ts';

/** A day as rows that a payments expert can read: what comes in, and what it causes. The slow reference must tell it alike. */
export interface Case {
  readonly name: string;
  readonly rules?: Rules;
  readonly accounts: Accounts;
  readonly minorUnits?: Readonly<Record<string, number>>;
  /** A record in words and the events that it causes, in words (words.ts). */
  readonly rows: readonly (readonly [string, ...string[]])[];
  /** Balances at the end. */
  readonly after?: Readonly<Record<string, number>>;
}

export const RESOLUTION = { gridlockResolution: true } as const;
/** A pays EUR, B receives USD, D deals. */
export const PVP = { 'A EUR': 100, 'B USD': 0, 'D EUR': 0, 'D USD': 110 } as const;

function toldByReference(records: Uint8Array): Uint8Array {
  const apply = createReference();
  const events: Uint8Array[] = [];
  for (let at = 0; at < records.length; at += RECORD_BYTES)
    events.push(...apply(records.subarray(at, at + RECORD_BYTES)));
  return Buffer.concat(events);
}

export function testCases(wasm: WebAssembly.Module, cases: readonly Case[]): void {
  for (const { name, rules = {}, accounts, minorUnits = {}, rows, after = {} } of cases) {
    test(name, () => {
      const world = createWorld(wasm, rules, accounts, minorUnits);
      const actual = rows.map(([row]) => {
        const told = world.say(row);
        assert.ok(world.settlement.conserved(), row);
        return [row, ...told];
      });
      assert.deepEqual(actual, rows);
      const balances = Object.keys(after).map((account) => {
        const [participant, currency] = account.split(' ') as [string, string];
        return [account, Number(world.balance(participant, currency))];
      });
      assert.deepEqual(Object.fromEntries(balances), after);
      assert.deepEqual(toldByReference(world.records()), world.history());
    });
  }
}
