/**
 * A virtual user's side of the stand-in. As in k6 each has a runtime of its own (here a thread) in
 * which what the script calls blocks; the main thread sends its requests and keeps its samples.
 */
import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';

export interface VuData {
  readonly script: string;
  readonly answers: MessagePort;
  readonly signal: Int32Array;
}
/** An iteration, or `setup`. */
export interface Task {
  readonly exec: string;
  readonly scenario: string;
  readonly iteration: number;
  /** It is interrupted then, ms since 1970. */
  readonly deadlineMs: number;
}
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}
export interface Exchanged {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}
export type MetricKind = 'counter' | 'rate' | 'trend';
export type Told =
  | { readonly kind: 'ready'; readonly options: unknown; readonly exports: readonly string[] }
  | { readonly kind: 'metric'; readonly name: string; readonly is: MetricKind }
  | { readonly kind: 'sample'; readonly name: string; readonly value: number }
  | { readonly kind: 'request'; readonly exchange: Exchange }
  | { readonly kind: 'done'; readonly error?: string; readonly isInterrupted?: boolean };

export const { script, answers, signal } = workerData as VuData;
export const tell = (message: Told): void => parentPort?.postMessage(message);
/** What `k6/execution` says of the iteration that runs. */
export const scenario = { name: '', iterationInTest: 0 };
let deadlineMs = Number.POSITIVE_INFINITY;

/** An iteration's time is over. */
export class Interrupted extends Error {}

export function begin(task: Task): void {
  scenario.name = task.scenario;
  scenario.iterationInTest = task.iteration;
  deadlineMs = task.deadlineMs;
}

/** Until the main thread sets the signal, or so long. */
function wait(ms: number): void {
  Atomics.wait(signal, 0, 0, Math.min(ms, Math.max(0, deadlineMs - Date.now())));
  if (Date.now() >= deadlineMs) throw new Interrupted('the time of its scenario is over');
}

export function sleepMs(ms: number): void {
  Atomics.store(signal, 0, 0);
  wait(ms);
}

export function exchange(request: Exchange): Exchanged {
  Atomics.store(signal, 0, 0);
  tell({ kind: 'request', exchange: request });
  wait(Number.POSITIVE_INFINITY);
  return receiveMessageOnPort(answers)?.message as Exchanged;
}
