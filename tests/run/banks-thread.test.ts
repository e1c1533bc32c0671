import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSignatureCheck } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { readEnvelope } from '../../services/protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { BanksThread } from '../../services/run/banks-thread.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { simulatedPublicKeys } from '../../services/simulator/keys-and-genesis.ts';
import type { BankMail, RunBanks } from '../../services/simulator/run-banks.ts';
import { SimulatedBanks } from '../../services/simulator/simulated-banks.ts';
import { Simulation } from '../../services/simulator/simulation.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { load } from '../support/run.ts';

const wasm = compiledCore();
const of = (scenario: Scenario, asks = false) => ({ scenario, signingCore: wasm, asks });

/** All that banks write, told of what a run told them, and what they then know. */
async function all(banks: RunBanks, mail: readonly (readonly BankMail[])[]) {
  const written = [];
  for (let next = await banks.next(); next !== null; next = await banks.next()) {
    const told = mail[written.length];
    if (told) await banks.tell(told);
    const messages = next.kind === 'slice' ? next.messages : [];
    const plain = messages.map((message) => ({ ...message, value: Buffer.from(message.value) }));
    written.push({ ...next, messages: plain });
  }
  return { written, end: await banks.end() };
}

/** What a run tells its banks, slice by slice. */
async function mailOf(scenario: Scenario): Promise<BankMail[][]> {
  const mail: BankMail[][] = [];
  const banks = new SimulatedBanks(of(scenario));
  const heard: RunBanks = {
    next: () => banks.next(),
    end: () => banks.end(),
    async tell(told) {
      mail.push([...told]);
      await banks.tell(told);
    },
  };
  for await (const _ of await begun(scenario, heard));
  // The genesis tells them nothing.
  return mail.slice(1);
}

async function begun(scenario: Scenario, banks: RunBanks) {
  const simulation = new Simulation({
    ...{ scenario, banks, signatures: true, forgets: true, clockNs: () => 0n },
    log: createMemoryLog({ now: () => 0 }),
    verification: createVerification(wasm),
    createSettlement: () => createSettlement(wasm),
  });
  await simulation.createTopics();
  return simulation.run();
}

describe('banks on a thread', () => {
  test('write and know what they do without one: payments, legs, chains, quotes, requests and repeats', async () => {
    for (const scenario of [load('smoke', ['batchSize=7']), randomScenario(3), randomScenario(6)]) {
      const mail = await mailOf(scenario);
      const thread = new BanksThread(of(scenario));
      try {
        const beside = await all(thread, mail);
        const here = await all(new SimulatedBanks(of(scenario)), mail);
        assert.deepEqual(beside.written, here.written);
        assert.deepEqual(beside.end, here.end);
        assert.ok(here.end.books.settled > 0 && here.end.books.received > 0);
        assert.equal(here.end.books.unmatched, 0);
      } finally {
        await thread.stop();
      }
    }
  });

  test('have the cycles in their plan that ask a mechanism of somebody’s own', async () => {
    const scenario = load('linked-gridlock', [], true);
    const thread = new BanksThread(of(scenario, true));
    try {
      const { written } = await all(thread, []);
      assert.deepEqual(written, (await all(new SimulatedBanks(of(scenario, true)), [])).written);
      assert.ok(written.some(({ kind }) => kind === 'ask'));
    } finally {
      await thread.stop();
    }
  });

  test('that cannot read what they are told end a run with the error', async () => {
    const thread = new BanksThread(of(load('smoke', ['batchSize=7'])));
    try {
      await thread.next();
      await thread.tell([{ participant: 0, statuses: [Buffer.from('{')], deliveries: 0 }]);
      const rest = async () => {
        while ((await thread.next()) !== null);
      };
      await assert.rejects(rest(), SyntaxError);
      await assert.rejects(thread.end(), SyntaxError);
    } finally {
      await thread.stop();
    }
  });

  test('that end without an error tell who waits and who comes after', {
    timeout: 60_000,
  }, async () => {
    const began = once(process, 'worker');
    const thread = new BanksThread(of(load('smoke', ['batchSize=7'])));
    const [worker] = (await began) as [Worker];
    await thread.next();
    const ended = worker.terminate();
    await assert.rejects(thread.end(), /the thread of the banks ended/);
    await ended;
    await assert.rejects(thread.end(), /the thread of the banks ended/);
    await thread.stop();
  });

  test('that are stopped end a run with an error, the slices ahead with it', async () => {
    const scenario = load('smoke', ['batchSize=7']);
    const thread = new BanksThread(of(scenario));
    const run = await begun(scenario, thread);
    await run.next();
    await run.next();
    await thread.stop();
    const rest = async () => {
      for await (const _ of run);
    };
    await assert.rejects(rest(), /the thread of the banks is stopped/);
    // A rejection that nobody heard of fails the test here.
    await setImmediate();
  });
});

test('a slice of more messages than are signed at once has all their signatures, each its own', async () => {
  const scenario = load('four-corridors', [
    ...['batchSize=65536', 'traffic.*.paymentsPerDate=700', 'tickMs=3600000'],
  ]);
  const banks = new SimulatedBanks(of(scenario));
  const written = await banks.next();
  assert.ok(written?.kind === 'slice' && written.messages.length > 9_000);
  const publicKeys = simulatedPublicKeys(scenario);
  for (const place of [0, 4_094, 4_095, 4_096, 4_097, 8_191, 8_192, written.messages.length - 1]) {
    const { headers, value } = written.messages[place] as (typeof written.messages)[number];
    const envelope = readEnvelope(headers);
    assert.ok('sender' in envelope);
    const { sender, signature, issuedAtMs, ...names } = envelope;
    const text = signingText({
      ...{ ...names, sender, network: scenario.network, topic: PAYMENTS },
      ...{ issuedAtMs: String(issuedAtMs), payloadDigest: payloadDigestHex(value) },
    });
    assert.ok(
      createSignatureCheck(publicKeys.get(sender) as Uint8Array)(text, signature),
      `message ${place}`,
    );
  }
});
