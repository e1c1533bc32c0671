/** The message in a receipt has one form: what is not of it is refused by name, and nothing of it is printed raw. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EVENT_KINDS, EVENT_OFFSETS } from '../../services/core/settlement/events.ts';
import { reasonNumber } from '../../services/core/settlement/reasons.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { OPENING_BYTES, openingOf } from '../../services/evidence/event-commitment.ts';
import { inclusionProof } from '../../services/evidence/merkle-tree.ts';
import {
  endsPayment,
  packedReceipt,
  type Receipt,
  receiptFrom,
} from '../../services/evidence/receipt.ts';
import { cosignNote, formatNote, parseNote } from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import { formatTlogProof, parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { MESSAGE_TYPES, RETURN } from '../../services/protocol/messages/message-types.ts';
import { isSigned } from '../../services/protocol/names/signed-message.ts';
import { payloadDigestHex, signingText } from '../../services/protocol/names/signing-text.ts';
import { receiptPage } from '../../services/report/receipt-page.ts';
import { dayKey, hashing, ORIGIN, sampleLog, someEvents } from './sample-log.ts';

const signer = createSigner(Buffer.alloc(32, 7));
const payload = Buffer.from('{"a payment": true}\n');
const [network, sender, keyId, id] = ['sandbox-1', 'GAMMFR00', 'k1', 'an-id'] as const;
const [messageType, issuedAtMs] = ['pacs.008.001.08', '1773700000000'] as const;
const text = signingText({
  ...{ network, topic: 'payments', messageType, sender, keyId, id, issuedAtMs },
  payloadDigest: payloadDigestHex(payload),
});
const headers = {
  ...{ ce_specversion: '1.0', ce_id: id, ce_source: sender, ce_type: messageType, ce_keyid: keyId },
  ce_issuedatms: issuedAtMs,
  ce_signature: Buffer.from(signer.sign(text)).toString('base64'),
};
const publicKey = Buffer.from(signer.publicKey).toString('hex');
const opening = openingOf(someEvents(1), dayKey('2026-03-16'), 'closed');
const unproven = { ce_time: '2026-03-16T22:26:40Z', 'content-type': 'application/json' };
const message = { network, publicKey, headers: { ...unproven, ...headers }, payload };
const packed = packedReceipt({ opening, message });
const front = packed.subarray(0, OPENING_BYTES.closed);
const head = { network, publicKey, headers };

const readAs = (line: string): Receipt['message'] =>
  receiptFrom(Buffer.concat([front, Buffer.from(line), payload]))?.message ?? null;

describe('the message in a receipt', () => {
  it('is read as it was packed, without what no signature covers', () => {
    const read = receiptFrom(packed)?.message;
    assert.deepEqual(read, { ...head, payload });
    assert.ok(read && isSigned(read));
    assert.equal(isSigned({ ...read, network: 'sandbox-2' }), false);
    assert.equal(isSigned({ ...read, payload: payload.subarray(1) }), false);
    // A sender may leave bits in its base64 that no byte takes: a receipt has none.
    const ce_signature = headers.ce_signature.replace(
      /(.)==$/,
      (_, last: string) => `${next(last)}==`,
    );
    assert.notEqual(ce_signature, headers.ce_signature);
    const loose = { ...headers, ce_signature };
    assert.deepEqual(
      packedReceipt({ opening, message: { ...message, headers: loose } }),
      Buffer.from(packed),
    );
  });

  it('is refused with field, value and what was expected', () => {
    const line = (changed: object) => `${JSON.stringify(changed)}\n`;
    const of = (changed: object) => line({ ...head, headers: { ...headers, ...changed } });
    const { publicKey: _, ...keyless } = head;
    const { ce_signature: __, ...unsigned } = headers;
    const cases: readonly (readonly [string, RegExp])[] = [
      [line(keyless), /: publicKey: nothing, expected 32 bytes in lower-case hex$/],
      [
        line({ ...head, publicKey: publicKey.toUpperCase() }),
        /: publicKey: "[0-9A-F]+.*, expected/,
      ],
      [line({ ...head, network: 7 }), /: network: 7, expected 1 to 64 characters/],
      [line({ ...head, headers: unsigned }), /: headers\.ce_signature: nothing, expected 64 bytes/],
      [of({ ce_signature: {} }), /: headers\.ce_signature: \{\}, expected 64 bytes/],
      [of({ ce_specversion: '1.1' }), /: headers\.ce_specversion: "1\.1", expected 1\.0$/],
      [of({ ce_time: 'x' }), /: "headers\.ce_time": "x", expected no such field$/],
      [line({ ...head, more: 1 }), /: "more": 1, expected no such field$/],
      [
        of({ ce_source: '\u001b[2J\u009b' }),
        /: headers\.ce_source: "\\u001b\[2J\\u009b", expected/,
      ],
      [line({ ...head, headers: null }), /: headers\.ce_specversion: nothing, expected 1\.0$/],
      [line({ headers, publicKey, network }), /in its one form/],
      [line(head).replace('{', '{ '), /in its one form/],
      [line(head).replace('"network"', '"network":"other","network"'), /in its one form/],
      [line([]), /: network: nothing/],
      ['\u001b[2J\n', /: network: nothing/],
      ['no end', /: network: nothing/],
    ];
    assert.deepEqual(readAs(line(head))?.headers, headers);
    for (const [one, expected] of cases)
      assert.throws(() => readAs(one), { name: 'EvidenceFault', message: expected }, one);
  });
});

describe('what a receipt says that became of a payment', () => {
  it('has the same number on the page and in the program of the documents as in events', () => {
    const [page, program] = ['docs/evidence.md', 'docs/examples/verify_receipt.py'].map((file) =>
      readFileSync(join(packageFolder, file), 'utf8'),
    ) as [string, string];
    const { settled, rejected, cancelled, unwound } = EVENT_KINDS;
    const numbers = Object.entries({ settled, rejected, cancelled, unwound });
    assert.ok(page.includes(`: ${numbers.map(([kind, one]) => `${one} ${kind}`).join(', ')}\n`));
    assert.ok(
      program.includes(`KINDS = {${numbers.map(([kind, one]) => `${one}: "${kind}"`).join(', ')}}`),
    );
  });
});

describe('a receipt on a page', () => {
  const log = sampleLog(300);
  const path = inclusionProof(subtreesOf(log.reader, 300, hashing), 0, 300);
  const settled = someEvents(1);
  settled.writeUInt16LE(EVENT_KINDS.settled, EVENT_OFFSETS.kind);
  const odd = Buffer.from('{"Nm":"<script>alert(1)</script>"}');
  const proof = formatTlogProof({
    extra: packedReceipt({
      opening: openingOf(settled, dayKey('2026-03-16'), 'closed'),
      message: { ...message, payload: odd },
    }),
    ...{ index: 0, path, checkpoint: log.checkpoint },
  });

  it('is one file that carries the receipt to the byte, and nothing of it as markup', () => {
    const page = receiptPage(proof, 'test');
    const [, data = ''] = /href="data:application\/octet-stream;base64,([^"]*)"/.exec(page) ?? [];
    assert.equal(Buffer.from(data, 'base64').toString(), proof);
    const [, shown = ''] = /The receipt<\/h2>.*?<pre[^>]*>(.*?)<\/pre>/s.exec(page) ?? [];
    assert.equal(shown.replaceAll('&#39;', "'").replaceAll('&quot;', '"'), proof);
    assert.ok(page.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
    assert.equal(page.includes('<script>alert'), false);
    assert.deepEqual(page.match(/(?:src|href)="(?!data:)[^"]*"/g), null);
    for (const said of [
      '1 of 300: settled',
      ORIGIN,
      publicKey,
      sender,
      `${settled.readBigInt64LE(EVENT_OFFSETS.amount1)} minor units`,
    ])
      assert.ok(page.includes(said), said);
  });

  it('says who witnessed and who settled it again, each by its name', () => {
    const names = ['corridor.example/witness/A', 'corridor.example/auditor/B'];
    const { text: note, signatures } = parseNote(log.checkpoint);
    const cosigned = names.map((name) => cosignNote(note, name, signer, 5n));
    const checkpoint = formatNote({ text: note, signatures: [...signatures, ...cosigned] });
    const parsed = parseTlogProof(proof);
    const both = receiptPage(formatTlogProof({ ...parsed, checkpoint }), 'test');
    const said = (page: string, what: string) =>
      new RegExp(`<dt>${what}</dt>.*?</dd>`, 's')
        .exec(page)?.[0]
        .match(/<code>[^<]*/g)
        ?.map((one) => one.slice(6));
    assert.deepEqual(said(both, 'Signed by'), [ORIGIN, names[0]]);
    assert.deepEqual(said(both, 'Re-executed to this size by'), [names[1]]);
    assert.deepEqual(said(receiptPage(proof, 'test'), 'Re-executed to this size by'), undefined);
  });

  it('is none of a proof without an event', () => {
    const other = formatTlogProof({ extra: null, index: 0, path, checkpoint: log.checkpoint });
    assert.throws(() => receiptPage(other, 'test'), /is no receipt/);
  });
});

/** The digit of base64 behind another: with two `=` behind it its four low bits are nobody's. */
function next(digit: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  return digits[digits.indexOf(digit) + 1] as string;
}

it('is of the event by which a payment ended, and of no other', () => {
  const event = Buffer.alloc(96);
  const ends = (kind: keyof typeof EVENT_KINDS, type: (typeof MESSAGE_TYPES)[number]) => {
    event.writeUInt16LE(EVENT_KINDS[kind], EVENT_OFFSETS.kind);
    event.writeUInt16LE(MESSAGE_TYPES.indexOf(type), EVENT_OFFSETS.messageType);
    return endsPayment(event);
  };
  for (const kind of ['settled', 'rejected', 'cancelled', 'unwound'] as const) {
    assert.ok(ends(kind, 'pacs.008.001.08'), kind);
    // A return has the UETR of what it returns.
    assert.ok(!ends(kind, RETURN), kind);
    assert.ok(!ends(kind, 'camt.056.001.08'), kind);
  }
  for (const kind of ['queued', 'accepted', 'repeated', 'noticed', 'issued'] as const)
    assert.ok(!ends(kind, 'pacs.008.001.08'), kind);
  // Of another payload under the payment's UETR.
  event.writeUInt16LE(reasonNumber('duplicateIdentity'), EVENT_OFFSETS.reason);
  assert.ok(!ends('rejected', 'pacs.008.001.08'));
  event.writeUInt16LE(reasonNumber('decimalsExcess'), EVENT_OFFSETS.reason);
  assert.ok(ends('rejected', 'pacs.008.001.08'));
});
