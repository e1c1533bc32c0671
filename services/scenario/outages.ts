// An outage is no action of its own: it delays what its bank would send, or keeps it. In which order leaves what it held
// back: payments-in-sending-order.ts for payments, timeline-and-same-instant-order.ts for the rest.

import type { Outage, OutageReaction, Scenario, ScenarioChain } from './scenario.ts';

type WithOutages = Pick<Scenario, 'outages'>;

/** Who pays whom. Of a payment in two currencies the dealer is paid too. */
interface Parties {
  readonly debtorAgent: number;
  readonly creditorAgent: number;
  readonly dealer: number | null;
}

const isPaid = ({ participant }: Outage, { creditorAgent, dealer }: Parties): boolean =>
  participant === creditorAgent || participant === dealer;

/** Whether what a participant sends leaves through the one that the outage is of. */
const isSender = ({ participant, customers }: Outage, sender: number): boolean =>
  participant === sender || customers?.has(sender) === true;

/**
 * When what a participant means to send at an instant leaves it: after its outages. null: never. So an
 * outage is no action of its own: it delays, or keeps, what its bank would send. Quotes (rates-and-rounding.ts) and
 * requests (planned-requests.ts, the other banks' cancellations too) ask here, payments below.
 */
export const sendingTimeMs = (
  { outages }: WithOutages,
  participant: number,
  atMs: number,
): number | null =>
  afterOutages(outages, atMs, (outage) =>
    isSender(outage, participant) && !outage.sends ? outage : null,
  );

/**
 * The same of a payment (payments-in-sending-order.ts), which also waits for the outages of those whom it pays, from when
 * the others stop paying them.
 */
export const paymentTimeMs = (
  { outages }: WithOutages,
  parties: Parties,
  atMs: number,
): number | null =>
  afterOutages(outages, atMs, (outage) => {
    if (isSender(outage, parties.debtorAgent)) return outage.sends ? null : outage;
    return isPaid(outage, parties) ? outage.reaction : null;
  });

/** When the first leg of a chain leaves its bank; null: none ever does. */
export function firstLegMs(
  scenario: WithOutages,
  { atMs, legs }: Pick<ScenarioChain, 'atMs' | 'legs'>,
): number | null {
  const sent = legs.flatMap(({ afterMs, debtorAgent, creditorAgent }) => {
    if (afterMs === null) return [];
    const parties = { debtorAgent, creditorAgent, dealer: null };
    return paymentTimeMs(scenario, parties, atMs + afterMs) ?? [];
  });
  return sent.length === 0 ? null : Math.min(...sent);
}

/** @param held from when an outage holds it back, until the outage ends; null: it does not */
function afterOutages(
  outages: readonly Outage[],
  atMs: number,
  held: (outage: Outage) => Outage | OutageReaction | null,
): number | null {
  let sentMs = atMs;
  for (;;) {
    const outage = outages.find((candidate) => {
      const from = held(candidate);
      return (
        from !== null &&
        sentMs >= from.fromMs &&
        (candidate.untilMs === null || sentMs < candidate.untilMs)
      );
    });
    if (outage === undefined) return sentMs;
    if (outage.untilMs === null) return null;
    sentMs = outage.untilMs;
  }
}

/**
 * When its bank asks to cancel a payment that left at an instant, as the others stop paying who is paid.
 * null: nobody asks.
 */
export function reactionCancelMs(
  { outages }: WithOutages,
  parties: Parties,
  sentMs: number,
): number | null {
  let askedMs: number | null = null;
  for (const outage of outages) {
    const { reaction } = outage;
    if (!reaction?.cancelsQueued || reaction.fromMs <= sentMs) continue;
    if (isSender(outage, parties.debtorAgent) || !isPaid(outage, parties)) continue;
    askedMs = Math.min(reaction.fromMs, askedMs ?? reaction.fromMs);
  }
  return askedMs;
}
