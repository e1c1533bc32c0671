import type { Summary } from '../../results/summary.ts';
import type { Scenario, ScenarioCurrency } from '../../scenario/scenario.ts';
import { countText, instantText, moneyText, plotted } from '../format.ts';
import type { Frame } from '../frame.ts';
import type { Mark } from '../marks.ts';

/** What every section needs. */
export interface View {
  readonly scenario: Scenario;
  readonly summary: Summary;
  readonly frame: Frame;
  readonly marks: readonly Mark[];
  /** Names by BIC and decimals by currency, as the analysis store has them. */
  readonly names: ReadonlyMap<string, string>;
  readonly decimals: ReadonlyMap<string, number>;
}

export const decimalsOf = ({ decimals }: View, currency: string): number =>
  decimals.get(currency) ?? 0;

export const amount = (view: View, minor: bigint, currency: string): string =>
  moneyText(minor, decimalsOf(view, currency));

export const position = (view: View, minor: bigint, currency: string): number =>
  plotted(minor, decimalsOf(view, currency));

/** A participant's name, or its BIC where the store has no name for it. */
export const nameOf = ({ names }: View, bic: string): string => names.get(bic) ?? bic;

export const instant = ({ frame }: View, ms: number): string => instantText(ms, frame.severalDates);

/** The scenario's currencies with their indices, which give their colours. */
export const currencies = ({
  scenario,
}: View): readonly (ScenarioCurrency & { readonly index: number })[] =>
  scenario.currencies.map((currency, index) => ({ ...currency, index }));

export function indexOf({ scenario }: View, code: string): number {
  return Math.max(
    0,
    scenario.currencies.findIndex((currency) => currency.code === code),
  );
}

/** "from 08:30" for the bucket that begins then. */
export const bucketText = (view: View, bucket: number, frame: Frame = view.frame): string =>
  instant(view, frame.startMs + bucket * frame.stepMs);

export const payments = (count: number): string =>
  `${countText(count)} ${count === 1 ? 'payment' : 'payments'}`;
