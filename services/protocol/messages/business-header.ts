import { Type } from '@sinclair/typebox';
import { dayNumber } from '../names/dates.ts';
import { ISSUE_WINDOW_MS } from '../names/time-windows-and-clocks.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { type MessageForm, messageForm } from '../xml/xml-form.ts';
import { namespaceOf } from '../xml/xml-text.ts';
import {
  checker,
  closed,
  isRefusal,
  otherAgent,
  standard,
  standardAgent,
  text,
} from './document.ts';

/**
 * The business application header, head.001.001.02, that may stand before a document: AppHdr, in XML in a
 * wrapper, in JSON beside "Document". It says again what headers and document say, and is held against
 * them: a message that says two things is refused. It may not be marked as a copy (CpyDplct), since a copy
 * is not to be settled, nor carry a signature of its own (Sgntr), which nobody here would check. The other
 * elements have the standard's form, say nothing to clearing, and are delivered as they are.
 */
export const BUSINESS_HEADER = 'head.001.001.02';

const instant = Type.String({
  pattern:
    '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$',
});
export const BusinessHeaderSchema = Type.Object({
  AppHdr: closed({
    CharSet: Type.Optional(text(35)),
    Fr: closed({ FIId: standardAgent }),
    To: standard('Party44Choice', { FIId: Type.Optional(otherAgent) }),
    BizMsgIdr: text(35),
    MsgDefIdr: text(35),
    BizSvc: Type.Optional(text(35)),
    MktPrctc: Type.Optional(standard('ImplementationSpecification1', {})),
    CreDt: instant,
    BizPrcgDt: Type.Optional(instant),
    PssblDplct: Type.Optional(Type.Boolean()),
    Prty: Type.Optional(text(4)),
    Rltd: Type.Optional(Type.Array(standard('BusinessApplicationHeader5', {}))),
  }),
});

export const businessHeaderForm: MessageForm = messageForm(
  namespaceOf(BUSINESS_HEADER),
  BusinessHeaderSchema,
);

/** What the header is held against. */
export interface HeaderFacts {
  readonly messageType: string;
  readonly sender: string;
  readonly issuedAtMs: number;
  /** The document's own id of the message. */
  readonly messageId: string;
}

const check = checker(BusinessHeaderSchema);

interface WithHeader {
  readonly AppHdr: unknown;
}

/** @param document that has the form of its type */
export const hasHeader = (document: unknown): document is WithHeader =>
  Object.hasOwn(document as object, 'AppHdr');

/** @returns where the header of a document contradicts the message, or null */
export function headerFault(document: WithHeader, facts: HeaderFacts): Refusal | null {
  const { AppHdr } = document;
  const checked = check({ AppHdr });
  if (isRefusal(checked)) return checked;
  const { Fr, To, MsgDefIdr, BizMsgIdr, CreDt } = checked.value.AppHdr;
  const addressed = To.FIId?.FinInstnId.BICFI;
  const named = receiverIn(document);
  const rows: readonly [element: string, value: string, name: string, expected: string][] = [
    ['Fr', Fr.FIId.FinInstnId.BICFI, 'ce_source', facts.sender],
    ['MsgDefIdr', MsgDefIdr, 'ce_type', facts.messageType],
    ['BizMsgIdr', BizMsgIdr, "the document's id", facts.messageId],
    ['To', addressed ?? '', 'the instructed agent', named ?? addressed ?? ''],
  ];
  for (const [element, value, name, expected] of rows)
    if (value !== expected)
      return refuse(
        'business-header',
        `/AppHdr/${element}`,
        value || undefined,
        `must be ${name} ${expected}`,
      );
  const isDay = dayNumber(CreDt.slice(0, 10)) !== null;
  return isDay && Date.parse(CreDt) <= facts.issuedAtMs + ISSUE_WINDOW_MS
    ? null
    : refuse(
        'business-header',
        '/AppHdr/CreDt',
        CreDt,
        `must be an instant not after ce_issuedatms ${facts.issuedAtMs}`,
      );
}

/** Whom a document names as the one that it is for: of its group, of its transaction, or of a request. */
function receiverIn(document: object): string | undefined {
  const { Document } = document as { Document?: Record<string, unknown> };
  const body = Object.values(Document ?? {})[0] as Addressed | undefined;
  const [transaction] = body?.CdtTrfTxInf ?? [];
  return [body?.GrpHdr?.InstdAgt, transaction?.InstdAgt, body?.Assgnmt?.Assgne?.Agt]
    .map((one) => one?.FinInstnId?.BICFI)
    .find((bic) => typeof bic === 'string');
}

interface Named {
  readonly FinInstnId?: { readonly BICFI?: string };
}
interface Addressed {
  readonly GrpHdr?: { readonly InstdAgt?: Named };
  readonly CdtTrfTxInf?: readonly { readonly InstdAgt?: Named }[];
  readonly Assgnmt?: { readonly Assgne?: { readonly Agt?: Named } };
}
