import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';

const main = join(packageFolder, 'dist/services/cli/main.js');

/** Runs the command of the build, and waits: its exit code, and what it said on either stream. */
export function commandText(...args: string[]): { readonly code: number; readonly text: string } {
  try {
    const options = { encoding: 'utf8' as const, stdio: 'pipe' as const };
    return { code: 0, text: execFileSync(process.execPath, [main, ...args], options) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, text: stdout + stderr };
  }
}
