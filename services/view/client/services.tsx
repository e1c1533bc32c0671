import { durationText } from '../../protocol/names/vocabulary.ts';
import type { CheckState, CosignedState, SealState, ServiceState } from '../told-to-page.ts';
import { clockText, shownCount } from './format.ts';
import { nowSecond, pools, services } from './page-state.ts';
import { ScrollTable, type ScrollTableProps } from './scroll-table.tsx';

/** A lag is told with its duration from here on. */
const LAG_TOLD_MS = 1_000;

const TONES = { stopped: 'bad', notReady: 'bad', silent: 'warn', ready: 'good' };
const ORDER = ['bad', 'warn', 'good'];

function stateText({ state, fault, atMs }: ServiceState, now: number): string {
  if (state === 'stopped') return `stopped: ${fault}`;
  if (state === 'silent') return `silent for ${durationText(now - atMs)}`;
  return state === 'ready' ? 'ready' : 'not ready';
}

const rankOf = ({ state, service }: ServiceState): number =>
  2 * ORDER.indexOf(TONES[state]) + Number(service.startsWith('bank '));

/** Those that are not well first, a sandbox's banks last. Whether one is well: ../service-book.ts. */
const sorted = (all: readonly ServiceState[]): ServiceState[] =>
  [...all].sort((a, b) => rankOf(a) - rankOf(b));

/** What the last reconciliation said. */
function checkText(check: CheckState | null): string {
  if (check === null) return 'not compared with clearing yet';
  const { differences, figures, atMs, eventNumber } = check;
  const what =
    differences === 0
      ? `all ${shownCount(figures)} figures agree with clearing’s events`
      : `${shownCount(differences)} of ${shownCount(figures)} figures differ from clearing’s events`;
  return `${what}, up to event ${shownCount(eventNumber)}, at ${clockText(atMs)} UTC`;
}

const sealText = (sealed: SealState | null): string =>
  sealed === null
    ? 'no checkpoint heard of'
    : `sealed up to event ${shownCount(sealed.eventNumber)}, at ${clockText(sealed.atMs)} UTC`;

/** Who agreed: `BIC` of a witness, and of an auditor that it settled all of it again. */
function agreedText({ eventNumber, cosigners }: CosignedState): string {
  const by = cosigners
    .filter(({ size }) => size > 0)
    .map(({ name, size }) => {
      const who = name.slice(name.lastIndexOf('/') + 1);
      const what = name.includes('/auditor/') ? 're-executed to' : 'to';
      return `${who} ${what} ${shownCount(size)}`;
    });
  const upTo =
    eventNumber === 0
      ? 'not cosigned by the policy’s quorum yet'
      : `cosigned by the policy’s quorum up to event ${shownCount(eventNumber)}`;
  return by.length > 0 ? `${upTo} (${by.join(', ')})` : upTo;
}

const HEADS: ScrollTableProps['heads'] = [
  ['Service'],
  ['State'],
  ['Records/s', 'num'],
  ['Lag', 'num'],
];

export function Services() {
  const now = nowSecond.value * 1000;
  return (
    <section class="panel" aria-labelledby="services">
      <div class="panel-head">
        <h2 id="services">Services</h2>
      </div>
      <p class="note">
        As each said of itself a second ago: records it handled, and those that wait for it
      </p>
      {services.value.length === 0 ? (
        <p class="empty">No service has told how it is yet.</p>
      ) : (
        <ScrollTable label="Services" heads={HEADS} style="services" isTall>
          {sorted(services.value).map((one) => (
            <tr key={`${one.instance}/${one.service}/${one.reader}`}>
              <th scope="row">
                {one.service} <small>{one.reader}</small>
              </th>
              <td class={TONES[one.state]}>{stateText(one, now)}</td>
              <td class="num">{shownCount(one.records)}</td>
              <td class="num">
                {shownCount(one.lagRecords)}
                {one.lagMs >= LAG_TOLD_MS && <small class="below">{durationText(one.lagMs)}</small>}
              </td>
            </tr>
          ))}
        </ScrollTable>
      )}
      <dl class="chain">
        {pools.value.map(({ pool, events, final, digest, check, sealed, cosigned }) => (
          <div key={pool}>
            <dt>
              Pool {pool}, event {shownCount(events)}: digest of the chain
            </dt>
            <dd>
              <code>{digest}</code>
            </dd>
            <dt>Transparency log</dt>
            <dd>{sealText(sealed)}</dd>
            {cosigned && <dd>{agreedText(cosigned)}</dd>}
            {final !== null && <dd>told as final up to event {shownCount(final)}</dd>}
            <dt>ClickHouse</dt>
            <dd class={check && check.differences > 0 ? 'bad' : ''}>{checkText(check)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
