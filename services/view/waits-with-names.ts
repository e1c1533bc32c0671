import type { Shortage } from '../analysis/queues/queue-set.ts';
import { bicOf, currencyOf, type Directory } from '../protocol/names/handles-to-names.ts';
import type { ViewRelease, ViewWait, WaitShortage } from './told-to-page.ts';
import type { Held } from './why-waiting.ts';

export function shortageOf(directory: Directory, shortage: Shortage): WaitShortage {
  const { by, participant, currency, counterparty, amount } = shortage;
  return {
    by,
    bic: bicOf(directory, participant),
    currency: currencyOf(directory, currency),
    counterparty: counterparty === null ? null : bicOf(directory, counterparty),
    amountMinor: String(amount),
  };
}

export const viewWait = (
  directory: Directory,
  held: Held,
  release: ViewRelease | null,
): ViewWait => ({
  kind: held.kind,
  shortages: held.shortages.map((shortage) => shortageOf(directory, shortage)),
  behind: held.behind && {
    bic: bicOf(directory, held.behind.participant),
    currency: currencyOf(directory, held.behind.currency),
  },
  release,
  incoming: held.incoming,
  incomingMinor: String(held.incomingValue),
  isWhole: held.isWhole,
});
