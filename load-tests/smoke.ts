/** A few payments, one after the other, each until it is final: does everything work at all? */
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { number, paymentAt, prepare, readBack, sendAndWait } from './send-and-check.ts';
import { allSettle, SMOKE_LATENCIES } from './what-fails-a-run.ts';

const PAYMENTS = number('PAYMENTS', 50);
const FINALITY_SECONDS = number('FINALITY_SECONDS', 30);

export const options: Options = {
  scenarios: {
    smoke: { executor: 'shared-iterations', vus: 1, iterations: PAYMENTS, maxDuration: '5m' },
  },
  thresholds: { ...allSettle(PAYMENTS), ...SMOKE_LATENCIES },
};

export function setup(): void {
  prepare(PAYMENTS, 0);
}

export default function smoke(): void {
  const payment = paymentAt(exec.scenario.iterationInTest);
  sendAndWait(payment, FINALITY_SECONDS);
  readBack(payment, 0);
}
