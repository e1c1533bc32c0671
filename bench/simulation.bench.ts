// `npm run -s bench -- simulation [--json]`: payments a second through the whole path in virtual time,
// topics in memory, without the analysis store and without files: the flagship scenario, signed and
// verified, and without signatures.
import { load, runScenario } from '../tests/support/run.ts';
import { type Contestant, interleave, median, printer } from './measure.ts';

const ROUNDS = 3;
const PAYMENTS = 100_000;
const print = printer('simulation');
const scenario = load('four-corridors');

const whole = (signatures: boolean): Contestant => ({
  count: PAYMENTS,
  async run() {
    const { summary } = await runScenario(scenario, { signatures });
    if (!summary.conserved || summary.submitted !== PAYMENTS)
      throw new Error('a run does not add up: it has no figure');
  },
});

const times = await interleave({ signed: whole(true), unsigned: whole(false) }, ROUNDS, 1);
for (const kind of ['signed', 'unsigned'] as const)
  print({
    case: `flagship-${kind}`,
    value: 1e9 / median(times[kind]),
    unit: 'payments/s',
    vs: null,
    ratio: null,
  });
