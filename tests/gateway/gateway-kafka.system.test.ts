import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, it } from 'node:test';
import { openKafkaLog } from '../../services/platform/log/kafka/kafka.ts';
import { buildTestGateway } from '../support/gateway.ts';
import { randomPrefix, removeTopics, sharedBrokers } from '../support/kafka-broker.ts';
import { TestNetwork } from '../support/network.ts';

/** The gateway over a real broker: what it asks of the log, Kafka does. */
const brokers = await sharedBrokers();

if ('skip' in brokers) it('the gateway over Kafka', { skip: brokers.skip }, () => {});
else {
  const prefix = randomPrefix();
  after(() => removeTopics(brokers, [prefix]));

  it('over Kafka payments settle, statuses are read by UETR and page, and a gateway goes on where another was', async () => {
    const log = await openKafkaLog({ brokers, prefix });
    const network = new TestNetwork(log);
    await network.create();
    network.start();
    const build = (name: string, startRecords: number) =>
      buildTestGateway({
        network: network.scenario.network,
        log,
        name,
        startRecords,
      });
    const first = await build('first', 1_000);
    const uetrs: string[] = Array.from({ length: 5 }, () => randomUUID());
    for (const uetr of uetrs) {
      const { headers, payload } = network.payment({ uetr });
      const answer = await first.app.inject({ method: 'POST', url: '/payments', headers, payload });
      assert.equal(answer.statusCode, 202, answer.body);
    }
    const read = (gateway: typeof first, url: string) =>
      gateway.app.inject({ url, headers: network.reading('ALFADE00', url) });
    const settled = async (gateway: typeof first, uetr: string) => {
      const endMs = Date.now() + 120_000;
      for (;;) {
        const answer = await read(gateway, `/payments/${uetr}`);
        if (answer.statusCode === 200) return answer.json().state;
        assert.ok(Date.now() < endMs, answer.body);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    for (const uetr of uetrs) assert.equal(await settled(first, uetr), 'ACSC');
    // What is told beside statuses, as that the day opened, stands on the same topic and names no payment.
    const page = (await read(first, '/banks/ALFADE00/statuses?limit=2')).json();
    await first.close();
    // One that knows nothing yet: old statuses come from the log, positions of the other hold.
    const second = await build('second', 1);
    for (const uetr of uetrs) assert.equal(await settled(second, uetr), 'ACSC');
    const rest = (await read(second, `/banks/ALFADE00/statuses?from=${page.next}`)).json();
    assert.equal(page.items.length, 2);
    const items: { uetr: string | null }[] = [...page.items, ...rest.items];
    const seen = items.flatMap(({ uetr }) => (uetr === null ? [] : [uetr]));
    assert.deepEqual(new Set(seen), new Set(uetrs));
    assert.equal(seen.length, uetrs.length);
    await second.close();
    await network.stop();
    await log.close();
  });
}
