/**
 * Runs a k6 script's logic in Node: `node run.child.js SCRIPT.js`, the environment as k6's `-e`. Its
 * scenarios run one after the other in the order of their start times, each as many iterations as
 * k6 would start; rates and VUs are not imitated. Prints the metrics and which thresholds failed; exits
 * with 0, 99 where thresholds failed, 107 where the script did: as k6 does.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Scenario {
  readonly executor: string;
  readonly exec?: string;
  readonly startTime?: string;
  readonly iterations?: number;
  readonly rate?: number;
  readonly duration?: string;
}
interface Script {
  readonly options: {
    readonly scenarios: Readonly<Record<string, Scenario>>;
    readonly thresholds: Readonly<Record<string, readonly string[]>>;
  };
  setup?(): void;
  readonly default?: () => void;
  readonly [exec: string]: unknown;
}

const seconds = (text: string | undefined) => Number(/^(\d+(?:\.\d+)?)s$/.exec(text ?? '0s')?.[1]);

function iterationsOf(scenario: Scenario): number {
  if (scenario.executor === 'shared-iterations') return scenario.iterations ?? 1;
  if (scenario.executor === 'constant-arrival-rate')
    return (scenario.rate ?? 0) * seconds(scenario.duration);
  throw new Error(`the stand-in knows no executor ${scenario.executor}`);
}

Object.assign(globalThis, {
  __ENV: { ...process.env },
  open: (file: string) => readFileSync(file, 'utf8'),
});
register('./hooks.js', import.meta.url);
const { Counter, holds, Metric } = await import('./k6/metrics.ts');
const { default: execution } = await import('./k6/execution.ts');
const { default: http } = await import('./k6/http.ts');
new Counter('dropped_iterations');
try {
  const script: Script = await import(pathToFileURL(resolve(process.argv[2] as string)).href);
  script.setup?.();
  const { scenarios, thresholds } = script.options;
  const ordered = Object.entries(scenarios).sort(
    ([, a], [, b]) => seconds(a.startTime) - seconds(b.startTime),
  );
  for (const [name, scenario] of ordered) {
    const run = script[scenario.exec ?? 'default'] as () => void;
    execution.scenario.name = name;
    for (let index = 0; index < iterationsOf(scenario); index++) {
      execution.scenario.iterationInTest = index;
      run();
    }
  }
  const failed = Object.entries(thresholds).flatMap(([metric, expressions]) =>
    expressions.filter((one) => !holds(metric, one)).map((one) => `${metric} ${one}`),
  );
  const metrics = Object.fromEntries([...Metric.all].map(([name, one]) => [name, one.summary()]));
  process.stdout.write(`${JSON.stringify({ metrics, failed })}\n`);
  process.exitCode = failed.length > 0 ? 99 : 0;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 107;
}
await http.close();
