import { type TSchema, Type } from '@sinclair/typebox';
import type { Command } from './control-record.ts';

/** First half of a SHA-256, hex. */
export const CASE_ID_PATTERN = '^[0-9a-f]{16}$';

/** What an operator commands about a case of an alert, with his reason. */
const FIELDS = {
  case: Type.String({ pattern: CASE_ID_PATTERN, title: '16 hexadecimal digits' }),
  why: Type.String({
    minLength: 1,
    maxLength: 500,
    // One line that begins with something to see.
    pattern:
      '^[^\\u0000-\\u0020\\u007f-\\u00a0\\u2028-\\u202f][^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e]*$',
    title: 'one line of 1 to 500 characters, without a blank before it',
  }),
};
const KINDS = ['acknowledgeCase', 'closeCase'] as const;

export interface CaseCommand {
  readonly kind: (typeof KINDS)[number];
  readonly case: string;
  readonly why: string;
}

/** By kind, the schema of a command: it has nothing but what is named. */
export const CASE_COMMAND_SCHEMAS = Object.fromEntries(
  KINDS.map((kind) => [
    kind,
    Type.Object(
      { kind: Type.Unsafe<typeof kind>({ type: 'string', enum: [kind] }), ...FIELDS },
      { additionalProperties: false },
    ),
  ]),
) as unknown as Readonly<Record<CaseCommand['kind'], TSchema>>;

export const isCaseCommand = (command: Command | CaseCommand): command is CaseCommand =>
  command.kind in CASE_COMMAND_SCHEMAS;
