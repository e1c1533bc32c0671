/**
 * Messages that bear the UETR of another bank's payment: refused, each where it belongs; that UETR's
 * status and identity are untouched, and the genuine payment settles.
 */
import assert from 'node:assert/strict';
import { CREDIT_TRANSFER } from '../../services/protocol/messages/message-types.ts';
import { readStatusReport } from '../../services/protocol/messages/status-report.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  deliveriesOf,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { readVerified, writeControl } from '../../services/protocol/records/input-record.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import { core, liveNetwork, POOL, scenario, startNetwork } from '../support/live.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf, withHeaders } from './banks.ts';
import { onEachLog } from './each-log.ts';
import { checkPool, readAll } from './topics-against-replay.ts';
import { signerOf } from './traffic.ts';

const brokers = await sharedBrokers();
const SEED = 61;
const GAMMA = 'GAMMFR00' as Bic;
/** Beyond what ALFA has: it waits. */
const amountMinor = 9_000_000n;
const payment = paymentOf(SEED, 0, { amountMinor });

/**
 * What a forger sends under the UETR: by what it does, the reason.
 * @param own what it signs itself: another payload each time, refused for another reason
 */
function forgeries(own: { amountMinor: bigint; reason: string }): [string, Message][] {
  const genuine = bankAs(scenario, ALFA).pay(payment, CUSTOMERS, Date.now());
  const beta = bankAs(scenario, BETA);
  const inAlfasName = bankAs(scenario, ALFA, { signer: signerOf(scenario, BETA) });
  const debit = { ...payment, instructingAgent: BETA };
  const cheap = { ...payment, amountMinor: 1n };
  return [
    ['signatureInvalid', inAlfasName.pay(payment, CUSTOMERS, Date.now())],
    ['signatureInvalid', inAlfasName.pay(cheap, CUSTOMERS, Date.now())],
    ['signatureInvalid', { ...genuine, value: Buffer.concat([genuine.value, Buffer.from(' ')]) }],
    ['keyUnknown', withHeaders(genuine, { ce_keyid: 'key-9' })],
    ['senderUnknown', withHeaders(genuine, { ce_source: 'NOBODY00' })],
    // Its own signature over a debit of ALFA.
    [own.reason, beta.pay({ ...debit, amountMinor: own.amountMinor }, CUSTOMERS, Date.now())],
    [
      'paymentUnknown',
      bankAs(scenario, GAMMA).cancel(
        {
          id: `C-${own.amountMinor}`,
          sender: GAMMA,
          uetr: payment.uetr,
          paymentType: CREDIT_TRANSFER,
          currency: 'EUR',
        },
        Date.now(),
        amountMinor,
      ),
    ],
  ];
}

onEachLog(brokers, 'a forged message under another bank’s UETR', async (_, { log }) => {
  const live = await startNetwork(log);
  const send = async (...messages: Message[]) => {
    await log.produce(PAYMENTS, messages);
    await live.quiet();
  };
  const before = forgeries({ amountMinor: 1n, reason: 'instructingAgentNotDebtorAgent' });
  await send(...before.map(([, message]) => message));
  await send(bankAs(scenario, ALFA).pay(payment, CUSTOMERS, Date.now()));
  // Under its own identity, which it has used up for this UETR; ALFA's is another.
  const after = forgeries({ amountMinor: 2n, reason: 'duplicateIdentity' });
  await send(...after.map(([, message]) => message));
  const cover = { kind: 'issue' as const, timeMs: Date.now(), bic: ALFA, currency: 'EUR' };
  await log.produce(poolInput(POOL), [
    {
      key: POOL,
      headers: {},
      value: writeControl({ ...cover, amountMinor: String(amountMinor) }),
    },
  ]);
  await live.quiet();
  await live.stop();
  const { events } = await checkPool(log, core.module, liveNetwork.network, POOL);

  const inputs = await readAll(log, poolInput(POOL));
  const senderOf = (position: number) => readVerified(inputs[position]!.value).sender;
  const told = events.filter(({ kind }) =>
    ['queued', 'settled', 'rejected', 'cancelled', 'noticed', 'repeated'].includes(kind),
  );
  const own = told.filter(({ kind, paymentPosition, position }) =>
    kind === 'settled' ? senderOf(paymentPosition) === ALFA : senderOf(position) === ALFA,
  );
  assert.deepEqual(
    own.filter(({ kind }) => kind !== 'noticed').map(({ kind }) => kind),
    ['queued', 'settled'],
    'its own payment alone changes its status',
  );
  const refused = [
    ...told
      .filter(({ kind }) => kind === 'rejected' || kind === 'noticed')
      .map(({ reason }) => reason as string),
    ...(await readAll(log, PAYMENTS_REJECTED)).map(
      ({ value }) => JSON.parse(Buffer.from(value).toString()).reason as string,
    ),
  ];
  assert.deepEqual(refused.sort(), [...before, ...after].map(([reason]) => reason).sort());

  const reports = (await readAll(log, statusesOf(ALFA)))
    .map(({ value }) => readStatusReport(value))
    .filter((report) => report?.uetr === payment.uetr);
  assert.deepEqual(
    reports.map((report) => report?.status),
    ['PDNG', 'ACSC'],
  );
  assert.equal((await readAll(log, deliveriesOf(BETA))).length, 1);
});
