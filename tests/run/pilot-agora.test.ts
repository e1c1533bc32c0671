import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { PaymentRow } from '../../services/report/figures/payment-table.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import type { Scenario, ScenarioChain } from '../../services/scenario/scenario.ts';
import { toldOn } from '../support/pilot-page.ts';
import { load, runDirectly, scenarioFile } from '../support/run.ts';

/** The pilot of docs/pilot-agora.md: payments screened side by side and settled whole, against one bank after the other. */
const HASHES = {
  screened: '3a437cc0e89edad1169e8b3653371bec33f23bf2f61fb59e53938bb47ff0691b',
  sequential: '27f6a99aea98e49fccff6b6c0630f79af9899be69bf1c62997ff6bad0361cf27',
};
const SCREENED = load('agora-screened');
const HOUR_MS = 3_600_000;

interface Looked {
  readonly chain: ScenarioChain;
  /** By participant: how long it looks at the payment, ms, and what it finds. */
  readonly looks: Map<number, { readonly takesMs: number; readonly accepts: boolean }>;
}

function looked(): Looked[] {
  const all = new Map<string, Looked>();
  for (const message of planMessages(SCREENED))
    if (message.kind === 'payment' && message.payment.ofChain) {
      const { chain } = message.payment.ofChain;
      if (!all.has(chain.id)) all.set(chain.id, { chain, looks: new Map() });
    } else if (message.kind === 'request' && message.request.kind === 'attestation') {
      const { chain, participant, verdict, atMs } = message.request;
      if (verdict === 'held') continue;
      const look = { takesMs: atMs - chain.atMs, accepts: verdict === 'accepted' };
      all.get(chain.id)?.looks.set(participant, look);
    }
  return [...all.values()];
}

/** The legs of a payment as its banks send them one after the other: each looks at it when it has been paid. */
function sequentialRows({ chain, looks }: Looked): string[] {
  const rows: string[] = [];
  let atMs = chain.atMs;
  for (const [
    place,
    { debtorAgent, creditorAgent, currency, amountMinor },
  ] of chain.legs.entries()) {
    const look = looks.get(debtorAgent);
    assert.ok(look, 'every bank answers');
    if (!look.accepts) break;
    atMs += look.takesMs;
    const { code, minorUnits } = SCREENED.currencies[currency]!;
    const [whole, part] = [amountMinor / 10n ** BigInt(minorUnits), String(amountMinor)];
    const amount = minorUnits === 0 ? `${whole}` : `${whole}.${part.slice(-minorUnits)}`;
    const time = new Date(atMs).toISOString().slice(11, 23);
    const [from, to] = [debtorAgent, creditorAgent].map((of) => SCREENED.participants[of]?.bic);
    const reference = `${chain.id}.${place + 1}`;
    rows.push(['2026-03-16', time, from, to, code, amount, 'normal,bank', reference].join(','));
  }
  return rows;
}

test('the table of agora-sequential is what agora-screened plans, one bank after the other', () => {
  const lines = [
    '# Of agora-screened.yaml, with the times that its banks need one after the other',
    'date,time,debtor,creditor,currency,amount,priority,kind,reference',
    ...looked().flatMap(sequentialRows),
    '',
  ];
  const file = scenarioFile('agora-sequential').replace('.yaml', '.csv');
  assert.equal(readFileSync(file, 'utf8'), lines.join('\n'));
});

/** When the legs of each payment settled, by the payment. */
function settledAt(scenario: Scenario, rows: readonly PaymentRow[]): Map<string, number[]> {
  const idOf = new Map<string, string>();
  for (const message of planMessages(scenario))
    if (message.kind === 'payment') {
      const [id = ''] = message.payment.endToEndId.split('.');
      idOf.set(`${message.payment.uetr}`, id);
    }
  const settled = new Map<string, number[]>();
  for (const { uetr, status, finalAtMs } of rows)
    if (status === 'settled') {
      const id = idOf.get(uetr) ?? '';
      settled.set(id, [...(settled.get(id) ?? []), finalAtMs as number]);
    }
  return settled;
}

test('looks side by side take the longest one, one after the other all of them; and a refusal finds no money moved', async () => {
  const [together, oneByOne] = [
    await runDirectly(SCREENED),
    await runDirectly(load('agora-sequential')),
  ];
  assert.equal(together.summary.eventsHash, HASHES.screened);
  assert.equal(oneByOne.summary.eventsHash, HASHES.sequential);
  const chains = settledAt(SCREENED, together.rows);
  const sequential = settledAt(load('agora-sequential'), oneByOne.rows);
  const tookMs = { chain: [] as number[], sequential: [] as number[] };
  const moved = { refused: 0, chain: 0, sequential: 0 };
  for (const { chain, looks } of looked()) {
    const [whole, legs] = [chains.get(chain.id) ?? [], sequential.get(chain.id) ?? []];
    const all = [...looks.values()];
    // The payee's bank looks at it last of all.
    const last = looks.get(chain.legs.at(-1)!.creditorAgent)!;
    if (all.some(({ accepts }) => !accepts)) {
      moved.refused += 1;
      moved.chain += whole.length;
      moved.sequential += legs.length;
      continue;
    }
    assert.equal(whole.length, chain.legs.length, `${chain.id} is settled whole`);
    assert.equal(legs.length, chain.legs.length);
    const longestMs = Math.max(...all.map(({ takesMs }) => takesMs));
    assert.equal(Math.max(...whole) - chain.atMs, longestMs);
    tookMs.chain.push(longestMs);
    tookMs.sequential.push(Math.max(...legs) + last.takesMs - chain.atMs);
  }
  assert.deepEqual(moved, { refused: 4, chain: 0, sequential: 15 });
  const within = (of: readonly number[]) => of.filter((ms) => ms <= HOUR_MS).length / of.length;
  const minutes = (of: readonly number[]) =>
    Math.round([...of].sort((a, b) => a - b)[Math.floor(of.length / 2)]! / 60_000);
  // What docs/pilot-agora.md tells.
  assert.deepEqual([within(tookMs.chain), within(tookMs.sequential)], [64 / 76, 7 / 76]);
  assert.deepEqual([minutes(tookMs.chain), minutes(tookMs.sequential)], [36, 102]);
  for (const [measure, told] of [
    ['payments that nobody refuses', [`${tookMs.chain.length}`, `${tookMs.sequential.length}`]],
    ['median from sending to credited', ['36 min', '102 min']],
    [
      'credited within an hour (target: 75 %)',
      [within(tookMs.chain), within(tookMs.sequential)].map((one) => `${Math.round(100 * one)} %`),
    ],
    ['refused payments', ['4', '4']],
    ['legs of them that had moved money, to be paid back', ['0', '15']],
  ] as const)
    assert.deepEqual(toldOn('agora', measure), told, measure);
});

test('desks that the network’s policy names, and not the terms alone, change nothing where the terms ask them too', async () => {
  const desk = (of: string) => `{ desk: ${of}, withinMinutes: 480 }`;
  const policy = `settlement.preValidation=[${desk('KORRDE00')}, ${desk('TOKYJP00')}]`;
  const { summary } = await runDirectly(load('agora-screened', [policy]));
  assert.equal(summary.eventsHash, HASHES.screened);
  // The sequential payments are no chains: such a network takes none of them.
  const refused = await runDirectly(load('agora-sequential', [policy]));
  assert.equal(refused.summary.settled, 0);
  assert.ok(refused.rows.every(({ reason }) => reason === 'preValidationMissing'));
});

test('money that is set aside when all legs are there is locked while banks look; at the trigger none is, and as much settles', async () => {
  const early = [0, 1, 2, 3].map((flow) => `chainFlows[${flow}].earmark.when=acceptance`);
  const [trigger, acceptance] = [
    await runDirectly(SCREENED),
    await runDirectly(load('agora-screened', early)),
  ];
  const lockedHours = ({ summary }: typeof trigger, code: string) =>
    (summary.conditions?.locked ?? [])
      .filter(({ currency }) => currency === code)
      .reduce((sum, { lockedMinorMs }) => sum + Number(lockedMinorMs), 0) / HOUR_MS;
  const settled = [trigger, acceptance].map(({ summary }) => summary.chains?.settled);
  assert.deepEqual(settled, [76, 76]);
  for (const [code, decimals, millions] of [
    ['EUR', 2, 5.6],
    ['USD', 2, 7.9],
    ['JPY', 0, 1400],
  ] as const) {
    assert.equal(lockedHours(trigger, code), 0);
    const found = lockedHours(acceptance, code) / 10 ** (decimals + 6);
    // To the two digits that docs/pilot-agora.md tells.
    assert.equal(Number(found.toPrecision(2)), millions, `${found} million ${code} x h`);
  }
});
