// Each currency's rules: how its queues move, what its cycles do, what its close does. How a record changes them:
// central-bank-records.ts.
//
// Invariant: a currency has the genesis rules from its registration on, until a rules record.
import { reserve } from '../memory';
import { currencyCount } from './accounts-and-conservation';
import {
  CYCLE_NONE,
  CYCLE_PROPOSED,
  IN_AT_CLOSE,
  IN_BILATERAL_OFFSETTING,
  IN_CYCLE_MECHANISM,
  IN_DEFAULT_RULE,
  IN_DEFERRED_NET_CLASSES,
  IN_ENTRY_OFFSETTING,
  IN_OFFSETTING_MINIMUM_MS,
  IN_QUEUE_RULE,
  NONE32,
} from './record-numbers';

// A currency's rules, 16 bytes: u8 queue rule, u8 cycle mechanism, u8 at close, u8 offsetting at entry,
// u8 bilateral offsetting, u8 deferred net classes, u8 on a default, u8 (zero), u32 minimum ms, u32 issuer.
// The row after the last currency's holds the genesis rules.
const RULES_BYTES: u64 = 16;
const QUEUE_RULE: usize = 0;
const CYCLE_MECHANISM: usize = 1;
const AT_CLOSE: usize = 2;
const ENTRY_OFFSETTING: usize = 3;
const BILATERAL_OFFSETTING: usize = 4;
const DEFERRED_NET_CLASSES: usize = 5;
const DEFAULT_RULE: usize = 6;
const MINIMUM_MS: usize = 8;
const ISSUER: usize = 12;

// Deferred net classes, the sum of: only the normal class, and chains of one leg besides payments.
const NORMAL_ONLY: u8 = 1;
const WITH_CHAINS: u8 = 2;

let rules: usize = 0;
let currenciesMax: u32 = 0;

export function rulesBytes(currencies: u32): u64 {
  return (<u64>currencies + 1) * RULES_BYTES;
}

/** Reserves the table and takes the genesis rules, which are valid. */
export function reserveRules(currencies: u32, genesis: usize): bool {
  currenciesMax = currencies;
  rules = reserve(rulesBytes(currencies));
  if (rules == 0) return false;
  setRules(currencies, genesis);
  setIssuer(currencies, NONE32);
  return true;
}

function at(currency: u32): usize {
  return rules + ((<usize>currency) << 4);
}

/** Whether the rules in a genesis or a rules record are ones that there are. */
export function rulesAreValid(record: usize): bool {
  return (
    load<u8>(record, IN_QUEUE_RULE) <= 1 &&
    <i32>load<u8>(record, IN_CYCLE_MECHANISM) <= CYCLE_PROPOSED &&
    load<u8>(record, IN_AT_CLOSE) <= 1 &&
    load<u8>(record, IN_ENTRY_OFFSETTING) <= 1 &&
    load<u8>(record, IN_BILATERAL_OFFSETTING) <= 1 &&
    load<u8>(record, IN_DEFERRED_NET_CLASSES) <= (NORMAL_ONLY | WITH_CHAINS) &&
    load<u8>(record, IN_DEFAULT_RULE) <= 1
  );
}

/** Sets a currency's rules from a record that `rulesAreValid`. */
export function setRules(currency: u32, record: usize): void {
  const own = at(currency);
  store<u8>(own, load<u8>(record, IN_QUEUE_RULE), QUEUE_RULE);
  store<u8>(own, load<u8>(record, IN_CYCLE_MECHANISM), CYCLE_MECHANISM);
  store<u8>(own, load<u8>(record, IN_AT_CLOSE), AT_CLOSE);
  store<u8>(own, load<u8>(record, IN_ENTRY_OFFSETTING), ENTRY_OFFSETTING);
  store<u8>(own, load<u8>(record, IN_BILATERAL_OFFSETTING), BILATERAL_OFFSETTING);
  store<u8>(own, load<u8>(record, IN_DEFERRED_NET_CLASSES), DEFERRED_NET_CLASSES);
  store<u8>(own, load<u8>(record, IN_DEFAULT_RULE), DEFAULT_RULE);
  store<u32>(own, load<u32>(record, IN_OFFSETTING_MINIMUM_MS), MINIMUM_MS);
}

/** Gives a currency that is being registered the genesis rules. */
export function adoptRules(currency: u32): void {
  v128.store(at(currency), v128.load(at(currenciesMax)));
}

export function isBypass(currency: u32): bool {
  return load<u8>(at(currency), QUEUE_RULE) != 0;
}

/** CYCLE_*: what the currency's cycles do. */
export function cycleMechanismOf(currency: u32): u32 {
  return load<u8>(at(currency), CYCLE_MECHANISM);
}

/** Whether the currency's cycles settle what is proposed. */
export function takesProposals(currency: u32): bool {
  return <i32>cycleMechanismOf(currency) == CYCLE_PROPOSED;
}

/** Whether the currency's cycles do anything. */
export function hasCycles(currency: u32): bool {
  return <i32>cycleMechanismOf(currency) != CYCLE_NONE || offsetsBilaterally(currency);
}

export function anyCycles(): bool {
  for (let c: u32 = 0; c < currencyCount(); c++) if (hasCycles(c)) return true;
  return false;
}

export function carriesOver(currency: u32): bool {
  return load<u8>(at(currency), AT_CLOSE) != 0;
}

export function offsetsAtEntry(currency: u32): bool {
  return load<u8>(at(currency), ENTRY_OFFSETTING) != 0;
}

export function offsetsBilaterally(currency: u32): bool {
  return load<u8>(at(currency), BILATERAL_OFFSETTING) != 0;
}

/** Whether deferred net settlement takes only the normal class (hybrid). */
export function netsNormalOnly(currency: u32): bool {
  return (load<u8>(at(currency), DEFERRED_NET_CLASSES) & NORMAL_ONLY) != 0;
}

/** Whether deferred net settlement takes chains of one leg. */
export function netsChains(currency: u32): bool {
  return (load<u8>(at(currency), DEFERRED_NET_CLASSES) & WITH_CHAINS) != 0;
}

/** Whether survivors share a loss; else a default is unwound. */
export function sharesLosses(currency: u32): bool {
  return load<u8>(at(currency), DEFAULT_RULE) != 0;
}

/** The shortest time in the queue before bilateral offsetting, ms. */
export function offsettingMinimumMs(currency: u32): u32 {
  return load<u32>(at(currency), MINIMUM_MS);
}

/** The participant that alone issues and redeems the currency, or NONE32. */
export function issuerOf(currency: u32): u32 {
  return load<u32>(at(currency), ISSUER);
}

export function setIssuer(currency: u32, participant: u32): void {
  store<u32>(at(currency), participant, ISSUER);
}
