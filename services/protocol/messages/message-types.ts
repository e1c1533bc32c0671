/** Message types by the number that records and events carry. */
export const MESSAGE_TYPES = [
  'none',
  'pacs.008.001.08',
  'corridor.quote.1',
  'pacs.009.001.08',
  'corridor.pvp.1',
  'camt.056.001.08',
  'camt.007.001.08',
  'camt.011.001.07',
  'camt.012.001.07',
  'camt.048.001.05',
  'camt.060.001.05',
  'camt.005.001.08',
  'camt.018.001.05',
  'pacs.004.001.09',
  'pacs.028.001.03',
  'camt.029.001.09',
  'pacs.002.001.10',
  'corridor.chain.1',
  'corridor.attestation.1',
] as const;
export type MessageType = Exclude<(typeof MESSAGE_TYPES)[number], 'none'>;

export const CREDIT_TRANSFER = 'pacs.008.001.08';
export const QUOTE = 'corridor.quote.1';
export const BANK_TRANSFER = 'pacs.009.001.08';
/** One leg of a PvP or DvP between two banks. */
export const LEG = 'corridor.pvp.1';
/** One leg of a chain, which settle together or not at all. */
export const CHAIN = 'corridor.chain.1';
/** What a participant attests of a chain, or of a document. */
export const ATTESTATION = 'corridor.attestation.1';
export const CANCELLATION = 'camt.056.001.08';
export const REORDERING = 'camt.007.001.08';
export const LIMIT = 'camt.011.001.07';
export const LIMIT_REMOVAL = 'camt.012.001.07';
export const RESERVATION = 'camt.048.001.05';
export const REPORT_REQUEST = 'camt.060.001.05';
/** Asks what waits, and how the business day stands. */
export const QUEUE_QUERY = 'camt.005.001.08';
export const DAY_QUERY = 'camt.018.001.05';

/** The return of a settled payment. */
export const RETURN = 'pacs.004.001.09';
/** Asks how a payment stands. */
export const STATUS_REQUEST = 'pacs.028.001.03';
/** What the creditor's agent says of a settled payment: its answer to a recall, and whether it credited its customer. */
export const RECALL_ANSWER = 'camt.029.001.09';
export const CREDITOR_STATUS = 'pacs.002.001.10';

/**
 * Types whose messages are payments: they have a status and, once settled, a delivery. They go by their UETR,
 * and a return by that of the payment that it returns.
 */
export const PAYMENT_TYPES: readonly string[] = [
  CREDIT_TRANSFER,
  BANK_TRANSFER,
  LEG,
  CHAIN,
  RETURN,
];
export const isReturnType = (messageType: number): boolean => MESSAGE_TYPES[messageType] === RETURN;
export type PaymentType = typeof CREDIT_TRANSFER | typeof BANK_TRANSFER | typeof LEG | typeof CHAIN;
const IS_PAYMENT: readonly boolean[] = MESSAGE_TYPES.map((type) => PAYMENT_TYPES.includes(type));
/** Whether records and events of this message type number are about payments. */
export const isPaymentType = (messageType: number): boolean => IS_PAYMENT[messageType] === true;

/** The numbers of types that whoever folds records or events tells from the others. */
export const QUOTE_TYPE = MESSAGE_TYPES.indexOf(QUOTE);
export const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
export const CHAIN_TYPE = MESSAGE_TYPES.indexOf(CHAIN);
export const ATTESTATION_TYPE = MESSAGE_TYPES.indexOf(ATTESTATION);

/** Whether a message of this type number asks for a leg, which waits for those that it settles with. */
export const isLegType = (messageType: number): boolean =>
  messageType === LEG_TYPE || messageType === CHAIN_TYPE;

/** A transfer between customers or banks, which its receiver may return. */
export type TransferType = typeof CREDIT_TRANSFER | typeof BANK_TRANSFER;
