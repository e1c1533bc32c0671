import { eventCount, eventsOf, readEvent } from '../core/settlement/event-reader.ts';
import type { CommandOutcome } from '../core/settlement/events.ts';
import type { Reason } from '../core/settlement/reasons.ts';
import type { RecordKind } from '../core/settlement/records.ts';
import { lacksPossession } from '../protocol/messages/key-possession.ts';
import { Directory, type DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { isAttestorRole } from '../protocol/names/participant-roles.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import {
  type ApprovedCommand,
  commandId,
  TakenCommands,
  type TakenState,
} from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import {
  type ControlRecord,
  type CoreRecord,
  isNaming,
  type NamingRecord,
  type PreValidation,
  type SystemKeyRecord,
} from '../protocol/records/control-record.ts';
import { type ChainState, EventChain } from '../protocol/records/event-chain.ts';
import type { ChainedEvents } from '../protocol/records/events-message.ts';
import { isControl, readControl, readVerified } from '../protocol/records/input-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { isSystemKey, type SystemKey, SystemKeys } from '../protocol/records/system-keys.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { type KeyEntry, KeyRing } from './key-rotation-and-revocation.ts';
import { Names } from './names-to-handles.ts';
import { RecordEncoder } from './record-encoder.ts';

/**
 * Clearing of one pool: the deterministic state machine (state, input record) -> events. Names, keys and the chain
 * are here, accounts, queues and identities in the settlement core. It has no clock, I/O or randomness; the same
 * input in the same order gives the same events, whatever the batches. Whether a key counts: key-rotation-and-revocation.ts. What
 * a command or message becomes for the core: control-encoder.ts, message-encoder.ts.
 */
export interface PositionedInput {
  /** Offset in the pool's input topic; positions must follow one another without a gap. */
  readonly position: number;
  readonly value: Uint8Array;
  /** What the value says, where it was read before. */
  readonly verified?: VerifiedRecord | undefined;
}

/** A batch of records that are not written out: they are given one after the other. */
export interface GivenBatch {
  control(record: ControlRecord): void;
  verified(record: VerifiedRecord): void;
  /**
   * A message as the core's record: `write` gets it begun, with kind, position and time, else zero.
   * The caller answers for what `verified` looks up: that names and the sender's key hold here.
   */
  encoded(kind: RecordKind, timeMs: number, write: (record: DataView, at: number) => void): void;
  /** The same of what stands before the next record, at its position: further terms of a chain, before a leg. */
  encodedBefore(
    kind: RecordKind,
    timeMs: number,
    write: (record: DataView, at: number) => void,
  ): void;
  /** Settles what was given, after which nothing is. */
  end(): ClearedBatch;
}

/** The settlement core, as clearing drives it. */
export interface SettlementCore {
  apply(records: Uint8Array, count: number): Uint8Array;
  /** Whether a participant has an account in a currency, as of the last record applied. */
  hasAccount(participant: number, currency: number): boolean;
}

export interface ClearedBatch extends ChainedEvents {
  /**
   * Openings and closes that the core refused: an opening while a date is open, or of one that is not
   * later than the last; a close of a date that is not open. The date stays lost or open: tell it.
   */
  readonly refusedDates: readonly RefusedDate[];
}

/** What no operator signed takes effect by itself. */
const FOUNDING = { takesEffect: true, approved: null } as const;

type DateRecord = Extract<ControlRecord, { readonly kind: 'open' | 'close' }>;
type RefusedDate = Pick<DateRecord, 'kind' | 'currency' | 'date'> & {
  readonly position: number;
};

export interface Clearing {
  apply(batch: readonly PositionedInput[]): ClearedBatch;
  /** The same for what is given, at the positions that follow. The batch before has ended. */
  begin(): GivenBatch;
  /** Digest of the chain at the last event. */
  digest(): Buffer;
  /** Position of the next input record. */
  position(): number;
  /** Everything but the core's own state, between batches. */
  state(): ClearingState;
  readonly directory: Directory;
}

/** Names, keys, chain and position: plain data, with which clearing goes on over a restored core. */
export interface ClearingState {
  readonly nextPosition: number;
  readonly names: DirectoryNames;
  readonly keys: readonly KeyEntry[];
  /** Of the operators and of the node. */
  readonly systemKeys: readonly SystemKey[];
  /** The operator's commands that were taken. */
  readonly commands: TakenState;
  readonly chain: ChainState;
  /** Of the genesis; empty before it. */
  readonly network: string;
  /** Of the genesis: chains may have conditions and earmarks. */
  readonly conditions?: true;
  /** Of the genesis: a chain may lie in two pools. */
  readonly twoPools?: true;
  /** Of the genesis: corridors whose chains are pre-validated. */
  readonly preValidation?: readonly PreValidation[];
}

/** @param from where to go on; the core must stand at the same position */
export function createClearing(core: SettlementCore, from?: ClearingState): Clearing {
  const directory = from ? Directory.from(from.names) : new Directory();
  const keys = new KeyRing(from?.keys);
  const systemKeys = new SystemKeys(from?.systemKeys);
  const commands = new TakenCommands(systemKeys, from?.commands);
  const chain = from ? EventChain.from(from.chain) : new EventChain();
  const encoder = new RecordEncoder(new Names(directory, core), keys);
  let nextPosition = from?.nextPosition ?? 0;
  let network = from?.network ?? '';
  encoder.takesConditions = from?.conditions === true;
  encoder.takesTwoPools = from?.twoPools === true;
  encoder.preValidation = from?.preValidation ?? [];

  /** Whether what is encoded and not yet settled may open accounts. */
  let opensAccounts = false;

  /** Settles what is encoded and adds its events to the batch's. */
  function settle(pieces: Uint8Array[]): Uint8Array {
    opensAccounts = false;
    const { bytes, count } = encoder.take();
    const events = core.apply(bytes, count);
    chain.append(events);
    pieces.push(events);
    return events;
  }

  /** Settles a control record at once; whether the core refused it. */
  function isRefused(control: CoreRecord, position: number, pieces: Uint8Array[]): boolean {
    encoder.control(control, position, refusalOf(control) === null);
    const events = settle(pieces);
    const last = events.length > 0 && readEvent(events, eventCount(events) - 1);
    return !last || last.position !== position || last.kind === 'refused';
  }

  /**
   * A record that gives a name or a key takes effect only if the core accepts it, and those behind
   * it are encoded with the names that then hold.
   */
  function name(control: NamingRecord, position: number, pieces: Uint8Array[]): void {
    if (isRefused(control, position, pieces)) return;
    if (control.kind === 'key') keys.fold(control);
    else directory.fold(control);
  }

  /** Only the genesis that the core takes says what holds: one that comes again is refused. */
  function begin(
    control: Extract<ControlRecord, { kind: 'genesis' }>,
    position: number,
    pieces: Uint8Array[],
  ): void {
    if (network === '' && control.rulesVersion !== RULES_VERSION)
      throw new Error(
        `the log was written under rules version ${control.rulesVersion}; this program applies ${RULES_VERSION}`,
      );
    if (isRefused(control, position, pieces)) return;
    network = control.network;
    encoder.takesConditions = control.conditions === true;
    encoder.takesTwoPools = control.twoPools === true;
    encoder.preValidation = control.preValidation ?? [];
    systemKeys.begin(control);
    commands.begin(control);
  }

  function takeControl(
    control: ControlRecord,
    position: number,
    pieces: Uint8Array[],
    refusedDates: RefusedDate[],
  ): void {
    if (control.kind === 'genesis') {
      begin(control, position, pieces);
      return;
    }
    const { command } = control;
    const taken = command ? commands.take({ ...control, command }) : FOUNDING;
    if (!command || !commands.areVersioned) {
      if (taken.takesEffect) applyControl(control, position, pieces, refusedDates);
      return;
    }
    const own = { id: commandId(command), digest: payloadDigestHex(Buffer.from(command.payload)) };
    const tell = (of: ApprovedCommand, outcome: CommandOutcome, reason: Reason) =>
      encoder.command(of, position, control.timeMs, { outcome, reason });
    if (!taken.takesEffect) {
      if (taken.tooLate) tell(taken.tooLate, taken.outcome, 'none');
      tell(own, taken.outcome, taken.reason ?? 'none');
      return;
    }
    // A bank commands about its own keys alone.
    if (command.sender !== undefined && control.kind !== 'key') {
      tell(own, 'refused', 'recordInvalid');
      return;
    }
    const told = taken.approved ? [taken.approved, own] : [own];
    if (isSystemKey(control)) {
      const refusal = systemRefusal(control);
      if (refusal === null) systemKeys.fold(control);
      for (const of of told) tell(of, refusal === null ? 'done' : 'refused', refusal ?? 'none');
      return;
    }
    settle(pieces);
    const before = pieces.length;
    const because = refusalOf(control);
    applyControl(control, position, pieces, refusedDates);
    settle(pieces);
    const refused = pieces.slice(before).flatMap((events) => eventsOf(events, 'refused'))[0];
    const reason = refused ? (because ?? refused.reason) : 'none';
    for (const of of told) tell(of, refused ? 'refused' : 'done', reason);
  }

  /** Of what a bank signed: its own keys, under one that is active here. */
  function ownersRefusal({
    bic,
    command,
  }: ControlRecord & { readonly bic: string }): Reason | null {
    if (command?.sender === undefined) return null;
    return command.sender === bic ? keys.standing(bic, command.keyId ?? '') : 'keyUnknown';
  }

  /** Of a key of an operator or of the node; a public key is nobody else's. */
  function systemRefusal(control: ControlRecord & SystemKeyRecord): Reason | null {
    const isTaken = control.state === 'registered' && keys.has(control.publicKey);
    return (
      systemKeys.refusal(control) ??
      (isTaken ? 'duplicateIdentity' : null) ??
      lacksPossession(network, control, true)?.reason ??
      null
    );
  }

  /** Whether a participant is of a role that holds no account. */
  const isAttestor = (bic: string): boolean => {
    const role = directory.roleOf(bic);
    return role !== undefined && isAttestorRole(role);
  };

  /** Why names and keys do not admit a record, more closely than the core can say; null: they do. */
  function refusalOf(control: ControlRecord): Reason | null {
    if (control.kind === 'key')
      return (
        ownersRefusal(control) ??
        keys.refusal(control) ??
        lacksPossession(network, control, commands.areVersioned)?.reason ??
        null
      );
    if (control.kind === 'account' && isAttestor(control.bic)) return 'recordInvalid';
    const isKnown =
      control.kind === 'participant' && directory.participantHandle(control.bic) !== undefined;
    return isKnown ? 'duplicateIdentity' : null;
  }

  function applyControl(
    control: ControlRecord,
    position: number,
    pieces: Uint8Array[],
    refusedDates: RefusedDate[],
  ): void {
    // Of these an operator commands, and they are told by what became of the command alone.
    if (isSystemKey(control)) return;
    if (isNaming(control)) name(control, position, pieces);
    else if (control.kind === 'open' || control.kind === 'close') {
      const { kind, currency, date } = control;
      if (isRefused(control, position, pieces))
        refusedDates.push({ kind, currency, date, position });
    } else {
      if (control.kind === 'account') opensAccounts = true;
      encoder.control(control, position, refusalOf(control) === null);
    }
  }

  function openBatch() {
    const before = chain.copy();
    const firstNumber = chain.count + 1;
    const pieces: Uint8Array[] = [];
    const refusedDates: RefusedDate[] = [];
    return {
      control: (record: ControlRecord, position: number) =>
        takeControl(record, position, pieces, refusedDates),
      /** Of the terms of a chain it is asked which accounts there are: those before it are opened first. */
      verified(value: Uint8Array, position: number, verified = readVerified(value)): void {
        if (verified.kind === 'chainLeg' && opensAccounts) settle(pieces);
        encoder.verified(verified, position, value);
      },
      end(): ClearedBatch {
        settle(pieces);
        return {
          events: pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces),
          before,
          refusedDates,
          firstNumber,
          count: chain.count + 1 - firstNumber,
          digestAfter: chain.digest().toString('hex'),
        };
      },
    };
  }

  return {
    directory,
    digest: () => chain.digest(),
    position: () => nextPosition,
    state: () => ({
      nextPosition,
      names: { participants: directory.participants, currencies: directory.currencies },
      keys: keys.entries(),
      systemKeys: systemKeys.entries(),
      commands: commands.state(),
      chain: chain.state(),
      network,
      ...(encoder.takesConditions && { conditions: true }),
      ...(encoder.takesTwoPools && { twoPools: true }),
      ...(encoder.preValidation.length > 0 && { preValidation: encoder.preValidation }),
    }),
    begin() {
      const batch = openBatch();
      return {
        control: (record) => batch.control(record, nextPosition++),
        verified: (record) => encoder.verified(record, nextPosition++),
        encoded: (kind, timeMs, write) => encoder.encoded(kind, nextPosition++, timeMs, write),
        encodedBefore: (kind, timeMs, write) => encoder.encoded(kind, nextPosition, timeMs, write),
        end: batch.end,
      };
    },
    apply(inputs) {
      const batch = openBatch();
      for (const { position, value, verified } of inputs) {
        if (position !== nextPosition)
          throw new Error(
            `the input log has a gap: expected position ${nextPosition}, got ${position}`,
          );
        // Before it is read: a record that cannot be is the one before the position that is told.
        nextPosition += 1;
        if (isControl(value)) batch.control(readControl(value), position);
        else batch.verified(value, position, verified);
      }
      return batch.end();
    },
  };
}
