import { Command, CommanderError } from 'commander';
import { version } from '../platform/service/build-info.ts';
import { EXIT, exitCode } from '../platform/service/exit.ts';
import { certifyCommand } from './certify-command.ts';
import { driveCommand } from './drive-command.ts';
import { explainCommand } from './explain-command.ts';
import { exportCommand } from './export-command.ts';
import { forgetCommand } from './forget-command.ts';
import { foundCommand } from './found-command.ts';
import { loadgenCommand } from './loadgen-command.ts';
import { publishCommand } from './publish-command.ts';
import { reconcileCommand } from './reconcile-command.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { upCommand } from './up-command.ts';
import { verifyCommand } from './verify-command.ts';

/** Every error is one line that begins with the command's name. */
const OUTPUT = {
  outputError: (text: string, write: (text: string) => void) =>
    write(text.replace(/^error: /, 'corridor: ')),
};

/** The `corridor` command: wires platform and simulator together, one file a subcommand. */
const program = new Command('corridor')
  .description('Cross-border payment and clearing simulator')
  .version(version)
  .exitOverride()
  .configureOutput(OUTPUT)
  .addCommand(runCommand())
  .addCommand(replayCommand())
  .addCommand(explainCommand())
  .addCommand(verifyCommand())
  .addCommand(certifyCommand())
  .addCommand(reconcileCommand())
  .addCommand(exportCommand())
  .addCommand(publishCommand())
  .addCommand(forgetCommand())
  .addCommand(foundCommand())
  .addCommand(loadgenCommand())
  .addCommand(upCommand())
  .addCommand(driveCommand());

for (const command of program.commands) command.exitOverride().configureOutput(OUTPUT);

// A reader that goes away (`corridor run ... | head`) ends the output, not the run.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`corridor: the output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failure);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.success : EXIT.badInput;
  } else {
    const { message } = error as Error;
    process.stderr.write(`corridor: ${message}\n`);
    if (process.env.CORRIDOR_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = exitCode(error);
  }
}
