import type { CommandOutcome } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import type { Message } from '../names/message.ts';
import type { Command, CommandKind, SystemKeyRecord } from './control-record.ts';

/**
 * A record of the topic `commands`: what became of a command of the operator, keyed `<pool>:<id>`. What
 * comes again under an id has a key of its own, `<pool>/again:<id>`, so that the topic, which is
 * compacted, keeps the outcome of the first.
 */
export interface CommandReport {
  readonly pool: string;
  readonly id: string;
  readonly kind: CommandKind;
  readonly outcome: CommandOutcome;
  /** Null where it is done. */
  readonly reason: Reason | null;
  /** What the reason means for this kind of command; null where it is done. */
  readonly detail: string | null;
  /** Of its record in the pool's input, and of the event that tells this. */
  readonly position: number;
  readonly eventNumber: number;
  readonly timeMs: number;
  /** SHA-256 of what was signed, hex. */
  readonly payloadDigest: string;
  /** The command, where it waits for another operator, who has to give it once more; else null. */
  readonly waiting: Command | null;
  /** Where it is done: the key of an operator or of the node that it registered or revoked. */
  readonly key?: SystemKeyRecord;
}

const isAgain = ({ outcome }: CommandReport): boolean =>
  outcome === 'repeated' || outcome === 'conflicting';

export const commandKey = (pool: string, id: string): string => `${pool}:${id}`;
export const commandAgainKey = (pool: string, id: string): string => `${pool}/again:${id}`;

export const commandMessage = (report: CommandReport): Message => ({
  key: (isAgain(report) ? commandAgainKey : commandKey)(report.pool, report.id),
  value: Buffer.from(JSON.stringify(report)),
  headers: { 'content-type': 'application/json' },
});

export const readCommandMessage = (value: Uint8Array): CommandReport =>
  JSON.parse(Buffer.from(value).toString('utf8'));

/** What a record that makes no sense where it stands has wrong, by its kind. */
const INVALID: Readonly<Record<Exclude<CommandKind, 'open' | 'close'>, string>> = {
  participant: 'there is no room, or the BIC is a participant already',
  currency: 'the currency is registered already, or has more decimals than can be',
  account: 'participant or currency are unknown, or the account is open already',
  creditLine: 'there is no such account, or the line does not fit its balance',
  collateral: 'there is no such account, or collateral and credit line are too large together',
  rules: 'the currency is unknown, or the rules contradict each other',
  issuer: 'participant or currency are unknown',
  cap: 'there is no such account or counterparty, or the caps are too large together',
  valuation: 'the currency is unknown, or the weights are too large together',
  crossLimit: 'there is no such account',
  corridorLimit: 'the currency is unknown',
  issue: 'there is no such account, or the amount is zero or too large',
  redeem: 'there is no such account, or the amount is zero',
  default: 'there is no such account, or it has defaulted before',
  cycle: 'the currency is unknown, or has no cycles',
  proposal: 'the currency is unknown, or takes no proposals',
  key: 'the participant is unknown',
  operatorKey: 'no operator has this name, or it is his last key: register another first',
  nodeKey: 'the node signs with this key: register another first',
  tick: 'the time is none',
};

const OTHERS: Partial<Readonly<Record<Reason, string>>> = {
  notIssuer: 'the currency has an issuer, and only what names it is issued or redeemed',
  fundsInsufficient: 'the account holds less',
  limitReached: 'a table of the pool is full: its genesis says how large they are',
  signatureInvalid: 'the new key’s possession is not proven: GET /participants/challenge',
  issuedOutsideWindow: 'the challenge that the new key signed has expired, or has not begun',
  keyUnknown: 'its owner has no such key under this id',
  keyRevoked: 'the key was revoked before',
  duplicateIdentity: 'it is registered already, or was and is revoked: an id or a key is used once',
};

const OUTCOMES: Partial<Readonly<Record<CommandOutcome, string>>> = {
  awaitsApproval: 'another operator has to approve it: the same command, which names id and digest',
  approvesNothing: 'no command of this id and digest waits for an approval',
  approvedByItself: 'the same operator gave the first: another has to approve it',
  approvedTooLate: 'the first waited for too long: give it again',
  approvesAnother: 'it is not the command that it names: they must agree in every member',
};

/** The business date of a currency, or its last; null: it has had none; undefined: the currency is unknown. */
export type DateOfCurrency = { readonly date: string; readonly isOpen: boolean } | null | undefined;

function dateRefused(kind: 'open' | 'close', of: DateOfCurrency): string {
  if (of === undefined) return 'the currency is unknown';
  if (of === null) return 'the currency has not been open yet';
  const { date, isOpen } = of;
  if (isOpen) return `the currency is open for ${date}`;
  return kind === 'open'
    ? `the date is not later than its last, ${date}`
    : `the currency is not open: its last date was ${date}`;
}

/**
 * What an outcome means for a command; null where it needs no word.
 * @param dateOf asked of a currency that does not open or close
 */
export const commandDetail = (
  command: Command,
  outcome: CommandOutcome,
  reason: Reason,
  dateOf: (currency: string) => DateOfCurrency,
): string | null => {
  if (reason === 'none') return OUTCOMES[outcome] ?? null;
  if (OTHERS[reason] !== undefined) return OTHERS[reason];
  const { kind } = command;
  return kind === 'open' || kind === 'close'
    ? dateRefused(kind, dateOf(command.currency))
    : INVALID[kind];
};
