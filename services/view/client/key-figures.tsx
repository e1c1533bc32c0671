import { computed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { durationText, settledWords } from '../../protocol/names/vocabulary.ts';
import type { AccountState } from '../told-to-page.ts';
import { isDriven, waitedText } from './clocks.ts';
import { shownCount, shownRate, shownShare } from './format.ts';
import { accounts, currencies, finality, nowSecond, points, totals } from './page-state.ts';

/** Seconds over which the present rate is a mean. */
const RATE_SECONDS = 10;

const rate = computed(() => {
  const from = nowSecond.value - RATE_SECONDS;
  const recent = points.value.filter(({ atS }) => atS >= from && atS < nowSecond.value);
  return recent.reduce((sum, { settled }) => sum + settled, 0) / RATE_SECONDS;
});

const oldest = computed(() => {
  let first: AccountState | null = null;
  for (const account of accounts.value.values()) {
    const since = account.oldestMs;
    if (since !== null && (first === null || since < (first.oldestMs as number))) first = account;
  }
  return first;
});

interface TileProps {
  readonly title: string;
  readonly value: string;
  readonly unit?: string;
  readonly tone?: 'good' | 'bad';
  readonly children?: ComponentChildren;
}

function Tile({ title, value, unit, tone, children }: TileProps) {
  return (
    <div class="tile">
      <dt>{title}</dt>
      <dd>
        <span class={`value ${tone ?? ''}`}>
          {value}
          {unit && <small> {unit}</small>}
        </span>
        <span class="detail">{children}</span>
      </dd>
    </div>
  );
}

/** The largest first, as text. */
function parts(counts: Readonly<Record<string, number>>, word: (name: string) => string): string {
  return Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([name, count]) => `${word(name)} ${shownCount(count)}`)
    .join(' · ');
}

const time = (ms: number | null | undefined) =>
  ms === null || ms === undefined ? '–' : durationText(ms);

function waitingText(queued: number, first: AccountState | null): string {
  if (queued === 0) return 'nothing waits';
  if (first === null) return 'none of them in a queue';
  return `the oldest for ${waitedText(first.oldestMs as number, first.oldestScenarioMs)}`;
}

export function Tiles() {
  const sum = totals.value;
  if (!sum) return null;
  const ofNetwork = finality.value;
  const times = ofNetwork?.scenario ?? ofNetwork;
  const broken = currencies.value.filter(({ isConserved }) => !isConserved);
  return (
    <dl class="tiles">
      <Tile title="Settling now" value={shownRate(rate.value)} unit="a second">
        {shownCount(sum.submitted)} submitted so far
      </Tile>
      <Tile title="Settled" value={shownCount(sum.settled)}>
        {shownShare(sum.settled, sum.submitted)}
        {sum.settled > 0 && <> · {parts(sum.byMechanism, settledWords)}</>}
      </Tile>
      <Tile title="Time to finality" value={time(times?.p50)} unit="p50">
        p95 {time(times?.p95)} · p99 {time(times?.p99)}
        {isDriven.value && (times === ofNetwork ? ' · network’s clock' : ' · scenario’s time')}
        <br />
        {shownCount(ofNetwork?.count ?? 0)} in the last minute
        {isDriven.value && ' of the network'}
      </Tile>
      <Tile title="Waiting" value={shownCount(sum.queued)}>
        {waitingText(sum.queued, oldest.value)}
        {sum.accepted > 0 && (
          <>
            <br />
            {shownCount(sum.accepted)} accepted for netting
          </>
        )}
      </Tile>
      <Tile title="Rejected" value={shownCount(sum.rejected)}>
        {sum.rejected > 0 ? parts(sum.byReason, (code) => code) : 'none'}
        <br />
        {shownCount(sum.cancelled)} cancelled · {shownCount(sum.repeated)} repeated
      </Tile>
      <Tile
        title="Money"
        value={broken.length === 0 ? 'Conserved' : 'Not conserved'}
        tone={broken.length === 0 ? 'good' : 'bad'}
      >
        {broken.length === 0
          ? `balances add up in ${currencies.value.length === 1 ? 'its currency' : `all ${currencies.value.length} currencies`}`
          : broken.map(({ code }) => code).join(', ')}
      </Tile>
    </dl>
  );
}
