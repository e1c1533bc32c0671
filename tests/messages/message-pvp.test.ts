import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LegInstruction } from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import {
  ALFA,
  BETA,
  customers,
  NOW,
  payment,
  withHeaders,
  world,
} from '../support/message-path.ts';

/**
 * PvP and DvP between two banks, and deferred net settlement, from the signed messages to the
 * statuses of both banks.
 */
const BOND = 'XS0000000009';
const timeMs = NOW - 3_600_000;
const date = '2026-03-16';
const hours = 3_600_000;

/** USD and a bond beside EUR: each bank has 1,000.00 of the one and 500 of the other. */
const assets: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'USD', minorUnits: 2 },
  { kind: 'currency', timeMs, currency: BOND, minorUnits: 0 },
  ...[ALFA, BETA].flatMap((bic): ControlRecord[] => [
    {
      kind: 'account',
      timeMs,
      bic,
      currency: 'USD',
      balanceMinor: '100000',
      creditLineMinor: '0',
    },
    { kind: 'account', timeMs, bic, currency: BOND, balanceMinor: '500', creditLineMinor: '0' },
  ]),
  { kind: 'open', timeMs, currency: 'USD', date, closesAtMs: NOW + 8 * hours },
  { kind: 'open', timeMs, currency: BOND, date, closesAtMs: NOW + 8 * hours },
];

let serial = 0;
function leg(from: Bic, to: Bic, change: Partial<LegInstruction> = {}): LegInstruction {
  serial += 1;
  return {
    messageId: `L-${serial}`,
    endToEndId: 'TRADE-1',
    uetr: `00000000-0000-4000-9000-${String(serial).padStart(12, '0')}` as Uetr,
    instructingAgent: from,
    counterparty: to,
    delivers: 'EUR',
    deliversMinor: 50_000n,
    receives: 'USD',
    receivesMinor: 54_000n,
    settlementDate: date,
    priority: 'normal',
    ...change,
  };
}
const mirrored = (given: LegInstruction): LegInstruction =>
  leg(given.counterparty, given.instructingAgent, {
    endToEndId: given.endToEndId,
    delivers: given.receives,
    deliversMinor: given.receivesMinor,
    receives: given.delivers,
    receivesMinor: given.deliversMinor,
  });

// biome-ignore lint/suspicious/noExplicitAny: statuses are read at any place.
type Body = any;
const status = (body: Body) => body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
const told = (bodies: Body[], topics: string[]) =>
  bodies.map((body, index) => {
    const said = body.Allegement?.Sts ?? status(body).TxSts;
    return `${topics[index]?.slice(9)} ${said}`;
  });

test('two matching legs settle together; each bank learns of its own and gets the other’s', async () => {
  const { alfa, beta, send, settlement } = world({}, assets);
  const first = leg(ALFA, BETA);
  const waiting = await send(alfa.leg(first, NOW));
  assert.deepEqual(waiting.kinds, ['queued']);
  assert.equal(status(waiting.statuses[0]).TxSts, 'PDNG');
  const { Rsn, AddtlInf } = status(waiting.statuses[0]).StsRsnInf[0];
  assert.deepEqual(
    [Rsn, AddtlInf[0]],
    [{ Prtry: 'UNMATCHED' }, "Waits for the counterparty's leg"],
  );
  const other = beta.leg(mirrored(first), NOW);
  const { kinds, statuses, statusTopics, deliveries } = await send(other);
  assert.deepEqual(kinds, ['matched', 'matched', 'settled', 'settled']);
  assert.deepEqual(told(statuses, statusTopics), [
    'BETAFR00 PDNG',
    'BETAFR00 MATCHED',
    'ALFADE00 PDNG',
    'ALFADE00 ACSC',
    'BETAFR00 ACSC',
  ]);
  for (const body of [statuses[0], statuses[2]])
    assert.deepEqual(status(body).StsRsnInf[0].Rsn, { Prtry: 'MATCHED' });
  assert.equal(status(statuses[3]).OrgnlEndToEndId, 'TRADE-1');
  assert.deepEqual(
    deliveries.map(({ topic }) => topic),
    ['deliveries.BETAFR00', 'deliveries.ALFADE00'],
  );
  assert.deepEqual(deliveries[1]?.message.value, other.value);
  assert.deepEqual(
    [0, 1].map((participant) => [0, 1].map((code) => settlement.balance(participant, code))),
    [
      [50_000n, 154_000n],
      [150_000n, 46_000n],
    ],
  );
});

test('delivery versus payment: a bond against money, or neither', async () => {
  const { alfa, beta, send, settlement } = world({}, assets);
  const dvp = leg(ALFA, BETA, { delivers: BOND, deliversMinor: 100n, receives: 'EUR' });
  const short = { ...dvp, deliversMinor: 501n, endToEndId: 'TRADE-2' };
  await send(alfa.leg(dvp, NOW), alfa.leg({ ...short, uetr: leg(ALFA, BETA).uetr }, NOW));
  const settled = await send(beta.leg(mirrored(dvp), NOW));
  assert.ok(settled.kinds.filter((kind) => kind === 'settled').length === 2);
  assert.deepEqual([settlement.balance(0, 2), settlement.balance(1, 2)], [400n, 600n]);
  const beyond = await send(beta.leg(mirrored(short), NOW));
  assert.ok(!beyond.kinds.includes('settled'), 'Alfa has no 501 of it');
  assert.equal(settlement.balance(1, 0), 100_000n - 54_000n);
});

test('a leg that nobody mirrors ends with AB03; another amount is no mirror', async () => {
  const { alfa, beta, send, clear } = world({ pvpTimeoutMs: 60_000 }, assets);
  const first = leg(ALFA, BETA);
  await send(alfa.leg(first, NOW));
  const other = beta.leg({ ...mirrored(first), deliversMinor: 54_001n }, NOW);
  assert.deepEqual((await send(other)).kinds, ['queued']);
  const { kinds, messages } = clear([writeControl({ kind: 'tick', timeMs: NOW + 60_000 })]);
  assert.equal(kinds.filter((kind) => kind === 'cancelled unmatched').length, 2);
  const bodies = messages.map(({ message }) => JSON.parse(Buffer.from(message.value).toString()));
  const ended = bodies.filter(({ Document }) => Document);
  assert.equal(ended.length, 2);
  for (const body of ended) {
    assert.equal(status(body).TxSts, 'CANC');
    assert.equal(status(body).StsRsnInf[0].Rsn.Cd, 'AB03');
  }
});

test('a bank that cancels its leg ends the pair: the other is told why', async () => {
  const { alfa, beta, send, settlement } = world({}, assets);
  const big = leg(ALFA, BETA, { deliversMinor: 100_001n });
  await send(alfa.leg(big, NOW));
  await send(beta.leg(mirrored(big), NOW));
  assert.equal(settlement.queued() > 0, true);
  const { uetr } = big;
  const request = { id: 'C-1', sender: ALFA, uetr, paymentType: 'corridor.pvp.1', currency: 'EUR' };
  const { kinds, statuses, statusTopics } = await send(
    alfa.cancel({ ...request, paymentType: 'corridor.pvp.1' }, NOW, 100_001n),
  );
  assert.deepEqual(kinds, ['cancelled cancelledByDebtorAgent', 'cancelled matchCancelled']);
  assert.deepEqual(statusTopics, ['statuses.ALFADE00', 'statuses.ALFADE00', 'statuses.BETAFR00']);
  assert.equal(statuses[1].Document.RsltnOfInvstgtn.Sts.Conf, 'CNCL');
  assert.equal(status(statuses[2]).StsRsnInf[0].Rsn.Cd, 'ED05');
  assert.equal(settlement.queued(), 0);
});

test('a forged leg is a notice; a leg in another’s name is refused; neither finds a mirror', async () => {
  const { alfa, beta, send, settlement } = world({}, assets);
  const first = leg(ALFA, BETA);
  await send(alfa.leg(first, NOW));
  const forged = withHeaders(beta.leg(mirrored(first), NOW), { ce_issuedatms: String(NOW - 1) });
  assert.deepEqual((await send(forged)).kinds, ['noticed signatureInvalid']);
  const own = alfa.leg({ ...mirrored(first), uetr: leg(ALFA, BETA).uetr }, NOW);
  const inName = await send(own);
  assert.deepEqual(inName.kinds, ['rejected formatInvalid']);
  assert.match(
    JSON.stringify(inName.statuses[0]),
    /Path: ce_source.*ALFADE00.*Expected: must be BETAFR00/,
  );
  assert.equal(settlement.balance(0, 0), 100_000n);
});

test('netting: accepted is ACSP, the cycle settles it; beyond the cap it is AM13', async () => {
  const caps: ControlRecord[] = [
    { kind: 'cap', timeMs, bic: ALFA, currency: 'EUR', counterparty: null, capMinor: '90000' },
  ];
  const { alfa, send, clear, settlement } = world({ cycleMechanism: 'deferredNet' }, caps);
  const { kinds, statuses } = await send(alfa.pay(payment(ALFA, BETA, 90_000n), customers, NOW));
  assert.deepEqual(kinds, ['accepted']);
  assert.equal(status(statuses[0]).TxSts, 'ACSP');
  assert.match(status(statuses[0]).StsRsnInf[0].AddtlInf[0], /net settlement at the end/);
  assert.equal(status(statuses[0]).StsRsnInf[0].Rsn, undefined);
  const beyond = await send(alfa.pay(payment(ALFA, BETA, 1n), customers, NOW));
  assert.deepEqual(beyond.kinds, ['rejected capExceeded']);
  assert.equal(status(beyond.statuses[0]).StsRsnInf[0].Rsn.Cd, 'AM13');
  const cycle = clear([writeControl({ kind: 'cycle', timeMs: NOW, currency: 'EUR' })]);
  assert.deepEqual(cycle.kinds, ['cycled', 'netted', 'netted', 'settled']);
  assert.deepEqual(
    cycle.messages.map(({ topic }) => topic),
    ['statuses.ALFADE00', 'deliveries.BETAFR00'],
  );
  assert.equal(settlement.balance(1, 0), 190_000n);
});

test('netting: what a default unwinds is CANC with AG10 for its bank, and delivered to nobody', async () => {
  const { alfa, send, clear, notifier } = world({ cycleMechanism: 'deferredNet' });
  await send(alfa.pay(payment(ALFA, BETA, 60_000n), customers, NOW));
  clear([writeControl({ kind: 'default', timeMs: NOW, bic: ALFA, currency: null })]);
  const { kinds, messages } = clear([
    writeControl({ kind: 'cycle', timeMs: NOW, currency: 'EUR' }),
  ]);
  assert.ok(kinds.includes('unwound participantDefaulted'));
  assert.deepEqual(
    messages.map(({ topic }) => topic),
    ['statuses.ALFADE00'],
  );
  const body = JSON.parse(Buffer.from(messages[0]?.message.value ?? '').toString());
  assert.deepEqual([status(body).TxSts, status(body).StsRsnInf[0].Rsn.Cd], ['CANC', 'AG10']);
  assert.equal(notifier.waiting(), 0);
});

test('a certificate tells a bank its own shortage once, and another’s without name and amount', async () => {
  const { alfa, beta, send, clear } = world({ certificates: true }, assets);
  const own = payment(ALFA, BETA, 100_001n);
  const [short] = (await send(alfa.pay(own, customers, NOW))).statuses.map(status);
  const cycle = () => clear([writeControl({ kind: 'cycle', timeMs: NOW, currency: null })]);
  const statusesIn = ({ messages }: ReturnType<typeof cycle>) =>
    messages.map(({ topic, message }) => ({
      topic,
      ...status(JSON.parse(Buffer.from(message.value).toString())),
    }));
  assert.deepEqual([short.TxSts, short.OrgnlUETR], ['PDNG', own.uetr]);
  assert.equal(short.StsRsnInf[0].Rsn.Cd, 'AM04');
  assert.ok(short.StsRsnInf[0].AddtlInf.includes('Short by EUR 0.01'));
  const first = cycle();
  assert.ok(first.kinds.includes('heldUp'));
  assert.deepEqual(statusesIn(first), [], 'what was told at its entry is not told again');
  // Alfa has less now: the certificate of the next cycle tells by how much it is short.
  const timeMs = NOW;
  clear([writeControl({ kind: 'redeem', timeMs, bic: ALFA, currency: 'EUR', amountMinor: '99' })]);
  const [shorter, ...others] = statusesIn(cycle());
  assert.deepEqual([shorter.topic, others], ['statuses.ALFADE00', []]);
  assert.ok(shorter.StsRsnInf[0].AddtlInf.includes('Short by EUR 1.00'));
  assert.deepEqual(statusesIn(cycle()), [], 'the same again is not told again');
  // Beta's leg waits for Alfa's euros: whose, and how many, is not Beta's business.
  const trade = leg(ALFA, BETA, { deliversMinor: 90_000n });
  const { statuses, statusTopics } = await send(
    beta.leg(mirrored(trade), NOW),
    alfa.leg(trade, NOW),
  );
  const own2 = statuses.filter((_, at) => statusTopics[at] === 'statuses.BETAFR00').map(status);
  assert.deepEqual(
    own2.map(({ TxSts, StsRsnInf }) => [TxSts, StsRsnInf[0].Rsn]),
    [
      ['PDNG', { Prtry: 'UNMATCHED' }],
      ['PDNG', { Prtry: 'COUNTERPARTY' }],
    ],
  );
  assert.doesNotMatch(own2[1].StsRsnInf[0].AddtlInf.join(), /ALFA|Short|90/);
  const again = statusesIn(cycle()).filter(({ topic }) => topic === 'statuses.BETAFR00');
  assert.ok(again.every(({ StsRsnInf }) => StsRsnInf[0].Rsn.Prtry === 'COUNTERPARTY'));
  assert.deepEqual(statusesIn(cycle()), [], 'nor is the other told the same again');
});
