/** Auditors of a sandbox: a key and a folder for each, the policy that asks for them, and a process each. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createSigner } from '../core/verification/signing.ts';
import { NO_DOMAIN } from '../evidence/checkpoint.ts';
import {
  formatPolicy,
  isAuditorName,
  leastAsked,
  parseAuditorsPolicy,
  parsePolicy,
} from '../evidence/cosigner-policy.ts';
import {
  EvidenceFault,
  KEY_TYPE,
  type NoteKey,
  noteKey,
  verifierKey,
} from '../evidence/signed-note.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { writeWhole } from '../platform/folders-and-whole-files.ts';
import { LENDING, LENT_LOG, lendLog } from '../platform/log/lent-log.ts';
import type { Log } from '../platform/log/log.ts';
import { COSIGNATURES } from '../protocol/names/topic-plan.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { hasKey, keyFile, logKeysFolder, logsFolder, makeKeys } from './secret-keys.ts';

/** The policy whose auditors have to agree before banks are told that something is final. */
export const FINALITY_POLICY_FILE = 'finality-policy';
/** So many a sandbox may have: each is a process that settles everything again. */
export const AUDITORS_MAX = 16;
/** Who does not end by itself when the log is no longer lent. */
const END_MS = 10_000;
/** What the auditors cosigned, a folder each. */
const AUDITORS_FOLDER = 'auditors';

const CORRIDOR = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const keyNameOf = (who: string): string => `auditor-${who}`;
const auditorNameOf = (who: string): string => `${NO_DOMAIN}/auditor/${who}`;

/** Of `1`, `2` and so on, whose keys are made where they are not there: what policies call them, and their keys. */
export function madeAuditors(
  folder: Pick<SandboxFolder, 'path' | 'secretKeyOf'>,
  count: number,
): (readonly [label: string, key: string])[] {
  const all = Array.from({ length: count }, (_, at) => String(at + 1));
  makeKeys(folder.path, all.map(keyNameOf));
  return all.map((who) => [keyNameOf(who), keyOf(folder, who)]);
}

/** Makes the policy that asks for more than half of so many auditors; one that is there stays. */
export function makeFinalityPolicy(folder: SandboxFolder, count: number): void {
  const { path, network, file } = folder;
  const logs = network.pools.flatMap(({ logKey }) => logKey ?? []);
  if (logs.length === 0 || existsSync(file(FINALITY_POLICY_FILE))) return;
  const text = formatPolicy(logs, [auditorsGroup(madeAuditors(folder, count))]);
  writeWhole(path, FINALITY_POLICY_FILE, text, 0o644);
}

/** So many have to agree that no two histories are final. */
export const auditorsGroup = (members: ReturnType<typeof madeAuditors>) => ({
  ...{ name: 'auditors', least: Math.floor(members.length / 2) + 1, members },
});

/** @throws BadInput for one that does not ask for auditors of each pool; null: nothing waits for any */
export function finalityPolicyOf({ file, network }: SandboxFolder): string | null {
  const path = file(FINALITY_POLICY_FILE);
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  try {
    for (const { logKey = '' } of network.pools) parseAuditorsPolicy(text, logKey);
  } catch (error) {
    if (!(error instanceof EvidenceFault)) throw error;
    throw new BadInput(`${path}: ${error.message}`);
  }
  return text;
}

/** Those that the policy names by a key that is here. */
export function ownAuditors(folder: SandboxFolder, policy: string): string[] {
  const named = new Map(parsePolicy(policy).witnesses.map((key) => [verifierKey(key), key.name]));
  const own: string[] = [];
  for (let who = 1; hasKey(folder.path, keyNameOf(String(who))); who += 1)
    if (named.has(keyOf(folder, String(who)))) own.push(String(who));
  return own;
}

/**
 * Each settles all of the log again by itself, `corridor audit` with its own key. One that ends, or does not start, is
 * lost: what it said is in the log lines, and where too few are left nothing more is final.
 * @param log is lent to them
 */
export function startAuditors(
  { logger }: Pick<ServiceContext, 'logger'>,
  folder: SandboxFolder,
  log: Log,
  auditors: readonly string[],
): RunningService {
  const { path, file } = folder;
  const policy = parsePolicy(finalityPolicyOf(folder) ?? 'quorum none\n');
  const named = policy.witnesses.filter(({ name }) => isAuditorName(name));
  const lost = new Set<string>();
  let isStopped = false;
  const lose = (who: string, how: object) => {
    if (isStopped) return;
    lost.add(keyOf(folder, who));
    const isLeft = (key: NoteKey) => !lost.has(verifierKey(key));
    const left = policy.isMet(isLeft)
      ? 'the quorum goes on without it'
      : `the quorum needs ${leastAsked(policy, named)}, ${named.filter(isLeft).length} are left: nothing is final until one is back`;
    logger.error({ auditor: who, ...how }, `an auditor has ended: ${left}`);
  };
  const children = auditors.map((who) => {
    const words = [
      ...[CORRIDOR, 'audit', '--log', LENT_LOG, '--follow'],
      ...['--policy', file(FINALITY_POLICY_FILE), '--name', auditorNameOf(who)],
      ...['--day-keys', logKeysFolder(path), '--evidence', logsFolder(path)],
      ...['--key', keyFile(path, keyNameOf(who)), '--state', join(file(AUDITORS_FOLDER), who)],
    ];
    // Ctrl-C is the sandbox's: it ends them when all is told.
    const child = spawn(process.execPath, words, { ...LENDING, detached: true });
    lendLog(child, log, [COSIGNATURES]);
    const say = (line: string) => {
      if (!isStopped) logger.info({ auditor: who }, line);
    };
    for (const input of [child.stdout, child.stderr])
      if (input) createInterface({ input }).on('line', say);
    const ended = new Promise<void>((resolve) => {
      const end = (how: object) => {
        lose(who, how);
        resolve();
      };
      child.on('exit', (code, signal) => end({ code, signal }));
      // One that runs ends by itself, whatever else is told of it.
      child.on('error', ({ message }) => (child.pid ? say(message) : end({ reason: message })));
    });
    return { child, ended };
  });
  let over = () => {};
  const done = new Promise<void>((resolve) => {
    over = resolve;
  });
  return {
    done,
    async stop() {
      isStopped = true;
      const timer = setTimeout(() => {
        for (const { child } of children) child.kill('SIGKILL');
      }, END_MS);
      // Without its log each ends, wherever it is.
      for (const { child } of children) if (child.connected) child.disconnect();
      await Promise.all(children.map(({ ended }) => ended));
      clearTimeout(timer);
      over();
    },
  };
}

function keyOf({ secretKeyOf }: Pick<SandboxFolder, 'secretKeyOf'>, who: string): string {
  const { publicKey } = createSigner(secretKeyOf(keyNameOf(who)));
  return verifierKey(noteKey(auditorNameOf(who), KEY_TYPE.cosignature, publicKey));
}
