/**
 * What the G20's targets are about: payments across a border, by corridor (country and currency of both agents; the
 * country stands in the BIC) and by the segment of the market that has targets of its own.
 */
import { NONE32 } from '../../core/settlement/records.ts';
import {
  BANK_TRANSFER,
  CREDIT_TRANSFER,
  MESSAGE_TYPES,
} from '../../protocol/messages/message-types.ts';
import { countryOf } from '../../protocol/names/bic-and-uetr.ts';
import { Exact } from '../../protocol/names/minor-units.ts';
import { referenceRate } from '../../scenario/rates-and-rounding.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type CorridorFigures, corridorsOf, type SpeedFigures } from './corridor-figures.ts';
import { type MarketSegment, SEGMENTS } from './g20-targets.ts';
import type { PaymentTable } from './payment-table.ts';

/** As ISO 3166 has the countries. */
export interface CrossBorderCorridor extends CorridorFigures {
  readonly segment: MarketSegment;
  readonly country: string;
  readonly country2: string;
}

/** Of all corridors of a segment. */
export interface SegmentFigures {
  readonly segment: MarketSegment;
  /** How many it has. */
  readonly corridors: number;
  readonly submitted: number;
  readonly refusedForRate: number;
  /** Its `corridors`: those with payments that are judged. */
  readonly speed: SpeedFigures & { readonly corridors: number };
  readonly cost: {
    /** Those with a cost of their own. */
    readonly corridors: number;
    /** Of what changed its currency, weighted by the value debited at reference rates; null: nothing did, or a rate lacks. */
    readonly share: number | null;
    /** Of the corridor in which it is highest. */
    readonly highestShare: number | null;
  };
}

export interface CrossBorderFigures {
  /** Those that have payments, in the order of SEGMENTS. */
  readonly segments: readonly SegmentFigures[];
  readonly corridors: readonly CrossBorderCorridor[];
}

const CUSTOMERS = MESSAGE_TYPES.indexOf(CREDIT_TRANSFER);
const BANKS = MESSAGE_TYPES.indexOf(BANK_TRANSFER);

export function crossBorderFigures(
  scenario: Scenario,
  payments: readonly PaymentTable[],
): CrossBorderFigures {
  const corridors = payments
    .flatMap((table) => corridorsIn(scenario, table))
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  const segments = SEGMENTS.flatMap((segment) => {
    const own = corridors.filter((corridor) => corridor.segment === segment);
    return own.length === 0 ? [] : [segmentFigures(scenario, segment, own)];
  });
  return { segments, corridors };
}

const sortKey = ({ segment, country, currency, country2, currency2 }: CrossBorderCorridor) =>
  `${SEGMENTS.indexOf(segment)} ${country} ${currency} ${country2} ${currency2}`;

function corridorsIn(scenario: Scenario, payments: PaymentTable): CrossBorderCorridor[] {
  const { participants, currencies } = payments.directory;
  const countries = participants.map(({ bic }) => countryOf(bic));
  const known = [...new Set(countries)];
  // No border: there may be millions of payments to look at.
  if (known.length < 2) return [];
  const numbers = countries.map((country) => known.indexOf(country));
  const limits = currencies.map(
    ({ currency }) =>
      scenario.currencies.find(({ code }) => code === currency)?.remittancesUpToMinor,
  );
  const { debtors, creditors, messageTypes, amounts, currencies: debited } = payments.of;
  const segmentOf = (row: number): number => {
    if (messageTypes[row] === BANKS) return SEGMENTS.indexOf('wholesale');
    // Legs of trades and chains go when their parties agreed, and a return is no payment that anyone initiates.
    if (messageTypes[row] !== CUSTOMERS) return -1;
    const limit = limits[debited[row] as number];
    const isSmall = limit !== undefined && (amounts[row] as bigint) <= limit;
    return SEGMENTS.indexOf(isSmall ? 'remittances' : 'retail');
  };
  const placeOf = (row: number): number => {
    const creditor = creditors[row] as number;
    // Refused, as it named nobody that the pool knows.
    if (creditor === NONE32) return -1;
    const from = numbers[debtors[row] as number];
    const to = numbers[creditor];
    if (from === undefined || to === undefined || from === to) return -1;
    const segment = segmentOf(row);
    if (segment < 0) return -1;
    return (segment * known.length + from) * known.length + to;
  };
  return corridorsOf(scenario, payments, placeOf).map(({ place, figures }) => {
    const pair = place % known.length ** 2;
    return {
      segment: SEGMENTS[Math.floor(place / known.length ** 2)] as MarketSegment,
      country: known[Math.floor(pair / known.length)] as string,
      country2: known[pair % known.length] as string,
      ...figures,
    };
  });
}

function segmentFigures(
  scenario: Scenario,
  segment: MarketSegment,
  corridors: readonly CrossBorderCorridor[],
): SegmentFigures {
  const sum = (figure: (corridor: CrossBorderCorridor) => number) =>
    corridors.reduce((total, corridor) => total + figure(corridor), 0);
  const shares = corridors.flatMap(({ cost }) => cost?.share ?? []);
  return {
    segment,
    corridors: corridors.length,
    submitted: sum(({ submitted }) => submitted),
    refusedForRate: sum(({ refusedForRate }) => refusedForRate),
    speed: {
      corridors: corridors.filter(({ speed }) => speed.payments > 0).length,
      payments: sum(({ speed }) => speed.payments),
      withinHour: sum(({ speed }) => speed.withinHour),
      withinBusinessDay: sum(({ speed }) => speed.withinBusinessDay),
    },
    cost: {
      corridors: shares.length,
      share: averageCost(scenario, corridors),
      highestShare: shares.length === 0 ? null : Math.max(...shares),
    },
  };
}

/** Weighted by the value debited, in the base currency of the rates. A security has no rate, and needs none. */
function averageCost(
  { document: { rates }, currencies }: Scenario,
  corridors: readonly CrossBorderCorridor[],
): number | null {
  let [value, charged] = [new Exact(0), new Exact(0)];
  for (const { cost, currency, debitedMinor } of corridors) {
    if (cost === null || cost.share === null || rates === undefined) continue;
    const rate = referenceRate(rates, currency, rates.base);
    if (typeof rate === 'string') return null;
    const decimals = currencies.find(({ code }) => code === currency)?.minorUnits ?? 0;
    // In whole units, not rounded: in a base currency of high value all of it may come to less than a minor unit.
    const debited = new Exact(debitedMinor.toString()).mul(rate).div(new Exact(10).pow(decimals));
    value = value.add(debited);
    charged = charged.add(debited.mul(cost.share));
  }
  return value.isZero() ? null : Number(charged.div(value).toFixed(9));
}
