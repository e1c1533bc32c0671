/** Words by which sources name their columns, in the languages that were seen: what is sniffed for. */
import type { BalanceColumn, ImportedColumn } from './mapping-schema.ts';

/** Without blanks and marks, in small letters. */
export const wordOf = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

export const PAYMENT_WORDS: Partial<Record<ImportedColumn, string>> = {
  date: 'date businessdate valuedate settlementdate bookingdate day datum valuta wertstellung buchungstag geschaftstag jour fecha data',
  time: 'time timestamp datetime submitted submissiontime submittedat entrytime senttime createdat zeit uhrzeit zeitpunkt eingang eingangszeit zeitstempel heure hora',
  debtor:
    'debtor debtoragent debtorbic payer payerbic payor sender senderbic sendingbank from frombank fromaccount instructingagent auftraggeber auftraggeberbank zahler absender schuldner debiteur donneurdordre ordenante',
  creditor:
    'creditor creditoragent creditorbic payee payeebic receiver receiverbic receivingbank to tobank toaccount beneficiary beneficiarybank instructedagent empfanger empfangerbank zahlungsempfanger begunstigter glaubiger creancier beneficiaire beneficiario',
  currency: 'currency ccy curr currencycode waehrung wahrung whg devise monnaie moneda divisa',
  amount: 'amount value amt paymentamount betrag summe montant importe valor',
  priority: 'priority prio urgency prioritat priorite prioridad',
  kind: 'kind paymenttype',
  reference: 'reference ref endtoendid paymentid transactionid txid id referenz',
  settled:
    'settled settledat settlementtime settlementtimestamp executed executiontime abgewickelt ausgefuhrt ausfuhrungszeit abwicklungszeit finality',
};

export const BALANCE_WORDS: Partial<Record<BalanceColumn, string>> = {
  participant:
    'participant bank bic account bankname institution member teilnehmer institut banque banco',
  currency: PAYMENT_WORDS.currency as string,
  balance:
    'balance openingbalance startingbalance liquidity saldo anfangssaldo guthaben kontostand solde',
  creditLine:
    'creditline credit creditlimit overdraft intradaycredit kreditlinie kredit lignedecredit',
  netDebitCap: 'netdebitcap debitcap cap',
  name: 'name fullname',
  role: 'role rolle',
};
