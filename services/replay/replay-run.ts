import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSettlement } from '../core/settlement/settlement.ts';
import { createVerification } from '../core/verification/verification.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import type { PaymentTable } from '../report/figures/payment-table.ts';
import type { SignatureVerification } from '../verifier/verifier.ts';
import { damagedFile, inputLogFault, inputLogOf, unzipped } from './recorded-inputs.ts';
import { Replay, type ReplayedEvents, type ReplayResult } from './replay.ts';
import { ReplayedFigures, summaryDifferences } from './replayed-figures.ts';

/**
 * Feeds a replay with the input.log of a run, named by its folder or itself.
 * @param between awaited after every piece of it
 */
export async function replayRun(
  run: string,
  replay: Replay,
  between?: () => Promise<void>,
): Promise<ReplayResult> {
  const file = inputLogOf(run);
  try {
    for await (const piece of unzipped(file)) {
      replay.push(piece);
      await replay.advance();
      await between?.();
    }
    return await replay.result();
  } catch (error) {
    throw inputLogFault(file, error);
  }
}

interface SummaryFile {
  readonly summary: unknown;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

/** The summary.json of a run that is named by its folder; null where an input.log is named by itself. */
export function readSummary(run: string): SummaryFile | null {
  if (run.endsWith('.log')) return null;
  const file = join(run, 'summary.json');
  if (!existsSync(file))
    throw new BadInput(`${file}: not found; expected the folder of a finished run`);
  try {
    const bytes = readFileSync(file);
    return { summary: JSON.parse(bytes.toString('utf8')), digest: payloadDigestHex(bytes) };
  } catch (error) {
    throw damagedFile(file, `it is no JSON (${(error as Error).message})`);
  }
}

export interface RunReplay {
  readonly result: ReplayResult;
  /** Where the run says something else than its input gives; empty where it agrees. */
  readonly differences: readonly string[];
  /** By pool, in the order of the run. */
  readonly payments: readonly PaymentTable[];
}

/**
 * Proves a run's input again, re-runs it, and holds its hash and figures against those that the run told.
 * Throws BadInput where a file is none of a run, or a record is not what its message says.
 */
export const provenRun = (run: string): Promise<RunReplay> =>
  heldRun(run, (keysMax) => createVerification(compiledCore(), { keysMax }));

/**
 * The same with another verification, or with none.
 * @param take told of the events as they come
 */
export async function heldRun(
  run: string,
  verification: ((keysMax: number) => SignatureVerification) | null,
  take: (events: ReplayedEvents) => void = () => {},
): Promise<RunReplay> {
  const figures = new ReplayedFigures();
  const replay = new Replay(
    () => createSettlement(compiledCore()),
    verification,
    (events) => {
      figures.take(events);
      take(events);
    },
  );
  const result = await replayRun(run, replay);
  const { header, trailer, eventsHash, inputDigest } = result;
  const file = readSummary(run);
  const found = file
    ? summaryDifferences(file.summary, figures.summary({ ...header, eventsHash }))
    : [];
  const differences = found.map((difference) => `summary.json: ${difference}`);
  if (eventsHash !== trailer.eventsHash)
    differences.unshift(`input.log: the run recorded ${trailer.eventsHash}`);
  if (trailer.inputDigest !== undefined && inputDigest !== trailer.inputDigest)
    differences.push('input.log: it is not the file that the run wrote');
  if (file && trailer.summaryDigest !== undefined && file.digest !== trailer.summaryDigest)
    differences.push('summary.json: it is not the file that the run wrote');
  return { result, differences, payments: figures.payments(header.pools) };
}
