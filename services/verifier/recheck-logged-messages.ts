// What stands in a log already is judged again; when it first comes: verifier.ts, why-not-authentic.ts.

import { reasonFromNumber } from '../core/settlement/reasons.ts';
import {
  type Currencies,
  type CurrencyTerms,
  currencyTerms,
} from '../protocol/messages/instruction.ts';
import { MESSAGE_TYPES } from '../protocol/messages/message-types.ts';
import { kindOfType } from '../protocol/messages/payload.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { readContentAs, readVerified } from '../protocol/records/input-record.ts';
import {
  beyondRules,
  RULES_AT,
  rulesVersionOf,
  type VerifiedRecord,
} from '../protocol/records/verified-record.ts';
import { MESSAGE_RULES_VERSION } from '../protocol/rules/message-rules.ts';
import { KeyHistory } from './background-log-check-keys.ts';
import { KeyDirectory, type KeyLookup } from './key-directory.ts';
import { recordedMessage, type VerifiableMessage } from './verifiable-message.ts';
import {
  createVerifier,
  type Judgement,
  type SignatureVerification,
  VerdictMissing,
  type Verifier,
} from './verifier.ts';

export interface MessageProofOptions {
  readonly network: string;
  /** Takes what names no currency; where foundings do not say which is the first, all that may be. */
  readonly firstPools: readonly string[];
  /** False: the messages of a run without signatures. */
  readonly checkSignatures?: boolean;
  /** How long after its registration a verifier may not know a key, ms. */
  readonly keyLagMs?: number;
}

export interface RecordedMessage {
  readonly pool: string;
  readonly logOffset: number;
  readonly value: Uint8Array;
  /** What the value says, where it was read before. */
  readonly verified?: VerifiedRecord | undefined;
}

interface Found {
  /** What the record is counted as. */
  readonly kind: string;
  /** Why the record should not be there; null where it may. */
  readonly fault: string | null;
}

/** Where there is a fault it says whose the record is. */
export interface MessageFinding extends Found {
  readonly sender?: string;
  readonly uetr?: string;
}

interface Readable {
  readonly record: VerifiedRecord;
  readonly message: VerifiableMessage;
}

/**
 * Proves the messages in pools' logs. A verifier is a pure function of a message, its coordinates and
 * the keys and currencies that it knows, so what it makes of each original must be the recorded record,
 * to the byte: a changed payload, header, signature, time, verdict or amount is found. What a verifier
 * may honestly not have known yet (a key that is new, a currency that came after the founding) is
 * allowed for. Records may come in any order, once the keys before them are learned.
 */
export class MessageProof {
  readonly #options: MessageProofOptions;
  readonly #firstPool: string;
  readonly #keys = new Map<string, KeyHistory>();
  readonly #currencies = new Map<string, CurrencyTerms>();
  readonly #founded = new Map<string, CurrencyTerms>();
  readonly #verifier: Verifier;
  /** What verifiers make of a message that know less: no key of its sender, or no later currency. */
  readonly #less: readonly { readonly verifier: Verifier; readonly hasKeys: boolean }[];

  constructor(options: MessageProofOptions, verification: SignatureVerification) {
    this.#options = options;
    this.#firstPool = options.firstPools[0] as string;
    const directory = new KeyDirectory((publicKey) => verification.registerKey(publicKey));
    const keyless: KeyLookup = {
      learn() {},
      knows: (sender) => directory.knows(sender),
      key: () => undefined,
    };
    const verifier = (currencies: Currencies, hasKeys: boolean) =>
      createVerifier(
        {
          network: options.network,
          currencies,
          defaultPool: this.#firstPool,
          ...(options.checkSignatures === false && { checkSignatures: false }),
        },
        verification,
        hasKeys ? directory : keyless,
      );
    this.#verifier = verifier(this.#currencies, true);
    this.#less = [
      { verifier: verifier(this.#founded, true), hasKeys: true },
      { verifier: verifier(this.#currencies, false), hasKeys: false },
      { verifier: verifier(this.#founded, false), hasKeys: false },
    ];
  }

  /**
   * Takes in what a control record says of keys and currencies, in the order of the pool's log: clearing
   * takes a registration that is not proven too, and then settles what is signed by its key.
   */
  learn(pool: string, control: ControlRecord, logOffset: number, isProven: boolean): void {
    if (control.kind === 'currency') {
      const { currency } = control;
      if (this.#currencies.has(currency)) return;
      const terms = currencyTerms(control, pool);
      this.#currencies.set(currency, terms);
      if (!control.command) this.#founded.set(currency, terms);
    }
    if (control.kind !== 'key') return;
    this.#historyOf(pool).fold(control, logOffset, isProven);
    this.#verifier.learn({ ...control, name: control.bic, role: 'bank' });
  }

  /** @returns one finding for each record */
  async check(records: readonly RecordedMessage[]): Promise<MessageFinding[]> {
    const read = records.map(readable);
    const judged = await judgements(
      this.#verifier,
      read.flatMap((one) => (typeof one === 'string' ? [] : [one.message])),
    );
    let place = 0;
    const findings: MessageFinding[] = [];
    for (const [index, one] of read.entries()) {
      if (typeof one === 'string') {
        findings.push({ kind: 'unreadable', fault: one });
        continue;
      }
      const judgement = judged[place++] as Judgement;
      const recorded = records[index] as RecordedMessage;
      const { record } = one;
      const kind = record.kind === 'notice' ? 'failed authentication' : record.kind;
      // Nearly all: nothing is waited for, and nothing made of them but what is counted.
      const found = this.#isSame(judgement, recorded)
        ? this.#standing(record, recorded, kind)
        : await this.#differing(recorded, one, judgement, kind);
      findings.push(found.fault === null ? found : { ...whose(record), ...found });
    }
    return findings;
  }

  /** Of a record that is not what a verifier makes of its message today that knows all. */
  async #differing(
    recorded: RecordedMessage,
    { record, message }: Readable,
    judgement: Judgement,
    kind: string,
  ): Promise<Found> {
    for (const { verifier, hasKeys } of this.#less) {
      const [again] = await judgements(verifier, [message]);
      if (!again || !this.#isSame(again, recorded)) continue;
      if (hasKeys) return this.#standing(record, recorded, kind);
      const lateMs = this.#knownSinceMs(record, message);
      if (lateMs <= (this.#options.keyLagMs ?? ISSUE_WINDOW_MS)) return { kind, fault: null };
    }
    if (isOfOlderRules(record, recorded, judgement))
      return this.#standing(record, recorded, `${kind} judged by older rules`);
    return { kind, fault: difference(record, recorded, judgement) };
  }

  #isSame(judgement: Judgement, { pool, value }: RecordedMessage): boolean {
    if ('detail' in judgement || !isSameRecord(judgement.value, value)) return false;
    // Where the payload is not in the log, nothing tells the pool.
    if (judgement.pool === pool || readVerified(value).payloadOmitted) return true;
    return judgement.pool === this.#firstPool && this.#options.firstPools.includes(pool);
  }

  /** How long the key that a message names had been registered when the message came, ms. */
  #knownSinceMs({ sender, appendedAtMs }: VerifiedRecord, { headers }: VerifiableMessage): number {
    const since = [...this.#keys.values()].flatMap(
      (history) => history.named(sender, headers.ce_keyid ?? '')?.timeMs ?? [],
    );
    return appendedAtMs - Math.min(...since);
  }

  /** Whose the key of an authentic message was at its position; clearing refuses it under another's. */
  #standing(record: VerifiedRecord, { pool, logOffset }: RecordedMessage, kind: string): Found {
    if (record.kind === 'notice') return { kind, fault: null };
    const publicKey = asBuffer(record.publicKey).toString('hex');
    const own = this.#historyOf(pool).of(publicKey);
    if (own && own.logOffset < logOffset) {
      const isRevoked = own.revokedAt !== null && own.revokedAt < logOffset;
      if (isRevoked) return { kind: `${kind} under a revoked key`, fault: null };
      return {
        kind,
        fault: own.isProven
          ? null
          : `its key ${publicKey.slice(0, 16)}… is registered at offset ${own.logOffset}, by a record that is not proven`,
      };
    }
    // Verifiers learn of a key from the first pool that has it.
    const isElsewhere = [...this.#keys].some(
      ([other, history]) => other !== pool && history.of(publicKey) !== undefined,
    );
    if (isElsewhere) return { kind: `${kind} under a key that its pool has not yet`, fault: null };
    return {
      kind,
      fault: `its key ${publicKey.slice(0, 16)}… is ${own ? `registered later, at offset ${own.logOffset}` : 'registered nowhere'}`,
    };
  }

  #historyOf(pool: string): KeyHistory {
    const history = this.#keys.get(pool) ?? new KeyHistory();
    this.#keys.set(pool, history);
    return history;
  }
}

function whose({ sender, id }: VerifiedRecord): Pick<MessageFinding, 'sender' | 'uetr'> {
  const uetr = uetrFromBytes(id);
  return uetr === null ? { sender } : { sender, uetr };
}

/** Whether two records say the same, whichever rules said it; those of a newer program are not known here. */
function isSameRecord(judged: Uint8Array, recorded: Uint8Array): boolean {
  if (rulesVersionOf(recorded) > MESSAGE_RULES_VERSION) return false;
  // By places: four views of each record would take longer than to compare it.
  const own = asBuffer(judged);
  const behind = RULES_AT + 1;
  return (
    judged.length === recorded.length &&
    own.compare(recorded, 0, RULES_AT, 0, RULES_AT) === 0 &&
    own.compare(recorded, behind, recorded.length, behind, judged.length) === 0
  );
}

/**
 * Whether a record is what older rules may have made of its message: taken where today's refuse it, or the
 * other way about. Signature, key, sender, times and payload are proven; what it says of the message is not.
 */
function isOfOlderRules(
  record: VerifiedRecord,
  { value }: RecordedMessage,
  judgement: Judgement,
): boolean {
  if ('detail' in judgement || rulesVersionOf(value) >= MESSAGE_RULES_VERSION) return false;
  const again = readVerified(judgement.value);
  return (
    record.kind !== 'notice' &&
    record.reason !== again.reason &&
    Buffer.compare(beyondRules(judgement.value), beyondRules(value)) === 0
  );
}

/** A hostile record may have any bytes: it is read whole, or why it cannot be. */
function readable({ value, verified }: RecordedMessage): Readable | string {
  try {
    const record = verified ?? readVerified(value);
    const message = recordedMessage(value, record);
    const { headers } = message;
    if (
      typeof headers !== 'object' ||
      headers === null ||
      !Object.values(headers).every((one) => typeof one === 'string')
    )
      return 'its headers are none';
    return { record, message };
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}

/** As a verifier takes a batch: where it fails, one by one, and what fails alone cannot be verified. */
async function judgements(
  verifier: Verifier,
  messages: readonly VerifiableMessage[],
): Promise<Judgement[]> {
  try {
    return await verifier.judge(messages);
  } catch (error) {
    if (error instanceof VerdictMissing) throw error;
    if (messages.length === 1)
      return [{ reason: 'formatInvalid', detail: (error as Error).message }];
  }
  const all: Judgement[] = [];
  for (const message of messages) all.push(...(await judgements(verifier, [message])));
  return all;
}

const BRIEF = 80;
const text = (value: unknown): string =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString('hex')
    : String(value ?? 'none').slice(0, BRIEF);

/** What was wrong, as whoever must find the culprit needs it. */
function difference(
  record: VerifiedRecord,
  { pool, value }: RecordedMessage,
  judgement: Judgement,
): string {
  const said = 'the message in it is not what the record says of it';
  if ('detail' in judgement) return `${said}: ${judgement.reason}, ${judgement.detail}`;
  if (judgement.pool !== pool) return `${said}: it belongs into pool ${judgement.pool}`;
  const again = readVerified(judgement.value);
  const reason = (one: VerifiedRecord) => reasonFromNumber(one.reason);
  if (record.kind === 'notice' && again.kind !== 'notice')
    return `${said}: ${reason(record)}, and its signature verifies`;
  if (record.kind !== 'notice' && again.kind === 'notice') return `${said}: ${reason(again)}`;
  const [told, proven] = [fieldsOf(record, value), fieldsOf(again, judgement.value)];
  const differing = Object.keys(told)
    .filter((field) => field in proven && text(told[field]) !== text(proven[field]))
    .map((field) => `${field} ${text(told[field])}, by its message ${text(proven[field])}`);
  const longer = value.length > judgement.value.length ? value : judgement.value;
  const at = longer.findIndex((_, index) => value[index] !== judgement.value[index]);
  return `${said}: ${differing.slice(0, 2).join('; ') || `other bytes, from byte ${at} on`}`;
}

/** All that a record says, flat; of a notice also what older logs have in it of its payload. */
function fieldsOf(
  { content: _, ...head }: VerifiedRecord,
  value: Uint8Array,
): Readonly<Record<string, unknown>> {
  const type = MESSAGE_TYPES[head.messageType] ?? 'none';
  const kind = head.kind === 'notice' ? kindOfType(type) : head.kind;
  return { ...head, ...readContentAs(kind, value) };
}
