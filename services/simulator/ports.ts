import type { Message } from '../protocol/names/message.ts';

/** What the simulator needs of a log; services/platform/log gives it. */
export interface SimulationLog {
  createTopics(
    topics: readonly {
      name: string;
      partitions: number;
      timestamps: 'create' | 'append';
      compacted?: boolean;
    }[],
  ): Promise<void>;
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

export interface SimulationMessage extends Message {
  readonly partition: number;
  readonly logOffset: number;
  readonly timestampMs: number;
}
