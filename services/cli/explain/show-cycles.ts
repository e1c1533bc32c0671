import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../exit.ts';
import { type CycleReport, cycleLine, eachCycle, heldUpLines } from './cycles.ts';
import type { Inputs } from './inputs.ts';
import type { PoolState } from './pool-state.ts';
import { counted } from './words.ts';

export interface CyclesAsked {
  readonly pool: string | null;
  /** Null: all of them. */
  readonly cycle: number | null;
  readonly json: boolean;
  /** One file for one cycle. */
  readonly certificate: string | null;
  /** A folder with a file for each. */
  readonly certificates: string | null;
}

/** Prints what cycles settled and what they left, and writes their certificates. */
export async function showCycles(
  inputs: Inputs,
  wasm: WebAssembly.Module,
  asked: CyclesAsked,
): Promise<void> {
  const seen: CycleReport[] = [];
  const pools = await eachCycle(inputs, wasm, asked, (report, pool) => {
    if (report.faults.length > 0)
      throw new Error(
        `the certificate of cycle ${report.cycle} does not hold: ${report.faults[0]}`,
      );
    if (asked.certificates !== null) writeInto(asked.certificates, report);
    process.stdout.write(text(report, pool, asked));
    seen.push(
      report.certificate === null || asked.cycle !== null
        ? report
        : { ...report, certificate: null },
    );
  });
  if (asked.pool !== null && !pools.includes(asked.pool))
    throw new BadInput(`--pool ${asked.pool}: ${inputs.name} has ${pools.join(', ')}`);
  if (asked.cycle === null) {
    if (!asked.json)
      process.stdout.write(
        `${counted(seen.length, 'cycle')}; every certificate was checked and holds\n`,
      );
    return;
  }
  if (seen.length === 0)
    throw new BadInput(
      `--cycle ${asked.cycle}: ${inputs.name} has no such cycle; --cycles lists them`,
    );
  if (seen.length > 1)
    throw new BadInput(
      `--cycle ${asked.cycle}: pools ${pools.join(', ')} have one each; expected --pool`,
    );
  if (asked.certificate !== null) writeOne(asked.certificate, seen[0] as CycleReport);
}

function text(report: CycleReport, pool: PoolState, { json, cycle }: CyclesAsked): string {
  if (json) {
    const { certificate, timeMs, faults: _, ...rest } = report;
    const heldUp = cycle === null ? undefined : certificate?.heldUp;
    return `${JSON.stringify({ ...rest, time: new Date(timeMs).toISOString(), ...(heldUp && { heldUp }) })}\n`;
  }
  const lines = cycle === null ? [] : heldUpLines(report, pool);
  return `${[cycleLine(report, pool), ...lines].join('\n')}\n`;
}

function writeOne(file: string, { certificate, mechanism }: CycleReport): void {
  if (certificate === null)
    throw new BadInput(
      `--certificate: ${mechanism} settles what was accepted, and has none; expected another cycle`,
    );
  writeFileSync(file, `${JSON.stringify(certificate, null, 2)}\n`);
}

function writeInto(folder: string, { certificate, pool, cycle }: CycleReport): void {
  if (certificate === null) return;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pool}-${String(cycle).padStart(6, '0')}.json`);
  writeFileSync(file, `${JSON.stringify(certificate)}\n`);
}
