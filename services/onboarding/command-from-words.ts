import { BadInput } from '../platform/exit-codes.ts';
import { isCommandFault, readAnyCommand } from '../protocol/messages/operator-command.ts';
import { CASE_COMMAND_SCHEMAS, type CaseCommand } from '../protocol/records/case-command.ts';
import { COMMAND_SCHEMAS, type Command } from '../protocol/records/control-record.ts';
import type { Outcome } from './gateway-client.ts';

interface Described {
  readonly properties: Readonly<Record<string, { readonly type?: string }>>;
}

const SCHEMAS = { ...COMMAND_SCHEMAS, ...CASE_COMMAND_SCHEMAS } as Readonly<
  Record<string, unknown>
> as Readonly<Record<string, Described | undefined>>;

/**
 * A command from its kind and `member=value` each, as a command line has them: text where the member is
 * text, else JSON. Throws BadInput that names what is wrong.
 */
export function commandFrom(
  pool: string,
  kind: string,
  members: readonly string[],
): Command | CaseCommand {
  const schema = SCHEMAS[kind];
  if (!schema) throw new BadInput(`${kind}: expected one of ${Object.keys(SCHEMAS).join(', ')}`);
  const given = members.map((member) => {
    const [, name = '', text = ''] = /^([^=]+)=(.*)$/s.exec(member) ?? [];
    const described = schema.properties[name];
    if (name === 'kind' || !described) {
      const names = Object.keys(schema.properties).filter((one) => one !== 'kind');
      throw new BadInput(
        `${member}: expected member=value with one of ${names.join(', ') || 'none'}`,
      );
    }
    return [name, described.type === 'string' ? text : jsonOrText(text)] as const;
  });
  const command = { kind, ...Object.fromEntries(given) };
  const read = readAnyCommand(Buffer.from(JSON.stringify({ pool, command })));
  if (isCommandFault(read)) {
    const { field, value, expected } = read;
    const found = value === undefined ? '' : `, found ${JSON.stringify(value)}`;
    throw new BadInput(`${kind}: ${field}: expected ${expected}${found}`);
  }
  return read.command;
}

/** `null`, numbers, lists and words that are true or false; what is none of these is text. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** One line for people: what became of it, and what to do. */
export function outcomeLine({ id, kind, outcome, reason, detail }: Outcome): string {
  const because = [reason, detail].filter(Boolean).join(': ');
  return `${kind} ${id}: ${outcome}${because ? ` (${because})` : ''}`;
}
