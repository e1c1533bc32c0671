import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createVerification } from '../../services/core/verification/verification.ts';
import { writeCancellation } from '../../services/protocol/messages/cancellation.ts';
import { documentOf, readPayload } from '../../services/protocol/messages/payload.ts';
import { readStatusReport } from '../../services/protocol/messages/status-report.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { readEnvelope } from '../../services/protocol/names/message-headers.ts';
import { payloadDigest } from '../../services/protocol/names/signing-text.ts';
import {
  isControl,
  layOutVerified,
  readControl,
  readOriginal,
} from '../../services/protocol/records/input-record.ts';
import { VERIFIED_RECORD_BYTES } from '../../services/protocol/records/verified-record.ts';
import { MessageProof } from '../../services/verifier/recheck-logged-messages.ts';
import { atLeast } from '../support/at-least.ts';
import {
  ALFA,
  BETA,
  customers,
  keyOf,
  NOW,
  payment,
  signedAnew,
  world,
} from '../support/message-path.ts';
import { businessHeader, toldDocument, xmlOf } from '../support/xml-messages.ts';

/** What becomes of messages in XML between a bank and its statuses, as of those in JSON. */
const wasm = new WebAssembly.Module(
  readFileSync(fileURLToPath(new URL('../../assembly/corridor.wasm', import.meta.url))),
);

for (const type of ['pacs.008.001.08', 'pacs.009.001.08'] as const)
  for (const isWrapped of [false, true])
    test(`${type} in XML${isWrapped ? ' with its header' : ''} settles as in JSON, and is delivered as it was sent`, async () => {
      const { alfa, send, settlement, notifier, record } = world();
      const order = payment(ALFA, BETA, 5_000n);
      const json = alfa.pay(order, type === 'pacs.008.001.08' ? customers : null, NOW);
      assert.equal(json.headers.ce_type, type);
      const header = { from: ALFA, to: BETA, messageId: order.messageId };
      const xml = signedAnew(json, xmlOf(type, json.value, isWrapped ? header : undefined));
      const { kinds, statuses, deliveries } = await send(xml);
      assert.deepEqual(kinds, ['settled']);
      assert.equal(settlement.balance(0, 0), 95_000n);
      const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
      assert.deepEqual(
        [status.TxSts, status.OrgnlUETR, status.OrgnlEndToEndId, status.OrgnlGrpInf],
        ['ACSC', order.uetr, order.endToEndId, { OrgnlMsgId: order.messageId, OrgnlMsgNmId: type }],
      );
      assert.deepEqual(deliveries[0]?.message.value, xml.value);
      assert.equal(deliveries[0]?.message.headers['content-type'], 'application/xml');
      assert.equal(deliveries[0]?.message.headers.ce_signature, xml.headers.ce_signature);
      assert.equal(notifier.waiting(), 0);
      assert.deepEqual((await send(xml)).kinds, ['repeated']);
      // The same words in the other syntax are other bytes.
      assert.deepEqual((await send(json)).kinds, ['rejected duplicateIdentity']);

      // Both syntaxes give the same record but for headers, payload and digest.
      const twin = world();
      await twin.send(json);
      const recordOf = ({ inputs }: { inputs: readonly Uint8Array[] }) =>
        Buffer.from(inputs.find((one) => !isControl(one))!.subarray(0, VERIFIED_RECORD_BYTES));
      const [inXml, inJson] = [recordOf(record), recordOf(twin.record)];
      const digests = [xml, json].map(({ value }) => payloadDigest(value));
      assert.equal(inXml.indexOf(digests[0]!), inJson.indexOf(digests[1]!));
      inXml.set(digests[1]!, inXml.indexOf(digests[0]!));
      assert.deepEqual(inXml, inJson);
    });

test('a record in XML is proven again by its log, and is another with another content type', async () => {
  const { alfa, send, record } = world();
  const json = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
  await send(signedAnew(json, xmlOf('pacs.008.001.08', json.value)));
  const proof = new MessageProof(
    { network: 'test-1', firstPools: ['main'] },
    createVerification(wasm),
  );
  record.inputs.forEach((value, logOffset) => {
    if (isControl(value)) proof.learn('main', readControl(value), logOffset, true);
  });
  const logOffset = record.inputs.findIndex((value) => !isControl(value));
  const value = record.inputs[logOffset]!;
  const faultOf = async (changed: Uint8Array) =>
    (await proof.check([{ pool: 'main', logOffset, value: changed }]))[0]?.fault;
  assert.equal(await faultOf(value), null);
  const { headers, payload } = readOriginal(value);
  assert.equal(headers['content-type'], 'application/xml');
  const changed = layOutVerified({
    headers: { ...headers, 'content-type': 'application/json' },
    payload,
  });
  changed.set(value.subarray(0, VERIFIED_RECORD_BYTES));
  // The header is not signed, and decides nothing.
  assert.equal(await faultOf(changed), null);
});

test('the header content-type, which is not signed, decides nothing of a message', async () => {
  const on = world();
  for (const [syntax, contentType] of [
    ['xml', 'application/json'],
    ['json', 'application/xml'],
  ] as const) {
    const json = on.alfa.pay(payment(ALFA, BETA, 50n), customers, NOW);
    const value = syntax === 'xml' ? xmlOf('pacs.008.001.08', json.value) : json.value;
    const { kinds, types } = await told(on, signedAnew(json, value, contentType));
    assert.match(kinds.join(), /^(settled|queued)/, syntax);
    assert.ok(
      types.every((type) => type === `application/${syntax}`),
      `${syntax}: ${types}`,
    );
  }
});

test('a delivery says as what its payload was read, whatever its sender said', async () => {
  for (const contentType of ['text/plain', 'application/xml', 'application/json; charset=utf-8']) {
    const on = world();
    const json = on.alfa.pay(payment(ALFA, BETA, 50n), customers, NOW);
    const { deliveries } = await on.send(signedAnew(json, Buffer.from(json.value), contentType));
    const types = deliveries.map(({ message }) => message.headers['content-type']);
    assert.deepEqual(types, ['application/json'], contentType);
  }
});

test('what is refused is told with its place, in either syntax', async () => {
  const { alfa, send } = world();
  const make = () => {
    const json = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
    return { json, xml: xmlOf('pacs.008.001.08', json.value).toString() };
  };
  const change = (from: string | RegExp, to: string) => () => {
    const { json, xml } = make();
    assert.notEqual(xml.replace(from, to), xml);
    return signedAnew(json, Buffer.from(xml.replace(from, to)));
  };
  const detailOf = async (message: Message) => {
    const { kinds, statuses } = await send(message);
    assert.match(kinds.join(), /^rejected \w+$/);
    const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
    assert.equal(status.TxSts, 'RJCT');
    assert.equal(status.OrgnlUETR, message.headers.ce_id);
    return `${kinds}: ${status.StsRsnInf[0].AddtlInf.join(' | ')}`;
  };
  const cases: [string, () => Message, RegExp][] = [
    [
      'a document type',
      change('<Document', '<!DOCTYPE Document><Document'),
      /Value: "<!DOCTYPE.*\| Expected: 2:1: no docum/,
    ],
    [
      'an older version',
      change('pacs.008.001.08', 'pacs.008.001.07'),
      /Path: \/Document \|.*Expected: namespace/,
    ],
    [
      'another order',
      change(/(<ChrgBr>.*<\/ChrgBr>)(.*)(<DbtrAgt>)/, '$2$1$3'),
      /ChrgBr \|.*Expected: expec/,
    ],
    ['an amount without currency', change(' Ccy="EUR"', ''), /IntrBkSttlmAmt.*Ccy/],
    ['an unknown currency', change('Ccy="EUR"', 'Ccy="USD"'), /currencyUnknown.*USD/],
    ['excess decimals', change('>50.00<', '>50.001<'), /decimalsExcess/],
    ['white space around the amount', change('>50.00<', '> 50.00 <'), /formatInvalid.*Amt/],
  ];
  for (const [name, message, expected] of atLeast(7, cases))
    assert.match(await detailOf(message()), expected, name);
});

test('a fault of XML is told with its place in JSON and with what stands there', async () => {
  const { alfa, send } = world();
  const linesOf = async (from: string | RegExp, to: string) => {
    const json = alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
    const xml = xmlOf('pacs.008.001.08', json.value).toString();
    assert.notEqual(xml.replace(from, to), xml);
    const { statuses } = await send(signedAnew(json, Buffer.from(xml.replace(from, to))));
    const [{ StsRsnInf }] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
    return StsRsnInf[0].AddtlInf.filter((line: string) => /^(Rule|Path|Value)/.test(line));
  };
  const of = '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0';
  const cases: [from: string | RegExp, to: string, place: string, value: RegExp][] = [
    ['</ChrgBr>', '</ChrgBr><ChrgBr>SLEV</ChrgBr>', `${of}/ChrgBr`, /^"SLEV"$/],
    ['<ChrgBr>', '<ChrgBr a="1">', `${of}/ChrgBr`, /^"SHAR"$/],
    [/(<ChrgBr>.*<\/ChrgBr>)(.*)(<DbtrAgt>)/, '$2$1$3', `${of}/ChrgBr`, /^"SHAR"$/],
    ['</ChrgBr>', '</ChrgBr>text', of, /^"text"$/],
    ['SHAR', 'SH<!-- x -->AR', `${of}/ChrgBr`, /^"SH"$/],
    ['<Document', '<?a b?><Document', '/', /^"<\?a b\?><Document/],
  ];
  for (const [from, to, place, value] of atLeast(6, cases)) {
    const [rule, path, found] = await linesOf(from, to);
    assert.deepEqual([rule, path], ['Rule: xml-form', `Path: ${place}`], to);
    assert.match(found.replace('Value: ', ''), value, to);
  }
});

test('what older rules took with an instruction before it is refused now, proven as it was recorded, and read again', async () => {
  const json = world().alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW);
  const plain = xmlOf('pacs.008.001.08', json.value)
    .toString()
    .replace(/^<\?xml.*?\?>/, '');
  const recordOf = async (xml: string) => {
    const on = world();
    const { kinds } = await on.send(signedAnew(json, Buffer.from(xml)));
    return { kinds, inputs: on.record.inputs };
  };
  const taken = await recordOf(plain);
  assert.deepEqual(taken.kinds, ['settled']);
  const instructed = `<?foo bar?>${plain}`;
  const refused = await recordOf(instructed);
  assert.deepEqual(refused.kinds, ['rejected formatInvalid']);

  const proof = new MessageProof(
    { network: 'test-1', firstPools: ['main'] },
    createVerification(wasm),
  );
  refused.inputs.forEach((value, logOffset) => {
    if (isControl(value)) proof.learn('main', readControl(value), logOffset, true);
  });
  const logOffset = refused.inputs.findIndex((value) => !isControl(value));
  const older = Buffer.from(refused.inputs[logOffset]!);
  // What rules say of a message, as services/protocol/records/verified-record.ts has it.
  for (const [from, to] of [[4, 8] as const, [116, 188] as const, [200, 206] as const])
    older.set(taken.inputs[logOffset]!.subarray(from, to), from);
  older[207] = 4;
  const [finding] = await proof.check([{ pool: 'main', logOffset, value: older }]);
  assert.deepEqual([finding?.kind, finding?.fault], ['payment judged by older rules', null]);

  const { headers } = signedAnew(json, Buffer.from(instructed));
  const envelope = readEnvelope(headers);
  if ('header' in envelope) throw new Error(envelope.header);
  const currencies = new Map([['EUR', { minorUnits: 2, pool: 'main' }]]);
  const again = (xml: string) => readPayload(envelope, Buffer.from(xml), currencies, '', true);
  assert.deepEqual(again(instructed), again(plain));
  const type = 'pacs.008.001.08';
  assert.deepEqual(documentOf(type, Buffer.from(instructed)), documentOf(type, Buffer.from(plain)));
  assert.ok(documentOf(type, Buffer.from(instructed)));
});

/** Of what is said here. */
const HEADER_ORDER = [
  ...['Fr', 'To', 'BizMsgIdr', 'MsgDefIdr', 'BizSvc', 'CreDt'],
  ...['CpyDplct', 'Sgntr'],
];

test('a header beside the document that says another thing is refused, in either syntax', async () => {
  const { alfa, send } = world();
  const type = 'pacs.008.001.08';
  const outcome = async (over: object, inXml: boolean, document: object = {}) => {
    const order = payment(ALFA, BETA, 5_000n);
    const json = alfa.pay(order, customers, NOW);
    const words = { from: ALFA, to: BETA, messageId: order.messageId };
    const said: Record<string, unknown> = { ...businessHeader(type, words), ...over };
    const AppHdr = Object.fromEntries(
      HEADER_ORDER.flatMap((name) => (name in said ? [[name, said[name]]] : [])),
    );
    const { Document } = JSON.parse(Buffer.from(json.value).toString());
    const [transaction] = Document.FIToFICstmrCdtTrf.CdtTrfTxInf;
    const { InstgAgt, Dbtr, DbtrAgt, CdtrAgt, Cdtr, ...before } = transaction;
    const changed = { ...before, InstgAgt, ...document, Dbtr, DbtrAgt, CdtrAgt, Cdtr };
    Document.FIToFICstmrCdtTrf.CdtTrfTxInf = [changed];
    const payload = Buffer.from(JSON.stringify({ AppHdr, Document }));
    const message = inXml
      ? signedAnew(json, xmlOf(type, payload))
      : signedAnew(json, payload, 'application/json');
    const { kinds, statuses } = await send(message);
    const [status] = statuses[0].Document.FIToFIPmtStsRpt.TxInfAndSts;
    return `${kinds}: ${(status.StsRsnInf?.[0].AddtlInf ?? []).join(' | ')}`;
  };
  const agent = (bic: string) => ({ FIId: { FinInstnId: { BICFI: bic } } });
  const instructed = (bic: string) => ({ InstdAgt: { FinInstnId: { BICFI: bic } } });
  const cases: [object, RegExp, object?][] = [
    [{}, /^settled/],
    [{}, /^settled/, instructed(BETA)],
    [{ BizSvc: 'swift.cbprplus.02' }, /^settled/],
    [{ To: agent('GAMMFR00') }, /^settled/],
    [{ To: { OrgId: { Nm: 'The system' } } }, /^settled/],
    [
      { To: agent('GAMMFR00') },
      /AppHdr\/To .*GAMMFR00.*must be the instructed agent/,
      instructed(BETA),
    ],
    [{ Fr: agent(BETA) }, /AppHdr\/Fr .*BETAFR00.*must be ce_source ALFADE00/],
    [{ Fr: { OrgId: {} } }, /AppHdr\/Fr/],
    [{ MsgDefIdr: 'pacs.009.001.08' }, /AppHdr\/MsgDefIdr .*pacs.009.001.08.*must be ce_type/],
    [{ BizMsgIdr: 'another' }, /AppHdr\/BizMsgIdr .*another.*must be the document's id M-/],
    [{ CreDt: '2026-03-16T09:05:00Z' }, /^settled/],
    [{ CreDt: '2026-03-16T10:05:00+01:00' }, /^settled/],
    [{ CreDt: '2026-03-16T09:05:00.001Z' }, /AppHdr\/CreDt .* not after ce_issuedatms/],
    [{ CreDt: '2026-02-30T09:00:00Z' }, /AppHdr\/CreDt/],
    [{ CreDt: '2026-03-16T09:00:00' }, /AppHdr\/CreDt/],
    [{ CpyDplct: 'COPY' }, /AppHdr.*CpyDplct/],
    [{ Sgntr: {} }, /AppHdr.*Sgntr/],
  ];
  for (const [over, expected, document] of atLeast(17, cases))
    for (const inXml of [false, true])
      assert.match(
        await outcome(over, inXml, document),
        expected,
        `${inXml ? 'XML' : 'JSON'} ${JSON.stringify(over)}`,
      );
});

/** Sends a message in XML, and the kinds of event, content types and documents that come of it. */
async function told(on: ReturnType<typeof world>, message: Message) {
  const { kinds, told: sent } = await on.send(message);
  return {
    kinds,
    sent,
    types: sent.map(({ headers }) => headers['content-type']),
    documents: sent.map(toldDocument),
  };
}

test('a bank is told of its message in the syntax of the message, with a business header', async () => {
  const on = world();
  const order = payment(ALFA, BETA, 100_001n);
  const json = on.alfa.pay(order, customers, NOW);
  const xml = signedAnew(json, xmlOf('pacs.008.001.08', json.value));
  const waits = await told(on, xml);
  assert.deepEqual(waits.types, ['application/xml']);
  const [{ AppHdr, Document }] = waits.documents;
  const { MsgId, CreDtTm } = Document.FIToFIPmtStsRpt.GrpHdr;
  assert.deepEqual(AppHdr, {
    Fr: { FIId: { FinInstnId: { Nm: 'test-1' } } },
    To: { FIId: { FinInstnId: { BICFI: ALFA } } },
    BizMsgIdr: MsgId,
    MsgDefIdr: 'pacs.002.001.10',
    CreDt: CreDtTm,
  });
  assert.equal(Document.FIToFIPmtStsRpt.TxInfAndSts[0].TxSts, 'PDNG');
  assert.deepEqual(readStatusReport(waits.sent[0]!.value), {
    ...{
      status: 'PDNG',
      messageId: order.messageId,
      messageType: 'pacs.008.001.08',
      uetr: order.uetr,
    },
    ...{ reasonCode: 'AM04', payloadDigest: null, isOfAnotherBank: false },
  });

  // The same as in JSON, element by element.
  const twin = world();
  const inJson = await told(twin, json);
  assert.deepEqual(inJson.types, ['application/json']);
  assert.deepEqual(Document, inJson.documents[0].Document);

  // A request has the syntax of its own; the end of the payment that of the payment.
  const request = {
    ...{ id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType: 'pacs.008.001.08' as const },
    currency: 'EUR',
  };
  const body = writeCancellation(request, NOW, order.amountMinor, () => 2);
  const asked = signedAnew(
    { ...json, headers: { ...json.headers, ce_id: 'C-1', ce_type: 'camt.056.001.08' } },
    body,
    'application/json',
  );
  const ended = await told(on, asked);
  assert.deepEqual(
    ended.sent.map(({ headers }) => [headers.ce_type, headers['content-type']]),
    [
      ['pacs.002.001.10', 'application/xml'],
      ['camt.029.001.09', 'application/json'],
    ],
  );
  const again = await told(on, { ...asked, ...signedAnew(asked, xmlOf('camt.056.001.08', body)) });
  assert.deepEqual(again.types, ['application/xml']);
  assert.match(JSON.stringify(again.documents[0]), /"RsltnOfInvstgtn".*"Conf":"RJCR"/);
});

test('of what it did not send a bank is told in the syntax of its registration', async () => {
  const named = { timeMs: NOW - 3_600_000, bic: 'GAMMDEFF' as Bic, name: 'Gamma' };
  for (const [syntax, expected] of [
    ['xml', 'application/xml'],
    ['json', 'application/json'],
    [undefined, 'application/json'],
  ] as const) {
    const on = world({}, [
      { kind: 'participant', role: 'bank', ...named, ...(syntax && { syntax }) },
      {
        ...{ kind: 'key', timeMs: named.timeMs, bic: named.bic, keyId: 'key-1' },
        ...{ publicKey: Buffer.from(keyOf('G').publicKey).toString('hex'), state: 'registered' },
      },
    ]);
    const forged = (at: number) => {
      const json = on.alfa.pay(payment(ALFA, BETA, 1n), customers, at);
      const headers = { ...json.headers, ce_source: named.bic, 'content-type': 'application/xml' };
      return { ...json, headers, timestampMs: at };
    };
    const notices = await told(on, forged(NOW));
    assert.match(notices.kinds.join(), /^noticed/);
    assert.deepEqual(notices.types, [expected], `${syntax}`);
    for (let more = 1; more < 12; more++) await told(on, forged(NOW + more));
    const { sent } = await told(on, forged(NOW + 61_000));
    assert.deepEqual(sent.map(({ headers }) => [headers.ce_type, headers['content-type']]).sort(), [
      ['admi.004.001.02', expected],
      ['pacs.002.001.10', expected],
    ]);
  }
});
