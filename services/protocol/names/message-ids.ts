import { textDigest } from './text-digest.ts';

/** ISO 20022, Max35Text: of an id that a message gives itself or an entry. */
export const ID_MAX = 35;
/** The same, and what Corridor takes of its characters. */
export const ID35_PATTERN = '^[A-Za-z0-9._:-]{1,35}$';
const TAIL = 18;

/**
 * The id of what the network tells, out of the pool, the event's number and what else makes it unique. One that
 * is longer than the standard allows, as where a pool's name is long, keeps its end, behind 64 bits of its
 * SHA-256: the same each time, also after a crash, and another's with a chance of one in 2^64.
 */
export const toldId = (text: string): string =>
  text.length <= ID_MAX
    ? text
    : `${textDigest(text)
        .toString('hex')
        .slice(0, ID_MAX - TAIL - 1)}-${text.slice(-TAIL)}`;
