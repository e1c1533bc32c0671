import { createHash } from 'node:crypto';
import { createSigner } from '../core/verification/signing.ts';
import { CHAIN_LEGS_MAX } from '../protocol/messages/chain.ts';
import { type Currencies, currencyTerms } from '../protocol/messages/instruction.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type {
  Command,
  ControlRecord,
  CurrencyRules,
  Genesis,
} from '../protocol/records/control-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { genesisTimeMs } from '../scenario/genesis-time.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type {
  Scenario,
  ScenarioAccount,
  ScenarioCurrency,
  ScenarioPool,
} from '../scenario/scenario.ts';
import { asksForConditions, isOverTwoPools } from '../scenario/schema-chains.ts';
import { coreLimits } from './core-table-sizes.ts';

/** The one key id that simulated participants use. */
export const KEY_ID = 'key-1';

/**
 * Secret key of a simulated participant, 32 bytes: fixed by scenario seed and BIC, so that a run can
 * be repeated to the byte. Fit for a simulation and for nothing else.
 */
export function simulatedSecretKey(seed: number, bic: string): Uint8Array {
  return createHash('sha256').update(`corridor-simulated-key\n${seed}\n${bic}\n`).digest();
}

/** The public keys of a simulation's participants, by BIC. */
export function simulatedPublicKeys({ participants, seed }: Scenario): Map<string, Uint8Array> {
  return new Map(
    participants.map(({ bic }) => [bic, createSigner(simulatedSecretKey(seed, bic)).publicKey]),
  );
}

/** Kind and time stand before all else, as they always did: the bytes of a run's log are its own. */
export const recordAt = (timeMs: number, said: Command | Genesis): ControlRecord =>
  Object.assign({ kind: said.kind, timeMs }, said);

/** What is said of the one key of a simulated participant. */
function keyCommand(bic: Bic, key: Uint8Array, state: 'registered' | 'revoked'): Command {
  const publicKey = Buffer.from(key).toString('hex');
  return { kind: 'key', bic, keyId: KEY_ID, publicKey, state };
}

/** The same participant's key is one no more. */
export const simulatedRevocation = ({ seed }: Scenario, bic: Bic): Command =>
  keyCommand(bic, createSigner(simulatedSecretKey(seed, bic)).publicKey, 'revoked');

/** The maximum of a currency as records and network files have it. */
export const maximumField = (maximumMinor: bigint | undefined) => ({
  ...(maximumMinor !== undefined && { maximumMinor: String(maximumMinor) }),
});

function currencyCommand(currency: ScenarioCurrency): Command {
  const { code, minorUnits, maximumMinor, earmarkCapMinorSeconds: cap } = currency;
  const optional = cap === undefined ? {} : { earmarkCapMinorSeconds: `${cap}` };
  return {
    ...{ kind: 'currency', currency: code, minorUnits },
    ...{ ...maximumField(maximumMinor), ...optional },
  };
}

/** The network's currencies, as its verifiers know them. */
export const simulatedCurrencies = ({ currencies, pools }: Scenario): Currencies =>
  new Map(
    currencies.map(({ code, minorUnits, maximumMinor, pool }) => [
      code,
      currencyTerms({ minorUnits, ...maximumField(maximumMinor) }, pools[pool]?.name as string),
    ]),
  );

/** Numbers of the pools that a record of the operator goes to. */
export function poolsOfControl({ pools }: Scenario, action: PlannedAction): number[] {
  const currency = 'currency' in action ? action.currency : null;
  return [...pools.keys()].filter(
    (pool) => currency === null || pools[pool]?.currencies.includes(currency as number),
  );
}

/** What the genesis of a live network says of requests to return a payment, where the scenario sets it. */
export const recallsOf = ({ settlement: { recallDays } }: Scenario): Pick<Genesis, 'recallDays'> =>
  recallDays === undefined ? {} : { recallDays };

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
  const { settlement, participants, currencies, seed, document } = scenario;
  const hasPolicy = settlement.preValidation.length > 0;
  const conditions = asksForConditions(document);
  const { chains, chainFlows, customerPayments } = document;
  const hasChains = chains || chainFlows || customerPayments || conditions;
  const genesis: Genesis = {
    kind: 'genesis',
    network: scenario.network,
    pool: pool.name,
    rulesVersion: RULES_VERSION,
    ...settlement.common,
    cycleIntervalMs: settlement.cycleEveryMs,
    pvpTimeoutMs: settlement.pvpTimeoutMs,
    certificates: settlement.certificates,
    identityDays: settlement.identityDays,
    ...(hasChains && { chainLegsMax: CHAIN_LEGS_MAX }),
    ...(conditions && { conditions }),
    ...(isOverTwoPools(document) && { twoPools: true }),
    ...(hasPolicy && { preValidation: [...settlement.preValidation] }),
    ...(scenario.statements && { statements: scenario.statements }),
    limits: coreLimits(scenario, quotes),
    hashKey: createHash('sha256').update(`identities\n${seed}\n`).digest('hex').slice(0, 32),
  };
  const own = pool.currencies.map((currency) => currencies[currency] as ScenarioCurrency);
  const accounts = participants.flatMap(({ bic, accounts }) =>
    accounts
      .filter(({ currency }) => pool.currencies.includes(currency))
      .map((account) => {
        const currency = currencies[account.currency]?.code as string;
        return { account, at: { bic: bic as Bic, currency } };
      }),
  );
  const commands: Command[] = [
    ...own.map(currencyCommand),
    ...participants.flatMap(({ bic: text, name, role, syntax }): Command[] => {
      const bic = text as Bic;
      return [
        { kind: 'participant', bic, name, role, ...(syntax && { syntax }) },
        keyCommand(bic, publicKeyOf(bic), 'registered'),
      ];
    }),
    ...accounts.map(({ account: { balanceMinor, creditLineMinor }, at }) => {
      const amounts = { balanceMinor: `${balanceMinor}`, creditLineMinor: `${creditLineMinor}` };
      return { kind: 'account', ...at, ...amounts } as const;
    }),
    // A bilateral cap names two accounts, so all of them come first.
    ...accounts.flatMap(({ account, at }) => creditCommands(scenario, account, at)),
    ...crossLimitCommands(scenario, pool, own),
    ...pool.currencies.flatMap((currency) => currencyCommands(scenario, currency)),
  ];
  const timeMs = genesisTimeMs(scenario);
  return [genesis, ...commands].map((said) => recordAt(timeMs, said));
}

/** An account's collateral and caps. */
function creditCommands(
  { participants }: Scenario,
  { collateral, netDebitCapMinor, bilateralCaps }: ScenarioAccount,
  at: { readonly bic: Bic; readonly currency: string },
): Command[] {
  const commands: Command[] = [];
  if (collateral) {
    const { amountMinor, haircutBasisPoints } = collateral;
    const collateralMinor = amountMinor.toString();
    commands.push({ kind: 'collateral', ...at, collateralMinor, haircutBasisPoints });
  }
  const cap = (counterparty: Bic | null, amountMinor: bigint) =>
    commands.push({ kind: 'cap', ...at, counterparty, capMinor: amountMinor.toString() });
  if (netDebitCapMinor !== null) cap(null, netDebitCapMinor);
  for (const { counterparty, amountMinor } of bilateralCaps)
    cap(participants[counterparty]?.bic as Bic, amountMinor);
  return commands;
}

/** Limits across currencies, and what the pool's currencies are worth to them. */
function crossLimitCommands(
  { currencies, participants }: Scenario,
  pool: ScenarioPool,
  own: readonly ScenarioCurrency[],
): Command[] {
  const limits = participants.flatMap(({ bic, acrossCurrencies: across }): Command[] => {
    if (across === null || !pool.currencies.includes(across.currency)) return [];
    return [
      {
        kind: 'crossLimit',
        bic: bic as Bic,
        currency: currencies[across.currency]?.code as string,
        aggregateShortMinor: across.aggregateShortMinor?.toString() ?? null,
        pooledCollateralMinor: across.pooledCollateralMinor?.toString() ?? null,
      },
    ];
  });
  if (limits.length === 0) return [];
  const valuations = own.map(({ code, weight, haircutBasisPoints }): Command => {
    return { kind: 'valuation', currency: code, weight: weight.toString(), haircutBasisPoints };
  });
  return [...valuations, ...limits];
}

/** What is said of a single currency: rules of its own, who issues it from now on, and limits of its corridors. */
function currencyCommands(scenario: Scenario, number: number): Command[] {
  const { currencies, participants, settlement } = scenario;
  const { code: currency, issuer } = currencies[number] as ScenarioCurrency;
  const rules = settlement.rules[number] as CurrencyRules;
  const differs = JSON.stringify(rules) !== JSON.stringify(settlement.common);
  const commands: Command[] = [];
  if (differs) commands.push({ kind: 'rules', currency, ...rules });
  if (issuer !== null)
    commands.push({ kind: 'issuer', bic: participants[issuer]?.bic as Bic, currency });
  for (const { from, to, limitMinor, currency: limited } of settlement.corridorLimits)
    if (limited === number)
      commands.push({ kind: 'corridorLimit', currency, from, to, limitMinor: `${limitMinor}` });
  return commands;
}
