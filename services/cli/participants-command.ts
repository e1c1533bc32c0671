import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { secretKeyPem } from '../core/verification/signing.ts';
import { readSigner } from '../onboarding/founded-network.ts';
import { type ProvenKey, provenKey } from '../onboarding/key-with-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { ROLES } from '../protocol/names/participant-roles.ts';
import type { Command as PoolCommand, Role } from '../protocol/records/control-record.ts';
import { giveAndTell, type OperatorFlags, operatorFrom, withOperator } from './operator-command.ts';

interface ListedParticipant {
  readonly bic: string;
  readonly name: string;
  readonly role: string;
  readonly keys: readonly {
    readonly keyId: string;
    readonly publicKey: string;
    readonly state: string;
  }[];
}

/** What a bank hands to the operator: its new key, and that it has it. */
interface KeyProof extends ProvenKey {
  readonly bic: string;
}

export function participantsCommand(): Command {
  const participants = new Command('participants').description(
    'who takes part: list, admit, and give or take keys, each with a proof of possession',
  );
  withOperator(participants.command('list'))
    .description('participants and their keys')
    .action(async (flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const { participants: all } = (await client.read('/participants')) as {
        participants: readonly ListedParticipant[];
      };
      if (flags.json) process.stdout.write(`${JSON.stringify(all)}\n`);
      else
        for (const { bic, name, role, keys } of all)
          for (const { keyId, publicKey, state } of keys)
            process.stdout.write(`${bic}\t${role}\t${keyId}\t${state}\t${publicKey}\t${name}\n`);
    });
  withOperator(participants.command('challenge'))
    .description('a challenge for a bank, whose new key signs it')
    .action(async (flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const { challenge } = (await client.read('/participants/challenge')) as { challenge: string };
      process.stdout.write(`${challenge}\n`);
    });
  addProve(participants);
  withOperator(participants.command('admit'))
    .description('a new participant; it takes part when it has a key')
    .argument('<bic>')
    .argument('<name>')
    .addOption(new Option('--role <role>').choices([...ROLES]).default('bank'))
    .action(async (bic: string, name: string, flags: OperatorFlags & { role: Role }) => {
      await giveAndTell(flags, { kind: 'participant', bic: bic as Bic, name, role: flags.role });
    });
  withOperator(participants.command('register'))
    .description('register the key of a proof that `prove` made')
    .argument('<proof>', 'its file')
    .action(async (file: string, flags: OperatorFlags) => {
      const { bic, keyId, publicKey, possession } = readProof(file);
      const key = { kind: 'key', bic: bic as Bic, keyId, publicKey, possession } as const;
      await giveAndTell(flags, { ...key, state: 'registered' });
    });
  withOperator(participants.command('revoke'))
    .description('revoke a key, for good')
    .argument('<bic>')
    .argument('<key id>')
    .action(async (bic: string, keyId: string, flags: OperatorFlags) => {
      const { client } = operatorFrom(flags);
      const { participants: all } = (await client.read('/participants')) as {
        participants: readonly ListedParticipant[];
      };
      const known = all.find((one) => one.bic === bic)?.keys ?? [];
      const key = known.find((one) => one.keyId === keyId);
      if (!key)
        throw new BadInput(
          `${bic} ${keyId}: expected one of its keys, ${known.map((one) => one.keyId).join(', ') || 'which has none'}`,
        );
      const { publicKey } = key;
      const command: PoolCommand = {
        ...{ kind: 'key', bic: bic as Bic, keyId, publicKey, state: 'revoked' },
      };
      await giveAndTell(flags, command);
    });
  return participants;
}

/** The bank's own part: needs no gateway, and no network but its name. */
function addProve(participants: Command): void {
  participants
    .command('prove')
    .description(
      'as the bank: make a key where the file has none, and sign the operator’s challenge with it',
    )
    .argument('<bic>')
    .argument('<key id>')
    .argument('<challenge>')
    .requiredOption('--network <name>', 'the network’s name, as network.json has it')
    .requiredOption('--key <file>', 'the secret key, PEM; made, for its owner alone, if need be')
    .action(
      (bic: string, keyId: string, challenge: string, flags: { network: string; key: string }) => {
        if (!existsSync(flags.key))
          writeFileSync(flags.key, secretKeyPem(randomBytes(32)), { mode: 0o600, flag: 'wx' });
        const signer = readSigner(flags.key);
        const proof: KeyProof = { bic, ...provenKey(flags.network, bic, keyId, signer, challenge) };
        process.stdout.write(`${JSON.stringify(proof)}\n`);
      },
    );
}

function readProof(file: string): KeyProof {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyProof;
  } catch (error) {
    throw new BadInput(
      `${file}: expected what \`corridor participants prove\` prints (${(error as Error).message})`,
    );
  }
}
