// Plugins of StrykerJS: tests a seeded sample of all mutants, in random order, and writes each result
// as it comes, so that what a time limit leaves is a sample too.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { CheckStatus } from '@stryker-mutator/api/check';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

const { MUTATION_SEED, MUTATION_COUNT, MUTATION_RESULTS } = process.env;

const place = ({ fileName, location: { start, end }, mutatorName, replacement }) =>
  [
    relative(process.cwd(), fileName),
    start.line,
    start.column,
    end.line,
    end.column,
    mutatorName,
    replacement,
  ].join(':');
const rank = (mutant) =>
  createHash('sha256')
    .update(`${MUTATION_SEED}:${place(mutant)}`)
    .digest('hex');

class Sample {
  #chosen = new Set();
  async init() {}
  /** All mutants come at once; those of the sample are handed on one by one, by rank. */
  async group(mutants) {
    const room = Number(MUTATION_COUNT) - this.#chosen.size;
    const ranked = mutants.map((mutant) => [rank(mutant), mutant.id]).sort();
    const taken = ranked.slice(0, room).map(([, id]) => id);
    for (const id of taken) this.#chosen.add(id);
    const rest = ranked.slice(room).map(([, id]) => id);
    return [...taken.map((id) => [id]), ...(rest.length > 0 ? [rest] : [])];
  }
  async check(mutants) {
    return Object.fromEntries(
      mutants.map(({ id }) => [
        id,
        this.#chosen.has(id)
          ? { status: CheckStatus.Passed }
          : { status: CheckStatus.CompileError, reason: 'not in the sample' },
      ]),
    );
  }
}

class Lines {
  onMutantTested({ status, fileName, location, mutatorName, replacement, killedBy, statusReason }) {
    if (status === 'CompileError') return;
    const found = { status, fileName, location, mutatorName, replacement, killedBy, statusReason };
    appendFileSync(MUTATION_RESULTS, `${JSON.stringify(found)}\n`);
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.Checker, 'sample', Sample),
  declareClassPlugin(PluginKind.Reporter, 'lines', Lines),
];
