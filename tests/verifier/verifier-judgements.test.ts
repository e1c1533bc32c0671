// Where messages go, most signatures being taken. Forged ones: tests/messages/forged-and-broken-messages.test.ts.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { reasonNumber } from '../../services/core/settlement/reasons.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import type {
  Currencies,
  PaymentInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import {
  envelopeHeaders,
  type Headers,
  signedHeaders,
} from '../../services/protocol/names/message-headers.ts';
import { payloadDigest, signingText } from '../../services/protocol/names/signing-text.ts';
import {
  HEADER_CHARACTERS_MAX,
  PAYLOAD_BYTES_MAX,
} from '../../services/protocol/names/size-limits.ts';
import { ISSUE_WINDOW_MS } from '../../services/protocol/names/time-windows-and-clocks.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { readOriginal, readVerified } from '../../services/protocol/records/input-record.ts';
import type { ParticipantKey } from '../../services/protocol/records/participant-message.ts';
import {
  recordedMessage,
  type VerifiableMessage,
} from '../../services/verifier/verifiable-message.ts';
import {
  createVerifier,
  type SignatureVerification,
  VerdictMissing,
} from '../../services/verifier/verifier.ts';
import { releaseWasm } from '../core/verification-oracle.ts';
import { atLeast } from '../support/at-least.ts';
import { withLooseBits } from '../support/loose-base64.ts';

const ALFA = 'ALFADE00' as Bic;
const currencies: Currencies = new Map([
  ['EUR', { minorUnits: 2, pool: 'europe' }],
  ['SGD', { minorUnits: 2, pool: 'asia' }],
]);
const entry = (keyId: string, byte: string): ParticipantKey => ({
  bic: ALFA,
  name: 'Alfa',
  role: 'bank',
  keyId,
  publicKey: byte.repeat(32),
  state: 'registered',
});

const judging: Pick<SignatureVerification, 'verify' | 'figures'> = {
  verify: (batch) => batch.map(() => true),
  figures: { keysWithoutRoom: 0 },
};

/** A verifier that takes every signature: what is tested is where messages go. */
function verifier() {
  const made = createVerifier(
    { network: 'n', currencies, defaultPool: 'europe' },
    { ...judging, registerKey: () => 0 },
  );
  made.learn(entry('key-1', '01'));
  return made;
}

const payment: PaymentInstruction = {
  messageId: 'M',
  endToEndId: 'E',
  uetr: '00000000-0000-4000-8000-000000000001' as Uetr,
  instructingAgent: ALFA,
  debtorAgent: ALFA,
  creditorAgent: 'BETASG00' as Bic,
  currency: 'SGD',
  amountMinor: 100n,
  settlementDate: '2026-03-16',
  priority: 'normal',
  conversion: null,
};

function message(instruction: PaymentInstruction, keyId = 'key-1') {
  const value = writeCreditTransfer(instruction, { debtor: 'A', creditor: 'B' }, 0, () => 2);
  const headers = envelopeHeaders({
    id: instruction.uetr,
    sender: ALFA,
    messageType: 'pacs.008.001.08',
    keyId,
    issuedAtMs: 0,
    signature: new Uint8Array(64),
  });
  return { partition: 2, logOffset: 7, timestampMs: 0, value, headers };
}

test('a payment goes to the pool of its currencies, with the coordinates of its message', async () => {
  const { inputs } = await verifier().verify([message(payment)]);
  assert.equal(inputs[0]?.pool, 'asia');
  const record = readVerified(inputs[0]?.value as Uint8Array);
  assert.deepEqual([record.reason, record.partition, record.logOffset], [0, 2, 7]);
  assert.equal(record.kind === 'payment' && record.content.amount1, 100n);
});

test('a message has the line of the participant that it names, authentic or not; strangers have none', () => {
  const good = message(payment);
  const named = (headers: Record<string, string>) => ({
    ...good,
    headers: { ...good.headers, ...headers },
  });
  for (const [one, sender] of atLeast(4, [
    [good, ALFA],
    [message(payment, 'key-2'), ALFA],
    [{ ...named({ ce_source: '' }), key: ALFA }, ALFA],
    [named({ ce_source: 'NOBODE00' }), ''],
  ] as const))
    assert.equal(verifier().senderOf(one), sender);
});

/** Changes of a message that put it at a limit, or so far beyond. */
function sized(plain: ReturnType<typeof message>) {
  const own = Object.entries(plain.headers).join('').length - Object.keys(plain.headers).length;
  return {
    headers: (beyond: number) => ({
      headers: { ...plain.headers, x: 'y'.repeat(HEADER_CHARACTERS_MAX + beyond - own - 1) },
    }),
    payload: (beyond: number) => ({ value: new Uint8Array(PAYLOAD_BYTES_MAX + beyond) }),
  };
}

test('a message at a limit is taken; one beyond it is a notice of the bank that it names', async () => {
  const plain = message(payment);
  const tooLarge = reasonNumber('messageTooLarge');
  for (const part of atLeast(2, ['headers', 'payload'] as const)) {
    const verified = async (beyond: number, bic: string) => {
      const changed = { ...plain, ...sized(plain)[part](beyond) };
      return verifier().verify([{ ...changed, headers: { ...changed.headers, ce_source: bic } }]);
    };
    const at = await verified(0, ALFA);
    assert.notEqual(readVerified(at.inputs[0]?.value as Uint8Array).reason, tooLarge, part);
    const beyond = await verified(1, ALFA);
    const record = readVerified(beyond.inputs[0]?.value as Uint8Array);
    assert.deepEqual([record.kind, record.reason, record.sender], ['notice', tooLarge, ALFA]);
    assert.deepEqual([beyond.rejected.length, beyond.inputs[0]?.pool], [0, 'europe']);
    // Of the same length, so that it is the size alone that is at fault.
    const unknown = await verified(1, 'NOBODE00');
    assert.deepEqual([unknown.inputs.length, unknown.rejected.length], [0, 1], part);
    const told = JSON.parse(Buffer.from(unknown.rejected[0]?.value as Uint8Array).toString());
    const { partition, logOffset, timestampMs: appendedAtMs, headers } = plain;
    assert.deepEqual(
      [told.reason, told.topic, told.claimedSender],
      ['messageTooLarge', PAYMENTS, 'NOBODE00'],
    );
    assert.deepEqual([told.claimedId, told.claimedType], [headers.ce_id, headers.ce_type]);
    const { partition: p, logOffset: o, appendedAtMs: a } = told;
    assert.deepEqual(
      { partition: p, logOffset: o, appendedAtMs: a },
      { partition, logOffset, appendedAtMs },
    );
  }
});

test('of what is too large the log has its size and a few hundred bytes, and verifies them again', async () => {
  const plain = message(payment);
  const padding = { ce_id: 'i'.repeat(9_000), ce_signature: 's'.repeat(9_000) };
  const own = { corridor_payloadbytes: '1', corridor_key: 'BETASG00' };
  const cases = [
    [{ ...plain, ...sized(plain).payload(500_000) }, { corridor_payloadbytes: '565536' }],
    [{ ...plain, headers: { ...plain.headers, ...padding } }, null],
    [{ ...plain, ...sized(plain).payload(1), headers: { ...plain.headers, ...own } }, null],
  ] as const;
  for (const [sent, noted] of atLeast(3, cases)) {
    const [input] = (await verifier().verify([sent])).inputs;
    const recorded = input?.value as Uint8Array;
    assert.ok(recorded.length < 800, `${recorded.length} bytes`);
    const record = readVerified(recorded);
    assert.deepEqual(Buffer.from(record.payloadDigest), payloadDigest(sent.value));
    const headers = readOriginal(recorded).headers as Headers;
    if (noted) assert.deepEqual({ ...headers }, { ...signedHeaders(plain.headers), ...noted });
    assert.ok(!('corridor_key' in headers));
    assert.notEqual(headers.corridor_payloadbytes, '1', 'a sender does not say how large it is');
    const again = await verifier().verify([recordedMessage(recorded)]);
    assert.deepEqual(again.inputs[0]?.value, recorded);
  }
});

test('of a signature of another form the log has the beginning, and verifies it again', async () => {
  const cases = [
    ['s'.repeat(5_000), 's'.repeat(89)],
    [`${'A'.repeat(86)}==A`, `${'A'.repeat(86)}==A`],
    ['', ''],
  ] as const;
  for (const [sent, kept] of atLeast(3, cases)) {
    const plain = message(payment);
    const headers = { ...plain.headers, ce_signature: sent };
    const [input] = (await verifier().verify([{ ...plain, headers }])).inputs;
    const recorded = input?.value as Uint8Array;
    assert.equal(readVerified(recorded).reason, reasonNumber('signatureInvalid'));
    assert.equal(readOriginal(recorded).headers.ce_signature, kept);
    const again = await verifier().verify([recordedMessage(recorded)]);
    assert.deepEqual(again.inputs[0]?.value, recorded);
  }
});

test('a signature that is not the standard base64 of its bytes verifies in older logs alone', async () => {
  const plain = message(payment);
  const loose = {
    ...plain.headers,
    ce_signature: withLooseBits(plain.headers.ce_signature as string),
  };
  const sent = { ...plain, headers: loose };
  const judged = async (one: VerifiableMessage) => {
    const { inputs, valid } = await verifier().verify([one]);
    const { value } = inputs[0] as { value: Uint8Array };
    return { value, valid, reason: readVerified(value).reason };
  };
  const now = await judged(sent);
  assert.deepEqual([now.valid, now.reason], [0, reasonNumber('signatureInvalid')]);
  assert.deepEqual((await judged(recordedMessage(now.value))).value, now.value);

  const older = { ...sent, recorded: { omittedDigest: null, rulesVersion: 4 } };
  const then = await judged(older);
  assert.deepEqual([then.valid, then.reason], [1, 0]);
  const recorded = Buffer.from(then.value);
  recorded[207] = 4;
  assert.deepEqual((await judged(recordedMessage(recorded))).value, then.value);
  assert.equal((await judged(recordedMessage(then.value))).valid, 0);
});

test('a message without a source is told to the bank that its key names', async () => {
  const { ce_source: _, ...headers } = message(payment).headers;
  const keyed = (key: string | null) => ({ ...message(payment), headers, key });
  const { inputs, rejected } = await verifier().verify([
    keyed(ALFA),
    keyed('NOBODE00'),
    keyed(null),
  ]);
  assert.deepEqual([inputs.length, rejected.length], [1, 2]);
  const recorded = inputs[0]?.value as Uint8Array;
  const record = readVerified(recorded);
  assert.deepEqual([record.kind, record.sender], ['notice', ALFA]);
  assert.equal(record.reason, reasonNumber('formatInvalid'));
  const again = await verifier().verify([recordedMessage(recorded)]);
  assert.deepEqual(again.inputs[0]?.value, recorded);
  // A key beside a source claims nothing.
  const other = await verifier().verify([
    { ...message(payment), headers: { ...headers, ce_source: 'NOBODE00' }, key: ALFA },
  ]);
  assert.deepEqual([other.inputs.length, other.rejected.length], [0, 1]);
});

test('of a batch that cannot be read each bank is told that its records name, and the operator', async () => {
  const why = '3 records from offset 1 on are compressed by zstd; expected uncompressed records';
  const unreadable = {
    ...{ partition: 2, logOffset: 7, timestampMs: 5, key: null, value: new Uint8Array(0) },
    ...{ headers: {}, unreadable: why },
  };
  const { inputs, rejected } = await verifier().verify([
    { ...unreadable, claims: ['NOBODE00', ALFA] },
    { ...unreadable, logOffset: 9 },
    message(payment),
  ]);
  assert.deepEqual(
    inputs.map(({ value }) => [readVerified(value).kind, readVerified(value).logOffset]),
    [
      ['notice', 7],
      ['payment', 7],
    ],
  );
  assert.equal(rejected.length, 2);
  const recorded = inputs[0]?.value as Uint8Array;
  assert.deepEqual({ ...readOriginal(recorded).headers }, { ce_source: ALFA, corridor_batch: why });
  const again = await verifier().verify([recordedMessage(recorded)]);
  assert.deepEqual(again.inputs[0]?.value, recorded);
});

test('an issue time may be as far from the time of the log as the window says, before it or after', async () => {
  const late = reasonNumber('issuedOutsideWindow');
  for (const [aheadMs, reason] of [
    [-ISSUE_WINDOW_MS - 1, late],
    [-ISSUE_WINDOW_MS, 0],
    [ISSUE_WINDOW_MS, 0],
    [ISSUE_WINDOW_MS + 1, late],
  ] as const) {
    const timestampMs = 1_000_000;
    const plain = message(payment);
    const headers = { ...plain.headers, ce_issuedatms: String(timestampMs + aheadMs) };
    const { inputs } = await verifier().verify([{ ...plain, timestampMs, headers }]);
    assert.equal(readVerified(inputs[0]?.value as Uint8Array).reason, reason, String(aheadMs));
  }
});

test('two currencies of two pools cannot settle together', async () => {
  const conversion = {
    dealer: 'DEALSG00' as Bic,
    currency: 'EUR',
    amountMinor: 60n,
    rate: { mantissa: 6n, scale: 1 },
  };
  const { inputs } = await verifier().verify([message({ ...payment, conversion })]);
  assert.equal(inputs[0]?.pool, 'asia', 'the pool of the currency debited tells its bank');
  const { reason } = readVerified(inputs[0]?.value as Uint8Array);
  assert.equal(reason, reasonNumber('currenciesInTwoPools'));
});

test('a key id keeps the key that it was first registered with', async () => {
  const made = verifier();
  made.learn(entry('key-1', '02'));
  const { inputs } = await made.verify([message(payment)]);
  const { publicKey } = readVerified(inputs[0]?.value as Uint8Array);
  assert.equal(publicKey[0], 1);
});

test('a key that the core does not admit verifies nothing', async () => {
  const made = createVerifier(
    { network: 'n', currencies, defaultPool: 'europe' },
    {
      ...judging,
      registerKey: () => {
        throw new RangeError('of small order');
      },
    },
  );
  made.learn(entry('key-1', '01'));
  const { inputs, invalid } = await made.verify([message(payment)]);
  assert.equal(invalid, 1);
  const { kind, reason } = readVerified(inputs[0]?.value as Uint8Array);
  assert.deepEqual([kind, reason], ['notice', reasonNumber('signatureInvalid')]);
});

test('a verdict that is missing is no verdict', async () => {
  const answers: boolean[][] = [[], [true], [true, undefined as unknown as boolean], new Array(2)];
  for (const answer of answers) {
    const made = createVerifier(
      { network: 'n', currencies, defaultPool: 'europe' },
      { ...judging, registerKey: () => 0, verify: () => answer },
    );
    made.learn(entry('key-1', '01'));
    await assert.rejects(made.verify([message(payment), message(payment)]), VerdictMissing);
  }
});

test('a key for which the core has no room verifies as any other', async () => {
  const verification = createVerification(releaseWasm, { keysMax: 1 });
  const made = createVerifier({ network: 'n', currencies, defaultPool: 'europe' }, verification);
  const signers = ['a', 'b', 'c'].map((name) =>
    createSigner(createHash('sha256').update(name).digest()),
  );
  signers.forEach(({ publicKey }, i) => {
    made.learn({ ...entry(`key-${i}`, '00'), publicKey: Buffer.from(publicKey).toString('hex') });
  });
  assert.equal(verification.figures.keysWithoutRoom, 2);
  const messages = signers.flatMap(({ sign }, i) => {
    const unsigned = message(payment, `key-${i}`);
    const text = signingText({
      network: 'n',
      topic: PAYMENTS,
      messageType: 'pacs.008.001.08',
      sender: ALFA,
      keyId: `key-${i}`,
      id: payment.uetr,
      issuedAtMs: '0',
      payloadDigest: payloadDigest(unsigned.value).toString('hex'),
    });
    const signed = (signature: Uint8Array) => ({
      ...unsigned,
      headers: { ...unsigned.headers, ce_signature: Buffer.from(signature).toString('base64') },
    });
    return [signed(sign(text)), signed(sign(Buffer.from('another text')))];
  });
  const { inputs, valid, invalid } = await made.verify(messages);
  assert.deepEqual([valid, invalid], [3, 3]);
  assert.deepEqual(
    inputs.map(({ value }) => readVerified(value).reason),
    messages.map((_, i) => (i % 2 === 0 ? 0 : reasonNumber('signatureInvalid'))),
  );
});

/** A verifier whose verdict on every signature is the same. */
function verdict(valid: boolean) {
  const made = createVerifier(
    { network: 'n', currencies, defaultPool: 'europe' },
    { ...judging, registerKey: () => 0, verify: (batch) => batch.map(() => valid) },
  );
  made.learn(entry('key-1', '01'));
  return made;
}

test('of a message that fails authentication the signed headers and the digest are kept', async () => {
  const plain = message(payment);
  const forged = {
    ...plain,
    value: Buffer.concat([plain.value, Buffer.alloc(60_000, ' ')]),
    headers: { ...plain.headers, 'x-filler': 'y'.repeat(7_000) },
  };
  const { inputs } = await verdict(false).verify([forged]);
  const { pool, value } = inputs[0] as { pool: string; value: Uint8Array };
  const record = readVerified(value);
  assert.deepEqual([pool, record.kind, record.payloadOmitted], ['asia', 'notice', true]);
  assert.deepEqual(Buffer.from(record.payloadDigest), payloadDigest(forged.value));
  assert.equal(record.content, null);
  // Nothing of what the payload says, but the priority that every kind has where it has none.
  assert.deepEqual([value[6], value[7]], [0, 2]);
  for (const [from, end] of [
    [72, 104],
    [116, 188],
    [200, 206],
  ])
    assert.ok(
      value.subarray(from, end).every((byte) => byte === 0),
      `${from}`,
    );
  const { headers, payload } = readOriginal(value);
  assert.equal(payload.length, 0);
  const { ce_time: _, 'content-type': __, ...signed } = plain.headers;
  assert.deepEqual(headers, signed);
});

test('what is recorded of a message is verified again to the byte', async () => {
  for (const valid of [true, false]) {
    const { inputs } = await verdict(valid).verify([message(payment)]);
    const recorded = inputs[0]?.value as Uint8Array;
    const again = await verdict(valid).verify([recordedMessage(recorded)]);
    assert.deepEqual(again.inputs[0]?.value, recorded);
    // A message that was signed, and of which the log has a notice, is found.
    const other = await verdict(!valid).verify([recordedMessage(recorded)]);
    assert.notDeepEqual(other.inputs[0]?.value, recorded);
  }
});

test('a notice of an older log has its payload, and is verified again to the byte', async () => {
  const asOlder = { ...message(payment), recorded: { omittedDigest: null, rulesVersion: 4 } };
  const { inputs } = await verdict(false).verify([asOlder]);
  const recorded = inputs[0]?.value as Uint8Array;
  assert.equal(readVerified(recorded).payloadOmitted, false);
  // Its record says what the payload does, and is not read for it.
  assert.equal(Buffer.from(recorded).readBigInt64LE(160), 100n);
  assert.equal(readVerified(recorded).content, null);
  assert.deepEqual(Buffer.from(readOriginal(recorded).payload), Buffer.from(asOlder.value));
  const again = await verdict(false).verify([recordedMessage(recorded)]);
  assert.deepEqual(again.inputs[0]?.value, recorded);
});

test('so many notices of a bank a minute enter a pool’s input, the others go to the operator', async () => {
  const made = createVerifier(
    { network: 'n', currencies, defaultPool: 'europe', noticesPerMinute: 2 },
    { ...judging, registerKey: () => 0, verify: (batch) => batch.map(() => false) },
  );
  made.learn(entry('key-1', '01'));
  made.learn({ ...entry('key-1', '02'), bic: 'BETASG00' as Bic });
  const forged = (timestampMs: number, sender: string = ALFA) => {
    const plain = message(payment);
    return { ...plain, timestampMs, headers: { ...plain.headers, ce_source: sender } };
  };
  const { inputs, rejected, invalid } = await made.verify([
    ...[forged(0), forged(1), forged(59_999), forged(2, 'BETASG00')],
    forged(60_000),
  ]);
  assert.equal(invalid, 5);
  assert.deepEqual(
    inputs.map(({ value }) => [readVerified(value).sender, readVerified(value).appendedAtMs]),
    [
      [ALFA, 0],
      [ALFA, 1],
      ['BETASG00', 2],
      [ALFA, 60_000],
    ],
  );
  const [one, ...others] = rejected.map(({ value }) => JSON.parse(Buffer.from(value).toString()));
  assert.equal(others.length, 0);
  assert.deepEqual([one.reason, one.appendedAtMs], ['signatureInvalid', 59_999]);
  assert.match(one.detail, /more than 2 messages a minute/);
});

test('a message that is authentic is let in however many are not', async () => {
  const made = createVerifier(
    { network: 'n', currencies, defaultPool: 'europe', noticesPerMinute: 0 },
    { ...judging, registerKey: () => 0 },
  );
  made.learn(entry('key-1', '01'));
  const { inputs, rejected } = await made.verify([message(payment), message(payment, 'key-2')]);
  assert.deepEqual([inputs.length, rejected.length], [1, 1]);
});
