import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { KafkaSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import type { OffsetPorts } from '../../services/platform/log/kafka/fetch-handling.ts';
import { createMember } from '../../services/platform/log/kafka/group-member.ts';

type Heard = (event: { payload: object }) => void;
const EVENTS = {
  ...{ FETCH: 'fetch', HEARTBEAT: 'heartbeat', GROUP_JOIN: 'join' },
  ...{ REBALANCING: 'rebalancing', CRASH: 'crash' },
};

/** A member whose consumers say what they are told to, while time passes by turns of a second. */
async function memberOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const consumers: ((event: keyof typeof EVENTS) => void)[] = [];
  const consumer = () => {
    const listeners: [string, Heard][] = [];
    const say = (event: keyof typeof EVENTS) => {
      for (const [name, heard] of listeners) if (name === EVENTS[event]) heard({ payload: {} });
    };
    consumers.push(say);
    return {
      events: EVENTS,
      on: (event: string, heard: Heard) => listeners.push([event, heard]),
      async connect() {},
      async subscribe() {},
      async disconnect() {},
      run: async () => say('GROUP_JOIN'),
    };
  };
  const settings = { prefix: '', kafka: () => ({ consumer }) } as unknown as KafkaSettings;
  const options = { group: 'g', topics: ['t'], handle: async () => {} };
  const member = createMember(settings, {} as OffsetPorts, options);
  await member.joined;
  const turn = () => new Promise(setImmediate);
  await turn();
  return {
    consumers,
    member,
    /** @param event said each second by the first consumer */
    async pass(seconds: number, event: keyof typeof EVENTS) {
      for (let second = 0; second < seconds; second++) {
        consumers[0]?.(event);
        t.mock.timers.tick(1_000);
        await turn();
      }
    },
    /** Until another is there, in real time: who is to follow waits a moment. */
    async another() {
      while (consumers.length < 2) await turn();
    },
  };
}

test('a member that fetches, and of which its group hears nothing, is replaced', async (t) => {
  const { consumers, member, pass, another } = await memberOf(t);
  await pass(60, 'HEARTBEAT');
  assert.equal(consumers.length, 1);
  await pass(30, 'FETCH');
  assert.equal(member.consumer, undefined);
  await another();
  const { generation } = member;
  // What the old one still says takes nothing from the new one.
  consumers[0]?.('GROUP_JOIN');
  assert.equal(member.generation, generation);
  await member.stop();
});

test('a member whose group is shared out anew has the time that its others have for it', async (t) => {
  const { consumers, member, pass } = await memberOf(t);
  await pass(1, 'REBALANCING');
  await pass(60, 'FETCH');
  assert.ok(member.consumer);
  assert.equal(consumers.length, 1);
  await pass(40, 'FETCH');
  assert.equal(member.consumer, undefined);
  await member.stop();
});
