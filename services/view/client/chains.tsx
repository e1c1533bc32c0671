import type { ChainsState, WaitingChain } from '../told-to-page.ts';
import { ageText, clockText, shownCount } from './format.ts';
import { chains, nowSecond, opened, pools } from './page-state.ts';
import { ScrollTable, type ScrollTableProps } from './scroll-table.tsx';
import { amountOf } from './wait-text.tsx';

/** States with what each counts; who waits for attestors is among those that wait. */
const STATES: readonly (readonly [string, (of: ChainsState) => number])[] = [
  ['complete', ({ matched }) => matched],
  ['settled', ({ settled }) => settled],
  ['waiting', ({ waiting }) => waiting],
  ['of these for attestors', ({ awaitingAttestors }) => awaitingAttestors],
  ['refused by attestors', ({ refused }) => refused],
  ['ended at the deadline', ({ deadline }) => deadline],
  ['ended as earmarks expired', ({ expired }) => expired],
  ['ended as the cap was reached', ({ capped }) => capped],
  ['gone on without earmarks', ({ unearmarked }) => unearmarked],
  ['promised to what another pool decides', ({ promised }) => promised],
];
const EARMARKS: readonly (readonly [string, keyof ChainsState['earmarks']])[] = [
  ['set aside so far', 'set'],
  ['settled', 'settled'],
  ['expired', 'expired'],
  ['released', 'released'],
];

const WAIT_HEADS: ScrollTableProps['heads'] = [
  ['Chain'],
  ['Legs', 'num'],
  ['Set aside', 'num'],
  ['For', 'num'],
  ['Waits for'],
];
const SAID = ['accepted', 'refused', 'held', 'recorded', 'notCounted'] as const;
const SAID_HEADS: ScrollTableProps['heads'] = [
  ['Attestor'],
  ['Accepted', 'num'],
  ['Refused', 'num'],
  ['Held', 'num'],
  ['Recorded', 'num'],
  ['Not counted', 'num'],
];

/** Whom a chain waits for, who holds it and until when. */
function waitText({ awaited, holders, deadlineMs, silenceSettles, metMs }: WaitingChain): string {
  if (awaited === null)
    return metMs === null
      ? 'Money, a time or a netting cycle'
      : `Money, a time or a netting cycle: its condition is met since ${clockText(metMs)}`;
  const held = holders.length > 0 ? `; held by ${holders.join(', ')}` : '';
  const end = silenceSettles ? 'then silence counts as acceptance' : 'then it ends';
  return `${awaited}${held}${deadlineMs === null ? '' : `; until ${clockText(deadlineMs)} UTC, ${end}`}`;
}

function Pool({ of }: { readonly of: ChainsState }) {
  const now = nowSecond.value * 1000;
  const name = pools.value.length > 1 ? `, pool ${of.pool}` : '';
  const counted = STATES.map(([state, count]) => `${shownCount(count(of))} ${state}`);
  const ends = EARMARKS.map(([end, count]) => `${shownCount(of.earmarks[count])} ${end}`);
  const earmarked = of.earmarked.map(({ currency, minor }) => amountOf(currency, minor));
  return (
    <>
      <p class="note">
        Chains{name}: {counted.join(', ')}.
      </p>
      <p class="note">
        Legs: {ends.join(', ')}. Set aside now:{' '}
        {earmarked.length === 0 ? 'nothing' : earmarked.join(', ')}.
      </p>
      {of.chains.length > 0 && (
        <ScrollTable label={`Chains that wait${name}`} heads={WAIT_HEADS} isTall>
          {of.chains.map((one) => (
            <tr key={one.position}>
              <th scope="row">
                <button type="button" class="link" onClick={() => (opened.value = one.uetr)}>
                  {one.uetr.slice(0, 8)}…
                </button>
              </th>
              <td class="num">{shownCount(one.legs)}</td>
              <td class="num">{shownCount(one.earmarks)}</td>
              <td class="num">{ageText(now - one.sinceMs)}</td>
              <td>{waitText(one)}</td>
            </tr>
          ))}
        </ScrollTable>
      )}
      {of.waiting > of.chains.length && (
        <p class="note">And {shownCount(of.waiting - of.chains.length)} more.</p>
      )}
      {of.attestations.length > 0 && (
        <ScrollTable label={`Attestations by attestor${name}`} heads={SAID_HEADS} isTall>
          {of.attestations.map((one) => (
            <tr key={one.attestor}>
              <th scope="row">{one.attestor}</th>
              {SAID.map((verdict) => (
                <td class="num" key={verdict}>
                  {shownCount(one[verdict])}
                </td>
              ))}
            </tr>
          ))}
        </ScrollTable>
      )}
    </>
  );
}

/** Shown where there are any. */
export function Chains() {
  if (chains.value.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="chains">
      <div class="panel-head">
        <h2 id="chains">Chains and attestations</h2>
      </div>
      {chains.value.map((of) => (
        <Pool key={of.pool} of={of} />
      ))}
    </section>
  );
}
