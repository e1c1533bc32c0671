/** Stand-in for `k6/http`: requests block, since k6's scripts have no promises. */
import { exchange as send } from '../vu.ts';
import { Rate, Trend } from './metrics.ts';

interface Params {
  readonly headers?: Record<string, string>;
}

const failed = new Rate('http_req_failed');
const duration = new Trend('http_req_duration');
let isExpected = (status: number): boolean => status >= 200 && status < 400;

function exchange(method: string, url: string, body: string | null, params: Params = {}) {
  const startedMs = performance.now();
  const answer = send({ method, url, body, headers: params.headers ?? {} });
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
};
