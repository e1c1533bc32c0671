import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import {
  createVerificationPool,
  type VerificationPool,
} from '../core/verification/verification-pool.ts';
import type { AuditedFiles } from '../evidence/audited-tree.ts';
import { cosignatureMessage } from '../evidence/cosigned-checkpoints.ts';
import { verifierKey } from '../evidence/signed-note.ts';
import { counted } from '../explain/amount-words.ts';
import { isPassing } from '../live/passing-faults.ts';
import { readSigner } from '../onboarding/founded-network.ts';
import { NotTold, tellGateway } from '../onboarding/tell-cosignature.ts';
import { BadInput, EXIT } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { letOldObjectsGrow } from '../platform/service/garbage-collection.ts';
import { logFilesAt } from '../platform/service/read-transparency-log.ts';
import { stopSignal } from '../platform/service/stop-signal.ts';
import { verificationThreads } from '../platform/service/verification-threads.ts';
import { COSIGNATURES } from '../protocol/names/topic-plan.ts';
import { printable } from '../protocol/rules/refusal.ts';
import { type AuditedPool, LogAudit } from '../replay/audit-live-network.ts';
import { type AuditorKey, AuditorState, auditorKey } from '../replay/auditor-key-and-memory.ts';
import { openLogToRead } from '../replay/named-log.ts';
import { auditRun, type RunAudit, type RunAuditOptions } from '../run/audit-run.ts';
import { policyIn } from './verify-proof.ts';

interface AuditFlags {
  readonly log?: string;
  readonly policy: string;
  readonly dayKeys?: string;
  readonly evidence?: string;
  readonly key?: string;
  readonly name?: string;
  readonly state?: string;
  readonly follow?: boolean;
  readonly tell?: string;
  readonly json?: boolean;
}

/**
 * Between two looks at a log that is followed where no checkpoint comes, ms: more than lies between two of a network whose
 * banks wait for a quorum. What a step takes beside the payments it takes however few they are, of the broker too.
 */
const LOOK_MS = 500;
/** Before what failed is tried again, ms. */
const AGAIN_MS = 100;
/** Between two lines that say how far it is, ms. */
const SAID_MS = 60_000;
/** Beyond these, the thread that settles is what the others wait for. */
const THREADS_MAX = 4;

export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'verify every signature of a network, settle its input again, hold the events against the sealed logs, and cosign what agrees',
    )
    .argument('[run]', 'the folder of a run that is sealed')
    .option(
      '--log <log>',
      "instead of a run, a live network's log: embedded:<folder> or kafka:<host:port>[,...]",
    )
    .requiredOption('--policy <file>', 'whose logs are believed (tlog-policy)')
    .option('--day-keys <dir>', 'with --log: the keys of days, <dir>/<pool>/<YYYY-MM-DD>.key')
    .option(
      '--evidence <place>',
      "with --log: the logs' files, by which the first event is named that differs: a folder, or a gateway's http address",
    )
    .option('--key <file>', "the auditor's secret key (Ed25519, PEM): what agrees is cosigned")
    .option('--name <name>', 'with --key: <domain>/auditor/<who>')
    .option('--state <dir>', 'with --key: where what was cosigned is kept')
    .option('--follow', 'with --log: go on as the network does')
    .option(
      '--tell <url>',
      'with --log and --key: the gateway that is told each cosignature; default: the topic cosignatures of a Kafka',
    )
    .option('--json', 'print the result as one JSON object')
    .action(async (run: string | undefined, flags: AuditFlags) => {
      if ((run === undefined) === (flags.log === undefined))
        throw new BadInput('audit: expected the folder of a run, or --log');
      for (const [flag, value] of [
        ['--day-keys', flags.dayKeys],
        ['--evidence', flags.evidence],
        ['--follow', flags.follow],
        ['--tell', flags.tell],
      ] as const)
        if (run !== undefined && value !== undefined)
          throw new BadInput(`${flag} ${value}: expected --log with it; a run has its own`);
      const own = cosignerOf(flags);
      if (flags.tell !== undefined && own === null)
        throw new BadInput(`--tell ${flags.tell}: expected --key with it`);
      const verification: VerificationPool[] = [];
      try {
        const parts = {
          core: compiledCore(),
          hashing: new TreeHashing(compiledCore()),
          policy: policyIn(flags.policy),
          state: own?.state ?? null,
          verify: (keysMax: number) => {
            const threads = Math.min(THREADS_MAX, verificationThreads());
            const pool = createVerificationPool(compiledCore(), { threads, keysMax });
            verification.push(pool);
            return pool;
          },
        };
        const audited =
          run === undefined
            ? await auditLive(flags as AuditFlags & { log: string }, parts)
            : await auditRun(run, parts);
        tell(run ?? (flags.log as string), audited, flags.json === true, own);
      } finally {
        for (const pool of verification) await pool.close();
      }
    });
}

interface Cosigner {
  readonly key: AuditorKey['key'];
  readonly state: AuditorState;
}

function cosignerOf({ key, name, state }: AuditFlags): Cosigner | null {
  if (key === undefined && name === undefined && state === undefined) return null;
  if (key === undefined || name === undefined || state === undefined)
    throw new BadInput('audit: expected --key, --name and --state together');
  const own = auditorKey(name, readSigner(key));
  return { key: own.key, state: new AuditorState(state, own) };
}

async function auditLive(
  { log: spec, dayKeys, evidence, follow, tell }: AuditFlags & { readonly log: string },
  parts: RunAuditOptions,
): Promise<RunAudit> {
  let isStopped = false;
  let quiet = () => {};
  const log = await openLogToRead(spec, 'corridor-audit');
  const stop = stopSignal();
  void stop.requested.then(() => {
    if (!follow) process.exit(EXIT.interrupted);
    isStopped = true;
  });
  // Whoever lends the log ends it so.
  process.once('disconnect', () => {
    isStopped = true;
  });
  try {
    const audit = await LogAudit.begin(log, spec, {
      ...parts,
      keyOf: (pool, day) => dayKeyIn(dayKeys, pool, day),
      filesOf: (pool) => filesAt(evidence, pool),
      onCosigned: async (_pool, notes) => {
        if (tell !== undefined) await tellGateway(tell, notes);
        // An embedded log has one writer, which is the network's own process.
        else if (!spec.startsWith('embedded:'))
          await log.produce(COSIGNATURES, notes.map(cosignatureMessage));
      },
    });
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    if (!follow) await audit.step();
    else {
      letOldObjectsGrow();
      quiet = sayHowFar(audit, SAID_MS, say);
      await followAudit(audit, () => isStopped, say);
    }
    return { fault: audit.fault, pools: audit.pools(), proven: audit.proven() };
  } finally {
    quiet();
    stop.release();
    await log.close();
  }
}

/**
 * Step by step until it is stopped or finds a fault, and between them waits for a checkpoint: where payments come all the
 * time each look would find a few, and by few at a time each costs several times as much.
 */
export async function followAudit(
  audit: Pick<LogAudit, 'step' | 'arrival' | 'fault'>,
  isStopped: () => boolean,
  say: (line: string) => void,
): Promise<void> {
  let told = '';
  while (!isStopped() && !audit.fault)
    try {
      await audit.step();
      told = '';
      if (!audit.fault) await audit.arrival(LOOK_MS);
    } catch (error) {
      if (isStopped()) return;
      const waits = whyItWaits(error);
      if (waits === null) throw error;
      if (told !== waits) say(waits);
      told = waits;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
}

/** From time to time, also while a step goes on: the first is over all of the input. @returns ends it */
export function sayHowFar(
  audit: Pick<LogAudit, 'pools'>,
  everyMs: number,
  say: (line: string) => void,
): () => void {
  const timer = setInterval(() => {
    for (const { pool, events, sealed } of audit.pools())
      say(
        `pool ${pool}: ${counted(events, 'event')} re-executed, as sealed up to ${sealed?.size ?? 0}`,
      );
  }, everyMs);
  return () => clearInterval(timer);
}

/** Of what passes by itself while a network is followed; null: it does not. */
function whyItWaits(error: unknown): string | null {
  const { message } = error as Error;
  // At midnight the copy of the new day's key may come a little later than its events.
  if (error instanceof DayKeyMissing) return `${message}; waiting for it`;
  return isPassing(error) || error instanceof NotTold ? `${message}; trying again` : null;
}

/** A copy of a day's key that is not there yet. */
class DayKeyMissing extends BadInput {}

function dayKeyIn(folder: string | undefined, pool: string, day: string): Buffer {
  if (folder === undefined)
    throw new BadInput(
      'audit: the logs are sealed; expected --day-keys DIR with the keys of their days',
    );
  const file = join(folder, pool, `${day}.key`);
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (/^[0-9a-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const What = code === 'ENOENT' ? DayKeyMissing : BadInput;
    throw new What(`${file}: cannot be read (${code}); expected the key of that day`);
  }
  throw new BadInput(`${file}: expected 64 hex digits, the key of that day`);
}

function filesAt(place: string | undefined, pool: string): AuditedFiles | null {
  if (place === undefined) return null;
  const isUrl = /^https?:/.test(place);
  const root = place.replace(/\/+$/, '');
  return { read: logFilesAt(isUrl ? `${root}/evidence/pools/${pool}` : join(root, 'pool', pool)) };
}

const sealedText = ({ events, sealed }: AuditedPool): string =>
  sealed === null
    ? `its input gives ${counted(events, 'event')}, and no checkpoint was seen`
    : `re-executed to ${sealed.size} of ${counted(events, 'event')}, as sealed (root ${Buffer.from(sealed.root).toString('base64')})`;

/** What the auditor has cosigned of these, now or before. */
export function cosignedLines(
  { key, state }: Cosigner,
  pools: readonly Pick<AuditedPool, 'pool'>[],
): string[] {
  const cosigned = pools.filter(({ pool }) => state.note(pool) !== null);
  return cosigned.length === 0
    ? [`nothing was cosigned; its key is ${verifierKey(key)}`]
    : [`cosigned as ${verifierKey(key)}`, ...cosigned.map(({ pool }) => `  ${state.fileOf(pool)}`)];
}

function tell(
  what: string,
  { fault, pools, proven }: RunAudit,
  json: boolean,
  own: Cosigner | null,
) {
  if (fault) process.exitCode = EXIT.failure;
  if (json) {
    const told = pools.map(({ pool, events, sealed }) => ({
      pool,
      events,
      sealed: sealed && { origin: sealed.origin, size: sealed.size },
    }));
    const rest = { proven: Object.fromEntries(proven), auditor: own && verifierKey(own.key) };
    process.stdout.write(`${JSON.stringify({ audited: what, fault, pools: told, ...rest })}\n`);
    return;
  }
  const records = [...proven.values()].reduce((sum, count) => sum + count, 0);
  const lines = [
    ...pools.map((one) => `pool ${one.pool}: ${sealedText(one)}`),
    `proven: ${counted(records, 'record')}`,
    ...(fault ? [`pool ${fault.pool}: IT DIFFERS: ${printable(fault.fault)}`] : []),
    ...(own ? cosignedLines(own, pools) : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
