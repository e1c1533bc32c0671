import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOTS, TYPES } from '../../services/protocol/standard/iso20022-types.ts';
import {
  type StandardType,
  standardMessage,
  standardType,
} from '../../services/protocol/standard/read-iso20022-types.ts';
import { atLeast } from '../support/at-least.ts';
import { fixture, needsFixtures } from '../support/needs-fixtures.ts';

const root = new URL('../../../', import.meta.url);

test('the table is what the published schemas say', { skip: needsFixtures }, async () => {
  const { standardTable, TABLE } = await import(
    fileURLToPath(new URL('scripts/standard-table.mjs', root))
  );
  const folder = dirname(fixture('data/xsd/pacs.008.001.08.xsd'));
  assert.equal(standardTable(folder), readFileSync(new URL(TABLE, root), 'utf8'));
});

test('every line of the table is read, and every type that it names is in it', () => {
  const named = new Set<StandardType>();
  const follow = (type: StandardType): void => {
    if (named.has(type)) return;
    named.add(type);
    if ('elements' in type) for (const element of type.elements.values()) follow(element.type);
    if (type.form === 'amount') follow(type.currency);
  };
  for (const message of Object.keys(ROOTS))
    follow((standardMessage(message) as { type: StandardType }).type);
  for (const name of atLeast(400, Object.keys(TYPES))) follow(standardType(name));
  assert.throws(() => standardType('Max36Text'), /no type Max36Text/);
  assert.equal(standardMessage('pacs.010.001.03'), null);
});

test('elements say how often they may stand', () => {
  const address = standardType('PostalAddress24');
  assert.ok(address.form === 'all');
  const lines = address.elements.get('AdrLine');
  assert.deepEqual([lines?.repeats, lines?.most, lines?.isRequired], [true, 7, false]);
  assert.equal(address.elements.get('TwnNm')?.repeats, false);
  const transfer = standardType('FIToFICustomerCreditTransferV08');
  assert.ok(transfer.form === 'all');
  assert.deepEqual(transfer.required, ['GrpHdr', 'CdtTrfTxInf']);
  assert.equal(transfer.elements.get('CdtTrfTxInf')?.most, Number.POSITIVE_INFINITY);
});
