import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../platform/service/build-info.ts';
import type { PageFile } from '../view/view-routes.ts';

/** Paths of the live view's page, each with its file in what the build made. */
const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/view.js', 'view.js', 'text/javascript; charset=utf-8'],
  ['/view.css', 'view.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
] as const;

export function viewFiles(): ReadonlyMap<string, PageFile> {
  const folder = join(packageFolder, 'dist/services/view/client');
  return new Map(
    FILES.map(([path, name, type]) => [path, { type, body: readFileSync(join(folder, name)) }]),
  );
}
