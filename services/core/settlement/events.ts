/**
 * The settlement core's output: events, fixed records of 128 bytes, little-endian, numbered from 1
 * in each pool. Everything else (statuses, deliveries, rows for analysis) is computed from them.
 * No wall clock, batch boundary or signature is in them, so the same input gives the same bytes.
 *
 *   0  u64 number                     8  u64 position of the input record that caused it
 *  16  i64 state time, ms            24  u16 kind     26 u16 reason
 *  28  u8 mechanism   29 u8 priority   30 u16 message type
 *  32  u64 position of the payment's own record (for payments, else equal to 8)
 *  40  u8[16] UETR or id
 *  56  u32 debtor's agent, or the participant concerned   60 u32 creditor's agent   64 u32 dealer
 *  68  u16 currency debited           70  u16 currency credited (NONE16: the same)
 *  72  i64 amount debited             80  i64 amount credited (0: the same)
 *  88  u32 number of the cycle that settled it, 0 outside a cycle     92 u32 count
 *  96  i64 debtor's balance in currency1 after      104 i64 creditor's balance in its currency after
 * 112  i64 dealer's balance in currency1 after      120 i64 dealer's balance in currency2 after
 *
 * Balances are those after the booking; in a cycle, after the whole set that it settled.
 * Fields that a kind does not name are NONE32 or NONE16 for participants and currencies, else zero;
 * of a payment in one currency also dealer, currency credited and amount credited. An event of a return
 * has the UETR of its original in 40, and in 80 the position of its original's record (0: none is known).
 *
 *   genesis        count: rules version
 *   participantAdded, currencyAdded (92 minor units, 72 cap on earmarks, minor units x seconds)
 *   accountOpened  56 participant, 68 currency, 72 opening balance, 80 credit line, 96 balance
 *   creditLineSet  72 the new line, 96 balance
 *   issued, redeemed   72 amount, 96 balance
 *   opened         68 currency, 92 business date, 72 close time
 *   closed         68 currency, 92 business date, 72 payments that were queued in it
 *   quoted         56 dealer, 68 base, 70 quote currency, 72 base amount covered, 80 rate mantissa,
 *                  92 rate scale, 96 valid until
 *   quoteUsed      behind the event by which a payment is taken in, its part of a quote, and behind that by which it
 *                  is cancelled the same below zero: as queued, 92 rate scale, 96 u8[16] id of the quote, 112 what
 *                  is left of it, 120 rate mantissa
 *   quoteEnded     it can be used no more (quoteWithdrawn, quoteExpired): 30, 40 of the quote, 56 dealer, 68 base,
 *                  70 quote currency, 72 what was left, 92 rate scale, 120 rate mantissa
 *   noticed        an authentication failure: reason, 56 participant named, 96..127 payload digest
 *   keyChanged     reason none (registered) or keyRevoked, 96..127 public key
 *   queued         a payment is valid and waits (for funds, its turn, or an opening). Of a leg of a chain 92 which
 *                  leg it is, from 1, and above the low byte how many there are; so also rejected and matched
 *   settled        final: both legs, or the one, are booked
 *   rejected       final: the reason says why; nothing was booked. 96..127 payload digest
 *   cancelled      final: it was queued and will not settle
 *   carriedOver    still queued at its currency's close; waits for the next opening
 *   repeated       a message seen before: reason, and 92 the event kind of its present outcome, 32
 *                  the position of a payment's first record; nothing changes
 *   refused        a control record that makes no sense where it stands; 92 its kind
 *   cycled         a run of a cycle: 28 the mechanism, 68 currency (NONE16: gridlock resolution, over all
 *                  that do it), 88 its number, 92 payments that it settled, 72 payments that it left
 *                  queued (deferred net: unwound); its settled events follow. 29: 0 nothing was queued
 *                  (accepted), 1 it settled something, 2 deadlock: nothing can settle in order (deferred
 *                  net: all was unwound), 3 gridlock: something can, but this mechanism settles nothing,
 *                  4 nothing settled, and whether anything could is not decided. 80: payments that a
 *                  heuristic took out for limits across currencies; 0: gridlock resolution's set is the
 *                  largest that there is. Of a proposal 68 is what it was for, 96..127 who proposed, in ASCII
 *   setRefused     in place of a proposed set's settled events: 88 cycle, 92 its number in the proposal, from
 *                  1. 28 HELD_UP_BY: what it leaves short, 56 and 68 whose account (60 the counterparty of
 *                  a bilateral limit), 72 by how much; the first by currency and participant. None of
 *                  these: 32 is a member that cannot be in it, for it is not queued or stands there twice
 *                  (paymentUnknown), or for a leg in a currency that takes no proposals (recordInvalid, 68)
 *   passedOn       what one bank of a settled payment tells the other goes on to it: 30, 40 of the message,
 *                  56 who tells, 60 whom, 32 position of the payment
 *   recallEnded    nobody answered the request to return a settled payment in time (recallUnanswered): 30, 40 and
 *                  32 of the payment, 56 who sent it and asked, 60 who was asked
 *   attested       an attestation counts: 30, 40 of the message, 56 attestor, 92 VERDICTS, and above the low byte how
 *                  many legs the chain has, 96 position of the lowest of its legs that live, 104 u8[20] digest of its
 *                  terms
 *   triggered      the condition of a chain is met: of each leg, as matched
 *   earmarked      the money of a leg is set aside: as queued, 96 the debtor's balance, 104 what of it is set aside
 *   released       it is set aside no more, and the reason: as earmarked, after it
 *   notEarmarked   a chain would pass a cap on what may be set aside, and goes on without: of each leg, as released
 *   promised       all of a chain is set aside, and it waits for its decision alone: of each leg, as earmarked
 *   recorded       an attestation that stands alone: 30, 40 of the message, 56 attestor, 72 how far the attestor has
 *                  counted (0: it counts nothing), 104 u8[20] digest
 *   rulesSet       68 currency, 92 what its cycle does, 72 queue rule
 *   issuerSet      56 participant, 68 currency
 *   collateralSet  56 participant, 68 currency, 72 collateral, 80 haircut in basis points, 96 balance,
 *                  104 credit capacity after
 *   capSet         56 participant, 60 counterparty (NONE32: its net debit cap), 68 currency, 72 cap
 *   limitSet       30, 40 of the message, 56 participant, 60 counterparty, 68 currency, 72 limit,
 *                  96 net position that counts against it
 *   reservationSet 29 class, 30, 40 of the message, 56 participant, 68 currency, 72 amount
 *   reordered      30, 40 of the message, 32 position of the payment, 29 its priority after
 *   matched        a PvP leg met the other bank's: as queued, 96 position of the other leg; a leg of a chain that
 *                  is complete: 96 position of its leg 1. All that is
 *                  told of a PvP leg is the leg that it delivers, as of a payment in one currency
 *                  (70, 80 and 64 not named); each leg of a pair has events of its own
 *   accepted       deferred net settlement took the payment in: as queued, final unless unwound
 *   netted         56 participant, 68 currency, 72 net position that a cycle settled (of one in
 *                  default: what it paid of it), 88, 96 balance
 *   defaulted      56 participant, 68 currency, 72 shortfall: in a cycle (88) what its net debit left
 *                  short, else its net debit so far, 96 balance
 *   lossShared     56 survivor, 60 defaulter, 68 currency, 72 share, 88, 96 balance
 *   unwound        final: an accepted payment is taken out of the netting: as cancelled
 *   heldUp         after a cycle, of the first payment left in a queue: 32, 40 the payment, 56 and 68
 *                  the account that it or what must go with it leaves short, 60 the counterparty
 *                  where a bilateral limit is short, 72 by how much, 28 HELD_UP_BY, 88 cycle. Of limits
 *                  across currencies 68 is the currency in which they are given
 *   queried        30, 40 of the message, 56 participant, 68 currency (NONE16: all of its accounts): what is
 *                  asked for is told as it is after this event. Of a payment: 32 its position, 92 the event
 *                  kind of its present outcome, and that outcome's reason; where it settled and can be
 *                  returned 70 the currency credited, 80 what has not been returned, 29 SAID
 *   valuationSet   68 currency, 72 weight, 80 haircut in basis points
 *   crossLimitSet  56 participant, 68 currency, 72 aggregate short limit, 80 pooled collateral
 *   corridorLimitSet 56 and 60 countries (two letters each), 68 currency, 72 limit, 80 what is used of it
 *   commanded      what became of a command of the operator that asks to be told: reason, 28 COMMAND_OUTCOMES,
 *                  40 the first 16 bytes of SHA-256 of its id, 96..127 digest of what was signed. What it did
 *                  stands before it, at the same position
 */
export const EVENT_BYTES = 128;

/** In `currency2`: the payment does not change currency. */
export const NO_CURRENCY = 0xffff;

export const EVENT_KINDS = {
  genesis: 1,
  participantAdded: 2,
  currencyAdded: 3,
  accountOpened: 4,
  creditLineSet: 5,
  issued: 6,
  redeemed: 7,
  opened: 8,
  closed: 9,
  quoted: 10,
  noticed: 11,
  keyChanged: 12,
  queued: 13,
  settled: 14,
  rejected: 15,
  cancelled: 16,
  carriedOver: 17,
  repeated: 18,
  refused: 19,
  cycled: 20,
  rulesSet: 21,
  issuerSet: 22,
  collateralSet: 23,
  capSet: 24,
  limitSet: 25,
  reservationSet: 26,
  reordered: 27,
  matched: 28,
  accepted: 29,
  netted: 30,
  defaulted: 31,
  lossShared: 32,
  unwound: 33,
  heldUp: 34,
  valuationSet: 35,
  crossLimitSet: 36,
  setRefused: 37,
  queried: 38,
  commanded: 39,
  passedOn: 40,
  quoteUsed: 41,
  quoteEnded: 42,
  recallEnded: 45,
  attested: 46,
  triggered: 47,
  earmarked: 48,
  released: 49,
  recorded: 50,
  notEarmarked: 51,
  promised: 52,
  corridorLimitSet: 53,
} as const;

export type EventKind = keyof typeof EVENT_KINDS;

/** Whether numbers of kinds are among some: asked of each of millions of events, of which a set would hash the number. */
export interface KindNumbers {
  has(kind: number): boolean;
}

export function kindNumbers(kinds: readonly EventKind[]): KindNumbers {
  const isAmong = new Uint8Array(0x100);
  for (const kind of kinds) isAmong[EVENT_KINDS[kind]] = 1;
  return { has: (kind) => isAmong[kind] === 1 };
}

/** How a payment came to be settled, by number. */
export const MECHANISMS = [
  'none',
  'entry',
  'queue',
  'gridlockResolution',
  'entryOffsetting',
  'bilateralOffsetting',
  'allOrNothing',
  'partial',
  'multiple',
  'bankClearing',
  'deferredNet',
  'proposed',
  // What nobody settled here: booked as an observation has it. No core writes it.
  'observed',
  'earmark',
] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** What a run of a cycle came to, by number; of gridlock resolution and the optimisers. */
export const GROSS_OUTCOMES = [
  'nothingQueued',
  'resolved',
  'deadlock',
  'gridlock',
  'undecided',
] as const;
export type GrossOutcome = (typeof GROSS_OUTCOMES)[number];

/** The same of deferred net settlement. */
export const NETTING_OUTCOMES = ['nothingAccepted', 'netted', 'unwound'] as const;
export type NettingOutcome = (typeof NETTING_OUTCOMES)[number];
export type CycleOutcome = GrossOutcome | NettingOutcome;

export const EVENT_OFFSETS = {
  number: 0,
  position: 8,
  timeMs: 16,
  kind: 24,
  reason: 26,
  mechanism: 28,
  priority: 29,
  messageType: 30,
  paymentPosition: 32,
  id: 40,
  debtorAgent: 56,
  creditorAgent: 60,
  dealer: 64,
  currency1: 68,
  currency2: 70,
  amount1: 72,
  amount2: 80,
  cycle: 88,
  count: 92,
  balance1: 96,
  digest: 96,
  balance2: 104,
  balance3: 112,
  balance4: 120,
} as const;

/** What the banks of a settled payment have said of it, by bit: of a `queried` event. */
export const SAID = { recall: 1, credited: 2, notCredited: 4 } as const;

/** What is short where a payment is held up, by number. */
export const HELD_UP_BY = [
  'none',
  'balance',
  'bilateralLimit',
  'multilateralLimit',
  'aggregateShortLimit',
  'pooledCollateral',
] as const;
export type HeldUpBy = (typeof HELD_UP_BY)[number];

/** What became of a command, by number. */
export const COMMAND_OUTCOMES = [
  'done',
  'refused',
  // Its id was taken before for the same payload, or for another: neither has an effect.
  'repeated',
  'conflicting',
  // It waits for another operator; and of an approval, why it is none (records/commands-taken-once-and-by-two-operators.ts).
  'awaitsApproval',
  'approvesNothing',
  'approvedByItself',
  'approvedTooLate',
  'approvesAnother',
] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];
