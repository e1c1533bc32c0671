import type { Scenario } from './scenario.ts';

/**
 * When what a participant means to send at an instant leaves it: after its outages. null: never. So an
 * outage is no action of its own: it delays, or keeps, what its bank would send. Payments (traffic.ts),
 * quotes (rates.ts) and requests (planned-requests.ts) ask here, and timeline.ts orders what is left.
 */
export function sendingTimeMs(
  scenario: Pick<Scenario, 'outages'>,
  participant: number,
  atMs: number,
): number | null {
  let sentMs = atMs;
  for (;;) {
    const outage = scenario.outages.find(
      (candidate) =>
        candidate.participant === participant &&
        sentMs >= candidate.fromMs &&
        (candidate.untilMs === null || sentMs < candidate.untilMs),
    );
    if (outage === undefined) return sentMs;
    if (outage.untilMs === null) return null;
    sentMs = outage.untilMs;
  }
}
