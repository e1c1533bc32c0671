import { spawnSync } from 'node:child_process';

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
