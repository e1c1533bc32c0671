/** What lies in the topics after a day has the form that the contract says: keys, headers, payloads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bankTopics } from '../../services/contracts/bank-topics.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENT_PARTITIONS, topicPlan } from '../../services/protocol/names/topic-plan.ts';
import {
  participantMessage,
  readParticipantMessage,
} from '../../services/protocol/records/participant-message.ts';
import { atLeast } from '../support/at-least.ts';
import { load, runScenario } from '../support/run.ts';
import { contractTopic, topicFaults } from '../support/topic-contract.ts';

for (const name of ['smoke', 'linked-gridlock'])
  test(`${name}: every record of every topic of a bank is as the contract says`, async () => {
    const scenario = load(name, ['statements.reportEveryMinutes=60']);
    const log = createMemoryLog({ now: () => 0 });
    await runScenario(scenario, { log: log as never });
    const bics = scenario.participants.map(({ bic }) => bic as Bic);
    const counts = new Map<string, number>();
    for (const topic of topicPlan([], bics, PAYMENT_PARTITIONS).map((plan) => plan.name)) {
      const row = contractTopic(topic);
      if (!row) continue;
      const partitions = topic === 'payments' ? PAYMENT_PARTITIONS : 1;
      for (let partition = 0; partition < partitions; partition++) {
        const end = await log.endOffset(topic, partition);
        for (const record of await log.read(topic, partition, 0, Number(end))) {
          assert.deepEqual(topicFaults(topic, record), [], `${topic} ${record.logOffset}`);
          const type = `${row.name} ${record.headers.ce_type ?? ''}`;
          counts.set(type, (counts.get(type) ?? 0) + 1);
        }
      }
    }
    const seen = new Set([...counts.keys()].map((one) => one.split(' ')[0]));
    // What becomes of quotes is told in live networks alone (tests/messages/quotes-told.test.ts).
    for (const { name: one } of bankTopics())
      if (one !== 'quotes') assert.ok(seen.has(one), `nothing in ${one}`);
    assert.ok((counts.get('statuses pacs.002.001.10') ?? 0) > 50, JSON.stringify([...counts]));
  });

test('a record that is not as the contract says is told with its place', () => {
  const [{ example } = { example: null }] =
    bankTopics().find(({ name }) => name === 'statuses')?.messages ?? [];
  assert.ok(example);
  const record = { key: 'main-1', value: example.payload, headers: example.headers };
  assert.deepEqual(topicFaults('statuses.BANKDEF0', record), []);
  const { ce_pool: _, ...headers } = example.headers;
  const changed = Buffer.from(Buffer.from(example.payload).toString().replace('RJCT', 'LOST'));
  const cases: [Partial<typeof record>, RegExp][] = [
    [{ key: '' }, /key {2}is not/],
    [{ headers }, /headers must have required property 'ce_pool'/],
    [{ value: changed }, /TxSts must be equal to one of the allowed values/],
    [{ headers: { ...headers, ce_type: 'pacs.999.001.01' } }, /has no row in services\/contracts/],
  ];
  for (const [change, expected] of cases)
    assert.match(topicFaults('statuses.BANKDEF0', { ...record, ...change }).join(), expected);
});

test('a key of a participant that is told in XML says so, as the contract has it', () => {
  const [{ example } = { example: null }] =
    bankTopics().find(({ name }) => name === 'participants')?.messages ?? [];
  assert.ok(example);
  const entry = readParticipantMessage(example.payload);
  assert.ok(entry);
  for (const syntax of atLeast(2, ['json', 'xml'] as const)) {
    const { key, value } = participantMessage({ ...entry, syntax });
    assert.match(Buffer.from(value).toString(), new RegExp(`"syntax":"${syntax}"`));
    assert.deepEqual(topicFaults('participants', { key, value, headers: example.headers }), []);
  }
});

test('what the first character of a payload says counts, not its content-type', () => {
  const [{ example } = { example: null }] =
    bankTopics().find(({ name }) => name === 'payments')?.messages ?? [];
  assert.ok(example);
  const headers = { ...example.headers, 'content-type': 'application/xml' };
  const record = { key: example.headers.ce_source ?? '', value: example.payload, headers };
  assert.deepEqual(topicFaults('payments', record), []);
});
