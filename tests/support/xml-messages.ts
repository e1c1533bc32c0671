/** For tests of messages in XML: the XML of a document that is there in JSON. */
import { BUSINESS_HEADER } from '../../services/protocol/messages/business-header.ts';
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
