import type { CycleRow } from '../wire.ts';
import { clockText, countText } from './format.ts';
import { Scroll } from './scroll.tsx';
import { cycles } from './store.ts';
import { amountOf, shortageText } from './wait-text.tsx';
import { mechanismWord, outcomeWord } from './words.ts';

const ROWS_MAX = 14;

function Row({ row }: { readonly row: CycleRow }) {
  const { outcome, settled, left, value, heldUp, mechanism, currency, runs, sinceMs } = row;
  const values = Object.entries(value).map(([code, minor]) => amountOf(code, minor));
  return (
    <li>
      <p>
        <span class="when">{clockText(row.atMs)}</span>
        <span class={`status ${outcome}`}>{outcomeWord(outcome)}</span>
        <span class="detail">
          cycle {countText(row.number)}, {mechanismWord(mechanism)}
          {currency !== '' && ` in ${currency}`}
        </span>
      </p>
      <p>
        {settled === 0
          ? `Settled nothing${runs > 1 ? ` in ${countText(runs)} runs since ${clockText(sinceMs)}` : ''}`
          : `Settled ${countText(settled)}: ${values.join(', ')}`}
        {left > 0 && `; left ${countText(left)} waiting`}.
      </p>
      {heldUp.length > 0 && (
        <details>
          <summary>What holds up the rest</summary>
          <ul>
            {heldUp.map((one) => (
              <li key={`${one.uetr}/${one.bic}/${one.currency}`}>{shortageText(one)}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

export function Cycles() {
  const rows = cycles.value.slice(0, ROWS_MAX);
  return (
    <section class="panel" aria-labelledby="cycles">
      <div class="panel-head">
        <h2 id="cycles">Cycles</h2>
      </div>
      <p class="note">Runs of netting and gridlock resolution that found something queued</p>
      {rows.length === 0 ? (
        <p class="empty">No cycle has found anything queued yet.</p>
      ) : (
        <Scroll label="Cycles, list" isTall>
          <ol class="cycles">
            {rows.map((row) => (
              <Row key={`${row.pool}/${row.eventNumber}`} row={row} />
            ))}
          </ol>
        </Scroll>
      )}
    </section>
  );
}
