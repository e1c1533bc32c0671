// Writes docs/contracts: what banks build against, from the code that enforces it.
//   node scripts/contracts.mjs [--check] [--keep]
// With --check it writes nothing, and fails where a file is stale, or where a bank that holds to the last
// version (docs/contracts/last-version) would be broken by this one of the same major version. With --keep
// what there is now becomes the last version: when a version is published.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, root } from './build.mjs';

const FOLDER = join(root, 'docs/contracts');
/** Written by hand, or kept from the version before. */
const COMPARED = ['asyncapi.json', 'openapi.json'];
const KEPT = /^(README\.md|last-version\/.*)$/;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
await build();
const { contractFiles, documentText } = await import(
  '../dist/services/contracts/contract-files.js'
);
const files = contractFiles();
files.set('openapi.json', documentText(await openApi()));
const isCheck = process.argv.includes('--check');
const isKept = process.argv.includes('--keep');
const stale = [];
if (isKept)
  for (const name of COMPARED)
    files.set(`last-version/${name}`, `${JSON.stringify(JSON.parse(files.get(name)))}\n`);
for (const [name, text] of files) {
  const path = join(FOLDER, name);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
  stale.push(name);
  if (isCheck) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const there = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1))
  : [];
for (const name of there) {
  if (files.has(name) || KEPT.test(name)) continue;
  stale.push(`${name} (of no message any more)`);
  if (!isCheck) rmSync(join(FOLDER, name));
}
if (isCheck && stale.length > 0) {
  process.stderr.write(
    `docs/contracts is not what the code says; run npm run contracts:\n  ${stale.join('\n  ')}\n`,
  );
  process.exitCode = 1;
}

const found = await brokenBanks();
if (found) {
  process.stderr.write(`${found}\n`);
  process.exitCode = 1;
}

/** What breaks a bank that holds to the last version, and why it may not; null where nothing does. */
async function brokenBanks() {
  const { breaks, versionFault } = await import('../dist/services/contracts/contract-breaks.js');
  const last = COMPARED.map((name) => join(FOLDER, 'last-version', name));
  if (!last.every((path) => existsSync(path))) return null;
  const [before, after] = [
    last.map((path) => readFileSync(path, 'utf8')),
    COMPARED.map((name) => files.get(name)),
  ].map(([asyncApi, openApi]) => ({
    asyncApi: JSON.parse(asyncApi),
    openApi: JSON.parse(openApi),
  }));
  const all = breaks(before, after);
  const fault = versionFault(before.asyncApi.info.version, after.asyncApi.info.version, all);
  return fault && [fault, ...all].join('\n  ');
}

/** As a gateway serves it. */
async function openApi() {
  const { buildGateway } = await import('../dist/services/gateway/gateway.js');
  const { openApiOf } = await import('../dist/services/gateway/http-server.js');
  const { createMemoryLog } = await import('../dist/services/platform/log/embedded/memory.js');
  const { topicPlan } = await import('../dist/services/protocol/names/topic-plan.js');
  const { Registry } = await import('prom-client');
  const log = createMemoryLog({ now: Date.now });
  await log.createTopics(topicPlan([], [], 1));
  const quiet = { info() {}, warn() {}, error() {} };
  const { app, close } = await buildGateway({
    ...{ network: 'sandbox-1', version: manifest.version, name: 'contracts', pools: [] },
    ...{ log, registry: new Registry(), logger: quiet },
    ...{ now: Date.now, pause: async () => {} },
  });
  await app.ready();
  const document = openApiOf(app);
  await close();
  return document;
}
