// Conditions of chains: which attestors have to accept, in groups, before a chain settles, how many of them are enough,
// and what has been attested. Until when it can be met: condition-deadline.ts. Attestations as they come, and what the
// deadline does: attestations-and-deadline.ts.
//
// Invariants
// - The live legs of a chain whose terms have a condition share one, from the first that is taken to the last that
//   ends: what was attested of a chain that has ended counts for none that is instructed anew.
// - An attestor has one verdict, in every group that names it. A refusal stays; an acceptance counts while it is valid.
// - A condition that is met stays met.
// - Of a chain that promises the last group decides. Once it is promised (chain-funding-and-earmark-expiry.ts) that
//   group alone counts, and what the others asked for stays met.
import { reserve } from '../memory';
import { participantCount } from './accounts-and-conservation';
import { now } from './cut-offs-and-cycle-times';
import { furtherTermsOf } from './further-terms';
import { slotNumber } from './queue-places';
import {
  IN_ATTESTOR_COUNT,
  IN_ATTESTORS,
  IN_DEADLINE,
  IN_FURTHER_TERMS,
  IN_GROUP_COUNT,
  IN_GROUP_SIZES,
  IN_GROUP_THRESHOLDS,
  IN_MANDATORY_GROUPS,
  IN_ROOT_THRESHOLD,
  REASON_ATTESTED,
  REASON_CONDITION_DECIDED,
  REASON_NONE,
  REASON_NOT_PROMISED,
  VERDICT_ACCEPTED,
  VERDICT_REFUSED,
} from './record-numbers';
import { secondsAt } from './seconds-to-instants';

// A condition, 304 bytes: u32 live legs that share it, u32 next free one, u8 mandatory groups, u8 groups, u8 attestors,
// u8 how many of the other groups, u8 flags (SILENCE_SETTLES and so on); 16 u8[8] sizes of groups, 24 u8[8] thresholds, 32 u32 deadline; from 48 on
// 16 attestors of 16 bytes: u32 participant, u8 what it said, 8 i64 valid until (0: as long as the chain lives).
const CONDITION_BYTES: usize = 304;
const SHARERS: usize = 0;
const NEXT_FREE: usize = 4;
const MANDATORY: usize = 8;
const GROUPS: usize = 9;
const ATTESTORS: usize = 10;
const ROOT: usize = 11;
const STATE: usize = 12;
const SIZES: usize = 16;
const THRESHOLDS: usize = 24;
const DEADLINE: usize = 32;
const FIRST_ATTESTOR: usize = 48;
const SAID: usize = 4;
const VALID_UNTIL: usize = 8;
const ATTESTOR_BYTES: usize = 16;

const SILENCE_SETTLES: u8 = 1;
const MET: u8 = 2;
/** Its terms promise. */
const PROMISES: u8 = 4;
/** It is promised. */
const PROMISED: u8 = 8;
/** In the flags of a record of terms. */
const TERMS_SILENCE_SETTLES: u8 = 4;
const TERMS_EARMARK: u8 = 3;
const TERMS_AT_TRIGGER: u8 = 2;
const TERMS_AT_ACCEPTANCE: u8 = 1;
const TERMS_GO_ON: u8 = 8;
const TERMS_PROMISE: u8 = 16;

// What an attestor said: 0 nothing, else its verdict and one.
const SILENT: u8 = 0;
const ACCEPTED: u8 = <u8>VERDICT_ACCEPTED + 1;
const REFUSED: u8 = <u8>VERDICT_REFUSED + 1;

const GROUPS_MAX: u32 = 8;
const ATTESTORS_MAX: u32 = 16;

// How attestors are counted.
const AS_SAID: i32 = 0;
/** Who was silent has accepted. */
const SILENCE_ACCEPTS: i32 = 1;
/** Whoever has not refused accepts in the end. */
const AT_BEST: i32 = 2;

/** Of a live payment's slot, a u32: its condition, or 0. */
let table: usize = 0;
let conditions: usize = 0;
let conditionsMax: u32 = 0;
let used: u32 = 0;
let free: usize = 0;

function countOfConditions(livePaymentsMax: u32): u32 {
  return (livePaymentsMax >> 2) + 16;
}

/** A network whose chains have no conditions keeps none; else a quarter of the live payments can have one. */
export function conditionBytes(livePaymentsMax: u32, asked: u32): u64 {
  if (asked == 0) return 0;
  return (
    ((<u64>livePaymentsMax) << 2) + <u64>countOfConditions(livePaymentsMax) * <u64>CONDITION_BYTES
  );
}

export function reserveConditions(livePaymentsMax: u32, asked: u32): bool {
  if (asked == 0) return true;
  conditionsMax = countOfConditions(livePaymentsMax);
  table = reserve((<u64>livePaymentsMax) << 2);
  conditions = reserve(<u64>conditionsMax * <u64>CONDITION_BYTES);
  return table != 0 && conditions != 0;
}

function attestorAt(terms: usize, place: u32): u32 {
  return secondsAt(terms + IN_ATTESTORS + <usize>place * 3);
}

/** Whether a group names nobody twice, and participants alone. */
function groupIsForm(terms: usize, from: u32, end: u32): bool {
  for (let place = from; place < end; place++) {
    if (attestorAt(terms, place) >= participantCount()) return false;
    for (let other = from; other < place; other++)
      if (attestorAt(terms, other) == attestorAt(terms, place)) return false;
  }
  return true;
}

/** Whether terms that promise are such that can: set aside as it comes in, no end but that it ends, all groups must hold. */
function promiseIsForm(flags: u8, groups: u32, root: u32): bool {
  if ((flags & TERMS_PROMISE) == 0) return true;
  const never = TERMS_GO_ON | TERMS_SILENCE_SETTLES;
  return (
    groups != 0 &&
    root == 0 &&
    (flags & TERMS_EARMARK) == TERMS_AT_ACCEPTANCE &&
    (flags & never) == 0
  );
}

/** Whether the condition in the terms of a leg is one that there can be; without one they have to ask for earmarks. */
export function conditionIsForm(record: usize): bool {
  const terms = furtherTermsOf(record);
  if (terms == 0) return true;
  const groups = <u32>load<u8>(terms, IN_GROUP_COUNT);
  const mandatory = <u32>load<u8>(terms, IN_MANDATORY_GROUPS);
  const attestors = <u32>load<u8>(terms, IN_ATTESTOR_COUNT);
  const root = <u32>load<u8>(terms, IN_ROOT_THRESHOLD);
  const flags = load<u8>(terms, IN_FURTHER_TERMS);
  const deadline = secondsAt(terms + IN_DEADLINE);
  const settles = (flags & TERMS_SILENCE_SETTLES) != 0;
  if (!promiseIsForm(flags, groups, root)) return false;
  if (groups == 0) {
    const isEmpty = mandatory == 0 && attestors == 0 && root == 0 && deadline == 0 && !settles;
    const mode = flags & TERMS_EARMARK;
    return isEmpty && mode != 0 && mode != TERMS_AT_TRIGGER;
  }
  if (groups > GROUPS_MAX || mandatory > groups || attestors > ATTESTORS_MAX) return false;
  if (mandatory == groups ? root != 0 : root == 0 || root > groups - mandatory) return false;
  if (settles && deadline == 0) return false;
  let from: u32 = 0;
  for (let group: u32 = 0; group < groups; group++) {
    const size = <u32>load<u8>(terms + <usize>group, IN_GROUP_SIZES);
    const threshold = <u32>load<u8>(terms + <usize>group, IN_GROUP_THRESHOLDS);
    if (threshold == 0 || threshold > size || from + size > attestors) return false;
    if (!groupIsForm(terms, from, from + size)) return false;
    from += size;
  }
  return from == attestors;
}

/** Whether a leg at hand has a condition. */
export function bringsCondition(record: usize): bool {
  const terms = furtherTermsOf(record);
  return terms != 0 && load<u8>(terms, IN_GROUP_COUNT) != 0;
}

/** Whether one more chain can have a condition. */
export function hasRoomForCondition(): bool {
  return free != 0 || used < conditionsMax;
}

function own(leg: usize): usize {
  return table + ((<usize>slotNumber(leg)) << 2);
}

/** The condition of a live leg's chain, or 0. */
export function conditionOf(leg: usize): usize {
  return table == 0 ? 0 : <usize>load<u32>(own(leg));
}

function takeFree(): usize {
  const condition = free != 0 ? free : conditions + <usize>used * CONDITION_BYTES;
  if (free != 0) free = load<u32>(condition, NEXT_FREE);
  else used += 1;
  memory.fill(condition, 0, CONDITION_BYTES);
  return condition;
}

function begin(terms: usize): usize {
  const condition = takeFree();
  const flags = load<u8>(terms, IN_FURTHER_TERMS);
  const settles = (flags & TERMS_SILENCE_SETTLES) != 0 ? SILENCE_SETTLES : 0;
  const promise = (flags & TERMS_PROMISE) != 0 ? PROMISES : 0;
  store<u8>(condition, load<u8>(terms, IN_MANDATORY_GROUPS), MANDATORY);
  store<u8>(condition, load<u8>(terms, IN_GROUP_COUNT), GROUPS);
  store<u8>(condition, load<u8>(terms, IN_ATTESTOR_COUNT), ATTESTORS);
  store<u8>(condition, load<u8>(terms, IN_ROOT_THRESHOLD), ROOT);
  store<u8>(condition, settles | promise, STATE);
  store<u64>(condition, load<u64>(terms, IN_GROUP_SIZES), SIZES);
  store<u64>(condition, load<u64>(terms, IN_GROUP_THRESHOLDS), THRESHOLDS);
  store<u32>(condition, secondsAt(terms + IN_DEADLINE), DEADLINE);
  for (let place: u32 = 0; place < load<u8>(terms, IN_ATTESTOR_COUNT); place++)
    store<u32>(placeOf(condition, place), attestorAt(terms, place));
  return condition;
}

/** Gives a leg that becomes live its chain's condition; `sharer`: a leg of the chain that is live already, or 0. */
export function joinCondition(leg: usize, record: usize, sharer: usize): void {
  if (table == 0) return;
  let condition: usize = 0;
  if (bringsCondition(record)) {
    condition = sharer != 0 ? conditionOf(sharer) : begin(furtherTermsOf(record));
    store<u32>(condition, load<u32>(condition, SHARERS) + 1, SHARERS);
  }
  store<u32>(own(leg), condition);
}

/** A leg ends; with the last one what was attested of its chain is forgotten. */
export function leaveCondition(leg: usize): void {
  const condition = conditionOf(leg);
  if (condition == 0) return;
  const sharers = load<u32>(condition, SHARERS) - 1;
  store<u32>(condition, sharers, SHARERS);
  store<u32>(own(leg), 0);
  if (sharers != 0) return;
  store<u32>(condition, free, NEXT_FREE);
  free = condition;
}

function placeOf(condition: usize, place: u32): usize {
  return condition + FIRST_ATTESTOR + <usize>place * ATTESTOR_BYTES;
}

/** Whether nothing has to be attested any more. */
export function isConditionMet(leg: usize): bool {
  const condition = conditionOf(leg);
  return condition == 0 || (load<u8>(condition, STATE) & MET) != 0;
}

export function setConditionMet(condition: usize): void {
  store<u8>(condition, load<u8>(condition, STATE) | MET, STATE);
}

/** Whether a chain waits for the decision of its last group alone, and nothing else ends it. */
export function isPromised(leg: usize): bool {
  const condition = conditionOf(leg);
  return condition != 0 && (load<u8>(condition, STATE) & PROMISED) != 0;
}

export function setPromised(condition: usize): void {
  store<u8>(condition, load<u8>(condition, STATE) | PROMISED, STATE);
}

/** Whether a chain is to be promised once it is funded: its terms promise, and all groups hold but that which decides. */
export function isToBePromised(condition: usize): bool {
  const state = load<u8>(condition, STATE);
  if ((state & (PROMISES | PROMISED)) != PROMISES) return false;
  return holds(condition, AS_SAID, 0, <u32>load<u8>(condition, GROUPS) - 1);
}

export function silenceSettles(condition: usize): bool {
  return (load<u8>(condition, STATE) & SILENCE_SETTLES) != 0;
}

/** In the seconds of a payment's times; 0: none. */
export function deadlineSecondsOf(condition: usize): u32 {
  return load<u32>(condition, DEADLINE);
}

function isValid(place: usize): bool {
  const until = load<i64>(place, VALID_UNTIL);
  return until == 0 || until >= now();
}

function counts(place: usize, how: i32): bool {
  const said = load<u8>(place, SAID);
  if (how == AT_BEST) return said != REFUSED;
  if (said == SILENT) return how == SILENCE_ACCEPTS;
  return said == ACCEPTED && isValid(place);
}

/** The groups from one to before another. */
function holds(condition: usize, how: i32, first: u32, last: u32): bool {
  let others: u32 = 0;
  let place: u32 = 0;
  for (let group: u32 = 0; group < last; group++) {
    const end = place + <u32>load<u8>(condition + <usize>group, SIZES);
    if (group < first) {
      place = end;
      continue;
    }
    let accepted: u32 = 0;
    for (; place < end; place++) if (counts(placeOf(condition, place), how)) accepted += 1;
    const isEnough = accepted >= <u32>load<u8>(condition + <usize>group, THRESHOLDS);
    if (group >= <u32>load<u8>(condition, MANDATORY)) {
      if (isEnough) others += 1;
    } else if (!isEnough) return false;
  }
  return others >= <u32>load<u8>(condition, ROOT);
}

/** Of one that is promised the last group, else all. */
function holdsAll(condition: usize, how: i32): bool {
  const groups = <u32>load<u8>(condition, GROUPS);
  const isLast = (load<u8>(condition, STATE) & PROMISED) != 0;
  return holds(condition, how, isLast ? groups - 1 : 0, groups);
}

/** Whether so many have accepted as the terms ask for. */
export function conditionHolds(condition: usize): bool {
  return holdsAll(condition, AS_SAID);
}

/** The same where whoever was silent has accepted. */
export function holdsBySilence(condition: usize): bool {
  return holdsAll(condition, SILENCE_ACCEPTS);
}

/** Whether it can still be met: by all that have not refused. */
export function canBeMet(condition: usize): bool {
  return holdsAll(condition, AT_BEST);
}

/** Why what an attestor whom the terms name says does not count, or none: then it is what the attestor has said. */
export function attest(condition: usize, attestor: u32, verdict: u32, untilMs: i64): i32 {
  const says = <u8>(verdict + 1);
  for (let n: u32 = 0; n < <u32>load<u8>(condition, ATTESTORS); n++) {
    const place = placeOf(condition, n);
    if (load<u32>(place) != attestor) continue;
    const said = load<u8>(place, SAID);
    const isAnew = said == ACCEPTED && says == ACCEPTED && !isValid(place);
    if (said == REFUSED || (said == says && !isAnew)) return REASON_ATTESTED;
    store<u8>(place, says, SAID);
    store<i64>(place, untilMs, VALID_UNTIL);
  }
  return REASON_NONE;
}

/** Whether the terms name an attestor in a place from one on. */
function namesFrom(condition: usize, first: u32, attestor: u32): bool {
  for (let n = first; n < <u32>load<u8>(condition, ATTESTORS); n++)
    if (load<u32>(placeOf(condition, n)) == attestor) return true;
  return false;
}

/** Whether the terms name an attestor. */
export function names(condition: usize, attestor: u32): bool {
  return namesFrom(condition, 0, attestor);
}

/** Whether an attestor is of the group that decides on a chain whose terms promise. */
function decides(condition: usize, attestor: u32): bool {
  const last = <usize>load<u8>(condition, GROUPS) - 1;
  const size = <u32>load<u8>(condition + last, SIZES);
  return namesFrom(condition, <u32>load<u8>(condition, ATTESTORS) - size, attestor);
}

/** Why an attestor can say nothing yet, or nothing any more, of a chain whose terms promise; none: it can. */
export function judgePromise(condition: usize, attestor: u32, verdict: u32): i32 {
  const state = load<u8>(condition, STATE);
  if ((state & PROMISES) == 0) return REASON_NONE;
  const isDecision = decides(condition, attestor);
  if ((state & PROMISED) != 0) return isDecision ? REASON_NONE : REASON_CONDITION_DECIDED;
  return isDecision && verdict == VERDICT_ACCEPTED ? REASON_NOT_PROMISED : REASON_NONE;
}
