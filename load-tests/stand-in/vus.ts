/** The main thread's side of a virtual user. */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Metrics } from './thresholds.ts';
import type { Exchange, Exchanged, Task, Told, VuData } from './vu.ts';

export interface Outcome {
  readonly error?: string;
  readonly isInterrupted?: boolean;
}
export interface Vu {
  readonly options: unknown;
  readonly exports: readonly string[];
  run(task: Task): Promise<Outcome>;
  end(): Promise<unknown>;
}

/** k6 gives headers in canonical form: Retry-After, not retry-after. */
const canonical = (name: string) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

async function send({ method, url, headers, body }: Exchange): Promise<Exchanged> {
  try {
    const answer = await fetch(url, { method, headers, body });
    return {
      status: answer.status,
      headers: Object.fromEntries(
        [...answer.headers].map(([name, value]) => [canonical(name), value]),
      ),
      body: await answer.text(),
    };
  } catch {
    // What k6 answers where there is no connection.
    return { status: 0, headers: {}, body: '' };
  }
}

/** Starts a thread that evaluates the script; rejects with what the script throws. */
export function startVu(script: string, metrics: Metrics): Promise<Vu> {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./vu.worker.js', import.meta.url), {
    workerData: { script, answers: port2, signal } satisfies VuData,
    transferList: [port2],
  });
  port1.unref();
  return new Promise((resolve, reject) => {
    let finish = (outcome: Outcome): void => reject(new Error(outcome.error));
    const run = (task: Task) =>
      new Promise<Outcome>((done) => {
        finish = done;
        worker.postMessage(task);
      });
    worker.on('error', reject);
    worker.on('message', async (told: Told) => {
      if (told.kind === 'metric') metrics.declare(told.name, told.is);
      else if (told.kind === 'sample') metrics.add(told.name, told.value);
      else if (told.kind === 'done') finish(told);
      else if (told.kind === 'ready')
        resolve({
          options: told.options,
          exports: told.exports,
          run,
          end: () => worker.terminate(),
        });
      else {
        port1.postMessage(await send(told.exchange));
        Atomics.store(signal, 0, 1);
        Atomics.notify(signal, 0);
      }
    });
  });
}
