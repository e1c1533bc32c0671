/** Certificates in the analysis store: of a run every cycle's, of a log those that `certify` writes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifyCertificate } from '../../services/analysis/certificates/check/verify-certificate.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import {
  type EmbeddedClickHouse,
  startEmbeddedClickHouse,
} from '../../services/platform/clickhouse/embedded.ts';
import { OFFSETTING, OFFSETTING_PAYMENTS } from '../support/offsetting.ts';
import { scenarioFile } from '../support/run.ts';
import { warmCorridor as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

interface Row {
  readonly event: string;
  readonly cycle: number;
  readonly offsetting: number;
  readonly certificate: string;
}

const CERTIFICATES = `SELECT toString(event_number) AS event, cycle, offsetting, certificate
  FROM certificates ORDER BY run, pool, event_number`;

interface Cycles {
  readonly name: string;
  readonly cycles: string;
  readonly without: string;
}

const CYCLES = `SELECT any(run) AS name, count() AS cycles, countIf((run, pool, event_number) NOT IN
  (SELECT run, pool, event_number FROM certificates)) AS without FROM cycles`;

async function ask<T>(server: EmbeddedClickHouse, query: string): Promise<T[]> {
  const client = connectClickHouse(server);
  try {
    return await (await client.query({ query, format: 'JSONEachRow' })).json();
  } finally {
    await client.close();
  }
}

describe('certificates in ClickHouse', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-certificates-'));
  const run = join(folder, 'run');
  let server: EmbeddedClickHouse;
  let own: Row[] = [];
  let cycles: Cycles | undefined;
  /** Those of the server. */
  const to = (): string[] => [
    ...['--clickhouse-url', server.url, '--clickhouse-user', server.username],
    ...['--clickhouse-password-file', join(folder, 'password')],
  ];
  before(async () => {
    server = await startEmbeddedClickHouse({ folder: join(folder, 'server') });
    writeFileSync(join(folder, 'password'), server.password);
    // Netting with caps and defaults in EUR; a bond settles gross, with offsetting of its queues.
    const ran = await corridor(
      ...['run', scenarioFile('limits-hybrid'), '--out', run, '--log', 'embedded'],
      ...['--set', 'settlement.mechanism=hybrid', '--set', 'settlement.offsetting.afterSeconds=0'],
    );
    assert.equal(ran.code, 0, ran.stderr);
    const store = await startEmbeddedClickHouse({ folder: join(run, 'clickhouse') });
    try {
      own = await ask<Row>(store, CERTIFICATES);
      [cycles] = await ask<Cycles>(store, CYCLES);
    } finally {
      await store.stop();
    }
    assert.ok(Number(cycles?.cycles) > 5, JSON.stringify(cycles));
    assert.equal(cycles?.without, '0');
  });
  after(async () => {
    await endWarmCorridor();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has one of every cycle and offsetting of a run; each read back holds', async () => {
    const formats = new Set(own.map(({ certificate }) => JSON.parse(certificate).format));
    assert.ok(formats.has('corridor-netting-certificate-1'), [...formats].join());
    assert.ok(formats.has('corridor-certificate-1'), [...formats].join());
    for (const { certificate, event } of own)
      assert.deepEqual(verifyCertificate(certificate).faults, [], event);
    const netted = own.find(({ certificate }) => certificate.includes('corridor-netting-'));
    for (const row of [netted ?? own[0], own.at(-1)]) {
      const file = join(folder, 'one.json');
      writeFileSync(file, row?.certificate ?? '');
      const { code, stdout } = await corridor('verify', file);
      assert.equal(code, 0, stdout);
      assert.match(stdout, /it holds: pool main/);
    }
  });

  it('are those that corridor explain writes', async () => {
    for (const { cycle, offsetting, certificate } of own.slice(0, 4)) {
      const file = join(folder, 'explained.json');
      const which = cycle > 0 ? ['--cycle', `${cycle}`] : ['--offsetting', `${offsetting}`];
      const { code, stderr } = await corridor('explain', run, ...which, '--certificate', file);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(certificate));
    }
  });

  it('an offsetting of queues has a number, a place before its cycle, and a certificate', async () => {
    writeFileSync(join(folder, 'offset.yaml'), OFFSETTING);
    writeFileSync(join(folder, 'offset.csv'), OFFSETTING_PAYMENTS);
    const offset = join(folder, 'offset');
    const ran = await corridor('run', join(folder, 'offset.yaml'), '--out', offset);
    assert.equal(ran.code, 0, ran.stderr);
    const said =
      /^offsetting 1, before cycle 1, 2026-03-16 08:35:00 UTC, bilateral offsetting in XTS: settled: 2 payments \(XTS 180\), 1 left queued$/m;
    const { stdout: cycles } = await corridor('explain', offset, '--cycles');
    assert.match(cycles, said);
    const { stdout: cycle } = await corridor('explain', offset, '--cycle', '1');
    assert.match(cycle, said);
    assert.match(
      cycle,
      /^cycle 1, 2026-03-16 08:35:00 UTC, gridlock resolution in XTS: deadlock: nothing could settle in the order of the queues/m,
    );
    const file = join(folder, 'offsetting.json');
    const one = await corridor('explain', offset, '--offsetting', '1', '--certificate', file);
    assert.match(one.stdout, said);
    assert.match(one.stdout, / is held up by a shortage of XTS 130 on BTWODE00's XTS account/);
    const { stdout: proven } = await corridor('verify', file);
    assert.match(
      proven,
      /it holds: .* offsetting 1 in XTS settled 2 payments of 3 queued, in 1 group/,
    );
    const store = await startEmbeddedClickHouse({ folder: join(offset, 'clickhouse') });
    const [row] = await ask<Row>(store, CERTIFICATES).finally(() => store.stop());
    assert.equal(row?.offsetting, 1);
    assert.deepEqual(JSON.parse(row?.certificate ?? ''), JSON.parse(readFileSync(file, 'utf8')));
    const none = await corridor('explain', offset, '--offsetting', '2');
    assert.equal(none.code, 2);
    assert.match(
      none.stderr,
      /^corridor: --offsetting 2: .*no such offsetting; --cycles lists them\n$/,
    );
  });

  it('corridor certify writes the same from the log alone, once, and publish copies them', async () => {
    const log = ['--log', `embedded:${join(run, 'log')}`, '--run', cycles?.name ?? ''];
    const first = await corridor('certify', ...log, ...to());
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, new RegExp(`: ${own.length} certificates written, each checked`));
    assert.deepEqual(await ask<Row>(server, CERTIFICATES), own);
    const again = await corridor('certify', ...log, ...to());
    assert.match(again.stdout, /: 0 certificates written/);
    const client = connectClickHouse(server);
    await client.command({ query: 'TRUNCATE TABLE certificates' });
    await client.close();
    for (let time = 0; time < 2; time += 1) {
      const published = await corridor('publish', run, ...to());
      assert.equal(published.code, 0, published.stderr);
      assert.deepEqual(await ask<Row>(server, CERTIFICATES), own);
    }
  });

  it('corridor certify refuses a run, and what is neither sandbox nor log, in one line', async () => {
    for (const [args, message] of [
      [['certify', run], /it is a run, which has its certificates; expected a sandbox/],
      [['certify', folder], /it holds no network.json; expected the folder of a sandbox/],
      [['certify'], /expected the folder of a sandbox, or --log/],
    ] as const) {
      const { code, stderr } = await corridor(...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  });
});
