import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutVerified } from '../protocol/records/input-record.ts';
import { idsAsWritten, idsIn, Originals } from './kept-originals.ts';

const id = fc.stringMatching(/^[A-Za-z0-9._:-]{1,35}$/);
const anything = fc.string({ unit: 'binary', maxLength: 20 });
/** Names that could be taken for the ids'. */
const name = fc.constantFrom('Nm', 'MsgId', '"MsgId"', 'EndToEndId', 'OrgnlMsgId', 'Ustrd', '\\');
const beside = fc.dictionary(name, fc.oneof(anything, fc.dictionary(name, anything)), {
  maxKeys: 3,
});

test('ids found in the bytes are those that parsing gives, or none', () => {
  let found = 0;
  fc.assert(
    fc.property(id, id, beside, fc.boolean(), (messageId, endToEndId, other, isSpaced) => {
      const document = {
        Document: {
          FIToFICstmrCdtTrf: {
            GrpHdr: { MsgId: messageId },
            CdtTrfTxInf: [{ PmtId: { EndToEndId: endToEndId }, RmtInf: other }],
          },
        },
      };
      const payload = Buffer.from(JSON.stringify(document, null, isSpaced ? 2 : 0));
      const read = idsAsWritten(payload);
      if (read === null) return;
      found += 1;
      assert.deepEqual(read, idsIn(JSON.parse(payload.toString())));
    }),
  );
  assert.ok(found > 20, `ids were found in ${found} documents`);
});

test('a name that stands twice, or something escaped, is left to the parser', () => {
  const ids = '"MsgId":"A","EndToEndId":"B"';
  assert.deepEqual(idsAsWritten(Buffer.from(`{${ids}}`)), { messageId: 'A', endToEndId: 'B' });
  assert.equal(idsAsWritten(Buffer.from(`{${ids},"x":{"MsgId":"C"}}`)), null);
  assert.equal(idsAsWritten(Buffer.from(`{${ids},"x":"\\u0041"}`)), null);
});

test('of a payment that waits the bytes are held, and neither what was read of them nor beside them', () => {
  const payload = Buffer.from('{"MsgId":"A","EndToEndId":"B"}');
  const record = layOutVerified({ headers: { ce_type: 'pacs.008.001.08' }, payload });
  const run = Buffer.alloc(3 * 65_536);
  run.set(record, 65_536);
  const originals = new Originals();
  originals.take(7, run.subarray(65_536, 65_536 + record.length));
  originals.take(8, Buffer.from(record));
  const [first, told] = [originals.bytesOf(7), originals.of(7, true)];
  assert.ok(first);
  assert.equal(originals.bytesOf(7), first, 'read once in a run of events');
  assert.deepEqual([told?.messageId, told?.endToEndId], ['A', 'B']);
  originals.keep(7);
  originals.forgetEnded(9);

  const again = originals.bytesOf(7);
  assert.ok(again);
  assert.notEqual(again, first, 'what was read is read again in the next');
  assert.deepEqual([again.headers, Buffer.from(again.payload)], [first.headers, payload]);
  assert.notEqual(again.payload.buffer, run.buffer, 'what was read with it is not held');
  assert.notEqual(originals.of(7, true), told);
  assert.deepEqual(originals.of(7, true), told);
  assert.equal(originals.bytesOf(8), null, 'it does not wait');

  originals.forget(7);
  assert.deepEqual([originals.bytesOf(7), originals.of(7, true), originals.open], [null, null, 0]);
});
