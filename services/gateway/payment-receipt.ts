import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { type Opening, openingFrom } from '../evidence/event-commitment.ts';
import { inclusionProof } from '../evidence/merkle-tree.ts';
import { endsPayment, packedReceipt, type Receipt } from '../evidence/receipt.ts';
import { subtreesOf, tileFilesOf } from '../evidence/tiles.ts';
import { formatTlogProof } from '../evidence/tlog-proof.ts';
import type { LoggedMessage } from '../live/service-context.ts';
import { RETURN } from '../protocol/messages/message-types.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { ProblemError, passingProblem } from '../protocol/names/http-problems.ts';
import { OPENING_HEADER } from '../protocol/names/message-headers.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import { readOriginal } from '../protocol/records/input-record.ts';
import type { KeyBook } from './key-book.ts';
import type { GatewayLog } from './log-port-and-try-later.ts';
import type { PaymentIdentity } from './one-payment-of-a-uetr.ts';
import { paymentsAmong } from './payment-state.ts';

/** The transparency logs of the network's pools, as their notifier writes them. */
export interface PoolLogs {
  /** The same each time; made when it is asked for first. */
  readonly hashing: () => TreeHashing;
  /** A file of a pool's log, by its path in tlog-tiles; null: it is not there. */
  read(pool: string, path: string): Uint8Array | null;
}

/** Where this gateway has none of their files. */
export const NO_LOGS: PoolLogs = {
  read: () => null,
  hashing: () => {
    throw new Error('there is no log to hash');
  },
};

/** What a bank was told opens: the event by which a payment ended; null: another, or nothing. */
export function endIn({
  headers,
}: Pick<LoggedMessage, 'headers'>): Extract<Opening, { form: 'closed' }> | null {
  const text = headers[OPENING_HEADER];
  const opening = text === undefined ? null : openingFrom(Buffer.from(text, 'base64'));
  return opening?.form === 'closed' && endsPayment(opening.shown) ? opening : null;
}

/** A payment of a bank, or to it. */
export interface BanksPayment extends PaymentIdentity {
  /** What the bank was told of its end; null: it has not ended, or that cannot be opened. */
  readonly told: LoggedMessage | null;
}

/** A bank's own payments, among its statuses under one UETR. A return is none: it has no receipt. */
export const ownPayments = (bic: Bic, statuses: readonly LoggedMessage[]): BanksPayment[] =>
  paymentsAmong(bic, statuses)
    .filter(({ messageType }) => messageType !== RETURN)
    .map((one) => ({
      ...one,
      told: one.records.find((record) => endIn(record) !== null) ?? null,
    }));

/** The payments to a bank, among its deliveries that tell of an end. */
export const receivedPayments = (deliveries: readonly LoggedMessage[]): BanksPayment[] =>
  deliveries.map((told) => ({
    messageType: told.headers.ce_type ?? '',
    pool: told.headers.ce_pool ?? '',
    sender: told.headers.ce_source ?? '',
    ...{ messageId: null, told },
  }));

export interface ReceiptPorts {
  /** The note that a receipt of a pool has; null: there is none yet. */
  readonly checkpointOf: (pool: string) => Promise<string | null>;
  readonly network: string;
  readonly log: GatewayLog;
  readonly keys: KeyBook;
  readonly logs: PoolLogs;
}

/**
 * The receipt of what a bank was told, as a `.tlog-proof`.
 * @param told a record with an opening that `endIn` takes
 * @throws ProblemError where no checkpoint covers its event yet
 */
export async function receiptOf(told: LoggedMessage, ports: ReceiptPorts): Promise<string> {
  const { logs } = ports;
  const pool = told.headers.ce_pool ?? '';
  const opening = endIn(told);
  if (!opening) throw new Error('a record without an opening has no receipt');
  const event = Buffer.from(opening.shown);
  const index = Number(event.readBigUInt64LE(AT.number)) - 1;
  const position = Number(event.readBigUInt64LE(AT.paymentPosition));
  const checkpoint = await ports.checkpointOf(pool);
  const size = checkpoint === null ? 0 : unprovenCheckpoint(checkpoint).size;
  if (checkpoint === null || index >= size)
    throw passingProblem(
      'notSealed',
      `event ${index + 1} of pool ${pool} is not sealed yet: its log has ${size}; ask again`,
    );
  const files = tileFilesOf(
    (path) => logs.read(pool, path),
    `it is missing in the log of pool ${pool}`,
  );
  return formatTlogProof({
    extra: packedReceipt({ opening, message: await messageAt(pool, position, ports) }),
    index,
    path: inclusionProof(subtreesOf(files, size, logs.hashing()), index, size),
    checkpoint,
  });
}

/** The payment as its bank sent it, with the key that it named. */
async function messageAt(
  pool: string,
  position: number,
  { network, log, keys }: ReceiptPorts,
): Promise<Receipt['message']> {
  const [record] = await log.read(poolInput(pool), 0, position, 1);
  if (record?.logOffset !== position) return null;
  const { headers, payload } = readOriginal(record.value);
  const publicKey = keys.publicKey(headers.ce_source ?? '', headers.ce_keyid ?? '');
  return publicKey === undefined ? null : { network, publicKey, headers, payload };
}

/** @throws ProblemError always */
export function refuseWithoutEnd(bic: string, uetr: string): never {
  throw new ProblemError('notFound', {
    detail: `${bic} was told of no event by which such a payment ended and that can be opened: not a payment of it or to it, not ended yet, no longer kept, or its pool has no log`,
    field: 'uetr',
    value: uetr,
  });
}
