/** That certificates take time in proportion to the queues: counted reads, since no time is asserted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCertificate } from '../../services/analysis/certificates/check/gridlock-check.ts';
import { certifyRun } from '../../services/analysis/certificates/gridlock-certificate.ts';
import type { QueueState } from '../../services/core/settlement/queue-state.ts';
import { seeded } from '../settlement/random-draft.ts';
import { NAMES, PLACE } from './certificate-samples.ts';

/** As many payments a bank, most behind others; each pays one that was before it, so nothing can settle. */
const QUEUED_EACH = 10;
const LIMITS_EACH = 4;

function deadlock(banks: number): QueueState {
  const pick = seeded(7);
  const all = Array.from({ length: banks }, (_, bank) => bank);
  const payers = all.slice(LIMITS_EACH);
  return {
    ...{ mechanisms: ['gridlockResolution'], bypasses: [false], offsets: [false] },
    ...{ valuations: [{ weight: 1n, haircutBps: 0n }], crossLimits: [] },
    accounts: all.map((participant) => ({
      ...{ participant, currency: 0, balance: 0n, creditLine: 0n, reserved: [0n, 0n] as const },
    })),
    limits: payers.flatMap((participant) =>
      all.slice(0, LIMITS_EACH).map((counterparty) => ({
        ...{ participant, currency: 0, counterparty, limit: BigInt(pick(50)), position: 0n },
      })),
    ),
    payments: Array.from({ length: banks * QUEUED_EACH }, (_, at) => {
      const debtor = payers[at % payers.length] as number;
      const creditor = pick(debtor);
      return {
        ...{ position: at + 1, id: String(at).padStart(32, '0'), priority: at % 3 },
        legs: [{ currency: 0, debtor, creditor, amount: BigInt(1 + pick(90)) }],
      };
    }),
  };
}

/** The same objects, whose reads are counted. */
function watched<T extends object>(items: readonly T[], count: () => void): T[] {
  const get = (item: T, key: string | symbol): unknown => {
    count();
    return Reflect.get(item, key);
  };
  return items.map((item) => new Proxy(item, { get }));
}

function reads(banks: number): { certify: number; check: number } {
  const seen = { certify: 0, check: 0 };
  const watch = <T extends Pick<QueueState, never>>(tables: T, phase: keyof typeof seen): T => {
    const count = (): void => {
      seen[phase] += 1;
    };
    const { accounts, limits, payments } = tables as unknown as Record<string, object[]>;
    const counted = { accounts, limits, payments };
    const proxies = Object.entries(counted).map(([name, items]) => [
      name,
      watched(items as object[], count),
    ]);
    return { ...tables, ...Object.fromEntries(proxies) };
  };
  const run = { cycle: 1, outcome: 'deadlock' as const, currency: null, settled: [] };
  const state = watch(deadlock(banks), 'certify');
  const certificate = certifyRun(state, { ...run, mechanism: 'gridlockResolution' }, PLACE, NAMES);
  assert.ok(certificate.heldUp.length >= banks - LIMITS_EACH);
  assert.ok(certificate.heldUp.some((h) => h.shortages.some((s) => s.by === 'bilateralLimit')));
  assert.deepEqual(checkCertificate(watch(certificate, 'check')), []);
  return seen;
}

test('twice the banks, queues and limits take twice the reads, to certify and to check', () => {
  const [small, large] = [reads(40), reads(160)];
  for (const phase of ['certify', 'check'] as const) {
    const ratio = large[phase] / small[phase];
    assert.ok(small[phase] > 1000 && ratio < 5, `${phase}: ${small[phase]}, then ${large[phase]}`);
  }
});
