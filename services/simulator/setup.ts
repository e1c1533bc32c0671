import { createHash } from 'node:crypto';
import { type ControlRecord, type CoreLimits, RULES_VERSION } from '../protocol/control-record.ts';
import type { Bic } from '../protocol/identifiers.ts';
import type { Scenario, ScenarioPool } from './scenario/scenario.ts';

/** The one key id that simulated participants use. */
export const KEY_ID = 'key-1';

/**
 * Secret key of a simulated participant, 32 bytes: fixed by scenario seed and BIC, so that a run can
 * be repeated to the byte. Fit for a simulation and for nothing else.
 */
export function simulatedSecretKey(seed: number, bic: string): Uint8Array {
  return createHash('sha256').update(`corridor-simulated-key\n${seed}\n${bic}\n`).digest();
}

/** Instant of the first records: an hour before anything opens. */
export function genesisTimeMs(scenario: Scenario): number {
  const openings = scenario.currencies.flatMap(({ hours }) =>
    hours.flatMap((open) => (open ? [open.opensMs] : [])),
  );
  const listed = scenario.listedPayments.map(({ atMs }) => atMs);
  return [...openings, ...listed].reduce((first, at) => Math.min(first, at)) - 3_600_000;
}

/** Payments that the scenario can send at most, repeats not counted. */
export function plannedPayments(scenario: Scenario): number {
  const daily = scenario.flows.reduce((sum, { paymentsPerDate }) => sum + paymentsPerDate, 0);
  return daily * scenario.businessDates.length + scenario.listedPayments.length;
}

/** Tables with room for every message of the scenario: they cost address space until touched. */
function coreLimits(scenario: Scenario, quotes: number): CoreLimits {
  const payments = plannedPayments(scenario);
  return {
    participants: scenario.participants.length,
    currencies: scenario.currencies.length,
    livePayments: payments + 1,
    identities: payments + quotes + 1,
    quotes: quotes + 1,
    limits: 1,
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
      queueRule: settlement.queue,
      cycleMechanism: settlement.gridlockResolutionEveryMs > 0 ? 'gridlockResolution' : 'none',
      entryOffsetting: false,
      bilateralOffsetting: false,
      offsettingMinimumMs: 0,
      deferredNetClasses: 'all',
      defaultRule: 'unwind',
      pvpTimeoutMs: 3_600_000,
      certificates: false,
      cycleIntervalMs: settlement.gridlockResolutionEveryMs,
      atClose: settlement.atClose,
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
  for (const { bic, accounts } of participants)
    for (const account of accounts)
      if (pool.currencies.includes(account.currency))
        records.push({
          kind: 'account',
          timeMs,
          bic: bic as Bic,
          currency: code(account.currency),
          balanceMinor: account.balanceMinor.toString(),
          creditLineMinor: account.creditLineMinor.toString(),
        });
  return records;
}
