import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { REPORT_REQUEST } from '../../services/protocol/messages/message-types.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { TestNetwork, today } from '../support/network.ts';
import { load } from '../support/run.ts';
import { StatementReader } from '../support/statement-reader.ts';

/** A bank's accounts over HTTP: how they are, and what is told of them. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, {
  scenario: load('smoke', ['statements.notifications=true']),
});
const [ALFA, BETA] = ['ALFADE00', 'BETASG00'] as [Bic, Bic];
let gateway: Gateway;

before(async () => {
  await network.create();
  gateway = await buildTestGateway({ network: network.scenario.network, log, name: 'accounts' });
});
after(() => gateway.close());

async function post(headers: Record<string, string>, payload: Buffer): Promise<void> {
  const answer = await gateway.app.inject({ method: 'POST', url: '/payments', headers, payload });
  assert.equal(answer.statusCode, 202, answer.body);
  await network.step();
}

async function pay(amountMinor: bigint): Promise<void> {
  const { headers, payload } = network.payment({ uetr: randomUUID(), amountMinor });
  await post(headers, payload);
}

async function get(bic: Bic, url: string) {
  const answer = await gateway.app.inject({ url, headers: network.reading(bic, url) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

interface Account {
  readonly currency: string;
  readonly balance: string;
  readonly available: string;
  readonly waitingDebits: object;
  readonly waitingCredits: object;
}
async function euros(bic: Bic): Promise<Account & { readonly eventNumber: number }> {
  const { status, body } = await get(bic, `/banks/${bic}/accounts`);
  assert.equal(status, 200);
  assert.equal(body.bic, bic);
  const [{ eventNumber, accounts }] = body.pools;
  return { eventNumber, ...accounts.find(({ currency }: Account) => currency === 'EUR') };
}
const minor = (text: string): bigint => BigInt(text.replace('.', ''));
const coreBalance = (bic: Bic): bigint => {
  const { participants, currencies } = network.scenario;
  const participant = participants.findIndex((one) => one.bic === bic);
  const currency = currencies.findIndex(({ code }) => code === 'EUR');
  return network.settlements[0]?.balance(participant, currency) as bigint;
};

test('accounts are as the last event left them: booked, and what waits on both sides', async () => {
  const before = await euros(ALFA);
  await pay(1250n);
  const after = await euros(ALFA);
  assert.equal(minor(before.balance) - minor(after.balance), 1250n);
  assert.equal(minor(after.balance), coreBalance(ALFA));
  assert.ok(after.eventNumber > before.eventNumber);
  assert.deepEqual(after.waitingDebits, { count: 0, amount: '0.00' });
  await pay(9_000_000_000n);
  const waits = { count: 1, amount: '90000000.00' };
  assert.deepEqual((await euros(ALFA)).waitingDebits, waits);
  assert.deepEqual((await euros(BETA)).waitingCredits, waits);
  assert.equal(minor((await euros(ALFA)).balance), coreBalance(ALFA));
});

test('statements have a page and add up to the same balance; a request is answered there', async () => {
  const request = { id: 'Q-7', sender: ALFA, currency: 'EUR', date: null };
  const payload = Buffer.from(writeReportRequest(request, Date.now()));
  await post(
    network.sign(PAYMENTS, REPORT_REQUEST, ALFA, request.id, Date.now(), payload),
    payload,
  );
  const reader = new StatementReader(ALFA);
  let asked = 0;
  let from = '';
  for (;;) {
    const { status, body } = await get(ALFA, `/banks/${ALFA}/statements?limit=2${from}`);
    assert.equal(status, 200);
    if (body.items.length === 0) break;
    for (const { id, type, document } of body.items) {
      reader.take({
        headers: { ce_id: id, ce_type: type },
        value: Buffer.from(JSON.stringify(document)),
      });
      const { OrgnlBizQry } = Object.values(document.Document as object)[0].GrpHdr;
      if (OrgnlBizQry?.MsgId === request.id) asked += 1;
    }
    from = `&from=${body.next}`;
  }
  assert.equal(asked, 1);
  assert.equal(reader.balances.get('EUR'), coreBalance(ALFA));
  assert.equal(minor((await euros(ALFA)).balance), coreBalance(ALFA));
});

test('a statement of a date that is not held is refused with what can be asked for', async () => {
  const request = { id: 'Q-8', sender: ALFA, currency: null, date: today() };
  const payload = Buffer.from(writeReportRequest(request, Date.now()));
  await post(
    network.sign(PAYMENTS, REPORT_REQUEST, ALFA, request.id, Date.now(), payload),
    payload,
  );
  const { body } = await get(ALFA, `/banks/${ALFA}/statuses?limit=1000`);
  const { document } = body.items.at(-1);
  const [handled, ...lines] = document.Document.Rct.RctDtls[0].ReqHdlg;
  assert.equal(handled.StsCd, 'RJCT');
  assert.deepEqual(
    lines.map(({ Desc }: { Desc: string }) => Desc),
    [
      'Path: /Document/AcctRptgReq/RptgReq/0/RptgPrd/FrToDt/FrDt',
      `Value: "${today()}"`,
      'Expected: must be one of the dates held: there is none yet',
    ],
  );
  assert.match(handled.Desc, /NARR No statement of .* is held\. Ask for one of the last 7/);
});

test('nobody reads another bank’s accounts or statements', async () => {
  for (const what of ['accounts', 'statements']) {
    const { status, body } = await get(BETA, `/banks/${ALFA}/${what}`);
    assert.equal(status, 403, what);
    assert.match(body.detail, /BETASG00 may not read/);
  }
});
