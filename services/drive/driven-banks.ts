import { type Bank, createBank } from '../bank/bank.ts';
import { RepeatFilter } from '../bank/repeat-filter.ts';
import type { PaymentStanding } from '../bank/sent-payments-book.ts';
import { createSigner } from '../core/verification/signing.ts';
import { IDLE_WAIT_MS, startLoop, together } from '../live/retry-loop.ts';
import type { RunningService, ServiceContext } from '../live/service-context.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { statusesOf } from '../protocol/names/topic-plan.ts';
import type { PlannedPayment } from '../scenario/planned-payment.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { KEY_ID } from '../simulator/keys-and-genesis.ts';
import { PlannedMessages } from '../simulator/planned-messages.ts';

/**
 * What all banks know together of the scenario's payments, from their own statuses. Two legs that
 * have met are one payment, as in a run's report.
 */
export interface DriveBooks {
  /** All that was sent, each leg by itself. */
  readonly legs: number;
  readonly sent: number;
  readonly settled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Queued, or accepted for netting. */
  readonly waiting: number;
  /** Without a status. */
  readonly unanswered: number;
}

const READ_RECORDS = 500;

/** Where a leg that was taken is counted. */
const BOOKED = {
  ACSC: 'settled',
  CANC: 'cancelled',
  PDNG: 'waiting',
  ACSP: 'waiting',
} as const;
const isTaken = (standing: PaymentStanding | undefined): standing is keyof typeof BOOKED =>
  standing !== undefined && standing in BOOKED;

/** The banks and dealers of a scenario, live: each signs with its own key and reads its statuses. */
export class DrivenBanks {
  readonly messages: PlannedMessages;
  readonly #banks: readonly { readonly bic: Bic; readonly bank: Bank }[];
  /** The legs that were sent, by trade: one, or two that meet unless one is refused. */
  readonly #trades = new Map<string, { readonly participant: number; readonly uetr: string }[]>();
  #lastStatusMs = 0;

  constructor(scenario: Scenario, secretKeyOf: (bic: string) => Uint8Array) {
    const { currencies, network, participants, repeatMessages } = scenario;
    const decimals = new Map(currencies.map(({ code, minorUnits }) => [code, minorUnits]));
    this.#banks = participants.map((participant, index) => {
      const bic = participant.bic as Bic;
      const signer = createSigner(secretKeyOf(bic));
      const bank = createBank({
        bic,
        keyId: KEY_ID,
        network,
        sign: (text) => signer.sign(text),
        decimals: (currency) => decimals.get(currency) as number,
        keepsSent: repeatMessages.some((rule) => rule.participant === index),
      });
      return { bic, bank };
    });
    this.messages = new PlannedMessages(scenario, (participant) => this.bank(participant));
  }

  bank(participant: number): Bank {
    return this.#banks[participant]?.bank as Bank;
  }

  /** Tells of a planned payment that it is sent, now or by an earlier drive. */
  enter({ kind, debtorAgent, creditorAgent, endToEndId, uetr, isRepeat }: PlannedPayment): void {
    if (kind !== 'leg' || isRepeat) return;
    const parties = [debtorAgent, creditorAgent].sort((a, b) => a - b);
    const trade = `${parties.join(' ')} ${endToEndId}`;
    const legs = this.#trades.get(trade);
    const leg = { participant: debtorAgent, uetr: String(uetr) };
    if (legs) legs.push(leg);
    else this.#trades.set(trade, [leg]);
  }

  bic(participant: number): Bic {
    return this.#banks[participant]?.bic as Bic;
  }

  /** Monotonic ms of the last status that any of them read; 0 before the first. */
  get lastStatusMs(): number {
    return this.#lastStatusMs;
  }

  books(): DriveBooks {
    const sum = {
      legs: 0,
      sent: 0,
      settled: 0,
      rejected: 0,
      cancelled: 0,
      waiting: 0,
      unanswered: 0,
    };
    for (const { bank } of this.#banks) {
      const { sent, settled, rejected, cancelled, pending } = bank.book();
      const unanswered = bank.unanswered();
      sum.legs += sent;
      sum.sent += sent;
      sum.settled += settled;
      sum.rejected += rejected;
      sum.cancelled += cancelled;
      sum.waiting += pending - unanswered;
      sum.unanswered += unanswered;
    }
    for (const legs of this.#trades.values()) {
      const [first, second] = legs.map(({ participant, uetr }) =>
        this.bank(participant).standing(uetr),
      );
      if (legs.length !== 2 || !isTaken(first) || !isTaken(second)) continue;
      sum.sent -= 1;
      sum[BOOKED[second]] -= 1;
    }
    return sum;
  }

  /** Each reads its statuses from the beginning: what was sent before has its status there. */
  async listen(context: ServiceContext): Promise<RunningService> {
    return together(
      await Promise.all(
        this.#banks.map(async ({ bic, bank }) => {
          const topic = statusesOf(bic);
          const repeats = new RepeatFilter();
          let next = await context.log.startOffset(topic, 0);
          return startLoop(context, async () => {
            const records = await context.log.read(topic, 0, next, READ_RECORDS, {
              waitMs: IDLE_WAIT_MS,
            });
            const last = records[records.length - 1];
            if (!last) return;
            for (const { headers, value } of records)
              if (repeats.isNew(headers)) bank.takeStatus(value);
            next = last.logOffset + 1;
            this.#lastStatusMs = context.elapsedMs();
          });
        }),
      ),
    );
  }
}
