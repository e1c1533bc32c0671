/** Events of a checked document: outages, corruption, repeats and changes of liquidity. */
import type { Directory } from './resolve.ts';
import type { LiquidityEvent, Outage, Scenario } from './scenario.ts';
import type { ScenarioDocument } from './schema.ts';

type Events = Pick<
  Scenario,
  'outages' | 'corruptSignatures' | 'repeatMessages' | 'liquidityEvents'
>;

export function resolveEvents({ events }: ScenarioDocument, directory: Directory): Events {
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
    repeatMessages: events.repeatMessages.map((event, index) => ({
      participant: participantAt('repeatMessages', index, event.participant),
      every: event.every,
      afterMs: event.afterSeconds * 1000,
    })),
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
