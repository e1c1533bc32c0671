import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import {
  type InputLogTrailer,
  writeInputFrames,
  writeInputLogHeader,
  writeInputLogTrailer,
} from '../protocol/records/input-log-file.ts';

/** What the header says of the run. */
export interface InputLogMade {
  readonly scenario: {
    readonly name: string;
    readonly seed: number;
    readonly network: string;
    readonly pools: readonly { readonly name: string }[];
  };
  /** Of the program. */
  readonly version: string;
  readonly signatures: boolean;
  /** Whether its messages came over a live network. */
  readonly isLive?: boolean;
}

/** What is zipped goes on in such pieces: of 16 KiB, as the library has them, there are thousands. */
const ZIPPED_BYTES = 256 * 1024;

/** Writes a run's input.log while it runs; level 1 keeps zipping cheaper than the run itself. */
export class InputLogWriter {
  readonly #gzip = createGzip({ level: 1, memLevel: 9, chunkSize: ZIPPED_BYTES });
  readonly #digest = createHash('sha256');
  readonly #file: Writable;
  readonly #records: number[];
  readonly #closed: Promise<void>;

  constructor(file: Writable, { scenario, version, signatures, isLive = false }: InputLogMade) {
    this.#file = file;
    this.#records = scenario.pools.map(() => 0);
    this.#closed = finished(file);
    // Reported by `end`, or not at all where the run is given up.
    this.#closed.catch(() => {});
    this.#gzip.on('error', (error) => this.#file.destroy(error));
    this.#file.on('error', (error) => this.#gzip.destroy(error));
    this.#gzip.pipe(file);
    this.#put(
      writeInputLogHeader({
        scenario: scenario.name,
        seed: scenario.seed,
        version,
        network: scenario.network,
        signatures,
        ...(isLive && { isLive }),
        pools: scenario.pools.map(({ name }) => name),
      }),
    );
  }

  #put(bytes: Uint8Array): boolean {
    this.#digest.update(bytes);
    return this.#gzip.write(bytes);
  }

  /** Appends a pool's input records; waits where the file is slower than the run. */
  async write(pool: number, values: readonly Uint8Array[]): Promise<void> {
    if (values.length > 0) await this.append(pool, values.length, writeInputFrames(pool, values));
  }

  /** The same of records that are frames already. */
  async append(pool: number, records: number, frames: Uint8Array): Promise<void> {
    this.#records[pool] = (this.#records[pool] ?? 0) + records;
    // A file that failed before has destroyed the zipper, which then says nothing any more.
    if (!this.#put(frames)) await Promise.race([once(this.#gzip, 'drain'), this.#closed]);
  }

  /** Resolves when the whole file is written; rejects where the disk refused. */
  async end(said: Omit<InputLogTrailer, 'records' | 'inputDigest'>): Promise<void> {
    const trailer = { records: this.#records, inputDigest: this.#digest.digest('hex'), ...said };
    this.#gzip.end(writeInputLogTrailer(trailer));
    await this.#closed;
  }

  /** Resolves when the file is closed: its folder can go. */
  async destroy(): Promise<void> {
    this.#gzip.destroy();
    this.#file.destroy();
    await this.#closed.catch(() => {});
  }
}
