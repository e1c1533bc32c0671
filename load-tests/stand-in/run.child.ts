/**
 * Runs a k6 script's logic in Node: `node run.child.js SCRIPT.js`, the environment as k6's `-e`. VUs
 * are threads. Prints the metrics and which thresholds failed; exits as k6 does with 0, with 99
 * where thresholds failed, 104 where the options are wrong, 107 where the script or its `setup`
 * throws. What an iteration throws is logged, and changes nothing else.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkScenario, prepareScenario, type Scenario } from './executors.ts';
import { BadOptions, createMetrics } from './thresholds.ts';
import { startVu, type Vu } from './vus.ts';

interface Options {
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly thresholds?: Readonly<Record<string, readonly string[]>>;
}

const script = pathToFileURL(resolve(process.argv[2] as string)).href;
const metrics = createMetrics();
const vus: Vu[] = [];
const run = {
  metrics,
  async startVu() {
    const vu = await startVu(script, metrics);
    vus.push(vu);
    return vu;
  },
  log: (line: string) => void process.stderr.write(`${line}\n`),
};

try {
  const first = await run.startVu();
  const { scenarios, thresholds = {} } = first.options as Options;
  for (const [name, scenario] of Object.entries(scenarios)) checkScenario(name, scenario);
  metrics.failed(thresholds); // throws where one is none
  const begins = await Promise.all(
    Object.entries(scenarios).map(([name, scenario]) => prepareScenario(name, scenario, run)),
  );
  if (first.exports.includes('setup')) {
    const deadlineMs = Number.POSITIVE_INFINITY;
    const { error } = await first.run({ exec: 'setup', scenario: '', iteration: 0, deadlineMs });
    if (error !== undefined) throw new Error(error);
  }
  await Promise.all(begins.map((begin) => begin()));
  const failed = metrics.failed(thresholds);
  process.stdout.write(`${JSON.stringify({ metrics: metrics.summary(), failed })}\n`);
  process.exitCode = failed.length > 0 ? 99 : 0;
} catch (error) {
  run.log((error as Error).message);
  process.exitCode = error instanceof BadOptions ? 104 : 107;
}
await Promise.all(vus.map((vu) => vu.end()));
