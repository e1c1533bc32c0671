// How long a text may be, and its codes: standard/iso20022-types.ts. Which element stands where: messages/, a file for each type.

import type { Reason } from '../../core/settlement/reasons.ts';

/**
 * The rules by which an authentic message is refused: one table, which `refuse` (refusal.ts) alone
 * refuses by, docs/messages.md prints, and tests/protocol/message-rules.test.ts has a message to break for each row. A bank may
 * write programs against the ids: none is used again for another rule.
 */
export interface Rule {
  /** What must hold. */
  readonly text: string;
  /** Its ISO code stands in names/iso-reasons.ts. */
  readonly reason: Reason;
  /** Which messages it judges. */
  readonly of: string;
}

/**
 * The version of the table, which every record of a message has: raised with each change by which a message
 * is taken or refused that was not before, so that a log stays provable that began under older rules. 0: of
 * before there were versions.
 */
export const MESSAGE_RULES_VERSION = 5;

const row = <R extends Reason>(reason: R, of: string, text: string) => ({ reason, of, text });

const EVERY = 'every message';
const TRANSFERS = 'pacs.008, pacs.009';
const LEGS = 'corridor.pvp.1, corridor.chain.1';
const CHAINS = 'corridor.chain.1';
const ATTESTATIONS = 'corridor.attestation.1';
const CUSTOMERS = 'pacs.008';
/** Whose elements go on to another bank, in the standard's form. */
const BETWEEN_BANKS = 'to other banks';

/** In the order in which a message is judged, but that forms are judged where their element stands. */
export const RULES = {
  'json-form': row(
    'formatInvalid',
    EVERY,
    'The payload is JSON in UTF-8 without a byte order mark, nested at most 64 deep',
  ),
  'json-keys': row(
    'formatInvalid',
    EVERY,
    'No key stands twice in an object, and none is `__proto__`',
  ),
  'xml-form': row(
    'formatInvalid',
    EVERY,
    'The payload is XML 1.0 in UTF-8 in the part that every parser reads alike: "In XML" says which',
  ),
  'text-characters': row(
    'formatInvalid',
    EVERY,
    'A text has only characters that XML can carry: no lone surrogate, and of the control characters tab and line ends alone',
  ),
  'message-type': row('formatInvalid', EVERY, '`ce_type` names a message that banks send'),
  'element-required': row('formatInvalid', EVERY, 'What must be there is there'),
  'element-form': row(
    'formatInvalid',
    EVERY,
    'An element is an object, an array where it may stand more than once, true or false, or a text, as its type says',
  ),
  'element-known': row(
    'formatInvalid',
    EVERY,
    'An element stands where this page names it or, in what goes on to another bank, where the standard has it; a name that is near is told',
  ),
  'element-count': row(
    'formatInvalid',
    EVERY,
    'An element stands no more often than it may: one payment a message',
  ),
  'element-choice': row('formatInvalid', EVERY, 'Of elements that exclude each other one is there'),
  'identifier-form': row(
    'formatInvalid',
    EVERY,
    'An id that Corridor heeds has at most 35 characters of `A-Za-z0-9._:-`',
  ),
  'uetr-form': row('formatInvalid', EVERY, 'A UETR is a UUID of version 4 in lower case'),
  'bic-form': row('bicInvalid', EVERY, 'A BIC has 8 or 11 characters in the form of ISO 9362'),
  'text-form': row(
    'formatInvalid',
    EVERY,
    'A text has the length and the form that the standard gives its type',
  ),
  'code-form': row('formatInvalid', EVERY, 'A code is one of those that its element takes'),
  'amount-form': row(
    'formatInvalid',
    EVERY,
    'An amount is a text of decimal digits, at most five of them decimals, beside its currency',
  ),
  'date-form': row('formatInvalid', EVERY, 'A date is YYYY-MM-DD, and the calendar has it'),
  'date-time-form': row(
    'formatInvalid',
    EVERY,
    'A date with a time is that of ISO 8601: YYYY-MM-DDThh:mm:ss, with a zone or without',
  ),
  'time-form': row('formatInvalid', EVERY, 'A time is hh:mm:ss; of `SttlmTmReq` with a zone'),
  'iban-check-digits': row(
    'formatInvalid',
    BETWEEN_BANKS,
    'An IBAN has the length and form of its country, and its check digits fit (ISO 13616)',
  ),
  'lei-check-digits': row(
    'formatInvalid',
    BETWEEN_BANKS,
    'The check digits of an LEI fit (ISO 17442)',
  ),
  'address-structured': row(
    'formatInvalid',
    BETWEEN_BANKS,
    'An address has `TwnNm` and `Ctry`: wholly unstructured ones have not been taken since 14 November 2026',
  ),
  'address-lines': row(
    'formatInvalid',
    BETWEEN_BANKS,
    'Beside them an address has at most two `AdrLine`, of 70 characters each',
  ),
  'address-repeats': row(
    'formatInvalid',
    BETWEEN_BANKS,
    'An `AdrLine` repeats nothing that another element of its address says',
  ),
  'agents-contradict': row(
    'agentsContradict',
    TRANSFERS,
    '`InstdAgt` is the creditor agent or the dealer, and an agent of the group header is that of its payment',
  ),
  'group-header': row(
    'formatInvalid',
    TRANSFERS,
    'Amount and date that the group header says again are those of its one payment',
  ),
  'reference-slashes': row(
    'formatInvalid',
    TRANSFERS,
    '`InstrId` begins and ends with no slash, and has no two in a row',
  ),
  'charges-instructed-amount': row(
    'formatInvalid',
    CUSTOMERS,
    'With `ChrgsInf` there is `InstdAmt`, from which the charges were taken',
  ),
  'charges-bearer': row(
    'formatInvalid',
    CUSTOMERS,
    'With `CRED` the charges taken stand in `ChrgsInf`; with `SLEV` there is none',
  ),
  'currency-known': row('currencyUnknown', EVERY, 'A pool of the network settles the currency'),
  'amount-decimals': row(
    'decimalsExcess',
    EVERY,
    'An amount has no more decimals than its currency',
  ),
  'amount-64-bits': row('amountTooLarge', EVERY, 'An amount in minor units has at most 63 bits'),
  'amount-maximum': row(
    'amountTooLarge',
    'payments',
    "An amount is at most the network's maximum of its currency; without one EUR 999,999,999,999.99 (what T2 takes), of others 63 bits bound it",
  ),
  'amount-positive': row('amountNotPositive', EVERY, 'An amount is above zero'),
  'amounts-equal': row(
    'formatInvalid',
    CUSTOMERS,
    'In one currency `InstdAmt` is `IntrBkSttlmAmt` and the charges taken (with `DEBT`: less those paid ahead), without `XchgRate` and `IntrmyAgt1`',
  ),
  'conversion-elements': row(
    'formatInvalid',
    CUSTOMERS,
    'A payment that changes currency has `XchgRate`, above zero and of at most 18 digits, and the dealer as `IntrmyAgt1`',
  ),
  'instructing-agent': row(
    'instructingAgentNotDebtorAgent',
    'pacs.008, pacs.009, corridor.chain.1',
    '`InstgAgt` is the agent whose account is debited',
  ),
  'settlement-date': row(
    'settlementDateInvalid',
    'payments',
    '`IntrBkSttlmDt` is a date that the calendar has',
  ),
  'settlement-times': row('timesInvalid', 'payments', '`RjctTm` lies after `FrTm`'),
  'isin-check-digit': row('formatInvalid', LEGS, 'The check digit of an ISIN fits'),
  'leg-sides': row(
    'formatInvalid',
    'corridor.pvp.1',
    'The two sides of a leg are two currencies, or a currency and a security',
  ),
  'chain-instructed-leg': row(
    'formatInvalid',
    CHAINS,
    '`InstdLeg` is the number of one of the legs, counted from 1',
  ),
  'chain-pool': row(
    'currenciesInTwoPools',
    CHAINS,
    'One pool settles the currencies and securities of all legs; with `Sync` one those of the home legs, and one those of the others',
  ),
  'chain-two-pools': row(
    'formatInvalid',
    CHAINS,
    'With `Sync` the first `NbOfHomeLegs` legs are of one pool, the others of another; `Earmrk` is there; expiry and silence release; `Optr` attests in no group and is no agent',
  ),
  'chain-leg-agents': row('sameAgent', CHAINS, 'The two agents of a leg differ'),
  'chain-terms-digest': row(
    'formatInvalid',
    CHAINS,
    '`TermsDgst` is the SHA-256 of the terms, in lower-case hex',
  ),
  'chain-legs': row('formatInvalid', CHAINS, 'A chain without a condition has at least 2 legs'),
  'condition-attestors': row(
    'formatInvalid',
    CHAINS,
    'A condition has at most 16 attestors in all, and a group none of them twice',
  ),
  'condition-thresholds': row(
    'formatInvalid',
    CHAINS,
    '`MinGrps` is at most the groups, and more than those mandatory, unless all are; `MinAttstrs` is at most the attestors of its group',
  ),
  'condition-deadline': row(
    'formatInvalid',
    CHAINS,
    'Where silence settles, the condition has a deadline (`Ddln`)',
  ),
  'attestation-subject': row(
    'formatInvalid',
    ATTESTATIONS,
    'An attestation is of a chain (`Chn`) or of a document (`Rcrd`), and not of both',
  ),
  'attestation-validity': row(
    'formatInvalid',
    ATTESTATIONS,
    '`VldUntil` is an instant in UTC that the calendar has: YYYY-MM-DDThh:mm:ss.sssZ',
  ),
  'attestation-counter': row(
    'formatInvalid',
    ATTESTATIONS,
    '`Cntr` and `Leg1Pstn` are whole numbers from 1 on that fit 64 bits: at most 9223372036854775807',
  ),
  'limit-counterparty': row(
    'formatInvalid',
    'camt.011, camt.012',
    'A bilateral limit (BILI) names its counterparty, and a multilateral one (MULT) none',
  ),
  'report-period': row(
    'formatInvalid',
    'camt.060',
    'A report of the present has no `RptgPrd`, and the statement of a date has that one date',
  ),
  'leg-final': row(
    'formatInvalid',
    'pacs.002, pacs.004, camt.029',
    'A leg of a PvP, a DvP or a chain is not returned, nor answered for: what is to come back is a trade the other way',
  ),
  'reply-reason': row(
    'formatInvalid',
    'camt.029, pacs.002',
    'What is refused has a reason beside it',
  ),
  'return-id': row(
    'formatInvalid',
    'camt.007, camt.056',
    'What is about a return names its `MsgId`: the UETR is that of its payment',
  ),
  'header-sender': row('formatInvalid', EVERY, '`ce_source` is the sender that the document names'),
  'header-id': row('formatInvalid', EVERY, '`ce_id` is the id that the document names'),
  'business-header': row(
    'formatInvalid',
    EVERY,
    'What a business application header (`AppHdr`) says again is what headers and document say',
  ),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;
