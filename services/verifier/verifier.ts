import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import type { Currencies } from '../protocol/messages/instruction.ts';
import { type Payload, readPayload } from '../protocol/messages/payload.ts';
import type { Message, ReceivedMessage } from '../protocol/names/message.ts';
import {
  type Headers,
  isCanonicalSignature,
  noticedHeaders,
  wellFormedHeaders,
} from '../protocol/names/message-headers.ts';
import { signingText } from '../protocol/names/signing-text.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';
import type { ParticipantKey } from '../protocol/records/participant-message.ts';
import { deadLetter } from './dead-letters.ts';
import { KeyDirectory, type KeyLookup, type VerifierKey } from './key-directory.ts';
import { NoticeBudget } from './notices-logged-per-minute.ts';
import { type Judged, judge } from './pool-and-input-record.ts';
import { namedBy, type VerifiableMessage } from './verifiable-message.ts';
import { admit, type Candidate, whyNotAuthentic } from './why-not-authentic.ts';

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
 * It has no state but the keys, so any number of verifiers may share the work. Which reason a message gets that is not
 * authentic: why-not-authentic.ts; the rules by which an authentic one is refused: protocol/rules/message-rules.ts.
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

export interface Verifier {
  /** Takes in a record of the `participants` topic. */
  learn(entry: ParticipantKey): void;
  /** Which participant a message names as its sender; '' where it names none. Nobody has proven it yet. */
  senderOf(message: ReceivedMessage): string;
  /** In the order of the messages. */
  judge(messages: readonly VerifiableMessage[]): Promise<Judgement[]>;
  verify(messages: readonly VerifiableMessage[]): Promise<VerifiedBatch>;
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

  /** True for each candidate whose signature verifies under the key that it names. */
  async function signaturesOf(candidates: readonly Candidate[]): Promise<boolean[]> {
    if (options.checkSignatures === false) return candidates.map(({ key }) => key !== undefined);
    const verdicts = candidates.map(() => false);
    const batch: { keyHandle: number; message: Uint8Array; signature: Uint8Array }[] = [];
    const indices: number[] = [];
    candidates.forEach(({ message: received, envelope, digest, key }, index) => {
      if (key === undefined || key.handle === null || envelope.signature.length !== 64) return;
      if (!isCanonicalSignature(received.headers) && !isOfLooseSignatures(received)) return;
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
    const admitted = messages.map((message) => admit(message, keys));
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
      const fault = whyNotAuthentic(one, verified);
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

/** The first version of the rules by which a signature in a base64 that is not the standard one of its bytes does not verify. */
const CANONICAL_SIGNATURES_SINCE = 5;

const isOfLooseSignatures = ({ recorded }: VerifiableMessage): boolean =>
  recorded !== undefined && recorded.rulesVersion < CANONICAL_SIGNATURES_SINCE;

/** What anybody may have sent must not fill the log: of headers that are too large the form bounds the rest. */
const keptOf = ({ message, noted }: Candidate, fault: Reason): Headers => ({
  ...(fault === 'messageTooLarge'
    ? wellFormedHeaders(message.headers)
    : noticedHeaders(message.headers)),
  ...noted,
});

const beyondBudget = ({ noticesPerMinute }: VerifierOptions) =>
  `more than ${noticesPerMinute} messages a minute that name this bank failed authentication`;
