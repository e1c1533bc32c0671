import type { WatchedAlert } from '../wire.ts';
import { clockText, shownMoney } from './format.ts';
import { Scroll } from './scroll.tsx';
import { decimalsOf, opened, watched } from './store.ts';

function Row({ row }: { readonly row: WatchedAlert }) {
  const { uetr, atMs, debtor, creditor, currency, amountMinor, score, reasons, model } = row;
  return (
    <li>
      <button type="button" disabled={uetr === ''} onClick={() => (opened.value = uetr)}>
        <span class="when">{clockText(atMs)}</span>
        <span class="status">{score.toFixed(3)}</span>
        <span class="parties">
          {debtor} <span aria-hidden="true">→</span>
          <span class="hidden"> to </span> {creditor}
        </span>
        <span class="amount">
          {currency} {shownMoney(amountMinor, decimalsOf(currency))}
        </span>
        <span class="how">
          {reasons.join('; ')} <small title={model}>model {model.slice(0, 12)}</small>
        </span>
      </button>
    </li>
  );
}

/** Payments that a model of the watched flow finds unusual. */
export function Watched() {
  if (watched.value.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="watched">
      <div class="panel-head">
        <h2 id="watched">Unusual payments</h2>
      </div>
      <p class="note">
        The last whose score by the model is an alert since this view began, the newest first: score
        from 0 to 1, and what moved it most. It advises: nothing in settlement reads it.
      </p>
      <Scroll label="Unusual payments, list" isTall>
        <ol class="feed">
          {watched.value.map((row) => (
            <Row key={`${row.pool}/${row.model}/${row.uetr}/${row.atMs}`} row={row} />
          ))}
        </ol>
      </Scroll>
    </section>
  );
}
