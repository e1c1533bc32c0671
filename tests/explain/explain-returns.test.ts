/** What `corridor explain` says of a payment and of its returns, which go by its UETR. */
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

test('a return is told with the payment that it returns, be it settled or waiting', async () => {
  const { alfa, beta, send, record } = world();
  const order = payment(ALFA, BETA, 5_000n);
  await send(alfa.pay(order, customers, NOW));
  const at = record.inputs.length - 1;
  const back = {
    ...{ sender: BETA, receiver: ALFA, uetr: order.uetr, paymentType: 'pacs.008.001.08' as const },
    ...{ originalMessageId: order.messageId, currency: 'EUR', priority: 'normal' as const },
    settlementDate: order.settlementDate,
  };
  await send(beta.giveBack({ ...back, id: 'R-1', amountMinor: 2_000n }, 'AC04', NOW));
  await send(beta.pay(payment(BETA, ALFA, 103_000n), customers, NOW));
  await send(beta.pay(payment(BETA, ALFA, 1n), customers, NOW));
  await send(beta.giveBack({ ...back, id: 'R-2', amountMinor: 3_000n }, 'AC04', NOW));
  await send(beta.giveBack({ ...back, id: 'R-3', amountMinor: 1n }, 'AC04', NOW));
  const inputs: Inputs = {
    name: 'here',
    async read(take) {
      for (const [position, value] of record.inputs.entries()) take('main', position, value);
    },
  };
  const traced = await tracePayments(inputs, wasm, [order.uetr]);
  const all = await explainPayments(inputs, wasm, [...traced.values()]);
  const told = all.map(({ sentences }) => sentences.join(' '));
  assert.equal(told.length, 4);
  assert.match(told[0] as string, /ALFADE00 to BETAFR00, EUR 50\.00.*settled at/);
  const original = `a return of the payment at position ${at}, BETAFR00 to ALFADE00`;
  assert.ok(told[1]?.includes(`${original}, EUR 20.00`), told[1]);
  assert.match(told[1] as string, /settled at/);
  assert.ok(told[2]?.includes(`${original}, EUR 30.00`), told[2]);
  assert.match(told[2] as string, /queued at .* and still waits/);
  assert.ok(told[3]?.includes(original), told[3]);
  assert.match(told[3] as string, /rejected at .*AM02/);
});
