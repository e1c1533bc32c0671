import type { Message } from '../protocol/message.ts';

/** What the gateway needs of a log; services/platform/log gives it. */
export interface GatewayLog {
  createTopics(
    topics: readonly {
      name: string;
      partitions: number;
      timestamps: 'create' | 'append';
      compacted?: boolean;
    }[],
  ): Promise<void>;
  topics(): Promise<readonly { readonly name: string }[]>;
  /** Resolves once durable. */
  produce(topic: string, messages: readonly Message[]): Promise<unknown>;
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options?: { readonly waitMs?: number },
  ): Promise<GatewayRecord[]>;
  startOffset(topic: string, partition: number): Promise<number>;
  endOffset(topic: string, partition: number): Promise<number>;
  commit(
    group: string,
    positions: readonly { topic: string; partition: number; logOffset: number }[],
  ): Promise<void>;
  subscribe(options: {
    readonly group: string;
    readonly topics: readonly string[];
    readonly handle: (batch: { readonly records: readonly GatewayRecord[] }) => Promise<void>;
  }): Promise<{ stop(): Promise<void>; readonly stopped: Promise<void> }>;
}

export interface GatewayRecord extends Message {
  readonly topic: string;
  readonly partition: number;
  readonly logOffset: number;
  readonly timestampMs: number;
}

/** A logger in pino's manner; neither payloads nor signatures are given to it. */
export interface GatewayLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The kind of a LogError, if it is one: what an operator can look up. */
export const errorKind = (error: unknown): string =>
  error instanceof Error && 'kind' in error && typeof error.kind === 'string'
    ? error.kind
    : 'unknown';
