import type { LoggedMessage } from '../live/service-context.ts';
import { PAYMENT_TYPES, RETURN } from '../protocol/messages/message-types.ts';
import {
  isSettledAhead,
  readStatusReport,
  type StatusCode,
  TRANSACTION_STATUSES,
} from '../protocol/messages/status-report.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import type { PaymentIdentity } from './one-payment-of-a-uetr.ts';

/**
 * A payment among the statuses under one UETR: a pool knows it by sender, message type and UETR, and the
 * returns of a payment by their message ids.
 */
export interface KnownPayment extends PaymentIdentity {
  /** TxSts of the payment as it stands; null where no status of its own is among them. */
  readonly state: StatusCode | null;
  readonly records: readonly LoggedMessage[];
}

/** How a payment may stand: that a quote is taken (ACTC) is told of no payment. */
export const PAYMENT_STATES: readonly StatusCode[] = TRANSACTION_STATUSES.filter(
  (status) => status !== 'ACTC',
);

export const FINAL: ReadonlySet<string> = new Set(['ACSC', 'ACCC', 'RJCT', 'CANC']);

/**
 * The payments of its own that a bank's statuses under one UETR are about, in the order in which they came, and
 * how each stands. In a chain the bank that it pays for has the same UETR: what was told of that payment counts not. What settled stays settled, or is credited where the creditor's agent says so, and else the first final status stands: what follows
 * is a repeat. The refusal of another payload under the same UETR (AM05, which names that payload's
 * digest) is told among a payment's statuses and is none of its own.
 */
export function paymentsAmong(sender: Bic, records: readonly LoggedMessage[]): KnownPayment[] {
  const groups = new Map<string, Omit<KnownPayment, 'state'> & { records: LoggedMessage[] }>();
  for (const record of withoutRepeats(records)) {
    const report = readStatusReport(record.value);
    const messageType = report?.messageType;
    if (!messageType || !PAYMENT_TYPES.includes(messageType)) continue;
    if (report.isOfAnotherBank) continue;
    const pool = record.headers.ce_pool ?? '';
    const messageId = messageType === RETURN ? (report?.messageId ?? null) : null;
    const name = `${messageType} ${pool} ${messageId ?? ''}`;
    const group = groups.get(name) ?? { messageType, pool, sender, messageId, records: [] };
    group.records.push(record);
    groups.set(name, group);
  }
  return [...groups.values()].map((group) => ({ ...group, state: standing(group.records) }));
}

function standing(records: readonly LoggedMessage[]): StatusCode | null {
  const reports = records.flatMap(({ value }) => {
    const report = readStatusReport(value);
    return report && report.payloadDigest === null ? [report] : [];
  });
  const own = reports.map(({ status }) => status);
  const settled = (['ACCC', 'ACSC'] as const).find((status) => own.includes(status));
  // Settled and not final yet is told ahead: that it waited may be told behind it.
  const ahead = reports.find(isSettledAhead);
  return (
    settled ??
    own.find((status) => FINAL.has(status)) ??
    ahead?.status ??
    own[own.length - 1] ??
    null
  );
}

/** After a crash of the notifier a record may come twice. */
function withoutRepeats(records: readonly LoggedMessage[]): LoggedMessage[] {
  const seen = new Set<string>();
  return records.filter(({ headers }) => {
    const event = `${headers.ce_pool}-${headers.ce_eventnumber} ${headers.ce_id}`;
    return !seen.has(event) && seen.add(event);
  });
}
