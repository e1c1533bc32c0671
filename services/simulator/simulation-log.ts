import type { Message, ReceivedMessage } from '../protocol/names/message.ts';
import type { TopicPlan } from '../protocol/names/topic-plan.ts';

/** What the simulator needs of a log; services/platform/log gives it. It has no clock and no delay: who appends gives the time. */
export interface SimulationLog {
  createTopics(topics: readonly TopicPlan[]): Promise<void>;
  produce(topic: string, messages: readonly Message[]): Promise<unknown>;
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    max: number,
  ): Promise<SimulationMessage[]>;
  /** Forgets the records before an offset. */
  deleteBefore(topic: string, partition: number, logOffset: number): Promise<void>;
}

export type SimulationMessage = ReceivedMessage & Message;
