/** How a scenario settles, in words. */

import type { CycleMechanism } from '../../../core/records.ts';
import type { CurrencyRules } from '../../../protocol/control-record.ts';
import { isoReason } from '../../../protocol/reasons.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { countText } from '../format.ts';

const QUEUE_RULES: Readonly<Record<CurrencyRules['queueRule'], string>> = {
  fifo: 'strict FIFO by priority',
  'bypass-fifo': 'FIFO by priority; a normal payment that fits passes one that does not',
};
const CYCLES: Readonly<Record<CycleMechanism, string>> = {
  none: 'off',
  gridlockResolution: 'gridlock resolution (the largest set in order)',
  allOrNothing: 'all or nothing',
  partial: 'partial optimisation',
  multiple: 'multiple optimisation',
  bankClearing: 'bank clearing (without order, a heuristic)',
  deferredNet: 'net settlement of what was accepted',
};
const AT_CLOSE: Readonly<Record<CurrencyRules['atClose'], string>> = {
  cancel: `cancelled (${isoReason('cancelledAtClose')?.code})`,
  'carry-over': 'carried over to the next opening',
};
const ON_DEFAULT: Readonly<Record<CurrencyRules['defaultRule'], string>> = {
  unwind: "the defaulter's payments are unwound",
  shareLoss: 'the others share the loss',
};

export function settlementFacts({ settlement, currencies }: Scenario): [string, string][] {
  /** A rule in words; where currencies differ, each word with its currencies. */
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
  const nets = settlement.rules.some(({ cycleMechanism }) => cycleMechanism === 'deferredNet');
  return [
    ['Mechanism', each(mechanismText)],
    ['Queue', each(({ queueRule }) => QUEUE_RULES[queueRule])],
    ['Offsetting', each(offsettingText)],
    [
      'Cycles',
      `${each((rules) => CYCLES[rules.cycleMechanism])}${timesText(settlement.cycleEveryMs)}`,
    ],
    ['Queued at close', each(({ atClose }) => AT_CLOSE[atClose])],
    ...(nets
      ? [['On a default', each(({ defaultRule }) => ON_DEFAULT[defaultRule])] as [string, string]]
      : []),
  ];
}

function mechanismText({ cycleMechanism, deferredNetClasses }: CurrencyRules): string {
  if (cycleMechanism !== 'deferredNet')
    return 'real-time gross settlement (RTGS), payment versus payment';
  return deferredNetClasses === 'all'
    ? 'deferred net settlement (DNS)'
    : 'hybrid: urgent and high payments gross, normal ones net';
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

const timesText = (everyMs: number): string =>
  everyMs === 0 ? '' : `, every ${countText(everyMs / 1000)} s, and once more before each close`;
