import { Command } from 'commander';
import { poolNames } from '../live/network.ts';
import { commandFrom, outcomeLine } from '../onboarding/command-words.ts';
import { operatorOf, readFounded } from '../onboarding/founded-network.ts';
import { OperatorClient, type Outcome } from '../onboarding/gateway-client.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import type { Command as PoolCommand } from '../protocol/records/control-record.ts';

export interface OperatorFlags {
  readonly data: string;
  readonly url: string;
  readonly as: string;
  readonly pool?: string;
  readonly json?: true;
}

/** What every command has by which an operator speaks to a gateway. */
export const withOperator = (command: Command): Command =>
  command
    .requiredOption('--data <dir>', 'the folder of `corridor found`: network.json and keys')
    .option('--url <url>', 'where the gateway is', 'http://127.0.0.1:8080')
    .option('--as <name>', 'whose key of keys/ signs: operator, or operator-2', OPERATOR)
    .option('--pool <pool>', 'default: the first of the network')
    .option('--json', 'print the outcome as one JSON object');

/** @returns the client, and the pool that is meant */
export function operatorFrom(flags: OperatorFlags): { client: OperatorClient; pool: string } {
  const network = readFounded(flags.data);
  const pools = poolNames(network);
  const pool = flags.pool ?? (pools[0] as string);
  if (!pools.includes(pool))
    throw new BadInput(`--pool ${pool}: expected one of ${pools.join(', ')}`);
  const url = flags.url.replace(/\/+$/, '');
  const identity = { url, network: network.network, ...operatorOf(flags.data, flags.as) };
  return { client: new OperatorClient(identity), pool };
}

/** Gives a command, and prints what became of it. */
export async function giveAndTell(flags: OperatorFlags, command: PoolCommand): Promise<void> {
  const { client, pool } = operatorFrom(flags);
  const { id } = await client.give(pool, command);
  tell(flags, await client.outcome(pool, id));
}

export function tell({ json }: OperatorFlags, outcome: Outcome): void {
  process.stdout.write(`${json ? JSON.stringify(outcome) : outcomeLine(outcome)}\n`);
  if (outcome.outcome !== 'done' && outcome.outcome !== 'awaitsApproval')
    process.exitCode = EXIT.failure;
}

export function operatorCommand(): Command {
  const operator = new Command('operator').description(
    'command a pool, approve what another operator commanded, and see what became of it',
  );
  withOperator(operator.command('give'))
    .description(
      'give a command, for example: give creditLine bic=ALFADE00 currency=EUR amountMinor=50000',
    )
    .argument('<kind>', 'docs/http.md lists them')
    .argument('[member=value...]')
    .action(async (kind: string, members: string[], flags: OperatorFlags) => {
      const { pool } = operatorFrom(flags);
      await giveAndTell(flags, commandFrom(pool, kind, members));
    });
  withOperator(operator.command('outcome'))
    .description('what became of a command')
    .argument('<id>')
    .action(async (id: string, flags: OperatorFlags) => {
      const { client, pool } = operatorFrom(flags);
      tell(flags, await client.outcome(pool, id));
    });
  withOperator(operator.command('approve'))
    .description('approve a command of another operator, which is printed first')
    .argument('<id>', 'of the command that waits')
    .action(async (id: string, flags: OperatorFlags) => {
      const { client, pool } = operatorFrom(flags);
      const { waiting, outcome, payloadDigest } = await client.outcome(pool, id);
      if (!waiting) throw new BadInput(`${id}: expected a command that waits, found ${outcome}`);
      process.stderr.write(`approves ${JSON.stringify(waiting)}\n`);
      const approval = await client.give(pool, waiting, { id, digest: payloadDigest });
      tell(flags, await client.outcome(pool, approval.id));
    });
  return operator;
}
