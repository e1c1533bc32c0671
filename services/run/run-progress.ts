import cliProgress from 'cli-progress';

interface ProgressFigures {
  /** Virtual time, ms. */
  readonly atMs: number;
  /** Of the total, in which each leg of a trade counts. */
  readonly legs: number;
  /** Payments, as `submitted` counts them: two legs that met are one, and so in `settled` and `queued`. */
  readonly sent: number;
  readonly settled: number;
  readonly queued: number;
  /** What else is to be known now; empty: nothing. */
  readonly note?: string;
}

export interface Progress {
  update(figures: ProgressFigures): void;
  /** The scenario is over: only now it is at 100 %. @param next what is done meanwhile; empty: nothing */
  end(next: string): void;
  /** Where it ended, or did not get so far. */
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
        '{bar} {percentage}%  {time} UTC  {sent} payments sent  {settled} settled  {queued} queued{note}',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { time: '', sent: 0, settled: 0, queued: 0, note: '' });
  return {
    update: ({ atMs, legs, sent, settled, queued, note = '' }) =>
      bar.update(Math.min(legs, total - 1), {
        ...{ time: clock(atMs), sent, settled, queued },
        note: note && `  ${note}`,
      }),
    end(next) {
      bar.stop();
      if (next !== '') stream.write(`${next}\n`);
    },
    stop: () => bar.stop(),
  };
}

function plainLines(total: number, stream: NodeJS.WriteStream): Progress {
  let written = 0;
  let last: ProgressFigures | null = null;
  const write = (share: number, { atMs, sent, settled, queued, note = '' }: ProgressFigures) =>
    stream.write(
      `${String(share).padStart(3)}%  ${clock(atMs)} UTC  ${sent} payments sent, ${settled} settled, ${queued} queued${note && `; ${note}`}\n`,
    );
  return {
    update(figures) {
      last = figures;
      // After the last payment the day goes on to its close.
      const share = Math.min(99, Math.floor((figures.legs * 100) / Math.max(1, total)));
      const tenth = Math.floor((share * PLAIN_LINES) / 100);
      if (tenth <= written) return;
      written = tenth;
      write(share, figures);
    },
    end(next) {
      if (last) write(100, last);
      if (next !== '') stream.write(`      ${next}\n`);
    },
    stop() {},
  };
}
