/**
 * Consumer groups: their members in this process, and their offsets.
 *
 * A handler commits for itself, through the member that was handed the batch, so that a member which
 * lost the partition cannot move its group back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from 'kafkajs';
import type { LogPosition, SubscribeOptions, Subscription } from '../log.ts';
import type { KafkaSettings } from './connection-tls-and-timeouts.ts';
import { type KafkaTopics, partitionText } from './create-and-check-topics.ts';
import { type Commit, isLost, type OffsetPorts } from './fetch-handling.ts';
import { createMember, inUse, type Member, SESSION_MS } from './group-member.ts';
import { type Link, passing, patiently, unavailable } from './wire/broker-retries.ts';

/** A member that was killed is missed after a session: so long the group lets nobody in, or commit. */
const MISSED_MS = 3 * SESSION_MS;

const hasMembers = (group: string): Error =>
  passing('UNKNOWN_MEMBER_ID', `group ${group} has members, or one that was killed just now`);

export interface KafkaGroups {
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  commit(group: string, positions: readonly LogPosition[]): Promise<void>;
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  close(): Promise<void>;
}

export function createKafkaGroups(
  settings: KafkaSettings,
  link: Link,
  topics: KafkaTopics,
  ports: Omit<OffsetPorts, 'committed'>,
  closing: AbortSignal,
): KafkaGroups {
  const members = new Set<Member>();
  const groupIdOf = (group: string) => settings.prefix + group;
  const ownOf = (group: string) => [...members].filter((one) => one.group === group);

  const toOffsets = (positions: readonly LogPosition[]) => {
    const byTopic = new Map<string, { partition: number; offset: string }[]>();
    for (const { topic, partition, logOffset } of positions) {
      const partitions = byTopic.get(topic) ?? [];
      byTopic.set(topic, partitions);
      partitions.push({ partition, offset: String(logOffset) });
    }
    return [...byTopic].map(([topic, partitions]) => ({ topic: topics.nameOf(topic), partitions }));
  };

  // As if this process had ended before: what was handled comes again, to the next holder.
  const tellLost = (group: string, position: LogPosition) =>
    settings.logger?.warn({ group, ...position }, 'kafka: committed too late: partition lost');

  /** Through the member that was handed the partitions, in one request, while its group is not shared out anew. */
  const commitHanded = (member: Member, send: Commit, positions: readonly LogPosition[]) => {
    const { group, generation } = member;
    const tellAllLost = () => {
      for (const position of positions) tellLost(group, position);
    };
    return patiently(settings, closing, settings.patienceMs, async () => {
      if (member.generation !== generation) return tellAllLost();
      try {
        await send({ topics: toOffsets(positions) });
      } catch (error) {
        if (!isLost(error)) throw error;
        tellAllLost();
      }
    });
  };

  /** Of what no member was handed: by a member, or of a group that has none. */
  async function commitOutside(group: string, positions: readonly LogPosition[]): Promise<void> {
    const groupId = groupIdOf(group);
    const offsets = toOffsets(positions);
    const each = offsets.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, ...partition })),
    );
    const simple = { groupId, groupGenerationId: -1, memberId: '', topics: offsets };
    let isUsed = false;
    const commit = async (cluster: Cluster) => {
      // A member of its own that was lost comes back, and only it may commit then.
      const own = ownOf(group);
      const consumer = own.find((one) => one.consumer)?.consumer;
      const coordinator = await cluster.findGroupCoordinator({ groupId });
      await (consumer?.commitOffsets(each) ?? coordinator.offsetCommit(simple)).catch((error) => {
        isUsed = isLost(error) && own.length === 0;
        throw isLost(error) ? hasMembers(group) : error;
      });
    };
    // A broker that is away is waited for by the patience; a member that may be missed, for longer.
    const missedAtMs = performance.now() + MISSED_MS;
    for (;;) {
      // A refusal counts until the patience is over, also while a further try is under way. What ends before
      // it was asked (a log that closes) is none.
      isUsed = false;
      try {
        return await link.run(
          commit,
          settings.patienceMs,
          offsets.map(({ topic }) => topic),
        );
      } catch (error) {
        if (!isUsed) throw error;
        if (performance.now() >= missedAtMs) throw inUse(group);
      }
    }
  }

  async function committed(group: string, topic: string, partition: number) {
    await topics.check(topic, partition);
    const name = topics.nameOf(topic);
    const ask = (cluster: Cluster) => fetchCommitted(cluster, groupIdOf(group), name, partition);
    return link.run(ask, settings.patienceMs, [name]);
  }

  return {
    async commit(group, positions) {
      const outside: LogPosition[] = [];
      const handed = new Map<
        Member,
        { readonly send: Commit; readonly positions: LogPosition[] }
      >();
      for (const position of positions) {
        await topics.check(position.topic, position.partition);
        const place = partitionText(position.topic, position.partition);
        const own = ownOf(group);
        const holder = own.find((one) => one.handed.has(place));
        const send = holder?.handed.get(place);
        if (holder && send) {
          const theirs = handed.get(holder) ?? { send, positions: [] };
          handed.set(holder, theirs);
          theirs.positions.push(position);
        } else if (own.some((one) => one.released.has(place))) tellLost(group, position);
        else outside.push(position);
      }
      await Promise.all(
        [...handed].map(([holder, { send, positions: theirs }]) =>
          commitHanded(holder, send, theirs),
        ),
      );
      if (outside.length > 0) await commitOutside(group, outside);
    },
    committed,
    async subscribe(options) {
      for (const topic of options.topics) await topics.partitionsOf(topic);
      const member = createMember(settings, { ...ports, committed }, options);
      members.add(member);
      const leave = () => members.delete(member);
      member.stopped.then(leave, leave);
      const timer = new AbortController();
      const joinMs = Math.max(settings.patienceMs, MISSED_MS);
      const late = sleep(joinMs, true, { signal: timer.signal }).catch(() => false);
      const isLate = await Promise.race([member.joined, member.stopped, late]).finally(() =>
        timer.abort(),
      );
      if (isLate === true) {
        await member.stop();
        throw unavailable(settings, `not in a group within ${joinMs} ms`);
      }
      return member;
    },
    async close() {
      await Promise.all([...members].map((member) => member.stop()));
    },
  };
}

async function fetchCommitted(
  cluster: Cluster,
  groupId: string,
  topic: string,
  partition: number,
): Promise<number | null> {
  const coordinator = await cluster.findGroupCoordinator({ groupId });
  const { responses } = await coordinator.offsetFetch({
    groupId,
    topics: [{ topic, partitions: [{ partition, offset: '' }] }],
  });
  const offset = Number(responses[0]?.partitions[0]?.offset ?? -1);
  return offset < 0 ? null : offset;
}
