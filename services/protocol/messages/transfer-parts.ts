/** What the messages that instruct a settlement share: pacs.008, pacs.009 and the legs of trades. */
import { type Static, Type } from '@sinclair/typebox';
import type { Bic } from '../names/bic-and-uetr.ts';
import { dayNumber, isoTime } from '../names/dates.ts';
import { amountText } from '../names/minor-units.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import type { Money } from './amounts.ts';
import {
  amount,
  id35,
  isoDate,
  isoDateTime,
  isRefusal,
  jsonText,
  openAgent,
  settlementPriority,
  uetr,
} from './document.ts';
import type { LegInstruction, PaymentInstruction } from './instruction.ts';
import { PRIORITY_CODES, PRIORITY_OF } from './priorities.ts';
import { hasTimes, readTimes, settlementTimeRequest, writeTimes } from './settlement-times.ts';

/** When it settles, and before what. */
export const settlementElements = {
  IntrBkSttlmDt: isoDate,
  SttlmPrty: settlementPriority,
  SttlmTmReq: settlementTimeRequest,
};
const settlement = Type.Object(settlementElements);
type Settlement = Static<typeof settlement>;

type Settled = Pick<PaymentInstruction, 'settlementDate' | 'priority' | 'times'>;

export function writeSettlement({ settlementDate, priority, times }: Settled): Settlement {
  const request = times && writeTimes(times);
  return {
    IntrBkSttlmDt: settlementDate,
    SttlmPrty: PRIORITY_CODES[priority],
    ...(request && { SttlmTmReq: request }),
  };
}

/** @param path where the elements stand, as a JSON pointer */
export function readSettlement(
  { IntrBkSttlmDt, SttlmPrty, SttlmTmReq }: Settlement,
  path: string,
): Pick<LegInstruction, 'settlementDate' | 'priority' | 'times'> | Refusal {
  if (dayNumber(IntrBkSttlmDt) === null)
    return refuse(
      'settlement-date',
      `${path}/IntrBkSttlmDt`,
      IntrBkSttlmDt,
      'must be a date that the calendar has',
    );
  const times = readTimes(SttlmTmReq, `${path}/SttlmTmReq`);
  if (isRefusal(times)) return times;
  const read = { settlementDate: IntrBkSttlmDt, priority: PRIORITY_OF[SttlmPrty ?? 'NORM'] };
  return hasTimes(times) ? { ...read, times } : read;
}

export const groupHeader = Type.Object({
  MsgId: id35,
  CreDtTm: isoDateTime,
  NbOfTxs: Type.Literal('1'),
  SttlmInf: Type.Object({ SttlmMtd: Type.Literal('CLRG') }),
});

/** The first elements of a transfer's transaction. */
export const transferElements = {
  PmtId: Type.Object({ EndToEndId: id35, UETR: uetr }),
  IntrBkSttlmAmt: amount,
  ...settlementElements,
};
const transfer = Type.Object({ ...transferElements, InstgAgt: openAgent });
type Transfer = Static<typeof transfer>;

/**
 * The members of a transfer's document that stand before those of its transaction. Written as text: the document as an
 * object, made and serialised, takes twice as long.
 */
export const groupHeaderText = ({ messageId }: PaymentInstruction, createdAtMs: number): string =>
  `"GrpHdr":{"MsgId":${jsonText(messageId)},"CreDtTm":"${isoTime(createdAtMs)}","NbOfTxs":"1",` +
  '"SttlmInf":{"SttlmMtd":"CLRG"}}';

/**
 * The first members of a transfer's transaction.
 * @param credited what the creditor's agent gets, as `currencyAmountText` writes it
 */
export function transferText(payment: PaymentInstruction, credited: string): string {
  const { endToEndId, uetr, settlementDate, priority, times } = payment;
  const ids = `"PmtId":{"EndToEndId":${jsonText(endToEndId)},"UETR":${jsonText(uetr)}}`;
  const settles = `"IntrBkSttlmDt":${jsonText(settlementDate)},"SttlmPrty":"${PRIORITY_CODES[priority]}"`;
  const request = times && writeTimes(times);
  const between = request ? `,"SttlmTmReq":${JSON.stringify(request)}` : '';
  return `${ids},"IntrBkSttlmAmt":${credited},${settles}${between}`;
}

export const currencyAmountText = (
  currency: string,
  minor: bigint,
  decimals: (currency: string) => number,
): string => `{"Ccy":${jsonText(currency)},"Amt":"${amountText(minor, decimals(currency))}"}`;

export const agentBic = ({ FinInstnId }: Static<typeof openAgent>): Bic => FinInstnId.BICFI;

/**
 * An instruction but for its money, for its creditor's agent and for its message.
 * @param debtorElement the name of the element that names the debtor's agent
 * @param path where the transaction stands, as a JSON pointer
 */
export function readTransfer(
  transaction: Transfer,
  debtorAgent: Bic,
  debtorElement: 'DbtrAgt' | 'Dbtr',
  path: string,
): Omit<PaymentInstruction, 'messageId' | 'creditorAgent' | keyof Money | 'conversion'> | Refusal {
  const { PmtId, InstgAgt } = transaction;
  const instructingAgent = agentBic(InstgAgt);
  if (instructingAgent !== debtorAgent)
    return refuse(
      'instructing-agent',
      `${path}/InstgAgt/FinInstnId/BICFI`,
      instructingAgent,
      `must be ${debtorElement} ${debtorAgent}`,
    );
  const settled = readSettlement(transaction, path);
  if (isRefusal(settled)) return settled;
  const { EndToEndId: endToEndId, UETR: uetr } = PmtId;
  const { settlementDate, priority, times } = settled;
  // Spreads are for the few that have times: each takes a quarter of a microsecond.
  const read = { endToEndId, uetr, instructingAgent, debtorAgent, settlementDate, priority };
  return times ? { ...read, times } : read;
}
