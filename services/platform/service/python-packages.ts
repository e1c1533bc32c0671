import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A Python with packages of PyPI, for programs that others wrote; what they need comes as pip takes it now.
 * It is made once and kept in the user's cache.
 * @param packages with their versions, such as `networkx==3.4.2`
 * @throws where there is no Python, or no way to PyPI
 */
export function pythonWith(...packages: readonly string[]): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'corridor', packages.join('-').replaceAll('==', '-').toLowerCase());
  const program = join(folder, 'bin/python');
  if (existsSync(join(folder, 'made'))) return program;
  const run = (command: string, ...args: readonly string[]) =>
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  run('python3', '-m', 'venv', '--clear', folder);
  run(program, '-m', 'pip', 'install', '--quiet', ...packages);
  writeFileSync(join(folder, 'made'), '');
  return program;
}
