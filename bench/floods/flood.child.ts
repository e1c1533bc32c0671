import { Agent, request } from 'node:http';
import { type Line, lineFrom } from '../sandbox/messages.ts';

/**
 * A flood from a process of its own: each connection sends again as soon as it is answered, whatever
 * the answer, until the time is over.
 */
const [, , url = '', folder = '', kind = '', seed = '0', seconds = '0'] = process.argv;
const CONNECTIONS = 64;
const FORGED_BYTES = 62_000;
const FORGED = 50;
/** More than a gateway on this class of machine takes in the time. */
const VALID_PER_SECOND = 3_000;

const count = kind === 'valid payments' ? Number(seconds) * VALID_PER_SECOND : FORGED;
const prepared = lineFrom(folder, {
  banks: 2,
  senders: 'flooder',
  seed: 1_000 + Number(seed),
  count,
});
const lines: Line[] = kind === 'valid payments' ? prepared : prepared.map(forged);
process.send?.({ prepared: lines.length });

function forged(line: Line): Line {
  const padding = Buffer.alloc(FORGED_BYTES - line.body.length, ' ');
  return { ...line, body: Buffer.concat([line.body, padding]) };
}

const statuses: Record<string, number> = {};
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const endMs = performance.now() + Number(seconds) * 1000;
let next = 0;

function send({ headers, body }: Line): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(
      `${url}/payments`,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sending.once('error', reject);
    sending.end(body);
  });
}

async function connection(): Promise<void> {
  while (performance.now() < endMs) {
    const line = kind === 'valid payments' ? lines[next++] : lines[next++ % lines.length];
    if (!line) return;
    const status = await send(line).catch(() => 'broken');
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: CONNECTIONS }, connection));
agent.destroy();
process.send?.({ statuses });
process.disconnect();
