import { test } from 'node:test';
import { summaryLeaves } from '../../services/compare/figures.ts';
import { listedImport, loadImport, observed, observedCsv } from '../support/observed-import.ts';
import { load, runDirectly } from '../support/run.ts';

for (const name of (
  process.env.PROBE ??
  'pssimpy-ring,pssimpy-quickstart,smoke,linked-gridlock,limits-hybrid,netting-default'
).split(','))
  test(name, async () => {
    const files = listedImport(load(name));
    const scenario = loadImport(files);
    const sim = await runDirectly(scenario, { signatures: false });
    const obs = await observed({ ...files, 'observed.csv': observedCsv(scenario, sim.rows) });
    const a = new Map(summaryLeaves(sim.summary, true).map((l) => [l.path, l.value]));
    const b = new Map(summaryLeaves(obs.summary, true).map((l) => [l.path, l.value]));
    const diff = [...new Set([...a.keys(), ...b.keys()])].filter((p) => a.get(p) !== b.get(p));
    console.log(name, a.size, 'differ', diff.length);
    for (const p of diff) console.log('  ', p, a.get(p), b.get(p));
    console.log(JSON.stringify(obs.summary.observed).slice(0, 500));
  });
