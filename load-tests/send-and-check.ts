/**
 * What the load shapes share: prepared payments are sent, and what became of each is read back. They are
 * written and signed before by `corridor loadgen` (services/drive/loadgen.ts): k6 has no Ed25519. What fails a run:
 * what-fails-a-run.ts. How many a second, and for how long: burst.ts, smoke.ts, steady.ts.
 *
 * Accepted is not settled. `accepted` counts the payments that the log has (202, after being told
 * "try later" where that was the answer), `settled` those whose bank reads the final status ACSC. A
 * run that accepts everything and settles half of it fails. They are numbers that each script expects
 * in full, not shares: k6 gives a share of what was tried alone, and counts an iteration that throws,
 * or was never begun, in none. That nothing settles twice is looked for by tests/faults/nothing-lost-or-twice.ts.
 */
import { fail, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';

interface Head {
  readonly payments: number;
  readonly issuedFromMs: number;
  readonly issuedToMs: number;
}

interface Payment {
  readonly uetr: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly read: { readonly target: string; readonly headers: Record<string, string> };
}

const GATEWAY = __ENV.GATEWAY ?? 'http://127.0.0.1:8080';
const FILE = __ENV.FILE ?? 'payments.jsonl';
/** A message must reach the log, and a request the gateway, within this of its issue time. */
const WINDOW_MS = 300_000;
/** A 503 says "try later", a 429 "more slowly": so often it is. */
const LATER: readonly number[] = [429, 503];
const ATTEMPTS_MAX = 30;
const POLL_SECONDS = 0.1;

/** One copy for all VUs; an element is parsed when it is used. */
const lines = new SharedArray<string>('payments', () => open(FILE).trimEnd().split('\n'));
const head: Head = JSON.parse(lines[0] ?? '{}');
export const paymentCount = lines.length - 1;

export const accepted = new Counter('accepted');
export const settled = new Counter('settled');
/** Final, and not settled. */
export const refused = new Counter('refused');
export const triedLater = new Counter('tried_later');
export const acceptanceMs = new Trend('acceptance_ms', true);
/** From sending a payment to reading its final status: of those that are waited for. */
export const finalityMs = new Trend('finality_ms', true);

// Being told "try later" and "no status yet" is part of the interface, not a failure of a request.
http.setResponseCallback(http.expectedStatuses(200, 202, 404, ...LATER));

export const number = (name: string, fallback: number): number => {
  const value = Number(__ENV[name] ?? fallback);
  if (!Number.isFinite(value) || value <= 0) fail(`${name}=${__ENV[name]}: expected a number`);
  return value;
};

/** Refuses to begin a test that could only measure refusals. */
export function prepare(needed: number, seconds: number): void {
  if (head.payments !== paymentCount) fail(`${FILE}: torn, or not written by corridor loadgen`);
  if (needed > paymentCount)
    fail(`${FILE} holds ${paymentCount} payments and the test sends ${needed}: prepare more`);
  if (!('read' in paymentAt(0)))
    fail(
      `${FILE} was prepared without requests to read (loadgen --no-reads): nothing to read back`,
    );
  const now = Date.now();
  const plannedMs = head.issuedToMs - head.issuedFromMs;
  // Payment i is issued when a test that starts at issuedFromMs sends it.
  const drift = Math.abs(plannedMs - seconds * 1000);
  if (Math.abs(now - head.issuedFromMs) + drift > WINDOW_MS)
    fail(
      `${FILE} is for a test from ${new Date(head.issuedFromMs).toISOString()} over ${plannedMs / 1000} s; this one starts now and takes ${seconds} s: prepare it anew (loadgen --issued-at, --rate)`,
    );
  const { status } = http.get(`${GATEWAY}/openapi.json`);
  if (status !== 200) fail(`${GATEWAY}/openapi.json answers ${status}: is the gateway up?`);
}

/** The payment of an iteration, from 0. */
export function paymentAt(index: number): Payment {
  const line = lines[index + 1];
  if (line === undefined) fail(`${FILE} has no payment ${index}`);
  return JSON.parse(line as string);
}

/** Sends a payment until the log has it; true where it was accepted. */
export function send(payment: Payment): boolean {
  const params = { headers: payment.headers, tags: { name: 'POST /payments' } };
  for (let attempt = 1; ; attempt++) {
    const answer = http.post(`${GATEWAY}/payments`, payment.body, params);
    const isAccepted = answer.status === 202;
    if (!isAccepted && LATER.includes(answer.status) && attempt < ATTEMPTS_MAX) {
      triedLater.add(1);
      sleep(Number(answer.headers['Retry-After'] ?? 1));
      continue;
    }
    if (isAccepted) {
      accepted.add(1);
      acceptanceMs.add(answer.timings.duration);
    }
    return isAccepted;
  }
}

/** A payment's final state, waited for so many seconds at most; '' where it has none by then. */
function finalState({ read }: Payment, seconds: number): string {
  const params = { headers: read.headers, tags: { name: 'GET /payments/{uetr}' } };
  const endMs = Date.now() + seconds * 1000;
  for (;;) {
    const answer = http.get(`${GATEWAY}${read.target}`, params);
    if (answer.status === 200) {
      const { state, final } = answer.json() as { state: string; final: boolean };
      if (final) return state;
    }
    if (Date.now() >= endMs) return '';
    sleep(POLL_SECONDS);
  }
}

/** Reads a payment's status until it is final, for so many seconds at most; counts what it is. */
export function readBack(payment: Payment, seconds: number): void {
  const state = finalState(payment, seconds);
  if (state === 'ACSC') settled.add(1);
  else if (state !== '') refused.add(1);
}

/** Sends, waits for finality, and measures how long that took; `readBack` says what it is. */
export function sendAndWait(payment: Payment, seconds: number): void {
  const startedMs = Date.now();
  if (!send(payment)) return;
  finalState(payment, seconds);
  finalityMs.add(Date.now() - startedMs);
}
