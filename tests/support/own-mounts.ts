import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';

/**
 * What stands before a command so that it runs in a mount namespace of its own, in which `mounting`
 * (of a shell, with the folder as $0) was done first; the namespace ends with it.
 * @returns null where the machine lets no mount be made
 */
export function inOwnMounts(folder: string, mounting: string): readonly string[] | null {
  const ways = [['--mount'], ['--user', '--map-root-user', '--mount']].map((flags) => [
    'unshare',
    ...flags,
    'sh',
    '-c',
    `${mounting} && exec "$@"`,
    folder,
  ]);
  return (
    ways.find(([command = '', ...args]) => spawnSync(command, [...args, 'true']).status === 0) ??
    null
  );
}

/** Why a test that mounts is skipped; false: it runs. */
export const needsMounts = (): string | false =>
  inOwnMounts(tmpdir(), 'mount -t tmpfs none "$0"') === null &&
  'no file system can be mounted here';
