/** How far a study is: a bar on a terminal; elsewhere a line for each tenth of the cells. */
import cliProgress from 'cli-progress';
import { durationText } from '../protocol/names/vocabulary.ts';

export interface StudyProgress {
  /** One cell more. */
  step(failed: number): void;
  stop(): void;
}

const TENTHS = 10;

/**
 * The time left is by the cells since each job ended its first, in which it also started and warmed up, and is told when each
 * may have ended another.
 * @param done cells that an earlier process ran
 * @param jobs cells that run at once
 * @param nowMs a clock of this process
 */
export function startStudyProgress(
  total: number,
  done: number,
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  {
    jobs,
    nowMs,
    names: { many, lost },
  }: {
    readonly jobs: number;
    readonly nowMs: () => number;
    readonly names: { readonly many: string; readonly lost: string };
  },
): StudyProgress {
  const first = done + jobs;
  let fromMs = Number.NaN;
  const left = (now: number): string => {
    if (now === first) fromMs = nowMs();
    if (now < first + jobs || now >= total) return '';
    const perCellMs = (nowMs() - fromMs) / (now - first);
    return `${durationText(Math.round(perCellMs * (total - now)))} left`;
  };
  const note = (failed: number) => (failed === 0 ? '' : `, ${failed} ${lost}`);
  let now = done;
  if (!stream.isTTY) {
    let written = Math.floor((done * TENTHS) / total);
    return {
      step(failed) {
        now += 1;
        const time = left(now);
        const tenth = Math.floor((now * TENTHS) / total);
        if (tenth <= written) return;
        written = tenth;
        const rest = time === '' ? '' : `, ${time}`;
        stream.write(
          `${String(tenth * 10).padStart(3)}%  ${now} of ${total} ${many}${note(failed)}${rest}\n`,
        );
      },
      stop() {},
    };
  }
  const bar = new cliProgress.SingleBar(
    {
      stream: stream as NodeJS.WriteStream,
      format: `{bar} {percentage}%  {value}/{total} ${many}{note}  {left}`,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, done, { note: '', left: '' });
  return {
    step(failed) {
      now += 1;
      bar.update(now, { note: note(failed), left: left(now) });
    },
    stop: () => bar.stop(),
  };
}
