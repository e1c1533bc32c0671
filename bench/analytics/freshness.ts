/**
 * How old a settlement is when a dashboard's query first counts it: clearing and metrics as they are,
 * over the embedded, durable log, with RATE payments a second coming in verified.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { startBusinessDays } from '../../services/gateway/sandbox-business-days.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import {
  createLogger,
  createServiceProcess,
} from '../../services/platform/service/service-process.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { poolEvents, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import { networkOf } from '../../services/sandbox/sandbox-folder.ts';
import { startServices } from '../../services/sandbox/start-services.ts';
import { simulatedSecretKey } from '../../services/simulator/keys-and-genesis.ts';
import { verifiedPayment } from '../verified-payment.ts';
import { POOL, scenario } from './history.ts';
import type { EngineOfOnesOwn } from './start-engine.ts';

export const RATE = 5_000;
const SECONDS = 30;
/** Of the beginning, while the services come up to speed. */
const DROPPED_SECONDS = 5;
const SEND_MS = 20;
const ASK_MS = 50;
const READ_MESSAGES = 256;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const publicKeyOf = (bic: string) => createSigner(simulatedSecretKey(scenario.seed, bic)).publicKey;

/** Pairs of banks that hold accounts in one currency. */
const PAIRS = scenario.currencies.flatMap(({ code }, currency) => {
  const holders = scenario.participants.filter(({ accounts }) =>
    accounts.some((account) => account.currency === currency),
  );
  return holders.flatMap((from) =>
    holders.flatMap((to) => (from === to ? [] : [{ from: from.bic, to: to.bic, code }])),
  );
});
const KEYS = new Map(scenario.participants.map(({ bic }) => [bic, publicKeyOf(bic)]));

function record(index: number, timeMs: number): Uint8Array {
  const { from, to, code } = PAIRS[index % PAIRS.length] as (typeof PAIRS)[number];
  const id = createHash('sha256').update(`${timeMs} ${index}`).digest().subarray(0, 16);
  // The store keeps UETRs only: version 4, variant 1.
  id[6] = 0x40 | ((id[6] as number) & 0x0f);
  id[8] = 0x80 | ((id[8] as number) & 0x3f);
  const publicKey = KEYS.get(from) as Uint8Array;
  const banks = { from: from as Bic, to: to as Bic };
  return verifiedPayment({ id, ...banks, currency: code, publicKey, timeMs, index });
}

/** What was settled, by when it was in the log: counts ascend. */
async function settlements(log: Log): Promise<{ atMs: number; count: number }[]> {
  const found: { atMs: number; count: number }[] = [];
  let count = 0;
  const end = await log.endOffset(poolEvents(POOL), 0);
  for (let next = 0; next < end; )
    // Fewer messages than asked for where they are large.
    for (const { logOffset, value, timestampMs } of await log.read(
      poolEvents(POOL),
      0,
      next,
      READ_MESSAGES,
    )) {
      for (let index = 0; index * EVENT_BYTES < value.length; index++)
        if (readEvent(value, index).kind === 'settled') count += 1;
      found.push({ atMs: timestampMs, count });
      next = logOffset + 1;
    }
  return found;
}

async function send(log: Log): Promise<void> {
  const startMs = Date.now();
  for (let sent = 0; sent < RATE * SECONDS; ) {
    const now = Date.now();
    const due = Math.min(RATE * SECONDS, Math.floor(((now - startMs) * RATE) / 1000));
    const messages = Array.from({ length: due - sent }, (_, index) => ({
      key: POOL,
      value: record(sent + index, now),
      headers: {},
    }));
    if (messages.length > 0) await log.produce(poolInput(POOL), messages);
    sent = due;
    await pause(SEND_MS);
  }
}

/** Seconds from each settlement to the first answer that counts it. */
export async function freshness(engine: EngineOfOnesOwn): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-freshness-'));
  const log = openEmbeddedLog({ folder });
  const shared = createServiceProcess({ log, logger: createLogger('fatal'), stallMs: 60_000 });
  const network = { ...networkOf(scenario), run: 'freshness' };
  const services = await startServices({
    network,
    core: coreModule(),
    contextOf: (service, pool) => shared.context(service, pool),
    threads: 0,
    takeoverMs: 0,
    services: ['clearing', 'metrics'],
    store: engine.store,
  });
  try {
    await writeGenesis(log, scenario, {
      timeMs: Date.now(),
      publicKeyOf,
      operatorKey: new Uint8Array(32),
    });
    const days = await startBusinessDays(shared.context('operator'), network);
    const answers: { atMs: number; count: number }[] = [];
    let over = false;
    const asking = (async () => {
      while (!over) {
        const [row] = await engine.ask(
          `SELECT sum(statuses) AS settled FROM corridor_minutes WHERE run = '${network.run}' AND status = 'ACSC'`,
        );
        answers.push({ atMs: Date.now(), count: Number(row?.settled) });
        await pause(ASK_MS);
      }
    })();
    await send(log);
    while ((answers.at(-1)?.count ?? 0) < RATE * SECONDS) await pause(ASK_MS);
    over = true;
    await asking;
    await days.stop();
    const settled = await settlements(log);
    const fromMs = (settled.find(({ count }) => count > 0)?.atMs ?? 0) + DROPPED_SECONDS * 1000;
    let answer = 0;
    return settled.flatMap(({ atMs, count }) => {
      while ((answers[answer] as { count: number }).count < count) answer += 1;
      return atMs < fromMs ? [] : [((answers[answer] as { atMs: number }).atMs - atMs) / 1000];
    });
  } finally {
    await services.stop();
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
