import type { WatchedAlert, WatchState } from '../told-to-page.ts';
import { clockText, shownCount, shownMoney } from './format.ts';
import { decimalsOf, drive, opened, watched, watches } from './page-state.ts';
import { Scroll } from './scroll.tsx';

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
          {reasons.join('; ')} <small>{shortModel(model)}</small>
        </span>
      </button>
    </li>
  );
}

const shortModel = (model: string) => <span title={model}>model {model.slice(0, 12)}</span>;

/** How the scoring of a pool goes, and what is missing for a case. */
function State({ state }: { readonly state: WatchState }) {
  const { pool, model, payments, hourPayments, hourAlerts, caseFrom, ended } = state;
  if (ended !== '')
    return (
      <p class="note fault" role="status">
        {pool}: the watch has ended ({ended}). No payment is scored any more, so no alert and no
        case comes of it until metrics is started again. All else goes on.
      </p>
    );
  return (
    <p class="note">
      {pool}, {shortModel(model)}: {shownCount(payments)} payments scored. Of the{' '}
      {shownCount(hourPayments)} of the last hour {shownCount(hourAlerts)} are alerts; a case opens
      from {shownCount(caseFrom)} on, looked for once a minute.
    </p>
  );
}

/** Payments that a model of the watched flow finds unusual, or why none is known. */
export function Watched() {
  const speed = drive.value?.state === 'running' ? drive.value.speed : 1;
  const isWatched = watches.value.some(({ ended }) => ended === '');
  return (
    <section class="panel" aria-labelledby="watched">
      <div class="panel-head">
        <h2 id="watched">Unusual payments</h2>
      </div>
      {watches.value.length === 0 && (
        <p class="note">
          No model scores payments here, so none is found unusual and no case of such payments
          opens. Metrics has none (<code>--watch-model FILE</code> of <code>corridor up</code> and{' '}
          <code>corridor drive</code> names one), or is not heard of.
        </p>
      )}
      {watches.value.map((state) => (
        <State key={state.pool} state={state} />
      ))}
      {isWatched && speed > 1 && (
        <p class="note" role="status">
          The scenario goes {shownCount(speed)} times as fast as the network’s clock, by which the
          model and the rule of cases count: {shownCount(speed)} hours of the scenario are one hour
          of theirs. Ordinary payments become alerts by that alone: a case that opens now need not
          be of an anomaly.
        </p>
      )}
      {watched.value.length > 0 && (
        <>
          <p class="note">
            The last whose score by the model is an alert since this view began, the newest first:
            score from 0 to 1, and what moved it most. It advises: nothing in settlement reads it.
          </p>
          <Scroll label="Unusual payments, list" isTall>
            <ol class="feed">
              {watched.value.map((row) => (
                <Row key={`${row.pool}/${row.model}/${row.uetr}/${row.atMs}`} row={row} />
              ))}
            </ol>
          </Scroll>
        </>
      )}
    </section>
  );
}
