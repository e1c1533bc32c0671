import assert from 'node:assert/strict';
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { BadInput } from '../../services/platform/exit-codes.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { payloadDigestHex } from '../../services/protocol/names/signing-text.ts';
import {
  type InputLogHeader,
  InputLogReader,
  type InputLogTrailer,
  writeInputFrames,
  writeInputLogHeader,
  writeInputLogTrailer,
} from '../../services/protocol/records/input-log-file.ts';
import {
  isControl,
  readVerified,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { Replay } from '../../services/replay/replay.ts';
import { provenRun } from '../../services/replay/replay-run.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { InputLogWriter } from '../../services/run/input-log-writer.ts';
import { loadScenario } from '../../services/scenario/load-scenario.ts';
import { drawer } from '../faults/banks.ts';
import { load, runScenario } from '../support/run.ts';

/** What `corridor replay RUN` finds in a run whose files somebody, or a disk, has changed. */
const SEED = 20_261_127;
const FLIPS = process.env.CORRIDOR_LONG_TESTS === '1' ? 150 : 20;
let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'corridor-replay-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const summaryText = (summary: unknown) => `${JSON.stringify(summary, null, 2)}\n`;

/** A run's folder as `corridor run` writes it, as far as a replay reads it. */
async function record(name: string, scenario = load(name)): Promise<string> {
  const run = join(folder, name);
  mkdirSync(run, { recursive: true });
  const made = { scenario, version: '0.1.0', signatures: true };
  const writer = new InputLogWriter(createWriteStream(join(run, 'input.log')), made);
  const inputs: [number, readonly Uint8Array[]][] = [];
  const { summary } = await runScenario(scenario, {
    onSlice: ({ steps }) => {
      for (const [pool, step] of steps.entries()) inputs.push([pool, [...step.inputs]]);
    },
  });
  for (const [pool, values] of inputs) await writer.write(pool, values);
  const text = summaryText({ ...summary, version: '0.1.0' });
  const summaryDigest = payloadDigestHex(Buffer.from(text));
  await writer.end({ eventsHash: summary.eventsHash, summaryDigest });
  writeFileSync(join(run, 'summary.json'), text);
  return run;
}

interface Recorded {
  header: InputLogHeader;
  records: { pool: number; value: Uint8Array }[];
}

function read(run: string): Recorded {
  const recorded: { header?: InputLogHeader; records: Recorded['records'] } = { records: [] };
  const reader = new InputLogReader({
    header: (header) => {
      recorded.header = header;
    },
    record: (pool, value) => recorded.records.push({ pool, value: Buffer.from(value) }),
    trailer: () => {},
  });
  reader.push(gunzipSync(readFileSync(join(run, 'input.log'))));
  reader.end();
  return recorded as Recorded;
}

/** Writes an input.log with records as they are given, and a trailer that agrees with them. */
async function forge(run: string, { header, records }: Recorded, text: string): Promise<string> {
  const bytes = Buffer.concat([
    writeInputLogHeader(header),
    ...records.map(({ pool, value }) => writeInputFrames(pool, [value])),
  ]);
  const counts = header.pools.map(
    (_, index) => records.filter(({ pool }) => pool === index).length,
  );
  const withTrailer = (trailer: InputLogTrailer) =>
    Buffer.concat([bytes, writeInputLogTrailer(trailer)]);
  const wasm = compiledCore();
  const replay = new Replay(() => createSettlement(wasm), null);
  replay.push(withTrailer({ records: counts, eventsHash: '' }));
  const { eventsHash } = await replay.result();
  const trailer = {
    records: counts,
    eventsHash,
    inputDigest: payloadDigestHex(bytes),
    summaryDigest: payloadDigestHex(Buffer.from(text)),
  };
  writeFileSync(join(run, 'input.log'), gzipSync(withTrailer(trailer)));
  return eventsHash;
}

for (const name of ['smoke', 'linked-gridlock', 'netting-default', 'pssimpy-ring'])
  test(`the figures of ${name} are those of its replay`, async () => {
    const { differences, result } = await provenRun(await record(name));
    assert.deepEqual(differences, []);
    assert.ok((result.proven.get('payment') ?? 0) > 0);
  });

test('of a leg that nobody sent so, and that cannot be cleared either, it is told that it is not proven', async () => {
  const run = await record('supply-chain-finance');
  const { header, records } = read(run);
  const at = records.findIndex(
    ({ value }) => !isControl(value) && readVerified(value).kind === 'chainLeg',
  );
  // Clearing reads what stands behind a leg's own terms, its document with the other legs.
  const { value } = records[at] as Recorded['records'][number];
  value[Buffer.from(value).indexOf('{"ce_')] = 0x20;
  const bytes = Buffer.concat([
    writeInputLogHeader(header),
    ...records.map(({ pool, value }) => writeInputFrames(pool, [value])),
    writeInputLogTrailer({ records: [records.length], eventsHash: '' }),
  ]);
  const cleared = new Replay(() => createSettlement(compiledCore()), null);
  cleared.push(bytes);
  await assert.rejects(cleared.result(), /cannot be cleared/);
  writeFileSync(join(run, 'input.log'), gzipSync(bytes));
  await assert.rejects(provenRun(run), new RegExp(`pool main, offset ${at}: .*cannot be read`));
});

/** Of two dates of a currency that is open around the clock: a wait begins at the close between them. */
const AROUND_THE_CLOCK = `name: around-the-clock
seed: 3
tickMs: 60000
businessDates: [2026-03-16, 2026-03-17]
currencies: { EUR: { opens: "00:00", closes: "24:00", zone: UTC } }
participants:
  - { bic: ALFADE00, name: Alfa, accounts: { EUR: { balance: "500" } } }
  - { bic: BETASG00, name: Beta, accounts: { EUR: { balance: "500" } } }
payments: { csv: payments.csv }
`;
const PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-17,00:00:00,ALFADE00,BETASG00,EUR,100.00,
2026-03-17,00:00:00,ALFADE00,BETASG00,EUR,700.00,
2026-03-17,12:00:00,BETASG00,ALFADE00,EUR,500.00,
`;

test('the figures of a currency that is open around the clock are those of its replay', async () => {
  const readFile = (path: string) => (path.endsWith('.csv') ? PAYMENTS : AROUND_THE_CLOCK);
  const scenario = loadScenario('around-the-clock.yaml', { readFile, set: [] });
  const run = await record('around-the-clock', scenario);
  assert.deepEqual((await provenRun(run)).differences, []);
});

test('an issue that somebody put in differs, whatever else he rewrites', async () => {
  const run = await record('smoke');
  const text = readFileSync(join(run, 'summary.json'), 'utf8');
  const summary = JSON.parse(text) as Summary;
  const recorded = read(run);
  const at = recorded.records.findIndex(({ value }) => !isControl(value));
  recorded.records.splice(at, 0, {
    pool: 0,
    value: writeControl({
      kind: 'issue',
      timeMs: readVerified(recorded.records[at]?.value as Uint8Array).appendedAtMs,
      bic: 'ALFADE00' as never,
      currency: 'EUR',
      amountMinor: '99999999900',
    }),
  });
  const eventsHash = await forge(run, recorded, text);
  const first = await provenRun(run);
  assert.match(first.differences.join('\n'), /summary\.json: eventsHash/);
  const again = summaryText({ ...summary, eventsHash });
  writeFileSync(join(run, 'summary.json'), again);
  await forge(run, recorded, again);
  const second = await provenRun(run);
  assert.match(second.differences.join('\n'), /liquidity\.EUR\.availableMinor/);
});

test('a payment in the place of another differs, and one that is changed is no message', async () => {
  const run = await record('smoke');
  const text = readFileSync(join(run, 'summary.json'), 'utf8');
  const recorded = read(run);
  const payments = recorded.records.filter(
    ({ value }) => !isControl(value) && readVerified(value).kind === 'payment',
  );
  const [one, other] = [payments[3], payments[7]] as [{ value: Uint8Array }, { value: Uint8Array }];
  const { value } = one;
  one.value = other.value;
  await forge(run, recorded, text);
  const { differences } = await provenRun(run);
  assert.match(differences.join('\n'), /summary\.json: eventsHash/);
  const changed = Buffer.from(value);
  changed.writeBigInt64LE(changed.readBigInt64LE(160) + 100n, 160);
  one.value = changed;
  await forge(run, recorded, text);
  await assert.rejects(provenRun(run), (error: Error) => {
    assert.ok(error instanceof BadInput);
    assert.match(error.message, /pool main, offset \d+: payment of \S+ \S+: .* amount1 \d+, by/);
    return true;
  });
});

/** One clear line that tells what is wrong: neither agreement nor a fault of the program's own. */
async function tells(run: string): Promise<string> {
  try {
    const { differences } = await provenRun(run);
    return differences[0] ?? 'it agrees';
  } catch (error) {
    assert.ok(error instanceof BadInput, `${(error as Error).stack}`);
    assert.ok(!error.message.includes('\n'), error.message);
    return error.message;
  }
}

const RAW = /Cannot read prop|is not a function|is not iterable|undefined \(|^it agrees$/;

test('any byte that flips in input.log or summary.json is told in one line', async () => {
  const run = await record('pssimpy-ring');
  const draw = drawer(SEED);
  const files = [
    ['input.log', gunzipSync(readFileSync(join(run, 'input.log'))), gzipSync],
    ['summary.json', readFileSync(join(run, 'summary.json')), (bytes: Buffer) => bytes],
  ] as const;
  for (let flip = 0; flip < FLIPS; flip++) {
    const [name, bytes, pack] = files[flip % 3 === 2 ? 1 : 0];
    const at = (draw(65_536) * 65_536 + draw(65_536)) % bytes.length;
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ (1 << draw(8));
    writeFileSync(join(run, name), pack(flipped));
    const told = await tells(run);
    assert.doesNotMatch(told, RAW, `seed ${SEED}, flip ${flip}: byte ${at} of ${name}`);
    writeFileSync(join(run, name), pack(Buffer.from(bytes)));
  }
  assert.equal(await tells(run), 'it agrees');
});

/** In place of each member of the JSON in a control record, and of the summary. */
const OTHERS = [null, 'x', -1, 1e300, {}, [], true, '9'.repeat(30)];

test('any member of a record or of the summary may be anything: one line tells', async () => {
  const run = await record('pssimpy-ring');
  const draw = drawer(SEED + 1);
  const recorded = read(run);
  const text = readFileSync(join(run, 'summary.json'), 'utf8');
  const original = readFileSync(join(run, 'input.log'));
  const controls = [...recorded.records.entries()].filter(
    ([, { value }]) => isControl(value) && !Buffer.from(value).includes('"tick"'),
  );
  const other = () => OTHERS[draw(OTHERS.length)];
  for (let flip = 0; flip < FLIPS; flip++) {
    const isSummary = flip % 3 === 2;
    const [index, record] = controls[draw(controls.length)] as [
      number,
      { value: Buffer; pool: number },
    ];
    const document = JSON.parse(isSummary ? text : record.value.toString('utf8'));
    const keys = Object.keys(document);
    const key = keys[draw(keys.length)] as string;
    const before = JSON.stringify(document[key]);
    if (draw(5) === 0) delete document[key];
    else document[key] = other();
    if (JSON.stringify(document[key]) === before) continue;
    if (isSummary) writeFileSync(join(run, 'summary.json'), summaryText(document));
    else {
      const records = [...recorded.records];
      records[index] = { ...record, value: Buffer.from(JSON.stringify(document)) };
      const bytes = Buffer.concat([
        writeInputLogHeader(recorded.header),
        ...records.map(({ pool, value }) => writeInputFrames(pool, [value])),
        writeInputLogTrailer({ records: [records.length], eventsHash: 'x' }),
      ]);
      writeFileSync(join(run, 'input.log'), gzipSync(bytes));
    }
    const told = await tells(run);
    assert.doesNotMatch(told, RAW, `seed ${SEED + 1}, flip ${flip}: ${key} ${before}`);
    writeFileSync(join(run, 'summary.json'), text);
    writeFileSync(join(run, 'input.log'), original);
  }
});
