import { BUSINESS_HEADER } from '../protocol/messages/business-header.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES } from '../protocol/names/content-type.ts';
import { isoTime } from '../protocol/names/dates.ts';
import type { Message } from '../protocol/names/message.ts';
import { namespaceOf } from '../protocol/xml/xml-text.ts';
import { writeXml } from '../protocol/xml/xml-writer.ts';

/**
 * A status or an answer in XML, with its business header in a wrapper, out of its JSON: the same elements
 * in the same order. It has no BIC as its sender, which is the system, named by the network. Which bank is told in
 * XML: `inItsSyntax` in notifier.ts.
 */
export function inXml(message: Message, network: string, to: Bic): Message {
  const { headers, value, timestampMs = 0 } = message;
  const type = headers.ce_type ?? '';
  const AppHdr = {
    Fr: { FIId: { FinInstnId: { Nm: network } } },
    To: { FIId: { FinInstnId: { BICFI: to } } },
    BizMsgIdr: headers.ce_id,
    MsgDefIdr: type,
    CreDt: isoTime(timestampMs),
  };
  const document = JSON.parse(Buffer.from(value).toString('utf8'));
  return {
    ...message,
    value: writeXml(
      { AppHdr, ...document },
      { message: namespaceOf(type), header: namespaceOf(BUSINESS_HEADER) },
    ),
    headers: { ...headers, 'content-type': CONTENT_TYPES.xml },
  };
}
