/** `corridor network` over a run of a thousand banks and a million payments, a process: from its start to its exit. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunNetworks } from '../../services/network/run-networks.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { Contestant } from '../measure.ts';

const BANKS = 1000;
const PAYMENTS = 1_000_000;

const letter = (number: number) => String.fromCharCode(65 + (number % 26));
const bic = (bank: number) =>
  `B${letter(Math.floor(bank / 676))}${letter(Math.floor(bank / 26))}${letter(bank)}DE00`;

/** Sizes fall with the root of the rank: every third pair is linked. Money is plentiful. */
const scenario = () => `name: network-1000
businessDates: [2026-03-16]
currencies: { EUR: { opens: "07:00", closes: "18:00", zone: UTC } }
participants:
${Array.from(
  { length: BANKS },
  (_, bank) =>
    `  - { bic: ${bic(bank)}, name: Bank ${bank}, size: ${(100 / Math.sqrt(bank + 1)).toFixed(3)}, accounts: { EUR: { balance: "1000000000.00" } } }`,
).join('\n')}
profiles:
  day: { zone: UTC, parts: [{ from: "07:00", to: "18:00", weight: 1 }] }
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: ${PAYMENTS}
    profile: day
    amounts: { median: "1000.00", sigma: 1.2, min: "1.00", max: "500000.00" }
`;

function corridor(...args: readonly string[]): Buffer {
  const [program, ...rest] = ['scripts/corridor.mjs', ...args];
  const ended = spawnSync(process.execPath, [program as string, ...rest], {
    ...{ cwd: packageFolder, maxBuffer: 1 << 28 },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (ended.status !== 0) throw new Error(`${args.join(' ')}: ${ended.stderr}`);
  return ended.stdout;
}

/** Makes the run, which is no part of the figure. */
export function network1000(): { readonly described: Contestant; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-bench-'));
  const run = join(folder, 'run');
  const file = join(folder, 'network-1000.yaml');
  writeFileSync(file, scenario());
  corridor('run', file, '--no-signatures', '--results', 'tables', '--out', run);
  return {
    described: {
      count: 1,
      run() {
        const { networks } = JSON.parse(String(corridor('network', run, '--json'))) as RunNetworks;
        const [submitted] = networks;
        if (
          submitted?.banks !== BANKS ||
          submitted.payments !== PAYMENTS ||
          submitted.links < 300_000
        )
          throw new Error('the network is not that of the run: it has no figure');
      },
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
