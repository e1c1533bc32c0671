// A part of the tests on the other releases of Node that are maintained: what must not differ between
// releases (events, signatures, contracts), and what is native. Runs what was built.
//   node scripts/test-node-versions.mjs
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

const RELEASES = ['22.23.3', '24.21.0'];
const PARTS = {
  plain: [
    'tests/run/same-run-same-bytes.test', // the golden hashes of the scenarios
    'tests/run/flagship-hash-and-outage.test',
    'tests/core/verification-vectors.test',
    'tests/core/curve-arithmetic.test',
    'tests/core/signing.test',
    'tests/settlement/',
    'services/protocol/',
    'tests/protocol/',
    'tests/certificates/',
    'services/scenario/',
    'tests/scenario/',
    'tests/gateway/gateway-',
    'tests/gateway/every-message-type.test',
    'tests/gateway/unread-streams.test',
    'tests/run/results-tables.test', // memory that goes from thread to thread
    'tests/run/banks-thread.test',
    'tests/log/memory.test',
    'tests/log/embedded.test',
    'services/platform/log/embedded/newest-runs.test',
    'services/platform/service/garbage-collection.test', // a flag of V8
  ],
  system: [
    'tests/certificates/verify-command.system.test',
    'tests/gateway/gateway-kafka.system.test',
    'tests/log/kill-log-writer.system.test',
    'tests/log/kafka.system.test',
    'services/platform/clickhouse/embedded.system.test',
    'scripts/test-runner.system.test',
  ],
};

/** The folder of a release of Node; npm has its binaries, a package a platform. */
function install(release) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(root, 'dist/node', release);
  const node = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts'];
  const { status } = spawnSync('npm', [...args, `${name}@${release}`], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`Node ${release} could not be installed as ${name}`);
  return node;
}

await build();
let failed = false;
for (const release of RELEASES) {
  const node = install(release);
  process.stdout.write(`Node ${release}\n`);
  const statuses = Object.entries(PARTS).map(([kind, parts]) => {
    const args = [join(root, 'scripts/test.mjs'), `--${kind}`, '--built', ...parts];
    return spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status;
  });
  const passed = statuses.every((status) => status === 0);
  process.stdout.write(`Node ${release}: ${passed ? 'passed' : 'FAILED'}\n`);
  failed ||= !passed;
}
process.exitCode = failed ? 1 : 0;
