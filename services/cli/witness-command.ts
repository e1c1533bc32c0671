import { Command } from 'commander';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { type Followed, followOnce } from '../evidence/followed-log.ts';
import {
  EvidenceFault,
  KEY_TYPE,
  type NoteKey,
  parseVerifierKey,
  verifierKey,
} from '../evidence/signed-note.ts';
import { logFolder, Witness } from '../evidence/witness.ts';
import { readSigner } from '../onboarding/founded-network.ts';
import { tellGateway } from '../onboarding/tell-cosignature.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { makeNamedFolder } from '../platform/service/named-output.ts';
import { logFilesAt, type ReadLogFile } from '../platform/service/read-transparency-log.ts';
import { NumberedRecords } from '../platform/service/small-files-each-number-once.ts';
import { stopSignal } from '../platform/service/stop-signal.ts';
import { createWitnessServer } from '../platform/service/witness-server.ts';
import { printable } from '../protocol/rules/refusal.ts';
import { portFrom, wholeFrom } from './number-flags.ts';
import { policyIn } from './verify-proof.ts';

interface WitnessFlags {
  readonly key: string;
  readonly name: string;
  readonly state: string;
  readonly log: readonly string[];
  readonly policy?: string;
  readonly listen?: number;
  readonly host: string;
  readonly follow: readonly string[];
  readonly every: number;
  readonly tell?: string;
  readonly once?: true;
}

const many = (one: string, before: readonly string[]): string[] => [...before, one];

export function witnessCommand(): Command {
  return new Command('witness')
    .description(
      'watch logs and cosign their checkpoints, each only if it continues the one before (tlog-witness)',
    )
    .requiredOption('--key <file>', 'its secret Ed25519 key, PEM; not that of a bank’s payments')
    .requiredOption('--name <name>', 'of its key: a URL without https:// and /auditor/')
    .requiredOption('--state <folder>', 'where it keeps what it cosigned')
    .option('--log <key>', 'the verifier key of a log that it knows; again for others', many, [])
    .option('--policy <file>', 'the logs of a policy (tlog-policy), beside those of --log')
    .option('--listen <port>', 'answer POST /add-checkpoint there; 0: any', portFrom)
    .option('--host <address>', 'of --listen', '127.0.0.1')
    .option(
      '--follow <place>',
      'look at the log in this folder or below this URL; again for others',
      many,
      [],
    )
    .option(
      '--every <ms>',
      'how often it looks',
      wholeFrom('--every', (ms) => ms > 0, 'milliseconds'),
      1_000,
    )
    .option('--tell <url>', 'with --follow: the gateway that is told each cosignature')
    .option('--once', 'with --follow: look once and end')
    .action(async (flags: WitnessFlags) => {
      if (flags.listen === undefined && flags.follow.length === 0)
        throw new BadInput('witness: expected --listen, --follow or both');
      if (flags.tell !== undefined && flags.follow.length === 0)
        throw new BadInput('--tell: expected --follow with it');
      if (flags.once && (flags.listen !== undefined || flags.follow.length === 0))
        throw new BadInput('--once: expected --follow, and no --listen');
      const witness = witnessFrom(flags);
      process.stdout.write(`witness ${verifierKey(witness.key)}\n`);
      const stop = stopSignal();
      const server = createWitnessServer((body) => witness.answer(body));
      try {
        if (flags.listen !== undefined) {
          const url = await server.listen({ port: flags.listen, host: flags.host });
          process.stdout.write(`answers at ${url}/add-checkpoint\n`);
        }
        await follow(witness, flags, stop.requested);
        if (!flags.once) await stop.requested;
      } finally {
        stop.release();
        await server.close();
      }
    });
}

function witnessFrom({ key, name, state, log, policy }: WitnessFlags): Witness {
  const logs = [...log.map(logKey), ...(policy === undefined ? [] : policyIn(policy).logs)];
  if (logs.length === 0) throw new BadInput('witness: expected --log KEY or --policy FILE');
  const signer = readSigner(key);
  if (logs.some((one) => Buffer.compare(one.publicKey, signer.publicKey) === 0))
    throw new BadInput(`--key ${key}: it is the key of a log; expected one of its own`);
  makeNamedFolder('--state', state);
  const records = new NumberedRecords(state);
  const nowSeconds = () => BigInt(Math.floor(Date.now() / 1000));
  try {
    return new Witness({ logs, name, signer, records, nowSeconds });
  } catch (error) {
    if (error instanceof RangeError)
      throw new BadInput(
        `--name ${name}: expected a URL without https://, spaces, + and /auditor/`,
      );
    throw error;
  }
}

function logKey(text: string): NoteKey {
  try {
    const key = parseVerifierKey(text);
    if (key.type === KEY_TYPE.log) return key;
    throw new EvidenceFault(`a key of type ${key.type}, expected 1`);
  } catch (error) {
    throw new BadInput(`--log: ${(error as Error).message}`);
  }
}

/** A log contradicts itself: whoever follows it is to hear of it, and no more is signed. */
class ForkShown extends Error {}

interface Place {
  readonly place: string;
  readonly fetch: ReadLogFile;
}

/** Ends where it is to stop; with --once after a look; throws ForkShown with the first fork that a log shows. */
async function follow(
  witness: Witness,
  { follow: places, every, once, tell }: WitnessFlags,
  stopped: Promise<unknown>,
): Promise<void> {
  const hashing = new TreeHashing(compiledCore());
  const logs = places.map((place) => ({ place, fetch: logFilesAt(place), told: '' }));
  for (let isOver = logs.length === 0; !isOver; ) {
    for (const log of logs) {
      const line = await look(witness, log, hashing, once === true, tell);
      // What stays as it was is told once.
      if (line !== log.told) process.stdout.write(`${log.place}: ${printable(line)}\n`);
      log.told = line;
    }
    isOver = once === true || (await stoppedWithin(every, stopped));
  }
}

/** @param isStrict whether anything but a cosignature is thrown; else what went wrong may be right the next time */
async function look(
  witness: Witness,
  { place, fetch }: Place,
  hashing: TreeHashing,
  isStrict: boolean,
  tell: string | undefined,
): Promise<string> {
  try {
    const seen = await followOnce(witness, fetch, hashing);
    const { fork, checkpoint } = seen;
    if (fork !== null)
      throw new ForkShown(
        `${place}: FORK: ${seen.answer.body.trim()}; its note is kept as ${logFolder(checkpoint.origin)}/${fork}`,
      );
    if (isStrict && seen.answer.status !== 200)
      throw new Error(`${place}: ${printable(lookText(witness, seen))}`);
    if (tell !== undefined && seen.answer.status === 200)
      await tellGateway(tell, [witness.cosigned(checkpoint.origin) as string]);
    return lookText(witness, seen);
  } catch (error) {
    if (isStrict || error instanceof ForkShown) throw error;
    return (error as Error).message;
  }
}

function lookText(witness: Witness, { answer, checkpoint }: Followed): string {
  const { origin, size, root } = checkpoint;
  if (answer.status === 200)
    return `cosigned ${size} entries of ${origin}, root ${Buffer.from(root).toString('base64')}`;
  return answer.status === 409
    ? `${origin} shows ${size} entries; ${witness.heldSize(origin)} were cosigned before`
    : `not cosigned: ${answer.body.trim()}`;
}

async function stoppedWithin(ms: number, stopped: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isStopped = await Promise.race([stopped.then(() => true), passed]);
  clearTimeout(timer);
  return isStopped;
}
