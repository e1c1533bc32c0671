import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { PAYMENT_TYPES } from '../protocol/messages/message-types.ts';
import { PAYMENTS } from '../protocol/names/topic-plan.ts';

/** A message that stands in `payments` already. */
export interface SentMessage {
  readonly times: number;
  readonly messageType: string;
  /** Of a payment or leg; of others nothing is kept. */
  readonly payload: Uint8Array | null;
}

/**
 * What stands in `payments`, by sender and id. The log is a drive's only memory: one that is started
 * again goes on where it was, and sends nothing under a UETR that is there.
 */
export async function sentBefore(
  log: LogPort,
  partitions: number,
): Promise<Map<string, SentMessage>> {
  const sent = new Map<string, SentMessage>();
  for (let partition = 0; partition < partitions; partition++) {
    const records = recordsOf(log, PAYMENTS, partition, { handsUnreadable: true });
    for await (const { headers, value } of records) {
      const { ce_source = '', ce_id = '', ce_type: messageType = '' } = headers;
      const name = sentName(ce_source, ce_id);
      const before = sent.get(name);
      const payload = PAYMENT_TYPES.includes(messageType) ? value : null;
      if (before) sent.set(name, { ...before, times: before.times + 1 });
      else sent.set(name, { times: 1, messageType, payload });
    }
  }
  return sent;
}

export const sentName = (sender: string, id: string): string => `${sender} ${id}`;
