import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValidIBAN } from 'ibantools';
import { isRefusal, readPayload } from '../../services/protocol/messages/payload.ts';
import { isIsoDate } from '../../services/protocol/names/dates.ts';
import { isIban } from '../../services/protocol/rules/check-digits.ts';
import { judgeStandardType } from '../../services/protocol/rules/unknown-elements-and-standard-form.ts';
import { Draw, writtenMessages } from '../messages/xml-mutants.ts';
import { atLeast } from '../support/at-least.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** What is judged character by character, held against slower ways that say what is meant. */
const SEED = 20_261_114;

const IBANS = [
  ...['DE89370400440532013000', 'FR1420041010050500013M02606', 'NO9386011117947'],
  ...['GB29NWBK60161331926819', 'MT84MALT011000012345MTLCAST001S', 'BE68539007547034'],
  ...['ES9121000418450200051332', 'IT60X0542811101000000123456', 'CH9300762011623852957'],
];

test('an IBAN is judged as by a library, whatever character is changed', () => {
  const draw = new Draw(SEED, 'ibans');
  const signs = '0123456789ABCXYZ';
  let [taken, refused] = [0, 0];
  const judge = (iban: string) => {
    const expected = isValidIBAN(iban);
    assert.equal(isIban(iban), expected, `seed ${SEED}: ${iban}`);
    if (expected) taken += 1;
    else refused += 1;
  };
  for (const iban of atLeast(9, IBANS)) {
    judge(iban);
    for (let digits = 0; digits < 100; digits++)
      judge(iban.slice(0, 2) + String(digits).padStart(2, '0') + iban.slice(4));
    for (let change = 0; change < 200; change++) {
      const at = 2 + draw.integer(iban.length - 2);
      const sign = at < 4 ? String(draw.integer(10)) : draw.pick([...signs]);
      judge(iban.slice(0, at) + sign + iban.slice(at + draw.integer(2)));
    }
  }
  // Modulo 97 these are 97, 98 and 02, and no check digits.
  for (let number = 0; number < 300; number++)
    for (const digits of ['00', '01', '02', '97', '98', '99'])
      judge(`DE${digits}370400440532013${String(number).padStart(3, '0')}`);
  assert.ok(taken > 20 && refused > 1_500, `${taken} taken, ${refused} refused`);
});

test('a date is one that the calendar has', () => {
  let days = 0;
  for (const year of [1900, 2000, 2023, 2024, 9999])
    for (let month = 0; month < 15; month++)
      for (let day = 0; day < 34; day++) {
        const two = (number: number) => String(number).padStart(2, '0');
        const text = `${year}-${two(month)}-${two(day)}`;
        const ms = Date.parse(`${text}T00:00:00Z`);
        const expected = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
        // Twice: a date that was judged is known again.
        for (const _ of [1, 2]) assert.equal(isIsoDate(text), expected, text);
        if (expected) days += 1;
      }
  assert.equal(days, 365 * 3 + 366 * 2);
  for (const text of ['', '2026-03-1', '2026-03-011', '2026/03/01', '2026-3-001', 'x026-03-01'])
    assert.equal(isIsoDate(text), false, text);
});

/** As XML Schema has xs:decimal, by its words. */
function isDecimal(text: string, digits: number, fraction: number, isSigned: boolean): boolean {
  if (!/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text)) return false;
  const [whole = '', decimals = ''] = text.replace(/^[+-]?0*/, '').split('.') as [string, string?];
  const significant = decimals.replace(/0+$/, '').length;
  const isNegative = text.startsWith('-') && /[1-9]/.test(text);
  return (
    whole.length + significant <= digits && significant <= fraction && (isSigned || !isNegative)
  );
}

test('a decimal is judged by its digits that count', () => {
  const draw = new Draw(SEED, 'decimals');
  const types = [
    ['ActiveCurrencyAndAmount_SimpleType', 18, 5, false],
    ['BaseOneRate', 11, 10, true],
  ] as const;
  const counts = { taken: 0, refused: 0 };
  for (let index = 0; index < 6_000; index++) {
    const signs = (from: string, most: number) =>
      Array.from({ length: draw.integer(most) }, () => draw.pick([...from])).join('');
    // Any signs, and decimals with zeros on both sides.
    const text =
      index % 2 === 0
        ? signs('000112+-.9e ', draw.pick([4, 8, 24]))
        : `${draw.pick(['', '+', '-'])}${signs('0', 6)}${signs('019', 12)}.${signs('019', 8)}${signs('0', 12)}`;
    for (const [type, digits, fraction, isSigned] of types) {
      const found = judgeStandardType(text, type, '/Amt');
      const expected = isDecimal(text, digits, fraction, isSigned);
      assert.equal(found === null, expected, `seed ${SEED}: ${type} ${JSON.stringify(text)}`);
      if (found) assert.equal(found.path, '/Amt');
      counts[found ? 'refused' : 'taken'] += 1;
    }
  }
  assert.ok(counts.taken > 1_000 && counts.refused > 3_000, JSON.stringify(counts));
});

const currencies = new Map([['EUR', { minorUnits: 2, pool: 'main' }]]);
// biome-ignore lint/suspicious/noExplicitAny: documents are changed at any place on purpose.
type Document = any;

/** What is said of a message of a type when it is changed, in JSON, or as XML. */
function judged(
  type: 'pacs.008.001.08' | 'pacs.009.001.08',
  syntax: 'json' | 'xml',
  change: (transfer: Document, header: Document) => void,
): string {
  const good = writtenMessages().find((message) => message.type === type) as {
    names: Parameters<typeof readPayload>[0];
    json: Uint8Array;
  };
  const document = JSON.parse(Buffer.from(good.json).toString());
  const { GrpHdr, CdtTrfTxInf } = Object.values(document.Document)[0] as Document;
  change(CdtTrfTxInf[0], GrpHdr);
  const json = Buffer.from(JSON.stringify(document));
  const read = readPayload(good.names, syntax === 'xml' ? xmlOf(type, json) : json, currencies);
  return isRefusal(read) ? `${read.rule} ${read.path}` : 'taken';
}

test('an indicator is true or false in JSON, and a text of four in XML', () => {
  const rows: readonly (readonly [syntax: 'json' | 'xml', value: unknown, isTaken: boolean])[] = [
    ...(['true', 'false', '1', '0', 'yes', 1, null] as const).map(
      (value) => ['json', value, false] as const,
    ),
    ...([true, false] as const).flatMap((value) =>
      (['json', 'xml'] as const).map((syntax) => [syntax, value, true] as const),
    ),
    ...(['true', 'false', '1', '0'] as const).map((value) => ['xml', value, true] as const),
    ...(['yes', 'TRUE', '01'] as const).map((value) => ['xml', value, false] as const),
  ];
  for (const [syntax, value, isTaken] of atLeast(18, rows)) {
    const found = judged('pacs.008.001.08', syntax, (transfer, header) => {
      const { MsgId, CreDtTm, ...others } = header;
      for (const name of Object.keys(header)) delete header[name];
      Object.assign(header, { MsgId, CreDtTm, BtchBookg: value, ...others });
      transfer.Dbtr.Nm = 'A';
    });
    const place = 'element-form /Document/FIToFICstmrCdtTrf/GrpHdr/BtchBookg';
    assert.equal(found, isTaken ? 'taken' : place, `${syntax} ${JSON.stringify(value)}`);
  }
});

const COVERED = {
  Dbtr: { Nm: 'A' },
  DbtrAgt: { FinInstnId: { BICFI: 'ALFADE00' } },
  CdtrAgt: { FinInstnId: { BICFI: 'BETAFR00' } },
  Cdtr: { Nm: 'B' },
};

test('what settlement heeds is known by its place, not by its name alone', () => {
  const covered = '/Document/FICdtTrf/CdtTrfTxInf/0/UndrlygCstmrCdtTrf/InstdAmt/Amt';
  const amountOf = (Amt: string) =>
    judged('pacs.009.001.08', 'json', (transfer) => {
      transfer.UndrlygCstmrCdtTrf = { ...COVERED, InstdAmt: { Ccy: 'USD', Amt } };
    });
  assert.equal(amountOf('12.50'), 'taken');
  assert.equal(amountOf('1234567890123456789'), `amount-form ${covered}`);
  const dateOf = (IntrBkSttlmDt: string) =>
    judged('pacs.008.001.08', 'json', (_, header) => {
      header.IntrBkSttlmDt = IntrBkSttlmDt;
    });
  assert.equal(dateOf('2026-03-16'), 'taken');
  assert.equal(dateOf('2026-02-30'), 'date-form /Document/FIToFICstmrCdtTrf/GrpHdr/IntrBkSttlmDt');
  // In the payment itself the calendar has a reason of its own.
  assert.equal(
    judged('pacs.008.001.08', 'json', (transfer) => {
      transfer.IntrBkSttlmDt = '2026-02-30';
    }),
    'settlement-date /Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0/IntrBkSttlmDt',
  );
});
