import type { Reason } from '../core/reasons.ts';

/**
 * What a participant is told: the ISO 20022 external code and a text that says what to do.
 * An internal fault is never a reason. The codes' own definitions: ISO 20022 external code sets,
 * ExternalStatusReason1Code.
 */
export interface IsoReason {
  readonly code: string;
  readonly text: string;
}

export const ISO_REASONS: Readonly<Record<Exclude<Reason, 'none'>, IsoReason>> = {
  formatInvalid: { code: 'FF01', text: 'The document does not have the form of its type' },
  currencyUnknown: { code: 'AM11', text: 'No pool of this network settles the currency' },
  decimalsExcess: { code: 'CH20', text: 'The amount has more decimals than its currency' },
  amountNotPositive: { code: 'AM12', text: 'The amount must be above zero' },
  amountTooLarge: { code: 'AM02', text: 'The amount is larger than the system can book' },
  bicInvalid: { code: 'RC01', text: 'An agent is not named by a BIC of 8 or 11 characters' },
  debtorAgentUnknown: { code: 'DNOR', text: "The debtor's agent is no participant" },
  creditorAgentUnknown: { code: 'CNOR', text: "The creditor's agent is no participant" },
  dealerUnknown: { code: 'RC11', text: 'The dealer named as IntrmyAgt1 is no participant' },
  accountMissing: { code: 'AC01', text: 'An agent has no settlement account in the currency' },
  instructingAgentNotDebtorAgent: {
    code: 'AG01',
    text: "Only the debtor's agent itself may instruct a debit of its account",
  },
  signatureInvalid: { code: 'DS0B', text: 'The signature does not verify' },
  keyUnknown: { code: 'DS0E', text: 'The key id is not registered for this sender' },
  keyRevoked: { code: 'DS0C', text: 'The key was revoked' },
  issuedOutsideWindow: { code: 'DT02', text: 'Issued too long before or after it arrived' },
  duplicateIdentity: { code: 'AM05', text: 'The UETR was used before for another payload' },
  settlementDateInvalid: { code: 'DT01', text: 'The settlement date cannot settle now' },
  afterCutOff: { code: 'TM01', text: 'The currency has closed for the day' },
  cancelledAtClose: { code: 'AM04', text: 'Not funded by the close of its currency' },
  quoteMissing: { code: 'AM09', text: 'The dealer has no valid quote for the pair at this rate' },
  quoteExhausted: { code: 'AM13', text: "The quote's remaining amount is too small" },
  amountNotAsQuoted: { code: 'AM09', text: 'The amounts do not follow from the rate' },
  fundsInsufficient: { code: 'AM04', text: 'More than the available liquidity' },
  limitReached: { code: 'AM13', text: 'The clearing system is full; send it again later' },
  recordInvalid: { code: 'NARR', text: 'A control record that makes no sense where it stands' },
  messageTooLarge: { code: 'FF01', text: 'The message is larger than 64 KiB' },
  senderUnknown: { code: 'AGNT', text: 'The message names no participant as its sender' },
  sameAgent: { code: 'AG03', text: 'Debtor and creditor are the same account' },
  currenciesInTwoPools: { code: 'AG03', text: 'The two currencies settle in different pools' },
};

export function isoReason(reason: Reason): IsoReason | null {
  return reason === 'none' ? null : ISO_REASONS[reason];
}
