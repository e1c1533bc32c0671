import { IDLE_WAIT_MS, startLoop } from '../live/retry-loop.ts';
import type { LoggedMessage, RunningService, ServiceContext } from '../live/service-context.ts';
import { progressIn } from '../live/topic-reader.ts';
import { PARTICIPANTS } from '../protocol/names/topic-plan.ts';
import {
  type ParticipantKey,
  readParticipantMessage,
} from '../protocol/records/participant-message.ts';

const READ_RECORDS = 500;

/**
 * Keeps a verifier's keys up with the `participants` topic. It is read from its start at every start,
 * since it is compacted to the keys that there are, and to its end before the first message.
 */
export const KeyFeed = {
  async start(
    context: ServiceContext,
    learn: (key: ParticipantKey) => void,
  ): Promise<RunningService> {
    const { log, probes, reached } = context;
    let next = await log.startOffset(PARTICIPANTS, 0);
    const take = async (waitMs: number) => {
      const records = await log.read(PARTICIPANTS, 0, next, READ_RECORDS, { waitMs });
      for (const { value } of records) {
        const key = readParticipantMessage(value);
        if (key) learn(key);
      }
      const last = records[records.length - 1] as LoggedMessage | undefined;
      if (last) next = last.logOffset + 1;
      return records.length > 0;
    };
    while (await take(0));
    reached('verifier.afterKeys');
    probes.consumer(
      'participants',
      progressIn(log, PARTICIPANTS, 0, () => next),
    );
    return startLoop(context, async () => {
      await take(IDLE_WAIT_MS);
    });
  },
};
