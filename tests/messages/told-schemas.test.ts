import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { TOLD } from '../../services/contracts/told-messages.ts';
import { inXml } from '../../services/notifier/told-as-xml.ts';
import { BUSINESS_HEADER } from '../../services/protocol/messages/business-header.ts';
import { isUnasked } from '../../services/protocol/messages/system-event.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';
import { NETTED, runWithStatements } from './reconciled-run.ts';
import { documentIn } from './xml-mutants.ts';
import { xsdFault } from './xsd-judge.ts';

/** What the published schemas find wrong with what a bank is told, written as XML; null: nothing. */
function toldFault(message: Message, to: Bic): string | null {
  const { value } = inXml(message, 'test-1', to);
  const xml = Buffer.from(value).toString();
  const [header = ''] = /<AppHdr.*<\/AppHdr>/s.exec(xml) ?? [];
  return (
    xsdFault(BUSINESS_HEADER, header) ??
    xsdFault(message.headers.ce_type as string, documentIn(xml))
  );
}

/** Types of which the fixtures have a schema. */
const published = () =>
  new Set(
    readdirSync(dirname(fixture('data/xsd/pacs.008.001.08.xsd'))).map((file) =>
      file.replace('.xsd', ''),
    ),
  );

test('an example of all that banks are told is taken by the published schemas', {
  skip: needsFixtures,
}, () => {
  const without: string[] = [];
  for (const [type, { example }] of atLeast(7, Object.entries(TOLD))) {
    if (!published().has(type)) {
      without.push(type);
      continue;
    }
    const message = { key: null, value: example(), headers: { ce_type: type, ce_id: 'main-1' } };
    assert.equal(toldFault({ ...message, timestampMs: 0 }, 'BANKDEF0' as Bic), null, type);
  }
  // The published schemas with the tests have not these of the standard's; the others are Corridor's own.
  assert.deepEqual(without.filter((type) => !type.startsWith('corridor.')).sort(), [
    'admi.004.001.02',
    'camt.006.001.08',
    'camt.019.001.07',
  ]);
});

test('what banks are told on random days is taken by the published schemas, each message of it', {
  skip: needsFixtures,
}, async () => {
  const known = published();
  const counts = new Map<string, number>();
  for (const [seed, set, poolNames] of [
    [1, [], undefined],
    // Pools of the longest name that there can be.
    [7, NETTED, (pool: number) => `${'longest-name-of-a-pool-'.padEnd(31, 'x')}${pool}`],
  ] as const) {
    const { messages } = await runWithStatements(seed, set, poolNames);
    const ids = new Set<string>();
    for (const { topic, message } of messages) {
      const [, bic] = /^(?:statuses|statements)\.(.*)$/.exec(topic) ?? [];
      const type = message.headers.ce_type ?? '';
      if (bic !== undefined && type.includes('.00')) {
        const id = `${topic} ${type} ${message.headers.ce_id}`;
        assert.ok(!ids.has(id), `seed ${seed}: ${id} twice`);
        ids.add(id);
        assert.ok((message.headers.ce_id ?? '').length <= 35, `seed ${seed}: ${id}`);
      }
      const count = counts.get(type) ?? 0;
      // Statuses are many and alike.
      if (bic === undefined || !known.has(type) || count >= 150) continue;
      assert.equal(toldFault(message, bic as Bic), null, `seed ${seed}: ${type}`);
      counts.set(type, count + 1);
    }
  }
  assert.deepEqual(
    [...counts.keys()].sort(),
    Object.keys(TOLD)
      .filter((type) => known.has(type))
      .sort(),
    JSON.stringify([...counts]),
  );
});

test('a bank tells what it did not ask for from statuses and answers, in both syntaxes', () => {
  const unasked = ['admi.004.001.02', 'corridor.allegement.1', 'corridor.attestationrequest.1'];
  const found: string[] = [];
  for (const [type, { topic, example }] of atLeast(9, Object.entries(TOLD))) {
    if (topic !== 'statuses') continue;
    const value = example();
    const headers = { ce_type: type, ce_id: 'X-1' };
    const xml = inXml(
      { key: null, value, headers, timestampMs: 0 },
      'sandbox-1',
      'BANKDEF0' as Bic,
    );
    assert.equal(isUnasked(xml.value as Uint8Array), isUnasked(value), type);
    if (isUnasked(value)) found.push(type);
  }
  assert.deepEqual(found.sort(), [...unasked, 'corridor.chainallegement.1'].sort());
});
