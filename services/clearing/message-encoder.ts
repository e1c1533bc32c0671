import { reasonNumber } from '../core/settlement/reasons.ts';
import { RECORD_OFFSETS as AT, NONE16, NONE32 } from '../core/settlement/records.ts';
import { MOVES, PRIORITIES } from '../protocol/messages/instruction.ts';
import type { VerifiedRecord } from '../protocol/records/verified-record.ts';
import type { Names } from './names.ts';

/**
 * Writes the body of a message that its sender's key signed. A name that the log has not registered
 * becomes a refusal, so that the sender is told which.
 * @param record begun, with kind, position, time, participant, id, digest and message type
 */
export function encodeMessage(record: Buffer, verified: VerifiedRecord, names: Names): void {
  record.writeUInt16LE(verified.reason || unknownName(verified, names), AT.reason);
  switch (verified.kind) {
    case 'payment':
    case 'pvpLeg':
    case 'quote':
      encodePayment(record, verified, names);
      return;
    case 'cancellation':
      encodeTarget(record, verified);
      return;
    case 'reordering':
      encodeTarget(record, verified);
      record[AT.priority] = PRIORITIES.indexOf(verified.priority);
      record[AT.move] = MOVES.indexOf(verified.move);
      return;
    case 'limit':
      record.writeUInt16LE(names.currency(verified.currency1), AT.currency1);
      record.writeUInt32LE(names.participant(verified.creditorAgent), AT.creditorAgent);
      record.writeBigInt64LE(verified.amount1, AT.amount1);
      return;
    case 'reservation':
      record.writeUInt16LE(names.currency(verified.currency1), AT.currency1);
      record[AT.priority] = PRIORITIES.indexOf(verified.priority);
      record.writeBigInt64LE(verified.amount1, AT.amount1);
  }
}

function encodeTarget(record: Buffer, { target, targetType }: VerifiedRecord): void {
  if (target) record.set(target, AT.target);
  record.writeUInt16LE(targetType, AT.targetType);
}

function encodePayment(record: Buffer, verified: VerifiedRecord, names: Names): void {
  record.writeUInt16LE(names.currency(verified.currency1), AT.currency1);
  record.writeUInt16LE(
    verified.currency2 === '' ? NONE16 : names.currency(verified.currency2),
    AT.currency2,
  );
  // The sender is the debtor's agent, or the payload was refused and it is who must be told.
  record.writeUInt32LE(names.participant(verified.sender), AT.debtorAgent);
  record.writeUInt32LE(names.participant(verified.creditorAgent), AT.creditorAgent);
  record.writeUInt32LE(names.participant(verified.dealer), AT.dealer);
  record.writeUInt32LE(verified.settlementDate, AT.date);
  record.writeBigInt64LE(verified.amount1, AT.amount1);
  record.writeBigInt64LE(verified.amount2, AT.amount2);
  record.writeBigInt64LE(verified.rateMantissa, AT.rateMantissa);
  record[AT.rateScale] = verified.rateScale;
  record[AT.priority] = PRIORITIES.indexOf(verified.priority);
  record.writeUIntLE(verified.earliest, AT.earliest, 3);
  record.writeUIntLE(verified.latest, AT.latest, 3);
}

/** The reason for the first agent or currency that this pool does not know, 0 where it knows all. */
function unknownName(verified: VerifiedRecord, names: Names): number {
  const unknown = (bic: string) => names.participant(bic) === NONE32;
  for (const currency of [verified.currency1, verified.currency2])
    if (currency !== '' && names.currency(currency) === NONE16)
      return reasonNumber('currencyUnknown');
  const { kind, creditorAgent } = verified;
  if (kind === 'limit' && creditorAgent !== '' && unknown(creditorAgent))
    return reasonNumber('creditorAgentUnknown');
  if (kind !== 'payment' && kind !== 'pvpLeg') return 0;
  if (unknown(verified.debtorAgent)) return reasonNumber('debtorAgentUnknown');
  if (unknown(creditorAgent)) return reasonNumber('creditorAgentUnknown');
  if (verified.dealer !== '' && unknown(verified.dealer)) return reasonNumber('dealerUnknown');
  return 0;
}
