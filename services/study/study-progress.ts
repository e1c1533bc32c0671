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
 * @param done cells that an earlier process ran
 * @param elapsedMs since this process began with the others
 */
export function startStudyProgress(
  total: number,
  done: number,
  stream: NodeJS.WriteStream,
  elapsedMs: () => number,
): StudyProgress {
  const left = (now: number) =>
    now === done ? '' : durationText(Math.round((elapsedMs() / (now - done)) * (total - now)));
  const note = (failed: number) => (failed === 0 ? '' : `, ${failed} failed`);
  let now = done;
  if (!stream.isTTY) {
    let written = Math.floor((done * TENTHS) / total);
    return {
      step(failed) {
        now += 1;
        const tenth = Math.floor((now * TENTHS) / total);
        if (tenth <= written) return;
        written = tenth;
        const rest = now < total ? `, ${left(now)} left` : '';
        stream.write(
          `${String(tenth * 10).padStart(3)}%  ${now} of ${total} cells${note(failed)}${rest}\n`,
        );
      },
      stop() {},
    };
  }
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: '{bar} {percentage}%  {value}/{total} cells{note}  {left}',
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
      bar.update(now, { note: note(failed), left: now < total ? `${left(now)} left` : '' });
    },
    stop: () => bar.stop(),
  };
}
