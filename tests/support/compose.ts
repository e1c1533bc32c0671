/** docker-compose.yml as Docker Compose reads it: variables filled in, anchors merged. For tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { packageFolder } from '../../services/platform/service/build-info.ts';

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly pull_policy?: string;
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** Null: as in the caller's environment. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<
    Record<string, { readonly condition: string; readonly required?: boolean }>
  >;
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly logging?: object;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, object>>;
}

export const composeText = readFileSync(join(packageFolder, 'docker-compose.yml'), 'utf8');

/** `${NAME}` and `${NAME:-default}`; another form of substitution throws. */
function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (form, inside) => {
    const [, name, , fallback] = /^(\w+)(:-(.*))?$/.exec(inside) ?? [];
    if (name === undefined) throw new Error(`docker-compose.yml: ${form}`);
    return variables[name] || (fallback ?? '');
  });
}

/** The file as it is with these variables in the environment. */
export const composeFile = (variables: Readonly<Record<string, string>> = {}): ComposeFile =>
  parse(substitute(composeText, variables), { merge: true });

/** The variables of the profile `secure`. */
export const secureVariables = (): Record<string, string> =>
  parseEnv(readFileSync(join(packageFolder, 'infra/docker/secure/secure.env'), 'utf8')) as Record<
    string,
    string
  >;
