/**
 * Scale-out on one machine: the services as processes over a real Kafka, with 1, 2 and 4 verifiers and
 * with 1 and 3 pools, a broker of its own for each case. SCALE_PAYMENTS (default 20,000) each time; what does not add up throws.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnBroker } from '../tests/support/kafka-broker.ts';
import { printer } from './measure.ts';
import { checkAll, throughput } from './pipeline/load.ts';
import { prepareAcross, startProcesses } from './pipeline/processes.ts';

const PAYMENTS = Number(process.env.SCALE_PAYMENTS ?? 20_000);
const WARM_UP = PAYMENTS / 4;
const CASES = [
  { verifiers: 1, pools: 1 },
  { verifiers: 2, pools: 1 },
  { verifiers: 4, pools: 1 },
  { verifiers: 1, pools: 3 },
];

const print = printer('scale');
for (const { verifiers, pools } of CASES) {
  const broker = await startOwnBroker();
  if ('skip' in broker) {
    process.stderr.write(`no broker, no figure: ${broker.skip}\n`);
    process.exit(1);
  }
  const folder = mkdtempSync(join(tmpdir(), 'corridor-scale-'));
  const network = await startProcesses({ brokers: broker.brokers, folder, verifiers, pools });
  try {
    const sent = new Set<string>();
    const next = (payments: number, seed: number) => {
      const load = prepareAcross(network, payments, seed);
      for (const uetr of load.uetrs) sent.add(uetr);
      return load;
    };
    await throughput(network, next(WARM_UP, 1));
    const rate = await throughput(network, next(PAYMENTS, 2));
    await checkAll(network.log, sent);
    print({
      case: `${verifiers}-verifiers-${pools}-pools`,
      value: rate,
      unit: 'payments/s',
      vs: null,
      ratio: null,
    });
  } catch (error) {
    process.stderr.write(`${verifiers} verifiers, ${pools} pools: ${(error as Error).message}\n`);
    process.exitCode = 1;
  } finally {
    await network.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
