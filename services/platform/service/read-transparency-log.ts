/** Reads the files of a transparency log from where its owner puts them: a folder, or below a URL. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const REQUEST_TIMEOUT_MS = 10_000;
/** The largest file of a log, a tile of entries, has 17 MB by the standard, and of ours 9 kB. */
const FILE_BYTES_MAX = 1 << 20;

/** @returns null where there is no file of that path. @throws Error naming what could not be read */
export type ReadLogFile = (path: string) => Promise<Uint8Array | null>;

/** @param place a folder, or a URL that begins with http:// or https:// */
export const logFilesAt = (place: string): ReadLogFile =>
  /^https?:\/\//.test(place) ? below(place.replace(/\/+$/, '')) : within(place);

const within =
  (folder: string): ReadLogFile =>
  async (path) => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw new Error(`${join(folder, path)}: cannot be read (${code})`);
    }
  };

const below =
  (url: string): ReadLogFile =>
  async (path) => {
    const target = `${url}/${path}`;
    try {
      const response = await fetch(target, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
      if (response.status === 404) return null;
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      const pieces: Uint8Array[] = [];
      let length = 0;
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        length += piece.length;
        if (length > FILE_BYTES_MAX) throw new Error(`more than ${FILE_BYTES_MAX} bytes`);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    } catch (error) {
      const { message, cause } = error as Error & { cause?: { code?: string } };
      throw new Error(`${target}: cannot be read (${cause?.code ?? message})`);
    }
  };
