import type { HeldUpBy } from '../../core/settlement/events.ts';
import type { Reason } from '../../core/settlement/reasons.ts';
import { HEADER_CHARACTERS_MAX, PAYLOAD_BYTES_MAX } from './size-limits.ts';
import { WAIT_WORDS } from './vocabulary.ts';

/**
 * What a participant is told: the ISO 20022 external code and a text that says what to do.
 * An internal fault is never a reason. The codes' own definitions: ISO 20022 external code sets,
 * ExternalStatusReason1Code; NOOR, ARDT and NOAS, which answer what follows a payment, are of
 * ExternalPaymentCancellationRejection1Code.
 */
export interface IsoReason {
  readonly code: string;
  readonly text: string;
  /** What the sender can do. */
  readonly remedy: string;
  /** The code is of this system: it stands as `Prtry`, for ISO's list has none for this. */
  readonly isProprietary?: true;
}

/** One answer to both, so that who is no party of a chain learns nothing by guessing its terms. */
const NO_CHAIN_OF_YOURS: IsoReason = {
  code: 'NOOR',
  text: 'No leg of a chain whose terms name this attestor is live',
  remedy: 'Send it once a leg of the chain has been taken; compare digest, date and number of legs',
};

export const ISO_REASONS: Readonly<Record<Exclude<Reason, 'none'>, IsoReason>> = {
  formatInvalid: {
    code: 'FF01',
    text: 'The document does not have the form of its type',
    remedy: 'Correct the element named here and send a new message with a new UETR',
  },
  currencyUnknown: {
    code: 'AM11',
    text: 'No pool of this network settles the currency',
    remedy: 'Use a currency of this network',
  },
  decimalsExcess: {
    code: 'CH20',
    text: 'The amount has more decimals than its currency',
    remedy: "Write the amount with at most its currency's decimals",
  },
  amountNotPositive: {
    code: 'AM12',
    text: 'The amount must be above zero',
    remedy: 'Send an amount above zero',
  },
  amountTooLarge: {
    code: 'AM02',
    text: 'The amount is larger than the system can book',
    remedy: 'Split the payment',
  },
  bicInvalid: {
    code: 'RC01',
    text: 'An agent is not named by a BIC of 8 or 11 characters',
    remedy: 'Name the agent by its BIC',
  },
  debtorAgentUnknown: {
    code: 'DNOR',
    text: "The debtor's agent is no participant",
    remedy: 'Check the BIC: 8 and 11 characters are two participants',
  },
  creditorAgentUnknown: {
    code: 'CNOR',
    text: "The creditor's agent is no participant",
    remedy: 'Check the BIC: 8 and 11 characters are two participants',
  },
  dealerUnknown: {
    code: 'RC11',
    text: 'The dealer named as IntrmyAgt1 is no participant',
    remedy: 'Name a dealer of this network',
  },
  accountMissing: {
    code: 'AC01',
    text: 'An agent has no settlement account in the currency',
    remedy: 'Pay in a currency in which both agents hold an account',
  },
  instructingAgentNotDebtorAgent: {
    code: 'AG01',
    text: "Only the debtor's agent itself may instruct a debit of its account",
    remedy: "Let the debtor's agent send the payment",
  },
  signatureInvalid: {
    code: 'DS0B',
    text: 'The signature does not verify',
    remedy: 'Check network, topic, key id and line ends of the signed text; sign again',
  },
  keyUnknown: {
    code: 'DS0E',
    text: 'The key id is not registered for this sender',
    remedy: 'Sign with a registered key and name its id in ce_keyid',
  },
  keyRevoked: { code: 'DS0C', text: 'The key was revoked', remedy: 'Sign with another key' },
  issuedOutsideWindow: {
    code: 'DT02',
    text: 'Issued too long before or after it arrived',
    remedy: 'Set the clock, sign again with the present time in ce_issuedatms',
  },
  duplicateIdentity: {
    code: 'AM05',
    text: 'The UETR was used before for another payload',
    remedy: 'Use a new UETR; the first payment stands',
  },
  settlementDateInvalid: {
    code: 'DT01',
    text: 'The settlement date cannot settle now',
    remedy: 'Date the payment for the current business date',
  },
  afterCutOff: {
    code: 'TM01',
    text: 'The currency has closed for the day',
    remedy: 'Send it on the next business date with a new UETR',
  },
  cancelledAtClose: {
    code: 'AM04',
    text: 'Not settled by the close of its currency',
    remedy: 'Send it again on the next business date with a new UETR',
  },
  quoteMissing: {
    code: 'AM09',
    text: 'The dealer has no valid quote for the pair at this rate',
    remedy: 'Use the rate of a quote that is valid now',
  },
  quoteExhausted: {
    code: 'AM13',
    text: "The quote's remaining amount is too small",
    remedy: 'Ask the dealer for a new quote',
  },
  amountNotAsQuoted: {
    code: 'AM09',
    text: 'The amounts do not follow from the rate',
    remedy: 'Compute the second amount as amount x rate, rounded to half a unit at most',
  },
  fundsInsufficient: {
    code: 'AM04',
    text: 'More than the account holds',
    remedy: 'Redeem less, or later',
  },
  limitReached: {
    code: 'AM13',
    text: 'The clearing system is full; send it again later',
    remedy: 'Send it again later with a new UETR',
  },
  recordInvalid: {
    code: 'NARR',
    text: 'A control record that makes no sense where it stands',
    remedy: 'Correct the record',
  },
  messageTooLarge: {
    code: 'FF01',
    text: `The payload is larger than ${PAYLOAD_BYTES_MAX / 1024} KiB, or the headers than ${HEADER_CHARACTERS_MAX.toLocaleString('en-US')} characters`,
    remedy: `Send at most ${PAYLOAD_BYTES_MAX.toLocaleString('en-US')} bytes of payload and ${HEADER_CHARACTERS_MAX.toLocaleString('en-US')} characters of headers`,
  },
  senderUnknown: {
    code: 'AGNT',
    text: 'The message names no participant as its sender',
    remedy: 'Put the BIC of a participant into ce_source',
  },
  sameAgent: {
    code: 'AG03',
    text: 'Debtor and creditor are the same account',
    remedy: 'Book it inside the bank',
  },
  currenciesInTwoPools: {
    code: 'AG03',
    text: 'The two currencies settle in different pools',
    remedy: 'Pay in two currencies of one pool',
  },
  cancelledByDebtorAgent: {
    code: 'CUST',
    text: 'Withdrawn by its debtor agent',
    remedy: 'Nothing: the payment was cancelled as asked',
  },
  latestTimePassed: {
    code: 'AB03',
    text: 'Not settled by its latest settlement time',
    remedy: 'Send it again with a new UETR, with funds or a later time',
  },
  paymentUnknown: {
    code: 'NOOR',
    text: 'No payment of this sender has the UETR',
    remedy: 'Name the UETR of a payment that you sent',
  },
  paymentFinal: {
    code: 'NARR',
    text: 'The payment, chain or quote has ended, or is accepted for netting: it stands as it is',
    remedy:
      'Nothing where it is a quote; of a payment that settled ask the creditor agent to return the funds',
  },
  unmatched: {
    code: 'AB03',
    text: 'The counterparty sent no matching leg in time',
    remedy: 'Agree the terms and send the leg again with a new UETR',
  },
  notIssuer: {
    code: 'AG01',
    text: "Only the currency's own central bank issues and redeems it",
    remedy: 'Let the central bank of the currency ask for it',
  },
  corridorLimitReached: {
    code: 'AM13',
    text: 'Beyond this date’s limit to the creditor agent’s country',
    remedy: 'Send it on the next business date with a new UETR, or less',
  },
  capExceeded: {
    code: 'AM13',
    text: 'Beyond the net debit cap or a bilateral cap',
    remedy: 'Wait for incoming payments or a higher cap',
  },
  participantDefaulted: {
    code: 'AG10',
    text: 'An agent has defaulted and is suspended',
    remedy: 'Contact the operator',
  },
  matchCancelled: {
    code: 'ED05',
    text: 'A leg that was to settle with it was cancelled',
    remedy: 'Agree the terms and send the leg again with a new UETR',
  },
  timesInvalid: {
    code: 'DT01',
    text: 'The latest settlement time is not after the earliest, or has passed',
    remedy: 'Correct the settlement times and send it with a new UETR',
  },
  accountInvalid: {
    code: 'AC01',
    text: 'You have no settlement account in the currency',
    remedy: 'Name an account of your own by its currency, or none for all of them',
  },
  agentsContradict: {
    code: 'AGNT',
    text: 'Two elements name two agents for one part',
    remedy: 'Name one agent in both, or leave the one out that may be left out',
  },
  originalUnknown: {
    code: 'NOOR',
    text: 'Its receiver sent no payment with this UETR that could be returned',
    remedy: 'Name the payment by OrgnlUETR and OrgnlMsgNmId, and its sender as receiver',
  },
  originalNotSettled: {
    code: 'NARR',
    text: 'The original payment has not settled',
    remedy: 'Wait for its delivery; what was rejected or cancelled needs no return',
  },
  notCreditorAgent: {
    code: 'AG01',
    text: "Only the creditor's agent of the original payment may do so",
    remedy: 'Let the bank to which it was delivered send it',
  },
  returnExceedsOriginal: {
    code: 'AM02',
    text: 'More than what is left of the original payment',
    remedy: 'Return at most what was received less earlier returns',
  },
  returnCurrencyDiffers: {
    code: 'CURR',
    text: "Not the currency that the creditor's agent received",
    remedy: 'Return in the currency of the amount delivered',
  },
  answerNotAwaited: {
    code: 'NARR',
    text: 'No answer is awaited: nothing was asked, or it has been answered',
    remedy: 'Nothing: what was said first stands',
  },
  quoteWithdrawn: {
    code: 'CUST',
    text: 'The dealer withdrew the quote',
    remedy: 'Nothing: payments that used it stand',
  },
  quoteExpired: {
    code: 'AB03',
    text: 'The validity of the quote has ended',
    remedy: 'Send a new quote',
  },
  recallUnanswered: {
    code: 'NOAS',
    text: 'The creditor agent gave no final answer in time',
    remedy: 'Ask it directly, or ask once more with a new id (camt.056)',
  },
  legInstructed: {
    code: 'AM05',
    text: 'This leg of the chain was instructed before, and waits or is matched',
    remedy: 'Nothing: the first instruction stands; cancel it to instruct the leg anew',
  },
  chainUnknown: NO_CHAIN_OF_YOURS,
  notAttestor: NO_CHAIN_OF_YOURS,
  attestationExpired: {
    code: 'DT02',
    text: 'The attestation was valid until an instant that has passed',
    remedy: 'Attest anew with a later validity',
  },
  conditionDecided: {
    code: 'NARR',
    text: 'The condition of the chain has been met already',
    remedy: 'Nothing: what came first stands',
  },
  attested: {
    code: 'AM05',
    text: 'The attestor has said so before, or has refused before',
    remedy: 'Nothing: a refusal is not taken back, and an attestation counts once',
  },
  conditionRefused: {
    code: 'RR04',
    text: 'So many attestors refused that the condition of the chain cannot be met',
    remedy: 'Settle the matter with the attestors, and instruct a new chain',
  },
  conditionUnmet: {
    code: 'TM01',
    text: 'The condition of the chain was not met by its deadline',
    remedy: 'Ask the attestors that were silent, and instruct a new chain',
  },
  earmarkExpired: {
    code: 'TM01',
    text: 'The chain was not settled while its money was set aside',
    remedy: 'Instruct a new chain with a later expiry',
  },
  earmarkCapReached: {
    code: 'AM02',
    text: 'More money for longer than a bank may have set aside of another in a day',
    remedy: 'Let less be set aside, or for a shorter time',
  },
  preValidationMissing: {
    code: 'RR04',
    text: 'Payments of this corridor are accepted by its compliance desk before they settle',
    remedy: 'Send it as a leg of a chain (corridor.chain.1), which the desk is asked to accept',
  },
  counterRolledBack: {
    code: 'NARR',
    text: 'The attestor has counted further in a record before',
    remedy: 'Find out why its counter fell; a counter that starts anew is another attestor',
  },
  promised: {
    code: 'NARR',
    text: 'The chain is promised: its home pool decides, and nothing else ends it',
    remedy: 'Nothing: it settles or ends as its home pool does',
  },
  notPromised: {
    code: 'NARR',
    text: 'The chain is not promised yet: its operator can refuse it, and not accept',
    remedy: 'Attest again once it is promised',
  },
  alreadyReturned: {
    code: 'ARDT',
    text: 'All of the payment has been returned, or waits to be',
    remedy: 'Nothing: look for its return (pacs.004)',
  },
};

/** Why a payment waits: told in a status that is not final. */
export const HELD_UP_REASONS: Readonly<Record<Exclude<HeldUpBy, 'none'>, IsoReason>> = {
  balance: {
    code: 'AM04',
    text: 'Waits for funds',
    remedy: 'Add liquidity, or wait for incoming payments',
  },
  bilateralLimit: {
    code: 'AM23',
    text: 'Waits for room under your bilateral limit',
    remedy: 'Raise the limit, or wait for incoming payments',
  },
  multilateralLimit: {
    code: 'AM23',
    text: 'Waits for room under your multilateral limit',
    remedy: 'Raise the limit, or wait for incoming payments',
  },
  aggregateShortLimit: {
    code: 'AM23',
    text: 'Waits for room under your limit on short positions in all currencies',
    remedy: 'Add liquidity in any currency in which you are short, or wait for incoming payments',
  },
  pooledCollateral: {
    code: 'AM04',
    text: 'Waits for balances and pooled collateral to cover your positions in all currencies',
    remedy: 'Add liquidity in any currency or collateral, or wait for incoming payments',
  },
};

const NOTHING = 'Nothing: it settles as soon as that is over';

/** The same of what no shortage of its own holds; `explain` has the same kinds. */
export const WAIT_REASONS = {
  reservation: {
    code: 'AM04',
    text: 'Waits for funds that you have not reserved for more urgent payments',
    remedy: 'Add liquidity, lower the reservation (camt.048), or wait for incoming payments',
  },
  behind: {
    code: 'BEHIND',
    text: 'Waits behind another payment in your queue',
    remedy: 'Nothing, or put it before the other one (camt.007)',
    isProprietary: true,
  },
  counterparty: {
    code: 'COUNTERPARTY',
    text: 'Waits for another account with which it must settle',
    remedy: NOTHING,
    isProprietary: true,
  },
  closed: {
    code: 'CLOSED',
    text: WAIT_WORDS.closed,
    remedy: NOTHING,
    isProprietary: true,
  },
  earliestTime: {
    code: 'EARLIEST',
    text: WAIT_WORDS.earliestTime,
    remedy: NOTHING,
    isProprietary: true,
  },
  unmatched: {
    code: 'UNMATCHED',
    text: WAIT_WORDS.unmatched,
    remedy: 'Agree the terms: each leg must mirror the other to the minor unit',
    isProprietary: true,
  },
  matched: {
    code: 'MATCHED',
    text: WAIT_WORDS.matched,
    remedy: NOTHING,
    isProprietary: true,
  },
  incomplete: {
    code: 'UNMATCHED',
    text: WAIT_WORDS.incomplete,
    remedy: 'Each bank that the chain debits sends its legs, with the same terms to the minor unit',
    isProprietary: true,
  },
  complete: {
    code: 'MATCHED',
    text: WAIT_WORDS.complete,
    remedy: NOTHING,
    isProprietary: true,
  },
  condition: {
    code: 'CONDITION',
    text: WAIT_WORDS.condition,
    remedy: 'Ask the attestors named here',
    isProprietary: true,
  },
  cycle: {
    code: 'CYCLE',
    text: WAIT_WORDS.cycle,
    remedy: NOTHING,
    isProprietary: true,
  },
} as const satisfies Readonly<Record<string, IsoReason>>;

/** Of what settled, and is told as final once the network's auditors agree: with ACSP. */
export const NOT_FINAL_YET: IsoReason = {
  code: 'QUORUM',
  text: 'Settled, and not final yet: too few of the network’s auditors have agreed',
  remedy: 'Nothing: the final status follows',
  isProprietary: true,
};

export function isoReason(reason: Reason): IsoReason | null {
  return reason === 'none' ? null : ISO_REASONS[reason];
}
