import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusItem } from '../../services/gateway/mail-items.ts';
import type {
  PaymentInstruction,
  ReturnInstruction,
} from '../../services/protocol/messages/instruction.ts';
import { RESOLUTION } from '../../services/protocol/messages/resolution-and-receipt.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { USUAL_STATEMENTS } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { ALFA, BETA, customers, NOW, payment, world } from '../support/message-path.ts';
import { topicFaults } from '../support/topic-contract.ts';

/**
 * What follows a settled payment, from the signed message to both banks: its return, the request to cancel it
 * and the answer, and whether the customer was credited.
 */
// biome-ignore lint/suspicious/noExplicitAny: answers are read at any place.
type Body = any;
const resolution = (body: Body) => body.Document.RsltnOfInvstgtn;
const receipt = (body: Body) => body.Document.Rct.RctDtls[0];
const status = (body: Body) => body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
const paymentType = 'pacs.008.001.08' as const;
const settled = { Ccy: 'EUR', Amt: '50.00' };

const back = (
  of: PaymentInstruction,
  id: string,
  amountMinor: bigint,
  over: Partial<ReturnInstruction> = {},
): ReturnInstruction => ({
  id,
  sender: of.creditorAgent,
  receiver: of.debtorAgent,
  uetr: of.uetr,
  paymentType,
  originalMessageId: of.messageId,
  currency: 'EUR',
  amountMinor,
  settlementDate: of.settlementDate,
  priority: 'normal',
  ...over,
});
const reply = (of: PaymentInstruction, id: string, over = {}) => ({
  ...{ id, sender: BETA, receiver: ALFA, uetr: of.uetr, paymentType },
  ...over,
});
const words = (of: PaymentInstruction, status: string, reasonCode: string | null = null) => ({
  ...{ originalMessageId: of.messageId, status, reasonCode, settled },
});

/** 50.00 EUR from ALFA to BETA that settled, in a network that passes recalls on. */
async function afterSettlement(rules: Parameters<typeof world>[0] = {}) {
  const net = world({ passesRecalls: true, ...rules });
  const order = payment(ALFA, BETA, 5_000n);
  assert.deepEqual((await net.send(net.alfa.pay(order, customers, NOW))).kinds, ['settled']);
  return { ...net, order };
}

test('a return in parts goes back to the payer’s bank, as it was sent, until nothing is left', async () => {
  const { beta, send, settlement, order, notifier } = await afterSettlement();
  const message = beta.giveBack(back(order, 'R-1', 2_000n), 'AC04', NOW);
  const first = await send(message);
  assert.deepEqual(first.kinds, ['settled']);
  assert.deepEqual(first.statusTopics, ['statuses.BETAFR00']);
  const told = status(first.statuses[0]);
  assert.deepEqual(
    [told.TxSts, told.OrgnlUETR, told.OrgnlGrpInf],
    ['ACSC', order.uetr, { OrgnlMsgId: 'R-1', OrgnlMsgNmId: 'pacs.004.001.09' }],
  );
  const [delivery] = first.deliveries;
  assert.equal(delivery?.topic, 'deliveries.ALFADE00');
  assert.deepEqual(delivery?.message.value, message.value);
  const { ce_id, ce_uetr, ce_settledatms } = delivery?.message.headers ?? {};
  assert.deepEqual([ce_id, ce_uetr, ce_settledatms], ['R-1', order.uetr, String(NOW)]);
  const again = await send(message);
  assert.deepEqual([again.kinds, status(again.statuses[0]).TxSts], [['repeated'], 'ACSC']);
  const over = await send(beta.giveBack(back(order, 'R-2', 3_001n), 'AC04', NOW));
  assert.deepEqual(over.kinds, ['rejected returnExceedsOriginal']);
  assert.equal(status(over.statuses[0]).StsRsnInf[0].Rsn.Cd, 'AM02');
  assert.equal(status(over.statuses[0]).OrgnlUETR, order.uetr);
  const rest = await send(beta.giveBack(back(order, 'R-3', 3_000n), 'AC04', NOW));
  assert.deepEqual(rest.kinds, ['settled']);
  const more = await send(beta.giveBack(back(order, 'R-4', 1n), 'AC04', NOW));
  assert.deepEqual(more.kinds, ['rejected returnExceedsOriginal']);
  assert.deepEqual([settlement.balance(0, 0), settlement.balance(1, 0)], [100_000n, 100_000n]);
  assert.equal(notifier.waiting(), 0);
});

test('a return is booked as one, under the UETR of its payment, on both accounts', async () => {
  const { beta, send, order } = await afterSettlement({ statements: USUAL_STATEMENTS });
  const { statements } = await send(beta.giveBack(back(order, 'R-1', 2_000n), 'AC04', NOW));
  const entries = statements.map(({ topic, message }) => {
    const body: Body = JSON.parse(`${Buffer.from(message.value)}`);
    const [entry] = body.Document.BkToCstmrDbtCdtNtfctn.Ntfctn[0].Ntry;
    const [{ TxDtls }] = entry.NtryDtls;
    return [topic, entry.CdtDbtInd, entry.Amt.Amt, entry.BkTxCd.Prtry.Cd, TxDtls[0].Refs.UETR];
  });
  assert.deepEqual(entries, [
    ['statements.ALFADE00', 'CRDT', '20.00', 'RETURN', order.uetr],
    ['statements.BETAFR00', 'DBIT', '20.00', 'RETURN', order.uetr],
  ]);
});

test('what cannot be returned, and by whom', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  const waiting = payment(ALFA, BETA, 200_000n);
  await send(alfa.pay(waiting, customers, NOW));
  const rows: [Message, string, string][] = [
    [
      beta.giveBack(back(payment(ALFA, BETA, 1n), 'R-1', 1n), 'AC04', NOW),
      'originalUnknown',
      'NOOR',
    ],
    [
      beta.giveBack(back(order, 'R-2', 1n, { paymentType: 'pacs.009.001.08' }), 'AC04', NOW),
      'originalUnknown',
      'NOOR',
    ],
    [beta.giveBack(back(waiting, 'R-3', 1n), 'AC04', NOW), 'originalNotSettled', 'NARR'],
    [
      alfa.giveBack(back(order, 'R-4', 1n, { sender: ALFA, receiver: ALFA }), 'AC04', NOW),
      'notCreditorAgent',
      'AG01',
    ],
    [
      beta.giveBack(back(order, 'R-5', 1n, { settlementDate: '2026-03-01' }), 'AC04', NOW),
      'settlementDateInvalid',
      'DT01',
    ],
  ];
  for (const [message, reason, code] of rows) {
    const { kinds, statuses } = await send(message);
    assert.deepEqual(kinds, [`rejected ${reason}`]);
    assert.equal(status(statuses[0]).StsRsnInf[0].Rsn.Cd, code, reason);
    assert.equal(status(statuses[0]).OrgnlGrpInf.OrgnlMsgNmId, 'pacs.004.001.09');
  }
});

test('a return without funds waits, and what it takes is free again where it ends unsettled', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  await send(beta.pay(payment(BETA, ALFA, 105_000n), customers, NOW));
  const queued = await send(beta.giveBack(back(order, 'R-1', 5_000n), 'AC04', NOW));
  assert.deepEqual(queued.kinds, ['queued']);
  assert.equal(status(queued.statuses[0]).TxSts, 'PDNG');
  assert.equal(status(queued.statuses[0]).OrgnlUETR, order.uetr);
  const second = await send(beta.giveBack(back(order, 'R-2', 1n), 'AC04', NOW));
  assert.deepEqual(second.kinds, ['rejected returnExceedsOriginal']);
  const funds = await send(alfa.pay(payment(ALFA, BETA, 5_000n), customers, NOW));
  assert.deepEqual(funds.kinds, ['settled', 'settled']);
  assert.equal(funds.deliveries[1]?.topic, 'deliveries.ALFADE00');
  assert.equal(funds.deliveries[1]?.message.headers.ce_id, 'R-1');
});

test('a return that waits is asked about, moved and cancelled by its own id, and then by no other', async () => {
  const { beta, send, settlement, order, notifier } = await afterSettlement();
  const ahead = payment(BETA, ALFA, 105_001n);
  await send(beta.pay(ahead, customers, NOW));
  for (const id of ['R-1', 'R-2'])
    assert.deepEqual((await send(beta.giveBack(back(order, id, 2_000n), 'AC04', NOW))).kinds, [
      'queued',
    ]);
  const its = {
    ...{ sender: BETA, uetr: order.uetr, paymentType: 'pacs.004.001.09' as const },
    returnId: 'R-2',
  };
  const asked = await send(
    beta.askStatus({ ...its, id: 'Q-1', paymentSender: BETA }, its.returnId, NOW),
  );
  const told = status(asked.statuses[0]);
  assert.deepEqual(
    [told.TxSts, told.OrgnlUETR, told.OrgnlGrpInf, told.StsRsnInf[0].Rsn],
    [
      ...['PDNG', order.uetr, { OrgnlMsgId: 'R-2', OrgnlMsgNmId: 'pacs.004.001.09' }],
      { Prtry: 'BEHIND' },
    ],
  );
  assert.equal(told.StsRsnInf[0].AddtlInf.at(-1), `Behind return R-1 of ${order.uetr}`);
  const moved = await send(
    beta.reorder({ ...its, id: 'M-1', priority: 'normal', move: 'front', currency: null }, NOW),
  );
  assert.deepEqual(moved.kinds, ['reordered', 'settled']);
  assert.equal(receipt(moved.statuses[0]).ReqHdlg[0].StsCd, 'COMP');
  const cancel = (id: string, returnId: string) =>
    send(beta.cancel({ ...its, id, returnId, currency: null }, NOW));
  const settled = await cancel('C-1', 'R-2');
  assert.deepEqual(settled.kinds, ['rejected paymentFinal'], 'no recall of a return');
  assert.deepEqual((await cancel('C-2', 'R-9')).kinds, ['rejected paymentUnknown']);
  const cancelled = await cancel('C-3', 'R-1');
  assert.deepEqual(cancelled.kinds, ['cancelled cancelledByDebtorAgent']);
  assert.equal(status(cancelled.statuses[0]).OrgnlGrpInf.OrgnlMsgId, 'R-1');
  const resolved = resolution(cancelled.statuses[1]);
  assert.deepEqual(
    [resolved.Sts.Conf, resolved.CxlDtls[0].TxInfAndSts[0].OrgnlUETR],
    [...['CNCL', order.uetr]],
  );
  const rest = await send(beta.giveBack(back(order, 'R-3', 3_000n), 'AC04', NOW));
  assert.deepEqual(rest.kinds, ['queued'], 'what it took is free again');
  assert.equal(settlement.balance(1, 0), 103_000n);
  assert.equal(notifier.waiting(), 2);
});

test('the request to cancel a settled payment is passed on, pending, and answered once', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  const early = await send(beta.answerRecall(reply(order, 'A-0'), words(order, 'CNCL'), NOW));
  assert.deepEqual(early.kinds, ['rejected answerNotAwaited']);
  assert.equal(receipt(early.statuses[0]).ReqHdlg[0].StsCd, 'RJCT');
  const message = alfa.cancel(request, NOW);
  const asked = await send(message);
  assert.deepEqual(asked.kinds, ['passedOn']);
  assert.deepEqual(asked.statusTopics, ['statuses.ALFADE00']);
  assert.equal(resolution(asked.statuses[0]).Sts.Conf, 'PDCR');
  assert.equal(asked.deliveries[0]?.topic, 'deliveries.BETAFR00');
  assert.deepEqual(asked.deliveries[0]?.message.value, message.value);
  assert.equal(asked.deliveries[0]?.message.headers.ce_signature, message.headers.ce_signature);
  assert.equal(asked.deliveries[0]?.message.headers.ce_passedonatms, String(NOW));
  const repeated = await send(message);
  assert.deepEqual(repeated.kinds, ['repeated']);
  assert.equal(resolution(repeated.statuses[0]).Sts.Conf, 'PDCR');
  assert.deepEqual(repeated.deliveries, []);
  const reminder = await send(alfa.cancel({ ...request, id: 'C-9' }, NOW));
  assert.deepEqual([reminder.kinds, reminder.deliveries], [['repeated'], []]);
  assert.equal(resolution(reminder.statuses[0]).Sts.Conf, 'PDCR');
  const rows: [Message, string][] = [
    [beta.answerRecall(reply(order, 'A-1'), words(order, 'PDCR'), NOW), 'passedOn'],
    [
      alfa.answerRecall(reply(order, 'A-2', { sender: ALFA }), words(order, 'RJCR', 'LEGL'), NOW),
      'rejected notCreditorAgent',
    ],
    [beta.answerRecall(reply(order, 'A-3'), words(order, 'RJCR', 'LEGL'), NOW), 'passedOn'],
    [
      beta.answerRecall(reply(order, 'A-4'), words(order, 'CNCL'), NOW),
      'rejected answerNotAwaited',
    ],
  ];
  for (const [answer, kind] of rows) {
    const { kinds, statuses, deliveries } = await send(answer);
    assert.deepEqual(kinds, [kind]);
    const done = kind === 'passedOn';
    assert.equal(receipt(statuses[0]).ReqHdlg[0].StsCd, done ? 'COMP' : 'RJCT');
    assert.deepEqual(
      deliveries.map(({ topic, message }) => [topic, Buffer.from(message.value)]),
      done ? [['deliveries.ALFADE00', Buffer.from(answer.value)]] : [],
    );
  }
  const anew = await send(alfa.cancel({ ...request, id: 'C-2' }, NOW));
  assert.deepEqual(anew.kinds, ['passedOn'], 'who was refused may ask again');
  await send(beta.giveBack(back(order, 'R-1', 5_000n), 'AC04', NOW));
  const late = await send(alfa.cancel({ ...request, id: 'C-3' }, NOW));
  assert.deepEqual([late.kinds, late.deliveries], [['rejected alreadyReturned'], []]);
  const { Sts, CxlDtls } = resolution(late.statuses[0]);
  assert.deepEqual(
    [Sts.Conf, CxlDtls[0].TxInfAndSts[0].CxlStsRsnInf[0].Rsn],
    ['RJCR', { Cd: 'ARDT' }],
  );
  const credited = await send(beta.reportCredit(reply(order, 'S-1'), words(order, 'ACCC'), NOW));
  assert.deepEqual(credited.kinds, ['rejected alreadyReturned']);
});

test('a bank of a payment asks how it stands, and is told by its status; nobody else is', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  const waiting = payment(ALFA, BETA, 200_000n);
  await send(alfa.pay(waiting, customers, NOW));
  const ask = (of: PaymentInstruction, id: string, sender: typeof ALFA) => ({
    ...{ id, sender, uetr: of.uetr, paymentType, paymentSender: ALFA },
  });
  const rows: [Message, string, string, string][] = [
    [alfa.askStatus(ask(order, 'Q-1', ALFA), order.messageId, NOW), 'ALFADE00', order.uetr, 'ACSC'],
    [beta.askStatus(ask(order, 'Q-2', BETA), order.messageId, NOW), 'BETAFR00', order.uetr, 'ACSC'],
    [alfa.askStatus(ask(waiting, 'Q-3', ALFA), 'M', NOW), 'ALFADE00', waiting.uetr, 'PDNG'],
  ];
  for (const [message, to, uetr, code] of rows) {
    const { kinds, statuses, statusTopics } = await send(message);
    assert.deepEqual([kinds, statusTopics], [['queried'], [`statuses.${to}`]]);
    const told = status(statuses[0]);
    assert.deepEqual([told.OrgnlUETR, told.TxSts], [uetr, code]);
    assert.equal(told.OrgnlGrpInf.OrgnlMsgNmId, paymentType);
    assert.equal(told.OrgnlTxRef.DbtrAgt.FinInstnId.BICFI, 'ALFADE00');
  }
  const pending = await send(alfa.askStatus(ask(waiting, 'Q-7', ALFA), 'M', NOW));
  const because = status(pending.statuses[0]).StsRsnInf[0];
  assert.deepEqual(
    [because.Rsn, because.AddtlInf.at(-1)],
    [...[{ Cd: 'AM04' }, 'Short by EUR 1050.00']],
  );
  const request = { id: 'C-1', sender: ALFA, uetr: waiting.uetr, paymentType, currency: null };
  await send(alfa.cancel(request, NOW));
  const ended = await send(alfa.askStatus(ask(waiting, 'Q-4', ALFA), 'M', NOW));
  assert.equal(status(ended.statuses[0]).TxSts, 'CANC');
  assert.equal(status(ended.statuses[0]).StsRsnInf[0].Rsn.Cd, 'CUST');
  const repeated = await send(alfa.askStatus(ask(waiting, 'Q-3', ALFA), 'M', NOW));
  assert.deepEqual(repeated.statusTopics, ['statuses.ALFADE00']);
  assert.equal(status(repeated.statuses[0]).TxSts, 'CANC', 'asked again it is told as it is now');
  for (const message of [
    beta.askStatus(ask(waiting, 'Q-5', BETA), 'M', NOW),
    alfa.askStatus(ask(payment(ALFA, BETA, 1n), 'Q-6', ALFA), 'M', NOW),
  ]) {
    const { kinds, statuses } = await send(message);
    assert.deepEqual(kinds, ['rejected paymentUnknown']);
    assert.match(receipt(statuses[0]).ReqHdlg[0].Desc, /NOOR/);
  }
});

test('what followed a settlement is told to who asks how the payment stands', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  let count = 0;
  const standing = async () => {
    count += 1;
    const { id, sender, uetr } = { id: `Q-${count}`, sender: ALFA, uetr: order.uetr };
    const about = { id, sender, uetr, paymentType, paymentSender: ALFA };
    const { statuses } = await send(alfa.askStatus(about, order.messageId, NOW));
    const { TxSts, StsRsnInf } = status(statuses[0]);
    return [TxSts, ...(StsRsnInf?.[0].AddtlInf ?? [])];
  };
  assert.deepEqual(await standing(), ['ACSC', 'Not returned: EUR 50.00']);
  await send(beta.giveBack(back(order, 'R-1', 2_000n), 'AC04', NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  await send(alfa.cancel(request, NOW));
  assert.deepEqual(await standing(), [
    ...['ACSC', 'Not returned: EUR 30.00'],
    "The creditor's agent has not decided on the request to cancel it",
  ]);
  await send(beta.answerRecall(reply(order, 'A-1'), words(order, 'RJCR', 'LEGL'), NOW));
  await send(beta.reportCredit(reply(order, 'S-1'), words(order, 'ACCC'), NOW));
  assert.deepEqual(await standing(), ['ACCC', 'Not returned: EUR 30.00']);
  const other = await afterSettlement();
  const refused = words(other.order, 'RJCT', 'AC04');
  await other.send(other.beta.reportCredit(reply(other.order, 'S-1'), refused, NOW));
  const about = { sender: BETA, uetr: other.order.uetr, paymentType, paymentSender: ALFA };
  const { statuses } = await other.send(other.beta.askStatus({ ...about, id: 'Q-1' }, 'M', NOW));
  assert.equal(status(statuses[0]).TxSts, 'ACSC');
  assert.match(status(statuses[0]).StsRsnInf[0].AddtlInf.at(-1), /did not credit its customer/);
});

test('who asks what became of a request to cancel is told by a camt.029', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  let count = 0;
  const standing = async (of: PaymentInstruction, sender: typeof ALFA = ALFA) => {
    count += 1;
    const about = { sender, uetr: of.uetr, paymentType, paymentSender: ALFA, id: `Q-${count}` };
    const bank = sender === ALFA ? alfa : beta;
    const { kinds, statuses, statusTopics } = await send(
      bank.askRecall(about, of.messageId, 'C-1', NOW),
    );
    assert.deepEqual(
      [kinds.map((kind) => kind.split(' ')[0]), statusTopics],
      [['queried'], [`statuses.${sender}`]],
    );
    const { Assgnmt, Sts, CxlDtls } = resolution(statuses[0]);
    const [{ OrgnlGrpInf, OrgnlUETR, CxlStsRsnInf }] = CxlDtls[0].TxInfAndSts;
    assert.equal(Assgnmt.Assgne.Agt.FinInstnId.BICFI, sender);
    assert.deepEqual(
      [OrgnlGrpInf, OrgnlUETR],
      [{ OrgnlMsgId: 'C-1', OrgnlMsgNmId: 'camt.056.001.08' }, of.uetr],
    );
    return [Sts.Conf, CxlStsRsnInf?.[0].Rsn.Cd, CxlStsRsnInf?.[0].AddtlInf.at(-1)];
  };
  const none = (left: string) => ['RJCR', 'NARR', `Not returned: EUR ${left}`];
  const [pending, cancelled] = [
    ['PDCR', undefined, undefined],
    ['CNCL', undefined, undefined],
  ];
  assert.deepEqual(await standing(order), none('50.00'), 'nothing was asked');
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  await send(alfa.cancel(request, NOW));
  assert.deepEqual(await standing(order), pending);
  assert.deepEqual(await standing(order, BETA), pending, 'the bank that is asked may ask too');
  await send(beta.answerRecall(reply(order, 'A-1'), words(order, 'PDCR'), NOW));
  assert.deepEqual(await standing(order), pending);
  await send(beta.giveBack(back(order, 'R-1', 2_000n), 'AC04', NOW));
  await send(beta.answerRecall(reply(order, 'A-2'), words(order, 'RJCR', 'LEGL'), NOW));
  assert.deepEqual(await standing(order), none('30.00'), 'it was answered');
  await send(beta.giveBack(back(order, 'R-2', 3_000n), 'AC04', NOW));
  assert.deepEqual(await standing(order), cancelled, 'all of it is back');
  const waiting = payment(ALFA, BETA, 900_000n);
  await send(alfa.pay(waiting, customers, NOW));
  const before = await standing(waiting);
  assert.deepEqual(before.slice(0, 2), ['RJCR', 'NARR']);
  await send(alfa.cancel({ ...request, id: 'C-9', uetr: waiting.uetr }, NOW));
  assert.deepEqual(await standing(waiting), cancelled);
});

test('in a network that was founded without it the request is refused, as it was', async () => {
  const { alfa, send } = world();
  const order = payment(ALFA, BETA, 5_000n);
  await send(alfa.pay(order, customers, NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: null };
  assert.deepEqual((await send(alfa.cancel(request, NOW))).kinds, ['rejected paymentFinal']);
});

test('the creditor’s bank tells once whether it credited its customer; the payment stays settled', async () => {
  for (const [code, why, expected] of [
    ['ACCC', null, 'ACCC'],
    ['RJCT', 'AC04', 'ACSC'],
  ] as const) {
    const { alfa, beta, send, order } = await afterSettlement();
    const claims = { ...words(order, code, why), originalMessageId: 'M-OTHER' };
    const message = beta.reportCredit(reply(order, 'S-1'), claims, NOW);
    const { kinds, statuses, statusTopics, deliveries } = await send(message);
    assert.deepEqual(kinds, ['passedOn']);
    assert.deepEqual(statusTopics, ['statuses.BETAFR00', 'statuses.ALFADE00']);
    assert.equal(receipt(statuses[0]).ReqHdlg[0].StsCd, 'COMP');
    const told = status(statuses[1]);
    assert.deepEqual(
      [told.TxSts, told.OrgnlUETR, told.OrgnlGrpInf],
      [expected, order.uetr, { OrgnlMsgId: 'NOTPROVIDED', OrgnlMsgNmId: paymentType }],
      'ids that the receiver claims are not repeated as the payment’s',
    );
    assert.equal(told.OrgnlEndToEndId, undefined);
    assert.equal(told.StsRsnInf?.[0].Rsn.Cd, why ?? undefined);
    assert.deepEqual(
      deliveries.map(({ topic, message: { value } }) => [topic, Buffer.from(value)]),
      [['deliveries.ALFADE00', Buffer.from(message.value)]],
    );
    alfa.takeStatus(Buffer.from(JSON.stringify(statuses[1])));
    const other = beta.reportCredit(reply(order, 'S-2'), words(order, 'RJCT', 'AC01'), NOW);
    assert.deepEqual((await send(other)).kinds, ['rejected answerNotAwaited']);
    const foreign = alfa.reportCredit(
      reply(order, 'S-3', { sender: ALFA }),
      words(order, 'ACCC'),
      NOW,
    );
    assert.deepEqual((await send(foreign)).kinds, ['rejected notCreditorAgent']);
  }
});

test('a recall that nobody answers in time ends, by the network’s own word to both banks', async () => {
  const { alfa, beta, send, clear, order } = await afterSettlement({ recallDays: 1 });
  const asked = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: 'EUR' };
  await send(alfa.cancel(asked, NOW, 5_000n));
  const day = (date: string, kind: 'open' | 'close') =>
    writeControl({
      ...{ timeMs: NOW, currency: 'EUR', date },
      ...(kind === 'open' ? { kind, closesAtMs: NOW + 3_600_000 } : { kind }),
    });
  const first = clear([day('2026-03-16', 'close'), day('2026-03-17', 'open')]);
  assert.deepEqual(first.kinds, ['cycled', 'closed', 'opened']);
  const ended = clear([day('2026-03-17', 'close')]);
  assert.deepEqual(ended.kinds, ['cycled', 'closed', 'recallEnded recallUnanswered']);
  const told = ended.messages.filter(({ message }) => message.headers.ce_type === RESOLUTION);
  assert.deepEqual(
    told.map(({ topic }) => topic),
    ['statuses.ALFADE00', 'statuses.BETAFR00'],
  );
  const [{ topic, message }, agent] = told as [(typeof told)[0], (typeof told)[0]];
  const body: Body = JSON.parse(`${Buffer.from(message.value)}`);
  const { Assgnmt, Sts, CxlDtls } = resolution(body);
  const [{ OrgnlUETR, CxlStsRsnInf }] = CxlDtls[0].TxInfAndSts;
  assert.deepEqual(
    [Assgnmt.Assgnr, Sts.Conf, OrgnlUETR, CxlStsRsnInf[0].Rsn.Cd],
    [{ Pty: { Nm: 'test-1' } }, 'RJCR', order.uetr, 'NOAS'],
  );
  assert.equal(message.key, order.uetr);
  const kept = { ...message, partition: 0, logOffset: 0, timestampMs: 0 };
  assert.equal(statusItem(kept).uetr, order.uetr, 'over HTTP too');
  assert.deepEqual(CxlStsRsnInf[0].AddtlInf, [
    'The creditor agent gave no final answer in time',
    'Ask it directly, or ask once more with a new Assgnmt/Id (camt.056)',
  ]);
  assert.deepEqual(topicFaults(topic, message), []);
  const toAgent = resolution(JSON.parse(`${Buffer.from(agent.message.value)}`));
  const [ofAgent] = toAgent.CxlDtls[0].TxInfAndSts;
  assert.deepEqual(
    [toAgent.Assgnmt.Assgne.Agt, toAgent.Sts.Conf, ofAgent.OrgnlUETR, ofAgent.CxlStsRsnInf[0]],
    [
      { FinInstnId: { BICFI: 'BETAFR00' } },
      'RJCR',
      order.uetr,
      {
        Rsn: { Cd: 'NOAS' },
        AddtlInf: [
          'You gave no final answer to the request to cancel in time, and it has ended',
          'Nothing: an answer is refused until you are asked anew (camt.056)',
        ],
      },
    ],
  );
  assert.notEqual(toAgent.Assgnmt.Id, Assgnmt.Id);
  assert.deepEqual(topicFaults(agent.topic, agent.message), []);
  const late = await send(beta.answerRecall(reply(order, 'A-1'), words(order, 'CNCL'), NOW));
  assert.deepEqual(late.kinds, ['rejected answerNotAwaited']);
  assert.deepEqual((await send(alfa.cancel({ ...asked, id: 'C-2' }, NOW, 5_000n))).kinds, [
    'passedOn',
  ]);
});

test('a second request under an id is told of that id, and not of a UETR', async () => {
  const { alfa, beta, send, order } = await afterSettlement();
  const asked = { id: 'C-1', sender: ALFA, uetr: order.uetr, paymentType, currency: 'EUR' };
  await send(alfa.cancel(asked, NOW, 5_000n));
  const other = await send(alfa.cancel(asked, NOW + 1, 5_000n));
  const [{ CxlStsRsnInf }] = resolution(other.statuses[0]).CxlDtls[0].TxInfAndSts;
  assert.deepEqual(CxlStsRsnInf[0].AddtlInf, [
    'The Assgnmt/Id was used before for another payload',
    'Use a new Assgnmt/Id; the first message stands',
    ...['Path: ce_id', 'Value: "C-1"', 'Expected: must be new: another payload had it before'],
  ]);
  await send(beta.giveBack(back(order, 'R-1', 1n), 'AC04', NOW));
  const twice = await send(beta.giveBack(back(order, 'R-1', 2n), 'AC04', NOW));
  const { AddtlInf } = status(twice.statuses[0]).StsRsnInf[0];
  assert.ok(AddtlInf.includes('Use a new MsgId; the first message stands'), `${AddtlInf}`);
});
