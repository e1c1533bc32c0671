import { createHash } from 'node:crypto';
import type { InstanceState } from '../core/settlement/core-snapshot.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import type { ClearingState } from './clearing.ts';

/**
 * A snapshot of a pool's clearing: the core's instance and everything beside it.
 *
 *     CORRIDOR-SNAPSHOT-3 LF
 *     <one line of JSON: SnapshotHead, then what of the state is no bytes> LF
 *     u32[] numbers of the used pages   the pages   the tail of the chain   32 bytes SHA-256 of all that
 *
 * It may be lost at any time: the log is the truth, and a snapshot saves reading it from its start. So
 * one that is torn, of another program, or not confirmed by the topic is passed over.
 */
const MAGIC = 'CORRIDOR-SNAPSHOT-3\n';
const DIGEST_BYTES = 32;

export interface SnapshotHead {
  readonly network: string;
  readonly pool: string;
  readonly rulesVersion: number;
  /** SHA-256 of the core's module, hex: its memory means something to no other. */
  readonly module: string;
  /** Position of the next input record. */
  readonly position: number;
  /** Number of the last event, and the digest of the chain there, hex. */
  readonly eventNumber: number;
  readonly digest: string;
  /** Offset in the events topic of the message that ends with this event; null: there is no event. */
  readonly eventsOffset: number | null;
}

export interface Snapshot {
  readonly head: SnapshotHead;
  readonly clearing: ClearingState;
  readonly core: InstanceState;
}

/** Where snapshots are kept; services/platform/service/snapshot-files.ts is one. */
export interface SnapshotStore {
  /** Their names, the newest first. */
  names(): Promise<string[]>;
  read(name: string): Promise<Uint8Array>;
  /** Appears under its name when it is whole and durable. */
  write(name: string, pieces: readonly Uint8Array[]): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Names sort by event number and position. */
export const snapshotName = ({ eventNumber, position }: SnapshotHead): string =>
  `${String(eventNumber).padStart(16, '0')}-${String(position).padStart(16, '0')}.snapshot`;

interface Body {
  readonly head: SnapshotHead;
  readonly nextPosition: number;
  readonly names: ClearingState['names'];
  readonly keys: ClearingState['keys'];
  readonly systemKeys: ClearingState['systemKeys'];
  readonly commands: ClearingState['commands'];
  readonly network: string;
  readonly conditions?: true;
  readonly twoPools?: true;
  readonly preValidation?: ClearingState['preValidation'];
  readonly chain: { readonly count: number; readonly before: string; readonly tailBytes: number };
  readonly pages: number;
  readonly usedPages: number;
  /** As text: numbers as they are, 64-bit ones with an n behind them. */
  readonly globals: Readonly<Record<string, string>>;
}

export function writeSnapshot({ head, clearing, core }: Snapshot): Uint8Array[] {
  const {
    chain,
    nextPosition,
    names,
    keys,
    systemKeys,
    commands,
    network,
    conditions,
    twoPools,
    preValidation,
  } = clearing;
  const body: Body = {
    head,
    nextPosition,
    names,
    keys,
    systemKeys,
    commands,
    network,
    ...(conditions && { conditions }),
    ...(twoPools && { twoPools }),
    ...(preValidation && { preValidation }),
    chain: {
      count: chain.count,
      before: Buffer.from(chain.before).toString('hex'),
      tailBytes: chain.tail.length,
    },
    pages: core.pages,
    usedPages: core.used.length,
    globals: Object.fromEntries(
      [...core.globals].map(([name, value]) => [
        name,
        typeof value === 'bigint' ? `${value}n` : String(value),
      ]),
    ),
  };
  const used = Buffer.alloc(core.used.length * 4);
  core.used.forEach((page, index) => void used.writeUInt32LE(page, index * 4));
  const pieces = [Buffer.from(`${MAGIC}${JSON.stringify(body)}\n`), used, core.bytes, chain.tail];
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return [...pieces, hash.digest()];
}

/** Reads a snapshot; throws an Error that says what is wrong with it. */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  const whole = asBuffer(bytes);
  if (whole.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('it is no snapshot');
  const end = whole.length - DIGEST_BYTES;
  const digest = createHash('sha256').update(whole.subarray(0, end)).digest();
  if (digest.compare(whole, end) !== 0) throw new Error('it is torn: its digest does not agree');
  const lineEnd = whole.indexOf('\n', MAGIC.length);
  const body = JSON.parse(whole.toString('utf8', MAGIC.length, lineEnd)) as Body;
  let at = lineEnd + 1;
  const take = (length: number) => {
    at += length;
    return whole.subarray(at - length, at);
  };
  const numbers = take(body.usedPages * 4);
  const used = Uint32Array.from({ length: body.usedPages }, (_, i) => numbers.readUInt32LE(i * 4));
  const pages = take(body.usedPages * 65_536);
  const tail = take(body.chain.tailBytes);
  const { head, nextPosition, names, keys, systemKeys, commands, network, chain } = body;
  return {
    head,
    clearing: {
      nextPosition,
      names,
      keys,
      systemKeys,
      commands,
      chain: { count: chain.count, before: Buffer.from(chain.before, 'hex'), tail },
      network,
      ...(body.conditions && { conditions: body.conditions }),
      ...(body.twoPools && { twoPools: body.twoPools }),
      ...(body.preValidation && { preValidation: body.preValidation }),
    },
    core: {
      globals: new Map(
        Object.entries(body.globals).map(([name, text]) => [
          name,
          text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text),
        ]),
      ),
      pages: body.pages,
      used,
      bytes: pages,
    },
  };
}
