/**
 * What a message costs from its bytes to its verified record, but for the signature: parsed, held against
 * schema and rules, written. Time of the processor, the cases in turn.
 */
import { createHash } from 'node:crypto';
import { documentOf } from '../../services/protocol/messages/payload.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES, type Syntax } from '../../services/protocol/names/content-type.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';
import { type Line, median } from '../measure.ts';

/**
 * `document-json` tells of six invoices, `document-json-four` of four of them; `document-json-as-xml` is the message of
 * `document-xml`, which tells of none.
 */
export const DOCUMENT_CASES = [
  'document-json',
  'document-json-four',
  'document-json-as-xml',
  'document-xml',
  'document-xml-39k',
] as const;

const TYPE = 'pacs.008.001.08';
const ISSUED_MS = Date.UTC(2026, 2, 16, 9);
const ALFA = 'ALFADE00' as Bic;
/** Judged in one batch, each of its own ids, amounts and parties: a reader that remembers texts meets others too. */
const PAYMENTS = 100;
/** Of four countries, with a branch and without: what a BIC may be. The verifier asks for no registration of them. */
const CREDITORS = ['BETAFR00', 'GAMANL2A', 'DELTESMM', 'EPSIITRRXXX'];
const TOWNS = ['Paris', 'Lyon', 'Marseille', 'Saint-Malo', 'Nantes'];
const ROUNDS = 9;
const WARM_UP = 2;

const agent = (name: string, bic: string) =>
  `<${name}><FinInstnId><BICFI>${bic}</BICFI></FinInstnId></${name}>`;
const party = (name: string, called: string, town: string, country: string) =>
  `<${name}><Nm>${called}</Nm><PstlAdr><StrtNm>Main Street</StrtNm><TwnNm>${town}</TwnNm><Ctry>${country}</Ctry></PstlAdr></${name}>`;
const invoice = (number: number) =>
  `<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>INVOICE-${number}</Nb><RltdDt>2026-03-${10 + (number % 20)}</RltdDt></RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">${number % 997}.00</DuePyblAmt></RfrdDocAmt></Strd>`;

/** With lines and indents, as banks' messages have them. */
function indented(xml: string): string {
  let depth = 0;
  return xml.replace(
    /<(\/)?[^>]*>(?=(<\/?)?)/g,
    (tag, closes: string | undefined, next: string) => {
      if (closes) depth -= 1;
      else depth += 1;
      if (!next) return tag;
      const inner = next === '</' ? depth - 1 : depth;
      return `${tag}\n${'  '.repeat(Math.max(0, inner))}`;
    },
  );
}

const uetr = (number: number) => `8a562c67-ca16-48ba-b074-${String(number).padStart(12, '0')}`;

/** @param invoices of which it tells, each about 370 bytes in XML and 145 in JSON */
function payment(number: number, invoices: number): Buffer {
  const creditor = CREDITORS[number % CREDITORS.length] as string;
  const town = TOWNS[number % TOWNS.length] as string;
  const first = 4_000 + number * 31;
  const told =
    invoices === 0
      ? `<Ustrd>Invoice ${first}</Ustrd>`
      : Array.from({ length: invoices }, (_, one) => invoice(first + one)).join('');
  return Buffer.from(
    indented(
      `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${TYPE}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-${number}</MsgId><CreDtTm>2026-03-16T09:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-${number}</EndToEndId><UETR>${uetr(number)}</UETR></PmtId><IntrBkSttlmAmt Ccy="EUR">${12 + number}.50</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-16</IntrBkSttlmDt><ChrgBr>SHAR</ChrgBr>${agent('InstgAgt', ALFA)}${agent('InstdAgt', creditor)}${party('Dbtr', `A. Payer ${number}`, 'Frankfurt', 'DE')}${agent('DbtrAgt', ALFA)}${agent('CdtrAgt', creditor)}${party('Cdtr', `B. Payee ${number * 7}`, town, 'FR')}<RmtInf>${told}</RmtInf></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>`,
    ),
  );
}

/** Prints a line for each case, in microseconds. */
export async function measureDocuments(print: (line: Line) => void): Promise<void> {
  const verifier = createVerifier(
    {
      network: 'bench',
      currencies: new Map([['EUR', { minorUnits: 2, pool: 'main' }]]),
      defaultPool: 'main',
      checkSignatures: false,
    },
    {
      registerKey: () => 0,
      verify: (batch) => batch.map(() => true),
      figures: { keysWithoutRoom: 0 },
    },
  );
  const publicKey = createHash('sha256').update(ALFA).digest('hex');
  const key = { bic: ALFA, name: 'Alfa', keyId: 'key-1', publicKey } as const;
  verifier.learn({ ...key, role: 'bank', state: 'registered' });
  const inSyntax: Record<Syntax, (message: Buffer) => Buffer> = {
    json: (message) => Buffer.from(JSON.stringify(documentOf(TYPE, message))),
    xml: (message) => message,
  };
  const contestant = (invoices: number, syntax: Syntax, count: number) => {
    const batch = Array.from({ length: PAYMENTS }, (_, number) => ({
      ...{ partition: 0, logOffset: number, timestampMs: ISSUED_MS },
      value: inSyntax[syntax](payment(number, invoices)),
      headers: {
        ...envelopeHeaders({
          ...{ id: uetr(number), sender: ALFA, messageType: TYPE, keyId: 'key-1' },
          ...{ issuedAtMs: ISSUED_MS, signature: new Uint8Array(64) },
        }),
        'content-type': CONTENT_TYPES[syntax],
      },
    }));
    const bytes = batch.reduce((sum, { value }) => sum + value.length, 0) / batch.length;
    const run = async () => {
      for (let done = 0; done < count; done += batch.length)
        for (const judgement of await verifier.judge(batch))
          if (!('value' in judgement) || judgement.fault !== null)
            throw new Error(`a document of ${bytes} bytes was refused: no figure`);
    };
    return { count, run, bytes };
  };
  const cases = {
    'document-json': contestant(6, 'json', 5_000),
    'document-json-four': contestant(4, 'json', 5_000),
    'document-json-as-xml': contestant(0, 'json', 5_000),
    'document-xml': contestant(0, 'xml', 2_000),
    'document-xml-39k': contestant(102, 'xml', 100),
  };
  for (const [name, { bytes }] of Object.entries(cases))
    process.stderr.write(`${name}: ${Math.round(bytes)} bytes\n`);
  const times = new Map<string, number[]>(DOCUMENT_CASES.map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const [name, { count, run }] of Object.entries(cases)) {
      const start = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times.get(name)?.push((user + system) / count);
    }
  for (const name of DOCUMENT_CASES)
    print({
      ...{ case: name, value: median(times.get(name) ?? []), unit: 'us/document' },
      ...{ vs: null, ratio: null },
    });
}
