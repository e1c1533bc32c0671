import { signal, useSignalEffect } from '@preact/signals';
import { type ComponentChildren, Fragment } from 'preact';
import { useRef } from 'preact/hooks';
import { settledWords } from '../../protocol/names/vocabulary.ts';
import type { HistoryStep, OriginalView, PaymentHistory } from '../told-to-page.ts';
import { askProof } from './api.ts';
import { asked, followPayment, searchAll } from './asked-payment.ts';
import { tookText } from './clocks.ts';
import { dateTimeText, preciseClockText, shownCount } from './format.ts';
import { checkProof, type ProofCheck } from './hash-chain-check.ts';
import { isFinal, opened, participantName } from './page-state.ts';
import { amountOf, shortageText, waitTexts } from './wait-text.tsx';
import { statusTone, statusWord, stepWord } from './words.ts';

const checks = signal<ReadonlyMap<number, ProofCheck | string>>(new Map());

async function check(step: HistoryStep): Promise<void> {
  let result: ProofCheck | string;
  try {
    const { pool, eventNumber, place } = step;
    result = await checkProof(await askProof(pool, place.logOffset, eventNumber));
  } catch (error) {
    result = (error as Error).message;
  }
  checks.value = new Map(checks.value).set(step.eventNumber, result);
}

function Check({ step }: { readonly step: HistoryStep }) {
  const result = checks.value.get(step.eventNumber);
  return (
    <div class="check" aria-live="polite">
      {result === undefined && (
        <button type="button" class="plain" onClick={() => void check(step)}>
          Compute the chain again in this browser
        </button>
      )}
      {typeof result === 'string' && <p class="bad">{result}</p>}
      {typeof result === 'object' && (
        <p class={result.holds ? 'good' : 'bad'}>
          {result.holds
            ? `Holds: SHA-256 over events ${shownCount(result.firstNumber)} to ${shownCount(result.lastNumber)} gives the digest after.`
            : `Does not hold: events ${shownCount(result.firstNumber)} to ${shownCount(result.lastNumber)} give ${result.digest}.`}
        </p>
      )}
    </div>
  );
}

const eventsText = ({ firstNumber, count }: HistoryStep['place']) =>
  count === 1
    ? `event ${shownCount(firstNumber)}`
    : `events ${shownCount(firstNumber)} to ${shownCount(firstNumber + count - 1)}`;

type FactRow = readonly [term: string, text: ComponentChildren];

const Facts = ({ rows }: { readonly rows: readonly FactRow[] }) => (
  <dl class="facts">
    {rows.map(([term, text]) => (
      <Fragment key={term}>
        <dt>{term}</dt>
        <dd>{text}</dd>
      </Fragment>
    ))}
  </dl>
);

function Place({ step }: { readonly step: HistoryStep }) {
  const { place, eventNumber } = step;
  return (
    <details>
      <summary>
        Proof: event {shownCount(eventNumber)} of pool {step.pool}
      </summary>
      <Facts
        rows={[
          [
            'Stands in',
            `topic ${place.topic}, offset ${shownCount(place.logOffset)}: ${eventsText(place)}`,
          ],
          ['Taken by the log', `${dateTimeText(place.appendedAtMs)} UTC`],
          ['Caused by', `record ${shownCount(place.inputPosition)} of the pool’s input`],
          ['Digest before', <code key="before">{place.digestBefore}</code>],
          ['Digest after', <code key="after">{place.digestAfter}</code>],
        ]}
      />
      <Check step={step} />
    </details>
  );
}

/** In which cycles, and how often it was said. */
function oftenText({ kind, cycle, repeats }: HistoryStep): string {
  const { count = 1, firstCycle = cycle } = repeats ?? {};
  if (kind !== 'heldUp')
    return `${cycle > 0 ? ` in cycle ${shownCount(cycle)}` : ''}${count > 1 ? `, ${shownCount(count)} times: the last` : ''}`;
  if (count === 1) return ` in cycle ${shownCount(cycle)}`;
  return ` in ${shownCount(count)} cycles, ${shownCount(firstCycle)} to ${shownCount(cycle)}: the last`;
}

function Step({ step, first }: { readonly step: HistoryStep; readonly first: HistoryStep }) {
  const isOther = step.position !== first.position;
  const after = step.atMs - first.atMs;
  const afterScenarioMs =
    step.scenarioMs === undefined || first.scenarioMs === undefined
      ? undefined
      : step.scenarioMs - first.scenarioMs;
  return (
    <li class={`step ${step.status}`}>
      <p class="step-head">
        <strong>{stepWord(step.kind)}</strong>
        {step.mechanism !== '' && ` ${step.kind === 'settled' ? settledWords(step.mechanism) : ''}`}
        {oftenText(step)}
        {isOther && ': another message under this UETR'}
        <span class="when">
          {preciseClockText(step.atMs)} UTC
          {step.scenarioMs !== undefined &&
            ` (${dateTimeText(step.scenarioMs)} in the scenario’s time)`}
          {after > 0 && `, after ${tookText(after, afterScenarioMs)}`}
        </span>
      </p>
      {step.reason !== '' && (
        <p>
          {step.reason}: {step.reasonText}
        </p>
      )}
      {step.shortages.length > 0 && <p>{step.shortages.map(shortageText).join('; ')}.</p>}
      {step.balances.length > 0 && (
        <p class="detail">
          Balances after:{' '}
          {step.balances
            .map(({ bic, currency, balanceMinor }) => `${bic} ${amountOf(currency, balanceMinor)}`)
            .join(' · ')}
        </p>
      )}
      <Place step={step} />
    </li>
  );
}

/** The payload, one element a line; what is no JSON stays as it is. */
function indented(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}

function Original({ original }: { readonly original: OriginalView }) {
  return (
    <details>
      <summary>
        {original.payload === null
          ? `The message that names ${original.sender}`
          : `The message as ${original.sender} signed it`}
      </summary>
      <Facts
        rows={[
          ['Type', original.messageType],
          ['Signed', `${dateTimeText(original.issuedAtMs)} UTC with key ${original.keyId}`],
          [
            'Stands in',
            `topic payments, partition ${original.partition}, offset ${shownCount(original.logOffset)}`,
          ],
          ['SHA-256 of the payload', <code key="digest">{original.payloadDigest}</code>],
          ['Signature', <code key="signature">{original.signature}</code>],
        ]}
      />
      {original.payload === null ? (
        <p>It failed authentication: its payload is in the topic payments alone.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <pre tabIndex={0}>{indented(original.payload)}</pre>
      )}
    </details>
  );
}

interface FoundProps {
  readonly payment: PaymentHistory;
  readonly isSearching: boolean;
}

function Found({ payment, isSearching }: FoundProps) {
  const { steps, wait, original, complete, explainedBy } = payment;
  const isUnknown = wait?.release?.kind === 'notKnown' && wait.release.why !== 'pending';
  const own = steps.filter(({ position }) => position === payment.position);
  const first = (own[0] ?? steps[0]) as HistoryStep;
  const last = [...own].reverse().find(({ status }) => status !== '') ?? first;
  const [why, release] = wait ? waitTexts(wait, first.debtor, first.currency) : ['', ''];
  return (
    <>
      <p class="summary">
        <span class={`status ${statusTone(last.status, isFinal(last))}`}>
          {statusWord(last.status, isFinal(last))}
        </span>
        <span class="sum">
          {first.currency !== '' && amountOf(first.currency, first.amountMinor)}
          {first.currency !== first.currency2 &&
            ` → ${amountOf(first.currency2, first.amount2Minor)}`}
        </span>
        <span>
          {first.debtor} <small>{participantName(first.debtor)}</small> → {first.creditor}{' '}
          <small>{participantName(first.creditor)}</small>
          {first.dealer !== '' && ` through ${first.dealer}`}
        </span>
      </p>
      {why !== '' && (
        <p class="waits-for">
          <strong>{why}.</strong> {release !== '' && `${release}.`}
          {isUnknown && explainedBy !== '' && (
            <>
              {' '}
              <code>{explainedBy}</code> says it, after the network has stopped.
            </>
          )}
        </p>
      )}
      <h3>History</h3>
      <ol class="steps">
        {steps.map((step) => (
          <Step key={step.eventNumber} step={step} first={first} />
        ))}
      </ol>
      {!complete && (
        <p class="note">
          Steps between the first and the last are left out.{' '}
          <button
            type="button"
            class="plain"
            disabled={isSearching}
            onClick={() => void searchAll(payment.uetr)}
          >
            {isSearching ? 'Searching…' : 'Search the whole log'}
          </button>
        </p>
      )}
      {original && <Original original={original} />}
    </>
  );
}

/** As a sentence. */
const endOf = (fault: string): string =>
  `${fault.charAt(0).toUpperCase()}${fault.slice(1)}${fault.endsWith('.') ? '' : '.'}`;

/** The history of one payment, over the page. */
export function Payment() {
  const dialog = useRef<HTMLDialogElement>(null);
  useSignalEffect(() => {
    const uetr = opened.value;
    followPayment(uetr);
    if (uetr === null) {
      dialog.current?.close();
      return;
    }
    checks.value = new Map();
    if (!dialog.current?.open) dialog.current?.showModal();
  });
  const { payment, fault, isSearching } = asked.value;
  const close = () => {
    opened.value = null;
  };
  // The browser tells a frame later that the dialog has closed: by then it may be open again.
  const closed = () => {
    if (!dialog.current?.open) close();
  };
  return (
    <dialog
      ref={dialog}
      class="payment"
      aria-labelledby="payment-title"
      onCancel={close}
      onClose={closed}
    >
      <div class="dialog-head">
        <h2 id="payment-title">
          Payment <code>{opened.value}</code>
        </h2>
        <button type="button" class="plain" onClick={close}>
          Close
        </button>
      </div>
      {payment === null && fault === '' && <p class="empty">Looking it up in the log…</p>}
      {fault !== '' && (
        <p class={payment === null ? 'empty' : 'not-newer'} role="alert">
          {payment === null ? fault : `${endOf(fault)} What follows was told before.`}
        </p>
      )}
      {payment !== null && <Found payment={payment} isSearching={isSearching} />}
    </dialog>
  );
}
