import { computed, signal } from '@preact/signals';
import { settledWords } from '../../protocol/names/vocabulary.ts';
import type { FeedRow } from '../told-to-page.ts';
import { Choice } from './choice.tsx';
import { tookText } from './clocks.ts';
import { clockText, shownMoney } from './format.ts';
import { decimalsOf, feed, isFinal, opened } from './page-state.ts';
import { Scroll } from './scroll.tsx';
import { statusTone, statusWord } from './words.ts';

const ROWS_MAX = 40;
/** What is shown while the feed is held. */
const held = signal<readonly FeedRow[] | null>(null);
const only = signal('');

const FILTERS = [
  ['', 'All'],
  ['ACSC', 'Settled'],
  ['PDNG', 'Waiting'],
  ['ACSP', 'Accepted'],
  ['RJCT', 'Rejected'],
  ['CANC', 'Cancelled'],
] as const;

const shown = computed(() =>
  (held.value ?? feed.value)
    .filter(({ status }) => only.value === '' || status === only.value)
    .slice(0, ROWS_MAX),
);

function Row({ row }: { readonly row: FeedRow }) {
  const { status, afterMs, afterScenarioMs, mechanism, reason, currency, currency2, uetr } = row;
  const converts = currency !== currency2;
  return (
    <li>
      <button type="button" disabled={uetr === ''} onClick={() => (opened.value = uetr)}>
        <span class="when">{clockText(row.atMs)}</span>
        <span class={`status ${statusTone(status, isFinal(row))}`}>
          {statusWord(status, isFinal(row))}
        </span>
        <span class="parties">
          {row.debtor || 'unknown'} <span aria-hidden="true">→</span>
          <span class="hidden"> to </span> {row.creditor || '–'}
        </span>
        <span class="amount">
          {currency === ''
            ? ''
            : `${currency} ${shownMoney(row.amountMinor, decimalsOf(currency))}`}
          {converts && (
            <small>
              {' '}
              → {currency2} {shownMoney(row.amount2Minor, decimalsOf(currency2))}
            </small>
          )}
        </span>
        <span class="how">
          {reason !== '' ? reason : settledWords(mechanism)}
          {status === 'ACSC' && afterMs > 0 && ` after ${tookText(afterMs, afterScenarioMs)}`}
        </span>
      </button>
    </li>
  );
}

export function Feed() {
  const isHeld = held.value !== null;
  return (
    <section class="panel" aria-labelledby="feed">
      <div class="panel-head">
        <h2 id="feed">Payments</h2>
        <Choice
          legend="Which payments"
          name="feed-status"
          options={FILTERS}
          chosen={only.value}
          choose={(status) => (only.value = status)}
        />
        <button
          type="button"
          class="plain"
          aria-pressed={isHeld}
          onClick={() => (held.value = isHeld ? null : feed.value)}
        >
          {isHeld ? 'Let it go on' : 'Hold'}
        </button>
      </div>
      <p class="note">
        The last whose status changed, the newest first. Open one for its history and proof.
      </p>
      {shown.value.length === 0 ? (
        <p class="empty">
          {only.value === ''
            ? 'No payment yet. Banks send over the gateway, or start with --traffic.'
            : 'None among the last hundred.'}
        </p>
      ) : (
        <Scroll label="Payments, list" isTall>
          <ol class="feed">
            {shown.value.map((row) => (
              <Row key={`${row.pool}/${row.position}`} row={row} />
            ))}
          </ol>
        </Scroll>
      )}
    </section>
  );
}
