import { durationText, mechanismWords } from '../../protocol/names/vocabulary.ts';
import type { CycleRow, ViewPool } from '../told-to-page.ts';
import { clockText, shownCount } from './format.ts';
import { cycles, drive, nowSecond, pools } from './page-state.ts';
import { Scroll } from './scroll.tsx';
import { amountOf, shortageText } from './wait-text.tsx';
import { outcomeWord } from './words.ts';

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
          {pools.value.length > 1 && `pool ${row.pool}, `}cycle {shownCount(row.number)},{' '}
          {mechanismWords(mechanism)}
          {currency !== '' && ` in ${currency}`}
        </span>
      </p>
      <p>
        {settled === 0
          ? `Settled nothing${runs > 1 ? ` in ${shownCount(runs)} runs since ${clockText(sinceMs)}` : ''}`
          : `Settled ${shownCount(settled)}: ${values.join(', ')}`}
        {left > 0 && `; left ${shownCount(left)} waiting`}.
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

/** When a pool's cycles run: by the clock, and else by what starts them. */
function whenText({ cycle }: ViewPool, now: number): string | null {
  if (cycle === null) return null;
  const { everyMs, nextMs } = cycle;
  if (everyMs === 0) return 'They run before a close, and when the operator asks.';
  const every = `every ${intervalText(everyMs)} while a currency is open`;
  if (nextMs === null) return `They run ${every}: none is now.`;
  // The clock of the page is a whole second.
  const left = Math.max(0, Math.ceil((nextMs - now) / 1000)) * 1000;
  return `The next runs at ${clockText(nextMs)} UTC, in ${left < 60_000 ? `${left / 1000} s` : durationText(left)}; they run ${every}.`;
}

/** Of whole seconds or minutes, which intervals mostly are. */
function intervalText(ms: number): string {
  if (ms % 60_000 === 0) return ms === 60_000 ? 'minute' : `${ms / 60_000} minutes`;
  return ms % 1000 === 0 ? `${ms / 1000} s` : durationText(ms);
}

function Schedule() {
  const now = nowSecond.value * 1000;
  const all = pools.value;
  const isFast = drive.value !== null && drive.value.state !== 'ended' && drive.value.speed !== 1;
  const lines = all.map((pool) => {
    const text = whenText(pool, now);
    return (
      text !== null && (
        <p class="note" key={pool.pool}>
          {all.length > 1 && `Pool ${pool.pool}: `}
          {text}
        </p>
      )
    );
  });
  return (
    <>
      {lines}
      {isFast && all.some(({ cycle }) => cycle !== null) && (
        <p class="note">Others come from the driven scenario, at its own times.</p>
      )}
    </>
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
      <Schedule />
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
