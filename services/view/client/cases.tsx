import { signal } from '@preact/signals';
import type { OpenCase } from '../told-to-page.ts';
import { decideCase } from './api.ts';
import { dateTimeText, shownCount, shownMoney } from './format.ts';
import { cases, decimalsOf, openCases } from './page-state.ts';

/** By case: what is written as its reason, and why its last decision had no effect. */
const reasons = signal<ReadonlyMap<string, string>>(new Map());
const faults = signal<ReadonlyMap<string, string>>(new Map());
/** The case that is being decided. */
const deciding = signal<string | null>(null);

const withText = (texts: ReadonlyMap<string, string>, id: string, text: string) =>
  new Map([...texts, [id, text]]);

async function decide(id: string, action: 'acknowledge' | 'close'): Promise<void> {
  deciding.value = id;
  let fault = '';
  try {
    const why = reasons.value.get(id) ?? '';
    const { outcome, detail } = await decideCase(id, action, why.trim());
    if (outcome === 'done') reasons.value = withText(reasons.value, id, '');
    else fault = detail ?? outcome;
  } catch (error) {
    fault = (error as Error).message;
  }
  faults.value = withText(faults.value, id, fault);
  deciding.value = null;
}

/** What an outage holds, in words. */
function heldText({ trapped, waiting }: NonNullable<OpenCase['held']>): string {
  const money = trapped.map(
    ({ currency, amountMinor }) => `${currency} ${shownMoney(amountMinor, decimalsOf(currency))}`,
  );
  const banks = waiting.map(
    ({ bic, currency, payments }) => `${bic} (${shownCount(payments)} in ${currency})`,
  );
  return `${money.length > 0 ? `Came in and stays there: ${money.join(', ')}.` : 'Nothing came in that stays there.'}${banks.length > 0 ? ` Payments wait of ${banks.join(', ')}.` : ''}`;
}

function Case({ one }: { readonly one: OpenCase }) {
  const { id, severity, title, summary, openedMs, stoppedMs, acknowledged, held } = one;
  const why = reasons.value.get(id) ?? '';
  const fault = faults.value.get(id) ?? '';
  const isDisabled = deciding.value !== null || why.trim() === '';
  const button = (action: 'acknowledge' | 'close', label: string) => (
    <button
      type="button"
      disabled={isDisabled}
      aria-label={`${label} case ${id}`}
      onClick={() => void decide(id, action)}
    >
      {label}
    </button>
  );
  return (
    <li class={`case ${severity}`}>
      <p>
        <strong>{title}</strong>{' '}
        <small>
          case <code>{id}</code>, since {dateTimeText(openedMs)} UTC
          {stoppedMs === null ? '' : `, over since ${dateTimeText(stoppedMs)} UTC`}
        </small>
      </p>
      <p>{summary}</p>
      {held && <p class="held">As it was told last: {heldText(held)}</p>}
      {acknowledged && (
        <p>
          Acknowledged at {dateTimeText(acknowledged.atMs)} UTC under the key{' '}
          <code>{acknowledged.by}</code>: {acknowledged.why}
        </p>
      )}
      <div class="controls">
        <label>
          Reason{' '}
          <input
            type="text"
            aria-label={`Reason, of case ${id}`}
            maxLength={500}
            value={why}
            onInput={({ currentTarget }) => {
              reasons.value = withText(reasons.value, id, currentTarget.value);
            }}
          />
        </label>
        {!acknowledged && button('acknowledge', 'Acknowledge')}
        {button('close', 'Close')}
      </div>
      {fault !== '' && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </li>
  );
}

/** Cases of alerts that no operator has closed. */
export function Cases() {
  const shown = cases.value;
  if (shown.length === 0) return null;
  const more = openCases.value - shown.length;
  return (
    <section class="panel" aria-labelledby="cases">
      <div class="panel-head">
        <h2 id="cases">Open cases</h2>
      </div>
      <p class="note">
        One for each alert until you close it. What you decide is signed with the sandbox’s operator
        key, in its process.
      </p>
      <ul class="cases">
        {shown.map((one) => (
          <Case key={one.id} one={one} />
        ))}
      </ul>
      {more > 0 && (
        <p class="note">
          and {shownCount(more)} more: <code>corridor operator cases</code>
        </p>
      )}
    </section>
  );
}
