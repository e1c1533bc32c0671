import type { CommandOutcome } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import { payloadDigestHex } from '../names/signing-text.ts';
import { textDigest } from '../names/text-digest.ts';
import type { ControlRecord, Genesis, SignedCommand } from './control-record.ts';
import { GENESIS_KEY_ID, type SystemKeys } from './system-keys.ts';

/** A day: both operators are people, who may work at different hours. Where nobody says otherwise. */
export const APPROVAL_VALID_MS = 86_400_000;

/**
 * The operators' commands that a pool has taken, in the order of its log. A command takes effect once,
 * however often and through however many gateways it was sent. Where the genesis asks for two operators,
 * a command about limits, keys or participants waits for the approval of another: the same command once
 * more, signed by him, that names the first by id and digest. It takes effect at the approval's place in
 * the log, by that one record, so that nothing is ever half done.
 *
 * Ids are kept for good: operators give a few commands a day, and each costs some 200 bytes.
 */
export interface TakenState {
  readonly commands: readonly { readonly id: string; readonly digest: string }[];
  readonly pending: readonly PendingCommand[];
  /** What waited for too long, kept to say so to who approves it. */
  readonly expired: readonly { readonly id: string; readonly kind: ControlRecord['kind'] }[];
  readonly approval: ApprovalRule | null;
  readonly areVersioned: boolean;
}

/** A command that waits for another operator. */
interface PendingCommand {
  readonly id: string;
  /** SHA-256 of what was signed, hex. */
  readonly digest: string;
  readonly keyId: string;
  readonly kind: ControlRecord['kind'];
  /** What it commands, in one form. */
  readonly command: string;
  readonly untilMs: number;
}

interface ApprovalRule {
  readonly validMs: number;
}

/** The first of two, as an approval names it. */
export interface ApprovedCommand {
  readonly id: string;
  readonly digest: string;
}

/** What a command's record does: it takes effect, perhaps for one that waited, or has none. */
export type Taken =
  | { readonly takesEffect: true; readonly approved: ApprovedCommand | null }
  | {
      readonly takesEffect: false;
      readonly outcome: CommandOutcome;
      readonly reason?: Reason;
      /** The first, which waits no more: it is told the same. */
      readonly tooLate?: ApprovedCommand;
    };

/** What one operator alone does not change. */
const NEED_TWO: ReadonlySet<ControlRecord['kind']> = new Set<ControlRecord['kind']>([
  ...(['participant', 'key', 'account', 'creditLine', 'collateral'] as const),
  ...(['cap', 'valuation', 'crossLimit', 'corridorLimit', 'issuer'] as const),
  ...(['operatorKey', 'nodeKey'] as const),
]);

/**
 * A key is revoked by one: what was stolen cannot wait. But an operator revokes none of the other's alone: whoever
 * stole his key would shut the other out.
 */
function needsTwo(control: ControlRecord, byOperator: string): boolean {
  if (!NEED_TWO.has(control.kind)) return false;
  if (control.kind === 'key' || control.kind === 'nodeKey') return control.state !== 'revoked';
  if (control.kind === 'operatorKey')
    return control.state !== 'revoked' || control.operator !== byOperator;
  return true;
}

export class TakenCommands {
  readonly #taken: Map<string, string>;
  /** By id: two may have signed the same bytes. */
  readonly #pending: Map<string, PendingCommand>;
  readonly #expired: Map<string, ControlRecord['kind']>;
  #approval: ApprovalRule | null;
  #areVersioned: boolean;
  readonly #keys: SystemKeys;

  /**
   * @param keys of the operators, as the records so far have them
   * @param from what an earlier instance's `state` gave
   */
  constructor(
    keys: SystemKeys,
    from: TakenState = {
      ...{ commands: [], pending: [], expired: [] },
      ...{ approval: null, areVersioned: false },
    },
  ) {
    this.#keys = keys;
    this.#taken = new Map(from.commands.map(({ id, digest }) => [id, digest]));
    this.#pending = new Map(from.pending.map((one) => [one.id, one]));
    this.#expired = new Map(from.expired.map(({ id, kind }) => [id, kind]));
    this.#approval = from.approval;
    this.#areVersioned = from.areVersioned;
  }

  /**
   * Whether this pool's commands tell their outcomes and prove possession (COMMAND_VERSION): once one
   * came that does, or from a genesis with operators on. Who signed a command did not sign its version,
   * so that one without it is no older one there.
   */
  get areVersioned(): boolean {
    return this.#areVersioned;
  }

  state(): TakenState {
    return {
      commands: [...this.#taken].map(([id, digest]) => ({ id, digest })),
      pending: [...this.#pending.values()],
      expired: [...this.#expired].map(([id, kind]) => ({ id, kind })),
      approval: this.#approval,
      areVersioned: this.#areVersioned,
    };
  }

  /** The rule of the pool, from its first record. */
  begin({ operators }: Genesis): void {
    this.#areVersioned = operators !== undefined;
    this.#approval =
      operators && operators.approvals > 1 ? { validMs: operators.approvalValidMs } : null;
  }

  take(control: ControlRecord & { readonly command: SignedCommand }): Taken {
    const { payload, sender, keyId = GENESIS_KEY_ID, version } = control.command;
    // What a bank commands is as new as versions are.
    this.#areVersioned ||= version !== undefined || sender !== undefined;
    const id = commandId(control.command);
    const digest = payloadDigestHex(Buffer.from(payload));
    const before = this.#taken.get(id);
    if (before !== undefined)
      return { takesEffect: false, outcome: before === digest ? 'repeated' : 'conflicting' };
    this.#taken.set(id, digest);
    this.#expire(control.timeMs);
    if (sender === undefined && this.#keys.isRevoked(keyId))
      return { takesEffect: false, outcome: 'refused', reason: 'keyRevoked' };
    const named = approvedIn(payload);
    if (!this.#approval || sender !== undefined || !needsTwo(control, this.#keys.operatorOf(keyId)))
      return named
        ? { takesEffect: false, outcome: 'approvesNothing' }
        : { takesEffect: true, approved: null };
    if (named) return this.#approve(control, keyId, named);
    this.#pending.set(id, {
      ...{ id, digest, keyId, kind: control.kind, command: commandText(control) },
      untilMs: control.timeMs + this.#approval.validMs,
    });
    return { takesEffect: false, outcome: 'awaitsApproval' };
  }

  /** By the log's time, as each command is taken: nothing else looks at what waits. */
  #expire(timeMs: number): void {
    for (const { id, kind, untilMs } of this.#pending.values()) {
      if (timeMs <= untilMs) continue;
      this.#pending.delete(id);
      this.#expired.set(id, kind);
    }
  }

  #approve(control: ControlRecord, keyId: string, named: ApprovedCommand): Taken {
    const isTooLate =
      this.#expired.get(named.id) === control.kind && this.#taken.get(named.id) === named.digest;
    if (isTooLate) return { takesEffect: false, outcome: 'approvedTooLate', tooLate: named };
    const first = this.#pending.get(named.id);
    // What a key gave that was revoked since waits for nobody: a thief may have given it.
    if (first?.digest !== named.digest || this.#keys.isRevoked(first.keyId))
      return { takesEffect: false, outcome: 'approvesNothing' };
    if (this.#keys.operatorOf(first.keyId) === this.#keys.operatorOf(keyId))
      return { takesEffect: false, outcome: 'approvedByItself' };
    if (first.command !== commandText(control))
      return { takesEffect: false, outcome: 'approvesAnother' };
    this.#pending.delete(named.id);
    return { takesEffect: true, approved: named };
  }
}

/** A bank's ids are its own: none can take one that an operator, or another bank, is to use. */
export const commandId = ({ id, sender }: Pick<SignedCommand, 'id' | 'sender'>): string =>
  sender === undefined ? id : `${sender} ${id}`;

/** How records and events name a command: its id may be longer than their 16 bytes. */
export const commandName = (id: string): Buffer => textDigest(id).subarray(0, 16);

/** What a signed payload approves; null: nothing. */
export function approvedIn(payload: string): ApprovedCommand | null {
  try {
    const { approves } = JSON.parse(payload) as { approves?: ApprovedCommand };
    return approves ?? null;
  } catch {
    // Somebody may have written the record past the gateway: it stops nothing, and the log's proof names it.
    return null;
  }
}

/** The fields of a command in one form, whatever the order in which they were signed. */
function commandText({ timeMs: _, command: __, ...fields }: ControlRecord): string {
  return JSON.stringify(inOrder(fields));
}

const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, one]) => [name, inOrder(one)])
    : value;
