/** Several payments under one UETR: which of them a receipt is of. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { receiptCommand } from '../../services/cli/receipt-command.ts';
import { EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import { secretKeyPem } from '../../services/core/verification/signing.ts';
import { receiptFrom } from '../../services/evidence/receipt.ts';
import { parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import type { PaymentInstruction } from '../../services/protocol/messages/instruction.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS, statusesOf } from '../../services/protocol/names/topic-plan.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { liveNetwork, scenario, until } from '../support/live.ts';
import { createSealedNetwork } from '../support/sealed-network.ts';

const { folder, log, start, startDoor, read, remove } = createSealedNetwork();
let live: Awaited<ReturnType<typeof start>>;
let gateway: Awaited<ReturnType<typeof startDoor>>;

/** Sends it, and resolves when its bank has so many statuses under its UETR. */
async function send(payment: PaymentInstruction, told: number, isOfBanks = false): Promise<void> {
  const from = payment.instructingAgent;
  const customers = isOfBanks ? null : CUSTOMERS;
  await log.produce(PAYMENTS, [bankAs(scenario, from).pay(payment, customers, Date.now())]);
  await until('it is told', async () => {
    const statuses = await log.read(statusesOf(from), 0, 0, 1_000);
    return statuses.filter(({ key }) => key === payment.uetr).length >= told;
  });
}

const asked = (bic: Bic, uetr: string, query = '') =>
  read(gateway.url, bic, `/payments/${uetr}/receipt${query}`);

/** What a bank's receipt is of: its sender, the type of its message and how many minor units. */
async function receiptOf(bic: Bic, uetr: string, query = '') {
  const receipt = receiptFrom(parseTlogProof(await asked(bic, uetr, query)).extra as Uint8Array);
  assert.ok(receipt?.message && receipt.opening.form === 'closed');
  const { ce_source: sender, ce_type: type } = receipt.message.headers;
  const amount = Buffer.from(receipt.opening.shown).readBigInt64LE(EVENT_OFFSETS.amount1);
  return `${sender} ${type?.slice(0, 8)} ${amount}`;
}

const twice = paymentOf(97, 0);
const [both, mutual, refused] = [1, 2, 3].map((index) => paymentOf(97, index)) as [
  PaymentInstruction,
  PaymentInstruction,
  PaymentInstruction,
];
const back = (index: number, fields: Partial<PaymentInstruction>) =>
  paymentOf(97, index, { debtorAgent: BETA, creditorAgent: ALFA, amountMinor: 300n, ...fields });

before(async () => {
  live = await start();
  gateway = await startDoor('receipts');
  await send(twice, 1);
  await send({ ...twice, amountMinor: 200n }, 2);
  await send(both, 1);
  await send({ ...both, amountMinor: 400n }, 2, true);
  await send(mutual, 1);
  await send(back(2, {}), 1);
  await send(refused, 1);
  await send(back(3, { settlementDate: '2001-01-01' }), 1);
  await live.stop();
  live = await start();
});
after(async () => {
  await gateway.stop();
  await live.stop();
  remove();
});

test('the refusal of another payload under its UETR leaves the receipt of a payment as it was', async () => {
  assert.equal(await receiptOf(ALFA, twice.uetr), 'ALFADE00 pacs.008 100');
  assert.equal(await receiptOf(BETA, twice.uetr), 'ALFADE00 pacs.008 100');
});

test('of two types under one UETR the type chooses, and without it both are named', async () => {
  const { uetr } = both;
  for (const bic of [ALFA, BETA]) {
    await assert.rejects(
      asked(bic, uetr),
      /400 .*type.*pacs\.008\.001\.08, pacs\.009\.001\.08: each has this UETR/,
    );
    assert.equal(await receiptOf(bic, uetr, '?type=pacs.008.001.08'), 'ALFADE00 pacs.008 100');
    assert.equal(await receiptOf(bic, uetr, '?type=pacs.009.001.08'), 'ALFADE00 pacs.009 400');
  }
  await assert.rejects(
    asked(ALFA, uetr, '?type=corridor.pvp.1'),
    /404 .*pacs\.008\.001\.08, pacs\.009\.001\.08, which has this UETR/,
  );
  await assert.rejects(asked(ALFA, uetr, '?type=pacs.004.001.09'), /400 /);
});

test('of two banks that pay each other under one UETR each has its own, and the sender chooses', async () => {
  const { uetr } = mutual;
  assert.equal(await receiptOf(ALFA, uetr), 'ALFADE00 pacs.008 100');
  assert.equal(await receiptOf(BETA, uetr), 'BETASG00 pacs.008 300');
  for (const bic of [ALFA, BETA]) {
    assert.equal(await receiptOf(bic, uetr, '?sender=ALFADE00'), 'ALFADE00 pacs.008 100');
    assert.equal(await receiptOf(bic, uetr, '?sender=BETASG00'), 'BETASG00 pacs.008 300');
  }
});

test('a refused payment of its own does not hide from a bank the one that it received', async () => {
  const { uetr } = refused;
  assert.equal(await receiptOf(BETA, uetr), 'BETASG00 pacs.008 300');
  assert.equal(await receiptOf(BETA, uetr, '?sender=ALFADE00'), 'ALFADE00 pacs.008 100');
  assert.equal(await receiptOf(BETA, uetr, '?sender=BETASG00'), 'BETASG00 pacs.008 300');
  // What another bank was refused is nothing to the bank that it was to go to.
  assert.equal(await receiptOf(ALFA, uetr), 'ALFADE00 pacs.008 100');
  await assert.rejects(asked(ALFA, uetr, '?sender=BETASG00'), /404 /);
});

test('a bank has receipts of its own payments without a search in its deliveries', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => receiptOf(ALFA, twice.uetr)));
  assert.deepEqual(all, Array(4).fill('ALFADE00 pacs.008 100'));
});

test('a payment in another pool is not the one that is asked for', async () => {
  assert.equal(await receiptOf(ALFA, twice.uetr, '?pool=main'), 'ALFADE00 pacs.008 100');
  await assert.rejects(asked(ALFA, twice.uetr, '?pool=other'), /404 .*one of main/);
});

test('the command asks for the one that its options choose', async () => {
  const key = join(folder, 'alfa.pem');
  writeFileSync(key, secretKeyPem(simulatedSecretKey(scenario.seed, ALFA)));
  const file = join(folder, 'chosen.tlog-proof');
  const command = (...options: string[]) =>
    receiptCommand().parseAsync(
      [
        ...[both.uetr, '--url', gateway.url, '--bic', ALFA, '--network', liveNetwork.network],
        ...['--key', key, '--out', file, ...options],
      ],
      { from: 'user' },
    );
  await assert.rejects(command('--sender', ALFA), /400 .*type.*: each has this UETR/);
  const chosen = ['--sender', ALFA, '--pool', 'main', '--type', 'pacs.009.001.08'];
  await command(...chosen);
  const { extra } = parseTlogProof(readFileSync(file, 'utf8'));
  const receipt = receiptFrom(extra as Uint8Array);
  assert.equal(receipt?.message?.headers.ce_type, 'pacs.009.001.08');
  await assert.rejects(
    receiptCommand().parseAsync([both.uetr, '--run', folder, '--pool', 'main'], { from: 'user' }),
    /--pool: expected with --url alone/,
  );
});
