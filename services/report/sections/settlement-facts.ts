/** How a scenario settles, in words. */

import type { CycleMechanism, DeferredNetClasses } from '../../core/settlement/records.ts';
import { isoReason } from '../../protocol/names/iso-reasons.ts';
import { mechanismWords } from '../../protocol/names/vocabulary.ts';
import type { CurrencyRules } from '../../protocol/records/control-record.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { OBSERVED } from '../figures/summary.ts';
import { countText } from '../format.ts';

const QUEUE_RULES: Readonly<Record<CurrencyRules['queueRule'], string>> = {
  fifo: 'strict FIFO by priority',
  'bypass-fifo': 'FIFO by priority; a normal payment that fits passes one that does not',
};
const CYCLES: Readonly<Record<CycleMechanism, string>> = {
  none: 'off',
  gridlockResolution: `${mechanismWords('gridlockResolution')} (the largest set in order)`,
  allOrNothing: mechanismWords('allOrNothing'),
  partial: mechanismWords('partial'),
  multiple: mechanismWords('multiple'),
  bankClearing: `${mechanismWords('bankClearing')} (without order, a heuristic)`,
  deferredNet: `${mechanismWords('deferredNet')} of what was accepted`,
  proposed: 'what a mechanism of its own proposes (without order)',
};
const AT_CLOSE: Readonly<Record<CurrencyRules['atClose'], string>> = {
  cancel: `cancelled (${isoReason('cancelledAtClose')?.code})`,
  'carry-over': 'carried over to the next opening',
};
const ON_DEFAULT: Readonly<Record<CurrencyRules['defaultRule'], string>> = {
  unwind: "the defaulter's payments are unwound",
  shareLoss: 'the others share the loss',
};

/** Rules that hold of every currency as the scenario has them; a rule in words, and its name. */
const RULES: readonly [string, (rules: CurrencyRules) => string][] = [
  ['Mechanism', mechanismText],
  ['Queue', ({ queueRule }) => QUEUE_RULES[queueRule]],
  ['Offsetting', offsettingText],
  ['Cycles', ({ cycleMechanism }) => CYCLES[cycleMechanism]],
  ['Queued at close', ({ atClose }) => AT_CLOSE[atClose]],
];

const nets = ({ cycleMechanism }: CurrencyRules) => cycleMechanism === 'deferredNet';

/** Of all currencies; where they differ, each rule with its currencies. */
export function settlementFacts(scenario: Scenario): [string, string][] {
  const { settlement, currencies, observedMs } = scenario;
  if (observedMs !== undefined) return [['Settlement', OBSERVED]];
  const each = (words: (rules: CurrencyRules) => string): string => {
    const codes = new Map<string, string[]>();
    for (const [number, rules] of settlement.rules.entries()) {
      const word = words(rules);
      codes.set(word, [...(codes.get(word) ?? []), currencies[number]?.code ?? '']);
    }
    const lines = [...codes];
    if (lines.length === 1) return lines[0]?.[0] as string;
    return lines.map(([word, which]) => `${which.join(', ')}: ${word}`).join('; ');
  };
  return [
    ...RULES.map(([name, words]): [string, string] => [
      name,
      name === 'Cycles' ? `${each(words)}${timesText(scenario, null)}` : each(words),
    ]),
    ...(settlement.rules.some(nets)
      ? [['On a default', each(({ defaultRule }) => ON_DEFAULT[defaultRule])] as [string, string]]
      : []),
  ];
}

/** Of one currency. */
export function currencyRules(scenario: Scenario, currency: number): [string, string][] {
  const rules = scenario.settlement.rules[currency];
  // What settles as it was observed follows no rule that is known.
  if (!rules || scenario.observedMs !== undefined) return [];
  const times = timesText(scenario, scenario.currencies[currency]?.code ?? null);
  return [
    ...RULES.map(([name, words]): [string, string] => [
      name,
      name === 'Cycles' && rules.cycleMechanism !== 'none'
        ? `${words(rules)}${times}`
        : words(rules),
    ]),
    ...(nets(rules) ? [['On a default', ON_DEFAULT[rules.defaultRule]] as [string, string]] : []),
  ];
}

const HYBRID = 'hybrid: urgent and high payments gross, normal ones net';
const WITH_CHAINS = ', chains of one leg too';
const NETTED: Readonly<Record<DeferredNetClasses, string>> = {
  all: 'deferred net settlement (DNS)',
  normal: HYBRID,
  allWithChains: `deferred net settlement (DNS)${WITH_CHAINS}`,
  normalWithChains: `${HYBRID}${WITH_CHAINS}`,
};

function mechanismText({ cycleMechanism, deferredNetClasses }: CurrencyRules): string {
  if (cycleMechanism !== 'deferredNet')
    return 'real-time gross settlement (RTGS), payment versus payment';
  return NETTED[deferredNetClasses];
}

function offsettingText({
  entryOffsetting,
  bilateralOffsetting,
  offsettingMinimumMs,
}: CurrencyRules) {
  const after = offsettingMinimumMs > 0 ? ` after ${countText(offsettingMinimumMs / 1000)} s` : '';
  const parts = [
    ...(entryOffsetting ? ['at entry'] : []),
    ...(bilateralOffsetting ? [`bilateral${after}`] : []),
  ];
  return parts.join(', ') || 'off';
}

/** When cycles run: those of one currency, or what holds of all. */
function timesText({ settlement, document }: Scenario, code: string | null): string {
  const { cyclesAt, currencies } = document.settlement;
  const own = code === null ? undefined : currencies[code]?.cyclesAt;
  const zone = own ? document.currencies[code ?? '']?.zone : document.zone;
  const fixed = own ?? cyclesAt;
  const parts = [
    ...(settlement.cycleEveryMs > 0
      ? [`every ${countText(settlement.cycleEveryMs / 1000)} s`]
      : []),
    ...(fixed.length > 0 ? [`at ${fixed.join(', ')} ${zone}`] : []),
  ];
  return parts.length === 0 ? '' : `, ${parts.join(', ')}, and once more before each close`;
}
