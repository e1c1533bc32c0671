import { dateText, isoTime } from '../protocol/names/dates.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { reasonOf } from '../protocol/records/event-payment.ts';
import { isDeadlock } from './deadlock-and-what-would-release.ts';
import type { Explanation } from './explain-payment.ts';
import { describePayment, fateOf } from './fate-sentence.ts';
import type { TracedEvent } from './payment-trace.ts';
import type { ChainWait } from './what-a-chain-waits-for.ts';

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

function eventJson(event: TracedEvent, pool: Explanation['trace']['pool']) {
  const { number, timeMs, kind } = event;
  const reason = reasonOf(event);
  return {
    number,
    time: isoTime(timeMs),
    kind,
    reason: reason === 'none' ? null : reason,
    isoReason: isoReason(reason)?.code ?? null,
    mechanism: kind === 'settled' ? pool.mechanismOf(event) : null,
    cycle: (kind === 'settled' && event.cycle) || null,
    ...(kind === 'attested' && {
      attestor: pool.directory.bic(event.debtorAgent),
      verdict: event.verdict,
      words: event.words,
    }),
  };
}

/** An explanation for scripts: amounts in minor units, as strings; null stands for none. */
export function explanationJson({ trace, state, sentences }: Explanation) {
  const { amount, creditedAmount, ...described } = describePayment(trace);
  const hold = state?.hold ?? null;
  return {
    pool: trace.pool.name,
    position: trace.position,
    ...described,
    amountMinor: String(amount),
    creditedAmountMinor: String(creditedAmount),
    repeated: trace.events.length - fateOf(trace).length,
    events: fateOf(trace).map((event) => eventJson(event, trace.pool)),
    state: state && {
      event: state.event,
      time: isoTime(state.timeMs),
      standing: hold ? 'queued' : (state.wait?.kind ?? 'none'),
      hold: hold && {
        others: hold.others,
        shortages: hold.shortages,
        releases: hold.releases.map((r) => ({
          participant: r.participant,
          currency: r.currency,
          amountMinor: r.amount === null ? null : String(r.amount),
          beyondMinor: r.beyond === null ? null : String(r.beyond),
          isSmallest: r.isSmallest,
        })),
        isGridlock: hold.isGridlock,
        isDeadlock: isDeadlock(hold),
        couldSettle: hold.couldSettle,
        cycleSettles: hold.cycleSettles,
        cycleNets: hold.cycleNets,
        mechanisms: hold.mechanisms,
      },
      wait: waitJson(state.wait),
      least: leastJson(state.least),
      noLeast: typeof state.least === 'string' ? state.least : null,
      takers: takersJson(trace.pool.directory, state.takers),
    },
    sentences,
  };
}

function waitJson(wait: NonNullable<Explanation['state']>['wait']) {
  if (wait === null) return null;
  if (wait.kind === 'accepted') {
    const since = wait.inDefault.map(({ participant, sinceMs }) => ({
      ...{ participant, since: isoTime(sinceMs) },
    }));
    return { ...wait, inDefault: since };
  }
  if (wait.kind === 'incomplete') {
    const { kind, missing, agents, endsAtMs, closes } = wait;
    return { kind, missing, agents, endsAt: timeOrNull(endsAtMs), closes };
  }
  if (wait.kind === 'unmatched') {
    const { kind, endsAtMs, closes } = wait;
    return { kind, endsAt: timeOrNull(endsAtMs), closes };
  }
  if ('goesOn' in wait) return chainWaitJson(wait);
  if (wait.kind === 'closed') {
    const { carriedOverOn } = wait;
    return { ...wait, carriedOverOn: carriedOverOn === null ? null : dateText(carriedOverOn) };
  }
  return wait.kind === 'earliestTime' ? { kind: wait.kind, at: isoTime(wait.atMs) } : wait;
}

function chainWaitJson({ legs, deadlineMs, expiryMs, ...rest }: ChainWait) {
  return {
    ...rest,
    deadline: timeOrNull(deadlineMs),
    expiry: timeOrNull(expiryMs),
    legs: legs.map(({ amount, sinceMs, ...leg }) => ({
      ...leg,
      amountMinor: String(amount),
      since: timeOrNull(sinceMs),
    })),
  };
}

function leastJson(least: NonNullable<Explanation['state']>['least']) {
  if (least === null || typeof least === 'string') return null;
  const { injections, ...rest } = least;
  const money = injections.map(({ amount, ...i }) => ({ ...i, amountMinor: String(amount) }));
  return { ...rest, injections: money };
}

function takersJson(directory: Directory, takers: NonNullable<Explanation['state']>['takers']) {
  if (takers === null) return null;
  const taken = takers.taken.map(({ participant, currency, amount }) => ({
    participant: directory.bic(participant),
    currency: directory.currency(currency).currency,
    amountMinor: String(amount),
  }));
  return { payments: takers.payments, taken };
}
