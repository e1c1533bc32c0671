/** The example of docs/settlement.md: alone neither payment can settle, together both do. */
export const OFFSETTING = `name: offset
description: Two banks that owe each other.
seed: 1
businessDates: [2026-03-16]
zone: UTC
currencies:
  XTS: { opens: "08:00", closes: "10:00", zone: UTC }
participants:
  - { bic: BONEDE00, name: one, accounts: { XTS: { balance: "20" } } }
  - { bic: BTWODE00, name: two, accounts: { XTS: { balance: "0" } } }
payments: { csv: offset.csv }
settlement: { queue: fifo, cycleEverySeconds: 300, offsetting: { bilateral: true } }
tickMs: 60000
`;
/** `offset.csv`, which it names. */
export const OFFSETTING_PAYMENTS = `date,time,debtor,creditor,currency,amount,priority
2026-03-16,08:31,BONEDE00,BTWODE00,XTS,100,normal
2026-03-16,08:32,BTWODE00,BONEDE00,XTS,80,normal
2026-03-16,08:33,BTWODE00,BONEDE00,XTS,150,normal
`;
