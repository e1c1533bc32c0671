/** Cases in the live view: what the page is told, and what its decisions do without a key in the browser. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import { CASES, COMMANDS } from '../../services/protocol/names/topic-plan.ts';
import {
  caseId,
  caseMessage,
  type OpenedCase,
  readCaseMessage,
} from '../../services/protocol/records/case-record.ts';
import { commandMessage } from '../../services/protocol/records/command-report.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import type { ViewState } from '../../services/view/told-to-page.ts';
import { startLiveView } from '../../services/view/view-service.ts';
import { foundedLog, POOL, processOver, scenario, until } from '../support/live.ts';
import { load } from '../support/run.ts';
import { followEvents } from '../support/server-sent-events.ts';

const OPENED_MS = Date.parse('2026-03-16T09:00:00Z');
const operator = createSigner(createHash('sha256').update('operator').digest());
const token = randomBytes(32).toString('base64url');

async function shown(operatorOfView: Signer | null = operator, founded = scenario) {
  const log = await foundedLog(OPENED_MS, operator.publicKey, founded);
  const shared = processOver(log);
  const view = await startLiveView(shared.context('view'), {
    ...{ network: networkOf(founded), version: 'test', token, port: 0, files: new Map() },
    ...(operatorOfView && { operator: operatorOfView }),
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const decide = async (id: string, body: object) => {
    const answer = await fetch(`${view.url}/cases/${id}`, {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
    });
    return [answer.status, (await answer.json()) as Record<string, string | null>] as const;
  };
  async function state(): Promise<ViewState> {
    const gone = new AbortController();
    const answer = await fetch(`${view.url}/stream`, { headers, signal: gone.signal });
    let told = '';
    for await (const { data } of followEvents(answer.body)) {
      told = data;
      break;
    }
    gone.abort();
    return JSON.parse(told);
  }
  return {
    ...{ log, decide, state },
    async stop() {
      await view.stop();
      await shared.close();
    },
  };
}

function alert(subject: Record<string, string>): OpenedCase {
  const id = caseId('corridor-outage', subject, OPENED_MS);
  return {
    ...{ kind: 'opened', case: id, rule: 'corridor-outage', title: 'A large bank does not send' },
    ...{ severity: 'critical', summary: `${subject.debtor_agent} sends nothing`, subject },
    atMs: OPENED_MS,
    held: {
      trapped: [{ currency: 'EUR', amountMinor: '1250' }],
      waiting: [{ currency: 'EUR', bic: 'ALFADE00', payments: 3 }],
    },
  };
}

test('the page is told open cases, and decides on them: signed here, written with the cases', async (t) => {
  const view = await shown();
  t.after(view.stop);
  // Of no pool: the first takes what is said of it.
  const bank = alert({ debtor_agent: 'BETASG00', pool: '' });
  // The critical come first, though others are older.
  const other: OpenedCase = { ...alert({ debtor_agent: 'GAMMFR00' }), severity: 'warning' };
  await view.log.produce(CASES, [other, bank].map(caseMessage));
  await until('it is told', async () => (await view.state()).openCases === 2);
  const [first] = (await view.state()).cases;
  const { kind: _, case: id, atMs: openedMs, rule: __, subject: ___, ...told } = bank;
  assert.deepEqual(first, { ...told, id, openedMs, stoppedMs: null, acknowledged: null });
  const acknowledge = { action: 'acknowledge', why: 'I call the bank' };
  const [status, answer] = await view.decide(id, acknowledge);
  assert.deepEqual([status, answer.outcome, answer.reason], [200, 'done', null]);
  assert.equal((await view.decide(id, acknowledge))[1].reason, 'caseAcknowledged');
  assert.equal((await view.state()).cases[0]?.acknowledged?.why, 'I call the bank');
  const close = { action: 'close', why: 'it sends again' };
  assert.equal((await view.decide(id, close))[1].outcome, 'done');
  assert.deepEqual(
    (await view.state()).cases.map((one) => one.id),
    [other.case],
  );
  assert.equal((await view.decide(id, close))[1].reason, 'caseClosed');
  assert.equal((await view.decide('0123456789abcdef', close))[1].reason, 'caseUnknown');
  const words = (await view.log.read(CASES, 0, 2, 10)).map(({ value }) => readCaseMessage(value));
  assert.deepEqual(
    words.map((one) => one?.kind === 'commanded' && [one.pool, one.keyId, JSON.parse(one.payload)]),
    [
      ['acknowledgeCase', id, acknowledge.why],
      ['acknowledgeCase', id, acknowledge.why],
      ['closeCase', id, close.why],
      ['closeCase', id, close.why],
      ['closeCase', '0123456789abcdef', close.why],
    ].map(([kind, of, why]) => [
      ...[POOL, 'genesis', { pool: POOL, command: { kind, case: of, why } }],
    ]),
  );
});

test('a case of the second pool is decided on for that pool, also when it was closed before', async (t) => {
  const founded = load('two-pools');
  const pool = founded.pools[1]?.name as string;
  const view = await shown(operator, founded);
  t.after(view.stop);
  const opened = alert({ debtor_agent: 'BETASG00', pool });
  await view.log.produce(CASES, [caseMessage(opened)]);
  await until('it is told', async () => (await view.state()).openCases === 1);
  const close = { action: 'close', why: 'it sends again' };
  assert.equal((await view.decide(opened.case, close))[1].outcome, 'done');
  assert.equal((await view.decide(opened.case, close))[1].reason, 'caseClosed');
});

test('a case of no pool of the network is decided at the page, in the name of the first', async (t) => {
  const view = await shown();
  t.after(view.stop);
  // As the rule of silent services has a process that is of no pool.
  const nobodys = ['', 'sandbox'].map((pool) => alert({ service: 'sandbox', pool }));
  await view.log.produce(CASES, nobodys.map(caseMessage));
  await until('they are told', async () => (await view.state()).openCases === 2);
  for (const { case: id } of nobodys) {
    const [status, { outcome }] = await view.decide(id, { action: 'close', why: 'it was busy' });
    assert.deepEqual([status, outcome], [200, 'done']);
  }
  assert.deepEqual((await view.state()).cases, []);
  const words = (await view.log.read(CASES, 0, 2, 10)).map(({ value }) => readCaseMessage(value));
  assert.deepEqual(
    words.map((one) => one?.kind === 'commanded' && one.pool),
    [POOL, POOL],
  );
});

test('what makes no sense is refused with the place, and written nowhere', async (t) => {
  const view = await shown();
  t.after(view.stop);
  const { case: id } = alert({ debtor_agent: 'BETASG00' });
  const refused: [string, object, string][] = [
    [id, { action: 'open', why: 'x' }, 'action'],
    [id, { action: 'close' }, 'command'],
    [id, { action: 'close', why: 'two\nlines' }, 'why'],
    [id, { action: 'close', why: 'x'.repeat(501) }, 'why'],
    ['x', { action: 'close', why: 'x' }, 'case'],
  ];
  for (const [of, body, field] of refused) {
    const [status, problem] = await view.decide(of, body);
    assert.deepEqual([status, problem.field], [400, field]);
  }
  assert.equal(await view.log.endOffset(CASES, 0), 0);
});

test('a view without the operator’s key, and one whose key was revoked, say what to do', async (t) => {
  const close = { action: 'close', why: 'x' };
  const { case: id } = alert({ debtor_agent: 'BETASG00' });
  const keyless = await shown(null);
  t.after(keyless.stop);
  const [status, { detail }] = await keyless.decide(id, close);
  assert.deepEqual([status, /corridor operator/.test(detail ?? '')], [404, true]);
  const view = await shown();
  t.after(view.stop);
  const own = { kind: 'operatorKey', operator: 'genesis', keyId: 'genesis' } as const;
  const publicKey = Buffer.from(operator.publicKey).toString('hex');
  const report = commandMessage({
    ...{ pool: POOL, id: 'k', kind: 'operatorKey', outcome: 'done', reason: null, detail: null },
    ...{ position: 1, eventNumber: 1, timeMs: OPENED_MS, waiting: null, payloadDigest: '' },
    key: { ...own, publicKey, state: 'revoked' },
  });
  await view.log.produce(COMMANDS, [report]);
  const [refused, problem] = await view.decide(id, close);
  assert.deepEqual([refused, /was revoked/.test(problem.detail ?? '')], [401, true]);
  assert.equal(await view.log.endOffset(CASES, 0), 0);
});
