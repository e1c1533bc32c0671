/** For tests of messages in XML: the XML of a document that is there in JSON, and back. */
import { ALLEGEMENT } from '../../services/protocol/messages/allegement.ts';
import {
  BUSINESS_HEADER,
  businessHeaderForm,
} from '../../services/protocol/messages/business-header.ts';
import { QUOTE_USE } from '../../services/protocol/messages/quote-use.ts';
import { syntaxOf } from '../../services/protocol/names/content-type.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { readXml } from '../../services/protocol/xml/xml-reader.ts';
import { namespaceOf } from '../../services/protocol/xml/xml-text.ts';
import { writeXml } from '../../services/protocol/xml/xml-writer.ts';

/** What a business header says of a message. */
export interface HeaderWords {
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  readonly createdAt?: string;
}

export const businessHeader = (
  type: string,
  { from, to, messageId, createdAt = '2026-03-16T09:00:00Z' }: HeaderWords,
) => ({
  Fr: { FIId: { FinInstnId: { BICFI: from } } },
  To: { FIId: { FinInstnId: { BICFI: to } } },
  BizMsgIdr: messageId,
  MsgDefIdr: type,
  CreDt: createdAt,
});

/** @param header with which it stands in a wrapper */
export function xmlOf(type: string, json: Uint8Array, header?: HeaderWords): Buffer {
  const document = JSON.parse(Buffer.from(json).toString());
  const AppHdr = header && businessHeader(type, header);
  const namespaces = { message: namespaceOf(type), header: namespaceOf(BUSINESS_HEADER) };
  return Buffer.from(writeXml({ ...(AppHdr && { AppHdr }), ...document }, namespaces));
}

/** What repeats in what the system tells. */
const REPEATED = new Set(
  'TxInfAndSts StsRsnInf AddtlInf CxlDtls CxlStsRsnInf RctDtls ReqHdlg EvtParam'.split(' '),
);

/** What the system told, as its JSON is, in whichever syntax; in XML with its header. */
// biome-ignore lint/suspicious/noExplicitAny: tests look for what they expect.
export function toldDocument({ headers, value }: Pick<Message, 'headers' | 'value'>): any {
  const type = headers.ce_type ?? '';
  if (syntaxOf(headers['content-type']) === 'json')
    return JSON.parse(Buffer.from(value).toString());
  const root = type === QUOTE_USE ? 'QuoteUse' : type === ALLEGEMENT ? 'Allegement' : 'Document';
  const form = { namespace: namespaceOf(type), root, form: null };
  return withArrays(readXml(value, form, businessHeaderForm));
}

function withArrays(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withArrays);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => {
      const one = withArrays(child);
      return [name, REPEATED.has(name) && !Array.isArray(one) ? [one] : one];
    }),
  );
}
