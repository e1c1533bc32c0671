import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The runner on small folders, each with one fault: in a process of its own, as `npm test` runs it. */
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PASSES = "import { test } from 'node:test';\ntest('passes', () => {});\n";

interface Options {
  /** All files in one process. */
  readonly shared?: boolean;
  readonly minimum?: Readonly<Record<string, number>>;
  readonly ci?: boolean;
  readonly fixtures?: string;
  /** What is told is looked at, not what lasts too long: limits that a busy machine keeps. */
  readonly patient?: boolean;
}

/** Exit code and output of a run over `files`: name to text. */
async function run(
  files: Readonly<Record<string, string>>,
  { shared = false, minimum, ci = false, fixtures, patient = false }: Options = {},
): Promise<{ code: number | null; stdout: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-runner-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const places = Object.keys(files).map((name) => join(folder, name));
    const options = {
      files: shared ? [places] : places,
      minimum: minimum ?? null,
      limits: patient ? { testS: 60, fileS: 120, leftS: 60 } : { testS: 2, fileS: 8, leftS: 1 },
      ci,
      nodeOptions: ['--stack-trace-limit=7'],
    };
    writeFileSync(
      join(folder, 'run.mjs'),
      `import { runTests } from ${JSON.stringify(at('scripts/test-runner.mjs'))};
       const areaOf = (file) => file.slice(${folder.length + 1}).split('-')[0];
       process.exitCode = await runTests({
         ...${JSON.stringify(options)},
         areaOf,
         took: (file, s) => console.log('took', file.slice(${folder.length + 1}), s),
       });`,
    );
    const { NODE_TEST_CONTEXT: _, CORRIDOR_FIXTURES: __, ...env } = process.env;
    const child = spawn(process.execPath, [join(folder, 'run.mjs')], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: fixtures === undefined ? env : { ...env, CORRIDOR_FIXTURES: fixtures },
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.equal(said.stderr, '');
    return { code, stdout: said.stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function faultsIn(stdout: string): string[] {
  const faults = stdout.split('\n').filter((line) => line.startsWith('FAILED: '));
  return faults.map((line) => line.slice('FAILED: '.length));
}

async function judge(
  ...of: Parameters<typeof run>
): Promise<[code: number | null, faults: string[]]> {
  const { code, stdout } = await run(...of);
  return [code, faultsIn(stdout)];
}

test('what passes passes', async () => {
  assert.deepEqual(await judge({ 'a.test.mjs': PASSES, 'b.test.mjs': PASSES }), [0, []]);
});

test('each file has the options of Node that are asked for', async () => {
  const text = `import assert from 'node:assert';
    import { test } from 'node:test';
    test('has it', () => assert.equal(Error.stackTraceLimit, 7));`;
  assert.deepEqual(await judge({ 'a.test.mjs': text }), [0, []]);
});

test('loops with cases pass, and so do those that assert nothing', async () => {
  const text = `import assert from 'node:assert/strict';
    ${PASSES}
    function* numbers() { yield 1; yield 2; }
    test('loops', () => {
      let sum = 0;
      for (const one of []) sum += one;
      for (const one of numbers()) assert.ok((sum += one) > 0);
      for (const one of new Set([3])) { assert.ok(one); break; }
      for (let i = 0; i < 2; i++) for (const one of [[], [4]][i]) assert.ok((sum += one) > 0);
      for (const { length } of ['(', \`\${'}'}\`]) if (length > 0) { sum += 1; } else { assert.fail(); }
      assert.equal(sum, 9);
    });
    async function* later() { yield 1; }
    test('loops that await, and calls for each', async () => {
      let sum = 0;
      for await (const one of later()) assert.ok((sum += one) > 0);
      for await (const one of [Promise.resolve(2)]) assert.ok((sum += one) > 0);
      [1].forEach(function (one) { assert.ok((sum += one + this.more) > 0); }, { more: 10 });
      assert.deepEqual([4].map((one, index, all) => { assert.equal(all[index], one); return 5; }), [5]);
      [].forEach((one) => { sum += one; });
      [].flatMap((one) => /./.test(one));
      undefined?.forEach((one) => assert.ok(one));
      assert.equal(sum, 14);
    });
    // A loop that is not reached has no turn.
    function unused() { for (const one of []) assert.ok(one); }`;
  assert.deepEqual(await judge({ 'a.test.mjs': text }), [0, []]);
});

/** With what the output says besides, where the fault alone does not tell the reason. */
const FAULTS: readonly [name: string, text: string, fault: RegExp, said?: string][] = [
  ['a test fails', `${PASSES}test('fails', () => { throw new Error('no'); });`, /^fails: no$/],
  ['a todo fails', `${PASSES}test('later', { todo: true }, () => { throw 1; });`, /^later: 1$/],
  ['a file has no test', 'export {};', /^a\.test\.mjs: no test ran$/],
  ['a file leaves before its tests', 'process.exit(0);', /^a\.test\.mjs: ended with exit code 1$/],
  [
    'a test leaves',
    `${PASSES}test('leaves', () => process.exit(0));\ntest('never', () => { throw 1; });`,
    /^a\.test\.mjs: ended with exit code 1$/,
  ],
  [
    'a file leaves when its first tests are through',
    `${PASSES}setTimeout(() => process.exit(0), 500);
     await new Promise((done) => setTimeout(done, 1_000));
     test('never', () => { throw 1; });`,
    /^a\.test\.mjs: ended with exit code 1$/,
  ],
  [
    'nothing is left that could end a test',
    `${PASSES}test('waits', () => new Promise(() => {}));`,
    // Later releases of Node keep a test waiting, up to its limit.
    /^waits: |ended with exit code 1$/,
  ],
  [
    'nothing is left that could load the rest of a file',
    `${PASSES}await new Promise(() => {});\ntest('never', () => { throw 1; });`,
    /^a\.test\.mjs: ended with exit code 13$/,
  ],
  [
    'a loop over vectors is empty',
    `import assert from 'node:assert/strict';
     import { readdirSync } from 'node:fs';
     ${PASSES}
     test('vectors', () => {
       for (const { a, b } of readdirSync('.').filter((name) => name.endsWith(')'))) {
         assert.equal(a, b);
       }
     });`,
    /^a\.test\.mjs: ended with exit code 1$/,
  ],
  [
    'a loop over what is read as it goes is empty',
    `import assert from 'node:assert/strict';
     ${PASSES}
     test('vectors', () => {
       for (const [a] of 'b'.matchAll(/[)a]/g)) assert.ok(a);
     });`,
    /^a\.test\.mjs: ended with exit code 1$/,
  ],
  [
    'a loop over what comes later is empty',
    `import assert from 'node:assert/strict';
     ${PASSES}
     async function* none() {}
     test('vectors', async () => {
       for await (const one of none()) assert.ok(one);
     });`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'a.test.mjs:7: a loop that asserts never had a turn',
  ],
  [
    'what asserts is called for each of none',
    `import assert from 'node:assert/strict';
     ${PASSES}
     test('vectors', () => [].forEach((one) => assert.ok(one)));`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'a.test.mjs:5: a loop that asserts never had a turn',
  ],
  [
    'tests are made of no cases',
    `import { describe, it } from 'node:test';
     describe('vectors', () => {
       it('has one', () => {});
       [].map((one) => it(one, () => {}));
     });`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'a.test.mjs:4: a loop that asserts never had a turn',
  ],
  [
    'a group has no test',
    `${PASSES}import { describe } from 'node:test';
     describe('group', () => {
       describe('full', () => { test('passes too', () => {}); });
       describe('vectors', () => {});
     });`,
    /^vectors: no test ran in this group$/,
  ],
  [
    'a test hangs',
    `${PASSES}test('hangs', () => new Promise((done) => setTimeout(done, 60_000)));`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'the test "hangs" ran for more than 2 seconds',
  ],
  [
    'a test hangs beside one of its name that ends',
    `import { describe, test } from 'node:test';
     describe('at once', { concurrency: true }, () => {
       test('twin', () => new Promise((done) => setTimeout(done, 60_000)));
       test('twin', () => new Promise((done) => setTimeout(done, 100)));
     });`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'twin" ran for more than 2 seconds',
  ],
  [
    'a test spins',
    `${PASSES}test('spins', () => { for (;;); });`,
    /^a\.test\.mjs: ended by SIGKILL$/,
    'the test "spins" ran for more than 2 seconds',
  ],
  [
    'a test leaves something running',
    `${PASSES}test('leaves', () => { setInterval(() => {}, 1_000); });`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'a.test.mjs left running ran for more than 1 seconds',
  ],
  [
    'a file hangs outside of its tests',
    `await new Promise((done) => setTimeout(done, 60_000)); ${PASSES}`,
    /^a\.test\.mjs: ended with exit code 1$/,
    'the file ran for more than 8 seconds',
  ],
];
// Some wait for a limit; side by side they take as long as the longest.
describe('the run fails', { concurrency: 3 }, () => {
  for (const [name, text, fault, said = ''] of FAULTS)
    test(name, async () => {
      const { code, stdout } = await run({ 'a.test.mjs': text, 'b.test.mjs': PASSES });
      const faults = faultsIn(stdout);
      assert.equal(code, 1);
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0] as string, fault);
      assert.ok(stdout.includes(said), stdout);
    });
});

const starts = (what: string) => `import { fork, spawn, spawnSync } from 'node:child_process';
  import { test } from 'node:test';
  test('starts', () => {
    try { ${what}.on('error', () => {}); } catch {}
  });`;
/** What only a system test does, and what is said of a plain one that does it. */
const SYSTEM: readonly [name: string, text: string, said: string][] = [
  ['a broker', starts("spawn('/no/java', ['-cp', 'x'])"), 'starts a broker (/no/java)'],
  ['a browser', starts("spawn('/no/chromium')"), 'starts a browser (/no/chromium)'],
  ['an engine', starts("fork('/no/embedded-process.js')"), 'starts a database engine'],
  [
    'a death',
    starts("(() => { const c = spawn('cat'); c.kill(); return c; })()"),
    'kills a process',
  ],
  ['a death by id', starts('({ on: () => process.kill(process.ppid, 18) })'), 'kills process'],
];
for (const [name, text, said] of SYSTEM)
  test(`a plain test that starts or makes what a system test does fails: ${name}`, async () => {
    const { code, stdout } = await run({ 'a.test.mjs': text });
    assert.deepEqual([code, faultsIn(stdout)], [1, ['a.test.mjs: ended with exit code 1']]);
    assert.ok(stdout.includes(`a plain test ${said}`), stdout);
    assert.deepEqual(await judge({ 'a.system.test.mjs': text }), [0, []]);
  });

test('a plain test fails by the engine that a command of its own starts', async () => {
  const engine = "import { fork } from 'node:child_process'; fork('/no/embedded-process.js');";
  const text = `import assert from 'node:assert/strict';
    import { spawnSync } from 'node:child_process';
    import { test } from 'node:test';
    test('a command', () => {
      const args = ['--input-type=module', '-e', ${JSON.stringify(engine)}];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    });`;
  const [code, [fault = '']] = await judge({ 'a.test.mjs': text });
  assert.equal(code, 1);
  assert.match(fault, /^a command: a plain test starts a database engine/);
});

describe('files that share a process', { concurrency: 3 }, () => {
  const shared = true;
  const inOneProcess = 'a.test.mjs to c.test.mjs, in one process';
  const files = (text: string) => ({
    'a.test.mjs': PASSES,
    'b.test.mjs': text,
    'c.test.mjs': PASSES,
  });
  const ofB: readonly [name: string, text: string, faults: readonly string[], said?: string][] = [
    ['pass', PASSES, []],
    [
      'a test fails',
      "import { test } from 'node:test'; test('fails', () => { throw 1; });",
      ['fails: 1', 'b.test.mjs: 1 subtest failed'],
    ],
    ['one does not load', "throw new Error('no');", ['b.test.mjs: no']],
    ['one has no test', 'export {};', ['b.test.mjs: no test ran in this group']],
    [
      'one leaves',
      `${PASSES}test('leaves', () => process.exit(0));`,
      [`${inOneProcess}: ended with exit code 1`],
      'b.test.mjs ended before its tests',
    ],
    [
      'one leaves the process other than it was',
      `${PASSES}test('names', () => { process.env.CORRIDOR_OF_B = 'x'; });`,
      ['b.test.mjs: a test file leaves its process as it was'],
      'CORRIDOR_OF_B',
    ],
    [
      'one has a loop without a turn',
      `import assert from 'node:assert/strict';
       ${PASSES}
       test('vectors', () => { for (const one of []) assert.ok(one); });`,
      [`${inOneProcess}: ended with exit code 1`],
      'b.test.mjs:5: a loop that asserts never had a turn',
    ],
    [
      'one hangs',
      `${PASSES}test('hangs', () => new Promise((done) => setTimeout(done, 60_000)));`,
      [`${inOneProcess}: ended with exit code 1`],
      'hangs" ran for more than 2 seconds',
    ],
  ];
  for (const [name, text, faults, said = ''] of ofB)
    test(name, async () => {
      const { code, stdout } = await run(files(text), { shared });
      assert.deepEqual([code, faultsIn(stdout)], [faults.length > 0 ? 1 : 0, faults], stdout);
      assert.ok(stdout.includes(said), stdout);
    });

  test('tests count in the area of their own file', async () => {
    const inAreas = {
      'a-1.test.mjs': `${PASSES}test('passes too', () => {});`,
      'b-1.test.mjs': PASSES,
    };
    const judged = (minimum: Options['minimum'] & {}) =>
      judge(inAreas, { shared, minimum, patient: true });
    assert.deepEqual(await judged({ a: 2, b: 1 }), [0, []]);
    assert.deepEqual((await judged({ a: 3, b: 1 }))[0], 1);
    assert.deepEqual((await judged({ a: 2, b: 2 }))[0], 1);
  });

  test('run in turn: the next is loaded when all that one has set up is taken down', async () => {
    const logs = (name: string) => `import { after, before, test } from 'node:test';
      const said = (globalThis.said ??= []);
      said.push('${name} is loaded');
      before(async () => { await 0; said.push('${name} is set up'); });
      after(async () => { await new Promise((done) => setTimeout(done, 50)); said.push('${name} is down'); });
      test('${name}', async () => { await 0; said.push('${name} runs'); });`;
    const last = `import assert from 'node:assert/strict';
      import { test } from 'node:test';
      test('in turn', () => assert.deepEqual(globalThis.said, [
        ...['is loaded', 'is set up', 'runs', 'is down'].flatMap((what) => ['a ' + what]),
        ...['is loaded', 'is set up', 'runs', 'is down'].flatMap((what) => ['b ' + what]),
      ]));`;
    const inTurn = { 'a.test.mjs': logs('a'), 'b.test.mjs': logs('b'), 'c.test.mjs': last };
    assert.deepEqual(await judge(inTurn, { shared, patient: true }), [0, []]);
  });
});

/** Takes so much of the processor, in milliseconds, on a thread, in a process of its own, or here. */
const spins = (ms: number) =>
  `const from = process.cpuUsage();
   for (let now = { user: 0, system: 0 }; now.user + now.system < ${ms}_000; ) now = process.cpuUsage(from);`;
const SPINS = [
  ['here', `test('spins', () => { ${spins(300)} });`],
  [
    'on a thread',
    `test('spins', async () => {
     const worker = new Worker(${JSON.stringify(spins(300))}, { eval: true });
     await new Promise((done) => worker.once('exit', done));
   });`,
  ],
  [
    'in a process',
    `test('spins', () => { spawnSync(process.execPath, ['-e', ${JSON.stringify(spins(300))}]); });`,
  ],
] as const;
for (const shared of [false, true])
  test(`what each file took of processors is told, ${shared ? 'in one process' : 'each in its own'}`, async () => {
    const lead = `import { spawnSync } from 'node:child_process';
      import { test } from 'node:test';
      import { Worker } from 'node:worker_threads';\n`;
    const waits = `${lead}test('waits', () => new Promise((done) => setTimeout(done, 1_500)));`;
    const spinning = SPINS.map(([, text], i) => [`${i}.test.mjs`, `${lead}${text}`]);
    const { stdout } = await run(
      { ...Object.fromEntries(spinning), 'w.test.mjs': waits },
      { shared, patient: true },
    );
    const took = [...stdout.matchAll(/^took (\w)\S* ([\d.]+)$/gm)].map(
      ([, file, s]) => [file, Number(s)] as const,
    );
    assert.deepEqual(took.map(([file]) => file).sort(), ['0', '1', '2', 'w'], stdout);
    for (const [file, seconds] of took)
      if (file === 'w') assert.ok(seconds < 1.2, stdout);
      else if (file !== '2' || process.platform === 'linux') assert.ok(seconds >= 0.3, stdout);
  });

test('tests that end in time are not limited together, whatever their names', async () => {
  const one = "test('waits', () => new Promise((done) => setTimeout(done, 900)));\n";
  const fails = "test('waits', () => new Promise((_, no) => setTimeout(no, 900)));\n";
  assert.deepEqual(await judge({ 'a.test.mjs': `${PASSES}${one.repeat(4)}` }), [0, []]);
  assert.deepEqual(await judge({ 'a.test.mjs': `${PASSES}${fails}${one.repeat(3)}` }), [
    1,
    ['waits'],
  ]);
});

test('a part of a path that no test file has is named, and nothing runs', () => {
  const args = [at('scripts/test.mjs'), '--built', 'tests/layout.test', 'services/gone/'];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  assert.deepEqual([status, stdout, stderr], [2, '', 'no test file matches services/gone/\n']);
});

const helper = JSON.stringify(at('dist/tests/support/needs-fixtures.js'));
const SKIPS = {
  'a.test.mjs': `import { needsFixtures } from ${helper};
    import { test } from 'node:test';
    test('vectors', { skip: needsFixtures }, () => {});`,
};

test('CI excuses a skip for want of fixtures, made by the one function that makes it', async () => {
  assert.deepEqual(await judge(SKIPS, { ci: true }), [0, []]);
});

test('with the fixtures named, the test runs', async () => {
  assert.deepEqual(await judge(SKIPS, { ci: true, fixtures: tmpdir() }), [0, []]);
  const fails = { 'a.test.mjs': SKIPS['a.test.mjs'].replace('() => {}', '() => { throw 1; }') };
  assert.deepEqual((await judge(fails, { ci: true, fixtures: '' }))[0], 1);
});

const REASONS = [
  "'CORRIDOR_FIXTURES is not set'",
  "'CORRIDOR_FIXTURES names no folder'",
  'process.env.CORRIDOR_EXCUSE + "."',
  'true',
];
for (const reason of REASONS)
  test(`CI does not excuse a skip that only mentions a reason: ${reason}`, async () => {
    const files = {
      'a.test.mjs': `import { test } from 'node:test';
        test('skipped', { skip: ${reason} }, () => {});`,
    };
    const [code, faults] = await judge(files, { ci: true });
    assert.equal(code, 1);
    assert.equal(faults.length, 1);
    assert.match(faults[0] as string, /^skipped: skipped \(/);
    assert.deepEqual(await judge(files), [0, []], 'elsewhere it is told');
  });

test('a group that is skipped is told, and no group without a test', async () => {
  const text = `import { describe, it } from 'node:test';
    describe('needs Java', { skip: 'no Java' }, () => { it('runs', () => {}); });`;
  assert.deepEqual(await judge({ 'a.test.mjs': text }), [0, []]);
});

test('CI does not excuse the skip where the variable is set', async () => {
  const files = {
    'a.test.mjs': `import { test } from 'node:test';
      test('skipped', { skip: process.env.CORRIDOR_EXCUSE }, () => {});`,
  };
  assert.deepEqual((await judge(files, { ci: true }))[0], 0);
  assert.deepEqual((await judge(files, { ci: true, fixtures: tmpdir() }))[0], 1);
});

test('an area with fewer tests than its row says fails, and so does one without a row', async () => {
  const two = `${PASSES}import { describe, it } from 'node:test';
    describe('a group is no test', () => it('is one', () => {}));`;
  const files = { 'a-1.test.mjs': two, 'a-2.test.mjs': PASSES, 'b-1.test.mjs': PASSES };
  assert.deepEqual(await judge(files, { minimum: { a: 3, b: 1 } }), [0, []]);
  assert.deepEqual(await judge(files, { minimum: { a: 4, b: 1 } }), [
    1,
    ['a: 3 tests ran, at least 4 are expected'],
  ]);
  assert.deepEqual(await judge(files, { minimum: { a: 3 } }), [
    1,
    ['b has no row in the table of minimum tests'],
  ]);
  assert.deepEqual(await judge(files, { minimum: { a: 3, b: 1, c: 1 } }), [
    1,
    ['c: 0 tests ran, at least 1 are expected'],
  ]);
});

test('an area that skips what is missing on this machine is not counted, but in CI', async () => {
  const files = {
    'a-1.test.mjs': "import { test } from 'node:test';\ntest('x', { skip: 'no Java' }, () => {});",
  };
  assert.deepEqual(await judge(files, { minimum: { a: 2 } }), [0, []]);
  assert.equal((await judge(files, { minimum: { a: 2 }, ci: true }))[1].length, 2);
});
