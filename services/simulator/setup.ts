import { createHash } from 'node:crypto';
import type { Bic } from '../protocol/names/identifiers.ts';
import {
  type ControlRecord,
  type CoreLimits,
  type CurrencyRules,
  RULES_VERSION,
} from '../protocol/records/control-record.ts';
import { genesisTimeMs } from '../scenario/beginning.ts';
import type {
  Scenario,
  ScenarioAccount,
  ScenarioCurrency,
  ScenarioPool,
} from '../scenario/scenario.ts';

/** The one key id that simulated participants use. */
export const KEY_ID = 'key-1';

/**
 * Secret key of a simulated participant, 32 bytes: fixed by scenario seed and BIC, so that a run can
 * be repeated to the byte. Fit for a simulation and for nothing else.
 */
export function simulatedSecretKey(seed: number, bic: string): Uint8Array {
  return createHash('sha256').update(`corridor-simulated-key\n${seed}\n${bic}\n`).digest();
}

/** Payments that the scenario can send at most, each leg of a trade counted, repeats not. */
export function plannedPayments(scenario: Scenario): number {
  const daily =
    scenario.flows.reduce((sum, { paymentsPerDate }) => sum + paymentsPerDate, 0) +
    scenario.trades.reduce((sum, { tradesPerDate }) => sum + 2 * tradesPerDate, 0);
  return daily * scenario.businessDates.length + scenario.listedPayments.length;
}

/** Tables with room for every message of the scenario: they cost address space until touched. */
function coreLimits(scenario: Scenario, quotes: number): CoreLimits {
  const payments = plannedPayments(scenario);
  const { requestEvents, cancellations, reorderings, listedPayments } = scenario;
  const asksOfPayments =
    cancellations.length + reorderings.length > 0 ||
    listedPayments.some(({ cancelAfterMs }) => cancelAfterMs !== null);
  const caps = scenario.participants.flatMap(({ accounts }) =>
    accounts.flatMap(({ bilateralCaps }) => bilateralCaps),
  );
  return {
    participants: scenario.participants.length,
    currencies: scenario.currencies.length,
    livePayments: payments + 1,
    // A payment may be cancelled and re-ordered.
    identities: payments * (asksOfPayments ? 3 : 1) + quotes + requestEvents.length + 1,
    quotes: quotes + 1,
    limits: requestEvents.length + caps.length + 1,
  };
}

/**
 * The records with which a pool's log begins: genesis, its currencies, every participant with its
 * key, and the accounts in the pool's currencies.
 */
export function genesisRecords(
  scenario: Scenario,
  pool: ScenarioPool,
  quotes: number,
  publicKeyOf: (bic: string) => Uint8Array,
): ControlRecord[] {
  const timeMs = genesisTimeMs(scenario);
  const { settlement, participants, currencies, seed } = scenario;
  const code = (currency: number) => currencies[currency]?.code as string;
  const records: ControlRecord[] = [
    {
      kind: 'genesis',
      timeMs,
      network: scenario.network,
      pool: pool.name,
      rulesVersion: RULES_VERSION,
      ...settlement.common,
      cycleIntervalMs: settlement.cycleEveryMs,
      pvpTimeoutMs: settlement.pvpTimeoutMs,
      certificates: settlement.certificates,
      identityDays: settlement.identityDays,
      limits: coreLimits(scenario, quotes),
      hashKey: createHash('sha256').update(`identities\n${seed}\n`).digest('hex').slice(0, 32),
    },
  ];
  for (const currency of pool.currencies)
    records.push({
      kind: 'currency',
      timeMs,
      currency: code(currency),
      minorUnits: currencies[currency]?.minorUnits as number,
    });
  for (const { bic, name, role } of participants) {
    records.push({ kind: 'participant', timeMs, bic: bic as Bic, name, role });
    const publicKey = Buffer.from(publicKeyOf(bic)).toString('hex');
    records.push({
      kind: 'key',
      timeMs,
      bic: bic as Bic,
      keyId: KEY_ID,
      publicKey,
      state: 'registered',
    });
  }
  const accounts = participants.flatMap(({ bic, accounts }) =>
    accounts
      .filter(({ currency }) => pool.currencies.includes(currency))
      .map((account) => ({
        account,
        at: { timeMs, bic: bic as Bic, currency: code(account.currency) },
      })),
  );
  for (const { account, at } of accounts)
    records.push({
      kind: 'account',
      ...at,
      balanceMinor: account.balanceMinor.toString(),
      creditLineMinor: account.creditLineMinor.toString(),
    });
  // A bilateral cap names two accounts, so all of them come first.
  for (const { account, at } of accounts) records.push(...creditRecords(scenario, account, at));
  records.push(...crossLimitRecords(scenario, pool, timeMs));
  records.push(...currencyRecords(scenario, pool, timeMs));
  return records;
}

/** An account's collateral and caps. */
function creditRecords(
  { participants }: Scenario,
  { collateral, netDebitCapMinor, bilateralCaps }: ScenarioAccount,
  at: { readonly timeMs: number; readonly bic: Bic; readonly currency: string },
): ControlRecord[] {
  const records: ControlRecord[] = [];
  if (collateral)
    records.push({
      kind: 'collateral',
      ...at,
      collateralMinor: collateral.amountMinor.toString(),
      haircutBasisPoints: collateral.haircutBasisPoints,
    });
  if (netDebitCapMinor !== null)
    records.push({
      kind: 'cap',
      ...at,
      counterparty: null,
      capMinor: netDebitCapMinor.toString(),
    });
  for (const { counterparty, amountMinor } of bilateralCaps)
    records.push({
      kind: 'cap',
      ...at,
      counterparty: participants[counterparty]?.bic as Bic,
      capMinor: amountMinor.toString(),
    });
  return records;
}

/** Limits across currencies, and what the pool's currencies are worth to them. */
function crossLimitRecords(
  { currencies, participants }: Scenario,
  pool: ScenarioPool,
  timeMs: number,
): ControlRecord[] {
  const limits = participants.flatMap(({ bic, acrossCurrencies: across }): ControlRecord[] => {
    if (across === null || !pool.currencies.includes(across.currency)) return [];
    return [
      {
        kind: 'crossLimit',
        timeMs,
        bic: bic as Bic,
        currency: currencies[across.currency]?.code as string,
        aggregateShortMinor: across.aggregateShortMinor?.toString() ?? null,
        pooledCollateralMinor: across.pooledCollateralMinor?.toString() ?? null,
      },
    ];
  });
  if (limits.length === 0) return [];
  const valuations = pool.currencies.map((number): ControlRecord => {
    const { code: currency, weight, haircutBasisPoints } = currencies[number] as ScenarioCurrency;
    return { kind: 'valuation', timeMs, currency, weight: weight.toString(), haircutBasisPoints };
  });
  return [...valuations, ...limits];
}

/** What is said of single currencies: rules of their own, and who issues them from now on. */
function currencyRecords(scenario: Scenario, pool: ScenarioPool, timeMs: number): ControlRecord[] {
  const { currencies, participants, settlement } = scenario;
  return pool.currencies.flatMap((number) => {
    const { code: currency, issuer } = currencies[number] as ScenarioCurrency;
    const rules = settlement.rules[number] as CurrencyRules;
    const differs = JSON.stringify(rules) !== JSON.stringify(settlement.common);
    const records: ControlRecord[] = [];
    if (differs) records.push({ kind: 'rules', timeMs, currency, ...rules });
    if (issuer !== null)
      records.push({
        kind: 'issuer',
        timeMs,
        bic: participants[issuer]?.bic as Bic,
        currency,
      });
    return records;
  });
}
