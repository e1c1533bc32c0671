/** What `corridor verify RUN` says of a folder that whoever can write there sealed anew, or in which files are no files of a run. */
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { Replay } from '../../services/replay/replay.ts';
import { replayRun } from '../../services/replay/replay-run.ts';
import { RunSeal } from '../../services/run/run-seal.ts';
import { verifySeal } from '../../services/run/verify-seal.ts';
import { scenarioFile } from '../support/run.ts';
import { warmText as corridor, endWarmCorridor } from '../support/warm-corridor.ts';

after(endWarmCorridor);

describe('verification of a sealed folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-verify-seal-'));
  const run = join(folder, 'smoke');
  const policy = join(folder, 'policy');
  const pieces: Uint8Array[] = [];
  before(async () => {
    const { code, text } = await corridor('run', scenarioFile('smoke'), '--out', run);
    assert.equal(code, 0, text);
    cpSync(join(run, 'evidence/policy'), policy);
    const replay = new Replay(
      () => createSettlement(compiledCore()),
      null,
      ({ batch }) => pieces.push(batch.events),
    );
    await replayRun(run, replay);
  });
  after(() => rmSync(folder, { recursive: true }));

  const copy = (name: string, leftOut: string) => {
    const to = join(folder, name);
    const [own, other] = [join(run, 'clickhouse'), join(run, leftOut)];
    cpSync(run, to, { recursive: true, filter: (path) => path !== own && path !== other });
    return to;
  };
  /** Sealed by keys of its own, after a change. */
  const resealed = async (name: string, change: (of: string) => void, pools = ['main']) => {
    const of = copy(name, 'evidence');
    change(of);
    const seal = new RunSeal(of, 'sandbox-1');
    for (const pool of pools) seal.take(pool, Buffer.concat(pieces));
    await seal.finish();
    return of;
  };
  const edit = (file: string, from: string | RegExp, to: string) => {
    const text = readFileSync(file, 'utf8');
    assert.notEqual(text.replace(from, to), text);
    writeFileSync(file, text.replace(from, to));
  };
  const faultsOf = async (of: string) => (await verifySeal(of, null)).faults;

  it('says whose key was believed, and that a policy of the folder itself is its own', async () => {
    const [line = ''] = readFileSync(policy, 'utf8').split('\n').slice(-3);
    const key = line.replace('log ', '');
    const inside = join(folder, 'inside');
    symlinkSync(join(run, 'evidence/policy'), inside);
    for (const [args, whose] of [
      [[], 'own'],
      [['--policy', join(run, 'evidence/policy')], 'own'],
      [['--policy', inside], 'own'],
      // The bytes are those of the folder's own: it was kept elsewhere.
      [['--policy', policy], 'given'],
    ] as const) {
      const { text } = await corridor('verify', run, ...args);
      assert.ok(text.includes(key), text);
      assert.equal(text.includes('seal it anew'), whose === 'own', text);
      const told = JSON.parse((await corridor('verify', run, ...args, '--json')).text);
      assert.deepEqual([told.holds, told.policy, told.key], [true, whose, key]);
      assert.deepEqual(
        [told.events, told.unchecked],
        [{ main: Buffer.concat(pieces).length / 128 }, []],
      );
    }
  });

  it('names the figure and the payment that the events do not give', async () => {
    assert.deepEqual(await faultsOf(await resealed('same', () => {})), []);
    const csv = readFileSync(join(run, 'payments.csv'), 'utf8').trimEnd().split('\n');
    const cell = (csv[0] as string).split(',').indexOf('amount');
    const amount = (csv[3] as string).split(',')[cell] as string;
    const line = (at: number) =>
      `payments.csv: line ${at} is not the one that the events of input.log give`;
    for (const [name, file, change, fault] of [
      ['amount', 'payments.csv', [`,${amount},`, `,9${amount},`], line(4)],
      ['row-less', 'payments.csv', [`${csv.at(-1)}\n`, ''], line(csv.length)],
      ['row-more', 'payments.csv', [/$/, `${csv.at(-1)}\n`], line(csv.length + 1)],
    ] as const)
      assert.deepEqual(
        await faultsOf(await resealed(name, (of) => edit(join(of, file), change[0], change[1]))),
        [fault],
      );
    const { settled } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
    const figures = await resealed('figures', (of) =>
      edit(join(of, 'summary.json'), `"settled": ${settled}`, `"settled": ${settled + 14}`),
    );
    assert.deepEqual(await faultsOf(figures), [
      `summary.json: settled ${settled + 14}, by the replay ${settled}`,
      'summary.json: it is not the file that the run wrote',
    ]);
    const told = await corridor('verify', figures);
    assert.equal(told.code, 1, told.text);
    assert.match(told.text, /IT DOES NOT HOLD: summary\.json: settled/);
    for (const file of ['payments.csv', 'summary.json'])
      assert.deepEqual(
        await faultsOf(await resealed(`no-${file}`, (of) => rmSync(join(of, file)))),
        [`${file}: it is missing, which every run with input.log has`],
      );
  });

  it('says of which pools the events were not checked, and where that is a fault', async () => {
    const without = await resealed('no-input', (of) => rmSync(join(of, 'input.log')));
    assert.deepEqual(await faultsOf(without), [
      'input.log: it is missing: the events of pool main were not checked',
    ]);
    assert.deepEqual(await faultsOf(await resealed('two-pools', () => {}, ['main', 'more'])), [
      'evidence/pool/more/checkpoint: it is not of the events that input.log gives',
    ]);
    const observed = await resealed('observed', (of) => {
      rmSync(join(of, 'input.log'));
      edit(join(of, 'summary.json'), '{', '{ "observed": {},');
    });
    const { code, text } = await corridor('verify', observed);
    assert.equal(code, 0, text);
    assert.match(text, /; the events of pool main were not checked: there is no input\.log/);
    const tables = await resealed('tables', (of) => rmSync(join(of, 'input.log')), []);
    assert.match((await corridor('verify', tables)).text, /it holds: .*; no events are sealed/);
  });

  it('names a file that is far too large, without reading it', async () => {
    const large = copy('large', 'clickhouse');
    const [, size] = readFileSync(join(large, 'evidence/checkpoint'), 'utf8').split('\n');
    for (const [path, expected] of [
      ['evidence/checkpoint', /^it has 3221225472 bytes, expected at most 1000000$/],
      [`evidence/tile/0/000.p/${size}`, /^it has 3221225472 bytes, expected at most \d+$/],
      ['evidence/files.sha256', /^it has 3221225472 bytes, expected at most \d+$/],
    ] as const) {
      const good = readFileSync(join(large, path));
      truncateSync(join(large, path), 3 * 2 ** 30);
      const { code, text } = await corridor('verify', large, '--policy', policy, '--json');
      writeFileSync(join(large, path), good);
      assert.equal(code, 1, text);
      const [fault = ''] = JSON.parse(text).faults;
      assert.ok(fault.startsWith(`${path}: `), fault);
      assert.match(fault.slice(path.length + 2), expected);
    }
    assert.deepEqual(await faultsOf(large), []);
  });
  it('names keys of days that are none, and the day', async () => {
    const damaged = copy('damaged', 'clickhouse');
    const file = join(damaged, 'evidence/day-keys.json');
    const uetr = readFileSync(join(run, 'payments.csv'), 'utf8').match(/[0-9a-f-]{36}(?=,ACSC)/);
    for (const [text, found] of [
      ['{"a":', /it is no JSON/],
      ['null', /it is no JSON object/],
      ['{}', /there is none in it/],
      ['{"2026-03-16":5}', /it has 5/],
      ['{"2026-03-16":"ab"}', /it has "ab"/],
    ] as const) {
      writeFileSync(file, text);
      for (const args of [
        ['receipt', String(uetr), '--run', damaged, '--out', join(folder, 'r')],
        ['audit', damaged, '--policy', policy],
      ]) {
        const told = await corridor(...args);
        assert.equal(told.code, 2, `${text}: ${told.text}`);
        assert.match(told.text, found);
        assert.match(
          told.text,
          /day-keys\.json: the key of 2026-03-16: .*; expected 64 hex digits/,
        );
      }
    }
  });
  it('refuses links, and says what is wrong where lines, logs or the seal are', async () => {
    const other = copy('other', 'clickhouse');
    const kept = join(folder, 'kept');
    for (const path of [
      'summary.json',
      'evidence/files.sha256',
      'evidence/checkpoint',
      'inputs-of-others',
    ]) {
      const file = join(other, path);
      const isThere = path !== 'inputs-of-others';
      if (isThere) renameSync(file, kept);
      symlinkSync(isThere ? kept : folder, file);
      const faults = await faultsOf(other);
      rmSync(file);
      if (isThere) renameSync(kept, file);
      assert.match(faults.join(), new RegExp(`^${path}: it is a link, expected [^,]*$`));
    }
    const digests = join(other, 'evidence/files.sha256');
    const text = readFileSync(digests, 'utf8');
    const lines = text.split('\n');
    const at = (line: number) => [
      `evidence/files.sha256: line ${line} is not the one that was sealed`,
    ];
    writeFileSync(digests, lines.with(2, (lines[2] as string).replace(/^./, 'x')).join('\n'));
    assert.deepEqual(await faultsOf(other), at(3));
    writeFileSync(digests, lines.slice(0, -2).join('\n'));
    assert.deepEqual(await faultsOf(other), at(lines.length - 1));
    writeFileSync(digests, text.slice(0, -1));
    assert.deepEqual(await faultsOf(other), at(lines.length));
    rmSync(digests);
    assert.deepEqual(await faultsOf(other), ['evidence/files.sha256: it is missing']);
    writeFileSync(digests, text);
    cpSync(join(other, 'evidence/pool/main/checkpoint'), join(other, 'evidence/checkpoint'));
    assert.match(
      (await faultsOf(other)).join(),
      /^evidence\/checkpoint: it is of the log \S+\/pool\/main, expected \S+\/files$/,
    );
    const crlf = join(folder, 'crlf');
    writeFileSync(crlf, readFileSync(policy, 'utf8').replaceAll('\n', '\r\n'));
    const told = await corridor('verify', other, '--policy', crlf);
    assert.equal(told.code, 2, told.text);
    assert.match(told.text, /policy, line 1: it ends with CR LF, expected LF alone/);
    rmSync(join(other, 'evidence'), { recursive: true });
    const unsealed = await corridor('verify', other);
    assert.equal(unsealed.code, 2, unsealed.text);
    assert.match(
      unsealed.text,
      /other: it is not sealed: it has no folder evidence; expected a sealed run: .*corridor run/,
    );
  });
});
