/** A scenario is held against the records that a pool was founded with: what its file says otherwise has no effect. */

import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { amountText } from '../protocol/names/minor-units.ts';
import type { ControlRecord, Genesis } from '../protocol/records/control-record.ts';
import type { Scenario, ScenarioPool } from '../scenario/scenario.ts';
import { corridorRoom } from './core-table-sizes.ts';
import { genesisRecords, recallsOf } from './keys-and-genesis.ts';

export interface PoolFounding {
  readonly genesis: ControlRecord & Genesis;
  /** What was written together with the genesis, itself first. */
  readonly founding: readonly ControlRecord[];
}

/** What a founding gives a genesis, and no scenario says. */
const FOUNDED_POLICIES: ReadonlySet<string> = new Set([
  ...[
    'passesRecalls',
    'tellsQuotes',
    'countsFromEnd',
    'boundsRefused',
    'chainLegsMax',
    'conditions',
    'twoPools',
  ],
]);

/** What the genesis of a live network has, and that of a simulation has not. */
const OF_LIVE_ALONE: ReadonlySet<string> = new Set([
  ...['operatorKey', 'operators', 'nodeKey', 'foundingRecords'],
]);

/** A pool's founding by a scenario, with what the recorded one has of its own: keys, time, tables, hash. */
export function refounded(
  scenario: Scenario,
  pool: number,
  { genesis, founding }: PoolFounding,
): ControlRecord[] {
  const keys = new Map(
    founding.flatMap((record) =>
      record.kind === 'key' ? [[record.bic, Buffer.from(record.publicKey, 'hex')] as const] : [],
    ),
  );
  const publicKeyOf = (bic: string) => keys.get(bic as Bic) ?? new Uint8Array();
  const { timeMs, limits, hashKey } = genesis;
  const policies = Object.entries(genesis).filter(([name]) => FOUNDED_POLICIES.has(name));
  const own = {
    // Where it asks for other corridors, there is room for them.
    limits: { ...limits, ...corridorRoom(scenario) },
    ...{ hashKey, ...Object.fromEntries(policies) },
    ...recallsOf(scenario),
  };
  return genesisRecords(scenario, scenario.pools[pool] as ScenarioPool, 0, publicKeyOf).map(
    (record) => ({ ...record, timeMs, ...(record.kind === 'genesis' && own) }),
  );
}

/** A founding as a simulation's, to be compared with one that is made anew. */
export const withoutLiveParts = ({ founding }: PoolFounding): ControlRecord[] =>
  founding.map(
    (record) =>
      Object.fromEntries(
        Object.entries(record).filter(([name]) => !OF_LIVE_ALONE.has(name)),
      ) as unknown as ControlRecord,
  );

/**
 * The first place of the scenario's file, as `--set` names it, where it says otherwise what the pool was founded with; null:
 * there is none. The order of participants is no difference, nor is what rates are worth today.
 */
export function foundingDifference(
  scenario: Scenario,
  pool: number,
  recorded: PoolFounding,
): string | null {
  const own = placesOf(refounded(scenario, pool, recorded));
  const founded = placesOf(withoutLiveParts(recorded));
  const paths = [...own.keys(), ...founded.keys()];
  const path = paths.find((one) => own.get(one) !== founded.get(one));
  if (path === undefined) return null;
  // Of what is missing whole, such as a participant, none of its fields is told.
  const place = prefixesOf(path).find((one) => isIn(own, one) !== isIn(founded, one)) ?? path;
  const words = (places: ReadonlyMap<string, string>) =>
    isIn(places, place) ? (places.get(place) ?? 'there') : 'not there';
  return `${place} is ${words(own)} in the scenario, and ${words(founded)} in the founding`;
}

/** What names no element of its own. */
const LISTS = /(^|\.)(participants|accounts|bilateralCaps|currencies|securities|corridorLimits)$/;

function prefixesOf(path: string): string[] {
  const parts = path.split('.');
  const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('.'));
  return prefixes.filter((prefix) => !LISTS.test(prefix));
}

const isIn = (places: ReadonlyMap<string, string>, place: string): boolean =>
  [...places.keys()].some((path) => path === place || path.startsWith(`${place}.`));

/** What its founding says, as text, by its path in a scenario's file. */
function placesOf(founding: readonly ControlRecord[]): Map<string, string> {
  const decimals = new Map<string | null, number>();
  const places = new Map<string, string>();
  for (const record of founding) {
    if (record.kind === 'currency') decimals.set(record.currency, record.minorUnits);
    const place = placeOf(record);
    if (place === null) continue;
    if (record.kind === 'issuer') places.set(place, record.bic);
    const own = 'currency' in record ? decimals.get(record.currency) : 0;
    for (const [field, value] of Object.entries(record)) {
      const [name, per] = NAMES[field] ?? [];
      if (name === undefined || value === null) continue;
      const path = OF_FILE.has(name) ? name : `${place}.${name}`;
      // A currency has one where any participant has limits across currencies.
      if (field !== 'haircutBasisPoints' || value !== 0)
        places.set(name === '' ? place : path, shown(value, per, field.includes('Minor'), own));
    }
  }
  return places;
}

function shown(value: unknown, per = 1, isMoney = false, decimals = 0): string {
  if (typeof value === 'number') return String(value / per);
  if (typeof value !== 'string') return JSON.stringify(value);
  return isMoney ? amountText(BigInt(value) / BigInt(per), decimals) : value;
}

/** Null: of what no scenario says, as keys. */
function placeOf(record: ControlRecord): string | null {
  const bank = 'bic' in record ? `participants.${record.bic}` : '';
  const code = 'currency' in record ? (record.currency ?? '') : '';
  const currency = `${/^[A-Z]{3}$/.test(code) ? 'currencies' : 'securities'}.${code}`;
  const account = `${bank}.accounts.${code}`;
  switch (record.kind) {
    case 'genesis':
      return 'settlement';
    case 'rules':
      return `settlement.currencies.${code}`;
    case 'currency':
    case 'valuation':
      return currency;
    case 'issuer':
      return `${currency}.issuer`;
    case 'participant':
      return bank;
    case 'account':
      return account;
    case 'collateral':
      return `${account}.collateral`;
    case 'cap':
      return record.counterparty === null
        ? `${account}.netDebitCap`
        : `${account}.bilateralCaps.${record.counterparty}`;
    case 'crossLimit':
      return `${bank}.acrossCurrencies`;
    case 'corridorLimit':
      return `settlement.corridorLimits.${record.from}-${record.to}-${code}`;
    default:
      return null;
  }
}

/** What is no part of another field of the file. */
const OF_FILE: ReadonlySet<string> = new Set(['network', 'statements']);

/** By a record's field what the file calls it, and what of its unit makes one of the file's. */
const NAMES: Readonly<Record<string, readonly [string, number?]>> = {
  network: ['network'],
  statements: ['statements'],
  queueRule: ['queue'],
  cycleMechanism: ['mechanism/cycle'],
  deferredNetClasses: ['mechanism'],
  atClose: ['atClose'],
  entryOffsetting: ['offsetting.entry'],
  bilateralOffsetting: ['offsetting.bilateral'],
  offsettingMinimumMs: ['offsetting.afterSeconds', 1000],
  defaultRule: ['onDefault'],
  cycleIntervalMs: ['cycleEverySeconds', 1000],
  pvpTimeoutMs: ['pvpTimeoutMinutes', 60_000],
  certificates: ['certificates'],
  identityDays: ['identityDays'],
  recallDays: ['recallDays'],
  preValidation: ['preValidation'],
  minorUnits: ['minorUnits'],
  maximumMinor: ['maximumPayment'],
  earmarkCapMinorSeconds: ['earmarkCap', 3600],
  haircutBasisPoints: ['haircutBasisPoints'],
  name: ['name'],
  role: ['role'],
  syntax: ['syntax'],
  balanceMinor: ['balance'],
  creditLineMinor: ['creditLine'],
  collateralMinor: ['amount'],
  capMinor: [''],
  aggregateShortMinor: ['aggregateShortLimit'],
  pooledCollateralMinor: ['pooledCollateral'],
  limitMinor: ['amount'],
};
