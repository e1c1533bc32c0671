import { writeSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { type Logger as PinoLogger, pino } from 'pino';

/** Lines that wait for room on the disk; what comes beyond is dropped. */
export const WAITING_BYTES_MAX = 1_048_576;

/** Of a process, or a sandbox, over a fault; stderr has the reason too. */
export const ENDED_OVER_FAULT = 'ends over a fault';

/** A logger's file, which a full disk or any other fault of it does not end the process over. */
export interface LogFile {
  readonly logger: PinoLogger;
  /** Resolves when what was logged is written, or cannot be. */
  close(): Promise<void>;
}

/**
 * What to tell a person of a file that lies beside the embedded log.
 * @param reason as `openLogFile` tells it
 */
export const unwrittenText = (file: string, reason: string): string =>
  reason.startsWith('ENOSPC')
    ? `the disk of ${dirname(file)} is full: nothing is taken until there is room`
    : `${basename(file)} cannot be written, all else goes on: ${reason}`;

/**
 * Appends JSON lines to a file. While it cannot be written lines wait, up to a bound, and are written
 * with the next that goes through.
 * @param file a path, or the descriptor of a file that is open
 * @param tell called once when it cannot be written, and again after it could
 */
export function openLogFile(
  file: string | number,
  tell: (reason: string) => void,
  level = 'info',
): LogFile {
  const destination = pino.destination({
    dest: file,
    sync: false,
    maxLength: WAITING_BYTES_MAX,
    // Of one byte each line is written at once; of none a flush would not wait.
    minLength: 1,
  });
  let told = false;
  // Without a listener Node ends the process.
  destination.on('error', (error: Error) => {
    if (!told) tell(error.message);
    told = true;
  });
  destination.on('write', () => {
    told = false;
  });
  // A line that finds no room among those that wait tries the disk all the same.
  destination.on('drop', () => destination.flush());
  // At the exit pino would try what cannot be written for ever.
  const flushSync = destination.flushSync.bind(destination);
  destination.flushSync = () => {
    if (!told) flushSync();
  };
  return {
    logger: pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination),
    close: () =>
      new Promise((resolve) => {
        destination.flush(() => {
          // Its own end at the exit would write what cannot be written.
          destination.destroy();
          resolve();
        });
      }),
  };
}

/** Says a line on stderr. Where that is full too nobody can be told, and nothing ends over it. */
export function sayOnStderr(line: string): void {
  try {
    writeSync(process.stderr.fd, `${line}\n`);
  } catch {
    // It is told nowhere.
  }
}
