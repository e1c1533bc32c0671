import { seeded } from '../../services/core/settlement-proof/random-draft.ts';
import { amountOf, beginning, PaymentLog } from './traffic.ts';

export const RTGS_PAYMENTS = 1_000_000;
export const RTGS_PARTICIPANTS = 200;
export const RTGS_CURRENCIES = 8;

export interface RtgsDay {
  readonly setting: Uint8Array;
  readonly payments: Uint8Array;
  readonly count: number;
}

/** 1,000,000 payments of which 1 % repeat an earlier one; money is short enough that some queue. */
export function rtgsDay(): RtgsDay {
  const log = beginning({
    participants: RTGS_PARTICIPANTS,
    currencies: RTGS_CURRENCIES,
    livePayments: RTGS_PAYMENTS,
    identities: RTGS_PAYMENTS,
    balance: 40_000_000n,
    line: 0n,
  });
  const pick = seeded(1);
  const payments = new PaymentLog(RTGS_PAYMENTS, log.position);
  while (payments.count < RTGS_PAYMENTS) {
    if (payments.count > 0 && pick(100) === 0) {
      payments.repeat(pick(payments.count));
      continue;
    }
    const debtor = pick(RTGS_PARTICIPANTS);
    const creditor = (debtor + 1 + pick(RTGS_PARTICIPANTS - 1)) % RTGS_PARTICIPANTS;
    const priority = [0, 1, 2, 2, 2, 2, 2, 2, 2, 2][pick(10)] as number;
    const currency = pick(RTGS_CURRENCIES);
    payments.pay({ debtor, creditor, currency, amount: amountOf(pick), priority });
  }
  return { setting: log.bytes(), payments: payments.bytes, count: payments.count };
}
