import type { Log } from '../../services/platform/log/log.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import { isControl, readVerified } from '../../services/protocol/records/input-record.ts';
import { ALFA, BETA, bankAs, CUSTOMERS, paymentOf } from '../faults/banks.ts';
import { scenario } from './live.ts';

const OTHERS = 3;

/** A partition in which one bank's messages stand before three of another's. */
export async function floodedPartition(log: Log, flood: number) {
  const payments = (from: Bic, to: Bic, seed: number, count: number) => {
    const bank = bankAs(scenario, from);
    return Array.from({ length: count }, (_, at) => {
      const payment = paymentOf(seed, at, { debtorAgent: from, creditorAgent: to });
      // A key decides the partition and says nothing of who sent the message.
      return { ...bank.pay(payment, CUSTOMERS, Date.now()), key: ALFA };
    });
  };
  const messages = [...payments(ALFA, BETA, 61, flood), ...payments(BETA, ALFA, 62, OTHERS)];
  const [first] = await log.produce(PAYMENTS, messages);
  return { partition: first?.partition ?? -1, flood, all: messages.length };
}

/** Where the messages stood that a pool's input has, in its order. */
export async function verifiedOffsets(log: Log, pool: string, from: number): Promise<number[]> {
  const end = await log.endOffset(poolInput(pool), 0);
  const offsets: number[] = [];
  for (let next = from; next < end; ) {
    const records = await log.read(poolInput(pool), 0, next, 1_000);
    for (const { value, logOffset } of records) {
      next = logOffset + 1;
      if (!isControl(value)) offsets.push(readVerified(value).logOffset);
    }
  }
  return offsets;
}
