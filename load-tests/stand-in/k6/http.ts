/**
 * Stand-in for `k6/http`: requests block. A worker sends each while this thread waits, since k6's
 * scripts have no promises.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Rate, Trend } from './metrics.ts';

interface Params {
  readonly headers?: Record<string, string>;
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

const failed = new Rate('http_req_failed');
const duration = new Trend('http_req_duration');
const signal = new Int32Array(new SharedArrayBuffer(4));
const { port1, port2 } = new MessageChannel();
const worker = new Worker(new URL('./http.worker.js', import.meta.url), {
  workerData: { port: port2, signal },
  transferList: [port2],
});
worker.unref();

let isExpected = (status: number): boolean => status >= 200 && status < 400;

function exchange(method: string, url: string, body: string | null, params: Params = {}) {
  const startedMs = performance.now();
  Atomics.store(signal, 0, 0);
  port1.postMessage({ method, url, body, headers: params.headers ?? {} } satisfies Exchange);
  Atomics.wait(signal, 0, 0);
  const answer = receiveMessageOnPort(port1)?.message as Exchanged;
  const tookMs = performance.now() - startedMs;
  failed.add(!isExpected(answer.status));
  duration.add(tookMs);
  return {
    status: answer.status,
    headers: answer.headers,
    timings: { duration: tookMs },
    json: (): unknown => JSON.parse(answer.body),
  };
}

export default {
  get: (url: string, params?: Params) => exchange('GET', url, null, params),
  post: (url: string, body: string, params?: Params) => exchange('POST', url, body, params),
  expectedStatuses:
    (...statuses: number[]) =>
    (status: number) =>
      statuses.includes(status),
  setResponseCallback(callback: (status: number) => boolean) {
    isExpected = callback;
  },
  /** Lets the process end. */
  close: () => worker.terminate(),
};
