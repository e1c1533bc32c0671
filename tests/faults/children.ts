import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { ChildOrders, CrashOrder } from './child-orders.ts';
import { RARE_POINTS } from './crash-points.ts';

/** What looks for files beside itself finds them where it was. */
const inPlace: Plugin = {
  name: 'in place',
  setup({ onLoad }) {
    onLoad({ filter: /\/dist\/(services|tests)\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    }));
  },
};

/** The program of a life as one file: a life takes seconds, and reading its hundreds of files a third of them. */
async function bundled(): Promise<string> {
  const program = fileURLToPath(new URL('./live.child.js', import.meta.url));
  const file = `${program}.${process.pid}.mjs`;
  process.once('exit', () => rmSync(file, { force: true }));
  await build({
    entryPoints: [program],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    minifyWhitespace: true,
    logLevel: 'warning',
    // What has a binary or threads of its own, or is repaired in place.
    external: ['chdb', 'kafkajs', 'libsql', 'pino', 'piscina'],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [inPlace],
  });
  return file;
}

const CHILD = await bundled();

export interface Life {
  readonly child: ChildProcess;
  /** The signal or code that ended it, and what it wrote to stderr. */
  readonly over: Promise<{ how: string; stderr: string }>;
}

/** Starts a process of a fault test. It ends at the latest when this process does. */
export function live(orders: ChildOrders): Life {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const over = new Promise<{ how: string; stderr: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ how: signal ?? String(code), stderr })),
  );
  return { child, over };
}

/** The points in an order, and how often each is reached before the end, that follow from the seed. */
export function plan(points: readonly string[], seed: number): CrashOrder[] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  const rest = [...points];
  return points.map(() => {
    const point = rest.splice(next(rest.length), 1)[0] as string;
    // The others are reached twice in a life at least.
    return { point, times: RARE_POINTS.has(point) ? 1 : 1 + next(2) };
  });
}
