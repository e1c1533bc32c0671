import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { ALFA, BETA, customers, NOW, payment, world } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';
import { NETTED, runRandom } from './reconciled-run.ts';

/** By bank, what the statuses among these messages say: UETR, status, reason, texts. */
function said(messages: readonly AddressedMessage[], bic: Bic) {
  return messages
    .filter(({ topic, message }) => topic === `statuses.${bic}` && isStatus(message.headers))
    .map(({ message }) => {
      const { Document } = JSON.parse(Buffer.from(message.value).toString());
      const [one] = Document.FIToFIPmtStsRpt.TxInfAndSts;
      const { Rsn, AddtlInf = [] } = one.StsRsnInf?.[0] ?? {};
      return {
        uetr: one.OrgnlUETR as string,
        status: one.TxSts as string,
        code: (Rsn?.Cd ?? Rsn?.Prtry ?? '') as string,
        texts: AddtlInf as string[],
      };
    });
}
const isStatus = ({ ce_type }: Record<string, string>) => ce_type === 'pacs.002.001.10';

/** A world that keeps what its notifier says. */
function told(...given: Parameters<typeof world>) {
  const base = world(...given);
  const command = (control: object) =>
    base.clear([writeControl({ timeMs: NOW, ...control } as Parameters<typeof writeControl>[0])])
      .messages;
  async function pay(amountMinor: bigint, change: object = {}, from: Bic = ALFA) {
    const [bank, to] = from === ALFA ? [base.alfa, BETA] : [base.beta, ALFA];
    const instruction = { ...payment(from, to, amountMinor), ...change };
    const sent = await base.send(bank.pay(instruction, customers, NOW));
    const statuses = sent.statuses.map((body, at) => ({
      topic: sent.statusTopics[at] as string,
      message: {
        ...{
          key: null,
          headers: { ce_type: body.Document.FIToFIPmtStsRpt ? 'pacs.002.001.10' : '' },
        },
        value: Buffer.from(JSON.stringify(body)),
      },
    }));
    return { uetr: instruction.uetr, statuses };
  }
  return { ...base, command, pay };
}

test('in a queue a bank is told which payment stands before its own, and again when that has gone', async () => {
  const { pay, command } = told();
  const first = await pay(100_500n);
  const second = await pay(100n);
  const third = await pay(200n);
  const [one] = said(first.statuses, ALFA);
  assert.deepEqual([one?.code, one?.texts.at(-1)], ['AM04', 'Short by EUR 5.00']);
  for (const [{ statuses, uetr }, front] of [
    [second, first],
    [third, second],
  ] as const) {
    const [own] = said(statuses, ALFA);
    assert.deepEqual([own?.uetr, own?.status, own?.code], [uetr, 'PDNG', 'BEHIND']);
    assert.equal(own?.texts.at(-1), `Behind ${front.uetr}`);
  }
  // Less is short: no status, for the kind is the same.
  const issue = (amountMinor: string) =>
    command({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor });
  assert.deepEqual(said(issue('200'), ALFA), []);
  const settled = said(issue('300'), ALFA).map(({ uetr, status, code }) => [uetr, status, code]);
  assert.deepEqual(settled, [
    [first.uetr, 'ACSC', ''],
    // The third is first now, and what the second left was nothing.
    [second.uetr, 'PDNG', 'AM04'],
  ]);
});

test('an urgent payment goes before: the one behind it is told so', async () => {
  const { pay } = told();
  const normal = await pay(100_001n);
  const urgent = await pay(200_000n, { priority: 'urgent' });
  const changed = said(urgent.statuses, ALFA);
  assert.deepEqual(
    changed.map(({ uetr, code, texts }) => [uetr, code, texts.at(-1)]),
    [
      [urgent.uetr, 'AM04', 'Short by EUR 1,000.00'.replace(',', '')],
      [normal.uetr, 'BEHIND', `Behind ${urgent.uetr}`],
    ],
  );
});

test('another urgent payment in front is told where what waits may not pass it, and under bypass not', async () => {
  for (const [queueRule, code] of [
    ['fifo', 'BEHIND'],
    ['bypass-fifo', undefined],
  ] as const) {
    const { pay } = told({ queueRule });
    const [first, normal] = [await pay(200_000n, { priority: 'urgent' }), await pay(100n)];
    const [own] = said(normal.statuses, ALFA);
    assert.equal(own?.texts.at(-1), `Behind ${first.uetr}`);
    const { statuses } = await pay(200_001n, { priority: 'urgent' });
    const again = said(statuses, ALFA).find(({ uetr }) => uetr === normal.uetr);
    assert.equal(again?.code, code, queueRule);
  }
});

test('a limit, a reservation, an opening and an earliest time are told as what they are', async () => {
  const { pay, command, send, alfa, beta } = told();
  const limit = { id: 'L-1', sender: ALFA, counterparty: BETA, currency: 'EUR' };
  await send(alfa.limit({ ...limit, limitMinor: 0n }, NOW));
  const [limited] = said((await pay(5_000n)).statuses, ALFA);
  assert.deepEqual([limited?.code, limited?.texts.at(-1)], ['AM23', 'Short by EUR 50.00']);
  const reservation = { id: 'V-1', sender: BETA, currency: 'EUR', priority: 'urgent' } as const;
  await send(beta.reserve({ ...reservation, amountMinor: 99_900n }, NOW));
  const [kept] = said((await pay(101n, {}, BETA)).statuses, BETA);
  assert.deepEqual([kept?.code, kept?.texts.at(-1)], ['AM04', 'Short by EUR 0.01']);
  assert.match(kept?.texts[0] ?? '', /reserved/);
  const early = await pay(1n, { times: { earliest: 86_400 + 12 * 3600, latest: 0 } });
  const [waits] = said(early.statuses, ALFA);
  assert.deepEqual(
    [waits?.code, waits?.texts.at(-1)],
    ['EARLIEST', 'Not before 2026-03-16T12:00:00.000Z'],
  );
  const close = command({ kind: 'close', currency: 'EUR', date: '2026-03-16' });
  assert.ok(said(close, ALFA).every(({ status }) => status === 'CANC'));
  const [later] = said((await pay(1n, { settlementDate: '2026-03-17' })).statuses, ALFA);
  assert.deepEqual(
    [later?.code, later?.texts.at(-1)],
    ['CLOSED', 'Until EUR opens for 2026-03-17 or a later date'],
  );
});

test('what net settlement has taken in is not told to wait, and all that waits has its reason', async () => {
  const { messages } = await runRandom(3, NETTED);
  const counts = { PDNG: 0, ACSP: 0 };
  for (const { topic } of new Map(messages.map((one) => [one.topic, one])).values())
    for (const { uetr, status, code } of said(messages, topic.split('.')[1] as Bic)) {
      if (status === 'PDNG') assert.notEqual(code, '', uetr);
      if (status === 'PDNG' || status === 'ACSP') counts[status] += 1;
    }
  assert.ok(counts.PDNG > 20 && counts.ACSP > 100, JSON.stringify(counts));
});

test('a notifier that goes on behind any event tells what one without a break tells', async () => {
  const whole = told({ queueRule: 'bypass-fifo' });
  const { pay, command, send, alfa } = whole;
  const reorder = (uetr: string, id: string) =>
    alfa.reorder(
      {
        ...{ id, uetr: uetr as Uetr, paymentType: 'pacs.008.001.08', currency: 'EUR' },
        ...{ priority: 'high', move: 'front' },
      },
      NOW,
    );
  await send(alfa.limit({ ...LIMIT_OF_ALFA, limitMinor: 60_000n }, NOW));
  const sent = [];
  for (const amount of [100_001n, 70_000n, 5n, 65_000n, 80_000n]) sent.push(await pay(amount));
  const urgent = await pay(100_002n, { priority: 'urgent' });
  for (const [at, one] of [urgent, sent[1], sent[3]].entries())
    await send(reorder(one?.uetr ?? '', `R-${at}`));
  await pay(3n, { times: { earliest: 86_400 + 10 * 3600, latest: 0 } });
  command({ kind: 'cycle', currency: null });
  command({ kind: 'tick', timeMs: NOW + 2 * 3_600_000 });
  await pay(40_000n, {}, BETA);
  command({
    kind: 'issue',
    bic: ALFA,
    currency: 'EUR',
    amountMinor: '30000',
    timeMs: NOW + 7_300_000,
  });
  const { cuts } = await atEveryCut(whole.record);
  assert.ok(cuts > 20, `${cuts} cuts`);
});

const LIMIT_OF_ALFA = { id: 'L-1', sender: ALFA, counterparty: BETA, currency: 'EUR' };
