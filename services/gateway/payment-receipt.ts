import type { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import type { CosignedCheckpoints } from '../evidence/cosigned-checkpoints.ts';
import { type Opening, openedEntry, openingFrom } from '../evidence/event-commitment.ts';
import { inclusionProof, isIncluded, leafHash } from '../evidence/merkle-tree.ts';
import { endsPayment, packedReceipt, type Receipt } from '../evidence/receipt.ts';
import { CHECKPOINT_FILE, subtreesOf, tileFilesOf } from '../evidence/tiles.ts';
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
  /** Null: the network has no witnesses. */
  readonly cosigned: CosignedCheckpoints | null;
  readonly network: string;
  readonly log: GatewayLog;
  readonly keys: KeyBook;
  readonly logs: PoolLogs;
}

/**
 * The receipt of what a bank was told, as a `.tlog-proof`.
 * @param told a record with an opening that `endIn` takes
 * @throws ProblemError where no checkpoint covers its event yet, or the receipt would not hold
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
  const { size, root } = checkpoint === null ? NO_CHECKPOINT : unprovenCheckpoint(checkpoint);
  if (checkpoint === null || index >= size)
    throw passingProblem('notSealed', `${waitingText(pool, index + 1, size, ports)}; ask again`);
  const files = tileFilesOf(
    (path) => logs.read(pool, path),
    `it is missing in the log of pool ${pool}`,
  );
  const path = inclusionProof(subtreesOf(files, size, logs.hashing()), index, size);
  if (!isIncluded(leafHash(openedEntry(opening)), index, size, path, root))
    throw new ProblemError('internal', {
      detail: `event ${index + 1} of pool ${pool} is not what its log has there, so no receipt of it would hold: the log’s files are not of the pool’s events, which the operator has to look into`,
    });
  const message = await messageAt(pool, position, ports);
  return formatTlogProof({ extra: packedReceipt({ opening, message }), index, path, checkpoint });
}

const NO_CHECKPOINT = { size: 0, root: new Uint8Array() };

/** @param size of the checkpoint that a receipt would have */
function waitingText(
  pool: string,
  number: number,
  size: number,
  { logs, cosigned }: ReceiptPorts,
): string {
  const own = cosigned && logs.read(pool, CHECKPOINT_FILE);
  const sealed = own ? unprovenCheckpoint(Buffer.from(own).toString()).size : size;
  return cosigned && number <= sealed
    ? `event ${number} of pool ${pool} is sealed, as its log has ${sealed}, and waits for witnesses: the policy asks for ${cosigned.asked}, and ${size} events are cosigned`
    : `event ${number} of pool ${pool} is not sealed yet: its log has ${sealed}`;
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
