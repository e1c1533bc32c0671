import type { AccountKey, LedgerAccount } from '../analysis/ledger.ts';
import { accountKey } from '../analysis/ledger.ts';
import type { EventOf } from '../core/settlement/settlement-event.ts';
import { CREDIT_USE_TIMES, CREDIT_USUAL_SHARE, USUAL_DAYS } from '../live/alert-thresholds.ts';
import { dayOf } from './bank-amounts-by-day.ts';
import { usualOf } from './usual-queues.ts';

/** An account that uses more credit than usual: live/alert-thresholds.ts has the rule. */
export interface UnusualCredit {
  readonly bic: string;
  readonly currency: string;
  /** Minor units. */
  readonly used: bigint;
  /** The lower median of what it used at most on a day. */
  readonly usual: bigint;
}

interface UnusualUse extends Pick<UnusualCredit, 'used' | 'usual'> {
  readonly account: LedgerAccount;
}

interface Used {
  readonly account: LedgerAccount;
  /** The most by day, minor units. */
  readonly days: Map<number, bigint>;
  last: bigint;
}

/** How much credit each account of a pool used at most, by day, UTC. */
export class CreditUseBook {
  /** By the ledger's number of the account. */
  readonly #accounts: (Used | undefined)[] = [];
  readonly #issuers = new Set<AccountKey>();

  /** What its account is below zero it has issued, and no credit is drawn. */
  appoint({ participant, currency }: EventOf<'issuerSet'>): void {
    this.#issuers.add(accountKey(participant, currency));
  }

  /** The account changed, and is as the ledger has it now. */
  take(account: LedgerAccount, timeMs: number): void {
    const known: Used = this.#accounts[account.number] ?? { account, days: new Map(), last: 0n };
    this.#accounts[account.number] = known;
    const day = dayOf(timeMs);
    const used = usedOf(account);
    const most = known.days.get(day);
    const before = most ?? known.last;
    known.last = used;
    known.days.set(day, used > before ? used : before);
    if (most !== undefined) return;
    for (const one of known.days.keys()) if (one < day - USUAL_DAYS) known.days.delete(one);
  }

  unusual(nowMs: number): UnusualUse[] {
    const today = dayOf(nowMs);
    const unusual: UnusualUse[] = [];
    for (const known of this.#accounts) {
      if (!known) continue;
      const { account, days } = known;
      const used = usedOf(account);
      const isIssuer = this.#issuers.has(accountKey(account.participant, account.currency));
      if (used === 0n || isIssuer) continue;
      const before = [...days].filter(([day]) => day < today && day >= today - USUAL_DAYS);
      const usual = usualOf(before.map(([, most]) => Number(most)));
      if (usual === null) continue;
      const credit = Number(account.creditLine + account.collateral);
      if (Number(used) > CREDIT_USE_TIMES * Math.max(usual, credit * CREDIT_USUAL_SHARE, 1))
        unusual.push({ account, used, usual: BigInt(usual) });
    }
    return unusual;
  }
}

/** What of its credit is drawn. */
const usedOf = ({ balance }: LedgerAccount): bigint => (balance < 0n ? -balance : 0n);
