/** What defaults leave uncovered, by hour: the figures of a run. */
import type { CoverHour } from '../../analysis/cover-book.ts';
import { bicOf, type DirectoryNames } from '../../protocol/names/handles-to-names.ts';

/** With names. */
export interface CoverAtHour extends Pick<CoverHour, 'atMs' | 'oneMinor' | 'twoMinor'> {
  readonly participant: string;
  readonly second: string | null;
}

export interface CoverFigures {
  /** The most that they come to. */
  readonly defaultCover: { readonly oneMinor: bigint; readonly twoMinor: bigint };
  /** Hours at which there is any. */
  readonly defaultCoverByHour: readonly CoverAtHour[];
}

/** @param seen of a pool, in order of time */
export function coverFigures(
  seen: readonly CoverHour[],
  currency: number,
  directory: DirectoryNames,
): CoverFigures {
  const defaultCoverByHour = seen.flatMap((hour): CoverAtHour[] => {
    if (hour.currency !== currency) return [];
    const { atMs, participant, second, oneMinor, twoMinor } = hour;
    const secondBic = second === null ? null : bicOf(directory, second);
    return [
      {
        ...{ atMs, participant: bicOf(directory, participant), second: secondBic },
        ...{ oneMinor, twoMinor },
      },
    ];
  });
  const most = (of: 'oneMinor' | 'twoMinor') =>
    defaultCoverByHour.reduce((found, hour) => (hour[of] > found ? hour[of] : found), 0n);
  return {
    defaultCover: { oneMinor: most('oneMinor'), twoMinor: most('twoMinor') },
    defaultCoverByHour,
  };
}
