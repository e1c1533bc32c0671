import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { type Accounts, createWorld, type Rules } from './case-language.ts';
import { createReference } from './reference.ts';

/** A day as rows that a payments expert can read: what comes in, and what it causes. The slow reference must tell it alike. */
export interface Case {
  readonly name: string;
  readonly rules?: Rules;
  readonly accounts: Accounts;
  readonly minorUnits?: Readonly<Record<string, number>>;
  /** A record in words and the events that it causes, in words (case-language.ts). */
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

/** @param founded bytes of the records before the first row */
function toldWithRestarts(
  wasm: WebAssembly.Module,
  records: Uint8Array,
  founded: number,
): Uint8Array {
  let core = createSettlement(wasm);
  const events: Uint8Array[] = [];
  for (let at = 0; at < records.length; at += RECORD_BYTES) {
    if (at >= founded) core = createSettlement(wasm, undefined, core.capture());
    events.push(core.apply(records.subarray(at, at + RECORD_BYTES), 1));
  }
  return Buffer.concat(events);
}

/** @param restarts whether the same is played on a core that is captured, and another goes on, before each record */
export function testCases(
  wasm: WebAssembly.Module,
  cases: readonly Case[],
  { restarts = false } = {},
): void {
  for (const { name, rules = {}, accounts, minorUnits = {}, rows, after = {} } of cases) {
    test(name, () => {
      const world = createWorld(wasm, rules, accounts, minorUnits);
      const founded = world.records().length;
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
      if (restarts)
        assert.deepEqual(toldWithRestarts(wasm, world.records(), founded), world.history());
    });
  }
}
