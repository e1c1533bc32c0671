import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { ALLEGEMENT, AllegementSchema } from '../../services/protocol/messages/allegement.ts';
import type { LegInstruction } from '../../services/protocol/messages/instruction.ts';
import { SYSTEM_EVENT } from '../../services/protocol/messages/system-event.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { AddressedMessage } from '../../services/protocol/names/message.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import { ALFA, BETA, NOW, world } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';
import { topicFaults } from '../support/topic-contract.ts';

const timeMs = NOW - 3_600_000;
const date = '2026-03-16';
const DOLLARS: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'USD', minorUnits: 2 },
  ...[ALFA, BETA].map(
    (bic): ControlRecord => ({
      ...{ kind: 'account', timeMs, bic, currency: 'USD' },
      ...{ balanceMinor: '100000', creditLineMinor: '0' },
    }),
  ),
  { kind: 'open', timeMs, currency: 'USD', date, closesAtMs: NOW + 8 * 3_600_000 },
];

const POUNDS: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'GBP', minorUnits: 2 },
  {
    ...{ kind: 'account', timeMs, bic: BETA, currency: 'GBP' },
    ...{ balanceMinor: '100000', creditLineMinor: '0' },
  },
  { kind: 'open', timeMs, currency: 'GBP', date, closesAtMs: NOW + 8 * 3_600_000 },
];
/** Payments may still bear the dates of the days before. */
const BEFORE = '2026-03-13';

let serial = 0;
function leg(from: Bic, to: Bic, change: Partial<LegInstruction> = {}): LegInstruction {
  serial += 1;
  return {
    messageId: `L-${serial}`,
    endToEndId: 'TRADE-1',
    uetr: `00000000-0000-4000-a000-${String(serial).padStart(12, '0')}` as Uetr,
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
    ...{ delivers: given.receives, deliversMinor: given.receivesMinor },
    ...{ receives: given.delivers, receivesMinor: given.deliversMinor },
  });

const isAllegement = new Ajv({ strict: false }).compile(AllegementSchema);
/** What is alleged among these messages: to whom, and the body, which has the form of its schema. */
function allegements(messages: readonly AddressedMessage[]) {
  return messages
    .filter(({ message }) => message.headers.ce_type === ALLEGEMENT)
    .map(({ topic, message }) => {
      const body = JSON.parse(Buffer.from(message.value).toString());
      assert.ok(isAllegement(body), JSON.stringify(isAllegement.errors));
      assert.equal(message.key, body.Allegement.AllgmtId);
      return { topic, ...body.Allegement };
    });
}
/** A world whose messages are kept as the notifier gives them. */
function kept(...given: Parameters<typeof world>) {
  const all: AddressedMessage[] = [];
  const base = world(...given);
  const { project } = base.notifier;
  base.notifier.project = (...events) => {
    const messages = project(...events);
    all.push(...messages);
    return messages;
  };
  return { ...base, take: () => all.splice(0) };
}

test('two legs a cent apart: each bank is told of the other’s and in what its own differs', async () => {
  const { alfa, beta, send, take } = kept({}, DOLLARS);
  const first = leg(ALFA, BETA, { priority: 'urgent' });
  const other = { ...mirrored(first), deliversMinor: 54_001n };
  await send(alfa.leg(first, NOW), beta.leg(other, NOW));
  const [missing, toAlfa, toBeta, ...more] = allegements(take());
  assert.deepEqual(more, []);
  assert.deepEqual(
    [missing, toAlfa, toBeta].map((one) => one?.topic),
    ['statuses.BETAFR00', 'statuses.ALFADE00', 'statuses.BETAFR00'],
  );
  const { Sts, EndToEndId, Dlvr, Rcv, IntrBkSttlmDt, InstgAgt, CtrPty, YrLeg } = missing ?? {};
  assert.deepEqual([Sts, EndToEndId, IntrBkSttlmDt], ['ALLEGED', 'TRADE-1', date]);
  assert.equal(YrLeg, undefined, 'Beta has none yet');
  const euros = { Ccy: 'EUR', Amt: '500.00' };
  assert.deepEqual([Dlvr, Rcv], [euros, { Ccy: 'USD', Amt: '540.00' }]);
  assert.deepEqual(
    [InstgAgt, CtrPty].map((one) => one.FinInstnId.BICFI),
    [ALFA, BETA],
  );
  assert.doesNotMatch(
    JSON.stringify(missing),
    new RegExp(`${first.uetr}|${first.messageId}|URGT`),
    'nothing that is not to be mirrored',
  );
  assert.deepEqual([toAlfa?.Dlvr, toAlfa?.Rcv], [{ Ccy: 'USD', Amt: '540.01' }, euros]);
  assert.deepEqual(toAlfa?.YrLeg, {
    UETR: first.uetr,
    Diff: [{ Elmt: 'Rcv/Amt', Val: '540.00', Xpctd: '540.01' }],
  });
  // The same leg is alleged once more, as there is one of Beta's to hold it against.
  assert.deepEqual(
    [toBeta?.AllgmtId, toBeta?.Dlvr, toBeta?.Sts],
    [missing?.AllgmtId, Dlvr, 'ALLEGED'],
  );
  assert.deepEqual(toBeta?.YrLeg, {
    UETR: other.uetr,
    Diff: [{ Elmt: 'Dlvr/Amt', Val: '540.01', Xpctd: '540.00' }],
  });
});

test('every element that must mirror is told where it does not; of several legs the nearest is looked at', async () => {
  const { alfa, beta, send, take } = kept({}, [
    ...[...DOLLARS, ...POUNDS],
    { ...(POUNDS[1] as ControlRecord & { kind: 'account' }), bic: ALFA },
  ]);
  const first = leg(ALFA, BETA);
  const far = { ...mirrored(first), delivers: 'GBP', receivesMinor: 1n, settlementDate: BEFORE };
  const near = { ...mirrored(first), settlementDate: BEFORE };
  const waiting = await send(beta.leg(far, NOW), beta.leg(near, NOW));
  assert.deepEqual(waiting.kinds, ['queued', 'queued']);
  take();
  await send(alfa.leg(first, NOW));
  const [toBeta, toAlfa] = allegements(take());
  const dates = (Val: string, Xpctd: string) => [{ Elmt: 'IntrBkSttlmDt', Val, Xpctd }];
  assert.deepEqual(toBeta?.YrLeg, { UETR: near.uetr, Diff: dates(BEFORE, date) });
  assert.deepEqual(toAlfa?.YrLeg, { UETR: first.uetr, Diff: dates(date, BEFORE) });
  // What is nearer ends, so that the other is left.
  const request = { id: 'C-1', sender: BETA, uetr: near.uetr, currency: 'EUR' };
  await send(beta.cancel({ ...request, paymentType: 'corridor.pvp.1' }, NOW, 1n));
  assert.deepEqual(
    allegements(take()).map(({ topic, Sts }) => [topic, Sts]),
    [['statuses.ALFADE00', 'CANCELLED']],
  );
  const again = leg(ALFA, BETA);
  await send(alfa.leg(again, NOW));
  assert.deepEqual(allegements(take())[0]?.YrLeg, {
    UETR: far.uetr,
    Diff: [
      { Elmt: 'Dlvr/Ccy', Val: 'GBP', Xpctd: 'USD' },
      { Elmt: 'Rcv/Amt', Val: '0.01', Xpctd: '500.00' },
      { Elmt: 'IntrBkSttlmDt', Val: BEFORE, Xpctd: date },
    ],
  });
});

test('what was alleged ends under the same id: matched, cancelled, or out of time', async () => {
  const { alfa, beta, send, clear, take } = kept({ pvpTimeoutMs: 60_000 }, DOLLARS);
  const [met, withdrawn, late] = [1, 2, 3].map((n) => leg(ALFA, BETA, { endToEndId: `T-${n}` }));
  assert.ok(met && withdrawn && late);
  for (const one of [met, withdrawn, late]) await send(alfa.leg(one, NOW));
  const told = allegements(take());
  assert.deepEqual(
    told.map(({ Sts }) => Sts),
    ['ALLEGED', 'ALLEGED', 'ALLEGED'],
  );
  await send(beta.leg({ ...mirrored(met), endToEndId: 'T-1' }, NOW));
  const request = { id: 'C-1', sender: ALFA, uetr: withdrawn.uetr, currency: 'EUR' };
  await send(alfa.cancel({ ...request, paymentType: 'corridor.pvp.1' }, NOW, 50_000n));
  clear([writeControl({ kind: 'tick', timeMs: NOW + 60_000 })]);
  const ended = allegements(take());
  assert.deepEqual(
    ended.map(({ topic, Sts, AllgmtId }) => [topic, Sts, AllgmtId]),
    ['MATCHED', 'CANCELLED', 'TIMED_OUT'].map((state, at) => [
      ...['statuses.BETAFR00', state, told[at]?.AllgmtId],
    ]),
  );
});

/** The business day's events for a bank. */
const dayOf = (messages: readonly AddressedMessage[], bic: Bic) =>
  messages
    .filter(
      ({ topic, message }) =>
        topic === `statuses.${bic}` && message.headers.ce_type === SYSTEM_EVENT,
    )
    .map(({ message }) => {
      const { EvtCd, EvtParam } = JSON.parse(Buffer.from(message.value).toString()).Document
        .SysEvtNtfctn.EvtInf;
      return [EvtCd, ...EvtParam].join(' ');
    });

test('every bank of a currency hears of openings with their cut-off, of cut-offs, closes, and once of a close that is late', async () => {
  const { clear, take, alfa } = kept({}, DOLLARS.slice(0, 3));
  const cutOff = NOW + 3_600_000;
  const at = new Date(cutOff).toISOString();
  const command = (control: object) => clear([writeControl(control as ControlRecord)]).messages;
  const open = { kind: 'open', currency: 'USD', date, closesAtMs: cutOff, timeMs: NOW };
  const opened = command(open);
  for (const bic of [ALFA, BETA]) assert.deepEqual(dayOf(opened, bic), [`OPEN USD ${date} ${at}`]);
  const issue = (timeMs: number) =>
    command({ kind: 'issue', bic: ALFA, currency: 'USD', amountMinor: '1', timeMs });
  assert.deepEqual(dayOf(issue(cutOff - 1), ALFA), []);
  assert.deepEqual(dayOf(issue(cutOff), ALFA), [`COFF USD ${date} ${at}`]);
  // With an event within a minute of the cut-off nothing is late.
  assert.deepEqual(dayOf(issue(cutOff + 59_999), ALFA), []);
  assert.deepEqual(dayOf(issue(cutOff + 60_000), BETA), [`DLAY USD ${date} ${at}`]);
  assert.deepEqual(dayOf(issue(cutOff + 70_000), BETA), [], 'once');
  const closed = command({ kind: 'close', currency: 'USD', date, timeMs: cutOff + 80_000 });
  const closedAt = new Date(cutOff + 80_000).toISOString();
  assert.deepEqual(dayOf(closed, ALFA), [`CLSD USD ${date} ${closedAt}`]);
  const ids = take().map(({ topic, message }) => `${topic} ${message.headers.ce_id}`);
  assert.equal(new Set(ids).size, ids.length, 'an id of its own for each');
  // A bank takes them for no status and no answer.
  for (const { message } of [...opened, ...closed]) alfa.takeStatus(message.value);
  assert.deepEqual([alfa.book().answers, alfa.book().unmatched], [0, 0]);
});

test('a close at its cut-off is no delay, and who has no account in the currency hears nothing', async () => {
  const { clear } = kept({}, POUNDS.slice(0, 2));
  const cutOff = NOW + 3_600_000;
  const command = (control: object) => clear([writeControl(control as ControlRecord)]).messages;
  const opened = command({ ...POUNDS[2], closesAtMs: cutOff, timeMs: NOW });
  const closed = command({ kind: 'close', currency: 'GBP', date, timeMs: cutOff + 60_000 });
  for (const messages of [opened, closed]) assert.deepEqual(dayOf(messages, ALFA), []);
  assert.deepEqual(
    dayOf([...opened, ...closed], BETA).map((one) => one.slice(0, 8)),
    ['OPEN GBP', 'COFF GBP', 'CLSD GBP'],
  );
});

test('a bank of XML is told of legs and the day in XML that has the form of the contract, and any bank in JSON', async () => {
  const gamma = 'GAMMUS00' as Bic;
  const { alfa, send, take, clear } = kept({ pvpTimeoutMs: 60_000 }, [
    { kind: 'participant', timeMs, bic: gamma, name: 'G', role: 'bank', syntax: 'xml' },
    ...['EUR'].map(
      (currency): ControlRecord => ({
        ...{ kind: 'account', timeMs, bic: gamma, currency },
        ...{ balanceMinor: '0', creditLineMinor: '0' },
      }),
    ),
    ...DOLLARS.slice(0, 3),
    {
      ...{ kind: 'account', timeMs, bic: gamma, currency: 'USD' },
      ...{ balanceMinor: '0', creditLineMinor: '0' },
    },
    DOLLARS[3] as ControlRecord,
  ]);
  await send(alfa.leg(leg(ALFA, gamma), NOW), alfa.leg(leg(ALFA, BETA), NOW));
  clear([writeControl({ kind: 'tick', timeMs: NOW + 60_000 })]);
  const all = take();
  for (const { topic, message } of atLeast(5, all))
    assert.deepEqual(topicFaults(topic, message), []);
  const types = (bic: Bic) =>
    all
      .filter(({ topic }) => topic === `statuses.${bic}`)
      .map(({ message }) => `${message.headers.ce_type} ${message.headers['content-type']}`);
  assert.deepEqual(types(gamma), [
    `${ALLEGEMENT} application/xml`,
    `${ALLEGEMENT} application/xml`,
  ]);
  const told = [SYSTEM_EVENT, ALLEGEMENT, ALLEGEMENT].map((type) => `${type} application/json`);
  assert.deepEqual(types(BETA), told.slice(1));
});

test('a notifier that goes on behind any record tells the legs and the day that one without a break tells', async () => {
  const whole = kept({ pvpTimeoutMs: 60_000 }, DOLLARS);
  const { alfa, beta, send, clear } = whole;
  const first = leg(ALFA, BETA);
  await send(alfa.leg(first, NOW));
  await send(beta.leg({ ...mirrored(first), deliversMinor: 54_001n }, NOW));
  await send(alfa.leg(leg(ALFA, BETA, { endToEndId: 'T-2' }), NOW));
  await send(beta.leg(mirrored(first), NOW));
  for (const timeMs of [NOW + 60_000, NOW + 8 * 3_600_000, NOW + 8 * 3_600_000 + 60_000])
    clear([
      writeControl({ kind: 'issue', bic: ALFA, currency: 'USD', amountMinor: '1', timeMs }),
      writeControl({ kind: 'tick', timeMs }),
    ]);
  const { unbroken } = await atEveryCut(whole.record);
  const codes = dayOf(unbroken, ALFA).map((one) => one.slice(0, 8));
  assert.deepEqual(
    ['OPEN USD', 'COFF USD', 'DLAY EUR', 'DLAY USD'].filter((one) => !codes.includes(one)),
    [],
  );
  assert.deepEqual([...new Set(allegements(unbroken).map(({ Sts }) => Sts))].sort(), [
    'ALLEGED',
    'MATCHED',
    'TIMED_OUT',
  ]);
});
