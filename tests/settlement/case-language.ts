import { eventKind } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import {
  CYCLE_MECHANISMS,
  type CycleMechanism,
  DEFERRED_NET_CLASSES,
  type DeferredNetClasses,
  NONE16,
  NONE32,
  RECORD_BYTES,
  RECORD_OFFSETS,
} from '../../services/core/settlement/records.ts';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { chainRecord } from './case-language-chains.ts';
import { attestationRecord, furtherTerms } from './case-language-conditions.ts';
import { countryOf, liquidityRecord, type RowNames } from './case-language-liquidity.ts';
import { nettingRecord, nettingWords } from './case-language-netting.ts';
import { returnRecord } from './case-language-returns.ts';
import { decodeRecord, encodeRecord } from './flat-records.ts';

/**
 * Records and events in words, so that a case reads as rows. Business dates are small numbers, times
 * are milliseconds after the start, all currencies have two decimals unless `minorUnits` says
 * otherwise, amounts are minor units.
 *
 *   open EUR 1 | close EUR 1 | at 5000 (a tick at that time)
 *   line A EUR 50 | issue A EUR 10 [by C] | redeem A EUR 10 [by C] (C is the issuer)
 *   quote q1 D EUR/USD 1.1 for 1000 [until 5000]
 *   pay p1 A>B 60 EUR [via D 66 USD at 1.1] [urgent|high] [date 1] [from 1000] [till 5000]
 *   participant X | currency XTS | account A XTS | key A | notice A
 *   propose p1 p2 / p3 [for EUR] (two sets) | propose nothing
 *   return r1 p1 30 EUR | reply y1 p1 credited (case-language-returns.ts)
 *   link c1 A>B 100 EUR as 1/3 of x (case-language-chains.ts)
 *   attest a1 A accepts x (case-language-conditions.ts)
 *   again p1 (the same message once more) | changed p1 (its identity with another payload)
 */
export interface Rules {
  readonly queueRule?: 'fifo' | 'bypassFifo';
  readonly gridlockResolution?: boolean;
  /** In place of gridlock resolution. */
  readonly cycle?: CycleMechanism;
  readonly entryOffsetting?: boolean;
  readonly bilateralOffsetting?: boolean;
  readonly offsettingMinimumMs?: number;
  readonly certificates?: boolean;
  /** The request to cancel a settled payment is passed on. */
  readonly recalls?: boolean;
  readonly quoteEvents?: boolean;
  readonly countsFromEnd?: boolean;
  readonly boundsRefused?: boolean;
  readonly recallDays?: number;
  /** 0: there are no chains. */
  readonly chainLegsMax?: number;
  /** Chains can have conditions and earmarks. */
  readonly conditions?: boolean;
  /** Of every currency, minor units x seconds; 0: none. */
  readonly earmarkCap?: number;
  readonly deferredNetClasses?: DeferredNetClasses;
  readonly defaultRule?: 'unwind' | 'shareTheLoss';
  readonly pvpTimeoutMs?: number;
  readonly atClose?: 'cancel' | 'carryOver';
  readonly cycleIntervalMs?: number;
  readonly identityDays?: number;
  readonly livePaymentsMax?: number;
  readonly identitiesMax?: number;
  readonly quotesMax?: number;
  readonly limitsMax?: number;
  /** Corridors that can have limits. */
  readonly corridorLimitsMax?: number;
}

export interface World {
  readonly settlement: Settlement;
  /** Applies a record in words; returns its events in words. */
  say(row: string): string[];
  /** The time of the rows that follow, ms after the start. */
  at(ms: number): void;
  /** The record of the last row. */
  record(): Uint8Array;
  /** Its events as the core wrote them. */
  events(): Uint8Array;
  /** All records so far, from the genesis on, and the events of all of them. */
  records(): Uint8Array;
  history(): Uint8Array;
  balance(participant: string, currency: string): bigint;
}

/** The day that a case calls 0, and the instant that it calls 0: noon UTC of it. */
const DAY_ZERO = 20_000;
const START_MS = DAY_ZERO * 86_400_000 + 43_200_000;
const PRIORITIES = ['urgent', 'high', 'normal'];

/** Accounts as 'A EUR': balance, or 'A EUR': [balance, credit line]. */
export type Accounts = Readonly<Record<string, number | bigint | readonly [number, number]>>;

interface Names {
  readonly participants: string[];
  readonly currencies: string[];
  /** Of messages, in the order in which they were first sent. */
  readonly messages: string[];
  /** The last record of each message. */
  readonly sent: Map<string, Uint8Array>;
}

type Kind = Parameters<typeof encodeRecord>[0];
type Fields = Parameters<typeof encodeRecord>[1];

function handle(names: readonly string[], name: string | undefined): number {
  const at = names.indexOf(name ?? '');
  if (at === -1) throw new Error(`no ${name}`);
  return at;
}

export function createWorld(
  wasm: WebAssembly.Module,
  rules: Rules,
  accounts: Accounts,
  minorUnits: Readonly<Record<string, number>> = {},
  outputEvents?: number,
): World {
  const settlement = createSettlement(wasm, outputEvents);
  const names: Names = { participants: [], currencies: [], messages: [], sent: new Map() };
  let position = 0;
  let timeMs = START_MS;
  let last: Uint8Array = new Uint8Array();
  let lastRecord: Uint8Array = new Uint8Array();
  const taken: Uint8Array[] = [];
  const all: Uint8Array[] = [];

  const stamp = (): Fields => {
    position += 1;
    return { position, timeMs };
  };
  const apply = (record: Uint8Array): string[] => {
    const events = settlement.apply(record, record.length / RECORD_BYTES);
    taken.push(record);
    last = events;
    lastRecord = record;
    all.push(events);
    return Array.from({ length: events.length / EVENT_BYTES }, (_, i) =>
      inWords(readFlatEvent(events, i), names),
    );
  };

  for (const [kind, fields] of beginning(rules, accounts, minorUnits, names))
    apply(encodeRecord(kind, { ...stamp(), ...fields }));
  return {
    settlement,
    at: (ms) => {
      timeMs = START_MS + ms;
    },
    record: () => lastRecord,
    events: () => last,
    records: () => Buffer.concat(taken),
    history: () => Buffer.concat(all),
    balance: (participant, currency) =>
      settlement.balance(
        handle(names.participants, participant),
        handle(names.currencies, currency),
      ),
    say(row) {
      const words = row.split(' ');
      const [verb, name] = words as [string, string];
      if (verb === 'at') timeMs = START_MS + Number(name);
      if (verb === 'again' || verb === 'changed')
        return apply(repetition(names, name, stamp(), verb === 'changed'));
      if (verb === 'propose') return apply(proposal(names, words, stamp()));
      const [kind, fields] = recordOf(names, words);
      const at = stamp();
      const terms = kind === 'chainLeg' ? furtherTerms(rowNames(names), words) : {};
      const record = encodeRecord(kind, {
        ...at,
        ...fields,
        ...('furtherTerms' in terms && { furtherTerms: 1 }),
      });
      if (names.messages.includes(name)) names.sent.set(name, record);
      if (!('furtherTerms' in terms) || words.includes('bare')) return apply(record);
      return apply(Buffer.concat([encodeRecord('chainTerms', { ...at, ...terms }), record]));
    },
  };
}

/** The records before the first row: rules, participants, currencies, accounts. */
function beginning(
  rules: Rules,
  accounts: Accounts,
  minorUnits: Readonly<Record<string, number>>,
  { participants, currencies }: Names,
): (readonly [Kind, Fields])[] {
  const records: (readonly [Kind, Fields])[] = [];
  records.push([
    'genesis',
    {
      participantsMax: 20,
      currenciesMax: 8,
      livePaymentsMax: rules.livePaymentsMax ?? 100,
      identitiesMax: rules.identitiesMax ?? 1000,
      quotesMax: rules.quotesMax ?? 10,
      limitsMax: rules.limitsMax ?? 20,
      cycleIntervalMs: rules.cycleIntervalMs ?? 0,
      queueRule: rules.queueRule === 'bypassFifo' ? 1 : 0,
      cycleMechanism: CYCLE_MECHANISMS.indexOf(
        rules.cycle ?? (rules.gridlockResolution === true ? 'gridlockResolution' : 'none'),
      ),
      entryOffsetting: rules.entryOffsetting === true ? 1 : 0,
      bilateralOffsetting: rules.bilateralOffsetting === true ? 1 : 0,
      offsettingMinimumMs: rules.offsettingMinimumMs ?? 0,
      certificates: rules.certificates === true ? 1 : 0,
      recalls: rules.recalls === true ? 1 : 0,
      quoteEvents: rules.quoteEvents === true ? 1 : 0,
      countsFromEnd: rules.countsFromEnd === true ? 1 : 0,
      boundsRefused: rules.boundsRefused === true ? 1 : 0,
      recallDays: rules.recallDays ?? 0,
      chainLegsMax: rules.chainLegsMax ?? 0,
      conditions: rules.conditions === true ? 1 : 0,
      deferredNetClasses: DEFERRED_NET_CLASSES.indexOf(rules.deferredNetClasses ?? 'all'),
      defaultRule: rules.defaultRule === 'shareTheLoss' ? 1 : 0,
      pvpTimeoutMs: rules.pvpTimeoutMs ?? 0,
      corridorLimitsMax: rules.corridorLimitsMax ?? 0,
      atClose: rules.atClose === 'carryOver' ? 1 : 0,
      identityDays: rules.identityDays ?? 5,
    },
  ]);
  for (const [name, money] of Object.entries(accounts)) {
    const [participant, currency] = name.split(' ') as [string, string];
    if (!participants.includes(participant)) {
      participants.push(participant);
      const number = participants.length - 1;
      records.push(['participant', { participant: number, country1: countryOf(number) }]);
    }
    if (!currencies.includes(currency)) {
      currencies.push(currency);
      const fields = {
        ...{ currency1: currencies.length - 1, currency2: minorUnits[currency] ?? 2 },
        earmarkCap: rules.earmarkCap ?? 0,
      };
      records.push(['currency', fields]);
    }
    const [amount1, amount2] = typeof money === 'object' ? money : [money, 0];
    const account = {
      participant: handle(participants, participant),
      currency1: handle(currencies, currency),
    };
    records.push(['account', { ...account, amount1, amount2 }]);
  }
  return records;
}

function recordOf(names: Names, words: readonly string[]): readonly [Kind, Fields] {
  const [verb, first, second, third] = words as [string, ...string[]];
  const liquidity = liquidityRecord(rowNames(names), words);
  if (liquidity !== undefined) return liquidity;
  const returned = returnRecord(
    { ...rowNames(names), sent: (name) => decodeRecord(sentRecord(names, name)) },
    (name) => handle(names.participants, name),
    words,
    DAY_ZERO,
  );
  if (returned !== undefined) return returned;
  const chained = chainRecord(rowNames(names), words, DAY_ZERO);
  if (chained !== undefined) return chained;
  const attested = attestationRecord(rowNames(names), words, DAY_ZERO);
  if (attested !== undefined) return attested;
  const netting = nettingRecord(rowNames(names), words, DAY_ZERO);
  if (netting !== undefined) return netting;
  if (verb === 'pay') return ['payment', payment(names, words)];
  if (verb === 'quote') return ['quote', quote(names, words)];
  if (verb === 'at') return ['tick', {}];
  if (verb === 'open' || verb === 'close') {
    const date = DAY_ZERO + Number(second);
    return [verb, { currency1: handle(names.currencies, first), date }];
  }
  if (verb === 'participant') {
    names.participants.push(first as string);
    const number = names.participants.length - 1;
    return [verb, { participant: number, country1: countryOf(number) }];
  }
  if (verb === 'currency') {
    names.currencies.push(first as string);
    return [verb, { currency1: names.currencies.length - 1, currency2: 2 }];
  }
  if (verb === 'key' || verb === 'notice') {
    const participant = handle(names.participants, first);
    return [verb === 'key' ? 'keyState' : 'notice', { participant }];
  }
  if (verb === 'account')
    return [
      verb,
      {
        participant: handle(names.participants, first),
        currency1: handle(names.currencies, second),
      },
    ];
  const kinds = { line: 'creditLine', issue: 'issue', redeem: 'redeem' } as const;
  const kind = kinds[verb as keyof typeof kinds];
  if (kind === undefined) throw new Error(`no such row: ${words.join(' ')}`);
  const account = {
    participant: handle(names.participants, first),
    currency1: handle(names.currencies, second),
  };
  const issuer = words[4] === 'by' ? handle(names.participants, words[5]) : 0;
  return [kind, { ...account, issuer, amount1: BigInt(third as string) }];
}

function sentRecord({ sent }: Names, name: string): Uint8Array {
  const record = sent.get(name);
  if (record === undefined) throw new Error(`${name} was never sent`);
  return record;
}

function rowNames(names: Names): RowNames {
  const { participants, currencies } = names;
  return {
    participant: (name) => handle(participants, name),
    currency: (name) => handle(currencies, name),
    identity: (name) => identity(names, name),
    target(name) {
      const { participant, id, messageType } = decodeRecord(sentRecord(names, name));
      return { sender: participant, id, messageType };
    },
  };
}

function identity({ messages }: Names, name: string): Fields {
  messages.push(name);
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint16(0, messages.length, true);
  return { id, payloadDigest: new Uint8Array(32).fill(messages.length) };
}

function payment(names: Names, words: readonly string[]): Fields {
  const { participants, currencies } = names;
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const [, name, parties, amount, currency] = words as [string, string, string, string, string];
  const [debtor, creditor] = parties.split('>');
  const debtorAgent = handle(participants, debtor);
  const via = words.indexOf('via');
  const priority = PRIORITIES.findIndex((word) => words.includes(word));
  return {
    ...identity(names, name),
    participant: debtorAgent,
    messageType: 8,
    debtorAgent,
    creditorAgent: handle(participants, creditor),
    currency1: handle(currencies, currency),
    amount1: BigInt(amount),
    currency2: via === -1 ? NONE16 : handle(currencies, words[via + 3]),
    dealer: via === -1 ? NONE32 : handle(participants, words[via + 1]),
    amount2: via === -1 ? 0 : BigInt(words[via + 2] as string),
    ...rate(after('at') ?? '0'),
    date: DAY_ZERO + Number(after('date') ?? 1),
    earliest: secondsOf(after('from')),
    latest: secondsOf(after('till')),
    priority: priority === -1 ? 2 : priority,
  };
}

/** Of an instant in ms after the start, for a payment that settles on day 1. */
function secondsOf(ms: string | undefined): number {
  return ms === undefined ? 0 : 43_200 + Number(ms) / 1000;
}

function quote(names: Names, words: readonly string[]): Fields {
  const [, name, dealer, pair, price, , amount, , until] = words as [string, string, ...string[]];
  const [base, quoted] = (pair as string).split('/');
  const participant = handle(names.participants, dealer);
  return {
    ...identity(names, name),
    participant,
    dealer: participant,
    messageType: 9,
    currency1: handle(names.currencies, base),
    currency2: handle(names.currencies, quoted),
    amount1: START_MS + Number(until ?? 86_400_000),
    amount2: BigInt(amount as string),
    ...rate(price as string),
  };
}

/** The records of a proposal: its sets, then itself. */
function proposal(names: Names, words: readonly string[], stamp: Fields): Uint8Array {
  const [said, currency] = words.slice(1).join(' ').split(' for ') as [string, string?];
  const sets = said === 'nothing' ? [] : said.split(' / ').map((set) => set.split(' '));
  const positionOf = (name: string): bigint => {
    const record = names.sent.get(name);
    return record === undefined ? BigInt(name) : decodeRecord(record).position;
  };
  const pieces = sets.map((set) => {
    const members = Buffer.alloc(8 * set.length);
    for (const [i, name] of set.entries()) members.writeBigUInt64LE(positionOf(name), 8 * i);
    return encodeRecord('proposedSet', {
      ...{ ...stamp, memberCount: set.length, beginsSet: 1, members },
    });
  });
  const currency1 = currency === undefined ? NONE16 : handle(names.currencies, currency);
  const payloadDigest = Buffer.from('mine'.padEnd(32, '\0'));
  return Buffer.concat([
    ...pieces,
    encodeRecord('proposal', { ...stamp, currency1, payloadDigest }),
  ]);
}

function repetition(names: Names, name: string, stamp: Fields, isChanged: boolean): Uint8Array {
  const earlier = names.sent.get(name);
  if (earlier === undefined) throw new Error(`${name} was never sent`);
  const record = Buffer.from(earlier);
  const { position, id, payloadDigest } = RECORD_OFFSETS;
  record.set(encodeRecord(0, stamp).subarray(position, id), position);
  if (isChanged) record[payloadDigest] = 255;
  return record;
}

/** '1.10' is mantissa 110, scale 2. */
function rate(text: string): { rateMantissa: bigint; rateScale: number } {
  const [whole, decimals = ''] = text.split('.') as [string, string?];
  return { rateMantissa: BigInt(whole + decimals), rateScale: decimals.length };
}

const heuristic = ({ amount2 }: FlatEvent): string =>
  amount2 === 0n ? '' : ` (${amount2} by a heuristic)`;

const CYCLE_FLAGS = ['nothing queued', 'resolved', 'deadlock', 'gridlock', 'undecided'];

function inWords(event: FlatEvent, { messages, participants, currencies }: Names): string {
  const netting = nettingWords(event, participants, currencies);
  if (netting !== undefined) return netting;
  const { kind, reason, mechanism, count } = event;
  const name = messages[Buffer.from(event.id).readUInt16LE() - 1];
  const why = reason === 'none' ? '' : ` ${reason}`;
  if (kind === 'cycled')
    return `cycle ${event.cycle} ${CYCLE_FLAGS[event.priority]}: ${count} settled, ${event.amount1} left${heuristic(event)}`;
  if (kind === 'setRefused') {
    if (event.heldUpBy === 'none') return `set ${count} refused${why}: ${event.paymentPosition}`;
    const other = participants[event.creditorAgent];
    const account = `${participants[event.debtorAgent]} ${currencies[event.currency1]}`;
    return `set ${count} refused by ${event.heldUpBy} of ${account}${other === undefined ? '' : ` against ${other}`}: ${event.amount1}`;
  }
  if (kind === 'settled') return `${name} settled ${mechanism}`;
  if (kind === 'heldUp') {
    const other = participants[event.creditorAgent];
    const account = `${participants[event.debtorAgent]} ${currencies[event.currency1]}`;
    const by = event.heldUpBy;
    return `${name} held up by ${by} of ${account}${other === undefined ? '' : ` against ${other}`}: ${event.amount1}`;
  }
  if (kind === 'limitSet') return `${name} limitSet, ${event.balances[0]} counted`;
  if (kind === 'corridorLimitSet') return `corridorLimitSet, ${event.amount2} used`;
  if (kind === 'collateralSet') return `collateralSet, capacity ${event.balances[1]}`;
  if (kind === 'rulesSet') return `${currencies[event.currency1]} rules set`;
  if (kind === 'repeated') return `${name} repeated: ${eventKind(count)}${why}`;
  if (name !== undefined) return `${name} ${kind}${why}`;
  if (kind === 'closed') return `${currencies[event.currency1]} closed, ${event.amount1} unsettled`;
  if (kind === 'opened') return `${currencies[event.currency1]} opened`;
  return `${kind}${why}`;
}
