import { asBuffer } from '../protocol/names/as-buffer.ts';
import type { ReceivedMessage } from '../protocol/names/message.ts';
import { NOTED_HEADERS } from '../protocol/names/message-headers.ts';
import { readOriginal, readVerified } from '../protocol/records/input-record.ts';
import { rulesVersionOf, type VerifiedRecord } from '../protocol/records/verified-record.ts';

/** A message, or what a pool's input has of it, which is verified once more. */
export interface VerifiableMessage extends ReceivedMessage {
  /** Why the batch is not read that this stands for; absent: it is a message. */
  readonly batch?: string;
  readonly recorded?: {
    /** Hex, of a payload that is not in the log; null where it is. */
    readonly omittedDigest: string | null;
    /** Of those that judged it: MESSAGE_RULES_VERSION. */
    readonly rulesVersion: number;
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
      rulesVersion: rulesVersionOf(value),
    },
  };
}

/** The bank that a message names: by its header, or where that is missing by its key. */
export const namedBy = (message: VerifiableMessage): string =>
  message.headers.ce_source || keyNamed(message);

/** As the message has it, whoever it is of. */
export const keyNamed = ({ headers, key, recorded }: VerifiableMessage): string =>
  (recorded ? headers[NOTED_HEADERS.key] : key) ?? '';
