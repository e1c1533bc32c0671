/** What a leg of a complete chain waits for besides money in the queues: who has to attest, and what is set aside meanwhile. */
import {
  type Awaited,
  awaitedOf,
  awaitedText,
  deadlineMsOf,
  holdersIn,
} from '../analysis/chains/awaited-attestors.ts';
import type { TwoPools } from '../protocol/messages/chain.ts';
import { instantOf, timeSeconds } from '../protocol/messages/settlement-times.ts';
import type { VerifiedPayment } from '../protocol/records/verified-record.ts';
import { type Amounts, listed, timeText } from './amount-words.ts';
import type { FurtherTerms, StateAt } from './payment-trace.ts';

/** A leg of the chain, and since when its money is set aside; null: it is not. */
export interface LegSetAside {
  readonly leg: number;
  readonly participant: string;
  readonly currency: string;
  readonly amount: bigint;
  readonly sinceMs: number | null;
}

/** What a chain that is complete waits for. */
export interface ChainWait {
  readonly kind: 'condition' | 'earmark';
  /** Who has to attest; null: its condition is met, or it has none; or the log has no message that names them. */
  readonly awaited: Awaited | null;
  /** Attestors who hold it. */
  readonly holders: readonly string[];
  readonly deadlineMs: number | null;
  readonly silenceSettles: boolean;
  /** In their order; none: nothing is to be set aside now. */
  readonly legs: readonly LegSetAside[];
  readonly expiryMs: number | null;
  /** At the expiry it goes on without earmarks; else it ends. */
  readonly goesOn: boolean;
  /** Of a chain over two pools: what it waits for of the other. */
  readonly over?: TwoPools & { readonly isPromised: boolean };
}

/**
 * @param record of the leg that is asked about
 * @param atMs the instant of the state: what was attested may have lapsed since its last event
 * @param isFunded whether a leg of the chain stands in a queue to be set aside
 * @returns null: it waits for neither
 */
export function chainWaitOf(
  { pool, records }: StateAt,
  position: number,
  record: VerifiedPayment,
  terms: FurtherTerms | null,
  isFunded: boolean,
  atMs: number,
): ChainWait | null {
  const chain = pool.chains.get(position);
  if (record.kind !== 'chainLeg' || !chain) return null;
  const asked = pool.notes.isMet(position) ? null : (terms?.asked ?? null);
  const isSetAside = chain.some((leg) => pool.notes.earmarks.has(leg.position));
  if (!asked && !isFunded && !isSetAside) return null;
  const { settlementDate } = record.content;
  const said = pool.notes.verdictsOf(position, atMs);
  const verdicts = new Map([...said].map(([handle, one]) => [pool.directory.bic(handle), one]));
  const beganMs = pool.notes.beganMs(position) ?? record.appendedAtMs;
  const isPromised = pool.notes.isPromised(position);
  const legs = chain.flatMap((one, place): LegSetAside[] => {
    const own = one.position === position ? record : records.get(one.position);
    if (!own) return [];
    const { debtorAgent, currency1, amount1 } = own.content;
    const sinceMs = pool.notes.earmarks.get(one.position) ?? null;
    const amounts = { currency: currency1, amount: amount1, sinceMs };
    return [{ leg: place + 1, participant: debtorAgent, ...amounts }];
  });
  return {
    kind: asked ? 'condition' : 'earmark',
    awaited: asked ? awaitedOf(asked, verdicts) : null,
    holders: holdersIn(verdicts),
    deadlineMs: asked && !isPromised ? deadlineMsOf(asked, settlementDate, beganMs) : null,
    silenceSettles: asked?.onSilence === 'settle',
    legs: isFunded || isSetAside ? legs : [],
    expiryMs:
      terms?.earmark && !isPromised && (isFunded || isSetAside)
        ? instantOf(settlementDate, timeSeconds(terms.earmark.expiry))
        : null,
    goesOn: terms?.earmark?.onExpiry === 'continue',
    ...(terms?.over && asked && { over: { ...terms.over, isPromised } }),
  };
}

/** In one sentence; begins with a small letter. */
export function chainWaitSentence(wait: ChainWait, past: boolean, amounts: Amounts): string {
  const parts = [
    ...(wait.kind === 'condition' ? [`it ${conditionText(wait, past)}`] : []),
    ...(wait.legs.length > 0 ? [setAsideText(wait, past, amounts)] : []),
    ...(wait.over ? [overText(wait.over, past)] : []),
  ];
  return parts.join('; ');
}

function conditionText(
  { awaited, holders, deadlineMs, silenceSettles }: ChainWait,
  past: boolean,
): string {
  const [waits, hold, end] = past
    ? ['waited', 'held', 'would have ended']
    : ['waits', holders.length > 1 ? 'hold' : 'holds', 'ends'];
  const whom = awaited ? awaitedText(awaited) : '';
  const settles = past ? 'silence would have counted' : 'silence counts';
  const until =
    deadlineMs === null
      ? ''
      : silenceSettles
        ? `, and at ${timeText(deadlineMs)} ${settles} as acceptance`
        : `, and ${end} at ${timeText(deadlineMs)} without it`;
  const held = holders.length > 0 ? `, while ${listed(holders)} ${hold} it` : '';
  return `${waits} for its condition${whom === '' ? '' : `, that is for ${whom}`}${held}${until}; no money meets it`;
}

/** Which pool is waited for. */
function overText(
  { operator, isHome, otherCode, isPromised }: NonNullable<ChainWait['over']>,
  past: boolean,
): string {
  const [accepts, decides, ends] = past
    ? ['would have accepted', 'decided', 'nothing else would have ended it']
    : ['accepts', 'decides', 'nothing else ends it'];
  if (isHome) return `${operator} ${accepts} once the pool of ${otherCode} has promised its part`;
  const home = `its home, the pool of ${otherCode}, ${decides}, and ${operator} carries that over`;
  return isPromised ? `${home}; it is promised: ${ends}` : home;
}

function setAsideText({ legs, expiryMs, goesOn }: ChainWait, past: boolean, amounts: Amounts) {
  const [is, waits, expires, then] = past
    ? ['was', 'waited', 'would have expired', ['would have gone on without', 'would have ended']]
    : (['is', 'waits', 'expires', ['goes on without', 'ends']] as const);
  const much = ({ leg, participant, currency, amount }: LegSetAside) =>
    `${amounts.text(currency, amount)} of ${participant} (leg ${leg})`;
  const there = legs.flatMap((one) =>
    one.sinceMs === null ? [] : [`${much(one)} since ${timeText(one.sinceMs)}`],
  );
  const open = legs.filter(({ sinceMs }) => sinceMs === null).map(much);
  const texts = [
    there.length > 0
      ? `money ${is} set aside for its chain: ${listed(there)}`
      : `nothing ${is} set aside for its chain yet`,
    ...(open.length > 0 ? [`${listed(open)} ${waits} for money to set aside`] : []),
    ...(expiryMs === null
      ? []
      : [
          `what ${is} set aside ${expires} at ${timeText(expiryMs)}, and the chain then ${then[goesOn ? 0 : 1]}`,
        ]),
  ];
  return texts.join('; ');
}
