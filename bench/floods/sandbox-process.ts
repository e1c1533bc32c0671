import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../services/cli/build-info.ts';
import { scenarioFile } from '../../services/cli/test-run.ts';

export interface SandboxProcess {
  readonly url: string;
  readonly folder: string;
  /** Of its log on disk. */
  logBytes(): number;
  stop(): Promise<void>;
}

/** `corridor up` with the scenario `load`, as a user starts it. */
export async function startSandboxProcess(folder: string): Promise<SandboxProcess> {
  const main = join(packageFolder, 'dist/services/cli/main.js');
  const args = ['up', scenarioFile('load'), '--data', folder, '--port', '0', '--view-port', '0'];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      const found = /gateway +(http:\S+)\/openapi\.json/.exec(told)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)));
  });
  return {
    url,
    folder,
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
