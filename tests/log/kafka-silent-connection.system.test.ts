/**
 * Connections that stay open and bring nothing any more, as where a machine is gone without a word or a
 * firewall forgets them: whoever has less patience than a request's own time still comes to a new one.
 */
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { after, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import type { Log, LogError } from '../../services/platform/log/log.ts';
import { freePorts } from '../support/free-ports.ts';
import { randomPrefix, startOwnBroker } from '../support/kafka-broker.ts';

/** As services have it: less than the ten seconds of a request. */
const PATIENCE_MS = 5_000;
const GOES_ON_MS = 60_000;

/** Between clients and a broker: what went through it before `hush` is held for ever, what comes later goes through. */
async function startDoor(port: number, brokerPort: number) {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const broker = connect(brokerPort, '127.0.0.1');
    const pair = [client, broker] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, [broker, client] as const]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => pairs.delete(pair));
    }
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    hush() {
      for (const [client, broker] of pairs) {
        client.unpipe(broker).pause();
        broker.unpipe(client).pause();
      }
      return pairs.size;
    },
    close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
    },
  };
}

const [port = 0, controllerPort = 0, doorPort = 0] = await freePorts(3);
const door = await startDoor(doorPort, port);
const properties = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${doorPort}` };
const broker = await startOwnBroker(properties, [port, controllerPort]);
after(() => door.close());
if ('skip' in broker) it('connections that say nothing', { skip: broker.skip }, () => {});
else {
  let log: Log;
  after(async () => {
    await log.close();
    await broker.kill();
  });

  it('comes to a new connection for what is written, asked and read', async () => {
    log = await openKafkaLog({
      ...{ brokers: [`127.0.0.1:${doorPort}`], prefix: randomPrefix(), patienceMs: PATIENCE_MS },
    });
    const topic = 'payments';
    await log.createTopics([{ name: topic, partitions: 1, timestamps: 'append' }]);
    let next = 0;
    const write = () =>
      log.produce(topic, [{ key: 'ALFADEFF', value: Buffer.from([next++]), headers: {} }]);
    const read = () => log.read(topic, 0, 0, 100, { waitMs: 0 });
    const handled: number[] = [];
    const member = await log.subscribe({
      ...{ group: 'verifiers', topics: [topic] },
      handle: async ({ records }) => {
        for (const { value } of records) handled.push(value[0] as number);
      },
    });
    const goesOn = async (what: string, work: () => Promise<boolean>) => {
      const isAway = (error: LogError) => {
        assert.equal(error.kind, 'unavailable', String(error));
        return false;
      };
      for (const deadline = Date.now() + GOES_ON_MS; !(await work().catch(isAway)); await sleep(20))
        assert.ok(Date.now() < deadline, `${what} goes on within a minute`);
    };
    await write();
    await goesOn('what is handled', async () => handled.length > 0);
    assert.equal((await read()).length, 1);

    assert.ok(door.hush() > 2, 'several connections were open');
    await Promise.all([
      goesOn('what is written', async () => (await write()).length === 1),
      goesOn('what is asked', async () => (await log.endOffset(topic, 0)) > 1),
      goesOn('what is read', async () => (await read()).length > 1),
    ]);
    const last = next - 1;
    await goesOn('what is handled', async () => handled.includes(last));
    await member.stop();
  });
}
