/**
 * Why the core refuses, notices or cancels: one closed list. The number travels in records and
 * events, so a number is never reused and a new reason goes at the end. `services/protocol/names/iso-reasons.ts`
 * maps each to its ISO 20022 code; the mapping does not compile while one is missing.
 */
export const REASONS = [
  'none', // 0
  'formatInvalid', // 1: the document does not have the form that its type prescribes
  'currencyUnknown', // 2: no pool of this network settles the currency
  'decimalsExcess', // 3: more decimals than the currency has
  'amountNotPositive', // 4: zero or negative
  'amountTooLarge', // 5: does not fit a signed 64-bit number of minor units
  'bicInvalid', // 6: not an ISO 9362 code
  'debtorAgentUnknown', // 7: no participant has this BIC
  'creditorAgentUnknown', // 8
  'dealerUnknown', // 9: IntrmyAgt1 is no participant
  'accountMissing', // 10: a participant without an account in the currency
  'instructingAgentNotDebtorAgent', // 11: only the debtor's agent's own account may be debited
  'signatureInvalid', // 12
  'keyUnknown', // 13: no such key, or not this sender's
  'keyRevoked', // 14
  'issuedOutsideWindow', // 15: issued too far from the time at which the log took the message
  'duplicateIdentity', // 16: the same sender, type and id with another payload
  'settlementDateInvalid', // 17: not a date that can settle now
  'afterCutOff', // 18: the currency has closed for the business date
  'cancelledAtClose', // 19: still queued when its currency closed
  'quoteMissing', // 20: the dealer has no valid quote for the pair at this rate
  'quoteExhausted', // 21: the quote's remaining amount is too small
  'amountNotAsQuoted', // 22: the second amount is further than half a unit from amount x rate
  'fundsInsufficient', // 23: a redemption beyond the balance
  'limitReached', // 24: a table of the core is full
  'recordInvalid', // 25: a control record that makes no sense where it stands
  'messageTooLarge', // 26: beyond 64 KiB
  'senderUnknown', // 27: the message names no participant
  'sameAgent', // 28: debtor's and creditor's agent are the same account
  'currenciesInTwoPools', // 29: a cross-currency payment whose currencies lie in two pools
  'cancelledByDebtorAgent', // 30: its debtor agent withdrew it
  'latestTimePassed', // 31: not settled by its latest time
  'paymentUnknown', // 32: no payment of this sender has the UETR
  'paymentFinal', // 33: the payment has ended: it can be neither cancelled nor reordered
  'unmatched', // 34: no mirrored leg came in time
  'notIssuer', // 35: only the currency's own central bank issues and redeems it
  'capExceeded', // 36: beyond the net debit cap or a bilateral cap
  'participantDefaulted', // 37: an agent has defaulted
  'matchCancelled', // 38: a leg that was to settle with it was cancelled
  'timesInvalid', // 39: the latest time is not after the earliest, or has passed
  'accountInvalid', // 40: the sender has no such account
  'agentsContradict', // 41: two elements name two agents for one part
  'originalUnknown', // 42: the receiver sent no payment with this UETR that could be returned
  'originalNotSettled', // 43: the payment has not settled, or never will
  'notCreditorAgent', // 44: the payment was not settled in the sender's favour
  'returnExceedsOriginal', // 45: more than what is left of the payment
  'returnCurrencyDiffers', // 46: not the currency that the creditor's agent received
  'answerNotAwaited', // 47: nothing was asked, or it has been answered
  'alreadyReturned', // 48: nothing is left of the payment that its receiver could return or credit
  null, // 49 to 51: no reason has these
  null,
  null,
  'quoteWithdrawn', // 52: the dealer took its quote back
  'quoteExpired', // 53: the quote's validity has ended
  ...([null, null, null, null, null, null] as const), // 54 to 59: no reason has these
  'recallUnanswered', // 60: the creditor's agent said nothing final in time
  'legInstructed', // 61: this leg of the chain was instructed before, and lives
  'chainUnknown', // 62: no leg of a chain with these terms lives
  'notAttestor', // 63: the terms of the chain do not name this attestor
  'attestationExpired', // 64: it was valid until an instant that has passed
  'conditionDecided', // 65: the condition of the chain has been met already
  'attested', // 66: the attestor said so before, or refused before
  'conditionRefused', // 67: so many attestors refused that the condition cannot be met
  'conditionUnmet', // 68: the condition was not met by its deadline
  'earmarkExpired', // 69: the chain was not settled while its money was set aside
  'earmarkCapReached', // 70: more money for longer than a bank may have set aside of another's
  'preValidationMissing', // 71: the corridor takes chains alone, which its desk accepts before they settle
  'counterRolledBack', // 72: the attestor has counted further in a record before
  'promised', // 73: the chain waits for its decision, and nothing else ends it
  'notPromised', // 74: the chain can be decided on once it is promised
  'corridorLimitReached', // 75: beyond what may go from one country to another in a currency on a date
] as const;

export type Reason = Exclude<(typeof REASONS)[number], null>;

const NUMBER_OF = new Map<string | null, number>(REASONS.map((reason, number) => [reason, number]));

export function reasonNumber(reason: Reason): number {
  return NUMBER_OF.get(reason) as number;
}

/** Throws on a number outside the list: it can only come from a log of newer rules. */
export function reasonFromNumber(number: number): Reason {
  const reason = REASONS[number];
  if (!reason) throw new RangeError(`no reason has the number ${number}`);
  return reason;
}
