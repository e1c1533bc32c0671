/** The folders of a study's shards made one. */
import { BadInput } from '../platform/exit-codes.ts';
import { cellAt, cellCount, cellWords } from './grid.ts';
import { failedWords, type SweptStudy, writeStudy } from './run-study.ts';
import type { Study } from './study-file.ts';
import {
  type CellResult,
  openStudyFolder,
  readHeader,
  readResults,
  type StudyHeader,
  type StudyResults,
} from './study-folder.ts';

/**
 * One folder from those of the shards, and its tables.
 * @throws BadInput where they are not of one study, or a cell is in none of them
 */
export async function mergeShards(from: readonly string[], out: string): Promise<SweptStudy> {
  const startedNs = process.hrtime.bigint();
  const headers = from.map((path) => readHeader(path, '--merge'));
  const [first] = headers as [StudyHeader];
  for (const [at, { digest, version: by, study }] of headers.entries())
    if (digest !== first.digest || by !== first.version)
      throw new BadInput(
        `--merge ${from[at]}: it is of another study (${study.name}, version ${by}) than ${from[0]} (${first.study.name}, version ${first.version}), or of this one before its file or its scenario changed: expected shards of one study`,
      );
  const shards = from.map((path) => readResults(path, '--merge', 'a shard that ran'));
  try {
    const { study } = first;
    const sources = sourcesOf(study, shards);
    const folder = openStudyFolder(out, { ...first, shard: null });
    try {
      for (const [cell, shard] of sources)
        if (folder.results.line(cell) !== shard.line(cell))
          folder.results.append(shard.result(cell) as CellResult);
      await writeStudy(folder, study);
      return {
        study,
        folder: out,
        shard: null,
        cells: folder.results.size,
        kept: 0,
        failed: failedWords(study, folder.results, [...folder.results.failed]),
        seconds: Number(process.hrtime.bigint() - startedNs) / 1e9,
      };
    } finally {
      folder.close();
    }
  } finally {
    for (const shard of shards) shard.close();
  }
}

/** Of each cell, a shard that has it. Two that have it must agree. */
function sourcesOf(study: Study, shards: readonly StudyResults[]): Map<number, StudyResults> {
  const sources = new Map<number, StudyResults>();
  const missing: number[] = [];
  for (let cell = 1; cell <= cellCount(study); cell++) {
    const found = shards.filter((shard) => shard.has(cell));
    // One that failed somewhere and ran elsewhere ran.
    const ran = found.filter(({ failed }) => !failed.has(cell));
    const [one, ...others] = ran.length > 0 ? ran : found.slice(0, 1);
    const other = others.find((shard) => shard.line(cell) !== one?.line(cell));
    if (other !== undefined)
      throw new Error(
        `--merge: cell ${cell} (${cellWords(study, cellAt(study, cell))}) differs between ${one?.path} and ${other.path}: the same cell gives the same figures on every machine, so one of the two is damaged or was made by another build`,
      );
    if (one === undefined) missing.push(cell);
    else sources.set(cell, one);
  }
  if (missing.length > 0) {
    const named = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', ...' : '');
    throw new BadInput(
      `--merge: ${missing.length} of ${cellCount(study)} cells are in none of the folders (${named}): expected the folders of all shards`,
    );
  }
  return sources;
}
