/** Calendar, currencies, pools and participants of a checked document: names to numbers. */

import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { isIsin } from '../protocol/rules/check-digits.ts';
import { MINOR_UNITS } from './currency-decimals.ts';
import { parseMinor } from './decimal-amounts.ts';
import { DATE_EXPECTED, isDate, isZone } from './local-time-to-instant.ts';
import { type LookUps, lookUpsOver } from './look-ups.ts';
import { type Hours, resolveHours } from './opening-hours-and-holidays.ts';
import { valued } from './resolve-cross-limits.ts';
import { resolveGuidelines } from './resolve-guidelines.ts';
import { resolveParticipants } from './resolve-participants.ts';
import type { ScenarioCurrency, ScenarioPool } from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

export function resolveNames(document: ScenarioDocument, fail: Fail): LookUps {
  if (!isZone(document.zone)) fail(['zone'], 'an IANA time zone', document.zone);
  checkDates(document, fail);
  const { currencies, pools } = resolveCurrencies(document, fail);
  const { businessDates, zone } = document;
  const tables = { businessDates, zone, pools, currencies, participants: [] };
  const participants = resolveParticipants(document, lookUpsOver(tables, fail));
  const issued = valued(document, currencies, participants, fail).map(
    (currency): ScenarioCurrency => {
      const bic = document.currencies[currency.code]?.issuer;
      if (bic === undefined) return currency;
      const path = ['currencies', currency.code, 'issuer'];
      const issuer = participants.findIndex((participant) => participant.bic === bic);
      if (participants[issuer]?.role !== 'central-bank')
        fail(path, 'a participant whose role is central-bank', bic);
      return { ...currency, issuer };
    },
  );
  return lookUpsOver({ ...tables, currencies: issued, participants }, fail);
}

function checkDates({ businessDates }: ScenarioDocument, fail: Fail): void {
  for (const [index, date] of businessDates.entries()) {
    const path = ['businessDates', index];
    if (!isDate(date)) fail(path, DATE_EXPECTED, date);
    const before = businessDates[index - 1];
    if (before !== undefined && date <= before) fail(path, `a date after ${before}`, date);
  }
}

/** A currency's or security's entry, with its place. */
interface Entry {
  readonly path: Path;
  readonly code: string;
  readonly isSecurity: boolean;
  readonly minorUnits: number;
  readonly times: Hours;
}

function resolveCurrencies(
  document: ScenarioDocument,
  fail: Fail,
): { currencies: ScenarioCurrency[]; pools: ScenarioPool[] } {
  const entries = [...currencyEntries(document, fail), ...securityEntries(document, fail)];
  const codes = entries.map(({ code }) => code);
  const pools = resolvePools(document, codes, fail);
  const currencies = entries.map((entry, number): ScenarioCurrency => {
    const { code, isSecurity, minorUnits } = entry;
    const pool = pools.findIndex((candidate) => candidate.currencies.includes(number));
    const hours = resolveHours(entry, document.businessDates, fail);
    const haircutBasisPoints = document.currencies[code]?.haircutBasisPoints ?? 0;
    const guidelines = isSecurity ? [] : resolveGuidelines(document, code, hours, fail);
    const amounts = amountsOf(document, entry, fail);
    const common = { code, isSecurity, minorUnits, ...amounts, pool, hours, guidelines };
    return { ...common, weight: 0n, haircutBasisPoints, issuer: null };
  });
  for (const [index, date] of document.businessDates.entries())
    if (currencies.every(({ hours }) => hours[index] === null))
      fail(['businessDates', index], 'a date on which some currency opens', date);
  return { currencies, pools };
}

/** What the scenario says in amounts of a currency; what it does not say is absent. */
function amountsOf(document: ScenarioDocument, entry: Entry, fail: Fail) {
  const maximumMinor = amountOf(document, entry, 'maximumPayment', fail);
  const earmarkCap = earmarkCapOf(document, entry, fail);
  const remittancesUpToMinor = amountOf(document, entry, 'remittancesUpTo', fail);
  return {
    ...(maximumMinor !== undefined && { maximumMinor }),
    ...earmarkCap,
    ...(remittancesUpToMinor !== undefined && { remittancesUpToMinor }),
  };
}

const HOUR_S = 3600n;

/** Amount x hours that a bank may have set aside of another, where the scenario says so. */
function earmarkCapOf(document: ScenarioDocument, entry: Entry, fail: Fail) {
  const amount = amountOf(document, entry, 'earmarkCap', fail);
  if (amount === undefined) return {};
  const earmarkCapMinorSeconds = amount * HOUR_S;
  if (earmarkCapMinorSeconds <= INT64_MAX) return { earmarkCapMinorSeconds };
  const text = document.currencies[entry.code]?.earmarkCap;
  return fail([...entry.path, 'earmarkCap'], 'at most 2^63 / 3,600 minor units', text);
}

/** An amount above 0 of a currency, where the scenario has it. */
function amountOf(
  document: ScenarioDocument,
  { code, minorUnits, path }: Entry,
  name: 'maximumPayment' | 'earmarkCap' | 'remittancesUpTo',
  fail: Fail,
): bigint | undefined {
  const text = document.currencies[code]?.[name];
  if (text === undefined) return undefined;
  const minor = parseMinor(text, code, minorUnits);
  if (typeof minor !== 'bigint') return fail([...path, name], minor.expected, text);
  return minor > 0n ? minor : fail([...path, name], 'an amount above 0', text);
}

function currencyEntries(document: ScenarioDocument, fail: Fail): Entry[] {
  if (Object.keys(document.currencies).length === 0)
    fail(['currencies'], 'at least one currency', {});
  return Object.entries(document.currencies).map(([code, currency]) => {
    const path = ['currencies', code];
    const standard = MINOR_UNITS.get(code);
    if (standard === undefined) fail(path, 'a currency of ISO 4217, or XTS', code);
    const minorUnits = currency.minorUnits ?? standard!;
    if (minorUnits !== standard)
      fail([...path, 'minorUnits'], `${standard}, by ISO 4217`, minorUnits);
    return { path, code, isSecurity: false, minorUnits, times: currency };
  });
}

function securityEntries(document: ScenarioDocument, fail: Fail): Entry[] {
  return Object.entries(document.securities).map(([code, security]) => {
    const path = ['securities', code];
    if (!isIsin(code)) fail(path, 'an ISIN whose check digit fits (ISO 6166)', code);
    return { path, code, isSecurity: true, minorUnits: security.decimals, times: security };
  });
}

function resolvePools(document: ScenarioDocument, codes: string[], fail: Fail): ScenarioPool[] {
  const named = document.pools ?? { main: codes };
  const poolOf = new Map<string, string>();
  for (const [name, members] of Object.entries(named))
    for (const [index, code] of members.entries()) {
      const path = ['pools', name, index];
      if (!codes.includes(code))
        fail(path, `a currency of the scenario (${codes.join(', ')})`, code);
      const other = poolOf.get(code);
      if (other !== undefined) fail(path, `each currency once; pools.${other} has it`, code);
      poolOf.set(code, name);
    }
  for (const code of codes)
    if (!poolOf.has(code)) fail(['pools'], `a pool for ${code}`, Object.keys(named));
  return Object.entries(named).map(([name, members]) => ({
    name,
    currencies: members.map((code) => codes.indexOf(code)).sort((a, b) => a - b),
  }));
}
