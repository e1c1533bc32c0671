import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { BIC_PATTERN, type Bic, UETR_PATTERN, type Uetr } from '../names/identifiers.ts';
import { AMOUNT_PATTERN } from '../names/minor-units.ts';
import {
  BANK_TRANSFER,
  CREDIT_TRANSFER,
  type Currencies,
  LEG,
  type Priority,
  type Refusal,
} from './instruction.ts';

/**
 * What the documents of all message types share: pieces of schemas with ISO 20022 element names,
 * and one way to say what is wrong (place, what was expected, what was found).
 */
export const ID35_PATTERN = '^[A-Za-z0-9._:-]{1,35}$';
/** ISO 6166: country, nine characters, check digit (see `isIsin`). */
export const ISIN_PATTERN = '^[A-Z]{2}[A-Z0-9]{9}[0-9]$';
export const CURRENCY_PATTERN = '^[A-Z]{3}$';
/** What an account holds: a currency (ISO 4217) or a security (ISO 6166). */
export const ASSET_PATTERN = '^(?:[A-Z]{3}|[A-Z]{2}[A-Z0-9]{9}[0-9])$';

/** One of these texts. As a union each that is not meant would be made an error before the next. */
export const oneOf = <T extends string>(...texts: readonly T[]) => Type.Unsafe<T>({ enum: texts });
export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
export const id35 = Type.String({ pattern: ID35_PATTERN });
export const isoDate = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });
export const agent = Type.Object({
  FinInstnId: Type.Object({ BICFI: Type.Unsafe<Bic>(Type.String({ pattern: BIC_PATTERN })) }),
});
/** An agent that holds no account here: by its BIC or by other means. */
export const otherAgent = Type.Object({
  FinInstnId: Type.Object({ BICFI: Type.Optional(Type.String({ pattern: BIC_PATTERN })) }),
});
/** A customer. */
export const party = Type.Object({ Nm: Type.Optional(text(140)) });
export const uetr = Type.Unsafe<Uetr>(Type.String({ pattern: UETR_PATTERN }));
export const currencyCode = Type.String({ pattern: CURRENCY_PATTERN });
export const quantity = Type.String({ pattern: AMOUNT_PATTERN });
export const amount = Type.Object({ Ccy: currencyCode, Amt: quantity });
export const settlementPriority = Type.Optional(oneOf('URGT', 'HIGH', 'NORM'));
/** The type of a payment's message. */
export const paymentType = Type.Union([
  Type.Literal(CREDIT_TRANSFER),
  Type.Literal(BANK_TRANSFER),
  Type.Literal(LEG),
]);
/** An object that holds nothing but what is named: an instruction whose every element counts. */
export const closed = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
/** An account of a participant, named by what it holds. */
export const accountId = closed({
  Id: closed({ Othr: closed({ Id: Type.String({ pattern: ASSET_PATTERN }) }) }),
});
/** An element that may be repeated by the standard, and here stands once. */
export const once = <T extends TSchema>(element: T) =>
  Type.Unsafe<[Static<T>]>(Type.Array(element, { minItems: 1, maxItems: 1 }));
/** MsgHdr of the messages that have no sender of their own. */
export const messageHeader = closed({ MsgId: id35, CreDtTm: Type.Optional(text(40)) });

export const institution = (bic: Bic) => ({ FinInstnId: { BICFI: bic } });

export const PRIORITY_CODES: Readonly<Record<Priority, 'URGT' | 'HIGH' | 'NORM'>> = {
  urgent: 'URGT',
  high: 'HIGH',
  normal: 'NORM',
};
export const PRIORITY_OF = { URGT: 'urgent', HIGH: 'high', NORM: 'normal' } as const;

const ajv = new Ajv({ strict: true, verbose: true });

export const writeHeader = (id: string, createdAtMs: number): Static<typeof messageHeader> => ({
  MsgId: id,
  CreDtTm: new Date(createdAtMs).toISOString(),
});

/** The bytes of a document, which has the form of its schema. */
export const documentBytes = <T extends TSchema>(document: Static<T>): Uint8Array =>
  Buffer.from(JSON.stringify(document));

/** A checker of documents: the document where it has the form, else what is wrong with it. */
export function checker<T extends TSchema>(schema: T) {
  // When it is first asked for: to compile all of them takes longer than all else at a start.
  let compiled: ValidateFunction<Static<T>> | undefined;
  return (document: unknown): { value: Static<T> } | Refusal => {
    compiled ??= ajv.compile<Static<T>>(schema);
    const validate = compiled;
    if (validate(document)) return { value: document };
    const errors = validate.errors ?? [];
    const isBic = errors[0]?.instancePath.endsWith('/BICFI') ?? false;
    return { reason: isBic ? 'bicInvalid' : 'formatInvalid', detail: faultText(errors) };
  };
}

/**
 * A reader of documents that were parsed strictly: what `read` makes of one that has the form, else
 * where and why it cannot be cleared.
 */
export function reader<T extends TSchema, Read>(
  schema: T,
  read: (document: Static<T>, currencies: Currencies) => Read | Refusal,
) {
  const check = checker(schema);
  return (document: unknown, currencies: Currencies): Read | Refusal => {
    const checked = check(document);
    return 'value' in checked ? read(checked.value, currencies) : checked;
  };
}

/** What a schema's first error says, with the place as a JSON pointer and the value found there. */
function faultText(errors: readonly ErrorObject[]): string {
  const [error] = errors;
  if (!error) return 'the document does not match its schema';
  const found = JSON.stringify(error.data)?.slice(0, 80) ?? 'nothing';
  const place = error.instancePath || '/';
  const mustBe = (allowed: readonly unknown[]) =>
    `${place}: must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}, found ${found}`;
  if (error.keyword === 'enum') return mustBe(error.params.allowedValues);
  if (error.keyword === 'const') {
    const allowed = errors
      .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === place)
      .map(({ params }) => params.allowedValue);
    return mustBe(allowed);
  }
  if (error.keyword === 'additionalProperties')
    return `${place}: must not have ${JSON.stringify(error.params.additionalProperty).slice(0, 60)}, found ${found}`;
  return `${place}: ${error.message}, found ${found}`;
}

export const isRefusal = <T>(value: T | Refusal): value is Refusal =>
  typeof value === 'object' && value !== null && 'reason' in value;

/** Whether an ISIN_PATTERN text has the check digit of ISO 6166 (Luhn over digits, A = 10). */
export function isIsin(isin: string): boolean {
  const digits = [...isin].map((sign) => Number.parseInt(sign, 36)).join('');
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
