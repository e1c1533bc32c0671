import { type DelayedPayment, DelaySums } from '../../services/report/figures/delay-indicators.ts';

export function delaysOf(payments: Iterable<DelayedPayment>): DelaySums {
  const sums = new DelaySums();
  for (const payment of payments) sums.add(payment);
  return sums;
}
