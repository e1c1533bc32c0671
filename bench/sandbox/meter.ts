import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import { type Line, readingHeaders } from './messages.ts';

/** The queue for a connection is ours: a burst would overflow the system's. */
const CONNECTIONS_MAX = 256;
const LOOK_MS = 20;
/** A stream begins with what was told before: it is over when nothing comes for so long. */
const SILENT_MS = 300;
/** What is not final by then has no figure: the bench fails. */
const FINAL_MAX_MS = 60_000;

/** Sends payments at a rate, and tells how long each took to be accepted and to be final. It listens before it sends. */
export class Meter {
  readonly #url: string;
  readonly #lines: readonly Line[];
  readonly #folder: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });
  readonly #streams: ClientRequest[] = [];
  /** When something came over a stream. */
  #heardMs = 0;

  constructor(url: string, folder: string, lines: readonly Line[]) {
    this.#url = url;
    this.#folder = folder;
    this.#lines = lines;
  }

  /**
   * @param begun is called when the first payment is due
   * @returns ms from the instant at which each payment was due to be sent, the first at `startMs`
   */
  async run(
    rate: number,
    begun: () => void = () => {},
  ): Promise<{ startMs: number; accepted: number[]; final: number[] }> {
    const dueMs = new Map<string, number>();
    const final: number[] = [];
    await this.#listen((uetr) => {
      const due = dueMs.get(uetr);
      if (due === undefined) return;
      dueMs.delete(uetr);
      final.push(performance.now() - due);
    });
    while (performance.now() - this.#heardMs < SILENT_MS) await pause(LOOK_MS);
    const startMs = performance.now();
    begun();
    const accepted: number[] = [];
    const due = (index: number) => startMs + (index * 1000) / rate;
    const sending: Promise<void>[] = [];
    for (const [index, line] of this.#lines.entries()) {
      while (performance.now() < due(index)) await pause(1);
      dueMs.set(line.uetr, due(index));
      sending.push(
        this.#untilAccepted(line).then(() => {
          accepted.push(performance.now() - due(index));
        }),
      );
    }
    await Promise.all(sending);
    const endMs = performance.now() + FINAL_MAX_MS;
    while (dueMs.size > 0 && performance.now() < endMs) await pause(LOOK_MS);
    if (dueMs.size > 0) throw new Error(`${dueMs.size} honest payments did not settle`);
    for (const stream of this.#streams) stream.destroy();
    this.#agent.destroy();
    return { startMs, accepted, final };
  }

  /** Listens to every sender's statuses; `take` gets the UETR of each payment that settled. */
  async #listen(take: (uetr: string) => void): Promise<void> {
    const senders = [...new Set(this.#lines.map(({ from }) => from))];
    await Promise.all(
      senders.map(async (bic) => {
        const target = `/banks/${bic}/statuses/stream`;
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          const headers = readingHeaders(this.#folder, bic, target);
          const stream = request(`${this.#url}${target}`, { headers }, resolve);
          stream.once('error', reject);
          stream.end();
          this.#streams.push(stream);
        });
        if (answer.statusCode !== 200) throw new Error(`a stream got ${answer.statusCode}`);
        const parser = createParser({
          onEvent: ({ data }) => {
            const uetr = /"uetr":"([^"]+)".*"status":"ACSC"/.exec(data)?.[1];
            if (uetr) take(uetr);
          },
        });
        answer.on('error', () => {});
        answer.setEncoding('utf8').on('data', (text: string) => {
          this.#heardMs = performance.now();
          parser.feed(text);
        });
      }),
    );
  }

  async #untilAccepted(line: Line): Promise<void> {
    for (;;) {
      const status = await this.#send(line);
      if (status === 202) return;
      if (status !== 503 && status !== 429) throw new Error(`an honest payment got ${status}`);
      await pause(LOOK_MS);
    }
  }

  #send({ headers, body }: Line): Promise<number> {
    return new Promise((resolve, reject) => {
      const sending = request(
        `${this.#url}/payments`,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { ...headers, 'content-length': body.length },
        },
        (answer) => {
          answer.resume();
          answer.once('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      sending.once('error', reject);
      sending.end(body);
    });
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
