import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { dayNumber } from './dates.ts';
import { BIC_PATTERN, type Bic, UETR_PATTERN, type Uetr } from './identifiers.ts';
import type {
  Conversion,
  Currencies,
  PaymentInstruction,
  Priority,
  Refusal,
} from './instruction.ts';
import {
  AMOUNT_PATTERN,
  amountText,
  minorUnits,
  parseRate,
  RATE_PATTERN,
  rateText,
} from './money.ts';

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
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const agent = Type.Object({
  FinInstnId: Type.Object({ BICFI: Type.String({ pattern: BIC_PATTERN }) }),
});
const amount = Type.Object({
  Ccy: Type.String({ pattern: '^[A-Z]{3}$' }),
  Amt: Type.String({ pattern: AMOUNT_PATTERN }),
});
const party = Type.Object({ Nm: Type.Optional(text(140)) });
const ID35 = '^[A-Za-z0-9._:-]{1,35}$';

export const CreditTransferSchema = Type.Object({
  Document: Type.Object({
    FIToFICstmrCdtTrf: Type.Object({
      GrpHdr: Type.Object({
        MsgId: Type.String({ pattern: ID35 }),
        CreDtTm: text(40),
        NbOfTxs: Type.Literal('1'),
        SttlmInf: Type.Object({ SttlmMtd: Type.Literal('CLRG') }),
      }),
      CdtTrfTxInf: Type.Array(
        Type.Object({
          PmtId: Type.Object({
            EndToEndId: Type.String({ pattern: ID35 }),
            UETR: Type.String({ pattern: UETR_PATTERN }),
          }),
          IntrBkSttlmAmt: amount,
          IntrBkSttlmDt: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
          SttlmPrty: Type.Optional(
            Type.Union([Type.Literal('URGT'), Type.Literal('HIGH'), Type.Literal('NORM')]),
          ),
          InstdAmt: Type.Optional(amount),
          XchgRate: Type.Optional(Type.String({ pattern: RATE_PATTERN })),
          ChrgBr: Type.Union([
            Type.Literal('DEBT'),
            Type.Literal('CRED'),
            Type.Literal('SHAR'),
            Type.Literal('SLEV'),
          ]),
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

const PRIORITY_CODES: Readonly<Record<Priority, 'URGT' | 'HIGH' | 'NORM'>> = {
  urgent: 'URGT',
  high: 'HIGH',
  normal: 'NORM',
};
const PRIORITY_OF = { URGT: 'urgent', HIGH: 'high', NORM: 'normal' } as const;

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
  const institution = (bic: Bic) => ({ FinInstnId: { BICFI: bic } });
  const money = (currency: string, minor: bigint) => ({
    Ccy: currency,
    Amt: amountText(minor, decimals(currency)),
  });
  const { conversion } = payment;
  const debited = money(payment.currency, payment.amountMinor);
  const transaction: Transaction = {
    PmtId: { EndToEndId: payment.endToEndId, UETR: payment.uetr },
    IntrBkSttlmAmt: conversion ? money(conversion.currency, conversion.amountMinor) : debited,
    IntrBkSttlmDt: payment.settlementDate,
    SttlmPrty: PRIORITY_CODES[payment.priority],
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

const ajv = new Ajv({ strict: true, verbose: true });
const validate = ajv.compile<CreditTransfer>(CreditTransferSchema as TSchema);

/** What Ajv's first error says, with the place as a JSON pointer and the value found there. */
function schemaFault(): string {
  const error = validate.errors?.[0];
  if (!error) return 'the document does not match its schema';
  const found = JSON.stringify(error.data)?.slice(0, 80) ?? 'nothing';
  const expected =
    error.keyword === 'const'
      ? `must be ${JSON.stringify(error.params.allowedValue)}`
      : error.message;
  return `${error.instancePath || '/'}: ${expected}, found ${found}`;
}

const isRefusal = <T>(value: T | Refusal): value is Refusal =>
  typeof value === 'object' && value !== null && 'reason' in value;

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export function readCreditTransfer(
  document: unknown,
  currencies: Currencies,
): PaymentInstruction | Refusal {
  if (!validate(document)) {
    const isBic = validate.errors?.[0]?.instancePath.endsWith('/BICFI') ?? false;
    return { reason: isBic ? 'bicInvalid' : 'formatInvalid', detail: schemaFault() };
  }
  const { GrpHdr, CdtTrfTxInf } = document.Document.FIToFICstmrCdtTrf;
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
  };
}

interface Money {
  readonly currency: string;
  readonly amountMinor: bigint;
}

function readAmount(
  { Ccy, Amt }: Static<typeof amount>,
  element: string,
  currencies: Currencies,
): Money | Refusal {
  const currency = currencies.get(Ccy);
  const known = [...currencies.keys()].join(', ');
  if (!currency)
    return { reason: 'currencyUnknown', detail: `${element}/Ccy ${Ccy}: expected ${known}` };
  const minor = minorUnits(Amt, currency.minorUnits);
  if (typeof minor === 'string')
    return {
      reason: minor,
      detail: `${element}/Amt ${Amt}: ${Ccy} has ${currency.minorUnits} decimals and 64 bits`,
    };
  if (minor === 0n) return { reason: 'amountNotPositive', detail: `${element}/Amt ${Amt}` };
  return { currency: Ccy, amountMinor: minor };
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
