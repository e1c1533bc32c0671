/**
 * The four intraday stress scenarios of the Basel Committee (BCBS 248, Monitoring tools for intraday liquidity
 * management, 2013), each as the overrides of a scenario that say it: a run under stress is what `--set` gives.
 */

import { Exact } from '../../protocol/names/minor-units.ts';
import { didYouMean } from '../../scenario/did-you-mean.ts';
import { type LoadOptions, loadScenario } from '../../scenario/load-scenario.ts';
import { dayTimeText } from '../../scenario/local-time-to-instant.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { ScenarioError } from '../../scenario/scenario-error.ts';
import { collateralOverrides } from '../scale-factors.ts';

type Participant = Scenario['participants'][number];
/** Throws. */
type Refuse = (expected: string) => never;

/** Whose stress it is, and what is then other in a scenario. */
const OF_PARTICIPANT: Readonly<
  Record<string, (scenario: Scenario, bic: string, fail: Refuse) => string[]>
> = {
  /** The others defer what they would pay it, and its credit lines are withdrawn. */
  own(scenario, bic, fail) {
    refuseOther(scenario, bic, isBank, BANK, fail);
    return [deferral(scenario, bic), ...withdrawnLines(scenario, bic)];
  },
  /** It sends nothing, and the others go on paying it. */
  counterparty(scenario, bic, fail) {
    refuseOther(scenario, bic, isBank, BANK, fail);
    return [outage(scenario, bic, '')];
  },
  /** The others defer what they would pay it, so that the bank that holds its deposits receives less. */
  customer(scenario, bic, fail) {
    refuseOther(scenario, bic, ({ role }) => role === 'customer', 'a customer with deposits', fail);
    return [deferral(scenario, bic)];
  },
};
const isBank = ({ role }: Participant) => role !== 'customer';
const BANK = 'a bank or dealer with accounts';
/** Of the names that there are, where none is like the one given. */
const NAMED_MAX = 8;

const EXPECTED =
  'none, own=BIC, counterparty=BIC, customer=BIC or market=PERCENT, such as own=BANKDE00 or market=40';

/**
 * @param scenario as it is without the stress
 * @param text `none`: the scenario as it is
 * @param fail is told what was expected in place of the text
 */
export function stressOverrides(scenario: Scenario, text: string, fail: Refuse): string[] {
  if (text === 'none') return [];
  const [, kind = '', value = ''] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  if (kind === 'market') return marketStress(scenario, value, fail);
  const overrides = Object.hasOwn(OF_PARTICIPANT, kind) ? OF_PARTICIPANT[kind] : undefined;
  return overrides ? overrides(scenario, value, fail) : fail(EXPECTED);
}

/**
 * The overrides of a run, with those of its stress scenarios behind them, each of the scenario as it is then.
 * @throws ScenarioError
 */
export function stressedSet(
  file: string,
  stress: readonly string[],
  options: Pick<LoadOptions, 'readFile' | 'seed'> & { readonly set: readonly string[] },
): readonly string[] {
  let { set } = options;
  for (const text of stress) {
    const scenario = loadScenario(file, { ...options, set });
    const fail: Refuse = (expected) => {
      throw new ScenarioError(`--stress ${text}: expected ${expected}`);
    };
    set = [...set, ...stressOverrides(scenario, text, fail)];
  }
  return set;
}

function refuseOther(
  { participants }: Scenario,
  bic: string,
  is: (participant: Participant) => boolean,
  expected: string,
  fail: Refuse,
): void {
  const known = participants.filter((one) => one.accounts.length > 0 && is(one));
  const names = known.map((one) => one.bic as string);
  if (names.length === 0) fail(`a scenario with ${expected}: this one has none`);
  if (names.includes(bic)) return;
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  fail(
    `${expected}${didYouMean(bic, names) || `: ${names.slice(0, NAMED_MAX).join(', ')}${more}`}`,
  );
}

const deferral = (scenario: Scenario, bic: string) =>
  outage(scenario, bic, ', sends: true, othersStopPayingAfterSeconds: 0');

/** From the first opening of the first date on, for good. */
function outage({ document, businessDates, currencies }: Scenario, bic: string, more: string) {
  const opensMs = Math.min(...currencies.flatMap(({ hours }) => hours[0]?.opensMs ?? []));
  const from = dayTimeText(businessDates[0] as string, opensMs, document.zone);
  return `events.outages.+={ participant: ${bic}, from: "${from}"${more} }`;
}

/** At the opening, and as events would set them. Collateral stays. */
function withdrawnLines({ document: { participants, events } }: Scenario, bic: string): string[] {
  const accounts = participants.find((one) => one.bic === bic)?.accounts ?? {};
  return [
    ...Object.entries(accounts).flatMap(([code, { creditLine }]) =>
      /^[0.]*$/.test(creditLine) ? [] : [`participants.${bic}.accounts.${code}.creditLine="0"`],
    ),
    ...events.creditLines.flatMap(({ participant }, index) =>
      participant === bic ? [`events.creditLines.${index}.amount="0"`] : [],
    ),
  ];
}

/** All collateral in money's accounts is worth so many percent less. */
function marketStress(scenario: Scenario, percent: string, fail: Refuse): string[] {
  if (!/^\d{1,3}(\.\d{1,4})?$/.test(percent) || Number(percent) <= 0 || Number(percent) > 100)
    fail('market=PERCENT, a decimal above 0 and up to 100, such as market=40');
  const left = new Exact(100).sub(percent).div(100).toString();
  const overrides = collateralOverrides(scenario, left);
  return overrides.length > 0 ? overrides : fail('a scenario with collateral: this one has none');
}
