import type { EventOf, SettlementEvent } from '../core/settlement/settlement-event.ts';

/** What an event sets of the bounds of an account's payments: rows of `limits` (infra/clickhouse). */
export interface SetBound {
  readonly kind:
    | 'bilateralLimit'
    | 'multilateralLimit'
    | 'reservationUrgent'
    | 'reservationHigh'
    | 'netDebitCap'
    | 'bilateralCap'
    | 'creditLine'
    | 'creditCapacity'
    | 'aggregateShortLimit'
    | 'pooledCollateral';
  readonly counterparty: number | null;
  /** Minor units; null: no such bound from now on. */
  readonly amount: bigint | null;
}

type BoundEvent = EventOf<
  | 'accountOpened'
  | 'creditLineSet'
  | 'collateralSet'
  | 'capSet'
  | 'limitSet'
  | 'reservationSet'
  | 'crossLimitSet'
>;

const own = (kind: SetBound['kind'], amount: bigint | null): SetBound => ({
  kind,
  counterparty: null,
  amount,
});

type Sets<Kind extends SettlementEvent['kind']> = (event: EventOf<Kind>) => readonly SetBound[];

const BOUNDS: { readonly [Kind in BoundEvent['kind']]: Sets<Kind> } = {
  accountOpened: ({ creditLine }) => (creditLine > 0n ? [own('creditLine', creditLine)] : []),
  creditLineSet: ({ creditLine }) => [own('creditLine', creditLine)],
  collateralSet: ({ creditCapacity }) => [own('creditCapacity', creditCapacity)],
  capSet: ({ counterparty, cap }) => [
    { kind: counterparty === null ? 'netDebitCap' : 'bilateralCap', counterparty, amount: cap },
  ],
  limitSet: ({ counterparty, limit }) => [
    {
      kind: counterparty === null ? 'multilateralLimit' : 'bilateralLimit',
      counterparty,
      amount: limit,
    },
  ],
  reservationSet: ({ priority, amount }) => [
    own(priority === 0 ? 'reservationUrgent' : 'reservationHigh', amount),
  ],
  crossLimitSet: ({ aggregateShort, pooledCollateral }) => [
    own('aggregateShortLimit', aggregateShort),
    own('pooledCollateral', pooledCollateral),
  ],
};

const setsBound = (event: SettlementEvent): event is BoundEvent => event.kind in BOUNDS;

/** The account whose bounds an event sets, and which; null: none. */
export function boundsSet(event: SettlementEvent): {
  readonly participant: number;
  readonly currency: number;
  readonly bounds: readonly SetBound[];
} | null {
  if (!setsBound(event)) return null;
  const { participant, currency } = event;
  const bounds = (BOUNDS[event.kind] as (one: BoundEvent) => readonly SetBound[])(event);
  return { participant, currency, bounds };
}
