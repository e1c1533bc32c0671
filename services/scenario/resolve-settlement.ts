/** How each currency settles, and when its cycles run. */
import { CONDITION_GROUPS_MAX } from '../protocol/messages/chain.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { CurrencyRules } from '../protocol/records/control-record.ts';
import { overfullRule } from '../protocol/records/pre-validation.ts';
import { instantMs } from './local-time-to-instant.ts';
import type { LookUps } from './look-ups.ts';
import type { CorridorLimit, CycleEvent, ScenarioSettlement } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { DEFAULT_CYCLE_SECONDS } from './schema-settlement-defaults.ts';

type SettlementDocument = ScenarioDocument['settlement'];
type Choice = Omit<SettlementDocument['currencies'][string], 'cyclesAt'>;

/** @param proposes whether a mechanism of one's own takes the place of the cycles of queues */
export function resolveSettlement(
  { settlement }: ScenarioDocument,
  directory: LookUps,
  proposes = false,
): ScenarioSettlement {
  for (const code of Object.keys(settlement.currencies))
    directory.currency(['settlement', 'currencies', code], code);
  const rules = directory.currencies.map(({ code }) =>
    rulesOf({ ...settlement, ...settlement.currencies[code] }, proposes),
  );
  const nets = rules.some(({ cycleMechanism }) => cycleMechanism === 'deferredNet');
  const everySeconds = settlement.cycleEverySeconds ?? (nets ? 0 : DEFAULT_CYCLE_SECONDS);
  const cycles = rules.some(({ cycleMechanism }) => cycleMechanism !== 'none');
  const preValidation = resolvePreValidation(settlement, directory);
  return {
    rules,
    common: rulesOf(settlement, proposes),
    cycleEveryMs: cycles ? everySeconds * 1000 : 0,
    pvpTimeoutMs: settlement.pvpTimeoutMinutes * 60_000,
    certificates: settlement.certificates,
    identityDays: settlement.identityDays,
    ...(settlement.recallDays !== undefined && { recallDays: settlement.recallDays }),
    preValidation,
    corridorLimits: resolveCorridorLimits(settlement, directory),
  };
}

function resolvePreValidation(
  { preValidation = [] }: SettlementDocument,
  directory: LookUps,
): ScenarioSettlement['preValidation'] {
  const path = ['settlement', 'preValidation'];
  const rules = preValidation.map((rule, place) => {
    const { creditorsBank, withinMinutes, desk, currency, ...countries } = rule;
    directory.participant([...path, place, 'desk'], desk);
    if (currency !== undefined) directory.currency([...path, place, 'currency'], currency);
    return {
      ...countries,
      ...(currency !== undefined && { currency }),
      ...{ desk: desk as Bic, creditorAgent: creditorsBank, withinMs: withinMinutes * 60_000 },
    };
  });
  const place = overfullRule(rules);
  if (place !== undefined)
    directory.fail(
      [...path, place, 'desk'],
      `at most ${CONDITION_GROUPS_MAX} desks and credited banks that have to accept one chain: with more none could settle`,
      rules[place]?.desk,
    );
  return rules;
}

function resolveCorridorLimits(
  { corridorLimits = [] }: SettlementDocument,
  directory: LookUps,
): CorridorLimit[] {
  const known = new Set<string>();
  return corridorLimits.map(({ from, to, currency: code, amount }, place) => {
    const path = ['settlement', 'corridorLimits', place];
    const currency = directory.currency([...path, 'currency'], code);
    const name = `${from} to ${to} in ${code}`;
    if (known.has(name)) directory.fail(path, 'each corridor once', name);
    known.add(name);
    const limitMinor = directory.amount([...path, 'amount'], amount, currency);
    return { from, to, currency, limitMinor };
  });
}

/** Whether cycles look at queues: without them nobody knows of gridlocks and deadlocks. */
export function cyclesLook({
  settlement,
  currencies,
  securities,
}: Pick<ScenarioDocument, 'settlement' | 'currencies' | 'securities'>): boolean {
  return [...Object.keys(currencies), ...Object.keys(securities)]
    .map((code) => rulesOf({ ...settlement, ...settlement.currencies[code] }).cycleMechanism)
    .some((mechanism) => mechanism !== 'none' && mechanism !== 'deferredNet');
}

function rulesOf(choice: Pick<SettlementDocument, keyof Choice>, proposes = false): CurrencyRules {
  const { mechanism, cycle, offsetting } = choice;
  const classes = mechanism === 'hybrid' ? 'normal' : 'all';
  const ofQueues = proposes ? 'proposed' : cycle === 'off' ? 'none' : cycle;
  return {
    queueRule: choice.queue,
    cycleMechanism: mechanism === 'rtgs' ? ofQueues : 'deferredNet',
    atClose: choice.atClose,
    entryOffsetting: offsetting.entry,
    bilateralOffsetting: offsetting.bilateral,
    offsettingMinimumMs: offsetting.afterSeconds * 1000,
    deferredNetClasses: choice.netsChains === true ? `${classes}WithChains` : classes,
    defaultRule: choice.onDefault === 'unwind' ? 'unwind' : 'shareLoss',
  };
}

/** The cycles at fixed times of each date, and the single ones of `events`, in order of time. */
export function resolveCycles(
  { settlement, events, currencies, securities }: ScenarioDocument,
  directory: LookUps,
): CycleEvent[] {
  const cycles = events.cycles.map((event, index): CycleEvent => {
    const path = ['events', 'cycles', index];
    const dateIndex = directory.dateIndex([...path, 'date'], event.date);
    const atMs = directory.momentMs([...path, 'at'], dateIndex, event.at);
    return { kind: 'cycle', atMs, currency: optionalCurrency(directory, path, event.currency) };
  });
  settlement.cyclesAt.forEach((time, index) => {
    for (const dateIndex of directory.businessDates.keys()) {
      const atMs = directory.momentMs(['settlement', 'cyclesAt', index], dateIndex, time);
      cycles.push({ kind: 'cycle', atMs, currency: null });
    }
  });
  for (const [code, choice] of Object.entries(settlement.currencies)) {
    const number = directory.currency(['settlement', 'currencies', code], code);
    const { zone } = (currencies[code] ?? securities[code]) as { zone: string };
    choice.cyclesAt?.forEach((time, index) => {
      const path = ['settlement', 'currencies', code, 'cyclesAt', index];
      directory.businessDates.forEach((date, dateIndex) => {
        const hours = directory.currencies[number]?.hours[dateIndex];
        if (!hours) return;
        const atMs = instantMs(date, time, zone);
        if (atMs < hours.opensMs || atMs > hours.closesMs)
          directory.fail(path, `a time while ${code} is open`, time);
        cycles.push({ kind: 'cycle', atMs, currency: number });
      });
    });
  }
  return cycles.sort((a, b) => a.atMs - b.atMs);
}

/** A currency's number; null where none is named. */
export function optionalCurrency(
  directory: LookUps,
  path: Path,
  code: string | undefined,
): number | null {
  return code === undefined ? null : directory.currency([...path, 'currency'], code);
}
