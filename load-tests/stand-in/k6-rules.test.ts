/**
 * The stand-in's own rules, which are k6's (its documentation of thresholds, scenarios and exit
 * codes; `metrics/thresholds.go`, `lib/executor/`): what it passes over, a script must not rely on.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runScript } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-k6-rules-'));
after(() => rmSync(folder, { recursive: true }));

let scripts = 0;
/** A script of one scenario `main`, by default of one iteration. */
function script(
  body: string,
  thresholds: object,
  scenario: object = {},
): Promise<Awaited<ReturnType<typeof runScript>>> {
  const file = join(folder, `${++scripts}.mjs`);
  const main = {
    executor: 'shared-iterations',
    vus: 1,
    iterations: 1,
    maxDuration: '1m',
    ...scenario,
  };
  writeFileSync(
    file,
    `import { fail, sleep } from 'k6';
import exec from 'k6/execution';
import { Counter, Rate, Trend } from 'k6/metrics';
const [counter, rate, trend] = [new Counter('counter'), new Rate('rate'), new Trend('trend')];
export const options = ${JSON.stringify({ scenarios: { main }, thresholds })};
${body}
`,
  );
  return runScript(file);
}
const nothing = 'export default () => {};';

describe('the stand-in for k6', () => {
  it('passes any threshold on a rate without samples, and takes a counter or a trend as 0', async () => {
    const { code, failed } = await script(nothing, {
      rate: ['rate==1'],
      trend: ['p(95)<1', 'p(95)>1'],
      counter: ['count==0', 'count==1'],
    });
    assert.deepEqual(failed, ['trend p(95)>1', 'counter count==1']);
    assert.equal(code, 99);
  });

  it('logs what an iteration throws, counts the iteration, and goes on', async () => {
    const body = `export default () => {
      if (exec.scenario.iterationInTest === 1) fail('as asked');
      rate.add(true);
    };`;
    const { code, error, metrics } = await script(body, { rate: ['rate==1'] }, { iterations: 3 });
    assert.equal(code, 0);
    assert.match(error, /as asked/);
    assert.deepEqual(metrics.iterations, { samples: 3, count: 3 });
    assert.equal(metrics.rate?.samples, 2);
  });

  it('ends with 107 where the script or its setup throws', async () => {
    for (const body of ["fail('as asked');", "export function setup() { fail('as asked'); }"]) {
      const { code, error } = await script(`${body}\n${nothing}`, {});
      assert.equal(code, 107);
      assert.match(error, /as asked/);
    }
  });

  it('ends with 104 where a scenario or a threshold is none', async () => {
    const bad: [object, object][] = [
      [{ unknown: ['count==1'] }, {}],
      [{ rate: ['count==1'] }, {}],
      [{}, { vus: 2 }],
      [{}, { maxDuration: '0.5s' }],
    ];
    for (const [thresholds, scenario] of bad)
      assert.equal((await script(nothing, thresholds, scenario)).code, 104);
  });

  it('begins no iteration when the time of its scenario is over: those are dropped', async () => {
    const { metrics } = await script(
      'export default () => { sleep(1.1); counter.add(1); };',
      {},
      { iterations: 5, maxDuration: '1s' },
    );
    // The one that runs then may end.
    assert.deepEqual(metrics.counter, { samples: 1, count: 1 });
    assert.deepEqual(metrics.dropped_iterations, { samples: 1, count: 4 });
  });

  it('interrupts what runs when even the graceful stop is over: that is no iteration', async () => {
    const { metrics } = await script(
      'export default () => { counter.add(1); sleep(60); counter.add(1); };',
      {},
      { maxDuration: '1s', gracefulStop: '0s' },
    );
    assert.deepEqual(metrics.counter, { samples: 1, count: 1 });
    assert.deepEqual(metrics.iterations, { samples: 0, count: 0 });
    assert.deepEqual(metrics.dropped_iterations, { samples: 0, count: 0 });
  });

  it('drops an arrival that finds no VU free', async () => {
    const { metrics } = await script(
      'export default () => { sleep(2); };',
      {},
      {
        executor: 'constant-arrival-rate',
        vus: undefined,
        iterations: undefined,
        maxDuration: undefined,
        rate: 5,
        duration: '1s',
        preAllocatedVUs: 1,
        maxVUs: 1,
      },
    );
    assert.deepEqual(metrics.iterations, { samples: 1, count: 1 });
    assert.ok((metrics.dropped_iterations?.count ?? 0) > 0);
  });
});
