import { accountKey } from '../analysis/ledger.ts';
import type { Reason } from '../core/settlement/reasons.ts';
import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';
import {
  BANK_TRANSFER,
  CANCELLATION,
  CHAIN,
  CREDIT_TRANSFER,
  CREDITOR_STATUS,
  LEG,
  LIMIT,
  LIMIT_REMOVAL,
  RECALL_ANSWER,
  REORDERING,
  REPORT_REQUEST,
  RESERVATION,
  RETURN,
  STATUS_REQUEST,
} from '../protocol/messages/message-types.ts';
import type { Instruction } from '../protocol/messages/payload.ts';
import { instantOf, timeSeconds } from '../protocol/messages/settlement-times.ts';
import { dateText, dayNumber, isoTime } from '../protocol/names/dates.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { amountText, rateText } from '../protocol/names/minor-units.ts';
import type { PlacedFault } from '../protocol/rules/refusal.ts';
import type { BusinessDay } from './openings-and-late-closes-told.ts';
import type { Quotes } from './quote-notices.ts';

/** A message that has the form of its type, and that the pool did not take. */
interface RefusedMessage {
  readonly messageType: string;
  readonly read: Instruction;
  /** As it was parsed. */
  readonly document: unknown;
}

/** What of a pool is asked for to say what it would have taken. */
interface PoolBooks {
  readonly directory: Directory;
  readonly day: Pick<BusinessDay, 'of'>;
  /** A dealer's live quotes of a pair of currencies; null: events do not tell. */
  quotesOf(...pair: Parameters<Quotes['at']>): ReturnType<Quotes['at']> | null;
  /** Whether a participant has an account in a currency or security. */
  hasAccount(participant: number, code: string): boolean;
}

/** An agent, where it stands, and a currency or security that it must have an account in. */
interface Named {
  readonly bic: string;
  readonly path: string;
  readonly code: string;
}

/** Where the parts of what settles stand, behind the place of its transaction. */
interface Transaction {
  readonly at: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly dealer?: string;
  /** The amount debited where it is the only one, and that which a dealer pays. */
  readonly amount?: string;
}

const BIC_AT = '/FinInstnId/BICFI';
const TRANSACTIONS: Readonly<Record<string, Transaction>> = {
  [CREDIT_TRANSFER]: {
    at: '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0',
    ...{ debtor: '/DbtrAgt', creditor: '/CdtrAgt', dealer: '/IntrmyAgt1' },
    amount: '/IntrBkSttlmAmt/Amt',
  },
  [BANK_TRANSFER]: {
    at: '/Document/FICdtTrf/CdtTrfTxInf/0',
    ...{ debtor: '/Dbtr', creditor: '/Cdtr', amount: '/IntrBkSttlmAmt/Amt' },
  },
  [RETURN]: {
    at: '/Document/PmtRtr/TxInf/0',
    ...{ debtor: '/InstgAgt', creditor: '/InstdAgt', amount: '/RtrdIntrBkSttlmAmt/Amt' },
  },
  [LEG]: { at: '/Leg', debtor: '/InstgAgt', creditor: '/CtrPty' },
  [CHAIN]: { at: '/Chn', debtor: '/InstgAgt', creditor: '' },
};

/** Where what asks names the payment that it is about. */
const ASKED_FOR: Readonly<Record<string, string>> = {
  [CANCELLATION]: '/Document/FIToFIPmtCxlReq/Undrlyg/0/TxInf/0/OrgnlUETR',
  [REORDERING]: '/Document/ModfyTx/Mod/0/PmtId/UETR',
  [STATUS_REQUEST]: '/Document/FIToFIPmtStsReq/TxInf/0/OrgnlUETR',
  [RECALL_ANSWER]: '/Document/RsltnOfInvstgtn/CxlDtls/0/TxInfAndSts/0/OrgnlUETR',
  [CREDITOR_STATUS]: '/Document/FIToFIPmtStsRpt/TxInfAndSts/0/OrgnlUETR',
  [RETURN]: '/Document/PmtRtr/TxInf/0/OrgnlUETR',
};

/** Where what is about an account names it. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  [LIMIT]: '/Document/ModfyLmt/LmtDtls/0/NewLmtValSet/Amt/AmtWthCcy/Ccy',
  [LIMIT_REMOVAL]: '/Document/DelLmt/LmtDtls/CurLmtId/AcctId/Othr/Id',
  [RESERVATION]: '/Document/ModfyRsvatn/NewRsvatnValSet/Amt/AmtWthCcy/Ccy',
  [REPORT_REQUEST]: '/Document/AcctRptgReq/RptgReq/0/Acct/Id/Othr/Id',
};

const COUNTERPARTY_AT = `BilLmtCtrPtyId${BIC_AT}`;
/** Where a bilateral limit names the bank to which it is. */
const LIMITED: Readonly<Record<string, string>> = {
  [LIMIT]: `/Document/ModfyLmt/LmtDtls/0/LmtId/Cur/${COUNTERPARTY_AT}`,
  [LIMIT_REMOVAL]: `/Document/DelLmt/LmtDtls/CurLmtId/${COUNTERPARTY_AT}`,
};

/** Of a reason that its payment has, what a message about it must be about. */
const ABOUT: Readonly<Partial<Record<Reason, string>>> = {
  paymentUnknown: 'must be of a payment that you sent',
  paymentFinal: 'must be of a payment that waits',
  originalUnknown: 'must be of a payment that its receiver sent to you',
  originalNotSettled: 'must be of a payment that has settled',
  notCreditorAgent: 'must be of a payment that settled in your favour',
  alreadyReturned: 'must be of a payment of which something is left',
  answerNotAwaited: 'must be of a payment about which you are asked and have not answered',
};

/** Of such a reason where a message of this type may be about more, or less, than others. */
const ABOUT_BY_TYPE: Readonly<Record<string, Readonly<Partial<Record<Reason, string>>>>> = {
  [STATUS_REQUEST]: {
    paymentUnknown: 'must be of a payment that you sent, or that settled in your favour',
  },
  [CREDITOR_STATUS]: {
    answerNotAwaited: 'must be of a payment whose crediting you have not told yet',
  },
};
/** Where a request about a return names it: its UETR is that of the payment that it returns. */
const RETURN_ASKED_FOR = '/Document/FIToFIPmtStsReq/TxInf/0/OrgnlGrpInf/OrgnlMsgId';

/** What stands at a place of a document; undefined: nothing. */
const standsAt = (document: unknown, path: string): unknown =>
  path
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);

/**
 * Why a pool as it stands did not take a message, where no rule is broken: the place, the value and what it would
 * have taken, with the figures that events tell. A function of the events and the message.
 */
export class PoolRefusals {
  readonly #books: PoolBooks;
  #identityDays = 0;
  /** Business dates up to this one have been forgotten. */
  #horizon = -1;
  /** By account and, of a bilateral one, the participant to whom it is granted. */
  readonly #caps = new Map<string, bigint>();
  readonly #defaulted = new Set<number>();

  constructor(books: PoolBooks) {
    this.#books = books;
  }

  begin({ identityDays }: { readonly identityDays: number }): void {
    this.#identityDays = identityDays;
  }

  take(event: SettlementEvent): void {
    if (event.kind === 'closed')
      this.#horizon = Math.max(this.#horizon, event.date - this.#identityDays);
    else if (event.kind === 'defaulted') this.#defaulted.add(event.participant);
    else if (event.kind === 'capSet') {
      const key = capKey(event.participant, event.currency, event.counterparty);
      if (event.cap === null) this.#caps.delete(key);
      else this.#caps.set(key, event.cap);
    }
  }

  /** Null: there is no place, or no more to say than the reason does. */
  of(event: EventOf<'rejected'>, message: RefusedMessage): PlacedFault | null {
    const { reason } = event;
    const { read, messageType, document } = message;
    const found = (path: string, expected: string): PlacedFault => ({
      ...{ path, value: standsAt(document, path), expected },
    });
    if (reason === 'duplicateIdentity')
      return {
        path: 'ce_id',
        value: 'id' in read ? read.id : 'uetr' in read ? read.uetr : undefined,
        expected: 'must be new: another payload had it before',
      };
    if (
      reason === 'paymentUnknown' &&
      messageType === STATUS_REQUEST &&
      'returnId' in read &&
      read.returnId !== undefined
    )
      return found(RETURN_ASKED_FOR, 'must be the MsgId of a return that you sent or received');
    const about = ABOUT_BY_TYPE[messageType]?.[reason] ?? ABOUT[reason];
    const asked = ASKED_FOR[messageType];
    if (about && asked) return found(asked, about);
    const account = ACCOUNTS[messageType];
    if (account && (reason === 'accountMissing' || reason === 'accountInvalid'))
      return found(
        account,
        `must be what you have an account in: ${this.#accountsOf(event.debtorAgent)}`,
      );
    const limited = LIMITED[messageType];
    if (limited && reason === 'creditorAgentUnknown') return found(limited, PARTICIPANT);
    if (limited && reason === 'sameAgent')
      return found(
        limited,
        `must be another bank than ${this.#books.directory.bic(event.debtorAgent)}`,
      );
    if (reason === 'attested')
      return found(
        '/Attstn/Chn/Vrdct',
        'must be your first, or another than your last where that was no REFUSE',
      );
    if (reason === 'counterRolledBack')
      return found('/Attstn/Rcrd/Cntr', 'must be at least that of your last record that has one');
    if (reason === 'attestationExpired')
      return found('/Attstn/Chn/VldUntil', `must be after ${isoTime(event.timeMs)}`);
    if (read.kind === 'quote') return this.#ofDealersQuote(event, read, found);
    const place = placeOf(messageType, document);
    return place ? this.#ofTransaction(event, read as Settling, place, found) : null;
  }

  #ofTransaction(
    event: EventOf<'rejected'>,
    read: Settling,
    place: Transaction,
    found: (path: string, expected: string) => PlacedFault,
  ): PlacedFault | null {
    const { at, amount = '' } = place;
    const agents = agentsOf(read, place);
    switch (event.reason) {
      case 'settlementDateInvalid':
      case 'afterCutOff': {
        const expected = this.#dateExpected(event, read);
        return expected === null ? null : found(`${at}/IntrBkSttlmDt`, expected);
      }
      case 'timesInvalid':
        return timesFault(event, read, at, found);
      case 'debtorAgentUnknown':
      case 'creditorAgentUnknown':
      case 'dealerUnknown': {
        const { directory } = this.#books;
        const unknown = agents.find(({ bic }) => directory.participantHandle(bic) === undefined);
        return unknown ? found(unknown.path, PARTICIPANT) : null;
      }
      case 'accountMissing': {
        const without = agents.find(({ bic, code }) => !this.#hasAccount(bic, code));
        return without ? found(without.path, `must have an account in ${without.code}`) : null;
      }
      case 'sameAgent': {
        const [first, ...others] = agents;
        const same = others.find(({ bic }) => bic === first?.bic) ?? others[0];
        return same ? found(same.path, `must be another bank than ${same.bic}`) : null;
      }
      case 'participantDefaulted': {
        const { directory } = this.#books;
        const inDefault = agents.find(({ bic }) =>
          this.#defaulted.has(directory.participantHandle(bic) ?? -1),
        );
        return inDefault ? found(inDefault.path, 'must be a bank that has not defaulted') : null;
      }
      case 'quoteMissing':
      case 'quoteExhausted':
      case 'amountNotAsQuoted':
        return this.#ofQuote(event, read, at, amount, found);
      case 'capExceeded': {
        const expected = this.#capExpected(event);
        return expected === null ? null : found(`${at}${amount}`, expected);
      }
      case 'returnExceedsOriginal':
        return found(`${at}${amount}`, 'must be at most what is left: pacs.028 tells how much');
      case 'returnCurrencyDiffers':
        return found(
          `${at}${amount.replace(/Amt$/, 'Ccy')}`,
          'must be the currency that you received',
        );
      case 'legInstructed':
        return found('/Chn/InstdLeg', 'must be a leg that you have not instructed yet');
      case 'earmarkCapReached':
        return found(
          '/Chn/Earmrk/XpryTm',
          'must be there: what is set aside is capped by its time',
        );
      default:
        return null;
    }
  }

  #ofDealersQuote(
    event: EventOf<'rejected'>,
    { dealer, baseCurrency, quoteCurrency }: Extract<Instruction, { readonly kind: 'quote' }>,
    found: (path: string, expected: string) => PlacedFault,
  ): PlacedFault | null {
    const pair = [
      { path: '/Quote/Covers/Ccy', code: baseCurrency },
      { path: '/Quote/QuoteCcy', code: quoteCurrency },
    ];
    switch (event.reason) {
      case 'formatInvalid':
        return baseCurrency === quoteCurrency
          ? found('/Quote/QuoteCcy', `must be another currency than ${baseCurrency}`)
          : null;
      case 'accountMissing': {
        const without = pair.find(({ code }) => !this.#hasAccount(dealer, code));
        return without
          ? found(
              without.path,
              `must be what you have an account in: ${this.#accountsOf(event.debtorAgent)}`,
            )
          : null;
      }
      case 'settlementDateInvalid': {
        const { timeMs } = event;
        const lastMs = (this.#lastDayOfQuotes(timeMs) + 1) * DAY_MS - 1;
        return found(
          '/Quote/ValidUntilMs',
          `must be from ${timeMs} to ${lastMs}: it came at ${isoTime(timeMs)}`,
        );
      }
      default:
        return null;
    }
  }

  /** Up to which a quote may be valid: assembly/settlement/cut-offs-and-cycle-times.ts. */
  #lastDayOfQuotes(timeMs: number): number {
    const { directory, day } = this.#books;
    const dates = directory.currencies.map(
      ({ currency }) => day.of(directory.currencyHandle(currency) ?? -1)?.date ?? 0,
    );
    return Math.max(Math.floor(timeMs / DAY_MS), ...dates) + this.#identityDays;
  }

  #hasAccount(bic: string, code: string): boolean {
    const participant = this.#books.directory.participantHandle(bic);
    return participant !== undefined && this.#books.hasAccount(participant, code);
  }

  #accountsOf(participant: number): string {
    const { directory, hasAccount } = this.#books;
    const codes = directory.currencies.map(({ currency }) => currency);
    return codes.filter((code) => hasAccount(participant, code)).join(', ') || 'none';
  }

  /** What the calendar of the first currency that refuses the date would take: assembly/settlement/cut-offs-and-cycle-times.ts. */
  #dateExpected({ reason, timeMs }: EventOf<'rejected'>, read: Settling): string | null {
    const date = dayNumber(read.settlementDate) as number;
    for (const code of codesOf(read)) {
      const { first, last, closed } = this.#datesOf(code, timeMs);
      const isPast = closed !== null && date <= closed.date && date > first;
      if (reason === 'afterCutOff' ? !isPast : date > first && date <= last) continue;
      const from = dateText(Math.max(first, closed?.date ?? first) + 1);
      const until = dateText(last);
      const days = from === until ? `must be ${from}` : `must be from ${from} to ${until}`;
      return closed
        ? `${days}: ${code} closed for ${dateText(closed.date)} at ${isoTime(closed.atMs)}`
        : `${days}, as ${code} stands`;
    }
    return null;
  }

  /** Dates behind `first` up to `last`; of a currency that is closed those up to its business date are over. */
  #datesOf(code: string, timeMs: number) {
    const { directory, day } = this.#books;
    const days = this.#identityDays;
    const known = day.of(directory.currencyHandle(code) ?? -1);
    const utc = Math.floor(timeMs / DAY_MS);
    const closed =
      known && known.closedMs !== null ? { date: known.date, atMs: known.closedMs } : null;
    const business = known?.date ?? utc;
    return {
      first: Math.max(business - days, this.#horizon),
      last: known && !closed ? business : Math.max(business, utc) + days,
      closed,
    };
  }

  #ofQuote(
    { reason, dealer, currency1, currency2, amount1 }: EventOf<'rejected'>,
    read: Settling,
    at: string,
    amount: string,
    found: (path: string, expected: string) => PlacedFault,
  ): PlacedFault | null {
    const { directory } = this.#books;
    if (read.kind !== 'payment' || !read.conversion) return null;
    const base = directory.currency(currency1);
    const quoted = directory.currency(currency2);
    const { rate } = read.conversion;
    if (reason === 'amountNotAsQuoted') {
      const scale = 10n ** BigInt(base.minorUnits + rate.scale);
      const exact = amount1 * rate.mantissa * 10n ** BigInt(quoted.minorUnits);
      const nearest = amountText((2n * exact + scale) / (2n * scale), quoted.minorUnits);
      const debited = `${base.currency} ${amountText(amount1, base.minorUnits)}`;
      return found(`${at}${amount}`, `must be ${nearest}: ${debited} x ${rateText(rate)}`);
    }
    const all = this.#books.quotesOf(dealer, currency1, currency2);
    if (all === null) return null;
    const named = `${directory.bic(dealer)} for ${base.currency}/${quoted.currency}`;
    if (reason === 'quoteExhausted') {
      const same = all.filter((one) => rateText(one.rate) === rateText(rate));
      const most = same.reduce((left, one) => (one.left > left ? one.left : left), 0n);
      const left = amountText(most, base.minorUnits);
      return found(`${at}/InstdAmt/Amt`, `must be at most ${left}, left of the quote of ${named}`);
    }
    const rates = [...new Set(all.map((one) => rateText(one.rate)))].slice(0, RATES_TOLD);
    return found(
      `${at}/XchgRate`,
      `must be that of a quote of ${named}: ${rates.join(', ') || 'there is none now'}`,
    );
  }

  /** Of its debtor: against all together, and what the creditor grants it. */
  #capExpected({ debtorAgent, creditorAgent, currency1 }: EventOf<'rejected'>): string | null {
    const { directory } = this.#books;
    const { currency, minorUnits } = directory.currency(currency1);
    const own = this.#caps.get(capKey(debtorAgent, currency1, null));
    const granted = this.#caps.get(capKey(creditorAgent, currency1, debtorAgent));
    const told = [
      ...(own === undefined ? [] : [`${amountText(own, minorUnits)} against all`]),
      ...(granted === undefined
        ? []
        : [`${amountText(granted, minorUnits)} against ${directory.bic(creditorAgent)}`]),
    ];
    return told.length === 0
      ? null
      : `must keep your net debit in ${currency} within ${told.join(', ')}`;
  }
}

const PARTICIPANT = 'must be the BIC of a participant';
const DAY_MS = 86_400_000;
/** Rates in one expectation at most. */
const RATES_TOLD = 5;

/** What the types of TRANSACTIONS are read as. */
type Settling = Extract<
  Instruction,
  { readonly kind: 'payment' | 'pvpLeg' | 'chainLeg' | 'return' }
>;

/** A transfer between banks may name agents beside debtor and creditor, whose accounts are booked then. */
function placeOf(messageType: string, document: unknown): Transaction | undefined {
  const place = TRANSACTIONS[messageType];
  if (messageType !== BANK_TRANSFER || !place) return place;
  const agent = (name: string) =>
    standsAt(document, `${place.at}${name}Agt`) ? `${name}Agt` : name;
  return { ...place, debtor: agent(place.debtor), creditor: agent(place.creditor) };
}

const codesOf = (read: Settling): readonly string[] => {
  if (read.kind === 'chainLeg') return [...new Set(read.legs.map(({ code }) => code))];
  if (read.kind === 'pvpLeg') return [read.delivers, read.receives];
  const second = read.kind === 'payment' && read.conversion ? [read.conversion.currency] : [];
  return [read.currency, ...second];
};

/** Who is debited or credited in what, in the order in which the core looks for accounts. */
function agentsOf(read: Settling, place: Transaction): Named[] {
  const at = (name: string) => `${place.at}${name}${BIC_AT}`;
  const debtor = at(place.debtor);
  const creditor = at(place.creditor);
  switch (read.kind) {
    case 'chainLeg':
      return [];
    case 'return':
      return [
        { bic: read.sender, path: debtor, code: read.currency },
        { bic: read.receiver, path: creditor, code: read.currency },
      ];
    case 'pvpLeg':
      return [read.delivers, read.receives].flatMap((code) => [
        { bic: read.instructingAgent, path: debtor, code },
        { bic: read.counterparty, path: creditor, code },
      ]);
    case 'payment': {
      const { debtorAgent, creditorAgent, currency, conversion } = read;
      const paid = { bic: creditorAgent, path: creditor };
      if (!conversion)
        return [
          { bic: debtorAgent, path: debtor, code: currency },
          { ...paid, code: currency },
        ];
      const dealer = { bic: conversion.dealer, path: at(place.dealer ?? '') };
      return [
        { bic: debtorAgent, path: debtor, code: currency },
        { ...dealer, code: currency },
        { ...dealer, code: conversion.currency },
        { ...paid, code: conversion.currency },
      ];
    }
  }
}

/**
 * The first time of a message that the core finds not ahead, or not after the earliest, in its order
 * (assembly/settlement/chain-intake.ts); null: none, it is the deadline of the network's policy.
 */
function timesFault(
  { timeMs }: EventOf<'rejected'>,
  read: Settling,
  at: string,
  found: (path: string, expected: string) => PlacedFault,
): PlacedFault | null {
  const { earliest = 0, latest = 0 } = (read.kind !== 'return' && read.times) || {};
  const chain = read.kind === 'chainLeg' ? read : null;
  const seconds = (time?: string | null) => (time ? timeSeconds(time) : 0);
  const date = dayNumber(read.settlementDate) as number;
  const times: readonly (readonly [path: string, time: number, after: number])[] = [
    [`${at}/SttlmTmReq/RjctTm`, latest, earliest],
    [`${at}/Earmrk/XpryTm`, seconds(chain?.earmark?.expiry), earliest],
    [`${at}/Cond/Ddln`, seconds(chain?.condition?.deadline), 0],
  ];
  for (const [path, time, after] of times) {
    const leastMs = after > 0 ? Math.max(instantOf(date, after), timeMs) : timeMs;
    if (time > 0 && instantOf(date, time) <= leastMs)
      return found(path, `must be after ${isoTime(leastMs)}`);
  }
  return null;
}

const capKey = (participant: number, currency: number, to: number | null): string =>
  `${accountKey(participant, currency)} ${to ?? 'all'}`;
