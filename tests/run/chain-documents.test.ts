/** Documents of chains: those of each are in the log, name each other and its payments, and a changed one proves nothing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verifyProof } from '../../services/cli/verify-proof.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { amountText } from '../../services/protocol/names/minor-units.ts';
import { recordReceipt } from '../../services/run/run-receipt.ts';
import { RunSeal } from '../../services/run/run-seal.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { recordedDocuments } from '../../services/scenario/recorded-documents.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { recordFolder } from '../support/explained-run.ts';
import { load, runDirectly, runScenario } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-documents-'));
after(() => rmSync(folder, { recursive: true }));

const CLAIMS = 24;
const small = (...set: string[]) =>
  load('insurance-burst', [`chainFlows.claims.chainsPerDate=${CLAIMS}`, ...set]);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What is planned: payments of the flow's chains, and what is recorded, by their ids and in their order. */
function planned(scenario: Scenario) {
  const order: string[] = [];
  const payments = new Map<string, { atMs: number; uetr: string; to: string; amount: string }>();
  const records = new Map<string, { atMs: number; digest: string }>();
  for (const message of planMessages(scenario)) {
    const { atMs } = message;
    if (message.kind === 'payment') {
      const { uetr, creditorAgent, amountMinor, endToEndId } = message.payment;
      const { bic: to } = scenario.participants[creditorAgent]!;
      payments.set(endToEndId, { atMs, uetr: `${uetr}`, to, amount: amountText(amountMinor, 2) });
      order.push(endToEndId);
    } else if (message.request.kind === 'record') {
      const { id, digest } = message.request;
      // It may come again.
      if (records.has(id)) continue;
      records.set(id, { atMs, digest: Buffer.from(digest).toString('hex') });
      order.push(id);
    }
  }
  return { order, payments, records };
}

const claimOf = (number: number) => `claims-20260316-${String(number).padStart(7, '0')}`;
const CONDITION = {
  threshold: 1,
  groups: [{ threshold: 2, attestors: ['WINDDE10', 'WINDDE20', 'WINDDE30'] }],
};

test('a claim names its payment and its policy, which is recorded hours before and names no payment', () => {
  const scenario = small();
  const { order, payments, records } = planned(scenario);
  const documents = new Map([...recordedDocuments(scenario)].map((one) => [one.id, one]));
  assert.equal(documents.size, 1 + 2 * CLAIMS);
  assert.deepEqual(new Set(records.keys()), new Set(documents.keys()));
  for (let number = 1; number <= CLAIMS; number++) {
    const chain = claimOf(number);
    const { atMs, uetr, to, amount } = payments.get(chain)!;
    const leg = { from: 'INSUDE00', to, currency: 'EUR', amount };
    const both = { attestor: 'REGIDE00', chain, date: '2026-03-16' };
    const [policy, claim] = [`policy.${chain}`, `claim.${chain}`].map((id) => {
      const { text, digest, kind, attestor, at } = documents.get(id)!;
      const record = records.get(id)!;
      assert.deepEqual([digest, record.digest], [sha256(`${text}`), sha256(`${text}`)]);
      assert.deepEqual(
        [`${kind}.${chain}`, attestor, Date.parse(at)],
        [id, 'REGIDE00', record.atMs],
      );
      return { text: `${text}`, atMs: record.atMs };
    });
    assert.deepEqual(JSON.parse(policy!.text), {
      ...{ kind: 'policy', ...both, legs: [leg], condition: CONDITION },
    });
    assert.deepEqual(JSON.parse(claim!.text), {
      ...{ kind: 'claim', ...both, legs: [{ uetr, ...leg }], condition: CONDITION },
      documents: { policy: sha256(policy!.text) },
    });
    assert.deepEqual([policy!.atMs, claim!.atMs], [atMs - 6 * 3_600_000, atMs]);
    assert.ok(order.indexOf(chain) < order.indexOf(`claim.${chain}`), 'behind its payment');
  }
});

test('every policy and claim is recorded by both doors, and each proves by a receipt that a changed one does not have', async () => {
  const run = join(folder, 'run');
  const scenario = small();
  const seal = new RunSeal(run, scenario.network);
  const digests: string[] = [];
  const summary = await recordFolder(run, scenario, true, (write) =>
    runScenario(scenario, {
      onSlice: async (slice) => {
        await write(slice);
        for (const [pool, { batch }] of slice.steps.entries()) {
          seal.take(scenario.pools[pool]!.name, batch.events);
          for (const event of readEvents(batch.events))
            if (event.kind === 'recorded')
              digests.push(Buffer.from(event.documentDigest).toString('hex'));
        }
      },
    }),
  );
  await seal.finish();
  assert.deepEqual((await runDirectly(scenario)).summary, summary);
  const documents = [...recordedDocuments(scenario)];
  assert.deepEqual(digests.sort(), documents.map(({ digest }) => digest.slice(0, 40)).sort());
  const policy = join(run, 'evidence/policy');
  const put = (text: string) => {
    const file = join(folder, sha256(text));
    writeFileSync(file, text);
    return file;
  };
  for (const number of [1, 13, CLAIMS])
    for (const kind of ['policy', 'claim']) {
      const id = `${kind}.${claimOf(number)}`;
      const { text, at } = documents.find((one) => one.id === id)!;
      const receipt = await recordReceipt(run, Buffer.from(sha256(`${text}`), 'hex'));
      assert.equal(receipt.times, 1, id);
      const holds = (of: string) =>
        verifyProof('r', receipt.text, { policy, document: put(of) }).said;
      assert.match(
        holds(`${text}`),
        new RegExp(`was recorded at ${at} \\(${kind}\\), as REGIDE00 signed it`),
      );
      const changed = `${text}`.replace(/"amount":"\d/, (one) =>
        /9$/.test(one) ? one.replace('9', '8') : one.replace(/\d$/, '9'),
      );
      assert.notEqual(changed, text);
      assert.throws(() => holds(changed), /has the digest [0-9a-f]{64}, recorded was/);
      await assert.rejects(
        recordReceipt(run, Buffer.from(sha256(changed), 'hex')),
        /no record has the digest/,
      );
    }
});

test('what an attestor cannot send in its outage it records behind it, unchanged; of a chain that nobody sends nothing is', async () => {
  const away = 'events.outages=[{ participant: REGIDE00, from: "08:03", until: "14:05" }]';
  const scenario = small(away, 'chainFlows.claims.legs.0.unsentEvery=8');
  const documents = [...recordedDocuments(scenario)];
  assert.equal(documents.length, 1 + 2 * (CLAIMS - CLAIMS / 8));
  const untilMs = Date.parse('2026-03-16T14:05Z');
  const before = new Map([...recordedDocuments(small())].map((one) => [one.id, one]));
  let late = 0;
  for (const { id, at, text } of documents) {
    assert.ok(!/0000(008|016|024)$/.test(id), id);
    const due = before.get(id)!;
    const isOut = due.at >= '2026-03-16T08:03' && due.at < '2026-03-16T14:05' && id !== 'record-1';
    if (isOut) late += 1;
    assert.equal(Date.parse(at), isOut ? untilMs : Date.parse(due.at), id);
    assert.equal(text, due.text);
  }
  assert.ok(late > CLAIMS / 2, `${late}`);
  const { records } = planned(scenario);
  for (const { id, at } of documents) assert.equal(records.get(id)?.atMs, Date.parse(at), id);
  const { summary } = await runDirectly(scenario);
  assert.deepEqual((await runScenario(scenario)).summary, summary);
  const recorded = summary.conditions!.attestations.reduce((sum, one) => sum + one.recorded, 0);
  assert.equal(recorded, documents.length);
});

const PAIRS = `name: pairs
description: Swaps with documents.
seed: 3
businessDates: [2026-03-16, 2026-03-17]
zone: UTC
currencies:
  EUR: { opens: "08:00", closes: "18:00", zone: UTC }
  USD: { opens: "08:00", closes: "18:00", zone: UTC }
participants:
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "9000.00" }, USD: { balance: "9000.00" } } }
  - { bic: BETAUS00, name: Beta, accounts: { EUR: { balance: "9000.00" }, USD: { balance: "9000.00" } } }
  - { bic: NOTADE00, name: Notary, role: registrar }
profiles:
  day: { zone: UTC, parts: [{ from: "09:00", to: "17:00", weight: 1 }] }
chainFlows:
  - name: swaps
    chainsPerDate: 30
    profile: day
    amounts: { median: "10.00", sigma: 0.4, min: "1.00", max: "90.00" }
    legs:
      - { from: ALFADE00, to: BETAUS00, currency: EUR }
      - { from: BETAUS00, to: ALFADE00, currency: USD, price: "1.1" }
    documents:
      - { kind: contract, attestor: NOTADE00, beforeSeconds: 60 }
      - { kind: confirmation, attestor: NOTADE00, beforeSeconds: 60 }
      - { kind: receipt, attestor: BETAUS00 }
`;
const pairs = (...set: string[]) => loadScenario('pairs.yaml', { readFile: () => PAIRS, set });

test('documents need no condition, on any date, and each names all above it', async () => {
  const scenario = pairs();
  const { summary } = await runDirectly(scenario);
  assert.equal(summary.chains?.settled, 60);
  const recorded = summary.conditions!.attestations.map(
    ({ attestor, recorded }) => [attestor, recorded] as const,
  );
  assert.deepEqual(
    new Map(recorded),
    new Map([
      ['NOTADE00', 120],
      ['BETAUS00', 60],
    ]),
  );
  assert.deepEqual((await runScenario(scenario)).summary, summary);
  const texts = new Map([...recordedDocuments(scenario)].map(({ id, text }) => [id, `${text}`]));
  for (const [id, text] of texts) {
    const [kind, chain] = id.split('.');
    const { legs, documents = {}, condition } = JSON.parse(text);
    assert.equal(condition, undefined);
    assert.equal(
      legs.filter(({ uetr }: { uetr?: string }) => uetr).length,
      kind === 'receipt' ? 2 : 0,
    );
    const above = {
      contract: [],
      confirmation: ['contract'],
      receipt: ['contract', 'confirmation'],
    };
    assert.deepEqual(
      documents,
      Object.fromEntries(
        above[kind as keyof typeof above].map((one) => [
          one,
          sha256(texts.get(`${one}.${chain}`)!),
        ]),
      ),
    );
  }
});

/** Each: what is set, and what is told. */
const WRONG = [
  [
    'kind=Contract',
    /kind: "Contract": expected a word of at most 16 lower-case letters and digits/,
  ],
  [
    'kind=confirmation',
    /documents\[1\]\.kind: "confirmation": expected each kind once in the flow/,
  ],
  [
    'kind=abcdefghijklm',
    /kind: "abcdefghijklm": expected at most 12 characters: its id has the name/,
  ],
  ['attestor=NONEDE00', /documents\[0\]\.attestor: "NONEDE00": expected a participant/],
  [
    'beforeSeconds=30',
    /documents\[1\]\.beforeSeconds: 60: expected at most the 30 of the one above/,
  ],
  ['beforeSeconds=86401', /beforeSeconds: 86401: expected/],
] as const;
for (const [set, told] of WRONG)
  test(`a document is refused: ${set}`, () =>
    assert.throws(() => pairs(`chainFlows.swaps.documents.0.${set}`), told));

test('a flow that is counted has none', () =>
  assert.throws(
    () =>
      load('metering', ['chainFlows.draw-bills.documents=[{ kind: bill, attestor: DESKDE00 }]']),
    /documents: .*: expected none beside counted/,
  ));
