/** The documents of docs/contracts, read by others' parsers, and held against what enforces them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Parser } from '@asyncapi/parser';
import { Validator } from '@seriousme/openapi-schema-validator';
import { bankTopics } from '../../services/contracts/bank-topics.ts';
import { PAYMENT_STATES } from '../../services/gateway/payment-state.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { TRANSACTION_STATUSES } from '../../services/protocol/messages/status-report.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { BLOCKS, COSIGNATURES } from '../../services/protocol/names/topic-plan.ts';
import { banksByIdentity, byName } from '../../services/sandbox/kafka-rights.ts';

const read = (name: string) => readFileSync(join(packageFolder, 'docs/contracts', name), 'utf8');

test('the AsyncAPI document is valid: no error and no warning, examples included', async () => {
  const { document, diagnostics } = await new Parser().parse(read('asyncapi.json'));
  // Tools read 3.0.0 before they read what came later.
  const faults = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version');
  assert.deepEqual(
    faults.map(({ code, message, path }) => `${code} ${path.join('/')}: ${message}`),
    [],
  );
  assert.ok(document);
  assert.equal(document.channels().length, bankTopics().length);
});

test('the OpenAPI document is valid, and every operation has an id, its answers and its security', async () => {
  const document = JSON.parse(read('openapi.json'));
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors, null, 1));
  const operations = Object.values(document.paths).flatMap((one) => Object.values(one as object));
  const ids = new Set(operations.map(({ operationId }) => operationId));
  assert.equal(ids.size, operations.length);
  for (const { operationId, security } of operations)
    for (const requirement of security)
      for (const scheme of Object.keys(requirement))
        assert.ok(document.components.securitySchemes[scheme], `${operationId}: ${scheme}`);
  assert.ok(operations.length >= 8);
});

test('a reader is told to drop repeats by the id: one event may tell two statuses of one type', () => {
  for (const [name, count] of [
    ['asyncapi.json', 20],
    ['openapi.json', 3],
  ] as const) {
    const told = read(name).match(/\b[Dd]rop (the second|what you have)[^".]*/g) ?? [];
    assert.ok(told.length >= count, `${name}: ${told.length}`);
    for (const words of told) {
      assert.match(words, /\b(ce_)?id\b|\bby it$/, `${name}: ${words}`);
      assert.doesNotMatch(words, /\b(ce_)?type\b/, `${name}: ${words}`);
    }
  }
});

test('the topics are those that Kafka lets a bank write and read', () => {
  const BANK = 'BANKDEF0' as Bic;
  const granted = banksByIdentity([BANK], byName).find(({ principal }) => principal === BANK);
  const topics = bankTopics();
  const addresses = (action: 'send' | 'receive') =>
    topics
      .filter((topic) => topic.action === action)
      .map(({ address }) => address.replace('{bic}', BANK))
      .sort();
  /** Signed notes, in formats that are no contract of this network's: docs/evidence.md. */
  const notes = [BLOCKS, COSIGNATURES];
  const ours = (granted: readonly string[] = []) =>
    granted.filter((topic) => !notes.includes(topic)).sort();
  const say = 'give the topic a row in services/contracts/bank-topics.ts';
  assert.deepEqual(addresses('send'), ours(granted?.writes), say);
  assert.deepEqual(addresses('receive'), ours(granted?.reads), say);
});

test('the page of statuses that is shown has what the document asks for', () => {
  const text = readFileSync(join(packageFolder, 'docs/http.md'), 'utf8');
  const [shown = ''] = /^ {4}\{"items": .*?\n(?=\n)/ms.exec(text) ?? [];
  const page = JSON.parse(shown);
  const { schemas } = JSON.parse(read('openapi.json')).components;
  assert.deepEqual(Object.keys(page), schemas.GetBanksBicStatusesAnswer.required);
  const [item] = page.items;
  const { required, properties } = schemas.StatusItem;
  assert.deepEqual(Object.keys(item).sort(), [...required].sort());
  assert.ok(properties.status.enum.includes(item.status));
  assert.equal(page.next, item.position);
  // What stands only at times is named behind it.
  for (const name of ['settledAtMs', 'headers', 'payload', 'signed'])
    assert.ok(text.includes(`\`${name}\``), name);
});

test('the statuses that a bank can be told are those that the documents name', () => {
  const { schemas } = JSON.parse(read('openapi.json')).components;
  const { status } = schemas.StatusItem.properties;
  assert.deepEqual(status.enum, [...TRANSACTION_STATUSES, '']);
  const { state } = schemas.GetPaymentsUetrAnswer.properties;
  assert.deepEqual(
    TRANSACTION_STATUSES.filter((one) => !state.enum.includes(one)),
    ['ACTC'],
  );
  assert.deepEqual(state.enum, PAYMENT_STATES);
  const page = readFileSync(join(packageFolder, 'docs/http.md'), 'utf8');
  const [, listed = ''] = /`state`\s*\(([^)]*)\)/.exec(page) ?? [];
  assert.deepEqual(listed.match(/[A-Z]{4}/g)?.sort(), [...PAYMENT_STATES].sort());
});
