/** A live network's log is held against the transparency logs that lie beside it: the topics may be of an earlier time. */
import { dirname, join } from 'node:path';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { dayName } from '../evidence/event-transparency-log.ts';
import {
  eventInTopic,
  isEntryOf,
  otherEventText,
  type SealedEnd,
  shortLogText,
} from '../evidence/sealed-end-in-topic.ts';
import { CHECKPOINT_FILE, lastEntryIn, tileFilesOf } from '../evidence/tiles.ts';
import type { Log } from '../platform/log/log.ts';
import { logReader, openDayKeyFiles, poolLogFolder } from '../platform/service/seal-folders.ts';

/** A pool's end as the folder beside its log says it was sealed; null: there is none. */
export interface SealBeside {
  /** Why the topic is not what was sealed; null: as far as that can be seen it is. */
  fault(log: Log): Promise<string | null>;
}

/**
 * Reads the checkpoint. Where the log is a folder the others are its neighbours; else CORRIDOR_EVIDENCE_FOLDER and
 * CORRIDOR_EVIDENCE_KEYS_FOLDER say where they are.
 * @param spec embedded:<folder> or kafka:<brokers>
 */
export function sealBeside(spec: string, pool: string): SealBeside | null {
  const folder = /^embedded:(.+)$/.exec(spec)?.[1];
  const beside = (variable: string, name: string): string | undefined =>
    process.env[variable] ?? (folder === undefined ? undefined : join(dirname(folder), name));
  const logs = beside('CORRIDOR_EVIDENCE_FOLDER', 'evidence');
  const secrets = beside('CORRIDOR_EVIDENCE_KEYS_FOLDER', 'evidence-keys');
  const read = (path: string) => (logs === undefined ? null : logReader(logs)(pool, path));
  const note = read(CHECKPOINT_FILE);
  if (logs === undefined || note === null) return null;
  const { origin, size } = unprovenCheckpoint(Buffer.from(note).toString());
  const end: SealedEnd = { origin, pool, size, where: poolLogFolder(logs, pool), logName: spec };
  const entry = size === 0 ? null : lastEntryIn(tileFilesOf(read), size);
  return {
    async fault(log) {
      const { count, event } = await eventInTopic(log, pool, size, size);
      if (count < size) return shortLogText(end, count);
      const keys = secrets === undefined ? null : openDayKeyFiles(join(secrets, pool));
      const key = event && keys?.read(dayName(event));
      const isOther = entry && key && !isEntryOf(event, Buffer.from(key.trim(), 'hex'), entry);
      return isOther ? otherEventText(end) : null;
    },
  };
}
