import type { LedgerAccount } from '../analysis/ledger.ts';

/** What came in at a bank since its last message, and is still there. */
export interface TrappedMoney {
  readonly currency: string;
  /** Minor units, above 0. */
  readonly amount: bigint;
  /** Others of whom payments wait in the currency, those of whom most do first. */
  readonly waiting: readonly { readonly bic: string; readonly payments: number }[];
}

interface Since {
  readonly account: LedgerAccount;
  /** As it was when the bank had sent so many messages. */
  balance: bigint;
  messages: number;
  last: bigint;
}

/** By how much the balances of each bank of a pool have risen since its last message. */
export class TrappedBook {
  /** By participant, how many. */
  readonly #messages = new Map<number, number>();
  /** By the ledger's number of the account. */
  readonly #accounts: (Since | undefined)[] = [];

  /** A message of the bank, after what it changed at once. */
  said(participant: number): void {
    this.#messages.set(participant, this.#sent(participant) + 1);
  }

  /** The account changed, and is as the ledger has it now. */
  take(account: LedgerAccount): void {
    const messages = this.#sent(account.participant);
    const { balance } = account;
    const known = this.#accounts[account.number];
    if (!known) {
      this.#accounts[account.number] = { account, balance, messages, last: balance };
      return;
    }
    if (known.messages !== messages) {
      known.messages = messages;
      known.balance = known.last;
    }
    known.last = balance;
  }

  /** Currencies are handles. */
  of(participant: number): { readonly currency: number; readonly amount: bigint }[] {
    const messages = this.#sent(participant);
    return this.#accounts.flatMap((one) => {
      if (one?.account.participant !== participant || one.messages !== messages) return [];
      const amount = one.last - one.balance;
      return amount > 0n ? [{ currency: one.account.currency, amount }] : [];
    });
  }

  #sent(participant: number): number {
    return this.#messages.get(participant) ?? 0;
  }
}
