import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { type Bic, countryOf, uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { recordedDocuments } from '../../services/scenario/recorded-documents.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { pageText, toldOn, wholeUnits } from '../support/pilot-page.ts';
import { load, runDirectly } from '../support/run.ts';

/** Pilots that stand on chains, conditions and securities: each with its golden hash and with what its page says that it finds. */
const HASHES = {
  documents: 'ee6fbf129ad6528fb260a80ca66149a35566b58a463aae309a6112bf058ff143',
  supplyChain: '2dc310a1fa3fc3ab4bc2e160644bcd3fce42ae79237e1fbc26d923844614e3aa',
  securities: 'e15a77d168a5fed5f492c4d5a1c6f4218620942bb22ec04aa526d5a5f2369924',
  mbridge: '1906a26979f097b0c67fb5933ec8394341ad3f2dda8b7920db580551b7600cd5',
};

async function played(scenario: Scenario) {
  const events: SettlementEvent[] = [];
  const run = await runDirectly(scenario, {
    onSlice: ({ steps }) => {
      for (const { batch } of steps) events.push(...readEvents(batch.events));
    },
  });
  const chainOf = new Map<string, string>();
  for (const message of planMessages(scenario))
    if (message.kind === 'payment' && message.payment.ofChain)
      chainOf.set(`${message.payment.uetr}`, message.payment.ofChain.chain.id);
  /** Chains with legs that came to such an end. */
  const ended = (kind: 'settled' | 'cancelled' | 'rejected') => [
    ...new Set(
      events.flatMap((event) =>
        event.kind === kind ? (chainOf.get(`${uetrFromBytes(event.id)}`) ?? []) : [],
      ),
    ),
  ];
  return { ...run, events, ended };
}

test('trade-documents: no cargo is paid without its documents; money set aside early makes others wait and pays hardly more', async () => {
  const early = await played(load('trade-documents'));
  const late = await runDirectly(load('trade-documents', ['chainFlows.*.earmark.when=trigger']));
  assert.equal(early.summary.eventsHash, HASHES.documents);
  const of = ({ summary }: Pick<typeof late, 'summary'>) => [
    ...[summary.conditions?.chains.met, summary.chains?.settled],
  ];
  assert.deepEqual(
    [of(early), of(late)],
    [
      [41, 33],
      [41, 32],
    ],
  );
  const triggered = new Set(
    early.events.flatMap((event) => (event.kind === 'triggered' ? [event.paymentPosition] : [])),
  );
  const paid = early.events.filter(
    (event) => event.kind === 'settled' && event.mechanism === 'earmark',
  );
  assert.equal(paid.length, 48);
  for (const event of paid)
    assert.ok('paymentPosition' in event && triggered.has(event.paymentPosition));
  const others = ({ rows }: Pick<typeof late, 'rows'>) => {
    const own = rows.filter(({ messageType }) => messageType === 'pacs.009.001.08');
    const settled = own.filter(({ status }) => status === 'settled');
    const waitedMs = settled.map(({ finalAtMs, submittedAtMs }) => finalAtMs! - submittedAtMs);
    return [settled.length, waitedMs.filter((ms) => ms > 0).length];
  };
  assert.deepEqual(
    [others(early), others(late)],
    [
      [200, 44],
      [197, 9],
    ],
  );
  const both = [early, late];
  const lockedOf = ({ summary }: Pick<typeof late, 'summary'>) =>
    (summary.conditions?.locked ?? [])
      .filter(({ participant, currency }) => participant === 'IMPODE00' && currency === 'USD')
      .reduce((sum, { lockedMinorMs }) => sum + Number(lockedMinorMs), 0) /
    (100 * 1e6 * 3_600_000);
  for (const [measure, told] of [
    ['cargoes whose documents came', both.map((one) => `${of(one)[0]} of 50`)],
    ['of these paid', both.map((one) => `${of(one)[1]}`)],
    ['other payments settled', both.map((one) => `${others(one)[0]}`)],
    ['of these, settled after a wait', both.map((one) => `${others(one)[1]}`)],
    ['USD of importers locked, million × hours', [lockedOf(early).toFixed(1), `${lockedOf(late)}`]],
  ] as const)
    assert.deepEqual(toldOn('documents', measure), told, measure);
  // What has its documents and stays unpaid lacks money.
  assert.deepEqual(
    both.map(({ summary }) => summary.conditions?.chains.expired),
    [8, 9],
  );
  const { records } = load('trade-documents').document as { records: { document: string }[] };
  assert.deepEqual(
    recordedIn(early.events),
    records.map(({ document }) => digestOf(document)),
  );
});

const digestOf = (document: string) =>
  createHash('sha256').update(document).digest().subarray(0, 20).toString('hex');
const recordedIn = (events: readonly SettlementEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'recorded' ? [Buffer.from(event.documentDigest).toString('hex')] : [],
  );

test('supply-chain-finance: each tier has cash on the day of its sale, a payable is sold once, and the anchor pays all or nobody', async () => {
  const { summary, events, ended } = await played(load('supply-chain-finance'));
  assert.equal(summary.eventsHash, HASHES.supplyChain);
  assert.deepEqual(ended('cancelled'), ['TWICE-4']);
  const scenario = load('supply-chain-finance');
  // The register refuses the second sale of what it has for another funder, long before the close.
  const refusals = [...planMessages(scenario)].flatMap((message) =>
    message.kind === 'request' &&
    message.request.kind === 'attestation' &&
    message.request.verdict === 'refused'
      ? [[message.request.chain.id, message.request.reason, message.atMs]]
      : [],
  );
  const refusedMs = Date.parse('2026-03-16T12:12Z');
  const reason = 'TIERDE40 holds 0.00 of 200000.00: assigned by SALE-4';
  assert.deepEqual(refusals, [['TWICE-4', reason, refusedMs]]);
  assert.ok(pageText('supply-chain').replace(/\s+/g, ' ').includes(reason));
  assert.deepEqual(
    events.flatMap((event) => (event.kind === 'cancelled' ? [[event.reason, event.timeMs]] : [])),
    [
      ['conditionRefused', refusedMs],
      ['conditionRefused', refusedMs],
    ],
  );
  assert.equal(ended('settled').length, 8);
  // The register records an invoice twice; both have one digest, by which the second is found.
  const digests = recordedIn(events);
  assert.equal(digests.length, 2);
  assert.equal(new Set(digests).size, 1);
  for (const tier of [1, 2, 3, 4])
    assert.deepEqual(toldOn('supply-chain', `${tier}`), cashOf(scenario, events, `TIERDE${tier}0`));
  // Of the second sale no money moves.
  const funder = balanceOf(scenario, events);
  assert.equal(funder('FUNDLU00', 'EUR'), 60_000_000n - 24_750_000n + 25_000_000n);
  const defaulted = await played(
    load('supply-chain-finance', [
      'events.defaults=[{ participant: ANCHDE00, date: 2026-06-15, at: "08:30" }]',
    ]),
  );
  assert.ok(!defaulted.ended('settled').includes('MATURITY'), 'no holder is paid before another');
  assert.deepEqual(defaulted.ended('settled').length, 7);
  // Each bears what it holds, and who has sold keeps its cash.
  const left = balanceOf(scenario, defaulted.events);
  const bears = (bic: string) => left(bic, 'XS0000000009') / 100n;
  assert.deepEqual(
    ['FUNDDE00', 'FUNDLU00', 'TIERDE10', 'TIERDE20', 'TIERDE30', 'TIERDE40', 'ANCHDE00'].map(bears),
    [350_000n, 250_000n, 400_000n, 0n, 0n, 0n, 0n],
  );
  assert.deepEqual(
    ['TIERDE10', 'TIERDE20', 'TIERDE30', 'TIERDE40'].map((bic) => left(bic, 'EUR') / 100n),
    [0n, 247_500n, 148_500n, 198_000n],
  );
  const unissued = await played(
    load('supply-chain-finance', ['participants.ANCHDE00.accounts.XS0000000009.balance=0']),
  );
  assert.deepEqual(unissued.ended('settled'), []);
  assert.equal(unissued.ended('cancelled').length, 9, 'without the payable nothing follows');
});

/** What a participant has in a currency or security after all events. */
function balanceOf({ participants, currencies }: Scenario, events: readonly SettlementEvent[]) {
  return (bic: string, code: string): bigint => {
    const [holder, currency] = [
      participants.findIndex((one) => one.bic === bic),
      currencies.findIndex((one) => one.code === code),
    ];
    const account = participants[holder]?.accounts.find((one) => one.currency === currency);
    return events.reduce((sum, event) => {
      if (event.kind !== 'settled' || event.currency1 !== currency) return sum;
      const isIn = event.creditorAgent === holder;
      return event.debtorAgent === holder ? sum - event.amount1 : isIn ? sum + event.amount1 : sum;
    }, account?.balanceMinor ?? 0n);
  };
}

/** A tier's row of docs/pilot-supply-chain.md: what it gives for its first cash, after how long, and for how much. */
function cashOf(scenario: Scenario, events: readonly SettlementEvent[], bic: string): string[] {
  const tier = scenario.participants.findIndex((one) => one.bic === bic);
  const euro = scenario.currencies.findIndex(({ code }) => code === 'EUR');
  const settled = events.flatMap((event) => (event.kind === 'settled' ? [event] : []));
  const cash = settled.find(
    ({ creditorAgent, currency1 }) => creditorAgent === tier && currency1 === euro,
  );
  const part = settled.find(
    ({ debtorAgent, currency1, position }) =>
      debtorAgent === tier && currency1 !== euro && position === cash?.position,
  );
  assert.ok(cash && part, bic);
  const DAY_MS = 86_400_000;
  const maturity = 91;
  const days = Math.floor(cash.timeMs / DAY_MS) - Date.parse('2026-03-16') / DAY_MS;
  const after = days === 0 ? 'the same day' : `${days} day${days === 1 ? '' : 's'}`;
  const isSold = days < maturity;
  return [
    ...[wholeUnits(part.amount1), after],
    isSold ? `${wholeUnits(cash.amount1)} EUR` : 'not sold',
    isSold ? `${maturity - days} days earlier` : '',
  ];
}

test('securities: the dealer needs a fiftieth with links, and lots deliver what is there', async () => {
  const { summary, ended } = await played(load('securities'));
  assert.equal(summary.eventsHash, HASHES.securities);
  assert.deepEqual(ended('settled'), ['BUY-REPO', 'BLOCK-1', 'BLOCK-2', 'SELL-BACK']);
  assert.deepEqual(ended('cancelled'), ['BLOCK-3', 'BLOCK-4']);
  const settles = async (name: string, balance: string, set: string[] = []) => {
    const path = `participants.BUYRDE00.accounts.EUR.balance=${balance}`;
    return (await played(load(name, [path, ...set]))).ended('settled');
  };
  // The haircut of the repo is what linking leaves to be had.
  assert.ok((await settles('securities', '20000.00')).includes('BUY-REPO'));
  assert.ok(!(await settles('securities', '19999.99')).includes('BUY-REPO'));
  assert.deepEqual(await settles('securities-unlinked', '999999.99'), []);
  const alone = await played(load('securities-unlinked'));
  assert.deepEqual(alone.ended('settled'), []);
  for (const [measure, told] of [
    ['trades that fail', ['2 of 4 lots', `all ${alone.ended('cancelled').length}`]],
    ['money that the dealer needs to buy', ['20,000 EUR', '1,000,000 EUR']],
    ['bonds of the block delivered', ['500', '0']],
  ] as const)
    assert.deepEqual(toldOn('securities', measure), told, measure);
  assert.ok((await settles('securities-unlinked', '1000000.00')).includes('BUY'));
  // A cycle finds the link that nobody wrote, where both wait at its time.
  const cycle = ['settlement.cycle=gridlockResolution', 'settlement.cyclesAt=["09:30"]'];
  const found = await settles('securities-unlinked', '30000.00', cycle);
  assert.deepEqual(found, ['BUY', 'REPO', 'BACK', 'SELL']);
});

/** A tenth of it, so that it is quick; the whole is in test:long. */
const TENTH = [
  'chainFlows.claims.chainsPerDate=1000',
  'participants.INSUDE00.accounts.EUR.balance=150000.00',
  'chains.0.legs.0.amount=200000.00',
];

test('insurance-burst: claims are paid at the second report until the pool is empty, and the rest when the reinsurer has paid', async () => {
  const { summary, rows, events } = await played(load('insurance-burst', TENTH));
  assert.ok(summary.conserved);
  // Every claim that two stations report is paid in full; without reports none is.
  assert.equal(summary.conditions?.chains.met, summary.chains?.settled);
  assert.equal((summary.chains?.settled ?? 0) + (summary.chains?.ended ?? 0), 1001);
  const paid = rows.filter(({ status }) => status === 'settled');
  const layer = paid.find(({ debtorAgent }) => debtorAgent === 'REINCH00');
  assert.equal(new Date(layer?.finalAtMs ?? 0).toISOString().slice(11, 16), '14:20');
  const claims = paid.filter(({ debtorAgent }) => debtorAgent === 'INSUDE00');
  const before = claims.filter(({ mechanism }) => mechanism === 'entry');
  const after = claims.filter(({ finalAtMs }) => finalAtMs === layer?.finalAtMs);
  assert.ok(before.length > 500 && after.length > 400, `${before.length}, ${after.length}`);
  const sum = before.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  assert.ok(sum > 14_000_000n, 'the pool is used up first');
  // A measurement, and of each payout its policy and its claim.
  const documents = [...recordedDocuments(load('insurance-burst', TENTH))];
  assert.equal(documents.length, 2001);
  assert.deepEqual(
    recordedIn(events).sort(),
    documents.map(({ text }) => digestOf(`${text}`)).sort(),
  );
  assert.equal(events.filter(({ kind }) => kind === 'repeated').length, 2, 'two reports');
});

test('mbridge: no corridor takes more than its limit, and what the limits cost is told', async () => {
  const outOf = async (set: string[]) => {
    const scenario = load('mbridge', set);
    const { summary, events, progress } = await played(scenario);
    assert.ok(summary.conserved);
    // While it goes on a run counts as its summary does: payments, of which two legs that met are one.
    const { submitted, settled, queuedAtClose: queued } = summary;
    assert.deepEqual(progress.at(-1), { legs: 440, sent: submitted, settled, queued });
    for (const [at, { sent, settled, queued }] of progress.entries()) {
      const more = sent - settled - queued;
      assert.ok(more >= 0 && more <= summary.rejected + summary.cancelled, `slice ${at}: ${more}`);
    }
    assert.ok(progress.some(({ queued }) => queued > 0));
    const country = (bank: number) => countryOf(scenario.participants[bank]?.bic as Bic);
    const moved = new Map<string, bigint>();
    let refused = 0;
    for (const event of events) {
      if (event.kind === 'rejected' && event.reason === 'corridorLimitReached') refused += 1;
      if (event.kind !== 'settled') continue;
      const { debtorAgent, creditorAgent, currency1, amount1 } = event;
      const { code } = scenario.currencies[currency1]!;
      const name = `${country(debtorAgent)} ${country(creditorAgent)} ${code}`;
      moved.set(name, (moved.get(name) ?? 0n) + amount1);
    }
    const within = load('mbridge', []).settlement.corridorLimits.map(
      ({ from, to, currency, limitMinor }) =>
        (moved.get(`${from} ${to} ${scenario.currencies[currency]!.code}`) ?? 0n) <= limitMinor,
    );
    const count = (kind: string, reason: string) =>
      events.filter((one) => one.kind === kind && 'reason' in one && one.reason === reason).length;
    return { within, refused, summary, moved, events, count };
  };
  const bounded = await outOf([]);
  const free = await outOf(['settlement.corridorLimits.*.amount=999999999.00']);
  assert.equal(bounded.summary.eventsHash, HASHES.mbridge);
  assert.deepEqual(bounded.within, [true, true, true, true, true]);
  assert.deepEqual(free.within, [false, false, false, false, false]);
  assert.deepEqual([bounded.refused, free.refused], [27, 0]);
  assert.deepEqual([bounded.summary.settled, free.summary.settled], [128, 180]);
  const both = [bounded, free];
  for (const [measure, told] of [
    ['trades settled, of 220', both.map(({ summary }) => `${summary.settled}`)],
    [
      'legs settled, of 440',
      both.map(({ events }) => `${events.filter(({ kind }) => kind === 'settled').length}`),
    ],
    ['trades with a leg beyond a limit', both.map(({ refused }) => `${refused}`)],
    [
      'trades that lack money to the close',
      both.map(({ summary, refused }) => `${220 - summary.settled - refused}`),
    ],
    ...(
      [
        ['from China to Hong Kong, CNY', 'CN HK CNY'],
        ['from China to the Emirates, CNY', 'CN AE CNY'],
        ['from China to Thailand, CNY', 'CN TH CNY'],
        ['from Thailand to China, THB', 'TH CN THB'],
        ['from Thailand to the Emirates, THB', 'TH AE THB'],
      ] as const
    ).map(
      ([measure, of]) =>
        [measure, both.map(({ moved }) => wholeUnits(moved.get(of) ?? 0n))] as const,
    ),
  ] as const)
    assert.deepEqual(toldOn('mbridge', measure), told, measure);
  // Legs that find no mirror, as that was refused; and what a bank would redeem and has not.
  assert.deepEqual(
    both.map(({ count }) => count('cancelled', 'unmatched')),
    [26, 0],
  );
  assert.equal(bounded.count('refused', 'fundsInsufficient'), 1);
});
