import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_QUERY, QUEUE_QUERY } from '../../services/protocol/messages/message-types.ts';
import { QUEUE_REPORT, TRANSACTIONS_MAX } from '../../services/protocol/messages/queue-report.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import { ALFA, BETA, customers, NOW, payment, world } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';
import { topicFaults } from '../support/topic-contract.ts';

const BOND = 'XS0000000009';
const timeMs = NOW - 3_600_000;
const ASSETS: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'USD', minorUnits: 2 },
  { kind: 'currency', timeMs, currency: BOND, minorUnits: 0 },
  ...[ALFA, BETA].flatMap((bic) =>
    ['USD', BOND].map(
      (currency): ControlRecord => ({
        ...{ kind: 'account', timeMs, bic, currency },
        ...{ balanceMinor: '500', creditLineMinor: '0' },
      }),
    ),
  ),
];

/** A world in which banks ask; what is told has the form of the contract. */
function asking(...given: Parameters<typeof world>) {
  const base = world(...given);
  let serial = 0;
  const command = (control: object) =>
    base.clear([writeControl({ timeMs: NOW, ...control } as Parameters<typeof writeControl>[0])])
      .messages;
  async function pay(amountMinor: bigint, change: object = {}) {
    const instruction = { ...payment(ALFA, BETA, amountMinor), ...change };
    const sent = await base.send(base.alfa.pay(instruction, customers, NOW));
    return { uetr: instruction.uetr, ...sent };
  }
  async function ask(type: string, currency: string | null, from = base.alfa) {
    serial += 1;
    const query = { id: `Q-${serial}`, currency };
    const message = type === QUEUE_QUERY ? from.askQueue(query, NOW) : from.askDay(query, NOW);
    const { kinds, told, statusTopics } = await base.send(message);
    assert.ok(statusTopics.every((topic) => topic === statusTopics[0]));
    for (const one of atLeast(1, told))
      assert.deepEqual(topicFaults(statusTopics[0] as string, one), []);
    const bodies = told.map(({ value }) => JSON.parse(Buffer.from(value).toString()).Document);
    return { kinds, told, bodies, query, message };
  }
  const queue = async (currency: string | null = null) => {
    const { bodies, query } = await ask(QUEUE_QUERY, currency);
    for (const { RtrTx } of atLeast(1, bodies))
      assert.deepEqual(RtrTx.MsgHdr.OrgnlBizQry, { MsgId: query.id, MsgNmId: QUEUE_QUERY });
    return bodies.flatMap(({ RtrTx }) => RtrTx.RptOrErr.BizRpt?.TxRpt ?? []).map(entry);
  };
  return { ...base, command, pay, ask, queue };
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read at any place.
function entry({ PmtId, TxOrErr: { Tx } }: any) {
  const [{ Cd, DtTm, Rsn }] = Tx.Pmt.Sts;
  const [first, ...more] = Tx.AcctNtry.Ntry.AddtlNtryInf;
  const place = /^Position ([0-9]+)$/.exec(first);
  return {
    id: (PmtId.LngBizId?.UETR ?? PmtId.PrtryId) as string,
    amount: Object.values(Tx.Pmt.IntrBkSttlmAmt.AmtWthCcy).join(' '),
    account: Tx.AcctNtry.Acct.Id.Othr.Id as string,
    since: DtTm.DtTm as string,
    place: place ? Number(place[1]) : null,
    pending: Cd.Pdg as string,
    code: (Rsn?.[0].Prtry ?? null) as string | null,
    texts: (place ? more : [first, ...more]) as string[],
    priority: Tx.Pmt.Prty.Cd as string,
  };
}

/** By UETR, code and texts of the last status of each payment. */
function lastSaid(messages: readonly AddressedMessage[], bic: Bic) {
  const said = new Map<string, { code: string | null; texts: string[] }>();
  for (const { topic, message } of messages) {
    if (topic !== `statuses.${bic}` || message.headers.ce_type !== 'pacs.002.001.10') continue;
    const { Document } = JSON.parse(Buffer.from(message.value).toString());
    const [{ OrgnlUETR, StsRsnInf }] = Document.FIToFIPmtStsRpt.TxInfAndSts;
    const { Rsn, AddtlInf = [] } = StsRsnInf?.[0] ?? {};
    said.set(OrgnlUETR, { code: Rsn?.Cd ?? Rsn?.Prtry ?? null, texts: AddtlInf });
  }
  return said;
}

test('a queue is told in its order, with place, amount, since when and the reason of each status', async () => {
  const world = asking({}, ASSETS);
  const { pay, queue, alfa, send, notifier } = world;
  const all: AddressedMessage[] = [];
  const { project } = notifier;
  notifier.project = (...events) => {
    const messages = project(...events);
    all.push(...messages);
    return messages;
  };
  assert.deepEqual(await queue(), []);
  const first = await pay(100_500n);
  const second = await pay(100n);
  const urgent = await pay(200_000n, { priority: 'urgent' });
  const early = await pay(1n, { times: { earliest: 86_400 + 12 * 3600, latest: 0 } });
  const later = await pay(1n, { currency: 'USD' });
  const leg = {
    ...{ messageId: 'L-1', endToEndId: 'T-1', instructingAgent: ALFA, counterparty: BETA },
    ...{ uetr: payment(ALFA, BETA, 1n).uetr, delivers: BOND, deliversMinor: 5n, receives: 'EUR' },
    ...{ receivesMinor: 7n, settlementDate: '2026-03-16', priority: 'high' as const },
  } as const;
  await send(alfa.leg(leg, NOW));
  const told = await queue();
  assert.deepEqual(
    told.map(({ id, place, amount, code, pending }) => [id, place, amount, code, pending]),
    [
      [urgent.uetr, 1, 'EUR 2000.00', 'AM04', 'PSTL'],
      [first.uetr, 2, 'EUR 1005.00', 'BEHIND', 'PSTL'],
      [second.uetr, 3, 'EUR 1.00', 'BEHIND', 'PSTL'],
      [early.uetr, null, 'EUR 0.01', 'EARLIEST', 'VALD'],
      [later.uetr, null, 'USD 0.01', 'CLOSED', 'VALD'],
      [leg.uetr, null, 'XXX 5', 'UNMATCHED', 'UMAC'],
    ],
  );
  assert.deepEqual(
    told.map(({ priority }) => priority),
    ['URGT', 'NORM', 'NORM', 'NORM', 'NORM', 'HIGH'],
  );
  // A reason is told again by its kind: so the figure in the first status of the urgent one is that of now.
  const said = lastSaid(all, ALFA);
  for (const { id, code, texts, since } of atLeast(6, told)) {
    assert.deepEqual({ code, texts }, said.get(id), id);
    assert.equal(since, new Date(NOW).toISOString());
  }
  assert.deepEqual(
    (await queue('EUR')).map(({ id }) => id),
    [urgent, first, second, early].map(({ uetr }) => uetr),
  );
  assert.deepEqual(
    (await queue(BOND)).map(({ id, account }) => [id, account]),
    [[leg.uetr, BOND]],
  );
});

test('the answer is as of its place in the log, and a question sent again is answered anew', async () => {
  const { pay, ask, command } = asking();
  const { uetr } = await pay(100_500n);
  const first = await ask(QUEUE_QUERY, 'EUR');
  const figure = (bodies: typeof first.bodies) =>
    bodies[0].RtrTx.RptOrErr.BizRpt.TxRpt.map(entry)[0];
  assert.deepEqual(
    [figure(first.bodies).id, figure(first.bodies).texts.at(-1)],
    [uetr, 'Short by EUR 5.00'],
  );
  command({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '300' });
  const again = await ask(QUEUE_QUERY, 'EUR');
  assert.equal(figure(again.bodies).texts.at(-1), 'Short by EUR 2.00');
});

test('a question about an account that the bank has not, or of another form, is refused in a camt.025', async () => {
  const { ask } = asking({}, ASSETS.slice(0, 1));
  for (const type of [QUEUE_QUERY, DAY_QUERY]) {
    const { bodies, kinds } = await ask(type, 'USD');
    assert.deepEqual(kinds, ['rejected accountInvalid']);
    const [{ OrgnlMsgId, ReqHdlg }] = bodies[0].Rct.RctDtls;
    assert.equal(OrgnlMsgId.MsgNmId, type);
    assert.match(ReqHdlg[0].Desc, /^AC01 /);
  }
});

test('what is more than a page comes in several messages, which count it once', async () => {
  const limits = {
    ...{ participants: 4, currencies: 4, livePayments: 400, identities: 600 },
    ...{ quotes: 4, limits: 8 },
  };
  const { alfa, send, ask } = asking({ limits });
  const count = TRANSACTIONS_MAX + 3;
  const sent = Array.from({ length: count }, () => payment(ALFA, BETA, 100_001n));
  await send(...sent.map((one) => alfa.pay(one, customers, NOW)));
  const { bodies, told } = await ask(QUEUE_QUERY, null);
  assert.deepEqual(
    bodies.map(({ RtrTx: { MsgHdr, RptOrErr } }) => [
      ...[MsgHdr.MsgPgntn.PgNb, MsgHdr.MsgPgntn.LastPgInd],
      ...[RptOrErr.BizRpt.TxsSummry.NbOfNtries, RptOrErr.BizRpt.TxRpt.length],
    ]),
    [
      ['1', false, String(count), TRANSACTIONS_MAX],
      ['2', true, String(count), 3],
    ],
  );
  const entries = bodies.flatMap(({ RtrTx }) => RtrTx.RptOrErr.BizRpt.TxRpt.map(entry));
  assert.deepEqual(
    entries.map(({ id, place }) => [id, place]),
    sent.map(({ uetr }, at) => [uetr, at + 1]),
  );
  assert.equal(new Set(told.map(({ headers }) => headers.ce_id)).size, 2);
});

test('the business day is told as it stands: before, open, past its cut-off, closed', async () => {
  const { ask, command } = asking({}, ASSETS.slice(0, -2));
  const cutOff = NOW + 3_600_000;
  const day = async (currency: string | null = 'USD') => {
    const { bodies } = await ask(DAY_QUERY, currency);
    // biome-ignore lint/suspicious/noExplicitAny: answers are read at any place.
    return bodies[0].RtrBizDayInf.RptOrErr.BizRpt.map(({ BizDayOrErr }: any) => {
      const { BizDayInf, BizErr } = BizDayOrErr;
      if (BizErr) return BizErr[0].Err.Prtry;
      const [{ SysCcy, Evt }] = BizDayInf.SysInfPerCcy;
      // biome-ignore lint/suspicious/noExplicitAny: answers are read at any place.
      const times = Evt.map(({ FctvTm }: any) => FctvTm && Date.parse(FctvTm) - NOW);
      return [SysCcy, BizDayInf.SysDt.Dt, BizDayInf.SysSts.Sts.Cd, ...times];
    });
  };
  assert.deepEqual(await day(), ['NOT-OPENED']);
  const date = '2026-03-16';
  command({ kind: 'open', currency: 'USD', date, closesAtMs: cutOff });
  const open = ['USD', date, 'ACTV', 0, undefined, undefined];
  assert.deepEqual(await day(), [open]);
  // All that it has an account in, but no security.
  assert.deepEqual(await day(null), [
    ['EUR', date, 'ACTV', -3_600_000, undefined, undefined],
    open,
  ]);
  command({ kind: 'tick', timeMs: cutOff });
  assert.deepEqual(await day(), [['USD', date, 'CLSG', 0, 3_600_000, undefined]]);
  command({ kind: 'close', currency: 'USD', date, timeMs: cutOff + 5 });
  assert.deepEqual(await day(), [['USD', date, 'CLSD', 0, 3_600_000, 3_600_005]]);
});

test('a notifier that goes on behind any record answers what one without a break answers', async () => {
  const { pay, queue, ask, record, command } = asking({}, ASSETS);
  await pay(100_500n);
  await pay(3n, { times: { earliest: 86_400 + 10 * 3600, latest: 0 } });
  await queue();
  await pay(100n, { priority: 'urgent' });
  await ask(DAY_QUERY, null);
  command({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '10' });
  await queue();
  const { unbroken } = await atEveryCut(record);
  const answers = unbroken.filter(({ message }) => message.headers.ce_type === QUEUE_REPORT);
  assert.equal(answers.length, 2);
});
