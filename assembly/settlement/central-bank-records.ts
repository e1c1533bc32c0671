// What a currency's central bank decides: its rules, who issues it, what collateral gives, and what may leave a country.
//
// Invariant: once a currency has an issuer, no money of it is made or taken away but in its name.

import {
  accountOf,
  balanceOf,
  capacityOf,
  currencyCount,
  participantCount,
} from './accounts-and-conservation';
import { pushWork } from './accounts-to-rescan';
import { setCorridorLimit, usedOf } from './corridor-limits';
import { setCollateral } from './credit-and-reservations';
import { issuerOf, rulesAreValid, setIssuer, setRules } from './currency-rules';
import { writeEvent } from './event-output';
import {
  EVENT_COLLATERAL_SET,
  EVENT_CORRIDOR_LIMIT_SET,
  EVENT_ISSUER_SET,
  EVENT_RULES_SET,
  IN_AMOUNT_1,
  IN_COUNTRY_1,
  IN_COUNTRY_2,
  IN_CURRENCY_1,
  IN_CYCLE_MECHANISM,
  IN_HAIRCUT_BPS,
  IN_ISSUER,
  IN_PARTICIPANT,
  IN_QUEUE_RULE,
  NONE32,
  OUT_AMOUNT_1,
  OUT_AMOUNT_2,
  OUT_BALANCE_1,
  OUT_BALANCE_2,
  OUT_COUNT,
  OUT_CREDITOR_AGENT,
  OUT_CURRENCY_1,
  OUT_DEBTOR_AGENT,
  REASON_LIMIT_REACHED,
  REASON_NONE,
  REASON_RECORD_INVALID,
} from './record-numbers';

/** Sets a currency's rules; its queues are scanned next, in the order of the participants. */
export function changeRules(record: usize): i32 {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (currency >= currencyCount() || !rulesAreValid(record)) return REASON_RECORD_INVALID;
  setRules(currency, record);
  const event = writeEvent(EVENT_RULES_SET, REASON_NONE);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<u32>(event, load<u8>(record, IN_CYCLE_MECHANISM), OUT_COUNT);
  store<i64>(event, load<u8>(record, IN_QUEUE_RULE), OUT_AMOUNT_1);
  for (let participant: u32 = 0; participant < participantCount(); participant++) {
    const account = accountOf(participant, currency);
    if (account != 0) pushWork(account);
  }
  return REASON_NONE;
}

export function appointIssuer(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  if (participant >= participantCount() || currency >= currencyCount())
    return REASON_RECORD_INVALID;
  setIssuer(currency, participant);
  const event = writeEvent(EVENT_ISSUER_SET, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  return REASON_NONE;
}

/** Whether a record may make or take away money of a registered currency. */
export function isByIssuer(record: usize): bool {
  const issuer = issuerOf(load<u16>(record, IN_CURRENCY_1));
  return issuer == NONE32 || issuer == load<u32>(record, IN_ISSUER);
}

export function pledge(record: usize): i32 {
  const participant = load<u32>(record, IN_PARTICIPANT);
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const collateral = load<i64>(record, IN_AMOUNT_1);
  const haircutBps = load<u32>(record, IN_HAIRCUT_BPS);
  const account = accountOf(participant, currency);
  if (account == 0 || !setCollateral(account, collateral, haircutBps)) return REASON_RECORD_INVALID;
  const event = writeEvent(EVENT_COLLATERAL_SET, REASON_NONE);
  store<u32>(event, participant, OUT_DEBTOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, collateral, OUT_AMOUNT_1);
  store<i64>(event, haircutBps, OUT_AMOUNT_2);
  store<i64>(event, balanceOf(account), OUT_BALANCE_1);
  store<i64>(event, capacityOf(account), OUT_BALANCE_2);
  pushWork(account);
  return REASON_NONE;
}

/** Sets what may go from one country to another in a currency on a business date. What was accepted before stays. */
export function limitCorridor(record: usize): i32 {
  const currency = <u32>load<u16>(record, IN_CURRENCY_1);
  const from = load<u16>(record, IN_COUNTRY_1);
  const to = load<u16>(record, IN_COUNTRY_2);
  const limit = load<i64>(record, IN_AMOUNT_1);
  if (currency >= currencyCount() || limit < 0) return REASON_RECORD_INVALID;
  const corridor = setCorridorLimit(currency, from, to, limit);
  if (corridor == 0) return REASON_LIMIT_REACHED;
  const event = writeEvent(EVENT_CORRIDOR_LIMIT_SET, REASON_NONE);
  store<u32>(event, from, OUT_DEBTOR_AGENT);
  store<u32>(event, to, OUT_CREDITOR_AGENT);
  store<u16>(event, <u16>currency, OUT_CURRENCY_1);
  store<i64>(event, limit, OUT_AMOUNT_1);
  store<i64>(event, usedOf(corridor), OUT_AMOUNT_2);
  return REASON_NONE;
}
