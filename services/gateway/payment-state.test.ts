import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedMessage } from '../live/service-context.ts';
import {
  STATUS_REPORT,
  type StatusCode,
  writeStatusReport,
} from '../protocol/messages/status-report.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { type IsoReason, NOT_FINAL_YET } from '../protocol/names/iso-reasons.ts';
import { paymentsAmong } from './payment-state.ts';

const UETR = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';

interface Row {
  readonly status: StatusCode;
  readonly event: number;
  readonly messageType?: string | null;
  readonly pool?: string;
  readonly payloadDigest?: string;
  readonly messageId?: string;
  readonly debtorAgent?: string;
  readonly reason?: IsoReason;
}

function record({ status, event, messageType = 'pacs.008.001.08', pool = 'main', ...rest }: Row) {
  const value = writeStatusReport({
    ...{ messageId: `${pool}-${event}`, createdAtMs: 1_773_648_000_000, to: 'ALFADE00' as Bic },
    original:
      messageType === null
        ? null
        : { messageId: rest.messageId ?? 'M-1', messageType, endToEndId: 'E-1', uetr: UETR },
    ...{ status, reason: rest.reason ?? null, information: [], detail: null },
    payloadDigest: rest.payloadDigest ?? null,
    debtorAgent: (rest.debtorAgent ?? null) as Bic | null,
  });
  const headers = { ce_pool: pool, ce_eventnumber: String(event), ce_type: STATUS_REPORT };
  const logged: LoggedMessage = {
    ...{ partition: 0, logOffset: event, timestampMs: 0, key: UETR, value, headers },
  };
  return logged;
}

const told = (...rows: Row[]) =>
  paymentsAmong('ALFADE00' as Bic, rows.map(record)).map(
    ({ messageType, pool, state, records }) => [
      ...[messageType.slice(0, 8), pool, state],
      records.map(({ logOffset }) => logOffset),
    ],
  );
const row = (status: StatusCode, event: number, more: Partial<Row> = {}): Row => ({
  ...{ status, event },
  ...more,
});

test('a payment stands as its last status says while it waits, and as its first final one does then', () => {
  assert.deepEqual(told(row('PDNG', 1), row('ACSP', 2)), [['pacs.008', 'main', 'ACSP', [1, 2]]]);
  assert.deepEqual(told(row('PDNG', 1), row('CANC', 2), row('PDNG', 3)), [
    ['pacs.008', 'main', 'CANC', [1, 2, 3]],
  ]);
  // Told ahead, under a quorum: what was held back comes behind it.
  const ahead = row('ACSP', 2, { reason: NOT_FINAL_YET });
  assert.deepEqual(told(ahead, row('PDNG', 1))[0]?.[2], 'ACSP');
  assert.deepEqual(told(row('ACSP', 2), row('PDNG', 1))[0]?.[2], 'PDNG');
  assert.deepEqual(told(ahead, row('PDNG', 1), row('ACSC', 3))[0]?.[2], 'ACSC');
  assert.deepEqual(told(row('RJCT', 1), row('CANC', 2))[0]?.[2], 'RJCT');
  assert.deepEqual(told(row('RJCT', 1), row('ACSC', 2))[0]?.[2], 'ACSC', 'settled stays settled');
});

test('the refusal of another payload is told among the statuses and is not how the payment stands', () => {
  const refused = row('RJCT', 2, { payloadDigest: 'ab'.repeat(32) });
  assert.deepEqual(told(row('PDNG', 1), refused), [['pacs.008', 'main', 'PDNG', [1, 2]]]);
  assert.deepEqual(told(refused), [['pacs.008', 'main', null, [2]]]);
});

test('what was asked of another bank’s payment under the UETR is not how one’s own stands', () => {
  const own = row('PDNG', 3, { debtorAgent: 'ALFADE00' });
  const others = row('ACSC', 2, { debtorAgent: 'BETAFR00' });
  assert.deepEqual(told(row('ACSP', 1), others, own), [['pacs.008', 'main', 'PDNG', [1, 3]]]);
  assert.deepEqual(told(others), []);
});

test('payments under one UETR are apart by message type and by pool, in the order in which they came', () => {
  assert.deepEqual(
    told(
      row('PDNG', 1, { messageType: 'pacs.009.001.08' }),
      row('ACSC', 2),
      row('PDNG', 1, { pool: 'other' }),
      row('ACSC', 3, { messageType: 'pacs.009.001.08' }),
    ),
    [
      ['pacs.009', 'main', 'ACSC', [1, 3]],
      ['pacs.008', 'main', 'ACSC', [2]],
      ['pacs.008', 'other', 'PDNG', [1]],
    ],
  );
});

test('returns of one payment are apart by their message ids, and not held against the payment', () => {
  const messageType = 'pacs.004.001.09';
  const rows = [
    row('ACSC', 1),
    row('ACSC', 2, { messageType, messageId: 'R-1' }),
    row('PDNG', 3, { messageType, messageId: 'R-2' }),
  ];
  assert.deepEqual(
    paymentsAmong('ALFADE00' as Bic, rows.map(record)).map(({ messageId, state }) => [
      messageId,
      state,
    ]),
    [
      [null, 'ACSC'],
      ['R-1', 'ACSC'],
      ['R-2', 'PDNG'],
    ],
  );
});

test('a payment is credited where its creditor’s bank says so, and settled where it says that it is not', () => {
  assert.deepEqual(told(row('ACSC', 1), row('ACCC', 2)), [['pacs.008', 'main', 'ACCC', [1, 2]]]);
  assert.deepEqual(told(row('ACSC', 1), row('ACSC', 2)), [['pacs.008', 'main', 'ACSC', [1, 2]]]);
});

test('a record that came twice counts once; what is about no payment, and no status, not at all', () => {
  assert.deepEqual(told(row('PDNG', 1), row('PDNG', 1), row('ACSC', 2), row('ACSC', 2)), [
    ['pacs.008', 'main', 'ACSC', [1, 2]],
  ]);
  assert.deepEqual(told(row('RJCT', 1, { messageType: null })), []);
  assert.deepEqual(told(row('RJCT', 1, { messageType: 'camt.056.001.08' })), []);
  const text = { ...record(row('ACSC', 1)), value: Buffer.from('{"Document":{}}') };
  assert.deepEqual(paymentsAmong('ALFADE00' as Bic, [text]), []);
});
