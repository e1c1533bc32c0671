/** What the messages that instruct a settlement share: pacs.008, pacs.009 and the legs of trades. */
import { type Static, Type } from '@sinclair/typebox';
import { dayNumber } from '../names/dates.ts';
import type { Bic } from '../names/identifiers.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import {
  amount,
  id35,
  isoDate,
  isoDateTime,
  isRefusal,
  openAgent,
  PRIORITY_CODES,
  PRIORITY_OF,
  settlementPriority,
  uetr,
} from './document.ts';
import type { LegInstruction, PaymentInstruction } from './instruction.ts';
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

export const writeSettlement = (settled: Settled): Settlement => addSettlement({}, settled);

/** Behind the elements that are there. */
function addSettlement<T extends object>(
  elements: T & Partial<Settlement>,
  { settlementDate, priority, times }: Settled,
): T & Settlement {
  elements.IntrBkSttlmDt = settlementDate;
  elements.SttlmPrty = PRIORITY_CODES[priority];
  const request = times && writeTimes(times);
  if (request) elements.SttlmTmReq = request;
  return elements as T & Settlement;
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
  return {
    settlementDate: IntrBkSttlmDt,
    priority: PRIORITY_OF[SttlmPrty ?? 'NORM'],
    ...(hasTimes(times) && { times }),
  };
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

export const writeGroupHeader = (
  { messageId }: PaymentInstruction,
  createdAtMs: number,
): Static<typeof groupHeader> => ({
  MsgId: messageId,
  CreDtTm: new Date(createdAtMs).toISOString(),
  NbOfTxs: '1',
  SttlmInf: { SttlmMtd: 'CLRG' },
});

/** @param IntrBkSttlmAmt what the creditor's agent gets */
export const writeTransfer = (
  payment: PaymentInstruction,
  IntrBkSttlmAmt: Static<typeof amount>,
): Omit<Transfer, 'InstgAgt'> =>
  // Without a spread, which takes as long as all the rest: the settlement's elements come behind.
  addSettlement(
    { PmtId: { EndToEndId: payment.endToEndId, UETR: payment.uetr }, IntrBkSttlmAmt },
    payment,
  );

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
) {
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
  const { EndToEndId: endToEndId, UETR } = PmtId;
  return { endToEndId, uetr: UETR, instructingAgent, debtorAgent, ...settled };
}
