import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bank } from '../../services/bank/bank.ts';
import type {
  ChainLeg,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { ALFA, BETA, keyOf, NOW, world } from '../support/message-path.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** Chains of legs from the signed messages of three banks to what each of them is told. */
const GAMMA = 'GAMMUS00' as Bic;
const timeMs = NOW - 3_600_000;
const date = '2026-03-16';
const hours = 3_600_000;
const key = Buffer.from(keyOf(GAMMA).publicKey).toString('hex');

const account = (bic: Bic, currency: string, balanceMinor: string): ControlRecord => ({
  ...{ kind: 'account', timeMs, bic, currency, balanceMinor, creditLineMinor: '0' },
});
/** USD beside EUR, and a third bank. Alfa and Beta have 1,000.00 EUR each. */
const third: ControlRecord[] = [
  { kind: 'currency', timeMs, currency: 'USD', minorUnits: 2 },
  { kind: 'participant', timeMs, bic: GAMMA, name: GAMMA, role: 'bank' },
  { kind: 'key', timeMs, bic: GAMMA, keyId: 'key-1', publicKey: key, state: 'registered' },
  account(GAMMA, 'EUR', '0'),
  account(BETA, 'USD', '10000'),
  account(GAMMA, 'USD', '10000'),
  { kind: 'open', timeMs, currency: 'USD', date, closesAtMs: NOW + 8 * hours },
];

/** No bank has what any of its legs debits; together they take 500.00 EUR from Alfa, and 50.00 USD from Beta. */
const LEGS: readonly ChainLeg[] = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 500_000n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 450_000n },
  { debtorAgent: BETA, creditorAgent: GAMMA, code: 'USD', minor: 300_000n },
  { debtorAgent: GAMMA, creditorAgent: BETA, code: 'USD', minor: 295_000n },
];

let serial = 0;
function leg(
  legNumber: number,
  change: Partial<ChainLegInstruction> = {},
): Omit<ChainLegInstruction, 'termsDigest'> {
  serial += 1;
  const legs = change.legs ?? LEGS;
  return {
    messageId: `H-${serial}`,
    chainId: 'CHAIN-1',
    uetr: `00000000-0000-4000-a000-${String(serial).padStart(12, '0')}` as Uetr,
    instructingAgent: legs[legNumber - 1]?.debtorAgent as Bic,
    legs,
    legNumber,
    settlementDate: date,
    priority: 'normal',
    ...change,
  };
}

/** @param legsMax null: the network has no chains */
function chained(rules: Partial<Genesis> = {}, legsMax: number | null = 16) {
  const path = world({ ...rules, ...(legsMax !== null && { chainLegsMax: legsMax }) }, third);
  const banks = new Map<Bic, Bank>([ALFA, BETA, GAMMA].map((bic) => [bic, path.bank(bic)]));
  const bankOf = (bic: Bic) => banks.get(bic) as Bank;
  const instruct = (one: Omit<ChainLegInstruction, 'termsDigest'>) =>
    bankOf(one.instructingAgent).chainLeg(one, NOW);
  return {
    ...path,
    bankOf,
    instruct,
    sendLeg: (...of: Parameters<typeof leg>) => path.send(instruct(leg(...of))),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: statuses are read at any place.
type Body = any;
const status = (body: Body) => body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
const because = (body: Body) => status(body).StsRsnInf[0];
/** Who is told what, and what beside the reason. */
const told = ({ statuses, statusTopics }: { statuses: Body[]; statusTopics: string[] }) =>
  statuses.flatMap((body, index) => {
    if (body.ChnAllgmt) return [];
    const { TxSts, StsRsnInf } = status(body);
    const { Rsn, AddtlInf = [] } = StsRsnInf?.[0] ?? {};
    const words = [TxSts, Rsn?.Prtry ?? Rsn?.Cd, ...AddtlInf.slice(2)].filter(Boolean);
    return `${statusTopics[index]?.slice('statuses.'.length)} ${words.join(' ')}`;
  });

test('four legs over two currencies settle together, of which no bank could pay one', async () => {
  const { send, sendLeg, settlement, bankOf } = chained();
  const first = await sendLeg(1);
  assert.deepEqual(first.kinds, ['queued']);
  assert.deepEqual(told(first), ['ALFADE00 PDNG UNMATCHED Legs 2, 3, 4 have not come']);
  assert.equal(because(first.statuses[0]).AddtlInf[0], 'Waits for the other legs of its chain');
  assert.deepEqual(told(await sendLeg(4)), [
    'GAMMUS00 PDNG UNMATCHED Legs 2, 3 have not come',
    'ALFADE00 PDNG UNMATCHED Legs 2, 3 have not come',
  ]);
  const third = await sendLeg(3);
  assert.deepEqual(told(third), [
    'BETAFR00 PDNG UNMATCHED Leg 2 has not come',
    'ALFADE00 PDNG UNMATCHED Leg 2 has not come',
    'GAMMUS00 PDNG UNMATCHED Leg 2 has not come',
  ]);
  assert.equal(settlement.balance(0, 0), 100_000n, 'nothing has moved');
  const last = bankOf(BETA).chainLeg(leg(2), NOW);
  const { kinds, deliveries, ...rest } = await send(last);
  assert.deepEqual(kinds, [...Array(4).fill('matched'), ...Array(4).fill('settled')]);
  const banks = ['ALFADE00', 'BETAFR00', 'BETAFR00', 'GAMMUS00'];
  assert.deepEqual(told(rest), [
    ...banks.map((bic) => `${bic} PDNG MATCHED`),
    ...banks.map((bic) => `${bic} ACSC`),
  ]);
  assert.equal(status(rest.statuses[5]).OrgnlEndToEndId, 'CHAIN-1');
  assert.deepEqual(
    deliveries.map(({ topic }) => topic.slice('deliveries.'.length)),
    ['BETAFR00', 'ALFADE00', 'GAMMUS00', 'BETAFR00'],
  );
  assert.deepEqual(deliveries[1]?.message.value, last.value, 'as its bank signed it');
  const balances = [0, 1, 2].map((bank) => [0, 1].map((code) => settlement.balance(bank, code)));
  assert.deepEqual(balances.slice(1), [
    [150_000n, 5_000n],
    [0n, 15_000n],
  ]);
  assert.equal(balances[0]?.[0], 50_000n);
});

test('the digest of the terms is told by their bank, and one that is not theirs is refused', async () => {
  const { send, instruct, bankOf, settlement } = chained();
  const good = instruct(leg(1));
  const document = JSON.parse(Buffer.from(good.value).toString());
  const right: string = document.Chn.TermsDgst;
  const wrong = `${right.slice(0, -1)}${right.endsWith('0') ? '1' : '0'}`;
  const forged = bankOf(ALFA).renew(
    { ...good, value: Buffer.from(JSON.stringify(document).replace(right, wrong)) },
    NOW,
  );
  const { kinds, statuses } = await send(forged);
  assert.deepEqual(kinds, ['rejected formatInvalid']);
  const { Rsn, AddtlInf } = because(statuses[0]);
  assert.equal(Rsn.Cd, 'FF01');
  const lines: string = AddtlInf.join('');
  assert.match(lines, /Rule: chain-terms-digest.*Path: \/Chn\/TermsDgst/);
  assert.ok(lines.includes(`must be ${right}, not ${wrong}`), lines);
  assert.equal(settlement.queued(), 0);
});

test('a bank that has other terms is of another chain: each is told what has not come', async () => {
  const { sendLeg } = chained();
  await sendLeg(1);
  const other = LEGS.map((one, place) => (place === 3 ? { ...one, minor: 295_001n } : one));
  for (const change of [{ legs: other }, { chainId: 'CHAIN-2' }])
    assert.deepEqual(told(await sendLeg(2, change)), [
      'BETAFR00 PDNG UNMATCHED Legs 1, 3, 4 have not come',
    ]);
});

test('a leg that waits alone ends with AB03, and may be cancelled alone: who is left waits for it anew', async () => {
  const { sendLeg, send, clear, instruct, bankOf } = chained({ pvpTimeoutMs: 60_000 });
  const first = leg(1);
  await send(instruct(first));
  await sendLeg(2);
  const request = { id: 'C-1', sender: ALFA, uetr: first.uetr, currency: 'EUR' };
  const cancelled = await send(
    bankOf(ALFA).cancel({ ...request, paymentType: 'corridor.chain.1' }, NOW, 500_000n),
  );
  assert.deepEqual(cancelled.kinds, ['cancelled cancelledByDebtorAgent']);
  const [own, answer, left] = cancelled.statuses;
  assert.equal(because(own).Rsn.Cd, 'CUST');
  assert.equal(answer.Document.RsltnOfInvstgtn.Sts.Conf, 'CNCL');
  assert.deepEqual(because(left).AddtlInf.slice(2), ['Legs 1, 3, 4 have not come']);
  const { kinds, messages } = clear([writeControl({ kind: 'tick', timeMs: NOW + 60_000 })]);
  assert.ok(kinds.includes('cancelled unmatched'), `${kinds}`);
  const ended = messages
    .map(({ message }) => JSON.parse(Buffer.from(message.value).toString()))
    .find((body) => body.Document?.FIToFIPmtStsRpt);
  assert.equal(status(ended).TxSts, 'CANC');
  assert.equal(because(ended).Rsn.Cd, 'AB03');
  assert.match(because(ended).AddtlInf[0], /Other legs of the chain did not come/);
});

test('a chain that is short stands in every queue, says by how much, and ends whole', async () => {
  const { sendLeg, send, instruct, settlement, bankOf } = chained();
  // Alfa lacks 1.00 EUR of what the chain takes from it.
  const legs = LEGS.map((one, place) => (place === 0 ? { ...one, minor: 550_100n } : one));
  await sendLeg(1, { legs });
  await sendLeg(2, { legs });
  const third = leg(3, { legs });
  await send(instruct(third));
  const last = await sendLeg(4, { legs });
  assert.deepEqual(last.kinds, Array(4).fill('matched'));
  assert.equal(settlement.queued(), 4);
  assert.equal(told(last).at(-1), 'BETAFR00 PDNG COUNTERPARTY');
  assert.ok(told(last).includes('ALFADE00 PDNG AM04 Short by EUR 1.00'), `${told(last)}`);
  const request = { id: 'C-2', sender: BETA, uetr: third.uetr, currency: 'USD' };
  const ended = await send(
    bankOf(BETA).cancel({ ...request, paymentType: 'corridor.chain.1' }, NOW, 300_000n),
  );
  assert.deepEqual(ended.kinds, [
    'cancelled cancelledByDebtorAgent',
    ...Array(3).fill('cancelled matchCancelled'),
  ]);
  const codes = ended.statuses
    .filter((body) => body.Document.FIToFIPmtStsRpt)
    .map((body) => `${status(body).InstdAgt.FinInstnId.BICFI} ${because(body).Rsn.Cd}`);
  assert.deepEqual(codes, ['BETAFR00 CUST', 'ALFADE00 ED05', 'BETAFR00 ED05', 'GAMMUS00 ED05']);
  assert.match(because(ended.statuses[2]).AddtlInf[0], /Another leg of the chain was cancelled/);
  assert.equal(settlement.queued(), 0);
});

test('a leg that lives is not taken from a second message', async () => {
  const { sendLeg } = chained();
  await sendLeg(1);
  const again = await sendLeg(1);
  assert.deepEqual(again.kinds, ['rejected legInstructed']);
  assert.equal(because(again.statuses[0]).Rsn.Cd, 'AM05');
});

test('a network without chains, or with shorter ones, refuses a leg and tells its bank so', async () => {
  const refused = await chained({}, null).sendLeg(1);
  assert.deepEqual(refused.kinds, ['refused recordInvalid']);
  assert.deepEqual(told(refused), ['ALFADE00 RJCT FF01 This network has no chains']);
  const shorter = await chained({}, 3).sendLeg(1);
  assert.deepEqual(shorter.kinds, ['rejected formatInvalid']);
  assert.equal(because(shorter.statuses[0]).Rsn.Cd, 'FF01');
  assert.deepEqual(because(shorter.statuses[0]).AddtlInf.slice(2), [
    'Path: /Chn/Legs',
    'This network takes chains of at most 3 legs',
  ]);
});

test('a chain with an agent that is no participant is refused at its first leg, by number and BIC', async () => {
  const stranger = 'NOBODY00' as Bic;
  const wrongs = [
    [3, 'debtorAgent', 'DbtrAgt', 'DNOR'],
    [1, 'creditorAgent', 'CdtrAgt', 'CNOR'],
  ] as const;
  for (const [place, side, element, code] of wrongs) {
    const { sendLeg, settlement } = chained();
    const legs = LEGS.map((one, at) => (at === place ? { ...one, [side]: stranger } : one));
    const { kinds, statuses } = await sendLeg(1, { legs });
    assert.deepEqual(kinds, [`rejected ${side}Unknown`]);
    const { Rsn, AddtlInf } = because(statuses[0]);
    assert.equal(Rsn.Cd, code);
    assert.deepEqual(AddtlInf.slice(2), [
      `Path: /Chn/Legs/${place}/${element}/FinInstnId/BICFI`,
      `Leg ${place + 1} names ${stranger}, which is no participant`,
    ]);
    assert.equal(settlement.queued(), 0);
    assert.deepEqual((await sendLeg(1)).kinds, ['queued'], 'of known agents alone it is taken');
  }
});

test('a chain with an agent that has no account in what its leg moves is refused at its first leg, in words', async () => {
  const wrongs = [
    [3, 'debtorAgent', 'DbtrAgt'],
    [2, 'creditorAgent', 'CdtrAgt'],
  ] as const;
  for (const [place, side, element] of wrongs) {
    const { sendLeg, settlement, clear, verify, instruct } = chained();
    const legs = LEGS.map((one, at) => (at === place ? { ...one, [side]: ALFA } : one));
    const { kinds, statuses } = await sendLeg(1, { legs });
    assert.deepEqual(kinds, ['rejected accountMissing']);
    const { Rsn, AddtlInf } = because(statuses[0]);
    assert.equal(Rsn.Cd, 'AC01');
    assert.deepEqual(AddtlInf.slice(2), [
      `Path: /Chn/Legs/${place}/${element}/FinInstnId/BICFI`,
      `Leg ${place + 1} names ALFADE00, which has no account in USD`,
    ]);
    assert.equal(settlement.queued(), 0);
    assert.deepEqual((await sendLeg(1)).kinds, ['queued'], 'with accounts for all it is taken');
    // Opened in the same batch, right before the leg: what counts is what the log has by then.
    const { inputs } = await verify([instruct(leg(1, { legs, chainId: 'CHAIN-2' }))]);
    const values = [writeControl(account(ALFA, 'USD', '0')), ...inputs.map(({ value }) => value)];
    assert.deepEqual(clear(values).kinds, ['accountOpened', 'queued']);
  }
});

test('the number of a leg that is none is refused in words', async () => {
  for (const number of ['0', '17', '01']) {
    const { send, instruct, bankOf } = chained();
    const good = instruct(leg(1));
    const document = JSON.parse(Buffer.from(good.value).toString());
    document.Chn.InstdLeg = number;
    const value = Buffer.from(JSON.stringify(document));
    const { statuses } = await send(bankOf(ALFA).renew({ ...good, value }, NOW));
    const lines: string = because(statuses[0]).AddtlInf.join('\n');
    assert.match(lines, /Expected: must be the number of one of the legs: 1 to 16/);
  }
});

test('the same terms settle again once the first chain is final', async () => {
  const legs: readonly ChainLeg[] = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 50n },
  ];
  const { sendLeg, settlement } = chained();
  for (const balance of [99_950n, 99_900n]) {
    await sendLeg(1, { legs });
    const { kinds } = await sendLeg(2, { legs });
    assert.deepEqual(kinds, ['matched', 'matched', 'settled', 'settled']);
    assert.equal(settlement.balance(0, 0), balance);
  }
});

test('a leg in XML is taken as the one in JSON, and answered in XML', async () => {
  const { send, instruct, bankOf, sendLeg } = chained();
  await sendLeg(2);
  const one = instruct(leg(1));
  const value = xmlOf('corridor.chain.1', one.value);
  const { kinds, told: messages } = await send(bankOf(ALFA).renew({ ...one, value }, NOW));
  assert.deepEqual(kinds, ['queued']);
  assert.match(Buffer.from(messages[0]?.value ?? '').toString(), /^<.*Legs 3, 4 have not come/s);
});

/** What is told of chains that others begin: to whom, in which state, and which legs are missing. */
// biome-ignore lint/suspicious/noExplicitAny: what is told is read at any place.
const allegedIn = ({ statuses }: { statuses: any[] }) =>
  statuses.flatMap(({ ChnAllgmt: told }) =>
    told ? [`${told.Bk.FinInstnId.BICFI} ${told.Sts} ${told.MssngLeg ?? ''}`.trim()] : [],
  );

test('the banks of a chain are told once what is missing when its first leg comes, and when that is over', async () => {
  const { send, sendLeg, instruct, bankOf } = chained();
  // Gamma is credited alone.
  const legs = LEGS.slice(0, 3);
  const own = (legNumber: number) => leg(legNumber, { legs });
  const first = own(1);
  const begun = await send(instruct(first));
  assert.deepEqual(allegedIn(begun), ['BETAFR00 ALLEGED 2,3', 'GAMMUS00 ALLEGED 2,3']);
  const told = begun.statuses.find(({ ChnAllgmt }) => ChnAllgmt).ChnAllgmt;
  assert.equal(told.Legs.length, 3);
  assert.ok(told.TermsDgst.startsWith(told.AllgmtId));
  assert.deepEqual(allegedIn(await sendLeg(2, { legs })), [], 'once a chain');
  const cancel = (of: typeof first) => {
    const request = { id: `C-${of.messageId}`, sender: of.instructingAgent, uetr: of.uetr };
    const ofChain = { ...request, currency: 'EUR', paymentType: 'corridor.chain.1' as const };
    return send(bankOf(of.instructingAgent).cancel(ofChain, NOW, 100n));
  };
  assert.deepEqual(allegedIn(await cancel(first)), [], 'it lives on');
  assert.deepEqual(allegedIn(await sendLeg(1, { legs })), []);
  assert.deepEqual(allegedIn(await sendLeg(3, { legs })), ['GAMMUS00 MATCHED']);
  const other = leg(1, { legs, chainId: 'CHAIN-2' });
  assert.equal(allegedIn(await send(instruct(other))).length, 2);
  assert.deepEqual(allegedIn(await cancel(other)), ['BETAFR00 ENDED', 'GAMMUS00 ENDED']);
  assert.equal(allegedIn(await sendLeg(1, { legs, chainId: 'CHAIN-2' })).length, 2, 'another one');
});
