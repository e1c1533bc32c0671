/** Events of a checked document: outages, corruption, repeats and changes of liquidity. */
import type { Directory } from './resolve.ts';
import type { LiquidityEvent, Outage, Scenario } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';

type Events = Pick<
  Scenario,
  'outages' | 'corruptSignatures' | 'repeatMessages' | 'liquidityEvents'
>;

export function resolveEvents(
  { events, settlement }: ScenarioDocument,
  directory: Directory,
): Events {
  const participantAt = (list: string, index: number, bic: string) =>
    directory.participant(['events', list, index, 'participant'], bic);
  return {
    outages: events.outages.map((event, index): Outage => {
      const path = ['events', 'outages', index];
      const participant = participantAt('outages', index, event.participant);
      const dateIndex = directory.dateIndex([...path, 'date'], event.date);
      const fromMs = directory.momentMs([...path, 'from'], dateIndex, event.from);
      if (event.until === undefined) return { participant, fromMs, untilMs: null };
      const untilMs = directory.momentMs([...path, 'until'], dateIndex, event.until);
      if (untilMs <= fromMs)
        directory.fail([...path, 'until'], `a time after from, ${event.from}`, event.until);
      return { participant, fromMs, untilMs };
    }),
    corruptSignatures: events.corruptSignatures.map((event, index) => ({
      participant: participantAt('corruptSignatures', index, event.participant),
      every: event.every,
    })),
    repeatMessages: events.repeatMessages.map((event, index) => {
      const afterMs = event.afterSeconds * 1000;
      const most = repeatMostMs(directory, settlement.identityDays);
      if (afterMs > most)
        directory.fail(
          ['events', 'repeatMessages', index, 'afterSeconds'],
          `at most ${Math.floor(most / 1000)}: ${settlement.identityDays} identityDays later its first sending is forgotten`,
          event.afterSeconds,
        );
      return {
        participant: participantAt('repeatMessages', index, event.participant),
        every: event.every,
        afterMs,
      };
    }),
    liquidityEvents: [
      ...liquidityEvents(events.creditLines, 'creditLines', 'creditLine', directory),
      ...liquidityEvents(events.issues, 'issues', 'issue', directory),
      ...liquidityEvents(events.redemptions, 'redemptions', 'redeem', directory),
    ],
  };
}

function liquidityEvents(
  events: ScenarioDocument['events']['issues'],
  list: string,
  kind: LiquidityEvent['kind'],
  directory: Directory,
): LiquidityEvent[] {
  return events.map((event, index) => {
    const path = ['events', list, index];
    const participant = directory.participant([...path, 'participant'], event.participant);
    const currency = directory.currency([...path, 'currency'], event.currency);
    directory.needAccount([...path, 'participant'], participant, currency);
    const amountMinor = directory.amount([...path, 'amount'], event.amount, currency);
    if (amountMinor === 0n && kind !== 'creditLine')
      directory.fail([...path, 'amount'], 'an amount above 0', event.amount);
    const dateIndex = directory.dateIndex([...path, 'date'], event.date);
    const atMs = directory.momentMs([...path, 'at'], dateIndex, event.at);
    return { kind, atMs, participant, currency, amountMinor };
  });
}

/**
 * How long after its first sending a message is still known, at least: an identity of business date
 * B is forgotten by the first close on a date at or after B + identityDays.
 */
function repeatMostMs(directory: Directory, identityDays: number): number {
  const dates = directory.businessDates.map((date) => Date.parse(`${date}T00:00:00Z`));
  const closes = dates.map((_, index) =>
    directory.currencies.flatMap(({ hours }) => hours[index]?.closesMs ?? []),
  );
  const gaps = dates.flatMap((date, index) => {
    const forgets = dates.findIndex((later) => later >= date + identityDays * 86_400_000);
    const first = forgets < 0 ? [] : (closes[forgets] ?? []);
    const last = closes[index] ?? [];
    return first.length > 0 && last.length > 0 ? [Math.min(...first) - Math.max(...last) - 1] : [];
  });
  return Math.min(...gaps, Number.MAX_SAFE_INTEGER);
}
