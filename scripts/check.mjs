// `npm run check`: types, lint, format, import direction and what is made of sources, all of them even when one fails.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, root } from './build.mjs';

const require = createRequire(import.meta.url);
const bin = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);

await build();
const steps = [
  ['types', [bin('typescript', 'bin/tsc'), '--noEmit']],
  ['types of load tests', [bin('typescript', 'bin/tsc'), '--noEmit', '-p', 'load-tests']],
  [
    'types of the live view',
    [bin('typescript', 'bin/tsc'), '--noEmit', '-p', 'services/view/client'],
  ],
  [
    'lint and format',
    [
      bin('@biomejs/biome', 'bin/biome'),
      'ci',
      `--colors=${process.stdout.isTTY ? 'force' : 'off'}`,
      '.',
    ],
  ],
  ['dashboards', [join(root, 'scripts/dashboards.mjs'), '--check']],
  ['contracts', [join(root, 'scripts/contracts.mjs'), '--check']],
  ['seeds of the study of anomalies', [join(root, 'scripts/check-anomaly-study.mjs')]],
  ['imports, names and links', [join(root, 'scripts/test.mjs'), 'layout.test', 'documents.test']],
];
let failed = false;
for (const [name, args] of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  process.stdout.write(`check: ${name} ${status === 0 ? 'passed' : 'FAILED'}\n`);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
