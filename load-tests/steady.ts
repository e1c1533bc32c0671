/**
 * A constant arrival rate, whatever the answers: what a busy day looks like from outside. One in
 * WAIT_EVERY payments is waited for; every payment is read back LAG seconds after it was sent.
 */
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { number, paymentAt, prepare, readBack, send, sendAndWait } from './send-and-check.ts';
import { allSettle, STEADY_LATENCIES } from './what-fails-a-run.ts';

/** Payments a second, and for how long; prepare them with loadgen --rate RATE. */
const RATE = number('RATE', 200);
const SECONDS = number('SECONDS', 60);
const LAG = number('LAG', 5);
const WAIT_EVERY = number('WAIT_EVERY', 20);
const FINALITY_SECONDS = number('FINALITY_SECONDS', 30);
/** Of each scenario, to begin with. */
const VUS = number('VUS', Math.ceil(RATE / 4));
const PAYMENTS = Math.floor(RATE * SECONDS);
const arrivals = {
  executor: 'constant-arrival-rate',
  rate: RATE,
  timeUnit: '1s',
  // A second more, in which the iterations do nothing: at the very end k6 may begin one more or one
  // less than the rate says.
  duration: `${SECONDS + 1}s`,
  preAllocatedVUs: VUS,
  maxVUs: Math.max(VUS, RATE * 4),
} as const;

export const options: Options = {
  scenarios: {
    sending: { ...arrivals, exec: 'sending' },
    reading: { ...arrivals, exec: 'reading', startTime: `${LAG}s` },
  },
  thresholds: { ...allSettle(PAYMENTS), ...STEADY_LATENCIES },
};

export function setup(): void {
  prepare(PAYMENTS, SECONDS);
}

export function sending(): void {
  const index = exec.scenario.iterationInTest;
  if (index >= PAYMENTS) return;
  if (index % WAIT_EVERY === 0) sendAndWait(paymentAt(index), FINALITY_SECONDS);
  else send(paymentAt(index));
}

export function reading(): void {
  const index = exec.scenario.iterationInTest;
  if (index < PAYMENTS) readBack(paymentAt(index), FINALITY_SECONDS);
}
