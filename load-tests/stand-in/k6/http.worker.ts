import { type MessagePort, workerData } from 'node:worker_threads';
import type { Exchange, Exchanged } from './http.ts';

const { port, signal } = workerData as { port: MessagePort; signal: Int32Array };

/** k6 gives headers in canonical form: Retry-After, not retry-after. */
const canonical = (name: string) => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

async function exchange({ method, url, headers, body }: Exchange): Promise<Exchanged> {
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

port.on('message', async (request: Exchange) => {
  port.postMessage(await exchange(request));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
