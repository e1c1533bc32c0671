/**
 * A factor on a scenario's liquidity, traffic or amounts, as the overrides that say it: so a cell is
 * what `corridor run --set` gives with them.
 */
import { Exact } from '../protocol/names/minor-units.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import type { Scale, ScaleKind } from './grid.ts';

/** @param scenario as it is before the factor */
export const scalingOverrides = (scenario: Scenario, scale: Scale): string[] =>
  OVERRIDES[scale.kind](scenario, scale);

const OVERRIDES: Readonly<Record<ScaleKind, (scenario: Scenario, scale: Scale) => string[]>> = {
  liquidity,
  traffic,
  amounts,
};

const isAmong = (names: readonly string[], name: string) =>
  names.length === 0 || names.includes(name);

/** Half-even, to the decimals of the currency or quantity. */
const times = (text: string, factor: string, decimals: number): string =>
  new Exact(text).mul(factor).toFixed(decimals, Exact.ROUND_HALF_EVEN);

const decimalsOf = ({ currencies }: Scenario, code: string): number =>
  currencies.find((currency) => currency.code === code)?.minorUnits ?? 0;

/** Lists of events whose amounts give an account money or credit, or take it. */
const LIQUIDITY_EVENTS = ['creditLines', 'issues', 'redemptions', 'collaterals'] as const;

/** Balances, credit lines and collateral, at the opening and by events. Securities are no liquidity. */
function liquidity(scenario: Scenario, scale: Scale): string[] {
  return scaledLiquidity(scenario, scale, true);
}

/** Collateral alone, of all accounts in money. */
export const collateralOverrides = (scenario: Scenario, factor: string): string[] =>
  scaledLiquidity(
    scenario,
    { kind: 'liquidity', factor, participants: [], currencies: [], flows: [] },
    false,
  );

/** @param withMoney balances and credit lines too, beside collateral */
function scaledLiquidity(scenario: Scenario, scale: Scale, withMoney: boolean): string[] {
  const isScaled = (bic: string, code: string) =>
    isAmong(scale.participants, bic) &&
    (scale.currencies.length > 0
      ? scale.currencies.includes(code)
      : scenario.currencies.some((one) => one.code === code && !one.isSecurity));
  const overrides: string[] = [];
  const put = (path: string, amount: string | undefined, code: string) => {
    if (amount === undefined || /^[0.]*$/.test(amount)) return;
    overrides.push(`${path}=${times(amount, scale.factor, decimalsOf(scenario, code))}`);
  };
  const { participants, events } = scenario.document;
  for (const { bic, accounts } of participants)
    for (const [code, { balance, creditLine, collateral }] of Object.entries(accounts)) {
      if (!isScaled(bic, code)) continue;
      const path = `participants.${bic}.accounts.${code}`;
      if (withMoney) put(`${path}.balance`, balance, code);
      if (withMoney) put(`${path}.creditLine`, creditLine, code);
      put(`${path}.collateral.amount`, collateral?.amount, code);
    }
  for (const list of withMoney ? LIQUIDITY_EVENTS : (['collaterals'] as const))
    for (const [index, { participant, currency, amount }] of events[list].entries())
      if (isScaled(participant, currency)) put(`events.${list}.${index}.amount`, amount, currency);
  return overrides;
}

export interface FlowPlace {
  readonly name: string;
  readonly path: string;
  /** What is drawn is an amount of this. */
  readonly code: string;
  readonly amounts: ScenarioDocument['traffic'][number]['amounts'];
  readonly count: readonly [field: string, count: number];
}

/** All that draw how many and how much. By index: a flow's name may be a number. */
export function drawnFlows({ document }: Scenario): FlowPlace[] {
  return [
    ...document.traffic.map(({ name, from, amounts, paymentsPerDate }, index) => ({
      ...{ name, path: `traffic.${index}`, code: from, amounts },
      count: ['paymentsPerDate', paymentsPerDate] as const,
    })),
    ...document.trades.map(({ name, delivers, amounts, tradesPerDate }, index) => ({
      ...{ name, path: `trades.${index}`, code: delivers, amounts },
      count: ['tradesPerDate', tradesPerDate] as const,
    })),
    ...(document.customerPayments ?? []).map(
      ({ name, currency, amounts, paymentsPerDate }, index) => ({
        ...{ name, path: `customerPayments.${index}`, code: currency, amounts },
        count: ['paymentsPerDate', paymentsPerDate] as const,
      }),
    ),
    // A chain that follows an attestor's count draws neither.
    ...(document.chainFlows ?? []).flatMap(({ name, legs, amounts, chainsPerDate }, index) =>
      amounts === undefined || chainsPerDate === undefined
        ? []
        : {
            ...{ name, path: `chainFlows.${index}`, code: legs[0]?.currency ?? '', amounts },
            count: ['chainsPerDate', chainsPerDate] as const,
          },
    ),
  ];
}

const flowsOf = (scenario: Scenario, { flows }: Scale): FlowPlace[] =>
  drawnFlows(scenario).filter(({ name }) => isAmong(flows, name));

function traffic(scenario: Scenario, scale: Scale): string[] {
  return flowsOf(scenario, scale).map(
    ({ path, count: [field, count] }) =>
      `${path}.${field}=${times(String(count), scale.factor, 0)}`,
  );
}

function amounts(scenario: Scenario, scale: Scale): string[] {
  return flowsOf(scenario, scale).flatMap(({ path, code, amounts: drawn }) =>
    (['median', 'min', 'max'] as const).map(
      (field) =>
        `${path}.amounts.${field}=${times(drawn[field], scale.factor, decimalsOf(scenario, code))}`,
    ),
  );
}
