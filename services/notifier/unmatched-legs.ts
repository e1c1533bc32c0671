import type { WaitingMessage } from '../analysis/waits/waiting-message.ts';
import { type LegDifference, sideDifferences } from '../protocol/messages/allegement.ts';
import { dateText } from '../protocol/names/dates.ts';
import type { LegContent } from '../protocol/records/verified-content.ts';

interface UnmatchedLeg {
  readonly message: WaitingMessage;
  readonly content: LegContent;
}

/** A leg of the bank that is told, and what in it does not mirror the other bank's. */
export interface NearLeg {
  readonly message: WaitingMessage;
  readonly differences: readonly LegDifference[];
}

/**
 * The legs of PvP and DvP that wait for their mirror, by the two banks and the EndToEndId: so of two that were
 * to meet, and differ in something else, each bank can be told in what.
 */
export class UnmatchedLegs {
  readonly #decimals: (code: string) => number;
  readonly #byMeeting = new Map<string, UnmatchedLeg[]>();
  readonly #meetings = new Map<number, string>();

  /** @param decimals the minor units of a currency or security */
  constructor(decimals: (code: string) => number) {
    this.#decimals = decimals;
  }

  add(message: WaitingMessage, content: LegContent): void {
    const { sender, counterparty, position } = message;
    const meeting = `${sender} ${counterparty} ${content.matchKey}`;
    const legs = this.#byMeeting.get(meeting);
    if (legs) legs.push({ message, content });
    else this.#byMeeting.set(meeting, [{ message, content }]);
    this.#meetings.set(position, meeting);
  }

  contentOf({ position }: WaitingMessage): LegContent | undefined {
    return this.#at(position)?.content;
  }

  #at(position: number): UnmatchedLeg | undefined {
    const legs = this.#byMeeting.get(this.#meetings.get(position) ?? '');
    return legs?.find(({ message }) => message.position === position);
  }

  remove({ position }: WaitingMessage): void {
    const meeting = this.#meetings.get(position);
    if (meeting === undefined) return;
    this.#meetings.delete(position);
    const left = (this.#byMeeting.get(meeting) ?? []).filter(
      ({ message }) => message.position !== position,
    );
    if (left.length > 0) this.#byMeeting.set(meeting, left);
    else this.#byMeeting.delete(meeting);
  }

  /** Of the counterparty's legs under the same EndToEndId the one that differs least, the first of these. */
  nearest({ sender, counterparty }: WaitingMessage, alleged: LegContent): NearLeg | null {
    const legs = this.#byMeeting.get(`${counterparty} ${sender} ${alleged.matchKey}`) ?? [];
    let nearest: NearLeg | null = null;
    for (const { message, content } of legs) {
      const differences = this.differences(content, alleged);
      if (nearest === null || differences.length < nearest.differences.length)
        nearest = { message, differences };
    }
    return nearest;
  }

  /** What in a leg does not mirror the one that is alleged. */
  differences(own: LegContent, alleged: LegContent): LegDifference[] {
    const found = [
      ...sideDifferences('Dlvr', delivered(own), received(alleged), this.#decimals),
      ...sideDifferences('Rcv', received(own), delivered(alleged), this.#decimals),
    ];
    const [Val, Xpctd] = [own, alleged].map((leg) => dateText(leg.settlementDate)) as [
      string,
      string,
    ];
    return Val === Xpctd ? found : [...found, { Elmt: 'IntrBkSttlmDt', Val, Xpctd }];
  }
}

export const delivered = (leg: LegContent) => ({ code: leg.currency1, minor: leg.amount1 });
export const received = (leg: LegContent) => ({ code: leg.currency2, minor: leg.amount2 });
