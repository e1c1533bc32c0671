import type { Reason } from '../core/settlement/reasons.ts';
import type { Message, ReceivedMessage } from '../protocol/names/message.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';

/**
 * A record of `payments.rejected`: JSON that names reason, detail and where the original lies. It
 * holds nothing of the payload: the operator reads that at its coordinates.
 */
export function deadLetter(message: ReceivedMessage, reason: Reason, detail: string): Message {
  const claimed = message.headers.ce_source ?? '';
  return {
    key: claimed === '' ? null : claimed.slice(0, 64),
    value: Buffer.from(
      JSON.stringify({
        reason,
        detail,
        topic: PAYMENTS,
        partition: message.partition,
        logOffset: message.logOffset,
        appendedAtMs: message.timestampMs,
        claimedSender: claimed.slice(0, 64),
        claimedId: (message.headers.ce_id ?? '').slice(0, 64),
        claimedType: (message.headers.ce_type ?? '').slice(0, 64),
        payloadDigest: payloadDigestHex(message.value),
      }),
    ),
    headers: { 'content-type': 'application/json' },
    timestampMs: message.timestampMs,
  };
}

/** What goes to `payments.rejected` for a message that verification failed on, whatever was in it. */
export const unverifiable = (message: ReceivedMessage): Message =>
  deadLetter(message, 'formatInvalid', 'the message cannot be verified');
