/**
 * A log as one process sees it over a network that loses answers: the memory log behind operations of
 * a World. It promises what services/platform/log/log.ts promises and no more:
 *
 * - a call that failed did nothing, or all, or the first part of it; others may write between the
 *   parts; what was asked for before a death may be done after it;
 * - inside a partition what one process produces keeps its order;
 * - a read gives as few records as it likes;
 * - a group is shared out anew at any time, and a holder that lost its partition goes on with the
 *   batch in hand.
 */
import type {
  LoggedMessage,
  LogPort,
  MessageBatch,
} from '../../../services/live/service-context.ts';
import { type Log, LogError, type TopicSpec } from '../../../services/platform/log/log.ts';
import type { Message } from '../../../services/protocol/names/message.ts';
import type { SimulatedProcess, World } from './hazards-and-virtual-time.ts';

/** What all processes share: the records, and who holds which partition. */
export class Broker {
  readonly log: Log;
  readonly #world: World;
  readonly #ends = new Map<string, number[]>();
  readonly #partitions = new Map<string, number>();
  readonly #groups = new Map<string, { members: Member[]; holdings: Holding[] }>();
  /** When something was last written or committed, virtual ms. */
  changedAtMs = 0;

  constructor(world: World, log: Log) {
    this.#world = world;
    this.log = log;
  }

  endOf(topic: string, partition: number): number {
    return this.#ends.get(topic)?.[partition] ?? 0;
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.log.createTopics(specs);
    for (const { name, partitions } of specs) this.#partitions.set(name, partitions);
  }

  async produce(topic: string, messages: readonly Message[]) {
    const placements = await this.log.produce(topic, messages);
    const ends = this.#ends.get(topic) ?? [];
    this.#ends.set(topic, ends);
    for (const { partition, logOffset } of placements) ends[partition] = logOffset + 1;
    this.changedAtMs = this.#world.nowMs;
    return placements;
  }

  join(group: string, member: Member): void {
    const found = this.#groups.get(group) ?? { members: [], holdings: [] };
    this.#groups.set(group, found);
    found.members.push(member);
    this.rebalance(group);
  }

  leave(group: string, member: Member): void {
    const found = this.#groups.get(group);
    if (found) found.members = found.members.filter((one) => one !== member);
    this.rebalance(group);
  }

  /** Shares out the partitions among those who live, from where the group had committed. */
  rebalance(group: string): void {
    const found = this.#groups.get(group);
    if (!found) return;
    for (const holding of found.holdings) holding.isLost = true;
    for (const { process, released } of found.members) if (process.isAlive) released();
    found.members = found.members.filter(({ process }) => process.isAlive);
    const { members } = found;
    const [first] = members;
    if (!first) return;
    found.holdings = Array.from(
      { length: this.#partitions.get(first.topic) ?? 0 },
      (_, partition) => ({
        member: members[this.#world.draw(members.length)] as Member,
        partition,
        isLost: false,
      }),
    );
    for (const holding of found.holdings)
      void this.#pump(group, holding).catch(holding.member.fail);
  }

  rebalanceAll(): void {
    for (const group of this.#groups.keys()) this.rebalance(group);
  }

  /** Whether a group has a member that died: its partitions stand still until it is shared out anew. */
  get missesMember(): boolean {
    return [...this.#groups.values()].some(({ members }) =>
      members.some(({ process }) => !process.isAlive),
    );
  }

  async #pump(group: string, holding: Holding): Promise<void> {
    const { member, partition } = holding;
    const { topic, process } = member;
    let next = (await this.log.committed(group, topic, partition)) ?? 0;
    const ready = () => holding.isLost || next < this.endOf(topic, partition);
    while (!holding.isLost && process.isAlive) {
      const records = await this.#world.ask(process, null, ready, async () => {
        const count = 1 + this.#world.draw(member.maxRecords);
        return holding.isLost ? [] : this.log.read(topic, partition, next, count);
      });
      if (holding.isLost || records.length === 0) continue;
      await member.handle({ topic, partition, records });
      next = (records[records.length - 1] as LoggedMessage).logOffset + 1;
    }
  }
}

interface Member {
  readonly process: SimulatedProcess;
  readonly topic: string;
  readonly maxRecords: number;
  readonly handle: (batch: MessageBatch) => Promise<void>;
  readonly released: () => void;
  readonly fail: (error: unknown) => void;
}

interface Holding {
  readonly member: Member;
  readonly partition: number;
  isLost: boolean;
}

const lost = (what: string) => new LogError('unavailable', `no answer to ${what}: try later`);

/** Parts of one call of `produce` at most, between which others may write. */
const PARTS_MAX = 3;

/** The log as `process` has it. */
export function connect(world: World, process: SimulatedProcess, broker: Broker): LogPort {
  const { log } = broker;

  const call = <T>(what: string, order: string | null, act: () => Promise<T>, ready = () => true) =>
    world.ask(process, order, ready, async () => {
      if (world.chance(world.hazards.failBefore)) throw lost(what);
      const value = await act();
      if (world.chance(world.hazards.failAfter)) throw lost(what);
      return value;
    });

  async function produce(topic: string, messages: readonly Message[]) {
    const size = Math.ceil(messages.length / (1 + world.draw(PARTS_MAX))) || 1;
    const parts: ReturnType<Broker['produce']>[] = [];
    let isTorn = false;
    for (let at = 0; at < messages.length; at += size) {
      const part = messages.slice(at, at + size);
      const write = async () => {
        isTorn ||= world.chance(world.hazards.failBefore);
        if (isTorn) throw lost('produce');
        const placements = await broker.produce(topic, part);
        if (world.chance(world.hazards.failAfter)) throw lost('produce');
        return placements;
      };
      parts.push(world.ask(process, topic, () => true, write));
    }
    return (await Promise.all(parts)).flat();
  }

  return {
    produce,
    createTopics: (topics) => call('createTopics', null, () => broker.createTopics(topics)),
    missingTopics: (topics) => call('missingTopics', null, () => log.missingTopics(topics)),
    topics: () => call('topics', null, () => log.topics()),
    read(topic, partition, from, maxRecords, { waitMs = 0 } = {}) {
      const untilMs = world.nowMs + waitMs;
      const ready = () => from < broker.endOf(topic, partition) || world.nowMs >= untilMs;
      const few = 1 + world.draw(maxRecords);
      return call('read', null, () => log.read(topic, partition, from, few), ready);
    },
    startOffset: (topic, partition) =>
      call('startOffset', null, () => log.startOffset(topic, partition)),
    endOffset: (topic, partition) => call('endOffset', null, () => log.endOffset(topic, partition)),
    commit: (group, places) =>
      call('commit', group, async () => {
        await log.commit(group, places);
        broker.changedAtMs = world.nowMs;
      }),
    committed: (group, topic, partition) =>
      call('committed', null, () => log.committed(group, topic, partition)),
    async subscribe({ group, topics, maxRecords = 500, handle, released = () => {} }) {
      let end = { resolve() {}, reject(_error: unknown) {} };
      const stopped = new Promise<void>((resolve, reject) => {
        end = { resolve, reject };
      });
      stopped.catch(() => {});
      const members = topics.map((topic): Member => {
        const fail = (error: unknown) => {
          end.reject(error);
          broker.leave(group, member);
        };
        const member: Member = { process, topic, maxRecords, handle, released, fail };
        return member;
      });
      await call('subscribe', null, async () => {
        for (const member of members) broker.join(group, member);
      });
      return {
        stopped,
        async stop() {
          for (const member of members) broker.leave(group, member);
          end.resolve();
        },
      };
    },
  };
}
