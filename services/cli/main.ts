import { Command, CommanderError } from 'commander';
import { EXIT, exitCode } from '../platform/exit-codes.ts';
import { version } from '../platform/service/build-info.ts';

/** Every error is one line that begins with the command's name. */
const OUTPUT = {
  outputError: (text: string, write: (text: string) => void) =>
    write(text.replace(/^error: /, 'corridor: ')),
};

/** What each subcommand needs is loaded where it is named: what a run needs takes a second. */
const COMMANDS = {
  run: async () => (await import('./run-command.ts')).runCommand(),
  observe: async () => (await import('./observe-command.ts')).observeCommand(),
  sweep: async () => (await import('./sweep-command.ts')).sweepCommand(),
  stress: async () => (await import('./stress-command.ts')).stressCommand(),
  replay: async () => (await import('./replay-command.ts')).replayCommand(),
  explain: async () => (await import('./explain-command.ts')).explainCommand(),
  audit: async () => (await import('./audit-command.ts')).auditCommand(),
  verify: async () => (await import('./verify-command.ts')).verifyCommand(),
  receipt: async () => (await import('./receipt-command.ts')).receiptCommand(),
  documents: async () => (await import('./documents-command.ts')).documentsCommand(),
  witness: async () => (await import('./witness-command.ts')).witnessCommand(),
  certify: async () => (await import('./certify-command.ts')).certifyCommand(),
  compare: async () => (await import('./compare-command.ts')).compareCommand(),
  network: async () => (await import('./network-command.ts')).networkCommand(),
  watch: async () => (await import('./watch-command.ts')).watchCommand(),
  reconcile: async () => (await import('./reconcile-command.ts')).reconcileCommand(),
  import: async () => (await import('./import-command.ts')).importCommand(),
  export: async () => (await import('./export-command.ts')).exportCommand(),
  disclose: async () => (await import('./disclose-command.ts')).discloseCommand(),
  publish: async () => (await import('./publish-command.ts')).publishCommand(),
  forget: async () => (await import('./forget-command.ts')).forgetCommand(),
  found: async () => (await import('./found-command.ts')).foundCommand(),
  participants: async () => (await import('./participants-command.ts')).participantsCommand(),
  operator: async () => (await import('./operator-command.ts')).operatorCommand(),
  loadgen: async () => (await import('./loadgen-command.ts')).loadgenCommand(),
  up: async () => (await import('./up-command.ts')).upCommand(),
  drill: async () => (await import('./drill-command.ts')).drillCommand(),
  drive: async () => (await import('./drive-command.ts')).driveCommand(),
} as const;

/** The `corridor` command: wires platform and simulator together, one file a subcommand. */
const program = new Command('corridor')
  .description('Cross-border payment and clearing simulator')
  .version(version)
  .exitOverride()
  .configureOutput(OUTPUT);

/** A command, and those below it. */
function dressed(command: Command): Command {
  command.commands.forEach(dressed);
  return command.exitOverride().configureOutput(OUTPUT);
}

const named = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2]);
for (const [, load] of named.length > 0 ? named : Object.entries(COMMANDS))
  program.addCommand(dressed(await load()));

// A reader that goes away (`corridor run ... | head`) ends the output, not the run.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`corridor: the output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failure);
});
// The same of `corridor sweep ... 2>&1 | head`; what goes wrong with stderr nobody can be told.
process.stderr.on('error', () => {});

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
