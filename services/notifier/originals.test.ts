import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { idsAsWritten, idsIn } from './originals.ts';

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
      assert.deepEqual(read, idsIn(payload));
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
