/** What banks are told of a corridor's limit that their payment would pass, and what `corridor explain` says of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { explainPayments } from '../../services/explain/explain-payment.ts';
import { tracePayments } from '../../services/explain/payment-trace.ts';
import type { Inputs } from '../../services/replay/recorded-inputs.ts';
import { ALFA, BETA, customers, NOW, payment, world } from '../support/message-path.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const LIMITS = { participants: 4, currencies: 4, livePayments: 100, identities: 100, quotes: 4 };

test('beyond a limit of its corridor a payment is refused, and its bank is told why; the other way it is not', async () => {
  const limits = { ...LIMITS, limits: 8, corridorLimits: 1 };
  const { alfa, beta, send, record } = world({ limits }, [
    {
      kind: 'corridorLimit',
      timeMs: NOW,
      currency: 'EUR',
      from: 'DE',
      to: 'FR',
      limitMinor: '6000',
    },
  ]);
  assert.deepEqual((await send(alfa.pay(payment(ALFA, BETA, 6_000n), customers, NOW))).kinds, [
    'settled',
  ]);
  const beyond = payment(ALFA, BETA, 1n);
  const { kinds, statuses } = await send(alfa.pay(beyond, customers, NOW));
  assert.deepEqual(kinds, ['rejected corridorLimitReached']);
  assert.equal(statuses.length, 1);
  const told = JSON.stringify(statuses[0]);
  assert.match(
    told,
    /"TxSts":"RJCT".*"Cd":"AM13".*Beyond this date’s limit to the creditor agent’s country/,
  );
  assert.deepEqual((await send(beta.pay(payment(BETA, ALFA, 7_000n), customers, NOW))).kinds, [
    'settled',
  ]);
  const inputs: Inputs = {
    name: 'here',
    async read(take) {
      for (const [position, value] of record.inputs.entries()) take('main', position, value);
    },
  };
  const traced = await tracePayments(inputs, wasm, [beyond.uetr]);
  const [explained] = await explainPayments(inputs, wasm, [...traced.values()]);
  assert.match(
    explained?.sentences.join(' ') ?? '',
    /rejected at .*, because beyond this date’s limit to the creditor agent’s country \(AM13\)/,
  );
});
