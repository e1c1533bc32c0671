/**
 * Consumer groups for a log that lives in this process: the partitions of a group's topics are
 * shared out between its members, and shared out anew when one joins or leaves. As on Kafka, every
 * member then stops after the batch in hand and its successor starts at the committed offset, so
 * what was handled and not committed comes again.
 */
import type { Log, LogPosition, SubscribeOptions, Subscription } from '../log.ts';

const MAX_RECORDS_DEFAULT = 500;
/** An idle reader looks again after so long; it is woken at once when a record comes. */
const IDLE_WAIT_MS = 1_000;

type Source = Pick<Log, 'read' | 'startOffset' | 'committed'> & {
  partitionCount(topic: string): number;
  /** Ends the wait of a `read` of the partition. */
  wake(topic: string, partition: number): void;
};

export interface Groups {
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** All members leave. */
  close(): Promise<void>;
}

/** A member reading one partition. */
interface Pump {
  stop(): Promise<void>;
}

interface Member {
  readonly options: SubscribeOptions;
  fail(error: unknown): void;
  leave(): Promise<void>;
}

interface Group {
  members: Member[];
  pumps: Pump[];
  /** The end of the last redistribution; they run one after the other. */
  settled: Promise<void>;
}

function startPump(source: Source, member: Member, place: Omit<LogPosition, 'logOffset'>): Pump {
  const { group, handle, maxRecords = MAX_RECORDS_DEFAULT } = member.options;
  const { topic, partition } = place;
  let stopping = false;
  const run = async () => {
    let next =
      (await source.committed(group, topic, partition)) ??
      (await source.startOffset(topic, partition));
    while (!stopping) {
      const records = await source.read(topic, partition, next, maxRecords, {
        waitMs: IDLE_WAIT_MS,
      });
      const last = records.at(-1);
      if (last === undefined || stopping) continue;
      await handle({ topic, partition, records });
      next = last.logOffset + 1;
    }
  };
  const done = run().catch((error: unknown) => {
    stopping = true;
    member.fail(error);
  });
  return {
    stop() {
      stopping = true;
      source.wake(topic, partition);
      return done;
    },
  };
}

/** Each partition of a topic goes to one of the members that want the topic, in turn. */
function assign(source: Source, members: readonly Member[]): Pump[] {
  const topics = new Set(members.flatMap((member) => member.options.topics));
  const pumps: Pump[] = [];
  for (const topic of topics) {
    const takers = members.filter((member) => member.options.topics.includes(topic));
    for (let partition = 0; partition < source.partitionCount(topic); partition++)
      pumps.push(startPump(source, takers[partition % takers.length]!, { topic, partition }));
  }
  return pumps;
}

export function createEmbeddedGroups(source: Source): Groups {
  const groups = new Map<string, Group>();

  /** Changes the members of a group, between the stop of all its pumps and their new start. */
  function redistribute(group: Group, change: () => void): Promise<void> {
    group.settled = group.settled.then(async () => {
      await Promise.all(group.pumps.map((pump) => pump.stop()));
      for (const { options } of group.members) options.released?.();
      change();
      group.pumps = assign(source, group.members);
    });
    return group.settled;
  }

  async function subscribe(options: SubscribeOptions): Promise<Subscription> {
    for (const topic of options.topics) source.partitionCount(topic); // throws on an unknown one
    const group = groups.get(options.group) ?? {
      members: [],
      pumps: [],
      settled: Promise.resolve(),
    };
    groups.set(options.group, group);

    let end: { resolve(): void; reject(error: unknown): void };
    const stopped = new Promise<void>((resolve, reject) => {
      end = { resolve, reject };
    });
    let left: Promise<void> | undefined;
    const member: Member = {
      options,
      leave() {
        left ??= redistribute(group, () => {
          group.members = group.members.filter((other) => other !== member);
        }).then(() => end.resolve());
        return left;
      },
      fail(error) {
        end.reject(error);
        void member.leave();
      },
    };
    await redistribute(group, () => {
      group.members = [...group.members, member];
    });
    return { stopped, stop: member.leave };
  }

  return {
    subscribe,
    async close() {
      const members = [...groups.values()].flatMap((group) => group.members);
      await Promise.all(members.map((member) => member.leave()));
    },
  };
}
