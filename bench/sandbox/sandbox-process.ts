import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { scenarioFile } from '../../tests/support/run.ts';

export interface SandboxProcess {
  /** Where its gateway takes payments. */
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  /** Resolves when everything of it serves. */
  readonly served: Promise<void>;
  /** Of its log on disk. */
  logBytes(): number;
  stop(): Promise<void>;
}

/** `corridor up` with the scenario `load`, as a user starts it; resolves when its gateway serves. */
export async function startSandboxProcess(folder: string): Promise<SandboxProcess> {
  const main = join(packageFolder, 'dist/services/cli/main.js');
  const args = ['up', scenarioFile('load'), '--data', folder, '--port', '0', '--view-port', '0'];
  const child = spawn(process.execPath, ['--max-semi-space-size=64', main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  const says = (line: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const [, found] = line.exec(told) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', look);
      child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)));
    });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const served = says(/^(network) \S+ is up/m).then(() => {});
  served.catch(() => {});
  const url = await says(/^the gateway takes payments at (http:\S+);/m);
  return {
    url,
    folder,
    pid: child.pid as number,
    served,
    logBytes: () =>
      readdirSync(join(folder, 'log')).reduce(
        (sum, name) => sum + statSync(join(folder, 'log', name)).size,
        0,
      ),
    async stop() {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
