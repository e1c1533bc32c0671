/** Auditors of a network that seals itself, each with a key and a folder of its own, in this process. */
import { join } from 'node:path';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { cosignatureMessage } from '../../services/evidence/cosigned-checkpoints.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import {
  cosignNote,
  formatNote,
  parseNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import type { SealedBy } from '../../services/notifier/notifier-service.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { coreModule } from '../../services/platform/service/shipped-files.ts';
import { COSIGNATURES } from '../../services/protocol/names/topic-plan.ts';
import { LogAudit } from '../../services/replay/audit-live-network.ts';
import { AuditorState, auditorKey } from '../../services/replay/auditor-key-and-memory.ts';
import { hashing } from '../evidence/sample-log.ts';

export const AUDITORS = ['a', 'b', 'c', 'd'] as const;
type Who = (typeof AUDITORS)[number];

/** Between two looks of an auditor that has seen all, ms. */
const LOOK_MS = 20;

export const auditorName = (who: Who): string => `corridor.example/auditor/${who}`;
export const auditorSecret = (who: Who): Buffer => Buffer.alloc(32, 70 + AUDITORS.indexOf(who));
const keyOf = (who: Who) => auditorKey(auditorName(who), createSigner(auditorSecret(who)));

/** So many of them are asked for. */
export const auditorsPolicy = (
  logKey: string,
  least: number,
  auditors: readonly Who[] = AUDITORS,
): string =>
  [
    `log ${logKey}`,
    ...auditors.map((who) => `witness ${who} ${verifierKey(keyOf(who).key)}`),
    `group auditors ${least} ${auditors.join(' ')}`,
    'quorum auditors\n',
  ].join('\n');

/** A checkpoint as an auditor cosigns it that has re-executed nothing. */
export function cosignedBy(who: Who, note: string): string {
  const { text, signatures } = parseNote(note);
  const { name, signer } = { name: auditorName(who), signer: createSigner(auditorSecret(who)) };
  return formatNote({ text, signatures: [...signatures, cosignNote(text, name, signer, 5n)] });
}

export interface RunningAuditor {
  /** Rejects where it found something that differs. */
  readonly done: Promise<void>;
  /** Resolves when it has made its last step. */
  stop(): Promise<void>;
}

/** @param folder what it cosigned is kept below it: who begins anew goes on with that */
export async function startAuditor(
  log: Log,
  { logKey, dayKeys, files }: Pick<SealedBy, 'logKey' | 'dayKeys' | 'files'>,
  folder: string,
  who: Who,
): Promise<RunningAuditor> {
  const { module } = coreModule();
  const audit = await LogAudit.begin(log, 'a log', {
    ...{ core: module, hashing, policy: parsePolicy(`log ${logKey}\nquorum none\n`) },
    verify: (keysMax) => createVerification(module, { keysMax }),
    keyOf: (_, day) => Buffer.from(dayKeys.read(day) ?? '', 'hex'),
    filesOf: () => files,
    state: new AuditorState(join(folder, `auditor-${who}`), keyOf(who)),
    onCosigned: async (_, notes) => {
      await log.produce(COSIGNATURES, notes.map(cosignatureMessage));
    },
  });
  let isStopped = false;
  const follow = async () => {
    while (!isStopped) {
      const isNew = await audit.step();
      if (audit.fault) throw new Error(`auditor ${who}: ${audit.fault.fault}`);
      if (!isNew) await audit.arrival(LOOK_MS);
    }
  };
  const over = follow();
  over.catch(() => {});
  return {
    done: over,
    stop() {
      isStopped = true;
      return over;
    },
  };
}
