import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compiledCore, packageFolder, wasmBytes } from './build-info.ts';

export interface CoreFile {
  readonly module: WebAssembly.Module;
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
}

/** The compiled core, for who tells which it is. */
export function coreModule(): CoreFile {
  const digest = createHash('sha256').update(wasmBytes()).digest('hex');
  return { module: compiledCore(), digest };
}

/** The folder of the analysis store's schema. */
export const schemaFolder = (): string => join(packageFolder, 'infra/clickhouse');

/** The alert rules as Grafana is given them, JSON: metrics asks the same. */
export const alertRulesText = (): string =>
  readFileSync(
    new URL('../../../../infra/grafana/provisioning/alerting/rules.json', import.meta.url),
    'utf8',
  );
