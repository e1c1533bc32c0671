import { Agent, request } from 'node:http';
import { type Line, lineFrom } from '../sandbox/messages.ts';
import { serveFloods } from './flood-process.ts';

/**
 * A flood of a gateway: each connection sends again as soon as it is answered, whatever the answer, until
 * the time is over.
 */
const { url, folder } = JSON.parse(process.argv[2] as string) as Record<'url' | 'folder', string>;
const CONNECTIONS = 64;
const FORGED_BYTES = 62_000;
const FORGED = 50;
/** More than a gateway on this class of machine takes in the time. */
const VALID_PER_SECOND = 3_000;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

function forged(line: Line): Line {
  const padding = Buffer.alloc(FORGED_BYTES - line.body.length, ' ');
  return { ...line, body: Buffer.concat([line.body, padding]) };
}

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

serveFloods(
  async ({ kind, seed, seconds }) => {
    const isValid = kind === 'valid';
    const count = isValid ? seconds * VALID_PER_SECOND : FORGED;
    const wanted = { banks: 2, senders: 'flooder', seed: 1_000 + seed, count } as const;
    const prepared = lineFrom(folder, wanted);
    const lines = isValid ? prepared : prepared.map(forged);
    return async (endMs) => {
      const statuses: Record<string, number> = {};
      let next = 0;
      const connection = async () => {
        while (performance.now() < endMs) {
          const line = isValid ? lines[next++] : lines[next++ % lines.length];
          if (!line) return;
          const status = await send(line).catch(() => 'broken');
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, connection));
      return statuses;
    };
  },
  async () => agent.destroy(),
);
