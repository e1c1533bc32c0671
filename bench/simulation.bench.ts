// `npm run -s bench -- simulation [--json]`: runs in virtual time, without the analysis store and without
// files. The flagship over messages (signed and verified, and without signatures) and by the direct door;
// a million payments and two, of a hundred banks in five currencies of which a quarter queue; and a few
// payments in a warm process. Plan, settlement, books and figures are in all of them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../services/report/figures/summary.ts';
import { loadScenario } from '../services/scenario/load.ts';
import type { Scenario } from '../services/scenario/scenario.ts';
import { load, runDirectly, runScenario } from '../tests/support/run.ts';
import { type Contestant, interleave, median, printer, speedUp } from './measure.ts';

const ROUNDS = 3;
const PAYMENTS = 100_000;
const MILLION = fileURLToPath(new URL('../../bench/simulation/million.yaml', import.meta.url));
const print = printer('simulation');
const flagship = load('four-corridors');
const small = load('pssimpy-quickstart');

/** @param businessDates of them each has a million payments */
const millions = (businessDates: string) =>
  loadScenario(MILLION, {
    readFile: (path) => readFileSync(path, 'utf8'),
    set: [`businessDates=${businessDates}`],
  });

const checked = async (run: Promise<{ readonly summary: Summary }>, submitted: number | null) => {
  const { summary } = await run;
  if (!summary.conserved || (submitted !== null && summary.submitted !== submitted))
    throw new Error('a run does not add up: it has no figure');
};
const direct = (scenario: Scenario, payments: number, count = payments): Contestant => ({
  count,
  run: () => checked(runDirectly(scenario, { signatures: false }), payments),
});
const overMessages = (signatures: boolean): Contestant => ({
  count: PAYMENTS,
  run: () => checked(runScenario(flagship, { signatures }), PAYMENTS),
});

const times = await interleave(
  {
    signed: overMessages(true),
    unsigned: overMessages(false),
    direct: direct(flagship, PAYMENTS),
  },
  ROUNDS,
  1,
);
for (const kind of ['signed', 'unsigned', 'direct'] as const)
  print({
    case: `flagship-${kind}`,
    value: 1e9 / median(times[kind]),
    unit: 'payments/s',
    ...(kind === 'direct'
      ? { vs: 'unsigned, over messages', ratio: speedUp(times.direct, times.unsigned) }
      : { vs: null, ratio: null }),
  });

const many = await interleave(
  {
    million: direct(millions('[2026-03-16]'), 1_000_000, 1),
    twoMillion: direct(millions('[2026-03-16, 2026-03-17]'), 2_000_000, 1),
  },
  ROUNDS,
  0,
);
const inSeconds = { unit: 's', vs: null, ratio: null };
print({ case: 'million-summary', value: median(many.million) / 1e9, ...inSeconds });
print({ case: 'two-million-summary', value: median(many.twoMillion) / 1e9, ...inSeconds });

const { warm } = await interleave(
  { warm: { count: 1, run: () => checked(runDirectly(small), null) } },
  20,
  20,
);
print({ case: 'small-warm', value: median(warm) / 1e6, unit: 'ms', vs: null, ratio: null });
