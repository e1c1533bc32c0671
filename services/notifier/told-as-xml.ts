import { BUSINESS_HEADER } from '../protocol/messages/business-header.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { CONTENT_TYPES, syntaxOfPayload } from '../protocol/names/content-type.ts';
import { isoTime } from '../protocol/names/dates.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import type { AddressedMessage, Message } from '../protocol/names/message.ts';
import { bankToldBy } from '../protocol/names/topic-plan.ts';
import type { Original } from '../protocol/records/input-record.ts';
import { namespaceOf } from '../protocol/xml/xml-text.ts';
import { writeXml } from '../protocol/xml/xml-writer.ts';

/**
 * A status or an answer in XML, with its business header in a wrapper, out of its JSON: the same elements
 * in the same order. It has no BIC as its sender, which is the system, named by the network.
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

/**
 * A bank is told of its own message in the syntax of that message, and of all else in that of its
 * registration. What is signed is told as it was signed.
 */
export const toldInItsSyntax =
  (network: string, directory: Directory) =>
  /** @param about the message that is told of; null: none of a bank's own */
  (told: AddressedMessage, about: Original | null): AddressedMessage => {
    const { topic, message } = told;
    const to = bankToldBy(topic);
    if (to === null || message.headers.ce_signature !== undefined) return told;
    const isOwn = about !== null && about.headers.ce_source === to;
    const syntax = isOwn ? syntaxOfPayload(about.payload) : directory.syntaxOf(to);
    return syntax === 'xml' ? { topic, message: inXml(message, network, to) } : told;
  };
