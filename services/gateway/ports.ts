import type { Message } from '../protocol/message.ts';

/** What the gateway needs of a log: services/platform/log has it. */
export interface GatewayLog {
  /** Resolves once durable. */
  produce(topic: string, messages: readonly Message[]): Promise<unknown>;
  read(
    topic: string,
    partition: number,
    fromOffset: number,
    maxRecords: number,
    options?: { readonly waitMs?: number },
  ): Promise<readonly GatewayRecord[]>;
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

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** Structured lines; neither payloads nor signatures are given to it. */
export interface GatewayLogger {
  info(fields: Fields, text: string): void;
  warn(fields: Fields, text: string): void;
  error(fields: Fields, text: string): void;
}

/** The kind of a LogError, if it is one: what an operator can look up. */
export const errorKind = (error: unknown): string =>
  error instanceof Error && 'kind' in error && typeof error.kind === 'string'
    ? error.kind
    : 'unknown';
