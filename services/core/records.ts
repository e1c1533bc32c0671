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
 *                 44 u8 queue rule (0 FIFO, 1 bypass FIFO)   45 u8 gridlock resolution (0 off, 1 on)
 *                 46 u8 at close (0 cancel, 1 carry over)    47 u8 identity days
 *                 48 u32 rules version         52 u32 quotes at most    64 u8[16] hash key for identities
 *   participant   4 participant (must be the next handle)
 *   currency      76 u16 currency (must be the next handle)   78 u16 minor units
 *   account       4 participant   76 u16 currency   96 i64 opening balance (issued)   104 i64 credit line
 *   creditLine    4 participant   76 u16 currency   96 i64 the new line, 0 or more
 *   issue         4 participant   76 u16 currency   96 i64 amount to add, above 0
 *   redeem        4 participant   76 u16 currency   96 i64 amount to take away, above 0
 *   open          76 u16 currency   92 u32 business date, days since 1970   96 i64 close time, ms
 *   close         76 u16 currency   92 u32 business date
 *   tick          nothing: only its time counts
 *   quote         24 u8[16] id   40 u8[32] payload digest   72 u16 message type   74 u16 refusal
 *                 80 u32 dealer (= 4)   76 u16 base currency   78 u16 quote currency
 *                 96 i64 valid until, ms    104 i64 base amount in minor units that it covers
 *                 112 i64 rate mantissa     120 u8 rate scale (rate = mantissa / 10^scale, quote per base)
 *   payment       24 u8[16] UETR   40 u8[32] payload digest   72 u16 message type   74 u16 refusal
 *                 76 u16 currency debited   78 u16 currency credited (NONE16: the same)
 *                 80 u32 debtor's agent     84 u32 creditor's agent   88 u32 dealer (NONE32: none)
 *                 92 u32 settlement date, days since 1970   96 i64 amount debited   104 i64 amount credited
 *                 112 i64 rate mantissa   120 u8 rate scale   121 u8 priority (0 urgent, 1 high, 2 normal)
 *   notice        an authentication failure: 74 u16 reason  4 participant named  24 u8[16] id as claimed
 *                 40 u8[32] payload digest
 *   keyState      4 participant   74 u16 reason (0 registered, keyRevoked)   40 u8[32] public key
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
} as const;

export type RecordKind = keyof typeof RECORD_KINDS;

/** Byte offsets inside a record; assembly/settlement/records.ts has the same, and a test compares. */
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
  gridlockResolution: 45,
  atClose: 46,
  identityDays: 47,
  rulesVersion: 48,
  quotesMax: 52,
  hashKey: 64,
  messageType: 72,
  reason: 74,
  currency1: 76,
  currency2: 78,
  debtorAgent: 80,
  creditorAgent: 84,
  dealer: 88,
  date: 92,
  amount1: 96,
  amount2: 104,
  rateMantissa: 112,
  rateScale: 120,
  priority: 121,
} as const;
