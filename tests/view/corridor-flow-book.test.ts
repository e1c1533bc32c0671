import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { LEG, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { type Bic, type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';

type Event = Omit<ReferenceEvent, 'number'>;

const names = () =>
  Directory.from({
    participants: ['ALFADE00', 'BETASG00'].map((bic) => ({
      ...{ bic: bic as Bic, name: bic, role: 'bank' },
    })),
    currencies: ['EUR', 'SGD'].map((currency) => ({ currency, minorUnits: 2 })),
  });

const FLOWS = [
  'debtor ALFADE00 30',
  'creditor BETASG00 30',
  'debtor BETASG00 40',
  'creditor ALFADE00 40',
];

for (const order of [
  [6, 7],
  [7, 6],
])
  test(`a trade is apart from payments, each leg in its own currency, leg ${order[0]} settled first`, () => {
    const view = new PoolView('main', names(), {
      series: new Series(),
      senders: new SenderBook(),
    });
    let number = 0;
    const write = (...events: Event[]) =>
      view.take(
        readEvents(eventBytes(events.map((event) => ({ number: ++number, ...event })))),
        0,
        {
          rules: new Map(),
          reorderings: new Map(),
        },
      );
    const leg = (position: number, payer: number, currency1: number, amount1: bigint) => ({
      ...{ position: 7, paymentPosition: position, messageType: MESSAGE_TYPES.indexOf(LEG) },
      ...{ priority: 2, debtorAgent: payer, creditorAgent: 1 - payer, currency1, amount1 },
      id: uetrBytes(`00000000-0000-4000-8000-00000000000${position}` as Uetr),
    });
    const first = leg(6, 0, 0, 30n);
    const second = leg(7, 1, 1, 40n);
    const told = () =>
      view
        .corridors(true)
        .filter(({ settled, queued }) => settled + queued > 0)
        .map(({ corridor, from, settled, valueMinor, queued }) =>
          [corridor, from, settled, valueMinor, queued].join(' '),
        );
    write({ ...first, kind: 'queued', position: 6 });
    assert.deepEqual(told(), ['EUR/? EUR 0 0 1'], 'it looks for its mirror');
    write(
      { ...second, kind: 'matched', balances: [6n] },
      { ...first, kind: 'matched', balances: [7n] },
    );
    assert.deepEqual(told().sort(), ['EUR/SGD EUR 0 0 1', 'EUR/SGD SGD 0 0 1'], 'both legs wait');
    for (const position of order)
      write({ ...(position === 6 ? first : second), kind: 'settled', balances: [0n, 40n] });
    assert.deepEqual(told().sort(), ['EUR/SGD EUR 1 30 0', 'EUR/SGD SGD 1 40 0']);
    assert.deepEqual(
      view.flows(true).map(({ side, bic, valueMinor }) => `${side} ${bic} ${valueMinor}`),
      order[0] === 6 ? FLOWS : [...FLOWS.slice(2), ...FLOWS.slice(0, 2)],
    );
  });
