import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { createBank } from '../../services/bank/bank.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { QUEUE_QUERY, REPORT_REQUEST } from '../../services/protocol/messages/message-types.ts';
import { writeQueueQuery } from '../../services/protocol/messages/queue-query.ts';
import { QUEUE_REPORT } from '../../services/protocol/messages/queue-report.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import { ACCOUNT_REPORT } from '../../services/protocol/messages/statement.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork, today } from '../support/network.ts';
import { load } from '../support/run.ts';

/** What a bank is told of its account while money of it is set aside for a chain that waits for its condition. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  ...{
    scenario: load('smoke', ['statements.notifications=true']),
    chainLegsMax: 16,
    conditions: true,
  },
});
const [ALFA, BETA, GAMMA] = ['ALFADE00', 'BETASG00', 'GAMMFR00'] as [Bic, Bic, Bic];
const open = '23:59:59-12:00';
/** Alfa has EUR 40,000.00 and a line of 10,000.00. */
const SET_ASIDE = 3_000_000n;
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'earmarked' });
});
after(() => gateway.close());

const bank = (bic: Bic) =>
  createBank({
    ...{ bic, keyId: 'key-1', network: network.scenario.network, decimals: () => 2 },
    ...{ keepsSent: true, sign: (text: Uint8Array) => network.signer(bic).sign(text) },
  });
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await network.step();
}
async function get(bic: Bic, url: string) {
  const answer = await gateway.app.inject({ url, headers: network.reading(bic, url) });
  assert.equal(answer.statusCode, 200, answer.body);
  return JSON.parse(answer.body);
}
async function ask(type: string, id: string, document: Uint8Array): Promise<void> {
  const payload = Buffer.from(document);
  const headers = network.sign(PAYMENTS, type, ALFA, id, Date.now(), payload);
  const answer = await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  assert.equal(answer.statusCode, 202, answer.body);
  await settle();
}

/** By HTTP and by a camt.052: what of the account is there, set aside, and free. */
async function euros() {
  const { pools } = await get(ALFA, `/banks/${ALFA}/accounts`);
  const account = pools[0].accounts.find(
    ({ currency }: { currency: string }) => currency === 'EUR',
  );
  const id = `Q-${randomUUID().slice(0, 8)}`;
  const request = { id, sender: ALFA, currency: 'EUR', date: null };
  await ask(REPORT_REQUEST, id, writeReportRequest(request, Date.now()));
  const { items } = await get(ALFA, `/banks/${ALFA}/statements?limit=1000`);
  const { document } = items.findLast(({ type }: { type: string }) => type === ACCOUNT_REPORT);
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read at any place.
  const balances = document.Document.BkToCstmrAcctRpt.Rpt[0].Bal.map((one: any) => [
    one.Tp.CdOrPrtry.Cd,
    `${one.CdtDbtInd === 'DBIT' ? '-' : ''}${one.Amt.Amt}`,
  ]);
  return { account, report: Object.fromEntries(balances) };
}

/** Reasons to wait by message: of the queue over HTTP, which a camt.006 tells alike. */
async function reasons(): Promise<Record<string, string>> {
  const { pools } = await get(ALFA, `/banks/${ALFA}/queue`);
  const id = `Q-${randomUUID().slice(0, 8)}`;
  await ask(QUEUE_QUERY, id, writeQueueQuery({ id, currency: null }, Date.now()));
  const { items } = await get(ALFA, `/banks/${ALFA}/statuses?limit=1000`);
  const { document } = items.findLast(({ type }: { type: string }) => type === QUEUE_REPORT);
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read at any place.
  const told = document.Document.RtrTx.RptOrErr.BizRpt.TxRpt.map((one: any) => [
    one.PmtId.LngBizId.UETR,
    one.TxOrErr.Tx.Pmt.Sts[0].Rsn[0].Prtry,
    one.TxOrErr.Tx.AcctNtry?.Ntry.AddtlNtryInf?.find(isAwaited),
  ]);
  // biome-ignore lint/suspicious/noExplicitAny: an answer is read at any place.
  const waiting = pools[0].waiting.map((one: any) => [
    ...[one.id, one.reason.code, one.information.find(isAwaited)],
  ]);
  assert.deepEqual(waiting, told, 'both doors say the same');
  return Object.fromEntries(waiting.map(([id, ...why]: string[]) => [id, why.join(' ').trim()]));
}
const isAwaited = (line: string) => /^Waits for [A-Z0-9]{8}/.test(line);

test('what is set aside is not available, waits as a debit, and a payment that needs it is told that it is short', async () => {
  const before = await euros();
  assert.deepEqual([before.account.available, before.account.earmarked], ['50000.00', '0.00']);
  const chain = randomUUID() as Uetr;
  const terms = {
    ...{ messageId: 'H-1', chainId: 'CARGO', instructingAgent: ALFA, legNumber: 1, uetr: chain },
    legs: [{ debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: SET_ASIDE }],
    ...{ settlementDate: today(), priority: 'normal' as const },
    condition: {
      groups: [{ threshold: 1, attestors: [GAMMA] }],
      ...{ threshold: 1, deadline: open, onSilence: 'release' as const },
    },
    earmark: { when: 'acceptance' as const, expiry: open, onExpiry: 'release' as const },
  };
  const instructed = bank(ALFA).chainLeg(terms, Date.now());
  await log.produce(PAYMENTS, [instructed]);
  await settle();
  const { account, report } = await euros();
  assert.equal(account.balance, '40000.00', 'it is still there');
  assert.deepEqual([account.earmarked, account.available], ['30000.00', '20000.00']);
  assert.deepEqual(account.waitingDebits, { count: 1, amount: '30000.00' });
  assert.deepEqual(report.ITBD, '40000.00');
  assert.deepEqual([report.ITAV, report.XPCD], ['20000.00', '10000.00']);
  const { pools } = await get(BETA, `/banks/${BETA}/accounts`);
  assert.deepEqual(pools[0].accounts[0].waitingCredits, { count: 1, amount: '30000.00' });

  const uetr = randomUUID() as Uetr;
  const { headers, payload } = network.payment({ uetr, amountMinor: 2_500_000n });
  await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  await settle();
  assert.deepEqual(await reasons(), {
    [uetr]: 'AM04',
    [chain]: `CONDITION Waits for ${GAMMA}`,
  });
  const { statuses } = await get(ALFA, `/payments/${uetr}`);
  const [{ StsRsnInf }] = statuses[0].document.Document.FIToFIPmtStsRpt.TxInfAndSts;
  assert.equal(StsRsnInf[0].Rsn.Cd, 'AM04');
  assert.equal(StsRsnInf[0].AddtlInf.at(-1), 'Short by EUR 5000.00');

  const request = (await get(GAMMA, `/banks/${GAMMA}/statuses`)).items.at(-1).document.AttstnReq;
  const attestation = bank(GAMMA).attestation(
    {
      ...{ id: 'T-1', verdict: 'accepted', recordKind: null, currency: 'EUR', sender: GAMMA },
      digest: Buffer.from(request.TermsDgst, 'hex'),
      chain: { settlementDate: today(), legCount: 1, validUntilMs: null, reason: null },
    },
    Date.now(),
  );
  await log.produce(PAYMENTS, [attestation]);
  await settle();
  const settled = await euros();
  assert.deepEqual([settled.account.earmarked, settled.account.balance], ['0.00', '10000.00']);
  assert.equal(settled.account.available, '20000.00');
  assert.deepEqual(settled.account.waitingDebits, { count: 1, amount: '25000.00' });
});

test('both legs of a pair that waits for money are waiting debits of their banks', async () => {
  const leg = (from: Bic, to: Bic, deliver: [string, bigint], receive: [string, bigint]) =>
    bank(from).leg(
      {
        ...{ messageId: `L-${from}`, uetr: randomUUID() as Uetr, endToEndId: 'TRADE' },
        ...{ instructingAgent: from, counterparty: to, settlementDate: today() },
        ...{ delivers: deliver[0], deliversMinor: deliver[1] },
        ...{ receives: receive[0], receivesMinor: receive[1], priority: 'normal' },
      },
      Date.now(),
    );
  const legs = [
    leg(GAMMA, BETA, ['SGD', 9_000_000_000n], ['EUR', 100n]),
    leg(BETA, GAMMA, ['EUR', 100n], ['SGD', 9_000_000_000n]),
  ];
  for (const one of legs) {
    await log.produce(PAYMENTS, [one]);
    await settle();
  }
  for (const [bic, currency] of [
    [GAMMA, 'SGD'],
    [BETA, 'EUR'],
  ] as const) {
    const { pools } = await get(bic, `/banks/${bic}/accounts`);
    const account = pools[0].accounts.find(
      (one: { currency: string }) => one.currency === currency,
    );
    assert.equal(account.waitingDebits.count, 1, bic);
  }
});
