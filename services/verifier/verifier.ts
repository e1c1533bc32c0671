import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { type Payload, readPayload } from '../protocol/messages/payload.ts';
import { asBuffer } from '../protocol/names/as-buffer.ts';
import type { Message, ReceivedMessage } from '../protocol/names/message.ts';
import {
  claimedEnvelope,
  type Envelope,
  type Headers,
  isFault,
  NOTED_HEADERS,
  readEnvelope,
  signedHeaders,
  wellFormedHeaders,
} from '../protocol/names/message-headers.ts';
import { payloadDigestHex, signingText } from '../protocol/names/signing-text.ts';
import { HEADER_CHARACTERS_MAX, PAYLOAD_BYTES_MAX } from '../protocol/names/size-limits.ts';
import { ISSUE_WINDOW_MS } from '../protocol/names/time-windows-and-clocks.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import { readOriginal, readVerified } from '../protocol/records/input-record.ts';
import type { ParticipantKey } from '../protocol/records/participant-message.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import { deadLetter } from './dead-letters.ts';
import { KeyDirectory, type KeyLookup, type VerifierKey } from './key-directory.ts';
import { NoticeBudget } from './notices-logged-per-minute.ts';
import { type Judged, judge } from './pool-and-input-record.ts';

/**
 * A verifier turns signed messages into input records for the pools:
 *
 * - authentic, whether or not it can be cleared: a payment or quote record (with a refusal);
 * - not authentic, but naming a known sender: a notice for that participant, which changes no
 *   payment's status and has of the message what its signature covers: headers, the payload's digest;
 *   (of one bank in a minute there may be a bound: what is beyond it goes where anything else goes);
 * - a batch that cannot be read, of which only whom its first messages name is known: one notice for each of them;
 * - anything else: a record in `payments.rejected` with the reason and the original's coordinates.
 *
 * It has no state but the keys, so any number of verifiers may share the work. The rules by which an authentic
 * message is refused: protocol/rules/message-rules.ts.
 */
export interface VerifierOptions {
  readonly network: string;
  readonly currencies: Currencies;
  /** Takes what names no currency that a pool settles. */
  readonly defaultPool: string;
  /** False: messages are taken as signed by the key that they name (runs without signatures). */
  readonly checkSignatures?: boolean;
  /**
   * Messages that name one bank and fail authentication: so many a minute enter a pool's input, the
   * others go to `payments.rejected`. Default: all enter it.
   */
  readonly noticesPerMinute?: number;
}

/** The verification core: admits keys, gives verdicts in order. */
export interface SignatureVerification {
  /** @throws RangeError for a key that is not admitted, and for that alone */
  registerKey(publicKey: Uint8Array): number;
  verify(
    batch: readonly { keyHandle: number; message: Uint8Array; signature: Uint8Array }[],
  ): boolean[] | Promise<boolean[]>;
  readonly figures: { readonly keysWithoutRoom: number };
}

/** The verification core has not judged what it was given: nothing may be concluded from that. */
export class VerdictMissing extends Error {}

export interface InputForPool {
  readonly pool: string;
  readonly value: Uint8Array;
}

export interface VerifiedBatch {
  /** In the order of the messages. */
  readonly inputs: InputForPool[];
  /** For `payments.rejected`. */
  readonly rejected: Message[];
  readonly valid: number;
  readonly invalid: number;
}

/** What a verifier says of one message: the input record that it becomes, or why it becomes none. */
export type Judgement =
  | (Judged & {
      readonly verified: boolean;
      /** Why it is not authentic; null: it is. */
      readonly fault: Reason | null;
    })
  | { readonly reason: Reason; readonly detail: string };

/** A message, or what a pool's input has of it, which is verified once more. */
export interface VerifiableMessage extends ReceivedMessage {
  /** Why the batch is not read that this stands for; absent: it is a message. */
  readonly batch?: string;
  readonly recorded?: {
    /** Hex, of a payload that is not in the log; null where it is. */
    readonly omittedDigest: string | null;
  };
}

/**
 * What a pool's input record has of its message, to be verified once more. The record that comes of it
 * is that record to the byte, in the pool that it lies in; where the payload is not in the log, no
 * payload tells the pool.
 */
export function recordedMessage(
  value: Uint8Array,
  verified: VerifiedRecord = readVerified(value),
): VerifiableMessage {
  const { headers, payload } = readOriginal(value);
  return {
    partition: verified.partition,
    logOffset: verified.logOffset,
    timestampMs: verified.appendedAtMs,
    value: payload,
    headers,
    recorded: {
      omittedDigest: verified.payloadOmitted
        ? asBuffer(verified.payloadDigest).toString('hex')
        : null,
    },
  };
}

export interface Verifier {
  /** Takes in a record of the `participants` topic. */
  learn(entry: ParticipantKey): void;
  /** Which participant a message names as its sender; '' where it names none. Nobody has proven it yet. */
  senderOf(message: ReceivedMessage): string;
  /** In the order of the messages. */
  judge(messages: readonly VerifiableMessage[]): Promise<Judgement[]>;
  verify(messages: readonly VerifiableMessage[]): Promise<VerifiedBatch>;
}

interface Candidate {
  readonly message: VerifiableMessage;
  readonly envelope: Envelope;
  /** Of the payload, hex. */
  readonly digest: string;
  readonly key: VerifierKey | undefined;
  /** What is wrong with its headers or its size; null: nothing. */
  readonly fault: Reason | null;
  /** Beside the signed headers, what its notice says of it. */
  readonly noted: Headers;
}

/** By how much a message is too large; null: it is not. */
function excessOf({ value, headers, recorded }: VerifiableMessage): {
  readonly detail: string;
  readonly noted: Headers;
} | null {
  const { payloadBytes, headerCharacters } = NOTED_HEADERS;
  // The log has of such a message how large it was, and nothing else.
  if (recorded && (payloadBytes in headers || headerCharacters in headers))
    return {
      detail: 'the message was too large',
      noted: picked(headers, [payloadBytes, headerCharacters]),
    };
  if (value.length > PAYLOAD_BYTES_MAX)
    return {
      detail: `the payload has ${value.length} bytes, expected at most ${PAYLOAD_BYTES_MAX}`,
      noted: { [payloadBytes]: String(value.length) },
    };
  let characters = 0;
  for (const name in headers) characters += name.length + (headers[name] as string).length;
  if (characters <= HEADER_CHARACTERS_MAX) return null;
  return {
    detail: `the headers have ${characters} characters, expected at most ${HEADER_CHARACTERS_MAX}`,
    noted: { [headerCharacters]: String(characters) },
  };
}

/** The bank that a message names: by its header, or where that is missing by its key. */
const namedBy = (message: VerifiableMessage): string => message.headers.ce_source || keyOf(message);

const keyOf = ({ headers, key, recorded }: VerifiableMessage): string =>
  (recorded ? headers[NOTED_HEADERS.key] : key) ?? '';

const NOTHING_NOTED: Headers = {};

/** Why the batch is not read that a message stands for; null: it is a message. */
function batchOf({ batch, headers, recorded }: VerifiableMessage): Headers | null {
  const why = recorded ? headers[NOTED_HEADERS.batch] : batch;
  return why === undefined ? null : { [NOTED_HEADERS.batch]: why };
}

const BATCH_CHARACTERS_MAX = 256;

/** And of a batch that cannot be read, what each bank is told that it names: a message of which there is nothing. */
const withNotices = (message: VerifiableMessage): VerifiableMessage[] => [
  message,
  ...(message.claims ?? []).map((bic) => {
    const { unreadable, claims: _, ...placed } = message;
    const batch = (unreadable ?? '').slice(0, BATCH_CHARACTERS_MAX);
    return { ...placed, headers: { ce_source: bic }, batch };
  }),
];

const picked = (headers: Headers, names: readonly string[]): Headers =>
  Object.fromEntries(
    names.flatMap((name) => (name in headers ? [[name, headers[name] as string]] : [])),
  );

function verdictAt(verdicts: readonly boolean[], place: number): boolean {
  const verdict = verdicts[place];
  if (typeof verdict !== 'boolean') throw new VerdictMissing(`no verdict for signature ${place}`);
  return verdict;
}

export function createVerifier(
  options: VerifierOptions,
  verification: SignatureVerification,
  keys: KeyLookup = new KeyDirectory((publicKey) => verification.registerKey(publicKey)),
): Verifier {
  const budget = new NoticeBudget(options.noticesPerMinute ?? Number.POSITIVE_INFINITY);

  function senderOf(message: ReceivedMessage): string {
    const bic = namedBy(message);
    return keys.knows(bic) ? bic : '';
  }

  /** Everything that is decided before the signature: who claims to have sent this? */
  function admit(message: VerifiableMessage): Candidate | { reason: Reason; detail: string } {
    if (message.unreadable !== undefined)
      return { reason: 'formatInvalid', detail: message.unreadable };
    const excess = excessOf(message);
    const batch = batchOf(message);
    const envelope = readEnvelope(message.headers);
    // Whoever it was, the bank that it names is told what is at fault.
    if ((excess || batch || isFault(envelope)) && keys.knows(namedBy(message)))
      return {
        message,
        envelope: { ...claimedEnvelope(message.headers), sender: namedBy(message) },
        digest: message.recorded?.omittedDigest ?? payloadDigestHex(message.value),
        key: undefined,
        fault: excess ? 'messageTooLarge' : 'formatInvalid',
        noted: {
          ...excess?.noted,
          ...(!message.headers.ce_source && { [NOTED_HEADERS.key]: keyOf(message) }),
          ...batch,
        },
      };
    if (excess) return { reason: 'messageTooLarge', detail: excess.detail };
    if (isFault(envelope))
      return {
        reason: 'formatInvalid',
        detail: `header ${envelope.header}: expected ${envelope.expected}, found ${quoted(envelope.value)}`,
      };
    if (!keys.knows(envelope.sender))
      return { reason: 'senderUnknown', detail: `ce_source ${envelope.sender} is no participant` };
    const key = keys.key(envelope.sender, envelope.keyId);
    const digest = message.recorded?.omittedDigest ?? payloadDigestHex(message.value);
    return { message, envelope, digest, key, fault: null, noted: NOTHING_NOTED };
  }

  /** True for each candidate whose signature verifies under the key that it names. */
  async function signaturesOf(candidates: readonly Candidate[]): Promise<boolean[]> {
    if (options.checkSignatures === false) return candidates.map(({ key }) => key !== undefined);
    const verdicts = candidates.map(() => false);
    const batch: { keyHandle: number; message: Uint8Array; signature: Uint8Array }[] = [];
    const indices: number[] = [];
    candidates.forEach(({ envelope, digest, key }, index) => {
      if (key === undefined || key.handle === null || envelope.signature.length !== 64) return;
      const message = signingText({
        network: options.network,
        topic: PAYMENTS,
        messageType: envelope.messageType,
        sender: envelope.sender,
        keyId: envelope.keyId,
        id: envelope.id,
        issuedAtMs: String(envelope.issuedAtMs),
        payloadDigest: digest,
      });
      batch.push({ keyHandle: key.handle, message, signature: envelope.signature });
      indices.push(index);
    });
    const valid = await verification.verify(batch);
    indices.forEach((index, place) => {
      verdicts[index] = verdictAt(valid, place);
    });
    return verdicts;
  }

  function failure({ message, envelope, key, fault }: Candidate, verified: boolean): Reason | null {
    if (fault !== null) return fault;
    if (key === undefined) return 'keyUnknown';
    if (!verified) return 'signatureInvalid';
    return Math.abs(message.timestampMs - envelope.issuedAtMs) > ISSUE_WINDOW_MS
      ? 'issuedOutsideWindow'
      : null;
  }

  /** What its payload says, whoever signed it; null: it is not there, or not looked at. */
  function payloadOf({ message, envelope, fault }: Candidate): Payload | null {
    if (message.recorded?.omittedDigest || fault === 'messageTooLarge') return null;
    return readPayload(envelope, message.value, options.currencies, options.network);
  }

  /** @param fault why it is not authentic; null: it is */
  function judgeCandidate(
    candidate: Candidate,
    payload: Payload | null,
    fault: Reason | null,
  ): Judged {
    const { message, envelope, digest, key } = candidate;
    return judge({
      message,
      envelope,
      digest: Buffer.from(digest, 'hex'),
      payload,
      keepsPayload: message.recorded !== undefined && !message.recorded.omittedDigest,
      kept: fault === null ? undefined : keptOf(candidate, fault),
      defaultPool: options.defaultPool,
      currencies: options.currencies,
      outcome: fault
        ? { authentic: false, reason: reasonNumber(fault) }
        : { authentic: true, publicKey: (key as VerifierKey).publicKey },
    });
  }

  async function judgeAll(messages: readonly VerifiableMessage[]): Promise<Judgement[]> {
    const admitted = messages.map((message) => admit(message));
    const candidates = admitted.filter((one): one is Candidate => 'envelope' in one);
    const signatures = signaturesOf(candidates);
    // It is awaited below, and what it threw thrown there.
    signatures.catch(() => {});
    // Threads have them after this turn, and verify while this one reads.
    await Promise.resolve();
    const payloads = candidates.map(payloadOf);
    const verdicts = await signatures;
    let place = 0;
    return admitted.map((one) => {
      if (!('envelope' in one)) return one;
      const at = place++;
      const verified = verdictAt(verdicts, at);
      const fault = failure(one, verified);
      // A spread would take a microsecond more.
      const { pool, value } = judgeCandidate(one, payloads[at] ?? null, fault);
      return { pool, value, verified, fault };
    });
  }

  return {
    learn: (entry) => keys.learn(entry),
    senderOf,
    judge: judgeAll,

    async verify(messages) {
      const batch = {
        inputs: [] as InputForPool[],
        rejected: [] as Message[],
        valid: 0,
        invalid: 0,
      };
      const all = messages.some(({ claims }) => claims) ? messages.flatMap(withNotices) : messages;
      (await judgeAll(all)).forEach((judgement, index) => {
        const message = all[index] as VerifiableMessage;
        if ('detail' in judgement) {
          // The batch itself has gone there.
          if (message.batch !== undefined) return;
          batch.rejected.push(deadLetter(message, judgement.reason, judgement.detail));
          return;
        }
        if (judgement.verified) batch.valid += 1;
        else batch.invalid += 1;
        const { fault } = judgement;
        if (fault === null || budget.takes(namedBy(message), message.timestampMs))
          batch.inputs.push(judgement);
        else if (message.batch === undefined)
          batch.rejected.push(deadLetter(message, fault, beyondBudget(options)));
      });
      return batch;
    },
  };
}

/** What anybody may have sent must not fill the log: of headers that are too large the form bounds the rest. */
const keptOf = ({ message, noted }: Candidate, fault: Reason): Headers => ({
  ...(fault === 'messageTooLarge'
    ? wellFormedHeaders(message.headers)
    : signedHeaders(message.headers)),
  ...noted,
});

const beyondBudget = ({ noticesPerMinute }: VerifierOptions) =>
  `more than ${noticesPerMinute} messages a minute that name this bank failed authentication`;

const quoted = (value: string | undefined) =>
  value === undefined ? 'nothing' : JSON.stringify(value.slice(0, 80));
