/**
 * Everything at once, as after an outage: as many clients as VUS send what they have as fast as they
 * are answered. The gateway may say "try later"; in the end every payment is accepted and settled.
 */
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { number, paymentAt, prepare, readBack, send } from './send-and-check.ts';
import { allSettle } from './what-fails-a-run.ts';

const PAYMENTS = number('PAYMENTS', 20_000);
const VUS = Math.min(number('VUS', 200), PAYMENTS);
/** How long payments are sent, and read back; what is not begun by then fails the run. */
const MAX_SECONDS = number('MAX_SECONDS', 240);
/** When reading back begins; what is not sent by then is waited for. */
const READ_AFTER = number('READ_AFTER', 10);
const FINALITY_SECONDS = number('FINALITY_SECONDS', 120);

export const options: Options = {
  scenarios: {
    sending: {
      executor: 'shared-iterations',
      exec: 'sending',
      vus: VUS,
      iterations: PAYMENTS,
      maxDuration: `${MAX_SECONDS}s`,
    },
    reading: {
      executor: 'shared-iterations',
      exec: 'reading',
      vus: Math.max(1, Math.ceil(VUS / 4)),
      iterations: PAYMENTS,
      startTime: `${READ_AFTER}s`,
      maxDuration: `${MAX_SECONDS}s`,
    },
  },
  thresholds: allSettle(PAYMENTS),
};

export function setup(): void {
  prepare(PAYMENTS, 0);
}

export function sending(): void {
  send(paymentAt(exec.scenario.iterationInTest));
}

export function reading(): void {
  readBack(paymentAt(exec.scenario.iterationInTest), FINALITY_SECONDS);
}
