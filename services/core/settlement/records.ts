/**
 * The settlement core's input: fixed records of 128 bytes, little-endian, one for each record of a
 * pool's input log. Names are resolved to handles before (participants and currencies are numbered
 * from 0 in the order in which the log registers them).
 *
 *   0  u16 kind             4  u32 participant      8  u64 position in the input log
 *   2  u16 (zero)          16  i64 time, ms since 1970: the log's append time
 *
 * The body by kind (bytes not named are zero):
 *
 *   genesis       24 u32 participants at most  28 u32 currencies at most  32 u32 live payments at most
 *                 36 u32 identities at most    40 u32 cycle interval, ms (0: no periodic cycle)
 *                 44 u8 queue rule (0 FIFO, 1 bypass FIFO)   45 u8 what a cycle does (CYCLE_MECHANISMS)
 *                 46 u8 at close (0 cancel, 1 carry over)    47 u8 identity days
 *                 48 u32 rules version         52 u32 quotes at most    64 u8[16] hash key for identities
 *                 88 u8 offsetting at entry (0, 1)    89 u8 bilateral offsetting of queues (0, 1)
 *                 90 u8 deferred net settlement takes (DEFERRED_NET_CLASSES)
 *                 91 u8 on a default (0 unwind, 1 share the loss)
 *                 92 u32 shortest time in the queue before bilateral offsetting, ms
 *                 96 u32 an unmatched PvP leg ends after so many ms (0: never)
 *                100 u32 limits at most, and bilateral caps at most
 *                104 u8 certificates (0 off, 1 a heldUp event for each shortage after each cycle)
 *                105 u8 the request to cancel a settled payment (0 is refused, 1 is passed on)
 *                106 u8 what becomes of quotes (0 is not told, 1 is: quoteUsed, quoteEnded; they can be withdrawn)
 *                107 u8 identities' days count (0 from the settlement date, 1 from the end of what they name)
 *                108 u8 what is refused of a participant (0 is remembered as all else, 1 has a bounded share)
 *                109 u8 a recall ends unanswered at the close of so many business dates (0: never)
 *                110 u8 a chain has at most so many legs (2 to 16; 0: there are no chains)
 *                111 u8 chains can have conditions and earmarks, and attestations are taken (0, 1)
 *                112 u32 corridors at most that have limits (0: none can)
 *                 The rules in 44 to 46 and 88 to 95 hold for every currency until a rules record.
 *   rules         one currency's rules from now on: 76 u16 currency   44, 45, 46, 88, 89, 90, 91, 92
 *   participant   4 participant (must be the next handle)   80 u8[2] country of its BIC
 *   currency      76 u16 currency (must be the next handle)   78 u16 minor units
 *                 96 i64 what a participant may have set aside of an account in a business date, in minor units x
 *                 seconds; 0: no cap
 *   account       4 participant   76 u16 currency   96 i64 opening balance (issued: with an issuer
 *                 named in 80 where it is above 0)    104 i64 credit line
 *   creditLine    4 participant   76 u16 currency   96 i64 the new line, 0 or more
 *   issue         4 participant   76 u16 currency   96 i64 amount to add, above 0
 *   redeem        4 participant   76 u16 currency   96 i64 amount to take away, above 0
 *   open          76 u16 currency   92 u32 business date, days since 1970   96 i64 close time, ms
 *   close         76 u16 currency   92 u32 business date
 *   tick          nothing: only its time counts
 *   cycle         a cycle is run now: 76 u16 currency (NONE16: all), whether it can settle anything or
 *                 not
 *   proposedSet   members of a set of the proposal that follows at the same position: 24 u32 how many, 1 to
 *                 12   28 u8 1: a set begins, 0: the one before goes on   32 u64[12] positions of payments
 *   proposal      these sets are judged now, and settle whole or not at all: 40 u8[32] who proposes, in
 *                 ASCII, zeros behind it   76 u16 currency for whose cycle (NONE16: all)
 *   issuer        the currency's own central bank: 4 participant   76 u16 currency. From then on issue
 *                 and redeem name it in 80 u32, and are refused else
 *   collateral    4 participant   76 u16 currency   96 i64 collateral, 0 or more   88 u32 haircut in
 *                 basis points, 0 to 10,000. Credit capacity: floor(collateral x (1 - haircut)) + line
 *   valuation     of a currency: 76 u16 currency   96 i64 weight, the value of a minor unit, 0 or more (all
 *                 weights add up to less than 2^48)   88 u32 haircut in basis points, 0 to 10,000
 *   crossLimit    a participant's limits across its currencies: 4 participant   76 u16 currency in whose
 *                 minor units they are (it has an account in it)   96 i64 aggregate short limit, -1: none
 *                 104 i64 pooled collateral, -1: no worth is asked for
 *   corridorLimit what may go out of a country into another on a business date: 76 u16 currency   80 u8[2] country of
 *                 the participant that is debited   84 u8[2] of the one that is credited   96 i64 limit, 0 or more
 *   cap           a cap of deferred net settlement: 4 participant   76 u16 currency   96 i64 cap, -1:
 *                 none   84 u32 counterparty for a bilateral cap granted to it, else NONE32
 *                 (caps granted to one account add up to at most 2^63 - 1)
 *   default       4 participant   76 u16 currency (NONE16: all that it has an account in): its accounts
 *                 are not debited any more
 *   quote         24 u8[16] id   40 u8[32] payload digest   72 u16 message type   74 u16 refusal
 *                 80 and 88 u32 dealer (= 4)   76 u16 base currency   78 u16 quote currency
 *                 96 i64 valid until, ms    104 i64 base amount in minor units that it covers
 *                 112 i64 rate mantissa     120 u8 rate scale (rate = mantissa / 10^scale, quote per base)
 *   payment       24 u8[16] UETR   40 u8[32] payload digest   72 u16 message type   74 u16 refusal
 *                 76 u16 currency debited   78 u16 currency credited (NONE16: the same)
 *                 80 u32 debtor's agent     84 u32 creditor's agent   88 u32 dealer (NONE32: none)
 *                 92 u32 settlement date, days since 1970   96 i64 amount debited   104 i64 amount credited
 *                 112 i64 rate mantissa   120 u8 rate scale   121 u8 priority (0 urgent, 1 high, 2 normal)
 *                122 u24 earliest, 125 u24 latest: seconds after 00:00 UTC of the day before the settlement
 *                 date, 0: none. Before the earliest it is not queued; at the latest it is cancelled
 *   pvpLeg        one leg of a PvP or DvP between two banks: as payment, 80 delivers currency 1 to 84
 *                 and receives currency 2 from it; 88 NONE32; 112 u64 match key, the first 8 bytes of
 *                 SHA-256 of the EndToEndId (in place of the rate). It matches the other bank's leg
 *                 with the same key and mirrored terms
 *   chainLeg      one of the 2 to 16 legs of a chain, which settle together or not at all: as a payment in one
 *                 currency, 80 (= 4) pays 84; in place of the second currency 78 u8 number of the leg, from 1
 *                 79 u8 how many there are   104 u8[16], then 88 u8[4]: the first 20 bytes of SHA-256 of the
 *                 chain's terms. Legs with the same digest, number of legs and settlement date are one chain
 *                 120 u8 1: the record before it, chainTerms, has further terms of the chain
 *   chainTerms    what else the terms of a chain say, before each of its legs, at the same position:
 *                 24 u24[16] attestors, group by group   76 u8 groups that must hold besides the rest, the first ones
 *                 77 u8 groups, up to 8 (0: no condition)   78 u8 attestors in all   80 u8[8] attestors of each group
 *                 96 u8[8] how many of each group must accept   121 u8 how many of the other groups must hold
 *                 122 u24 the condition's deadline, 125 u24 the earmark's expiry: as earliest and latest, 0: none
 *                 120 u8 bits 0 and 1 money is set aside (EARMARKS), bit 2 silence settles, bit 3 once its earmark has
 *                 expired the chain goes on without one, bit 4 the chain promises: once all is set aside and all
 *                 groups but the last hold, what the last attests ends it and nothing else does
 *   attestation   what a participant attests of a chain: 24, 40, 72, 74 as above   78 u8 verdict (VERDICTS)
 *                 79, 88, 92, 104 of the chain as in chainLeg   80 the attestor (= 4)   96 i64 valid until, ms (0:
 *                 as long as the chain lives). Standing alone 79 and 92 are zero, 96 i64 is how far the attestor has
 *                 counted (0: it counts nothing), and 104, 88 are the first 20 bytes of SHA-256 of a document. Of a chain
 *                 120 u64 position of the record of the leg 1 that is meant (0: of whichever chain has these terms)
 *   cancellation  by the payment's debtor agent: 24 id, 40 digest, 72 message type, 74 refusal of the
 *                 message itself   96 u8[16] UETR of the payment   112 u16 its message type
 *                 or by a dealer, of its quote: 96 its id   112 that of quotes
 *   reordering    as cancellation; 121 u8 new priority   120 u8 0 to the end of its class, 1 to the front
 *   limit         a participant's own limit: 24, 40, 72, 74 as above   76 u16 currency
 *                 84 u32 counterparty (NONE32: multilateral)   96 i64 limit, 0 or more; -1: none
 *   reservation   24, 40, 72, 74 as above   76 u16 currency   121 u8 class that it is for (0, 1)
 *                 96 i64 amount, 0 or more
 *   query         what a participant asks to be told: 24, 40, 72, 74 as above   76 u16 currency of the
 *                 account that it is about (NONE16: all of its own); or of a payment 84, 96, 112 as in a
 *                 reply
 *   return        the creditor's agent pays a settled payment back, wholly or in part: as a payment in one
 *                 currency, 80 the returning agent, 84 the agent that sent the payment; in place of amount
 *                 credited and rate 104 u8[16] UETR of the payment   120 u8 its message type
 *   reply         what the creditor's agent tells the other of a settled payment: 24, 40, 72, 74 as above
 *                 84 u32 who sent the payment   96 u8[16] its UETR   112 u16 its message type   120 u8 (REPLIES)
 *                 0 and 1 the answer to its recall (0 another will follow), 2 whether the customer was
 *                 credited
 *   notice        an authentication failure: 74 u16 reason  4 participant named  24 u8[16] id as claimed
 *                 40 u8[32] payload digest
 *   keyState      4 participant   74 u16 reason (0 registered, keyRevoked)   40 u8[32] public key
 *   command       behind the records of a command that bears an id, at the same position: 24 u8[16] the
 *                 first 16 bytes of SHA-256 of the id   40 u8[32] digest of what was signed   74 u16 reason
 *                 120 u8 what became of it (COMMAND_OUTCOMES)
 *
 * `refusal` (a reason number) is what stateless checks found wrong with an authenticated message.
 */
export const RECORD_BYTES = 128;

export const NONE16 = 0xffff;
export const NONE32 = 0xffffffff;

export const RECORD_KINDS = {
  genesis: 1,
  participant: 2,
  currency: 3,
  account: 4,
  creditLine: 5,
  issue: 6,
  redeem: 7,
  open: 8,
  close: 9,
  tick: 10,
  quote: 11,
  payment: 12,
  notice: 13,
  keyState: 14,
  rules: 15,
  cycle: 16,
  issuer: 17,
  collateral: 18,
  cap: 19,
  default: 20,
  pvpLeg: 21,
  cancellation: 22,
  reordering: 23,
  limit: 24,
  reservation: 25,
  valuation: 26,
  crossLimit: 27,
  proposedSet: 28,
  proposal: 29,
  query: 30,
  command: 31,
  return: 32,
  reply: 33,
  chainLeg: 34,
  chainTerms: 35,
  attestation: 36,
  corridorLimit: 37,
} as const;

/** What a currency's cycle does, by number. Those with a leg elsewhere: docs/settlement.md. */
export const CYCLE_MECHANISMS = [
  'none',
  'gridlockResolution',
  'allOrNothing',
  'partial',
  'multiple',
  'bankClearing',
  'deferredNet',
  'proposed',
] as const;
export type CycleMechanism = (typeof CYCLE_MECHANISMS)[number];

/** What deferred net settlement takes, by number: of every class or the normal one alone, with chains of one leg or without. */
export const DEFERRED_NET_CLASSES = ['all', 'normal', 'allWithChains', 'normalWithChains'] as const;
export type DeferredNetClasses = (typeof DEFERRED_NET_CLASSES)[number];

/** What a reply is, by number. */
export const REPLIES = ['pending', 'decided', 'credited', 'notCredited'] as const;
export type Reply = (typeof REPLIES)[number];

/** When the money of a chain's legs is set aside, by number. */
export const EARMARKS = ['none', 'acceptance', 'trigger'] as const;
export type EarmarkTime = (typeof EARMARKS)[number];

/** What an attestor says of a chain, by number; `recorded`: of a document, and of no chain. */
export const VERDICTS = ['accepted', 'refused', 'held', 'recorded'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Groups and attestors that the condition of a chain can have. */
export const CONDITION_GROUPS_MAX = 8;
export const CONDITION_ATTESTORS_MAX = 16;

export type RecordKind = keyof typeof RECORD_KINDS;

/** Members that one record of a set names. */
export const SET_MEMBERS = 12;

/** Byte offsets inside a record; assembly/settlement/record-numbers.ts has the same, and a test compares. */
export const RECORD_OFFSETS = {
  kind: 0,
  participant: 4,
  position: 8,
  timeMs: 16,
  id: 24,
  participantsMax: 24,
  currenciesMax: 28,
  livePaymentsMax: 32,
  identitiesMax: 36,
  payloadDigest: 40,
  cycleIntervalMs: 40,
  queueRule: 44,
  cycleMechanism: 45,
  atClose: 46,
  identityDays: 47,
  rulesVersion: 48,
  quotesMax: 52,
  hashKey: 64,
  messageType: 72,
  reason: 74,
  currency1: 76,
  currency2: 78,
  legNumber: 78,
  legCount: 79,
  debtorAgent: 80,
  issuer: 80,
  creditorAgent: 84,
  dealer: 88,
  termsEnd: 88,
  date: 92,
  entryOffsetting: 88,
  bilateralOffsetting: 89,
  deferredNetClasses: 90,
  defaultRule: 91,
  offsettingMinimumMs: 92,
  haircutBps: 88,
  pvpTimeoutMs: 96,
  limitsMax: 100,
  certificates: 104,
  recalls: 105,
  quoteEvents: 106,
  countsFromEnd: 107,
  boundsRefused: 108,
  recallDays: 109,
  chainLegsMax: 110,
  conditions: 111,
  corridorLimitsMax: 112,
  country1: 80,
  country2: 84,
  attestors: 24,
  mandatoryGroups: 76,
  groupCount: 77,
  attestorCount: 78,
  verdict: 78,
  groupSizes: 80,
  groupThresholds: 96,
  validUntilMs: 96,
  counter: 96,
  chainPosition: 120,
  furtherTerms: 120,
  rootThreshold: 121,
  deadline: 122,
  expiry: 125,
  target: 96,
  amount1: 96,
  earmarkCap: 96,
  amount2: 104,
  original: 104,
  terms: 104,
  rateMantissa: 112,
  matchKey: 112,
  targetType: 112,
  rateScale: 120,
  originalType: 120,
  reply: 120,
  move: 120,
  outcome: 120,
  priority: 121,
  earliest: 122,
  latest: 125,
  memberCount: 24,
  beginsSet: 28,
  members: 32,
} as const;
