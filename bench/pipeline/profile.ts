/**
 * Where the time of a run goes, stage by stage: the main thread by samples, each counted for the
 * innermost stage on its stack, and the other threads and processes by what the system says that
 * they used (Linux).
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector/promises';
import { cpuUs } from '../measure.ts';

/** By stage, what the names of its files have in them; the first that is found counts. */
const STAGES: readonly (readonly [stage: string, ...files: string[]])[] = [
  ['verifier: signatures', 'services/core/verification/'],
  ['notifier', 'services/notifier/', 'services/protocol/messages/status-report'],
  ['verifier: documents', 'services/protocol/messages/', 'services/protocol/names/minor-units'],
  ['verifier', 'services/verifier/'],
  [
    'clearing: core',
    'services/core/settlement/settlement',
    'services/core/settlement/core-snapshot',
    'wasm:',
  ],
  [
    'clearing: encode, chain',
    'services/clearing/',
    'services/protocol/records/verified-record',
    'services/protocol/records/verified-content',
    'services/protocol/records/event-chain',
  ],
  ['metrics: insertion', 'services/platform/clickhouse/', '@clickhouse'],
  ['metrics: rows', 'services/metrics/'],
  ['log: kafka', 'services/platform/log/kafka/', 'kafkajs'],
  ['log', 'services/platform/log/', 'libsql'],
  ['probes, gateway', 'services/gateway/', 'services/platform/service/', 'prom-client', 'pino'],
  ['load', 'bench/'],
];
const OWN: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native, unattributed'],
  ['(idle)', 'idle'],
]);

export interface StageTime {
  readonly stage: string;
  /** Of the thread or process, in microseconds. */
  readonly us: number;
}

/** Runs `work` and says what each stage took. */
export async function profiled(
  work: () => Promise<void>,
  processes: Readonly<Record<string, number>>,
): Promise<{ main: StageTime[]; others: StageTime[] }> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  const before = cpuOf(processes);
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  const after = cpuOf(processes);
  session.disconnect();
  if (process.env.PIPELINE_PROFILE)
    writeFileSync(process.env.PIPELINE_PROFILE, JSON.stringify(profile));
  const others = [...after].map(([stage, us]) => ({ stage, us: us - (before.get(stage) ?? 0) }));
  return { main: byStage(profile), others };
}

function byStage({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): StageTime[] {
  const stageOf = new Map<number, string>();
  const parent = new Map<number, number>();
  for (const { id, children = [] } of nodes) for (const child of children) parent.set(child, id);
  const find = (node: Profiler.ProfileNode | undefined): string => {
    if (!node) return 'other';
    const own = OWN.get(node.callFrame.functionName);
    if (own) return own;
    const stage = STAGES.find(([, ...files]) =>
      files.some((file) => node.callFrame.url.includes(file)),
    );
    return stage ? stage[0] : find(byId.get(parent.get(node.id) ?? -1));
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) stageOf.set(node.id, find(node));
  const sums = new Map<string, number>();
  samples.forEach((id, index) => {
    const stage = stageOf.get(id) as string;
    sums.set(stage, (sums.get(stage) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return [...sums].map(([stage, us]) => ({ stage, us })).sort((a, b) => b.us - a.us);
}

/** Processor time used so far: this process's threads but the main one, and each process named. */
function cpuOf(processes: Readonly<Record<string, number>>): Map<string, number> {
  const all = readdirSync('/proc/self/task').filter((task) => task !== String(process.pid));
  const threads = all.reduce((sum, task) => sum + cpuUs(`self/task/${task}`), 0);
  return new Map([
    ['main thread', cpuUs(`self/task/${process.pid}`)],
    ["this process's other threads", threads],
    ...Object.entries(processes).map(([name, pid]) => [name, cpuUs(pid)] as const),
  ]);
}

/** Lines for people, on stderr: stdout has the figures. */
export function printProfile(
  name: string,
  { main, others }: { main: StageTime[]; others: StageTime[] },
  payments: number,
): void {
  const line = (stage: string, us: number) =>
    process.stderr.write(`  ${stage.padEnd(32)}${(us / payments).toFixed(1).padStart(8)}\n`);
  process.stderr.write(`${name}: main thread by stage, microseconds a payment\n`);
  for (const { stage, us } of main) line(stage, us);
  process.stderr.write(`${name}: processor time, microseconds a payment\n`);
  for (const { stage, us } of others) line(stage, us);
}
