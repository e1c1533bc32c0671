import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { writeWhole } from '../platform/folders-and-whole-files.ts';

const VIEW_TOKEN = 'view-token';

/** With what the live view is asked: 256 random bits, made once. Who is let in: view/view-access.ts. */
export function viewToken(folder: string): string {
  const file = join(folder, VIEW_TOKEN);
  if (!existsSync(file))
    writeWhole(folder, VIEW_TOKEN, `${randomBytes(32).toString('base64url')}\n`, 0o600);
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\w-]{22,}$/.test(token)) return token;
  throw new BadInput(
    `${file}: expected the live view's token, 22 characters or more of A-Z a-z 0-9 _ -; remove the file for a new one`,
  );
}
