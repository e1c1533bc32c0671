/** What fails every script, whatever its shape; with these numbers nothing was left out. */
export const allSettle = (payments: number) => ({
  accepted: [`count==${payments}`],
  settled: [`count==${payments}`],
  http_req_failed: ['rate==0'],
  // What k6 itself did not begin: no VU was free, or the time was over.
  dropped_iterations: ['count==0'],
});

/** Latencies in ms that fail a steady load. */
export const STEADY_LATENCIES = {
  acceptance_ms: ['p(95)<250', 'p(99)<1000'],
  finality_ms: ['p(95)<2000', 'p(99)<5000'],
};

/** The same of a few payments, one after the other. */
export const SMOKE_LATENCIES = { finality_ms: ['p(95)<5000'] };
