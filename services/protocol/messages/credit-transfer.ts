import { type Static, Type } from '@sinclair/typebox';
import { dayNumber } from '../names/dates.ts';
import { type Bic, UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import { parseRate, RATE_PATTERN, rateText } from '../names/money.ts';
import {
  agent,
  amount,
  checker,
  id35,
  institution,
  isoDate,
  isRefusal,
  type Money,
  oneOf,
  PRIORITY_CODES,
  PRIORITY_OF,
  readAmount,
  settlementPriority,
  text,
  writeAmount,
} from './document.ts';
import type { Conversion, Currencies, PaymentInstruction, Refusal } from './instruction.ts';
import { hasTimes, readTimes, settlementTimeRequest, writeTimes } from './settlement-times.ts';

/**
 * pacs.008.001.08 in JSON: {"Document": {"FIToFICstmrCdtTrf": ...}} with ISO 20022 element names,
 * one payment a message, amounts as {"Ccy": "EUR", "Amt": "12.50"}. The schema fixes what clearing
 * depends on; other elements of the standard (remittance information, postal addresses, ...) may
 * stand beside it and are delivered as they are.
 *
 * A payment that changes currency names the dealer as IntrmyAgt1: InstdAmt is debited from the
 * debtor's agent to the dealer, IntrBkSttlmAmt is paid by the dealer to the creditor's agent, and
 * XchgRate is units of IntrBkSttlmAmt's currency for one unit of InstdAmt's. Both legs settle or
 * neither.
 */
const party = Type.Object({ Nm: Type.Optional(text(140)) });

export const CreditTransferSchema = Type.Object({
  Document: Type.Object({
    FIToFICstmrCdtTrf: Type.Object({
      GrpHdr: Type.Object({
        MsgId: id35,
        CreDtTm: text(40),
        NbOfTxs: Type.Literal('1'),
        SttlmInf: Type.Object({ SttlmMtd: Type.Literal('CLRG') }),
      }),
      CdtTrfTxInf: Type.Array(
        Type.Object({
          PmtId: Type.Object({
            EndToEndId: id35,
            UETR: Type.String({ pattern: UETR_PATTERN }),
          }),
          IntrBkSttlmAmt: amount,
          IntrBkSttlmDt: isoDate,
          SttlmPrty: settlementPriority,
          SttlmTmReq: settlementTimeRequest,
          InstdAmt: Type.Optional(amount),
          XchgRate: Type.Optional(Type.String({ pattern: RATE_PATTERN })),
          ChrgBr: oneOf('DEBT', 'CRED', 'SHAR', 'SLEV'),
          InstgAgt: agent,
          IntrmyAgt1: Type.Optional(agent),
          Dbtr: party,
          DbtrAgt: agent,
          CdtrAgt: agent,
          Cdtr: party,
        }),
        { minItems: 1, maxItems: 1 },
      ),
    }),
  }),
});

export type CreditTransfer = Static<typeof CreditTransferSchema>;
type Transaction = CreditTransfer['Document']['FIToFICstmrCdtTrf']['CdtTrfTxInf'][number];

/** The names of the customers, who are of no interest to clearing. */
export interface Customers {
  readonly debtor: string;
  readonly creditor: string;
}

/** Writes the document; `decimals` gives a currency's minor units. */
export function writeCreditTransfer(
  payment: PaymentInstruction,
  customers: Customers,
  createdAtMs: number,
  decimals: (currency: string) => number,
): Uint8Array {
  const money = (currency: string, minor: bigint) => writeAmount(currency, minor, decimals);
  const { conversion } = payment;
  const times = payment.times && writeTimes(payment.times);
  const debited = money(payment.currency, payment.amountMinor);
  const transaction: Transaction = {
    PmtId: { EndToEndId: payment.endToEndId, UETR: payment.uetr },
    IntrBkSttlmAmt: conversion ? money(conversion.currency, conversion.amountMinor) : debited,
    IntrBkSttlmDt: payment.settlementDate,
    SttlmPrty: PRIORITY_CODES[payment.priority],
    ...(times && { SttlmTmReq: times }),
    ...(conversion && { InstdAmt: debited, XchgRate: rateText(conversion.rate) }),
    ChrgBr: 'SHAR',
    InstgAgt: institution(payment.instructingAgent),
    ...(conversion && { IntrmyAgt1: institution(conversion.dealer) }),
    Dbtr: { Nm: customers.debtor },
    DbtrAgt: institution(payment.debtorAgent),
    CdtrAgt: institution(payment.creditorAgent),
    Cdtr: { Nm: customers.creditor },
  };
  const document: CreditTransfer = {
    Document: {
      FIToFICstmrCdtTrf: {
        GrpHdr: {
          MsgId: payment.messageId,
          CreDtTm: new Date(createdAtMs).toISOString(),
          NbOfTxs: '1',
          SttlmInf: { SttlmMtd: 'CLRG' },
        },
        CdtTrfTxInf: [transaction],
      },
    },
  };
  return Buffer.from(JSON.stringify(document));
}

const check = checker(CreditTransferSchema);

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export function readCreditTransfer(
  document: unknown,
  currencies: Currencies,
): PaymentInstruction | Refusal {
  const checked = check(document);
  if (isRefusal(checked)) return checked;
  const { GrpHdr, CdtTrfTxInf } = checked.value.Document.FIToFICstmrCdtTrf;
  const transaction = CdtTrfTxInf[0] as Transaction;
  const settlement = readAmount(transaction.IntrBkSttlmAmt, 'IntrBkSttlmAmt', currencies);
  if (isRefusal(settlement)) return settlement;
  const instructed = transaction.InstdAmt
    ? readAmount(transaction.InstdAmt, 'InstdAmt', currencies)
    : settlement;
  if (isRefusal(instructed)) return instructed;
  const conversion = readConversion(transaction, instructed, settlement);
  if (isRefusal(conversion)) return conversion;
  const instructingAgent = transaction.InstgAgt.FinInstnId.BICFI as Bic;
  const debtorAgent = transaction.DbtrAgt.FinInstnId.BICFI as Bic;
  if (instructingAgent !== debtorAgent)
    return {
      reason: 'instructingAgentNotDebtorAgent',
      detail: `InstgAgt ${instructingAgent} is not DbtrAgt ${debtorAgent}`,
    };
  if (dayNumber(transaction.IntrBkSttlmDt) === null)
    return {
      reason: 'settlementDateInvalid',
      detail: `IntrBkSttlmDt ${transaction.IntrBkSttlmDt} is no date`,
    };
  const times = readTimes(transaction.SttlmTmReq);
  if (isRefusal(times)) return times;
  return {
    messageId: GrpHdr.MsgId,
    endToEndId: transaction.PmtId.EndToEndId,
    uetr: transaction.PmtId.UETR as Uetr,
    instructingAgent,
    debtorAgent,
    creditorAgent: transaction.CdtrAgt.FinInstnId.BICFI as Bic,
    currency: instructed.currency,
    amountMinor: instructed.amountMinor,
    settlementDate: transaction.IntrBkSttlmDt,
    priority: PRIORITY_OF[transaction.SttlmPrty ?? 'NORM'],
    conversion,
    ...(hasTimes(times) && { times }),
  };
}

function readConversion(
  transaction: Transaction,
  instructed: Money,
  settlement: Money,
): Conversion | null | Refusal {
  const { IntrmyAgt1, XchgRate } = transaction;
  if (instructed.currency === settlement.currency) {
    if (IntrmyAgt1 || XchgRate || instructed.amountMinor !== settlement.amountMinor)
      return {
        reason: 'formatInvalid',
        detail:
          'InstdAmt and IntrBkSttlmAmt in one currency must be equal, without XchgRate and IntrmyAgt1',
      };
    return null;
  }
  const rate = XchgRate === undefined ? null : parseRate(XchgRate);
  if (!IntrmyAgt1 || !rate)
    return {
      reason: 'formatInvalid',
      detail:
        'a payment that changes currency needs XchgRate (above zero, at most 18 digits) and the dealer as IntrmyAgt1',
    };
  return {
    dealer: IntrmyAgt1.FinInstnId.BICFI as Bic,
    currency: settlement.currency,
    amountMinor: settlement.amountMinor,
    rate,
  };
}
