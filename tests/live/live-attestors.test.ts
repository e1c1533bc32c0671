import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createBank } from '../../services/bank/bank.ts';
import { createClearing } from '../../services/clearing/clearing.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import {
  PARTICIPANTS,
  PAYMENTS,
  poolEvents,
  poolInput,
  statusesOf,
} from '../../services/protocol/names/topic-plan.ts';
import { readParticipantMessage } from '../../services/protocol/records/participant-message.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { readAll } from '../faults/topics-against-replay.ts';
import { core } from '../support/live.ts';
import { TestNetwork, today } from '../support/network.ts';
import { scenarioFile } from '../support/run.ts';

/** Two banks, a carrier and a customs office over the topics of a live network, from founding to the proof of its log. */
const [ALFA, BETA, CARRIER, CUSTOMS] = ['ALFADE00', 'BETASG00', 'CARRDE00', 'ZOLLDE00'] as [
  Bic,
  Bic,
  Bic,
  Bic,
];
const ATTESTORS = `
  - { bic: ${CARRIER}, name: Carrier, role: carrier }
  - { bic: ${CUSTOMS}, name: Customs, role: customs }`;
const scenario = loadScenario(scenarioFile('smoke'), {
  readFile: (path) =>
    readFileSync(path, 'utf8').replace('\nparticipants:', `\nparticipants:${ATTESTORS}`),
});

// biome-ignore lint/suspicious/noExplicitAny: what is told is read at any place.
type Body = any;

async function founded() {
  const log = createMemoryLog({ now: Date.now });
  const network = new TestNetwork(log, { scenario, chainLegsMax: 16, conditions: true });
  await network.create();
  const bank = (bic: Bic) =>
    createBank({
      ...{ bic, keyId: 'key-1', network: scenario.network, decimals: () => 2, keepsSent: true },
      sign: (text) => network.signer(bic).sign(text),
    });
  const send = async (message: Message) => {
    await log.produce(PAYMENTS, [message]);
    // Verified, cleared and told; and whatever follows from that.
    for (let turn = 0; turn < 3; turn++) await network.step();
  };
  const told = async (bic: Bic): Promise<Body[]> =>
    (await readAll(log, statusesOf(bic))).map(({ value }) =>
      JSON.parse(Buffer.from(value).toString()),
    );
  const statuses = async (bic: Bic) =>
    (await told(bic)).flatMap(
      ({ Document }) => Document?.FIToFIPmtStsRpt?.TxInfAndSts[0].TxSts ?? [],
    );
  const requests = async (bic: Bic) =>
    (await told(bic)).flatMap(({ AttstnReq }) => (AttstnReq ? [AttstnReq] : []));
  return { log, network, bank, send, told, statuses, requests };
}

function cargo(chainId: string, deadline: string): Omit<ChainLegInstruction, 'termsDigest'> {
  const name = createHash('sha256').update(chainId).digest('hex');
  return {
    ...{ messageId: `M-${chainId}`, chainId, instructingAgent: ALFA, legNumber: 1 },
    uetr: `${name.slice(0, 8)}-${name.slice(8, 12)}-4000-a000-${name.slice(12, 24)}` as Uetr,
    legs: [{ debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 250_000n }],
    ...{ settlementDate: today(), priority: 'normal' },
    condition: {
      groups: [CARRIER, CUSTOMS].map((bic) => ({ threshold: 1, attestors: [bic] })),
      ...{ threshold: 2, deadline, onSilence: 'release' },
    },
  };
}

/** What an attestor answers, from what it was asked and nothing else. */
const answer = (
  asked: Body,
  verdict: AttestationInstruction['verdict'],
): AttestationInstruction => ({
  ...{ id: `T-${asked.Attstr.FinInstnId.BICFI}-${asked.ChnId}`, verdict, recordKind: null },
  ...{ sender: asked.Attstr.FinInstnId.BICFI, digest: Buffer.from(asked.TermsDgst, 'hex') },
  chain: {
    ...{ settlementDate: asked.IntrBkSttlmDt, legCount: Number(asked.NbOfLegs) },
    ...{ validUntilMs: null, reason: null },
  },
  currency: 'EUR',
});

test('over the topics: released by two attestations, refused, unanswered, and a record', async () => {
  const { log, network, bank, send, statuses, requests, told } = await founded();
  const roles = (await readAll(log, PARTICIPANTS)).flatMap(({ key, value, headers }) => {
    const one = readParticipantMessage(value);
    return one ? [`${one.bic} ${one.role}`] : [key ?? '', headers];
  });
  assert.ok(roles.includes(`${CARRIER} carrier`) && roles.includes(`${CUSTOMS} customs`));

  // Until the end of the day in the zone furthest west: no hour at which this runs is later.
  const open = '23:59:59-12:00';
  await send(bank(ALFA).chainLeg(cargo('CARGO-1', open), Date.now()));
  assert.deepEqual(await statuses(ALFA), ['PDNG']);
  for (const attestor of [CARRIER, CUSTOMS]) {
    const [asked] = await requests(attestor);
    assert.equal(asked?.Sts, 'REQUESTED');
    await send(bank(attestor).attestation(answer(asked, 'accepted'), Date.now()));
  }
  assert.deepEqual(await statuses(ALFA), ['PDNG', 'PDNG', 'PDNG', 'ACWP', 'ACSC']);

  await send(bank(ALFA).chainLeg(cargo('CARGO-2', open), Date.now()));
  const second = (await requests(CUSTOMS)).at(-1);
  await send(bank(CUSTOMS).attestation(answer(second, 'refused'), Date.now()));
  assert.deepEqual((await statuses(ALFA)).slice(5), ['PDNG', 'PDNG', 'CANC']);
  assert.deepEqual(
    (await requests(CARRIER)).map(({ Sts, ChnId }) => `${ChnId} ${Sts}`),
    ['CARGO-1 REQUESTED', 'CARGO-1 MET', 'CARGO-2 REQUESTED', 'CARGO-2 ENDED'],
  );

  const document = 'Bill of lading 4711';
  const digest = createHash('sha256').update(document).digest();
  const record = { id: 'T-DOC', sender: CUSTOMS, verdict: 'recorded' as const, chain: null };
  const kept = { ...record, digest, recordKind: 'bill of lading', currency: null };
  await send(bank(CUSTOMS).attestation(kept, Date.now()));
  const receipt = (await told(CUSTOMS)).at(-1).Document.Rct.RctDtls[0];
  assert.deepEqual([receipt.OrgnlMsgId.MsgId, receipt.ReqHdlg[0].StsCd], ['T-DOC', 'COMP']);

  const [pool] = scenario.pools;
  const name = pool?.name ?? '';
  // Nobody says anything until the deadline is over, and the network's clock says so.
  await send(bank(ALFA).chainLeg(cargo('CARGO-3', open), Date.now()));
  await network.append(name, [{ kind: 'tick', timeMs: Date.now() + 2 * 86_400_000 }]);
  await network.step();
  assert.deepEqual((await statuses(ALFA)).slice(8), ['PDNG', 'CANC']);
  const follower = new EventsFollower(name);
  const written = Buffer.concat(
    (await readAll(log, poolEvents(name))).map((message) => follower.take(message)),
  );
  const events = readEvents(written);
  const found = events.find(({ kind }) => kind === 'recorded');
  assert.ok(found?.kind === 'recorded');
  assert.deepEqual(
    Buffer.from(found.documentDigest),
    createHash('sha256').update(document).digest().subarray(0, 20),
  );
  const inputs = (await readAll(log, poolInput(name))).map(({ logOffset, value }) => ({
    ...{ position: logOffset, value },
  }));
  const replayed = createClearing(createSettlement(core.module)).apply(inputs);
  assert.deepEqual(Buffer.from(replayed.events), written, 'the log replays to the same events');
});
