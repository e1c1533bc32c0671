import cliProgress from 'cli-progress';

export interface ProgressFigures {
  /** Virtual time, ms. */
  readonly atMs: number;
  readonly sent: number;
  readonly settled: number;
  readonly queued: number;
}

export interface Progress {
  update(figures: ProgressFigures): void;
  stop(): void;
}

const clock = (ms: number) => new Date(ms).toISOString().slice(5, 16).replace('T', ' ');
const PLAIN_LINES = 10;

/** A bar on a terminal; elsewhere a line for each tenth of the payments. */
export function startProgress(total: number, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return plainLines(total, stream);
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format:
        '{bar} {percentage}%  {time} UTC  {value}/{total} payments  {settled} settled  {queued} queued',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { time: '', settled: 0, queued: 0 });
  return {
    update: ({ atMs, sent, settled, queued }) =>
      bar.update(Math.min(sent, total), { time: clock(atMs), settled, queued }),
    stop: () => bar.stop(),
  };
}

function plainLines(total: number, stream: NodeJS.WriteStream): Progress {
  let written = 0;
  return {
    update({ atMs, sent, settled, queued }) {
      const tenth = total === 0 ? PLAIN_LINES : Math.floor((sent * PLAIN_LINES) / total);
      if (tenth <= written) return;
      written = tenth;
      const share = Math.min(100, Math.floor((sent * 100) / Math.max(1, total)));
      stream.write(
        `${String(share).padStart(3)}%  ${clock(atMs)} UTC  ${sent} payments sent, ${settled} settled, ${queued} queued\n`,
      );
    },
    stop() {},
  };
}
