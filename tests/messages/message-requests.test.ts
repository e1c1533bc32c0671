import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  LimitRequest,
  ReservationRequest,
} from '../../services/protocol/messages/instruction.ts';
import type { Message } from '../../services/protocol/names/message.ts';
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
 * What banks ask of clearing besides payments, from the signed message to the answer: cancellation,
 * re-ordering, limits and reservations, and the hostile forms of each.
 */
// biome-ignore lint/suspicious/noExplicitAny: answers are read at any place.
type Body = any;
const resolution = (body: Body) => body.Document.RsltnOfInvstgtn;
const receipt = (body: Body) => body.Document.Rct.RctDtls[0];
const status = (body: Body) => body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
const issue = (amountMinor: string): ControlRecord => ({
  kind: 'issue',
  timeMs: NOW,
  bic: ALFA,
  currency: 'EUR',
  amountMinor,
});
const limit = (id: string, limitMinor: bigint | null, change = {}): LimitRequest => ({
  id,
  sender: ALFA,
  currency: 'EUR',
  counterparty: BETA,
  limitMinor,
  ...change,
});
const reservation = (id: string, amountMinor: bigint): ReservationRequest => ({
  id,
  sender: ALFA,
  currency: 'EUR',
  priority: 'urgent',
  amountMinor,
});
const paymentType = 'pacs.008.001.08' as const;

test('a queued payment is cancelled by its bank: status and answer, and nothing is booked', async () => {
  const { alfa, send, settlement, notifier } = world();
  const order = payment(ALFA, BETA, 100_001n);
  const message = alfa.pay(order, customers, NOW);
  assert.deepEqual((await send(message)).kinds, ['queued']);
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  const { kinds, statuses, statusTopics } = await send(alfa.cancel(request, NOW));
  assert.deepEqual(kinds, ['cancelled cancelledByDebtorAgent']);
  assert.deepEqual(statusTopics, ['statuses.ALFADE00', 'statuses.ALFADE00']);
  const [told, answered] = statuses;
  assert.deepEqual([status(told).TxSts, status(told).OrgnlUETR], ['CANC', order.uetr]);
  assert.equal(status(told).StsRsnInf[0].Rsn.Cd, 'CUST');
  assert.equal(resolution(answered).Sts.Conf, 'CNCL');
  const [details] = resolution(answered).CxlDtls[0].TxInfAndSts;
  assert.deepEqual(details.OrgnlGrpInf, { OrgnlMsgId: 'C-1', OrgnlMsgNmId: 'camt.056.001.08' });
  assert.equal(details.OrgnlUETR, order.uetr);
  assert.equal(details.CxlStsRsnInf, undefined);
  assert.equal(settlement.balance(0, 0), 100_000n);
  assert.equal(notifier.waiting(), 0);
  for (const body of statuses) alfa.takeStatus(Buffer.from(JSON.stringify(body)));
  const { cancelled, answers, unmatched } = alfa.book();
  assert.deepEqual([cancelled, answers, unmatched], [1, 1, 0]);
});

test('a cancellation again repeats its answer; under its id with another payload it is AM05', async () => {
  const { alfa, send } = world();
  const [one, two] = [payment(ALFA, BETA, 100_001n), payment(ALFA, BETA, 100_002n)];
  await send(alfa.pay(one, customers, NOW), alfa.pay(two, customers, NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: one.uetr, paymentType, currency: null };
  const message = alfa.cancel(request, NOW);
  await send(message);
  const again = await send(message);
  assert.deepEqual(again.kinds, ['repeated']);
  assert.equal(resolution(again.statuses[0]).Sts.Conf, 'CNCL');
  const other = await send(alfa.cancel({ ...request, uetr: two.uetr }, NOW));
  assert.deepEqual(other.kinds, ['rejected duplicateIdentity']);
  assert.equal(resolution(other.statuses[0]).Sts.Conf, 'RJCR');
});

test('what cannot be cancelled: settled, unknown, another bank’s, of another type', async () => {
  const { alfa, beta, send } = world();
  const order = payment(ALFA, BETA, 5_000n);
  const waiting = payment(ALFA, BETA, 100_001n);
  await send(alfa.pay(order, customers, NOW), alfa.pay(waiting, customers, NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  const unknown = payment(ALFA, BETA, 1n).uetr;
  const rows: [Message, string, string, RegExp][] = [
    [alfa.cancel(request, NOW), 'paymentFinal', 'NARR', /has ended.*return the funds/],
    [alfa.cancel({ ...request, id: 'C-2', uetr: unknown }, NOW), 'paymentUnknown', 'NOOR', /UETR/],
    [
      beta.cancel({ ...request, id: 'C-3', sender: BETA, uetr: waiting.uetr }, NOW),
      'paymentUnknown',
      'NOOR',
      /No payment of this sender/,
    ],
    [
      alfa.cancel(
        { ...request, id: 'C-4', uetr: waiting.uetr, paymentType: 'pacs.009.001.08' },
        NOW,
      ),
      'paymentUnknown',
      'NOOR',
      /UETR/,
    ],
  ];
  for (const [message, reason, code, words] of rows) {
    const { kinds, statuses } = await send(message);
    assert.deepEqual(kinds, [`rejected ${reason}`]);
    assert.equal(statuses.length, 1);
    assert.equal(resolution(statuses[0]).Sts.Conf, 'RJCR');
    const [information] = resolution(statuses[0]).CxlDtls[0].TxInfAndSts[0].CxlStsRsnInf;
    assert.equal(information.Rsn.Cd, code);
    assert.match(information.AddtlInf.join(' '), words);
  }
});

test('a bank’s request speaks for that bank alone: another’s name is refused in its own words', async () => {
  const { alfa, beta, send } = world();
  const order = payment(ALFA, BETA, 100_001n);
  await send(alfa.pay(order, customers, NOW));
  const rows: [Message, RegExp][] = [
    [
      beta.cancel({ id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null }, NOW),
      /Path: ce_source.*BETAFR00.*Expected: must be ALFADE00/,
    ],
    [beta.limit(limit('L-1', 0n), NOW), /Path: ce_source.*BETAFR00.*Expected: must be ALFADE00/],
    [
      beta.reserve(reservation('V-1', 1n), NOW),
      /Path: ce_source.*BETAFR00.*Expected: must be ALFADE00/,
    ],
  ];
  for (const [message, words] of rows) {
    const { kinds, statuses, statusTopics } = await send(message);
    assert.deepEqual(kinds, ['rejected formatInvalid']);
    assert.deepEqual(statusTopics, ['statuses.BETAFR00']);
    assert.match(JSON.stringify(statuses[0]), words);
  }
});

test('forged requests are notices and change nothing', async () => {
  const { alfa, send, settlement } = world();
  const order = payment(ALFA, BETA, 100_001n);
  await send(alfa.pay(order, customers, NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  for (const message of [
    alfa.cancel(request, NOW),
    alfa.reorder({ ...request, priority: 'urgent', move: 'front' }, NOW),
    alfa.limit(limit('L-1', 0n), NOW),
    alfa.reserve(reservation('V-1', 100_000n), NOW),
  ]) {
    const forged = withHeaders(message, { ce_issuedatms: String(NOW - 1) });
    const { kinds, statuses } = await send(forged);
    assert.deepEqual(kinds, ['noticed signatureInvalid']);
    assert.equal(status(statuses[0]).StsRsnInf[0].Rsn.Cd, 'DS0B');
    assert.equal(status(statuses[0]).OrgnlUETR, undefined);
  }
  assert.equal(settlement.queued(), 1);
});

test('a re-ordered payment passes those before it, and its bank is told', async () => {
  const { alfa, send, clear, settlement } = world();
  const [first, second] = [payment(ALFA, BETA, 100_002n), payment(ALFA, BETA, 100_001n)];
  await send(alfa.pay(first, customers, NOW), alfa.pay(second, customers, NOW));
  const request = {
    id: 'R-1',
    uetr: second.uetr,
    paymentType,
    priority: 'normal',
    move: 'front',
    currency: null,
  } as const;
  const { kinds, statuses } = await send(alfa.reorder(request, NOW));
  assert.deepEqual(kinds, ['reordered']);
  assert.deepEqual(receipt(statuses[0]), {
    OrgnlMsgId: { MsgId: 'R-1', MsgNmId: 'camt.007.001.08' },
    ReqHdlg: [{ StsCd: 'COMP' }],
  });
  assert.deepEqual(clear([writeControl(issue('1'))]).kinds, ['issued', 'settled']);
  assert.equal(settlement.balance(0, 0), 0n, 'the second, which is smaller by 1');
  const late = await send(alfa.reorder({ ...request, id: 'R-2' }, NOW));
  assert.deepEqual(late.kinds, ['rejected paymentFinal']);
  assert.equal(receipt(late.statuses[0]).ReqHdlg[0].StsCd, 'RJCT');
  assert.match(
    receipt(late.statuses[0]).ReqHdlg[0].Desc,
    /^NARR The payment, chain or quote has ended/,
  );
});

test('a limit of the bank’s own holds a payment until it is removed', async () => {
  const { alfa, send } = world();
  const set = await send(alfa.limit(limit('L-1', 4_999n), NOW));
  assert.deepEqual(set.kinds, ['limitSet']);
  assert.equal(receipt(set.statuses[0]).ReqHdlg[0].StsCd, 'COMP');
  const order = payment(ALFA, BETA, 5_000n);
  assert.deepEqual((await send(alfa.pay(order, customers, NOW))).kinds, ['queued']);
  const removal = alfa.limit(limit('L-2', null), NOW);
  assert.equal(removal.headers.ce_type, 'camt.012.001.07');
  const { kinds, statuses } = await send(removal);
  assert.deepEqual(kinds, ['limitSet', 'settled']);
  assert.equal(receipt(statuses[0]).OrgnlMsgId.MsgNmId, 'camt.012.001.07');
  assert.equal(status(statuses[1]).TxSts, 'ACSC');
});

test('a limit that makes no sense is refused with its reason', async () => {
  const { alfa, send } = world({}, [
    { kind: 'currency', timeMs: NOW, currency: 'USD', minorUnits: 2 },
  ]);
  const rows: [LimitRequest, string, RegExp][] = [
    [limit('L-1', 1n, { counterparty: 'NOBODY00' }), 'creditorAgentUnknown', /^CNOR /],
    [limit('L-2', 1n, { counterparty: ALFA }), 'sameAgent', /^AG03 /],
    [limit('L-3', 1n, { currency: 'USD' }), 'accountMissing', /^AC01 /],
  ];
  for (const [request, reason, words] of rows) {
    const { kinds, statuses } = await send(alfa.limit(request, NOW));
    assert.deepEqual(kinds, [`rejected ${reason}`]);
    assert.match(receipt(statuses[0]).ReqHdlg[0].Desc, words);
  }
});

test('liquidity reserved for urgent payments is not there for normal ones', async () => {
  const { alfa, send } = world();
  const { kinds, statuses } = await send(alfa.reserve(reservation('V-1', 60_000n), NOW));
  assert.deepEqual(kinds, ['reservationSet']);
  assert.equal(receipt(statuses[0]).ReqHdlg[0].StsCd, 'COMP');
  const normal = payment(ALFA, BETA, 50_000n);
  assert.deepEqual((await send(alfa.pay(normal, customers, NOW))).kinds, ['queued']);
  const urgent = { ...payment(ALFA, BETA, 60_000n), priority: 'urgent' as const };
  assert.deepEqual((await send(alfa.pay(urgent, customers, NOW))).kinds, ['settled']);
});

test('a payment waits for its earliest time and is cancelled at its latest', async () => {
  const { alfa, send, clear } = world();
  const hour = 3600;
  const times = { earliest: 86_400 + 10 * hour, latest: 86_400 + 11 * hour };
  const order = { ...payment(ALFA, BETA, 5_000n), times };
  assert.deepEqual((await send(alfa.pay(order, customers, NOW))).kinds, ['queued']);
  const unfunded = { ...payment(ALFA, BETA, 200_000n), times };
  await send(alfa.pay(unfunded, customers, NOW));
  const tick = (hours: number) =>
    clear([writeControl({ kind: 'tick', timeMs: NOW + hours * 3_600_000 })]).kinds;
  assert.ok(tick(1).includes('settled'), 'at 10:00 the first settles');
  assert.ok(tick(2).includes('cancelled latestTimePassed'), 'at 11:00 the second ends');
  const timestampMs = NOW + 7_200_000;
  const late = alfa.pay({ ...payment(ALFA, BETA, 1n), times }, customers, timestampMs);
  assert.deepEqual((await send({ ...late, timestampMs })).kinds, ['rejected timesInvalid']);
});
