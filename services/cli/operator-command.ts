import { Command } from 'commander';
import type { Signer } from '../core/verification/signing.ts';
import { poolNames } from '../live/network.ts';
import { commandFrom, outcomeLine } from '../onboarding/command-from-words.ts';
import { operatorOf, readFounded } from '../onboarding/founded-network.ts';
import { OperatorClient, type Outcome } from '../onboarding/gateway-client.ts';
import { type ProvenKey, provenKey } from '../onboarding/key-with-proof.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { OPERATOR } from '../protocol/messages/operator-command.ts';
import type { CaseCommand } from '../protocol/records/case-command.ts';
import type { Command as PoolCommand } from '../protocol/records/control-record.ts';
import { GATEWAY_PORT } from '../sandbox/default-ports.ts';
import { addNodeKey, makeKeys } from '../sandbox/secret-keys.ts';

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
    .option('--url <url>', 'where the gateway is', `http://127.0.0.1:${GATEWAY_PORT}`)
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
export async function giveAndTell(
  flags: OperatorFlags,
  command: PoolCommand | CaseCommand,
): Promise<void> {
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
  addCaseCommands(operator);
  addKeyCommands(operator);
  return operator;
}

/** A case as `GET /operator/cases` tells it, of what is printed. */
interface ToldCase {
  readonly case: string;
  readonly severity: string;
  readonly summary: string;
  readonly openedMs: number;
  readonly stoppedMs: number | null;
  readonly acknowledged: { readonly by: string; readonly why: string } | null;
}

/** Cases of alerts: which are open, and what an operator says to one. */
function addCaseCommands(operator: Command): void {
  withOperator(operator.command('cases'))
    .description('the cases of alerts that are not closed, the oldest first')
    .action(async (flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const { cases } = (await client.read('/operator/cases')) as { cases: ToldCase[] };
      if (flags.json) process.stdout.write(`${JSON.stringify(cases)}\n`);
      else if (cases.length === 0) process.stdout.write('no case is open\n');
      else for (const one of cases) process.stdout.write(`${caseLine(one)}\n`);
    });
  for (const [name, kind, what] of [
    ['acknowledge', 'acknowledgeCase', 'say that somebody looks after a case'],
    ['close', 'closeCase', 'close a case, for good'],
  ] as const)
    withOperator(operator.command(name))
      .description(what)
      .argument('<case>', 'as `operator cases` names it')
      .requiredOption('--why <reason>', 'one line, which stays with the case')
      .action(async (id: string, flags: OperatorFlags & { readonly why: string }) => {
        const { pool } = operatorFrom(flags);
        const members = [`case=${id}`, `why=${flags.why}`];
        await giveAndTell(flags, commandFrom(pool, kind, members));
      });
}

function caseLine({ severity, summary, openedMs, stoppedMs, acknowledged, ...told }: ToldCase) {
  const opened = new Date(openedMs).toISOString();
  const state = stoppedMs === null ? 'firing' : `stopped ${new Date(stoppedMs).toISOString()}`;
  const word = acknowledged ? `acknowledged by ${acknowledged.by}: ${acknowledged.why}` : 'new';
  return [told.case, severity, opened, state, word, summary].join('\t');
}

interface HeldKey {
  readonly owner: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly isRevoked: boolean;
}

/** Whose a key of the clearing node is, as `GET /operator/keys` says it. */
const NODE = 'node';

async function heldKeys(client: OperatorClient): Promise<{ pool: string; keys: HeldKey[] }[]> {
  return ((await client.read('/operator/keys')) as { pools: { pool: string; keys: HeldKey[] }[] })
    .pools;
}

/** Keys of operators and of the node: one beside another, the old one revoked when the new one serves. */
function addKeyCommands(operator: Command): void {
  withOperator(operator.command('keys'))
    .description('the keys of the operators and of the clearing node, by pool')
    .action(async (flags: OperatorFlags) => {
      const pools = await heldKeys(operatorFrom(flags).client);
      if (flags.json) process.stdout.write(`${JSON.stringify(pools)}\n`);
      else
        for (const { pool, keys } of pools)
          for (const { owner, keyId, publicKey, isRevoked } of keys)
            process.stdout.write(
              `${pool}\t${owner}\t${keyId}\t${isRevoked ? 'revoked' : 'registered'}\t${publicKey}\n`,
            );
    });
  withOperator(operator.command('rotate'))
    .description(
      'give the operator who signs another key: made in keys/<key id>.pem, proven, registered in every pool; both serve until one is revoked',
    )
    .argument('<key id>', 'of the new key')
    .action(async (keyId: string, flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const pools = await heldKeys(client);
      const { keyId: signing } = operatorOf(flags.data, flags.as);
      const own = pools[0]?.keys.find((one) => one.owner !== NODE && one.keyId === signing);
      if (!own) throw new BadInput(`--as ${flags.as}: expected an operator of this network`);
      makeKeys(flags.data, [keyId]);
      const key = await proven(
        flags,
        client,
        OPERATOR,
        keyId,
        operatorOf(flags.data, keyId).signer,
      );
      for (const { pool } of pools)
        await giveAndTell(
          { ...flags, pool },
          { kind: 'operatorKey', operator: own.owner, ...key, state: 'registered' },
        );
    });
  withOperator(operator.command('rotate-node'))
    .description(
      'give the clearing node another key, behind the others in node/node.pem: it signs with it from its registration on',
    )
    .argument('<key id>', 'of the new key')
    .action(async (keyId: string, flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const pools = await heldKeys(client);
      if (pools.some(({ keys }) => keys.some((one) => one.owner === NODE && one.keyId === keyId)))
        throw new BadInput(`${keyId}: the node has a key of this id; choose another`);
      const signer = addNodeKey(flags.data);
      const key = await proven(flags, client, readFounded(flags.data).network, keyId, signer);
      for (const { pool } of pools)
        await giveAndTell({ ...flags, pool }, { kind: 'nodeKey', ...key, state: 'registered' });
    });
  withOperator(operator.command('revoke-key'))
    .description('revoke a key of an operator or of the node, for good, in every pool that has it')
    .argument('<owner>', 'node, or the operator: genesis, or operator-2')
    .argument('<key id>')
    .action(async (owner: string, keyId: string, flags: OperatorFlags) => {
      const pools = await heldKeys(operatorFrom(flags).client);
      const found = pools.flatMap(({ pool, keys }) =>
        keys
          .filter((one) => one.owner === owner && one.keyId === keyId)
          .map((key) => ({ pool, ...key })),
      );
      if (found.length === 0)
        throw new BadInput(`${owner} ${keyId}: expected a key that \`operator keys\` lists`);
      for (const { pool, publicKey } of found) {
        const key = { keyId, publicKey, state: 'revoked' } as const;
        await giveAndTell(
          { ...flags, pool },
          owner === NODE
            ? { kind: 'nodeKey', ...key }
            : { kind: 'operatorKey', operator: owner, ...key },
        );
      }
    });
}

/** A challenge of the gateway's, signed by the new key. */
async function proven(
  { data }: OperatorFlags,
  client: OperatorClient,
  owner: string,
  keyId: string,
  signer: Signer,
): Promise<ProvenKey> {
  const { challenge } = (await client.read('/participants/challenge')) as { challenge: string };
  return provenKey(readFounded(data).network, owner, keyId, signer, challenge);
}
