/** The text of a file that is read whole: a mapping, or what another simulator has. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { ScenarioError, unreadable } from '../scenario/scenario-error.ts';

const LINE_FEED = 10;

/**
 * @returns the text, without a byte order mark
 * @throws ScenarioError where the file cannot be read, or with the first line that is not in UTF-8
 */
export function utf8Text(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw new ScenarioError(`${path}:${badLine(bytes)}: not UTF-8: expected a file in UTF-8`);
}

/** No character of UTF-8 but the line feed itself has its byte. */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, from);
    if (end < 0 || !isUtf8(bytes.subarray(from, end))) return line;
    from = end + 1;
  }
}
