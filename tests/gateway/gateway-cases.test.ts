/** Cases of alerts at the gateway: what an operator reads, commands, and is told of it by the command's id. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CaseDesk } from '../../services/gateway/case-desk.ts';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { CaseBook } from '../../services/live/case-book.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { OPERATOR_KEY_ID } from '../../services/protocol/messages/operator-command.ts';
import { CASES, poolInput } from '../../services/protocol/names/topic-plan.ts';
import {
  type CaseRecord,
  caseId,
  caseMessage,
  type OpenedCase,
} from '../../services/protocol/records/case-record.ts';
import { atLeast } from '../support/at-least.ts';
import {
  createOperatedNetwork,
  type GivenCommand,
  namedSigner,
} from '../support/operator-gateway.ts';

const { log, network, build, ...operated } = createOperatedNetwork();
let gateway: Gateway;
before(async () => {
  await network.create();
  gateway = await build();
});
after(() => gateway.close());

const give = (
  command: object,
  { into = gateway, ...given }: GivenCommand & { readonly into?: Gateway } = {},
) => operated.give(into, command, given);
const ask = (url: string, from = gateway) => operated.ask(from, url);

const OPENED_MS = Date.parse('2026-03-16T09:00:00Z');
const write = (...records: CaseRecord[]) => log.produce(CASES, records.map(caseMessage));
function alert(subject: Record<string, string>, more: Partial<OpenedCase> = {}): OpenedCase {
  const id = caseId('corridor-outage', subject, OPENED_MS);
  return {
    ...{ kind: 'opened', case: id, rule: 'corridor-outage', title: 'A large bank does not send' },
    ...{ severity: 'critical', summary: 'BETADE00 sends nothing', subject, atMs: OPENED_MS },
    ...more,
  };
}

/** What became of a command that was taken. */
async function outcome(command: object) {
  const taken = await give(command);
  assert.equal(taken.statusCode, 202, taken.body);
  const answer = await ask(`${taken.json().outcome}&wait=1`);
  assert.equal(answer.statusCode, 200, answer.body);
  const { outcome: became, reason, detail, kind, eventNumber, payloadDigest } = answer.json();
  assert.equal(payloadDigest, taken.json().payloadDigest);
  assert.deepEqual([kind, eventNumber], [(command as { kind: string }).kind, 0]);
  assert.equal(detail === null, reason === null);
  return [became, reason];
}
const open = async () => (await ask('/operator/cases')).json().cases;

test('an operator reads open cases, acknowledges one and closes it, and is told what became of each word', async () => {
  const held = {
    trapped: [{ currency: 'EUR', amountMinor: '1250' }],
    waiting: [{ currency: 'EUR', bic: 'ALFADE00', payments: 3 }],
  };
  const bank = alert({ debtor_agent: 'BETADE00' }, { held });
  await write(bank);
  const { kind: _, atMs: openedMs, ...told } = bank;
  assert.deepEqual(await open(), [{ ...told, openedMs, stoppedMs: null, acknowledged: null }]);
  const acknowledge = { kind: 'acknowledgeCase', case: bank.case, why: 'I call the bank' };
  const close = { kind: 'closeCase', case: bank.case, why: 'it sends again' };
  const input = await log.endOffset(poolInput('main'), 0);
  assert.deepEqual(await outcome({ ...close, case: '0123456789abcdef' }), [
    ...['refused', 'caseUnknown'],
  ]);
  assert.deepEqual(await outcome(acknowledge), ['done', null]);
  assert.deepEqual(await outcome(acknowledge), ['refused', 'caseAcknowledged']);
  const [{ acknowledged }] = await open();
  assert.deepEqual(
    { ...acknowledged, atMs: 0 },
    { atMs: 0, by: OPERATOR_KEY_ID, why: 'I call the bank' },
  );
  await write({ kind: 'stopped', case: bank.case, atMs: OPENED_MS + 60_000 });
  assert.deepEqual((await open())[0].stoppedMs, OPENED_MS + 60_000);
  assert.deepEqual(await outcome(close), ['done', null]);
  assert.deepEqual(await outcome(close), ['refused', 'caseClosed']);
  assert.deepEqual(await outcome(acknowledge), ['refused', 'caseClosed']);
  assert.deepEqual(await open(), []);
  assert.equal(await log.endOffset(poolInput('main'), 0), input, 'settlement is told nothing');
});

test('a case of no pool of the network is everybody’s, and one of another pool is its operator’s', async () => {
  // As the rule of silent services has a process that is of no pool.
  const nobodys = ['', 'sandbox'].map((pool) => alert({ service: 'sandbox', pool }));
  await write(...nobodys);
  const ids = nobodys.map(({ case: id }) => id);
  assert.deepEqual(
    (await open()).map((one: { case: string }) => one.case),
    ids,
  );
  for (const id of ids)
    assert.deepEqual(await outcome({ kind: 'closeCase', case: id, why: 'the machine was busy' }), [
      ...['done', null],
    ]);
  const two = createMemoryLog({ now: Date.now });
  await two.createTopics([{ name: CASES, partitions: 1, timestamps: 'create' }]);
  const all = [...nobodys, alert({ pool: 'main' }), alert({ pool: 'other' })];
  await two.produce(CASES, all.map(caseMessage));
  const desk = new CaseDesk(two, ['main', 'other']);
  const pools = (await desk.open(['main'])).map(({ subject }) => subject.pool);
  assert.deepEqual(pools, ['', 'sandbox', 'main']);
  const book = new CaseBook(['main', 'other']);
  const others = alert({ pool: 'other' });
  book.found(others, 0);
  const reasonOf = (pool: string) =>
    book.commanded(
      {
        kind: 'commanded',
        pool,
        id: pool,
        keyId: 'k',
        payload: '',
        signature: '',
        atMs: 1,
      } as never,
      {
        command: { kind: 'closeCase', case: others.case, why: 'known' },
        payloadDigest: '',
      },
      1,
    )?.command?.reason;
  assert.deepEqual(['main', 'other'].map(reasonOf), ['caseOfAnotherPool', null]);
});

test('a command about a case takes effect once, through whichever gateways', async () => {
  const bank = alert({ debtor_agent: 'GAMMFR00' });
  await write(bank);
  const id = randomUUID();
  const close = { kind: 'closeCase', case: bank.case, why: 'known' };
  const first = await give(close, { id });
  assert.equal(first.statusCode, 202, first.body);
  const end = await log.endOffset(CASES, 0);
  const other = await build();
  for (const into of [gateway, other])
    assert.equal((await give(close, { id, into })).body, first.body);
  assert.equal(await log.endOffset(CASES, 0), end, 'it is not logged again');
  for (const into of [gateway, other])
    assert.equal((await give({ ...close, why: 'another' }, { id, into })).statusCode, 409);
  assert.equal((await ask(first.json().outcome, other)).json().outcome, 'done');
  await other.close();
});

test('what is not signed by the operator, or makes no sense, is refused with the place', async () => {
  const bank = alert({ debtor_agent: 'ALFADE00' });
  await write(bank);
  const end = await log.endOffset(CASES, 0);
  const close = { kind: 'closeCase', case: bank.case, why: 'known' };
  for (const signer of [namedSigner('stranger'), network.signer('ALFADE00')])
    assert.equal((await give(close, { signer })).statusCode, 401);
  const cases: [object, string][] = [
    [{ ...close, case: 'x' }, 'command/case'],
    [{ ...close, why: '' }, 'command/why'],
    [{ ...close, why: ' known' }, 'command/why'],
    [{ ...close, why: 'two\nlines' }, 'command/why'],
    [{ ...close, why: 'turned \u202e round' }, 'command/why'],
    [{ ...close, why: 'x'.repeat(501) }, 'command/why'],
    [{ kind: 'closeCase', case: bank.case }, 'command'],
    [{ ...close, by: 'me' }, 'command/by'],
    [{ ...close, kind: 'openCase' }, 'command/kind'],
  ];
  for (const [command, field] of atLeast(9, cases)) {
    const answer = await give(command);
    assert.deepEqual([answer.statusCode, answer.json().field], [400, field], answer.body);
  }
  assert.match((await give({ ...close, case: 'x' })).body, /expected 16 hexadecimal digits/);
  const approves = { id: 'x', digest: '0'.repeat(64) };
  const approved = await give(close, { more: { approves } });
  assert.deepEqual([approved.statusCode, approved.json().field], [400, 'approves']);
  assert.equal(await log.endOffset(CASES, 0), end);
  assert.deepEqual(await outcome({ ...close, why: 'x'.repeat(500) }), ['done', null]);
});
