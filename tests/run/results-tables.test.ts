import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { highOf, lowOf } from '../../services/analysis/exact-sum.ts';
import { EventCursor } from '../../services/core/settlement/event-cursor.ts';
import { eventsOf } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { ColumnGroup } from '../../services/export/parquet-row-group.ts';
import { GROUP_ROWS } from '../../services/export/parquet-row-group-size.ts';
import { ParquetTable } from '../../services/export/parquet-table.ts';
import { TABLE_FORMS, type TableForm } from '../../services/export/table-column-types.ts';
import { type Block, EventFold } from '../../services/metrics/event-rows.ts';
import { storeOf } from '../../services/replay/named-store.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { BooksOverLedger } from '../../services/report/figures/books-over-ledger.ts';
import type { Summary } from '../../services/report/figures/summary.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { TableColumns } from '../../services/run/rows-by-column.ts';
import { RunTables, TABLES_TASKS_MAX } from '../../services/run/run-tables.ts';
import type { SimulatedRun } from '../../services/simulator/simulated-run.ts';
import { RANDOM_FILE, randomFiles, randomScenario } from '../support/random-scenario.ts';
import { directly, load, runDirectly, scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-tables-'));
after(() => rmSync(folder, { recursive: true }));

const run = (name: string, options: Partial<Parameters<typeof executeRun>[0]> = {}) =>
  executeRun({
    ...{ file: scenarioFile(name), out: join(folder, name), set: [], signatures: true },
    ...{ log: 'memory', results: 'tables' },
    ...options,
  });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const read = async (file: string) =>
  parquetReadObjects({ file: await asyncBufferFromFile(file), utf8: true });

test('the last change of each payment is what the payment came to', async () => {
  const { summary } = await run('limits-hybrid');
  assert.deepEqual(readdirSync(join(folder, 'limits-hybrid')).sort(), [
    'evidence',
    'scenario.json',
    'summary.json',
    'tables',
  ]);
  const tables = readdirSync(join(folder, 'limits-hybrid/tables'));
  assert.deepEqual(
    tables.sort(),
    Object.keys(TABLE_FORMS)
      .map((name) => `${name}.parquet`)
      .sort(),
  );
  const sealed = readFileSync(join(folder, 'limits-hybrid/evidence/files.sha256'), 'utf8');
  for (const table of tables) {
    const digest = sha256(readFileSync(join(folder, 'limits-hybrid/tables', table)));
    assert.ok(sealed.includes(`${digest}  tables/${table}\n`), table);
  }
  const changes = await read(join(folder, 'limits-hybrid/tables/payments.parquet'));
  const last = new Map(changes.map((change) => [change.payment_position, change]));
  const { rows } = await runDirectly(load('limits-hybrid'));
  assert.equal(last.size, rows.length);
  const codes = {
    queued: 'PDNG',
    accepted: 'ACSP',
    settled: 'ACSC',
    rejected: 'RJCT',
    cancelled: 'CANC',
  };
  for (const row of rows) {
    const change = last.get(BigInt(row.position));
    assert.ok(change, `position ${row.position}`);
    assert.deepEqual(
      {
        ...{ uetr: change.uetr, status: change.status, debtor: change.debtor_agent },
        ...{ creditor: change.creditor_agent, currency: change.currency },
        ...{ minor: change.amount_minor, submitted: change.submitted_at.getTime() },
        mechanism: change.mechanism,
      },
      {
        ...{ uetr: row.uetr, status: codes[row.status], debtor: row.debtorAgent },
        ...{ creditor: row.creditorAgent, currency: row.currency },
        ...{ minor: row.amountMinor, submitted: row.submittedAtMs },
        mechanism: row.mechanism === 'none' ? '' : row.mechanism,
      },
    );
  }
  const [told] = await read(join(folder, 'limits-hybrid/tables/runs.parquet'));
  assert.equal(told?.events_hash, summary.eventsHash);
});

test('a summary is the same whichever thread folded accounts and what held payments up', async () => {
  const inputs = mkdtempSync(join(folder, 'random-'));
  for (const name of [RANDOM_FILE, 'listed.csv'])
    writeFileSync(join(inputs, name), randomFiles(1)(name));
  const file = join(inputs, RANDOM_FILE);
  const [alone, beside] = [join(folder, 'alone'), join(folder, 'beside')];
  for (const [out, results] of [
    [alone, 'summary'],
    [beside, 'tables'],
  ] as const)
    await run('random', { file, out, results });
  const [one, other] = [alone, beside].map((out) =>
    readFileSync(join(out, 'summary.json'), 'utf8'),
  );
  assert.equal(other, one);
  const { indicators } = JSON.parse(one as string) as Summary;
  const debited = new Set(indicators.heldUp.map((row) => row.debited));
  // Which lies in a pool of its own.
  assert.ok(debited.has('KWD') && debited.size > 1, [...debited].join());
});

test('over messages and by the direct door the rows are the same', async () => {
  await run('smoke', { out: join(folder, 'direct') });
  await run('smoke', { out: join(folder, 'messages'), messages: true });
  for (const table of readdirSync(join(folder, 'direct/tables')))
    assert.deepEqual(
      readFileSync(join(folder, 'messages/tables', table)),
      readFileSync(join(folder, 'direct/tables', table)),
      table,
    );
});

const WATCHED = [
  'customers={ perBank: 9 }',
  'anomalies=[{ name: typo, kind: mistypedAmount, bank: ALFADE00, flow: eur, from: "08:30", until: "09:30", factor: 3 }, { name: silence, kind: silentOutage, bank: BETASG00, from: "09:00", until: "09:10" }]',
];

test('the tables have the labels of anomalies and the accounts of customers, and other runs have none', async () => {
  const out = join(folder, 'watched');
  await run('smoke', { out, set: WATCHED });
  const [labels, accounts, payments] = await Promise.all(
    ['labels', 'payment_accounts', 'payments'].map((name) =>
      read(join(out, `tables/${name}.parquet`)),
    ),
  );
  const [{ run: name } = { run: '' }] = await read(join(out, 'tables/runs.parquet'));
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 2, 16, hour, minute));
  const [silence, typo] = labels as Record<string, unknown>[];
  assert.equal(labels?.length, 2);
  assert.deepEqual(silence, {
    ...{ run: name, injection: 'silence', kind: 'silentOutage', participant: 'BETASG00' },
    ...{ from_time: at(9), until_time: at(9, 10), uetr: '', end_to_end_id: '' },
  });
  const sent = payments?.find(({ uetr }) => uetr === typo?.uetr);
  assert.deepEqual(typo, {
    ...{ run: name, injection: 'typo', kind: 'mistypedAmount', participant: sent?.debtor_agent },
    ...{ from_time: at(8, 30), until_time: at(9, 30), uetr: sent?.uetr },
    end_to_end_id: String(sent?.uetr).replaceAll('-', ''),
  });
  assert.equal(sent?.debtor_agent, 'ALFADE00');
  // Of each payment of a customer once, of no other payment.
  const named = new Map(accounts?.map((row) => [row.uetr, row]));
  assert.equal(named.size, accounts?.length);
  const customers = payments?.filter(
    (row) => row.is_first && row.message_type === 'pacs.008.001.08',
  );
  const forged = (uetr: unknown) => !named.has(uetr);
  assert.ok(named.size > 100);
  assert.deepEqual(
    customers?.filter(({ uetr }) => forged(uetr)),
    [],
  );
  for (const { uetr, debtor_agent, creditor_agent } of customers ?? []) {
    assert.ok(named.get(uetr)?.debtor_account.startsWith(`${debtor_agent}-`));
    if (creditor_agent)
      assert.ok(named.get(uetr)?.creditor_account.startsWith(`${creditor_agent}-`));
  }
  for (const table of ['labels', 'payment_accounts'])
    assert.deepEqual(await read(join(folder, `direct/tables/${table}.parquet`)), []);
});

test('a run can be run again from its folder alone, with the payments that it lists', async () => {
  const { summary } = await run('pssimpy-ring', { seed: 5 });
  const file = join(folder, 'pssimpy-ring/scenario.json');
  const again = await run('again', { file, results: 'summary' });
  assert.equal(again.summary.eventsHash, summary.eventsHash);
  assert.ok(summary.submitted > 0);
});

test('events of the direct door are nobody’s once they are taken: a thread gets them, and the chain goes on', async () => {
  const scenario = load('pssimpy-ring', ['seed=5']);
  const { summary } = await runDirectly(scenario);
  let left = 0;
  const given = await runDirectly(scenario, {
    sliceMessages: 2,
    onSlice({ steps }) {
      for (const { batch } of steps) {
        batch.before.state();
        if (batch.events.length < batch.events.buffer.byteLength) continue;
        left += batch.count;
        structuredClone(batch.events, { transfer: [batch.events.buffer as ArrayBuffer] });
      }
    },
  });
  assert.ok(directly(scenario).leavesEvents && left > 0);
  assert.deepEqual(given.summary, summary);
});

test('a thread that fails ends the run with its reason, however far behind it is', async () => {
  const { scenario, simulation } = nothing();
  for (const slices of [1, 2 * TABLES_TASKS_MAX]) {
    const tables = new RunTables(join(folder, `fails-${slices}`), scenario, simulation, false);
    // An event of a kind that nobody knows.
    const events = new Uint8Array(EVENT_BYTES).fill(0xee);
    const slice = { steps: [{ batch: { events, count: 1 } }] } as never;
    await assert.rejects(async () => {
      for (let taken = 0; taken < slices; taken++) await tables.take(slice);
      await tables.finish({} as Summary, []);
    }, /no kind of event/);
    await tables.stop();
  }
});

test('of each table it is told once, when its file is whole, and only if it has rows', async () => {
  const { scenario, simulation } = nothing();
  const place = join(folder, 'filled');
  const tables = new RunTables(place, scenario, simulation, false);
  const { filled, ledger } = await tables.events();
  assert.deepEqual(
    { filled, heldUp: ledger.map(({ heldUp }) => heldUp) },
    { filled: [], heldUp: [[]] },
  );
  assert.deepEqual(await read(join(place, 'payments.parquet')), []);
  const { filled: rest } = await tables.finish({} as Summary, []);
  for (const table of ['runs', 'currencies', 'participants'] as const) {
    assert.ok(rest.includes(table), table);
    assert.notDeepEqual(await read(join(place, `${table}.parquet`)), []);
  }
  for (const table of ['labels', 'payment_accounts', 'payments'] as const)
    assert.ok(!rest.includes(table), table);
  await tables.stop();
});

test('the thread is waited for: what it has not taken yet stays few', async () => {
  const { scenario, simulation } = nothing();
  const tables = new RunTables(join(folder, 'waited'), scenario, simulation, false);
  const events = new Uint8Array(0);
  let taken = 0;
  const all = Promise.all(
    Array.from({ length: 2 * TABLES_TASKS_MAX }, async () => {
      await tables.take({ steps: [{ batch: { events, count: 1 } }] } as never);
      taken += 1;
    }),
  );
  // No answer of the thread can have come yet.
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assert.equal(taken, TABLES_TASKS_MAX, 'given without a wait');
  await all;
  await tables.stop();
});

/** A run of which nothing is needed but its pool. */
function nothing() {
  const scenario = load('smoke');
  const directory = { participants: [], currencies: [] };
  const simulation = { pools: [{ name: 'main', clearing: { directory } }], settlements: [] };
  return { scenario, simulation: simulation as unknown as SimulatedRun };
}

test('a table that is whole takes no more rows: nobody would read them', () => {
  const table = new ParquetTable(join(folder, 'whole.parquet'), TABLE_FORMS.issuers);
  table.end();
  assert.equal(table.isFilled, false);
  assert.throws(() => table.add({}), /whole\.parquet: it is whole/);
  assert.throws(() => table.addGroup(1, []), /whole\.parquet: it is whole/);
});

test('a file that cannot be written is named', () => {
  assert.throws(
    () => new ParquetTable(join(folder, 'nowhere/payments.parquet'), { run: 'name' }),
    /nowhere\/payments\.parquet: cannot be written: ENOENT/,
  );
});

for (const seed of process.env.CORRIDOR_LONG_TESTS === '1' ? [1, 2, 3, 4] : [2, 4])
  test(`rows by column are the store's, random scenario ${seed}`, async () => {
    const scenario = randomScenario(seed);
    const named = ['payments', 'balances', 'queue_samples'] as const;
    const fileOf = (name: string, by: string) => join(folder, `${name}-${by}-${seed}.parquet`);
    const tablesBy = (by: string) =>
      new Map<string, ParquetTable>(
        named.map((name) => [name, new ParquetTable(fileOf(name, by), TABLE_FORMS[name])]),
      );
    const [byColumn, byRow] = [tablesBy('column'), tablesBy('row')];
    const columns = new TableColumns('run', (name) => byColumn.get(name) as ParquetTable);
    const folds = new Map<number, readonly [EventFold, EventFold]>();
    const put = ({ rows }: Block) => {
      for (const name of named) for (const row of rows[name]) byRow.get(name)?.add(row);
    };
    const simulation = directly(scenario);
    for await (const { steps } of simulation.run())
      for (const [pool, { batch }] of steps.entries()) {
        const { name, clearing } = simulation.pools[pool] as SimulatedRun['pools'][number];
        const { directory } = clearing;
        const [ofColumns, ofRows] = folds.get(pool) ?? [
          new EventFold('run', name, directory, columns.takers(name, directory)),
          new EventFold('run', name, directory),
        ];
        folds.set(pool, [ofColumns, ofRows]);
        const event = new EventCursor(batch.events);
        while (event.next()) {
          ofColumns.take(event);
          ofRows.take(event);
        }
        put(ofRows.cut());
        // What rows by column leave is of other tables.
        const { rows } = ofColumns.cut();
        for (const one of named) assert.deepEqual(rows[one], []);
      }
    for (const [ofColumns, ofRows] of folds.values()) {
      ofColumns.end();
      put(ofRows.end());
    }
    columns.end();
    for (const table of [...byColumn.values(), ...byRow.values()]) table.end();
    for (const name of named) {
      const rows = await read(fileOf(name, 'row'));
      assert.ok(rows.length > 20, `${name}: ${rows.length}`);
      assert.deepEqual(await read(fileOf(name, 'column')), rows, name);
    }
  });

test('books over the ledger of the rows come to what books of their own do', async () => {
  const seeds = process.env.CORRIDOR_LONG_TESTS === '1' ? 40 : 0;
  const scenarios = [
    load('limits-hybrid'),
    load('netting-default'),
    load('netting-default', ['settlement.onDefault=share-loss']),
    // Those that meet all that is asked for below.
    ...[4, 10, 11, 12, 18].map((seed) => randomScenario(seed)),
    ...Array.from({ length: seeds }, (_, at) => randomScenario(at + 20)),
  ];
  const met = new Set<string>();
  for (const scenario of scenarios) {
    const simulation = directly(scenario);
    const pools = simulation.pools.map(({ name, clearing: { directory } }) => {
      const fold = new EventFold('run', name, directory);
      const told = new BooksOverLedger(directory, { told: fold });
      return { fold, told, own: new BooksOverLedger(directory) };
    });
    for await (const { steps } of simulation.run())
      for (const [pool, { batch }] of steps.entries()) {
        const { fold, own, told } = pools[pool] as (typeof pools)[number];
        own.fold(batch.events);
        fold.fold(batch.events, told);
        for (const event of eventsOf(batch.events, 'settled', 'netted', 'lossShared'))
          met.add(event.kind === 'settled' ? event.mechanism : event.kind);
      }
    for (const { own, told } of pools) {
      const figures = own.end();
      assert.deepEqual(told.end(), figures, scenario.name);
      const { accounts, heldUp } = figures;
      for (const [name, rows] of Object.entries({ ...accounts, heldUp }))
        if (rows.length > 0) met.add(name);
    }
  }
  for (const one of [
    ...['netted', 'lossShared', 'entryOffsetting', 'gridlockResolution', 'deferredNet'],
    ...['partial', 'multiple', 'bankClearing', 'earmark'],
    ...['accounts', 'days', 'shortfalls', 'changes', 'heldUp'],
  ])
    assert.ok(met.has(one), `${one} is among ${[...met].join(', ')}`);
});

test('rows that are put thousands at a time go on in the next group', async () => {
  const form = { run: 'name', by: 'name', own: 'name', long: 'i64', small: 'u32' } as const;
  const file = join(folder, 'at-once.parquet');
  const table = new ParquetTable(file, form);
  const group = new ColumnGroup(table, form);
  const of = group.columns;
  const put = of.by.by((number) => (number === 0 ? '' : `n${number}`));
  const count = GROUP_ROWS + 3_000;
  // Of each two words the lower and the higher, behind one that is not asked for.
  const words = new Int32Array(1 + 2 * count);
  for (let n = 0; n < count; n++) words[2 + 2 * n] = n << 1;
  let next = 0;
  for (let wanted = 4_000; next < count; wanted = Math.min(4_000, count - next)) {
    const { first, rows } = group.nextRows(wanted);
    assert.ok(rows > 0 && rows <= wanted);
    const numbers = Uint32Array.from({ length: rows }, (_, at) => next + at);
    of.run.fill(first, rows, `run ${next}`);
    put(
      first,
      numbers.map((n) => (n % 1000) * (n % 7)),
    );
    of.own.putAll(
      first,
      numbers.map((n) => of.own.numberOf(`o${n % 3}`)),
    );
    of.own.putNumber(first, of.own.numberOf('first'));
    of.long.copy(
      first,
      words,
      numbers.map((n) => 2 * n),
      1,
    );
    of.small.putAll(first, numbers);
    next += rows;
  }
  group.end();
  table.end();
  const all = await read(file);
  assert.equal(all.length, count);
  const starts = new Set(all.map(({ run }) => Number(String(run).slice(4))));
  assert.ok(starts.has(GROUP_ROWS), 'a group ends within what was wanted');
  for (const [n, row] of all.entries()) {
    const by = (n % 1000) * (n % 7);
    const start = Math.max(...[...starts].filter((start) => start <= n));
    const expected = {
      ...{
        run: `run ${start}`,
        by: by === 0 ? '' : `n${by}`,
        own: n === start ? 'first' : `o${n % 3}`,
      },
      ...{ long: BigInt(n) << 33n, small: n },
    };
    for (const [column, value] of Object.entries(expected))
      if (row[column] !== value) assert.deepEqual(row, expected, `row ${n}`);
  }
});

test('a summary.json that is none is no run, and no error of the program', () => {
  for (const [index, text] of ['{', 'null', ''].entries()) {
    const damaged = join(folder, `damaged-${index}`);
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'summary.json'), text);
    assert.throws(() => runInputs(damaged), /expected the folder of a finished run$/);
  }
});

test('what needs the input of a run, or its store, says how to have them', async () => {
  await run('smoke', { out: join(folder, 'asked') });
  await run('smoke', { out: join(folder, 'un signed'), signatures: false });
  assert.throws(
    () => runInputs(join(folder, 'un signed')),
    /corridor run '.*un signed\/scenario.json' --no-signatures --results full/,
  );
  for (const needs of [
    () => runInputs(join(folder, 'asked')),
    () => storeOf(join(folder, 'asked')),
  ])
    assert.throws(needs, /asked.*corridor run .*asked\/scenario.json --results full/);
});

test('times are in UTC by both of the types that readers look for, as `corridor export` has them', async () => {
  const file = join(folder, 'times.parquet');
  const table = new ParquetTable(file, { at: 'time' });
  table.add({ at: '2026-03-16 07:00:00.123' });
  table.end();
  const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  const { converted_type, logical_type } = schema.find(({ name }) => name === 'at') ?? {};
  assert.deepEqual(
    { converted_type, logical_type },
    {
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    },
  );
});

test('a table of several groups has all rows, in their order', async () => {
  const file = join(folder, 'groups.parquet');
  const table = new ParquetTable(file, { number: 'u64', name: 'name', at: 'time', wide: 'wide' });
  const count = 2 * GROUP_ROWS + 7;
  for (let number = 0; number < count; number++)
    table.add({
      ...{ number: String(number), name: `n${number % 5}` },
      ...{ at: '2026-03-16 07:00:00.123', wide: String(2n ** 64n + BigInt(number)) },
    });
  table.end();
  const rows = await read(file);
  assert.equal(rows.length, count);
  assert.deepEqual(rows.at(-1), {
    ...{ number: BigInt(count - 1), name: `n${(count - 1) % 5}` },
    ...{ at: new Date('2026-03-16T07:00:00.123Z'), wide: Number(2n ** 64n + BigInt(count - 1)) },
  });
  assert.ok(rows.every(({ number }, index) => number === BigInt(index)));
});

test('documents end a group long before it has its rows, as they are in memory until it is written', async () => {
  const file = join(folder, 'documents.parquet');
  const table = new ParquetTable(file, { number: 'u64', document: 'document' });
  const documents = Array.from({ length: 9 }, (_, n) => `${n}`.repeat(1_500_000));
  for (const [number, document] of documents.entries()) table.add({ number, document });
  table.end();
  const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(file));
  assert.deepEqual(
    groups.map(({ num_rows: rows }) => rows),
    [3n, 3n, 3n],
  );
  const rows = await read(file);
  assert.deepEqual(
    rows,
    documents.map((document, number) => ({ number: BigInt(number), document })),
  );
  // By column they are the same bytes.
  const form = { number: 'u64', document: 'document' } as const satisfies TableForm;
  const byColumn = join(folder, 'documents-by-column.parquet');
  const columns = new ParquetTable(byColumn, form);
  const group = new ColumnGroup(columns, form);
  for (const [number, document] of documents.entries()) {
    group.columns.number.put(group.next(), number);
    group.columns.document.add(document);
  }
  group.end();
  columns.end();
  assert.ok(readFileSync(byColumn).equals(readFileSync(file)), 'rows and columns, one file');
});

test('columns of several groups have all rows as they were put, names anew in each group', async () => {
  const form = {
    ...{ whole: 'i64', long: 'i64', small: 'u32', wide: 'wide' },
    ...{ name: 'name', numbered: 'name', same: 'name', text: 'text', uetr: 'text' },
  } as const satisfies TableForm;
  const file = join(folder, 'columns.parquet');
  const table = new ParquetTable(file, form, true);
  const group = new ColumnGroup(table, form);
  const id = (n: number) => {
    const bytes = Buffer.alloc(20, 0xee);
    bytes.writeUInt32BE(n, 2);
    bytes.writeUInt16BE(0x4abc, 8);
    // Every third is no UETR.
    bytes[10] = n % 3 === 0 ? 0x1f : 0xbf;
    return bytes;
  };
  const numberOf = (n: number) => (n + Math.floor(n / GROUP_ROWS)) % 300;
  const nameOf = (number: number) => `n${number}`;
  const putNumbers = group.columns.numbered.by(nameOf);
  const rowOf = (n: number) => ({
    ...{ whole: (n % 2 === 0 ? -1 : 1) * (2 ** 52 - n), long: 2n ** 63n - 1n - BigInt(n) },
    ...{ small: 2 ** 32 - 1 - n, wide: (n % 4 < 2 ? -1n : 1n) * (2n ** 70n + BigInt(n)) },
    ...{ name: nameOf(numberOf(n)), numbered: nameOf(numberOf(n)) },
    ...{ same: 'one', text: n % 5 ? 'é' : '' },
  });
  const count = GROUP_ROWS + 700;
  for (let n = 0; n < count; n++) {
    const of = group.columns;
    const row = group.next();
    const { whole, long, small, wide, name, same, text } = rowOf(n);
    of.whole.put(row, whole);
    if (n % 2 === 0) of.long.putLong(row, long);
    else of.long.putHalves(row, highOf(long), lowOf(long));
    of.small.put(row, small);
    of.wide.putHalves(row, highOf(wide), lowOf(wide));
    of.name.put(row, name);
    putNumbers(row, Uint32Array.of(numberOf(n)));
    of.same.put(row, same);
    of.text.add(text);
    of.uetr.addUetr(id(n), 2);
  }
  group.end();
  table.end();
  // It was written in several pieces.
  assert.equal(table.digest(), sha256(readFileSync(file)));
  const rows = await read(file);
  assert.equal(rows.length, count);
  for (let n = 0; n < count; n++) {
    const { whole, wide, ...rest } = rowOf(n);
    const hex = id(n).subarray(2, 18).toString('hex');
    const uetr = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const expected = {
      ...{ ...rest, whole: BigInt(whole), wide: Number(wide) },
      uetr: n % 3 === 0 ? '' : uetr,
    };
    // Nearly all are the same, and told at once.
    for (const [column, value] of Object.entries(expected))
      if (rows[n]?.[column] !== value) assert.deepEqual(rows[n], expected, `row ${n}`);
  }
});
