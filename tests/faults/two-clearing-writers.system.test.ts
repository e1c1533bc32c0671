/**
 * Two clearing writers on one pool, each over a connection of its own: they agree, or the one that
 * computes otherwise stops; a reader sees one history.
 */
import assert from 'node:assert/strict';
import { createClearing } from '../../services/clearing/clearing.ts';
import { type SnapshotCore, startClearing } from '../../services/clearing/clearing-service.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { poolEvents } from '../../services/protocol/names/topic-plan.ts';
import { EventChain } from '../../services/protocol/records/event-chain.ts';
import { eventsMessages } from '../../services/protocol/records/events-message.ts';
import { sharedBrokers } from '../support/kafka-broker.ts';
import {
  appendInput,
  clearingOptions,
  core,
  ended,
  liveNetwork,
  POOL,
  pause,
  processOver,
  recordInput,
  startNetwork,
  until,
} from '../support/live.ts';
import { onEachLog } from './each-log.ts';
import { checkPool } from './topics-against-replay.ts';

const brokers = await sharedBrokers();
const input = await recordInput(4, 150);
const whole = createClearing(createSettlement(core.module)).apply(
  input.map((value, position) => ({ position, value })),
);

const start = (log: Log, takeoverMs: number) =>
  startClearing(processOver(log).context('clearing', POOL), clearingOptions({ takeoverMs }));

async function digestInTopic(log: Log): Promise<string> {
  const end = await log.endOffset(poolEvents(POOL), 0);
  const [last] = end > 0 ? await log.read(poolEvents(POOL), 0, end - 1, 1) : [];
  return last?.headers.digestafter ?? '';
}

/** A notifier writes what is missing for banks; then all of it is checked against a replay. */
async function checkAll(log: Log) {
  const notifier = await startNetwork(log, { services: ['notifier', 'verifier'] });
  await notifier.quiet();
  await notifier.stop();
  return checkPool(log, core.module, liveNetwork.network, POOL);
}

const appendRest = async (log: Log, from: number) => {
  for (let at = from; at < input.length; at += 7) {
    await appendInput(log, input.slice(at, at + 7));
    await pause(2);
  }
};

onEachLog(brokers, 'two writers that write at once', async (t, { log, connect }) => {
  const other = connect ? await connect() : log;
  await appendInput(log, input.slice(0, 10));
  const writers = [await start(log, 0), await start(other, 0)];
  await appendRest(log, 10);
  await until('all is there', async () => (await digestInTopic(log)) === whole.digestAfter);
  await Promise.all(writers.map((writer) => writer.stop()));
  const { repeatedMessages } = await checkAll(log);
  t.diagnostic(`${repeatedMessages} messages of events written twice`);
});

onEachLog(
  brokers,
  'a standby takes over, and the first, back again, stands by',
  async (_, { log, connect }) => {
    const other = connect ? await connect() : log;
    await appendInput(log, input.slice(0, 10));
    const first = await start(log, 100);
    await until('events', async () => (await log.endOffset(poolEvents(POOL), 0)) > 0);
    const standby = await start(other, 100);
    await first.stop();
    await appendInput(log, input.slice(10, 80));
    const half = createClearing(createSettlement(core.module)).apply(
      input.slice(0, 80).map((value, position) => ({ position, value })),
    );
    await until('it has taken over', async () => (await digestInTopic(log)) === half.digestAfter);
    const again = await start(log, 100);
    await appendRest(log, 80);
    await until('all is there', async () => (await digestInTopic(log)) === whole.digestAfter);
    await Promise.all([standby.stop(), again.stop()]);
    await checkAll(log);
  },
);

onEachLog(brokers, 'a writer that computes other events stops', async (_, { log }) => {
  await appendInput(log, input);
  const events = Buffer.from(whole.events);
  const last = events.length - 40;
  events[last] = (events[last] as number) ^ 1;
  await log.produce(poolEvents(POOL), eventsMessages(POOL, new EventChain(), events));
  const writer = await start(log, 0);
  await assert.rejects(ended(writer), /pool main: .* holds other events than this writer computes/);
  assert.equal(await log.endOffset(poolEvents(POOL), 0), 1, 'it wrote nothing');
});

/** A core whose last event of each batch has another bit. */
function deviating(): SnapshotCore {
  const right = createSettlement(core.module);
  return {
    ...right,
    apply(records, count) {
      const events = Buffer.from(right.apply(records, count));
      const at = events.length - 40;
      if (at > 0) events[at] = (events[at] as number) ^ 1;
      return events;
    },
  };
}

onEachLog(
  brokers,
  'a writer whose other events come behind those of the first stops, and nobody reads them',
  async (_, { log, connect }) => {
    await appendInput(log, input);
    const other = connect ? await connect() : log;
    let first: Awaited<ReturnType<typeof start>> | undefined;
    // It saw an empty topic; before it writes, the other does.
    const late = new Proxy(other, {
      get: (_target, name: keyof Log) =>
        name !== 'produce'
          ? (other[name] as (...args: unknown[]) => unknown).bind(other)
          : async (...args: Parameters<Log['produce']>) => {
              first ??= await start(log, 0);
              const isThere = async () => (await digestInTopic(log)) === whole.digestAfter;
              await until('the first has written', isThere);
              return other.produce(...args);
            },
    });
    const second = await startClearing(
      processOver(late).context('clearing', POOL),
      clearingOptions({ createCore: deviating }),
    );
    await assert.rejects(ended(second), /holds other events than this writer computes/);
    await first?.stop();
    const { repeatedMessages } = await checkAll(log);
    assert.ok(repeatedMessages > 0, 'it wrote, and readers pass over it');
  },
);
