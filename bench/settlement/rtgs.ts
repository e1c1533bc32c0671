import { seeded } from '../../tests/settlement/random-draft.ts';
import { addLimits, amountOf, beginning, PaymentLog } from './traffic.ts';

export const RTGS_PAYMENTS = 1_000_000;
export const RTGS_PARTICIPANTS = 200;
export const RTGS_CURRENCIES = 8;
/** Of each account, beside its multilateral limit. */
const BILATERAL_LIMITS = 8;

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
    identities: RTGS_PAYMENTS + 20_000,
    balance: 40_000_000n,
    line: 0n,
    genesis: { limitsMax: RTGS_PARTICIPANTS * RTGS_CURRENCIES * (BILATERAL_LIMITS + 1) },
  });
  addLimits(log, {
    participants: RTGS_PARTICIPANTS,
    currencies: RTGS_CURRENCIES,
    bilateral: BILATERAL_LIMITS,
    limit: 4_000_000n,
    multilateral: 60_000_000n,
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
