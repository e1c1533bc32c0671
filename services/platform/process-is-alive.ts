import { readFileSync, statSync } from 'node:fs';

/** Whether a process of this machine has the number; one of another user too, though nothing may be sent to it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The process that has a lock on a file, as Linux tells it; null: nobody here can say. Two file systems may have
 * a file of one number, so the device counts too.
 */
export function lockHolder(file: string): number | null {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
    const device = [major, minor].map((part) => part.toString(16).padStart(2, '0')).join(':');
    const [, pid] =
      new RegExp(`^\\d+: POSIX +\\w+ +\\w+ ([1-9]\\d*) ${device}:${ino} `, 'm').exec(
        readFileSync('/proc/locks', 'utf8'),
      ) ?? [];
    return pid === undefined ? null : Number(pid);
  } catch {
    return null;
  }
}
