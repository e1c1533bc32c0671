import type { ScenarioTable } from '../../metrics/store-rows.ts';
import { scenarioEventRow } from '../../metrics/telemetry-rows.ts';
import { isoReason } from '../../protocol/names/iso-reasons.ts';
import { amountText } from '../../protocol/names/minor-units.ts';
import type { ScenarioEvent } from '../../protocol/records/telemetry.ts';
import { referenceRate } from '../../scenario/rates-and-rounding.ts';
import type { LiquidityEvent, Scenario } from '../../scenario/scenario.ts';
import type { LiquidityChange } from './run-books.ts';
import { runName } from './run-name-in-store.ts';
import type { Summary } from './summary.ts';

/** Rows of `runs`, `currencies`, `participants`, `reference_rates` and `scenario_events`. */
export function scenarioTables(
  scenario: Scenario,
  summary: Summary,
  changes: readonly LiquidityChange[],
) {
  const run = runName(scenario);
  return {
    runs: [
      {
        run,
        scenario: scenario.name,
        seed: scenario.seed,
        version: summary.version,
        pools: scenario.pools.map(({ name }) => name),
        events_hash: summary.eventsHash,
        summary: JSON.stringify(summary),
      },
    ],
    currencies: scenario.currencies.map(({ code, minorUnits, pool }) => ({
      run,
      pool: scenario.pools[pool]?.name,
      currency: code,
      minor_units: minorUnits,
    })),
    participants: scenario.participants.map(({ bic, name, role }) => ({ run, bic, name, role })),
    reference_rates: referenceRates(scenario).map((rate) => ({ run, ...rate })),
    scenario_events: scenarioEvents(scenario, changes).map((event) => scenarioEventRow(run, event)),
  } satisfies Record<ScenarioTable, object[]>;
}

/** The scenario's mid rate of every pair of its currencies that its rates cover. */
export function referenceRates(scenario: Scenario) {
  const { rates } = scenario.document;
  if (!rates) return [];
  const codes = scenario.currencies.map(({ code }) => code);
  return codes.flatMap((currency) =>
    codes.flatMap((currency2) => {
      if (currency === currency2) return [];
      const rate = referenceRate(rates, currency, currency2);
      if (typeof rate === 'string') return [];
      const { source, date } = rates;
      return [{ currency, currency2, rate: Number(rate.toString()), source, date }];
    }),
  );
}

/** @param changes as they came out, or where nothing has come out yet as they are planned */
export function scenarioEvents(
  scenario: Scenario,
  changes: readonly (LiquidityChange | LiquidityEvent)[],
): ScenarioEvent[] {
  const bic = (participant: number) => scenario.participants[participant]?.bic ?? '';
  const spans = scenario.currencies.flatMap(({ hours }) => hours.flatMap((open) => open ?? []));
  const startsMs = Math.min(...spans.map(({ opensMs }) => opensMs));
  const endsMs = Math.max(...spans.map(({ closesMs }) => closesMs));
  const row = (
    kind: string,
    participant: number,
    fromMs: number,
    untilMs: number,
    text: string,
  ) => ({ kind, participant: bic(participant), fromMs, untilMs, text });
  const allDay = <Rule extends { participant: number; every: number }>(
    kind: string,
    rules: readonly Rule[],
    text: (bank: string, nth: string, rule: Rule) => string,
  ) =>
    rules.map((rule) => {
      const { participant, every } = rule;
      return row(kind, participant, startsMs, endsMs, text(bic(participant), `${every}th`, rule));
    });
  const { corruptSignatures, repeatMessages, cancellations, returns, reorderings } = scenario;
  return [
    ...scenario.outages.flatMap(({ participant, fromMs, untilMs, reaction, sends, isSilent }) => {
      if (isSilent) return [];
      const [bank, endMs] = [bic(participant), untilMs ?? endsMs];
      const outage = row('outage', participant, fromMs, endMs, `${bank} cannot send`);
      const stops = 'the others send no payments to';
      return [
        ...(sends ? [] : [outage]),
        ...(reaction === null
          ? []
          : [row('reaction', participant, reaction.fromMs, endMs, `${stops} ${bank}`)]),
      ];
    }),
    ...allDay('corruptSignatures', corruptSignatures, (bank, nth) => {
      return `every ${nth} payment of ${bank} has a corrupted signature`;
    }),
    ...allDay('repeatMessages', repeatMessages, (bank, nth) => {
      return `every ${nth} payment of ${bank} is sent twice`;
    }),
    ...allDay('cancellations', cancellations, (bank, nth) => {
      return `${bank} asks to cancel every ${nth} of its payments`;
    }),
    ...allDay('returns', returns, (bank, nth, { percent }) => {
      return `every ${nth} payment of ${bank} is returned, ${percent} % of it`;
    }),
    ...allDay('reorderings', reorderings, (bank, nth, { priority, move }) => {
      return `${bank} moves every ${nth} of its payments to the ${move} of ${priority}`;
    }),
    ...scenario.requestEvents.flatMap((event) =>
      event.atMs > startsMs
        ? [row(event.kind, event.participant, event.atMs, event.atMs, requestText(scenario, event))]
        : [],
    ),
    ...scenario.defaults.map(({ participant, currency, atMs }) => {
      const where = currency === null ? '' : ` in ${scenario.currencies[currency]?.code}`;
      return row('default', participant, atMs, atMs, `${bic(participant)} defaults${where}`);
    }),
    ...changes.map((change) => {
      const { kind, participant, currency, amountMinor, atMs } = change;
      const outcome = 'outcome' in change ? change.outcome : 'done';
      const { code, minorUnits } = scenario.currencies[currency] ?? { code: '', minorUnits: 0 };
      const refused = outcome === 'done' ? '' : `, refused: ${isoReason(outcome)?.text}`;
      const amount = `${code} ${amountText(amountMinor, minorUnits)}`;
      return row(kind, participant, atMs, atMs, `${kind} ${bic(participant)} ${amount}${refused}`);
    }),
  ];
}

/** A limit or a reservation that its bank asks for. */
function requestText(
  { currencies, participants }: Scenario,
  event: Scenario['requestEvents'][number],
): string {
  const bic = participants[event.participant]?.bic ?? '';
  const { code, minorUnits } = currencies[event.currency] ?? { code: '', minorUnits: 0 };
  if (event.kind === 'reservation')
    return `${bic} reserves ${code} ${amountText(event.amountMinor, minorUnits)} for ${event.priority} payments`;
  const { counterparty, limitMinor } = event;
  const against = counterparty === null ? 'all others' : participants[counterparty]?.bic;
  if (limitMinor === null) return `${bic} takes away its limit against ${against} in ${code}`;
  return `${bic} sets a limit of ${code} ${amountText(limitMinor, minorUnits)} against ${against}`;
}
