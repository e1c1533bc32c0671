/**
 * What the documents of all message types share: pieces of schemas with ISO 20022 element names,
 * and one way to say what is wrong (place, what was expected, what was found).
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import { closest, distance } from 'fastest-levenshtein';
import { BIC_PATTERN, type Bic, UETR_PATTERN, type Uetr } from '../names/bic-and-uetr.ts';
import { ASSET_PATTERN, CURRENCY_PATTERN } from '../names/currency-and-isin.ts';
import { DATE_TIME_PATTERN, isoTime } from '../names/dates.ts';
import { ID35_PATTERN } from '../names/message-ids.ts';
import { AMOUNT_PATTERN, RATE_PATTERN } from '../names/minor-units.ts';
import type { RuleId } from '../rules/message-rules.ts';
import { isRefusal, pointerStep, type Refusal, refuse } from '../rules/refusal.ts';
import { judgeStandardType, mustNotHave } from '../rules/unknown-elements-and-standard-form.ts';
import type { Currencies } from './instruction.ts';
import { BANK_TRANSFER, CHAIN, CREDIT_TRANSFER, LEG, RETURN } from './message-types.ts';

/** One of these texts. As a union each that is not meant would be made an error before the next. */
export const oneOf = <T extends string>(...texts: readonly T[]) => Type.Unsafe<T>({ enum: texts });
export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
export const id35 = Type.String({ pattern: ID35_PATTERN });
const DATE_PATTERN = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';
export const isoDate = Type.String({ pattern: DATE_PATTERN });
/** ISODateTime. */
export const isoDateTime = Type.String({ pattern: DATE_TIME_PATTERN, maxLength: 40 });
/** An object that holds nothing but what is named: an instruction whose every element counts. */
export const closed = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });
/**
 * An object of a message that goes on to its receiver as it is: beside what is named it holds what its type
 * in the standard has, in the standard's form, and nothing else.
 */
export const standard = <P extends Record<string, TSchema>>(type: string, properties: P) =>
  Type.Object(properties, { standard: type });
/** A message: its document, and beside it the business header that it may have, which is judged by itself. */
export const message = <P extends Record<string, TSchema>>(document: P) =>
  closed({ ...document, AppHdr: Type.Optional(Type.Unknown()) });

const bic = Type.Unsafe<Bic>(Type.String({ pattern: BIC_PATTERN }));
/** An agent inside of what is judged by the standard as a whole. */
export const openAgent = Type.Object({ FinInstnId: Type.Object({ BICFI: bic }) });
export const agent = closed({ FinInstnId: closed({ BICFI: bic }) });
/** An agent in a message that goes on to its receiver. */
export const standardAgent = standard(
  'BranchAndFinancialInstitutionIdentification6',
  openAgent.properties,
);
/** An agent that holds no account here: by its BIC or by other means. */
export const otherAgent = Type.Object({
  FinInstnId: Type.Object({ BICFI: Type.Optional(Type.String({ pattern: BIC_PATTERN })) }),
});
/** A customer. */
export const party = Type.Object({ Nm: Type.Optional(text(140)) });
/** With a zone. */
const TIME_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$';
export const timeWithZone = Type.String({ pattern: TIME_PATTERN });
export const uetr = Type.Unsafe<Uetr>(Type.String({ pattern: UETR_PATTERN }));
export const currencyCode = Type.String({ pattern: CURRENCY_PATTERN });
export const quantity = Type.String({ pattern: AMOUNT_PATTERN });
export const amount = closed({ Ccy: currencyCode, Amt: quantity });
export const settlementPriority = Type.Optional(oneOf('URGT', 'HIGH', 'NORM'));
/** The type of what settles: a payment, or the return of one. */
export const settlingType = Type.Union([
  Type.Literal(CREDIT_TRANSFER),
  Type.Literal(BANK_TRANSFER),
  Type.Literal(LEG),
  Type.Literal(CHAIN),
  Type.Literal(RETURN),
]);
/** The type of a transfer, which its receiver may return. */
export const transferType = Type.Union([
  Type.Literal(CREDIT_TRANSFER),
  Type.Literal(BANK_TRANSFER),
]);
/** An account of a participant, named by what it holds. */
export const accountId = closed({
  Id: closed({ Othr: closed({ Id: Type.String({ pattern: ASSET_PATTERN }) }) }),
});
/** An element that may be repeated by the standard, and here stands once. */
export const once = <T extends TSchema>(element: T) =>
  Type.Unsafe<[Static<T>]>(Type.Array(element, { minItems: 1, maxItems: 1 }));
/** An instant as this system writes it. */
export const utcTime = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$',
});
/** Which message a transfer came in. */
export const originalTransfer = closed({
  OrgnlMsgId: text(35),
  OrgnlMsgNmId: transferType,
  OrgnlCreDtTm: Type.Optional(isoDateTime),
});
/**
 * OrgnlTxRef: what a message to another bank says again of its transfer. The currency tells the pool; all else
 * goes on to the receiver as it is.
 */
export const originalReference = standard('OriginalTransactionReference28', {
  IntrBkSttlmAmt: Type.Optional(amount),
  IntrBkSttlmDt: Type.Optional(isoDate),
  DbtrAgt: Type.Optional(openAgent),
  CdtrAgt: Type.Optional(openAgent),
});
/** Why: a code of the standard's. @param type what the standard calls such a reason in the message */
export const reasonGiven = (type: string) =>
  Type.Array(standard(type, { Rsn: closed({ Cd: Type.String({ pattern: '^[A-Z0-9]{4}$' }) }) }), {
    minItems: 1,
  });
/** MsgHdr of the messages that have no sender of their own. */
export const messageHeader = closed({ MsgId: id35, CreDtTm: Type.Optional(isoDateTime) });

/** What a request about a return is refused with that does not name it. */
export const RETURN_NAMED = "must be there with pacs.004.001.09: the return's MsgId";

export const institution = (bic: Bic) => ({ FinInstnId: { BICFI: bic } });

const ajv = new Ajv({ strict: true, verbose: true, validateSchema: false });
ajv.addKeyword({
  keyword: 'standard',
  type: 'object',
  schemaType: 'string',
  errors: true,
  compile: (typeName: string) => {
    const judge: DataValidateFunction = (value, at) => {
      const refusal = judgeStandardType(value, typeName, at?.instancePath ?? '');
      if (refusal) judge.errors = [{ keyword: 'standard', params: { refusal } }];
      return refusal === null;
    };
    return judge;
  },
});

export const writeHeader = (id: string, createdAtMs: number) => ({
  MsgId: id,
  CreDtTm: isoTime(createdAtMs),
});

/** The bytes of a document, which has the form of its schema. */
export const documentBytes = <T extends TSchema>(document: Static<T>): Uint8Array =>
  Buffer.from(JSON.stringify(document));

const PLAIN = /^[\w .:-]*$/;
/**
 * A text as JSON has it, for documents that are written as text. Nearly all are ids and names: to see that
 * nothing is to be escaped takes half as long as to escape it.
 */
export const jsonText = (text: string): string =>
  PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);

/** As `institution`. */
export const institutionText = (bic: Bic): string => `{"FinInstnId":{"BICFI":${jsonText(bic)}}}`;

/** A checker of documents: the document where it has the form, else what is wrong with it. */
export function checker<T extends TSchema>(schema: T) {
  // When it is first asked for: to compile all of them takes longer than all else at a start.
  let compiled: ValidateFunction<Static<T>> | undefined;
  return (document: unknown): { value: Static<T> } | Refusal => {
    compiled ??= ajv.compile<Static<T>>(schema);
    const validate = compiled;
    if (validate(document)) return { value: document };
    return formRefusal(validate.errors ?? []);
  };
}

/**
 * A reader of documents that were parsed strictly: what `read` makes of one that has the form, else
 * where and why it cannot be cleared.
 */
export function reader<T extends TSchema, Read>(
  schema: T,
  read: (document: Static<T>, currencies: Currencies, network: string) => Read | Refusal,
  /** What else is judged of a document that has the form of its schema, before it is read. */
  judge: (document: Static<T> & object) => Refusal | null = () => null,
) {
  const check = checker(schema);
  return (
    document: unknown,
    currencies: Currencies,
    network = '',
    /** All of that was judged as the document was parsed. */
    isJudged = false,
  ): Read | Refusal => {
    if (isJudged) return read(document as Static<T>, currencies, network);
    const checked = check(document);
    if (isRefusal(checked)) return checked;
    return judge(checked.value as Static<T> & object) ?? read(checked.value, currencies, network);
  };
}

/** Which rule a text breaks that has not the pattern of its schema. */
const PATTERN_RULES: Readonly<Record<string, RuleId>> = {
  [BIC_PATTERN]: 'bic-form',
  [UETR_PATTERN]: 'uetr-form',
  [ID35_PATTERN]: 'identifier-form',
  [AMOUNT_PATTERN]: 'amount-form',
  [RATE_PATTERN]: 'amount-form',
  [DATE_PATTERN]: 'date-form',
  [DATE_TIME_PATTERN]: 'date-time-form',
  [TIME_PATTERN]: 'time-form',
};

/** The number of a leg of a chain, from 1. */
export const LEG_NUMBER_PATTERN = '^(?:[1-9]|1[0-6])$';

/** How many groups of a condition. */
export const GROUP_COUNT_PATTERN = '^[1-8]$';
/** How many attestors of a group, or legs of a chain. */
export const COUNT_TO_16_PATTERN = '^(?:1[0-6]|[1-9])$';
/** A SHA-256. */
const DIGEST_PATTERN = '^[0-9a-f]{64}$';
export const sha256Hex = Type.String({ pattern: DIGEST_PATTERN });

/** What is said in place of a pattern that says little to people. */
const PATTERN_WORDS: Readonly<Record<string, string>> = {
  [LEG_NUMBER_PATTERN]: 'must be the number of one of the legs: 1 to 16, without a leading zero',
  [GROUP_COUNT_PATTERN]: 'must be how many groups must hold: 1 to 8',
  [COUNT_TO_16_PATTERN]: 'must be a number from 1 to 16, without a leading zero',
  [DIGEST_PATTERN]: 'must be a SHA-256 in lower-case hex: 64 digits',
};

/** Which rule is broken where a schema's keyword says that something is wrong. */
const KEYWORD_RULES: Readonly<Record<string, RuleId>> = {
  enum: 'code-form',
  const: 'code-form',
  required: 'element-required',
  minItems: 'element-required',
  maxItems: 'element-count',
  minLength: 'text-form',
  maxLength: 'text-form',
  pattern: 'text-form',
  not: 'element-known',
};

/** What a schema's first error says, with the place as a JSON pointer and the value found there. */
function formRefusal(errors: readonly ErrorObject[]): Refusal {
  const error = errors.find(isMeant) ?? errors[0];
  if (!error) throw new Error('a document was refused without an error of its schema');
  const { keyword, data, params } = error;
  if (keyword === 'standard') return params.refusal;
  const path = error.instancePath || '/';
  if (keyword === 'const' && (data === LEG || data === CHAIN) && path.endsWith('/OrgnlMsgNmId'))
    return refuse('leg-final', path, data, 'must be no leg: agree on a trade the other way');
  if (keyword === 'additionalProperties') {
    const choice = choiceOf(error, errors);
    if (choice) return refuse('element-choice', path, data, choice);
    const name: string = params.additionalProperty;
    const at = `${error.instancePath}${pointerStep(name)}`;
    return refuse(
      'element-known',
      at,
      (data as Record<string, unknown>)[name],
      expectation(error, errors),
    );
  }
  const rule =
    (keyword === 'pattern' && PATTERN_RULES[params.pattern]) ||
    (KEYWORD_RULES[keyword] ?? 'element-form');
  return refuse(rule, path, data, expectation(error, errors));
}

/** Where an object has elements of two forms of which it may have one: which exclude each other; null: it has not. */
function choiceOf(
  { instancePath, params, parentSchema }: ErrorObject,
  errors: readonly ErrorObject[],
): string | null {
  const choice = errors.find((one) => one.keyword === 'anyOf' && one.instancePath === instancePath);
  const forms = (choice?.schema ?? []) as readonly { readonly properties?: object }[];
  const isOther = forms.some(
    ({ properties = {} }) =>
      properties !== parentSchema?.properties && params.additionalProperty in properties,
  );
  const names = forms.map(({ properties = {} }) => Object.keys(properties).join(' with '));
  return isOther ? `must have one of ${names.join(', ')}` : null;
}

/** Of several forms that an object may have those are not meant of which it has no element. */
const isMeant = ({ keyword, data, parentSchema }: ErrorObject): boolean =>
  keyword !== 'anyOf' &&
  ((keyword !== 'required' && keyword !== 'additionalProperties') ||
    Object.keys(data as object).some((name) => name in (parentSchema?.properties ?? {})));

function expectation(error: ErrorObject, errors: readonly ErrorObject[]): string {
  const { keyword, params, parentSchema, data } = error;
  const mustBe = (allowed: readonly unknown[]) =>
    `must be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`;
  if (keyword === 'enum') return mustBe(params.allowedValues);
  if (keyword === 'const')
    return mustBe(
      errors
        .filter((one) => one.keyword === 'const' && one.instancePath === error.instancePath)
        .map((one) => one.params.allowedValue),
    );
  const names = Object.keys(parentSchema?.properties ?? {});
  if (keyword === 'additionalProperties') {
    return mustNotHave(params.additionalProperty, names);
  }
  if (keyword === 'required') {
    // Under a name of its own it may be there, misspelt.
    const others = Object.keys(data as object).filter((name) => !names.includes(name));
    const near = others.length > 0 ? closest(params.missingProperty, others.slice(0, 64)) : '';
    const isNear = near !== '' && distance(near.slice(0, 64), params.missingProperty) <= 2;
    return `${error.message}${isNear ? `: the nearest name is ${JSON.stringify(near)}` : ''}`;
  }
  return (keyword === 'pattern' && PATTERN_WORDS[params.pattern]) || (error.message ?? keyword);
}

export { isRefusal };
