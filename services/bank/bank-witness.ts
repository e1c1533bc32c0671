import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { NO_DOMAIN, unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { cosignatureMessage } from '../evidence/cosigned-checkpoints.ts';
import { type FetchFile, followNote } from '../evidence/followed-log.ts';
import { EvidenceFault, parseVerifierKey } from '../evidence/signed-note.ts';
import { Witness, type WitnessOptions } from '../evidence/witness.ts';
import type { Network } from '../live/network.ts';
import { IDLE_WAIT_MS, type Persistently, startLoop } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { BLOCKS, COSIGNATURES } from '../protocol/names/topic-plan.ts';

/** A bank's witness: cosigns what the network's logs show in `blocks`, if each continues what it cosigned before. */
export interface BankWitnessOptions {
  readonly witness: Witness;
  readonly hashing: TreeHashing;
  /** Where the tiles of a log are; null: it is none that this witness knows. */
  readonly filesOf: (origin: string) => FetchFile | null;
}

/** How policies call a bank's key, unless it says another name. */
export const witnessName = (bic: string): string => `${NO_DOMAIN}/witness/${bic}`;

/**
 * A witness of the logs that a network's pools have.
 * @param filesOf of a pool's log
 * @throws RangeError as of `Witness`
 */
export function networkWitness(
  { pools }: Network,
  own: Pick<WitnessOptions, 'name' | 'signer' | 'records'>,
  { hashing, nowMs, filesOf }: WitnessPorts,
): BankWitnessOptions {
  const sealed = pools.flatMap(({ name, logKey }) =>
    logKey === undefined ? [] : [{ name, key: parseVerifierKey(logKey) }],
  );
  const files = new Map(sealed.map(({ name, key }) => [key.name, filesOf(name)]));
  const witness = new Witness({
    ...own,
    logs: sealed.map(({ key }) => key),
    nowSeconds: () => BigInt(Math.floor(nowMs() / 1000)),
  });
  return { witness, hashing, filesOf: (origin) => files.get(origin) ?? null };
}

interface WitnessPorts {
  readonly hashing: TreeHashing;
  readonly nowMs: () => number;
  readonly filesOf: (pool: string) => FetchFile;
}

const READ_RECORDS = 500;

export async function startBankWitness(
  context: ServiceContext,
  options: BankWitnessOptions,
): Promise<RunningService> {
  const { log, probes, figures, reached } = context;
  const forks = figures.gauge(
    'corridor_bank_witness_forks',
    'Checkpoints of logs that contradict what this bank cosigned',
  );
  forks(0);
  const seenForks = new Set<string>();
  let next = await log.startOffset(BLOCKS, 0);
  const progress = progressIn(log, BLOCKS, 0, () => next);
  probes.consumer(BLOCKS, progress);
  const look = async (note: string, persistently: Persistently): Promise<void> => {
    const { origin } = unprovenCheckpoint(note);
    const files = options.filesOf(origin);
    if (!files) return;
    const { witness, hashing } = options;
    const { answer, fork } = await followNote(witness, note, files, hashing);
    const cosigned = answer.status === 200 ? witness.cosigned(origin) : null;
    if (cosigned === null) {
      const reason = answer.body.trim();
      if (fork === null) context.logger.warn({ origin, reason }, 'a checkpoint is not cosigned');
      else context.logger.error({ origin, reason, kept: fork }, 'a log contradicts itself');
      if (fork !== null) forks(seenForks.add(`${origin} ${fork}`).size);
      return;
    }
    reached('bank.beforeCosignature');
    await persistently(() => log.produce(COSIGNATURES, [cosignatureMessage(cosigned)]));
    reached('bank.afterCosignature');
  };
  return startLoop(
    context,
    async (persistently) => {
      const records = await log.read(BLOCKS, 0, next, READ_RECORDS, { waitMs: IDLE_WAIT_MS });
      const last = records[records.length - 1] as LoggedMessage | undefined;
      if (!last) return;
      // Of a log the newest says all.
      const newest = new Map(records.map(({ key, value }) => [key, Buffer.from(value).toString()]));
      for (const note of newest.values())
        try {
          await look(note, persistently);
        } catch (error) {
          // Tiles that are not to be had now may be with the next checkpoint.
          if (isOfLog(error)) throw error;
          const { message } = error as Error;
          context.logger.warn({ reason: message }, 'a checkpoint was not looked at');
        }
      next = last.logOffset + 1;
    },
    undefined,
    progress,
  );
}

/** What the network's log says itself is the loop's to handle. */
const isOfLog = (error: unknown): boolean =>
  error instanceof Error && 'kind' in error && !(error instanceof EvidenceFault);
