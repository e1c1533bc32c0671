/** Events of a checked document: what goes wrong, what is asked for, and changes of liquidity. */

import type { LookUps } from './look-ups.ts';
import { optionalCurrency, resolveCycles } from './resolve-settlement.ts';
import type {
  DefaultEvent,
  LimitEvent,
  LiquidityEvent,
  Outage,
  OutageReaction,
  ReservationEvent,
  RevocationEvent,
  Scenario,
  ScenarioDeposits,
} from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

type Events = Pick<
  Scenario,
  | 'outages'
  | 'corruptSignatures'
  | 'repeatMessages'
  | 'cancellations'
  | 'returns'
  | 'reorderings'
  | 'liquidityEvents'
  | 'requestEvents'
  | 'defaults'
  | 'revocations'
  | 'cycles'
>;
type EventLists = ScenarioDocument['events'];

/** @param standing limits and reservations from the beginning of the run */
export function resolveEvents(
  document: ScenarioDocument,
  directory: LookUps,
  standing: readonly (LimitEvent | ReservationEvent)[],
  deposits: readonly ScenarioDeposits[],
): Events {
  const { events, settlement } = document;
  const participantAt = (list: string, index: number, bic: string) =>
    directory.participant(['events', list, index, 'participant'], bic);
  return {
    outages: events.outages.map((event, index): Outage => {
      const path = ['events', 'outages', index];
      const participant = participantAt('outages', index, event.participant);
      const dateIndex = directory.dateIndex([...path, 'date'], event.date);
      const fromMs = directory.momentMs([...path, 'from'], dateIndex, event.from);
      const { until } = event;
      const untilMs =
        until === undefined ? null : directory.momentMs([...path, 'until'], dateIndex, until);
      if (untilMs !== null && untilMs <= fromMs)
        directory.fail([...path, 'until'], `a time after from, ${event.from}`, until);
      return {
        ...{ participant, fromMs, untilMs },
        ...customersOf(participant, deposits),
        ...(event.sends && { sends: event.sends }),
        reaction: reactionTo(event, path, { fromMs, untilMs }, directory),
      };
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
    cancellations: events.cancellations.map((event, index) => ({
      participant: participantAt('cancellations', index, event.participant),
      every: event.every,
      afterMs: event.afterSeconds * 1000,
    })),
    returns: events.returns.map((event, index) => ({
      participant: participantAt('returns', index, event.participant),
      every: event.every,
      afterMs: event.afterSeconds * 1000,
      percent: event.percent,
    })),
    reorderings: events.reorderings.map((event, index) => ({
      participant: participantAt('reorderings', index, event.participant),
      every: event.every,
      afterMs: event.afterSeconds * 1000,
      priority: event.priority,
      move: event.first ? 'front' : 'end',
    })),
    liquidityEvents: liquidityEvents(events, directory),
    requestEvents: [...standing, ...limits(events, directory), ...reservations(events, directory)],
    defaults: defaults(events, directory),
    revocations: revocations(events, directory),
    cycles: resolveCycles(document, directory),
  };
}

/** A bank that cannot send cannot for its customers with deposits. */
export function customersOf(
  bank: number,
  deposits: readonly ScenarioDeposits[],
): Pick<Outage, 'customers'> {
  const customers = deposits.flatMap((one) => (one.bank === bank ? one.customers : []));
  return customers.length === 0 ? {} : { customers: new Set(customers) };
}

function reactionTo(
  { othersStopPayingAfterSeconds: afterSeconds, queuedToIt, sends }: EventLists['outages'][number],
  path: Path,
  { fromMs, untilMs }: Pick<Outage, 'fromMs' | 'untilMs'>,
  directory: LookUps,
): OutageReaction | null {
  const cancelsQueued = queuedToIt === 'cancelled';
  if (afterSeconds === undefined) {
    if (sends)
      directory.fail(
        [...path, 'sends'],
        'othersStopPayingAfterSeconds beside it, as nothing else happens',
        sends,
      );
    if (cancelsQueued)
      directory.fail(
        [...path, 'queuedToIt'],
        'left, or othersStopPayingAfterSeconds beside it',
        queuedToIt,
      );
    return null;
  }
  const reactionMs = fromMs + afterSeconds * 1000;
  if (untilMs !== null && reactionMs >= untilMs)
    directory.fail(
      [...path, 'othersStopPayingAfterSeconds'],
      `less than the outage takes, ${(untilMs - fromMs) / 1000} s`,
      afterSeconds,
    );
  return { fromMs: reactionMs, cancelsQueued };
}

/** The account and the moment of an event. */
function accountMoment(
  directory: LookUps,
  path: Path,
  event: { participant: string; currency: string; date?: string; at: string },
) {
  const participant = directory.participant([...path, 'participant'], event.participant);
  const currency = directory.currency([...path, 'currency'], event.currency);
  directory.needAccount([...path, 'participant'], participant, currency);
  const dateIndex = directory.dateIndex([...path, 'date'], event.date);
  const atMs = directory.momentMs([...path, 'at'], dateIndex, event.at);
  return { participant, currency, atMs };
}

const KINDS = {
  creditLines: 'creditLine',
  collaterals: 'collateral',
  issues: 'issue',
  redemptions: 'redeem',
} as const;

function liquidityEvents(events: EventLists, directory: LookUps): LiquidityEvent[] {
  return (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((list) =>
    events[list].map((event, index) => {
      const path = ['events', list, index];
      const kind = KINDS[list];
      const moment = accountMoment(directory, path, event);
      const amountMinor = directory.amount([...path, 'amount'], event.amount, moment.currency);
      if (amountMinor === 0n && (kind === 'issue' || kind === 'redeem'))
        directory.fail([...path, 'amount'], 'an amount above 0', event.amount);
      const haircutBasisPoints = 'haircutBasisPoints' in event ? event.haircutBasisPoints : 0;
      return { kind, ...moment, amountMinor, haircutBasisPoints };
    }),
  );
}

function limits(events: EventLists, directory: LookUps): LimitEvent[] {
  return events.limits.map((event, index) => {
    const path = ['events', 'limits', index];
    const moment = accountMoment(directory, path, event);
    const { counterparty: bic, amount } = event;
    const counterparty =
      bic === undefined ? null : directory.participant([...path, 'counterparty'], bic);
    if (counterparty === moment.participant)
      directory.fail([...path, 'counterparty'], 'another participant', bic);
    const limitMinor =
      amount === undefined ? null : directory.amount([...path, 'amount'], amount, moment.currency);
    return { kind: 'limit', ...moment, counterparty, limitMinor };
  });
}

function reservations(events: EventLists, directory: LookUps): ReservationEvent[] {
  return events.reservations.map((event, index) => {
    const path = ['events', 'reservations', index];
    const moment = accountMoment(directory, path, event);
    const amountMinor = directory.amount([...path, 'amount'], event.amount, moment.currency);
    return { kind: 'reservation', ...moment, priority: event.priority, amountMinor };
  });
}

function defaults(events: EventLists, directory: LookUps): DefaultEvent[] {
  return events.defaults.map((event, index) => {
    const path = ['events', 'defaults', index];
    const participant = directory.participant([...path, 'participant'], event.participant);
    const dateIndex = directory.dateIndex([...path, 'date'], event.date);
    const atMs = directory.momentMs([...path, 'at'], dateIndex, event.at);
    const currency = optionalCurrency(directory, path, event.currency);
    return { kind: 'default', atMs, participant, currency };
  });
}

function revocations(
  { revocations: listed = [] }: EventLists,
  directory: LookUps,
): RevocationEvent[] {
  const revoked = new Set<number>();
  return listed.map((event, index) => {
    const path = ['events', 'revocations', index];
    const participant = directory.participant([...path, 'participant'], event.participant);
    if (revoked.has(participant))
      directory.fail(
        [...path, 'participant'],
        'each participant once: it has one key',
        event.participant,
      );
    revoked.add(participant);
    const dateIndex = directory.dateIndex([...path, 'date'], event.date);
    return {
      kind: 'revocation',
      atMs: directory.momentMs([...path, 'at'], dateIndex, event.at),
      participant,
    };
  });
}

/**
 * How long after its first sending a message is still known, at least: an identity of business date
 * B is forgotten by the first close on a date at or after B + identityDays.
 */
function repeatMostMs(directory: LookUps, identityDays: number): number {
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
