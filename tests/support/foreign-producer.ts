import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./foreign-producer.child.js', import.meta.url));

interface ForeignMessage {
  readonly key: string | null;
  readonly partition?: number;
  /** Base64. */
  readonly value?: string;
  /** So many bytes of zero in place of a value. */
  readonly zeros?: number;
  readonly headers?: Readonly<Record<string, string | null>>;
  /** So often; default 1. */
  readonly times?: number;
}

/** One batch of one partition. */
export interface ForeignBatch {
  readonly brokers: readonly string[];
  /** Its name on the broker. */
  readonly topic: string;
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** How the transaction ends in which it is sent; default: in none. */
  readonly transaction?: 'commit' | 'abort';
  readonly messages: readonly ForeignMessage[];
}

/** Sends it as a producer does that is not Corridor's, for tests. @returns `ok`, or Kafka's error */
export async function sendAsForeigner(batch: ForeignBatch): Promise<string> {
  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(batch));
  return (await text(child.stdout)).trim();
}
