/** What the scenario does to the run, as marked on the charts over time and listed in a table. */
import { isoReason } from '../protocol/names/iso-reasons.ts';
import { durationText } from '../protocol/names/vocabulary.ts';
import type { LiquidityEvent, OutageReaction, Scenario } from '../scenario/scenario.ts';
import type { LiquidityChange } from './figures/run-books.ts';
import { countText, moneyText } from './format.ts';

export interface TimeMark {
  /** Stands at the mark on every chart; empty for what goes on all day. */
  readonly letter: string;
  /** For legends. */
  readonly short: string;
  readonly what: string;
  readonly participant: number;
  /** Null for what goes on all day. */
  readonly fromMs: number | null;
  /** Null for what happens at one instant, and for what has no end. */
  readonly untilMs: number | null;
  readonly endless: boolean;
}

/** Marks drawn; a scenario with more lists the rest in the table alone. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

const LIQUIDITY_WORDS: Readonly<Record<LiquidityEvent['kind'], string>> = {
  creditLine: 'credit line set',
  collateral: 'collateral set',
  issue: 'liquidity issued',
  redeem: 'liquidity redeemed',
};

export function marksOf(scenario: Scenario, changes: readonly LiquidityChange[]): TimeMark[] {
  const bic = (participant: number) => scenario.participants[participant]?.bic ?? '';
  const told = scenario.outages.filter(({ isSilent }) => !isSilent);
  const outages = told.map(({ participant, fromMs, untilMs, reaction, sends }) => ({
    short: `${sends ? 'deferral of payments to' : 'outage of'} ${bic(participant)}`,
    what: `${
      sends
        ? 'deferral: it sends and receives'
        : untilMs === null
          ? 'outage: sends nothing more, still receives'
          : 'outage: sends nothing; what waited leaves at the end'
    }${reaction === null ? '' : `; ${stopText(fromMs, reaction)}`}`,
    participant,
    fromMs,
    untilMs,
    endless: untilMs === null,
  }));
  const liquidity = changes.map((event) => ({
    short: `${LIQUIDITY_WORDS[event.kind]}${event.outcome === 'done' ? '' : ' (refused)'}, ${bic(event.participant)}`,
    what: `${LIQUIDITY_WORDS[event.kind]}: ${amountOf(scenario, event)}${refusalOf(event)}`,
    ...instant(event),
  }));
  const defaults = scenario.defaults.map(({ currency, ...event }) => ({
    short: `default of ${bic(event.participant)}`,
    what: `default${currency === null ? '' : ` in ${scenario.currencies[currency]?.code}`}: pays nothing any more`,
    ...instant(event),
  }));
  const timed = [...outages, ...liquidity, ...defaults]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((mark, index) => ({ ...mark, letter: LETTERS[index] ?? '' }));
  return [...timed, ...allDay(scenario)];
}

/** What the others do about an outage. */
const stopText = (fromMs: number, { fromMs: stopMs, cancelsQueued }: OutageReaction): string =>
  `after ${durationText(stopMs - fromMs)} the others stop paying it${cancelsQueued ? ' and cancel what is queued to it' : ''}`;

const instant = ({ participant, atMs }: { participant: number; atMs: number }) => ({
  ...{ participant, fromMs: atMs, untilMs: null, endless: false },
});

function allDay(scenario: Scenario): TimeMark[] {
  const mark = (participant: number, what: string) => ({
    letter: '',
    short: '',
    what,
    participant,
    fromMs: null,
    untilMs: null,
    endless: false,
  });
  return [
    ...scenario.corruptSignatures.map(({ participant, every }) =>
      mark(participant, `corrupted signature on every ${ordinal(every)} payment`),
    ),
    ...scenario.repeatMessages.map(({ participant, every, afterMs }) =>
      mark(participant, `every ${ordinal(every)} message sent again after ${afterMs / 1000} s`),
    ),
    ...scenario.cancellations.map(({ participant, every, afterMs }) =>
      mark(participant, `asks to cancel every ${ordinal(every)} payment after ${afterMs / 1000} s`),
    ),
    ...scenario.returns.map(({ participant, every, afterMs, percent }) =>
      mark(
        participant,
        `${percent} % of every ${ordinal(every)} payment returned after ${afterMs / 1000} s`,
      ),
    ),
    ...scenario.reorderings.map(({ participant, every, afterMs, priority, move }) =>
      mark(
        participant,
        `moves every ${ordinal(every)} payment to the ${move} of ${priority} after ${afterMs / 1000} s`,
      ),
    ),
  ];
}

const ordinal = (n: number) => (n === 1 ? 'single' : `${countText(n)}th`);

function refusalOf({ outcome }: LiquidityChange): string {
  return outcome === 'done' ? '' : `. REFUSED: ${isoReason(outcome)?.text}`;
}

function amountOf(scenario: Scenario, { currency, amountMinor }: LiquidityEvent) {
  const { code, minorUnits } = scenario.currencies[currency] ?? { code: '', minorUnits: 0 };
  return `${code} ${moneyText(amountMinor, minorUnits)}`;
}
