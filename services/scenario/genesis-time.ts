import { listedMs } from './payment-list.ts';
import type { Scenario } from './scenario.ts';

/** The calendar's part of a scenario that tells when it begins. */
type Calendar = Pick<Scenario, 'currencies' | 'listedPayments'>;

/** Instant of the first records: an hour before anything opens. */
export function genesisTimeMs({ currencies, listedPayments }: Calendar): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { hours } of currencies)
    for (const open of hours) if (open) firstMs = Math.min(firstMs, open.opensMs);
  for (let line = 0; line < listedPayments.length; line++)
    firstMs = Math.min(firstMs, listedMs(listedPayments, line));
  return firstMs - 3_600_000;
}

/** From the first records to what participants set for the whole run. */
const STANDING_ORDERS_MS = 60_000;

/** When participants send what they set for the whole run: after genesis, before the first opening. */
export const standingOrdersAtMs = (calendar: Calendar): number =>
  genesisTimeMs(calendar) + STANDING_ORDERS_MS;

/** Of a scenario whose messages were recorded under other hours: before the first of them too. */
export const genesisBeforeMs = (calendar: Calendar, firstSentMs: number): number =>
  Math.min(genesisTimeMs(calendar), firstSentMs - STANDING_ORDERS_MS);
