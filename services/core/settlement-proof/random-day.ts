import { NONE16, NONE32, RECORD_OFFSETS } from '../records.ts';
import { decodeRecord, encodeRecord, type FlatRecord } from './flat-records.ts';

/** A generator with 32 bits of state (mulberry32, Tommy Ettinger 2017): a seed names a day. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const PAYMENT_TYPE = 8;
const QUOTE_TYPE = 9;
const FIRST_DATE = 20_528;
const DAY_MS = 86_400_000;

interface Draft {
  readonly pick: (below: number) => number;
  readonly records: Uint8Array[];
  readonly participants: number;
  readonly currencies: number;
  readonly units: readonly number[];
  readonly amounts: (pick: Draft['pick']) => bigint;
  readonly quotes: FlatRecord[];
  readonly messages: Uint8Array[];
  readonly open: boolean[];
  readonly lastDate: (number | undefined)[];
  date: number;
  timeMs: number;
  ids: number;
}

type Fields = Parameters<typeof encodeRecord>[1];

function add(draft: Draft, kind: Parameters<typeof encodeRecord>[0], fields: Fields): Uint8Array {
  const record = encodeRecord(kind, {
    position: draft.records.length + 1,
    timeMs: draft.timeMs,
    ...fields,
  });
  draft.records.push(record);
  return record;
}

const oneIn = (draft: Draft, n: number): boolean => draft.pick(n) === 0;

const capped = (amount: bigint): bigint => (amount < 2n ** 63n ? amount : 2n ** 63n - 1n);

function newId(draft: Draft): Uint8Array {
  draft.ids += 1;
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(draft.pick(2) * 12, draft.ids);
  return id;
}

function newDigest(draft: Draft): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => draft.pick(256));
}

/** Amounts of a day: small enough to meet often, or near the largest that there can be. */
const AMOUNT_STYLES: readonly Draft['amounts'][] = [
  (pick) => BigInt(pick(20) + 1),
  (pick) => BigInt(pick(20) + 1),
  (pick) => BigInt(pick(1000) + 1) * BigInt(pick(100) + 1),
  (pick) => BigInt(pick(9) + 1) * 10n ** 18n + BigInt(pick(5)),
];

/** Several business days with a bit of everything, from one seed: the records in order. */
export function randomDay(seed: number): Uint8Array[] {
  const pick = seeded(seed);
  const currencies = 1 + pick(3);
  const draft: Draft = {
    pick,
    records: [],
    participants: 2 + pick(5),
    currencies,
    units: Array.from({ length: currencies }, () => [2, 2, 0, 3, 18][pick(5)] as number),
    amounts: AMOUNT_STYLES[pick(AMOUNT_STYLES.length)] as Draft['amounts'],
    quotes: [],
    messages: [],
    open: Array.from({ length: currencies }, () => false),
    lastDate: Array.from({ length: currencies }, () => undefined),
    date: FIRST_DATE,
    timeMs: FIRST_DATE * DAY_MS + pick(1000),
    ids: 0,
  };
  addGenesis(draft);
  addParties(draft);
  const steps = 60 + pick(140);
  for (let step = 0; step < steps; step += 1) addStep(draft);
  return draft.records;
}

function addGenesis(draft: Draft): void {
  const { pick } = draft;
  if (oneIn(draft, 20)) add(draft, 'tick', {});
  const isSmall = oneIn(draft, 5);
  add(draft, 'genesis', {
    participantsMax: isSmall ? draft.participants - 1 : 10,
    currenciesMax: oneIn(draft, 20) ? draft.currencies - 1 : 4,
    livePaymentsMax: isSmall ? pick(6) : 500,
    identitiesMax: oneIn(draft, 6) ? pick(40) : 500,
    quotesMax: isSmall ? pick(3) : 200,
    cycleIntervalMs: [0, 500, 2000, 7000][pick(4)] as number,
    queueRule: pick(2),
    gridlockResolution: pick(4) === 0 ? 0 : 1,
    atClose: pick(2),
    identityDays: 1 + pick(3),
    rulesVersion: 1,
    hashKey: newDigest(draft).subarray(0, 16),
  });
}

function addParties(draft: Draft): void {
  for (let participant = 0; participant < draft.participants; participant += 1)
    add(draft, 'participant', { participant });
  for (let currency = 0; currency < draft.currencies; currency += 1)
    add(draft, 'currency', { currency1: currency, currency2: draft.units[currency] as number });
  for (let participant = 0; participant < draft.participants; participant += 1) {
    for (let currency = 0; currency < draft.currencies; currency += 1) {
      if (oneIn(draft, 12)) continue;
      const amount1 = oneIn(draft, 2) ? 0n : draft.amounts(draft.pick);
      const amount2 = oneIn(draft, 3) ? draft.amounts(draft.pick) : 0n;
      // In the style of the largest amounts these do not all fit: some accounts are refused.
      add(draft, 'account', { participant, currency1: currency, amount1, amount2 });
    }
  }
}

function addStep(draft: Draft): void {
  const { pick } = draft;
  draft.timeMs += pick(4) === 0 ? pick(3000) : pick(100);
  if (oneIn(draft, 40)) draft.timeMs -= pick(2000);
  if (oneIn(draft, 60)) draft.timeMs += 200_000;
  const kind = pick(100);
  if (!draft.open.includes(true) || oneIn(draft, 15)) addOpening(draft);
  else if (kind < 62) addPayment(draft);
  else if (kind < 74) addQuote(draft);
  else if (kind < 82) addRepeat(draft);
  else if (kind < 90) addLiquidity(draft);
  else if (kind < 94) addClosing(draft);
  else if (kind < 97) add(draft, 'tick', {});
  else addOddity(draft);
}

/** Opens a closed currency, mostly for the day that all of them are on or the next one. */
function addOpening(draft: Draft): void {
  const currency = draft.pick(draft.currencies);
  const isFinished = (draft.lastDate[currency] ?? 0) >= draft.date;
  if (isFinished && !draft.open[currency]) {
    draft.date += 1 + (oneIn(draft, 5) ? 2 : 0);
    draft.timeMs = Math.max(draft.timeMs, draft.date * DAY_MS);
  }
  add(draft, 'open', { currency1: currency, date: draft.date, amount1: draft.timeMs + 1000 });
  if (!isFinished || !draft.open[currency]) {
    if (!draft.open[currency]) draft.lastDate[currency] = draft.date;
    draft.open[currency] = true;
  }
}

function addClosing(draft: Draft): void {
  const currency = draft.pick(draft.currencies);
  const date = (draft.lastDate[currency] ?? draft.date) + (oneIn(draft, 10) ? 1 : 0);
  add(draft, 'close', { currency1: currency, date });
  if (date === draft.lastDate[currency]) draft.open[currency] = false;
}

function settlementDate(draft: Draft): number {
  if (oneIn(draft, 15)) return draft.date - draft.pick(4);
  return draft.date + (oneIn(draft, 15) ? draft.pick(4) : 0);
}

function messageFields(draft: Draft, messageType: number, participant: number): Fields {
  return {
    participant,
    messageType,
    id: newId(draft),
    payloadDigest: newDigest(draft),
    reason: oneIn(draft, 40) ? 3 : 0,
  };
}

function addPayment(draft: Draft): void {
  const { pick } = draft;
  const debtorAgent = pick(draft.participants);
  const quote = draft.quotes[pick(draft.quotes.length)];
  let amount1 = draft.amounts(pick);
  if (oneIn(draft, 60)) amount1 = BigInt(pick(3)) - 1n;
  const common = {
    ...messageFields(draft, PAYMENT_TYPE, oneIn(draft, 50) ? pick(8) : debtorAgent),
    debtorAgent,
    creditorAgent: oneIn(draft, 60) ? NONE32 : pick(draft.participants),
    date: settlementDate(draft),
    priority: oneIn(draft, 3) ? pick(oneIn(draft, 20) ? 4 : 3) : 2,
    amount1,
  };
  const cross = quote !== undefined && oneIn(draft, 2) ? crossFields(draft, quote, amount1) : {};
  const single = { currency1: pick(draft.currencies), currency2: NONE16, dealer: NONE32 };
  draft.messages.push(add(draft, 'payment', { ...single, ...common, ...cross }));
}

/** Converts at a logged quote's rate, to the nearest unit or sometimes a few units off. */
function crossFields(draft: Draft, quote: FlatRecord, amount1: bigint): Fields {
  const units = (currency: number): bigint => BigInt(draft.units[currency] ?? 0);
  // The same rate with a zero more, where it fits.
  const scale = oneIn(draft, 10) && quote.rateMantissa < 10n ** 17n ? 1 : 0;
  const whole = 10n ** (units(quote.currency1) + BigInt(quote.rateScale));
  const exact = amount1 * quote.rateMantissa * 10n ** units(quote.currency2);
  const amount2 = exact / whole + BigInt(draft.pick(oneIn(draft, 6) ? 4 : 2));
  return {
    currency1: quote.currency1,
    currency2: oneIn(draft, 50) ? quote.currency1 : quote.currency2,
    dealer: oneIn(draft, 50) ? draft.pick(8) : quote.dealer,
    amount2: capped(amount2),
    rateMantissa: quote.rateMantissa * (scale === 1 ? 10n : 1n),
    rateScale: quote.rateScale + scale,
  };
}

function addQuote(draft: Draft): void {
  const { pick } = draft;
  const dealer = pick(Math.min(2, draft.participants));
  const rates = [
    [1n, 0],
    [11n, 1],
    [3n, 0],
    [10870n, 4],
    [1n, 18],
    [9_000_000_000_000_000_000n, 18],
  ] as const;
  const [rateMantissa, rateScale] = rates[pick(rates.length)] as (typeof rates)[number];
  const record = add(draft, 'quote', {
    ...messageFields(draft, QUOTE_TYPE, oneIn(draft, 40) ? 3 : dealer),
    dealer,
    currency1: pick(draft.currencies),
    currency2: pick(draft.currencies),
    amount1:
      draft.timeMs + pick(oneIn(draft, 8) ? 400_000_000 : 8000) - (oneIn(draft, 20) ? 50 : 0),
    amount2: capped(draft.amounts(pick) * BigInt(pick(8))),
    rateMantissa: oneIn(draft, 40) ? 0n : rateMantissa,
    rateScale: oneIn(draft, 40) ? 19 : rateScale,
  });
  draft.messages.push(record);
  const at = RECORD_OFFSETS;
  if (record[at.currency1] !== record[at.currency2]) draft.quotes.push(decodeRecord(record));
}

/** A message seen before: the same again, or another payload under its identity. */
function addRepeat(draft: Draft): void {
  const earlier = draft.messages[draft.pick(draft.messages.length)];
  if (earlier === undefined) return;
  const record = Buffer.from(earlier);
  record.writeBigInt64LE(BigInt(draft.records.length + 1), RECORD_OFFSETS.position);
  record.writeBigInt64LE(BigInt(draft.timeMs), RECORD_OFFSETS.timeMs);
  if (oneIn(draft, 3)) record.set(newDigest(draft), RECORD_OFFSETS.payloadDigest);
  draft.records.push(record);
}

function addLiquidity(draft: Draft): void {
  const kinds = ['creditLine', 'issue', 'redeem'] as const;
  add(draft, kinds[draft.pick(3)] as (typeof kinds)[number], {
    participant: draft.pick(draft.participants),
    currency1: draft.pick(draft.currencies),
    amount1: oneIn(draft, 10) ? BigInt(draft.pick(3)) - 1n : draft.amounts(draft.pick),
  });
}

/** Records that make no sense where they stand, and those that say nothing about money. */
function addOddity(draft: Draft): void {
  const { pick } = draft;
  const participant = pick(draft.participants + 1);
  const id = newId(draft);
  const payloadDigest = newDigest(draft);
  const odd = pick(7);
  if (odd === 0) add(draft, 'notice', { participant, reason: 12, id, payloadDigest });
  else if (odd === 1) add(draft, 'keyState', { participant, reason: 7 * pick(3), payloadDigest });
  else if (odd === 2) add(draft, 99, { participant, amount1: 5 });
  else if (odd === 3) add(draft, 'genesis', { identityDays: 1 });
  else if (odd === 4) add(draft, 'tick', { timeMs: -5n });
  else if (odd === 5) add(draft, 'account', { participant, currency1: pick(4), amount1: 1 });
  else add(draft, 'participant', { participant });
}
