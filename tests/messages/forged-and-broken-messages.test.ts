import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { withLooseBits } from '../support/loose-base64.ts';
import {
  ALFA,
  BETA,
  customers,
  keyOf,
  NOW,
  payment,
  withHeaders,
  world,
} from '../support/message-path.ts';

/**
 * What becomes of hostile and broken messages between a bank and its statuses: verifier, clearing
 * and notifier together, as tables of messages and outcomes.
 */
test('a payment settles: a status for its bank, the same bytes for the other', async () => {
  const { alfa, send, notifier } = world();
  const message = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
  const { kinds, statuses, statusTopics, deliveries } = await send(message);
  assert.deepEqual(kinds, ['settled']);
  assert.deepEqual(statusTopics, ['statuses.ALFADE00']);
  assert.equal(statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0].TxSts, 'ACSC');
  assert.equal(deliveries[0]?.topic, 'deliveries.BETAFR00');
  assert.deepEqual(deliveries[0]?.message.value, message.value);
  const headers = deliveries[0]?.message.headers;
  assert.equal(headers?.ce_signature, message.headers.ce_signature);
  assert.deepEqual(
    [headers?.ce_pool, headers?.ce_eventnumber, headers?.ce_settledatms],
    ['main', String(statuses[0].Document.FIToFIPmtStsRpt.GrpHdr.MsgId.split('-')[1]), String(NOW)],
  );
  assert.equal(notifier.waiting(), 0, 'the notifier keeps nothing of what has ended');
});

test('a transfer between banks settles like a payment, and is delivered', async () => {
  const { alfa, send, settlement } = world();
  const message = alfa.pay(payment(ALFA, BETA, 5_000n), null, NOW);
  assert.equal(message.headers.ce_type, 'pacs.009.001.08');
  const { kinds, statuses, deliveries } = await send(message);
  assert.deepEqual(kinds, ['settled']);
  const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
  assert.equal(status.OrgnlGrpInf.OrgnlMsgNmId, 'pacs.009.001.08');
  assert.match(status.OrgnlEndToEndId, /^E-/);
  assert.deepEqual(deliveries[0]?.message.value, message.value);
  assert.equal(settlement.balance(0, 0), 95_000n);
});

test('a cover settles as the payment that it is; its customer transfer is delivered byte for byte', async () => {
  const { alfa, send, settlement } = world();
  const core = alfa.pay(payment(ALFA, BETA, 5_000n), null, NOW);
  const covered = {
    Dbtr: { Nm: 'Z\u00fcrich Handel', PstlAdr: { TwnNm: 'Z\u00fcrich', Ctry: 'CH' } },
    DbtrAgt: { FinInstnId: { BICFI: 'CUSTCHZZ' } },
    CdtrAgt: { FinInstnId: { ClrSysMmbId: { MmbId: '021000021' } } },
    Cdtr: { Nm: 'Ann Payee' },
    RmtInf: { Ustrd: ['invoice  4711 '] },
  };
  const text = Buffer.from(core.value).toString();
  const value = Buffer.from(
    text.replace(/}\]}}}$/, `,"UndrlygCstmrCdtTrf": ${JSON.stringify(covered)}}]}}}`),
  );
  const cover = alfa.renew({ ...core, value }, NOW);
  assert.deepEqual(
    JSON.parse(value.toString()).Document.FICdtTrf.CdtTrfTxInf[0].UndrlygCstmrCdtTrf,
    covered,
  );
  const { kinds, statuses, deliveries } = await send(cover);
  assert.deepEqual(kinds, ['settled']);
  assert.equal(statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0].TxSts, 'ACSC');
  assert.equal(deliveries[0]?.topic, 'deliveries.BETAFR00');
  assert.deepEqual(Buffer.from(deliveries[0]?.message.value ?? []), value);
  assert.equal(settlement.balance(0, 0), 95_000n);
  const { Cdtr: _, ...headless } = covered;
  const broken = Buffer.from(
    value.toString().replace(JSON.stringify(covered), JSON.stringify(headless)),
  );
  const refused = await send(
    alfa.renew({ ...alfa.pay(payment(ALFA, BETA, 1n), null, NOW), value: broken }, NOW),
  );
  assert.deepEqual(refused.kinds, ['rejected formatInvalid']);
  assert.match(
    JSON.stringify(refused.statuses),
    /Path: [^ ]*UndrlygCstmrCdtTrf.*Expected: must have required property 'Cdtr'/,
  );
});

test('a message again repeats its outcome and books nothing; another payload is AM05', async () => {
  const { alfa, send, settlement, notifier } = world();
  const order = payment(ALFA, BETA, 5_000n);
  const message = alfa.pay(order, customers, NOW);
  assert.deepEqual((await send(message)).kinds, ['settled']);
  const again = await send(message);
  assert.equal(notifier.waiting(), 0);
  assert.deepEqual(again.kinds, ['repeated']);
  assert.equal(again.statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0].TxSts, 'ACSC');
  assert.equal(again.deliveries.length, 0);
  const anew = await send(alfa.repeat(order.uetr, NOW + 1000));
  assert.deepEqual(anew.kinds, ['repeated'], 'signed anew');
  const other = await send(alfa.pay({ ...order, amountMinor: 5_001n }, customers, NOW));
  assert.deepEqual(other.kinds, ['rejected duplicateIdentity']);
  assert.equal(settlement.balance(0, 0), 95_000n);
});

test('a repeat is marked as one, names the event that told it first, and keeps its detail', async () => {
  const { alfa, send } = world();
  const mark = ({ told }: Awaited<ReturnType<typeof send>>) =>
    told.map(({ headers }) => [
      headers.ce_repeat,
      headers.ce_firsteventnumber,
      headers.ce_eventnumber,
    ]);
  const settled = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
  const refused = authentic('{}', payment(ALFA, BETA, 1n).uetr);
  const limited = alfa.limit(
    { id: 'L-9', sender: ALFA, currency: 'EUR', counterparty: BETA, limitMinor: 1n },
    NOW,
  );
  for (const [message, words] of [
    [settled, /"ACSC"/],
    [refused, /"RJCT".*Rule: element-required.*Expected: must have required property 'Document'/],
    [limited, /"COMP"/],
  ] as const) {
    const first = await send(message);
    const [[repeat, original, number]] = mark(first) as [(string | undefined)[]];
    assert.deepEqual([repeat, original], [undefined, undefined]);
    await send(alfa.pay(payment(ALFA, BETA, 1n), customers, NOW));
    const again = await send(message);
    assert.deepEqual(
      again.kinds.map((kind) => kind.split(' ')[0]),
      ['repeated'],
    );
    const [[marked, named, own]] = mark(again) as [(string | undefined)[]];
    const known = message === limited ? undefined : number;
    assert.deepEqual([marked, named], ['true', known], String(words));
    assert.notEqual(own, number);
    assert.match(JSON.stringify(again.statuses[0]), words);
  }
});

test('a copy that is refused leaves the payment of its bank as it stands', async () => {
  const { alfa, send, clear } = world();
  const order = payment(ALFA, BETA, 100_001n);
  const message = alfa.pay(order, customers, NOW);
  const take = (sent: { statuses: unknown[] }) => {
    for (const status of sent.statuses) alfa.takeStatus(Buffer.from(JSON.stringify(status)));
  };
  take(await send(message));
  assert.equal(alfa.book().pending, 1);
  const late = await send({ ...message, timestampMs: NOW + 600_000 });
  assert.ok(late.kinds.includes('noticed issuedOutsideWindow'));
  take(late);
  assert.deepEqual([alfa.book().pending, alfa.book().rejected], [1, 0]);
  const issue: ControlRecord = {
    kind: 'issue',
    timeMs: NOW + 600_000,
    bic: ALFA,
    currency: 'EUR',
    amountMinor: '1',
  };
  const { messages } = clear([writeControl(issue)]);
  for (const { topic, message: sent } of messages)
    if (topic === 'statuses.ALFADE00') alfa.takeStatus(sent.value);
  assert.deepEqual([alfa.book().settled, alfa.book().unmatched], [1, 0]);
});

test('a message that would exhaust a parser is refused like any other', async () => {
  const { alfa, send } = world();
  const message = alfa.pay(payment(ALFA, BETA, 1n), customers, NOW);
  const deep = { ...message, value: Buffer.from('['.repeat(6_000) + ']'.repeat(6_000)) };
  assert.deepEqual((await send(deep)).kinds, ['noticed signatureInvalid']);
  const { id } = genuine();
  const signed = await send(authentic('['.repeat(6_000) + ']'.repeat(6_000), id));
  assert.deepEqual(signed.kinds, ['rejected formatInvalid']);
});

test('a corrupted signature is a notice with DS0B: it names the payload, not the payment', async () => {
  const { alfa, send, settlement } = world();
  const order = payment(ALFA, BETA, 5_000n);
  const message = alfa.pay(order, customers, NOW);
  const signature = Buffer.from(message.headers.ce_signature as string, 'base64');
  signature[40] = (signature[40] as number) ^ 4;
  const forged = withHeaders(message, { ce_signature: signature.toString('base64') });
  const { kinds, statuses } = await send(forged);
  assert.deepEqual(kinds, ['noticed signatureInvalid']);
  const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
  assert.equal(status.StsRsnInf[0].Rsn.Cd, 'DS0B');
  assert.equal(status.OrgnlUETR, undefined);
  assert.ok(
    status.StsRsnInf[0].AddtlInf.some((line: string) => /^payload sha256 [0-9a-f]{64}$/.test(line)),
  );
  assert.equal(settlement.balance(0, 0), 100_000n);
  assert.deepEqual((await send(message)).kinds, ['settled'], 'the genuine one is untouched');
});

/** Each row: what is done to a genuine message, and the events that follow. */
const forgeries: [string, (message: Message) => Message, string][] = [
  [
    'another payload',
    (m) => ({ ...m, value: Buffer.from(m.value.toString().replace('50.00', '90.00')) }),
    'noticed signatureInvalid',
  ],
  ['truncated', (m) => ({ ...m, value: m.value.subarray(0, 100) }), 'noticed signatureInvalid'],
  [
    'another type',
    (m) => withHeaders(m, { ce_type: 'corridor.quote.1' }),
    'noticed signatureInvalid',
  ],
  ['another id', (m) => withHeaders(m, { ce_id: 'other' }), 'noticed signatureInvalid'],
  [
    'issue time moved',
    (m) => withHeaders(m, { ce_issuedatms: String(NOW + 1) }),
    'noticed signatureInvalid',
  ],
  ["another sender's name", (m) => withHeaders(m, { ce_source: BETA }), 'noticed signatureInvalid'],
  [
    'a key that is not registered',
    (m) => withHeaders(m, { ce_keyid: 'key-9' }),
    'noticed keyUnknown',
  ],
  ['no signature', (m) => withHeaders(m, { ce_signature: '' }), 'noticed signatureInvalid'],
  [
    'sent again after ten minutes',
    (m) => ({ ...m, timestampMs: NOW + 600_000 }),
    'noticed issuedOutsideWindow',
  ],
  [
    'issued in the future',
    (m) => ({ ...m, timestampMs: NOW - 300_001 }),
    'noticed issuedOutsideWindow',
  ],
];
for (const [name, forge, expected] of forgeries)
  test(`forged or replayed: ${name}`, async () => {
    const { alfa, send, settlement } = world();
    const message = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
    const { kinds, deadLetters } = await send(forge(message));
    assert.deepEqual(kinds, [expected]);
    assert.deepEqual(deadLetters, []);
    assert.equal(settlement.balance(0, 0), 100_000n);
  });

/** Each row: what is done to a genuine message, the code, and what its bank is told of the header at fault. */
const notAuthentic: [string, (message: Message) => Message, string, RegExp][] = [
  [
    'no signature',
    ({ headers: { ce_signature: _, ...headers }, ...m }) => ({ ...m, headers }),
    'DS0B',
    /^Header: ce_signature Value: nothing Expected: 64 bytes of Ed25519 in standard base64 with padding payload/,
  ],
  [
    'a signature of 63 bytes',
    (m) => withHeaders(m, { ce_signature: Buffer.alloc(63).toString('base64') }),
    'DS0B',
    /^Header: ce_signature Value: "A{63} Expected: 64 bytes of Ed25519/,
  ],
  [
    'a signature without padding',
    (m) => withHeaders(m, { ce_signature: (m.headers.ce_signature as string).slice(0, -2) }),
    'DS0B',
    /^Header: ce_signature Value: "[A-Za-z0-9+/]{63} Expected: 64 bytes of Ed25519 in standard base64 with padding: 88 characters, not 86 payload/,
  ],
  [
    'a signature in a base64 that is not the standard one of its bytes',
    (m) => withHeaders(m, { ce_signature: withLooseBits(m.headers.ce_signature as string) }),
    'DS0B',
    /^Header: ce_signature Value: "[A-Za-z0-9+/]{63} Expected: 64 bytes of Ed25519 in standard base64 with padding: the last before == one of A, Q, g, w payload/,
  ],
  [
    'a signature of other bytes',
    (m) => ({ ...m, value: Buffer.from('{}') }),
    'DS0B',
    /^Header: ce_signature Value: "\S{63} Expected: Ed25519 by the key key-1 of ALFADE00 over the nine lines .*: network test-1, topic payments, payload digest 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a payload/,
  ],
  [
    'a key that is not registered',
    (m) => withHeaders(m, { ce_keyid: 'key-9' }),
    'DS0E',
    /^Header: ce_keyid Value: "key-9" Expected: the id of a key that was registered for ALFADE00 when the message came payload/,
  ],
  [
    'a key that is not registered, and no signature',
    (m) => withHeaders(m, { ce_keyid: 'key-9', ce_signature: '' }),
    'DS0E',
    /^Header: ce_keyid Value: "key-9" .* Header: ce_signature Value: "" Expected: 64 bytes/,
  ],
  [
    'sent again after ten minutes',
    (m) => ({ ...m, timestampMs: NOW + 600_000 }),
    'DT02',
    new RegExp(
      `^Header: ce_issuedatms Value: "${NOW}" Expected: from ${NOW + 300_000} to ${NOW + 900_000}: the message came at ${NOW + 600_000} \\(${new Date(NOW + 600_000).toISOString()}\\) payload`,
    ),
  ],
  [
    'no header at all',
    (m) => ({ ...m, headers: {} }),
    'FF01',
    /^(Header: \S+ Value: nothing Expected: (?:(?!Header).)+ ){6}Header: ce_signature Value: nothing Expected: 64 bytes/,
  ],
];
for (const [name, change, code, words] of notAuthentic)
  test(`what is not authentic tells header, value and what was expected: ${name}`, async () => {
    const { alfa, send } = world();
    const { statuses } = await send(change(alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW)));
    const [{ Rsn, AddtlInf }] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0].StsRsnInf;
    assert.equal(Rsn.Cd, code);
    // No payment was read: its UETR may be sent again.
    if (code === 'FF01')
      assert.match(AddtlInf[1], /^Correct what is named here and send the message again$/);
    // What is longer than a line goes on in the next.
    const told = AddtlInf.slice(2).reduce(
      (text: string, line: string, at: number, all: string[]) =>
        at > 0 && all[at - 1]?.length === 105 ? text + line : `${text} ${line}`,
      '',
    );
    assert.match(told.trim(), words);
  });

/** Each row: a message that names no participant it could be traced to, and the reason. */
const unattributable: [string, (message: Message) => Message, string, RegExp][] = [
  [
    'too large',
    (m) => withHeaders({ ...m, value: Buffer.alloc(65_537, 0x20) }, { ce_source: 'NOBODY00' }),
    'messageTooLarge',
    /65537 bytes, expected at most 65536/,
  ],
  [
    'headers too large',
    (m) => withHeaders(m, { ce_source: 'NOBODY00', extra: 'x'.repeat(9_000) }),
    'messageTooLarge',
    /headers have \d+ characters, expected at most 8192/,
  ],
  [
    'an unknown sender',
    (m) => withHeaders(m, { ce_source: 'NOBODY00' }),
    'senderUnknown',
    /NOBODY00/,
  ],
];
for (const [name, change, reason, detail] of unattributable)
  test(`to payments.rejected alone: ${name}`, async () => {
    const { alfa, send } = world();
    const message = change(alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW));
    const { kinds, statuses, deadLetters } = await send(message);
    assert.deepEqual([kinds, statuses], [[], []]);
    assert.equal(deadLetters[0].reason, reason);
    assert.match(deadLetters[0].detail, detail);
    assert.deepEqual([deadLetters[0].partition, deadLetters[0].logOffset], [0, 0]);
  });

/** Each row: headers that are missing or malformed, beside the name of a participant, and what it is told. */
const headless: [string, (message: Message) => Message, RegExp][] = [
  [
    'an issue time with a leading zero',
    (m) => withHeaders(m, { ce_issuedatms: `0${NOW}` }),
    /^Header: ce_issuedatms Value: "0\d+" Expected: .*no leading zero payload/,
  ],
  [
    'an id that is no signed field',
    (m) => withHeaders(m, { ce_id: 'a b' }),
    /^Header: ce_id Value: "a b" Expected: the UETR, or the message’s own id: 1 to 64 characters/,
  ],
  [
    'two headers at once, one of them missing',
    ({ headers: { ce_type: _, ...headers }, ...m }) => ({
      ...m,
      headers: { ...headers, ce_issuedatms: 'now' },
    }),
    /^Header: ce_type Value: nothing Expected: .* Header: ce_issuedatms Value: "now" Expected: /,
  ],
  [
    'another version of CloudEvents',
    (m) => withHeaders(m, { ce_specversion: '0.3' }),
    /^Header: ce_specversion Value: "0.3" Expected: 1.0/,
  ],
];
for (const [name, change, words] of headless)
  test(`headers at fault are a notice to the bank that they name: ${name}`, async () => {
    const { alfa, send, settlement } = world();
    const message = change(alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW));
    const { kinds, statuses, statusTopics, deadLetters } = await send(message);
    assert.deepEqual(kinds, ['noticed formatInvalid']);
    assert.deepEqual([statusTopics, deadLetters], [['statuses.ALFADE00'], []]);
    const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
    assert.deepEqual([status.TxSts, status.OrgnlUETR], ['RJCT', undefined]);
    assert.equal(status.StsRsnInf[0].Rsn.Cd, 'FF01');
    assert.match(status.StsRsnInf[0].AddtlInf.slice(2).join(' '), words);
    assert.equal(settlement.balance(0, 0), 100_000n);
  });

/** Signs a payload of any kind as ALFADE00 would: authentic, whatever it says. */
function authentic(payload: string, id: string): Message {
  const bank = world().alfa;
  const probe = { ...payment(ALFA, BETA, 1n), uetr: id as Uetr };
  const { headers } = bank.pay(probe, customers, NOW);
  const value = Buffer.from(payload);
  const text = [
    'CORRIDOR-SIG-V1',
    'test-1',
    'payments',
    headers.ce_type,
    ALFA,
    'key-1',
    id,
    headers.ce_issuedatms,
    createHash('sha256').update(value).digest('hex'),
    '',
  ].join('\n');
  const signature = Buffer.from(keyOf(ALFA).sign(Buffer.from(text))).toString('base64');
  return withHeaders({ key: ALFA, value, headers }, { ce_signature: signature });
}

const genuine = () => {
  const order = payment(ALFA, BETA, 5_000n);
  const text = Buffer.from(world().alfa.pay(order, customers, NOW).value).toString();
  return { text, id: order.uetr as string };
};
/** Each row: what an authentic payload says, the reason and what its bank reads. */
const faulty: [string, (text: string) => string, string, RegExp][] = [
  ['JSON that ends early', (t) => t.slice(0, -3), 'rejected formatInvalid', /must be JSON: /],
  [
    'a repeated key',
    (t) => t.replace('"Amt":"50.00"', '"Amt":"50.00","Amt":"10.00"'),
    'rejected formatInvalid',
    /Amt Value: "10.00" Expected: must stand once in its object/,
  ],
  [
    'a numeric amount',
    (t) => t.replace('"50.00"', '50.00'),
    'rejected formatInvalid',
    /Amt Value: 50 Expected: must be string/,
  ],
  [
    'a number beyond all',
    (t) => t.replace('"50.00"', '1e400'),
    'rejected formatInvalid',
    /Amt Value: a number beyond 1.8e308 Expected: must be string/,
  ],
  [
    'excess decimals',
    (t) => t.replace('"50.00"', '"50.001"'),
    'rejected decimalsExcess',
    /50\.001/,
  ],
  [
    'an unknown currency',
    (t) => t.replaceAll('"EUR"', '"XAU"'),
    'rejected currencyUnknown',
    /Value: "XAU" Expected: must be one of EUR/,
  ],
  [
    "another bank's account",
    (t) => t.replace(/("DbtrAgt":.*?)ALFADE00/, '$1BETAFR00'),
    'rejected instructingAgentNotDebtorAgent',
    /BETAFR00/,
  ],
  [
    'an id that is not the header’s',
    (t) => t.replace(/"UETR":"[^"]*"/, '"UETR":"00000000-0000-4000-8000-999999999999"'),
    'rejected formatInvalid',
    /ce_id/,
  ],
  [
    'an unknown creditor agent',
    (t) => t.replace(/("CdtrAgt":.*?)BETAFR00/, '$1NOBODY00'),
    'rejected creditorAgentUnknown',
    /Check the BIC/,
  ],
  [
    'a date long past',
    (t) => t.replace('2026-03-16"', '2026-01-05"'),
    'rejected settlementDateInvalid',
    /current business date/,
  ],
];
for (const [name, change, expected, detail] of faulty)
  test(`authentic and refused, with what to do: ${name}`, async () => {
    const { send, settlement } = world();
    const { text, id } = genuine();
    assert.notEqual(change(text), text);
    const { kinds, statuses } = await send(authentic(change(text), id));
    assert.deepEqual(kinds, [expected]);
    const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
    assert.equal(status.TxSts, 'RJCT');
    assert.equal(status.OrgnlUETR, id);
    assert.match(status.StsRsnInf[0].AddtlInf.join(' '), detail);
    assert.equal(settlement.balance(0, 0), 100_000n);
  });

test('a forger cannot occupy a UETR: the genuine payment under it settles', async () => {
  const { alfa, beta, send } = world();
  const order = payment(ALFA, BETA, 5_000n);
  const forged = withHeaders(
    beta.pay({ ...payment(BETA, ALFA, 1n), uetr: order.uetr }, customers, NOW),
    { ce_source: ALFA },
  );
  assert.deepEqual((await send(forged)).kinds, ['noticed signatureInvalid']);
  assert.deepEqual((await send(alfa.pay(order, customers, NOW))).kinds, ['settled']);
  const own = beta.pay({ ...payment(BETA, ALFA, 1n), uetr: order.uetr }, customers, NOW);
  assert.deepEqual((await send(own)).kinds, ['settled'], 'identities are apart by sender');
});

test('a name or key that the core refuses takes no effect, and shifts none behind it', async () => {
  const { alfa, send, clear, settlement } = world();
  const timeMs = NOW;
  const key = (bic: Bic, keyId: string, of: string, state: 'registered' | 'revoked') =>
    writeControl({
      kind: 'key',
      timeMs,
      bic,
      keyId,
      publicKey: Buffer.from(keyOf(of).publicKey).toString('hex'),
      state,
    });
  const refused = clear([
    key('NOBODY00' as Bic, 'key-1', 'X', 'registered'),
    key(BETA, 'key-1', ALFA, 'revoked'),
    key(ALFA, 'key-1', 'Y', 'registered'),
    writeControl({ kind: 'currency', timeMs, currency: 'BAD', minorUnits: 20 }),
    writeControl({ kind: 'participant', timeMs, bic: ALFA, name: 'again', role: 'bank' }),
  ]);
  assert.deepEqual(
    refused.kinds,
    refused.kinds.map(() => 'refused recordInvalid'),
  );
  assert.equal(refused.messages.length, 0);
  const taken = clear([
    key(BETA, 'key-2', 'X', 'registered'),
    writeControl({ kind: 'currency', timeMs, currency: 'SGD', minorUnits: 2 }),
    writeControl({
      kind: 'account',
      timeMs,
      bic: BETA,
      currency: 'SGD',
      balanceMinor: '7',
      creditLineMinor: '0',
    }),
  ]);
  assert.deepEqual(taken.kinds, ['keyChanged', 'currencyAdded', 'accountOpened']);
  assert.equal(settlement.balance(1, 1), 7n);
  const message = alfa.pay(payment(ALFA, BETA, 1n), customers, NOW);
  assert.deepEqual((await send(message)).kinds, ['settled'], 'ALFA’s key still is');
});

test('nothing signed with a revoked key is accepted after the revocation', async () => {
  const { alfa, send, clear } = world();
  const publicKey = Buffer.from(keyOf(ALFA).publicKey).toString('hex');
  const revoke: ControlRecord = {
    kind: 'key',
    timeMs: NOW,
    bic: ALFA,
    keyId: 'key-1',
    publicKey,
    state: 'revoked',
  };
  assert.deepEqual(clear([writeControl(revoke)]).kinds, ['keyChanged keyRevoked']);
  const { kinds, statuses } = await send(alfa.pay(payment(ALFA, BETA, 1n), customers, NOW));
  assert.deepEqual(kinds, ['noticed keyRevoked']);
  const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
  assert.equal(status.StsRsnInf[0].Rsn.Cd, 'DS0C');
});

test('a payment without cover is pending; at the close it is cancelled', async () => {
  const { alfa, send, clear, notifier } = world();
  const { kinds, statuses } = await send(alfa.pay(payment(ALFA, BETA, 100_001n), customers, NOW));
  assert.deepEqual(kinds, ['queued']);
  assert.equal(statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts[0].TxSts, 'PDNG');
  const close: ControlRecord = {
    kind: 'close',
    timeMs: NOW + 8 * 3_600_000,
    currency: 'EUR',
    date: '2026-03-16',
  };
  assert.equal(notifier.waiting(), 1);
  const closed = clear([writeControl(close)]);
  assert.equal(notifier.waiting(), 0);
  assert.ok(closed.kinds.includes('cancelled cancelledAtClose'));
  const late = await send({
    ...alfa.pay(payment(ALFA, BETA, 1n), customers, NOW + 8 * 3_600_000),
    timestampMs: NOW + 8 * 3_600_000,
  });
  assert.deepEqual(late.kinds, ['rejected afterCutOff']);
});
