import type { LogPort } from '../live/ports.ts';
import { PAYMENT_TYPES } from '../protocol/messages/instruction.ts';
import { PAYMENTS } from '../protocol/names/topics.ts';

/** A message that stands in `payments` already. */
export interface SentMessage {
  readonly times: number;
  readonly messageType: string;
  /** Of a payment or leg; of others nothing is kept. */
  readonly payload: Uint8Array | null;
}

const READ_RECORDS = 1_000;

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
    let next = await log.startOffset(PAYMENTS, partition);
    for (;;) {
      const records = await log.read(PAYMENTS, partition, next, READ_RECORDS, {
        handsUnreadable: true,
      });
      const last = records[records.length - 1];
      if (!last) break;
      for (const { headers, value } of records) {
        const { ce_source = '', ce_id = '', ce_type: messageType = '' } = headers;
        const name = sentName(ce_source, ce_id);
        const before = sent.get(name);
        const payload = PAYMENT_TYPES.includes(messageType) ? value : null;
        if (before) sent.set(name, { ...before, times: before.times + 1 });
        else sent.set(name, { times: 1, messageType, payload });
      }
      next = last.logOffset + 1;
    }
  }
  return sent;
}

export const sentName = (sender: string, id: string): string => `${sender} ${id}`;
