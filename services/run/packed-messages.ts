/** What goes from thread to thread in few pieces: an object for each message takes longer to hand over than to make. */
import type { Message } from '../protocol/names/message.ts';

/** Several runs of bytes, one behind the other. */
export interface PackedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

export function packBytes(values: readonly Uint8Array[]): PackedBytes {
  const ends = new Uint32Array(values.length);
  let end = 0;
  for (let index = 0; index < values.length; index++) {
    end += (values[index] as Uint8Array).length;
    ends[index] = end;
  }
  // In memory of its own, which is not filled with zeros before.
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(end).buffer);
  for (let index = 0, at = 0; index < values.length; index++) {
    bytes.set(values[index] as Uint8Array, at);
    at = ends[index] as number;
  }
  return { bytes, ends };
}

/** Views of what was packed. */
export function unpackBytes({ bytes, ends }: PackedBytes): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let index = 0, at = 0; index < ends.length; index++) {
    const end = ends[index] as number;
    values.push(bytes.subarray(at, end));
    at = end;
  }
  return values;
}

export interface PackedMessages {
  readonly values: PackedBytes;
  /** Of all of them alike. */
  readonly names: readonly string[];
  /** Of each its key and then its headers, in the order of the names. */
  readonly texts: readonly (string | null)[];
  readonly timesMs: Float64Array<ArrayBuffer>;
}

/** @param messages with a time and with the same headers, as one kind of sender writes them */
export function packMessages(messages: readonly Message[]): PackedMessages {
  const names = Object.keys(messages[0]?.headers ?? {});
  const texts: (string | null)[] = [];
  const timesMs = new Float64Array(messages.length);
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as Message;
    packTexts(message, names, texts);
    timesMs[index] = message.timestampMs ?? missing('timestampMs');
  }
  return { values: packBytes(messages.map(({ value }) => value)), names, texts, timesMs };
}

/** A function of its own: with this inside V8 ran the loop over messages uncompiled, slice for slice. */
function packTexts(
  { key, headers }: Message,
  names: readonly string[],
  texts: (string | null)[],
): void {
  texts.push(key);
  for (const name of names) texts.push(headers[name] ?? missing(name));
  if (Object.keys(headers).length > names.length) missing(names.join(', '));
}

function missing(what: string): never {
  throw new Error(`messages differ in what they have: ${what}`);
}

export function unpackMessages({ values, names, texts, timesMs }: PackedMessages): Message[] {
  let at = 0;
  return unpackBytes(values).map((value, index) => {
    const key = texts[at++] as string | null;
    const headers: Record<string, string> = {};
    for (const name of names) headers[name] = texts[at++] as string;
    return { key, value, headers, timestampMs: timesMs[index] as number };
  });
}

/** The memory of what was packed, to be given away. */
export const memoryOf = ({ bytes, ends }: PackedBytes): ArrayBuffer[] => [
  bytes.buffer,
  ends.buffer,
];
