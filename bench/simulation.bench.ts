// `npm run -s bench -- simulation [CASE...] [--json]`, by default all of:
//
//   flagship-signed    the flagship over messages, signed and verified
//   flagship-unsigned  the same without signatures
//   flagship-direct    the same by the direct door
//   million-summary      a million payments and two, of a hundred banks in five currencies of which a
//   two-million-summary  quarter queue, by the direct door
//   million            the same million by `corridor run --results tables`, a process
//   two-million        two of them: its time over that of `million`
//   small-warm         a few payments in a warm process
//   pssimpy            200,000 payments of 50 banks in one currency, against PSSimPy as it is by default
//   pssimpy-by-minute  30,000 of them, against PSSimPy where it settles every minute (simulation/pssimpy.ts)
//   small-full         `corridor run` of six payments with all results, a process
//   full-100k          `npm start`: the flagship with all results, a process
//   iot-direct         a million readings of 10,000 meters by the direct door, a process: at most 20 s on two cores
//   iot-signed         the same over messages, each signed and verified: at most 90 s
//   network-1000       `corridor network` of a thousand banks and a million payments, a process
//   sweep-1000         `corridor sweep`: 1,000 runs of 18,000 payments, two jobs, a process
//   stress-50x12       `corridor stress`: 50 banks at 12 hours, without and with the others' reaction, so 1,200 runs
//                      of 18,000 payments, two jobs, a process
//
// Those that are no process of their own are in virtual time, without the analysis store and without
// files: plan, settlement, books and figures are in them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../services/report/figures/summary.ts';
import { loadScenario } from '../services/scenario/load-scenario.ts';
import type { Scenario } from '../services/scenario/scenario.ts';
import { load, runDirectly, runScenario } from '../tests/support/run.ts';
import { type Contestant, interleave, isAsked, median, printer, speedUp } from './measure.ts';
import { network1000 } from './simulation/network.ts';
import {
  full100k,
  iotDirect,
  iotSigned,
  millions as millionsOf,
  smallFull,
  stress50x12,
  sweep1000,
} from './simulation/processes.ts';
import { againstPssimpy, PSSIMPY } from './simulation/pssimpy.ts';

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

const inSeconds = { unit: 's', vs: null, ratio: null };

if (isAsked('flagship-signed', 'flagship-unsigned', 'flagship-direct')) {
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
}

if (isAsked('million-summary', 'two-million-summary')) {
  const many = await interleave(
    {
      million: direct(millions('[2026-03-16]'), 1_000_000, 1),
      twoMillion: direct(millions('[2026-03-16, 2026-03-17]'), 2_000_000, 1),
    },
    ROUNDS,
    0,
  );
  print({ case: 'million-summary', value: median(many.million) / 1e9, ...inSeconds });
  print({ case: 'two-million-summary', value: median(many.twoMillion) / 1e9, ...inSeconds });
}

if (isAsked('million', 'two-million')) {
  const dates = ['2026-03-16', '2026-03-17'];
  const { million, twoMillion } = await interleave(
    { million: millionsOf(dates.slice(0, 1)), twoMillion: millionsOf(dates) },
    ROUNDS,
    0,
  );
  print({ case: 'million', value: median(million) / 1e9, ...inSeconds });
  const ratio = median(twoMillion) / median(million);
  print({ case: 'two-million', value: ratio, unit: 'times', vs: 'million', ratio });
}

if (isAsked('small-warm')) {
  const { warm } = await interleave(
    { warm: { count: 1, run: () => checked(runDirectly(small), null) } },
    20,
    20,
  );
  print({ case: 'small-warm', value: median(warm) / 1e6, unit: 'ms', vs: null, ratio: null });
}

for (const one of PSSIMPY)
  if (isAsked(one.name)) {
    const line = againstPssimpy(one);
    if (line !== null) print(line);
  }

if (isAsked('network-1000')) {
  const { described, remove } = network1000();
  try {
    const { took } = await interleave({ took: described }, ROUNDS, 0);
    print({ case: 'network-1000', value: median(took) / 1e9, ...inSeconds });
  } finally {
    remove();
  }
}

const PROCESSES = [
  { name: 'small-full', command: smallFull, rounds: 5 },
  { name: 'full-100k', command: full100k, rounds: ROUNDS },
  { name: 'iot-direct', command: iotDirect, rounds: ROUNDS },
  { name: 'iot-signed', command: iotSigned, rounds: 1 },
  { name: 'sweep-1000', command: sweep1000, rounds: 1 },
  { name: 'stress-50x12', command: stress50x12, rounds: 1 },
];
for (const { name, command, rounds } of PROCESSES)
  if (isAsked(name)) {
    const { took } = await interleave({ took: command }, rounds, 0);
    print({ case: name, value: median(took) / 1e9, ...inSeconds });
  }
