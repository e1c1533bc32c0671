import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { WORDS_TOLD } from '../../services/notifier/attestor-words.ts';
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import { CHAIN } from '../../services/protocol/messages/message-types.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import {
  type Body,
  CARRIER,
  CUSTOMS,
  chainDate,
  condition,
  conditioned,
  earmark,
  foundedMs,
  leg,
  toldIn,
} from '../support/conditional-chains.ts';
import { ALFA, BETA, customers, keyOf, NOW, payment, signedAnew } from '../support/message-path.ts';
import { atEveryCut } from '../support/notifier-cuts.ts';

/** Chains with conditions and earmarks, from signed messages to what banks and attestors are told. */
test('a payment is released by the carrier’s and the customs office’s attestation', async () => {
  const { instruct, attest, settlement } = conditioned();
  const one = leg({ earmark });
  const first = await instruct(one);
  assert.deepEqual(first.kinds, ['matched', 'earmarked']);
  assert.deepEqual(toldIn(first), [
    `ALFADE00 PDNG CONDITION ${COMPLETE} Waits for CARRDE00; ZOLLDE00`,
    `CARRDE00 REQUESTED ${one.chainId}`,
    `ZOLLDE00 REQUESTED ${one.chainId}`,
    'ALFADE00 ACFC Set aside: EUR 250.00',
  ]);
  const asked = first.statuses[1].AttstnReq;
  assert.equal(asked.TermsDgst, Buffer.from(termsDigest('test-1', one)).toString('hex'));
  assert.deepEqual(
    [asked.IntrBkSttlmDt, asked.NbOfLegs, asked.Cond.MinGrps],
    [chainDate, '1', '2'],
  );
  assert.equal(asked.Legs[0].Dlvr.Amt, '250.00');
  const carried = await attest(one, CARRIER, 'accepted', 'Unloaded at Hamburg');
  assert.deepEqual(carried.kinds, ['attested']);
  assert.deepEqual(toldIn(carried), [
    'CARRDE00 COMP',
    'ALFADE00 PDNG CONDITION CARRDE00 accepted CARRDE00 says: Unloaded at Hamburg Waits for ZOLLDE00',
  ]);
  assert.equal(settlement.balance(1, 0), 100_000n, 'nothing has moved');
  const cleared = await attest(one, CUSTOMS, 'accepted');
  assert.deepEqual(cleared.kinds, ['attested', 'triggered', 'settled']);
  assert.deepEqual(toldIn(cleared), [
    'ZOLLDE00 COMP',
    'ALFADE00 PDNG CONDITION ZOLLDE00 accepted',
    'ALFADE00 ACWP The condition of the chain is met',
    `CARRDE00 MET ${one.chainId}`,
    `ZOLLDE00 MET ${one.chainId}`,
    'ALFADE00 ACSC',
  ]);
  assert.equal(cleared.deliveries[0]?.topic, 'deliveries.BETAFR00');
  assert.deepEqual([settlement.balance(0, 0), settlement.balance(1, 0)], [75_000n, 125_000n]);
});
const COMPLETE = 'Matched with the other legs of its chain: all settle together';

test('who asks what of its own waits is told whom its chain waits for, as its status was', async () => {
  const { instruct, attest, bank, send } = conditioned();
  const queue = async (id: string) => {
    const { statuses } = await send(bank(ALFA).askQueue({ id, currency: null }, NOW));
    return statuses[0].Document.RtrTx.RptOrErr.BizRpt.TxRpt.map(({ TxOrErr }: Body) =>
      TxOrErr.Tx.AcctNtry.Ntry.AddtlNtryInf.at(-1),
    );
  };
  const [one, other] = [leg(), leg({ condition: { ...condition, threshold: 1 } })];
  for (const each of [one, other]) await instruct(each);
  assert.deepEqual(await queue('Q-1'), [
    'Waits for CARRDE00; ZOLLDE00',
    'Waits for 1 of these: CARRDE00; ZOLLDE00',
  ]);
  await attest(one, CARRIER, 'accepted');
  assert.equal((await queue('Q-2'))[0], 'Waits for ZOLLDE00');
});

test('a condition whose name is written by escapes is told to its attestors, and to its bank, as any', async () => {
  const { bank, send } = conditioned();
  const one = leg();
  const message = bank(ALFA).chainLeg(one, NOW);
  const text = Buffer.from(message.value as Uint8Array).toString();
  const escaped = Buffer.from(text.replace('"Cond"', '"C\\u006fnd"'));
  assert.notEqual(escaped.length, text.length);
  assert.deepEqual(toldIn(await send(signedAnew(message, escaped, 'application/json'))), [
    `ALFADE00 PDNG CONDITION ${COMPLETE} Waits for CARRDE00; ZOLLDE00`,
    `CARRDE00 REQUESTED ${one.chainId}`,
    `ZOLLDE00 REQUESTED ${one.chainId}`,
  ]);
});

test('a refusal ends the chain: its money is free, and its banks learn who refused and why', async () => {
  const { instruct, attest, settlement } = conditioned();
  const one = leg({ earmark });
  await instruct(one);
  const refused = await attest(one, CUSTOMS, 'refused', 'No licence');
  assert.deepEqual(refused.kinds, [
    'attested',
    'released conditionRefused',
    'cancelled conditionRefused',
  ]);
  const told = toldIn(refused);
  assert.equal(told[0], 'ZOLLDE00 COMP');
  assert.equal(
    told[1],
    'ALFADE00 PDNG CONDITION ZOLLDE00 refused ZOLLDE00 says: No licence Waits for CARRDE00',
  );
  assert.match(told[2] ?? '', /^ALFADE00 PDNG RR04 Set aside no more: EUR 250.00$/);
  assert.ok(told.some((text) => text.startsWith('ALFADE00 CANC RR04')));
  assert.deepEqual(
    told.filter((text) => text.includes('ENDED')),
    [`CARRDE00 ENDED ${one.chainId}`, `ZOLLDE00 ENDED ${one.chainId}`],
  );
  assert.equal(settlement.balance(0, 0), 100_000n);
  // Nothing is there to attest any more.
  const late = await attest(one, CARRIER, 'accepted');
  assert.deepEqual(late.kinds, ['rejected chainUnknown']);
  assert.deepEqual(toldIn(late), ['CARRDE00 RJCT NOOR']);
});

test('silence at the deadline ends the chain or settles it, as its terms say', async () => {
  for (const onSilence of atLeast(2, ['release', 'settle'] as const)) {
    const { instruct, attest, clear, settlement } = conditioned();
    const one = leg({ condition: { ...condition, onSilence } });
    await instruct(one);
    await attest(one, CARRIER, 'accepted');
    const deadline = Date.UTC(2026, 2, 16, 15);
    const { kinds } = clear([writeControl({ kind: 'tick', timeMs: deadline })]);
    if (onSilence === 'settle') assert.deepEqual(kinds.slice(0, 2), ['triggered', 'settled']);
    else assert.equal(kinds[0], 'cancelled conditionUnmet');
    assert.equal(settlement.balance(1, 0), onSilence === 'settle' ? 125_000n : 100_000n);
  }
});

test('who holds a chain blocks it until he says otherwise', async () => {
  const { instruct, attest } = conditioned();
  const one = leg();
  await instruct(one);
  const held = await attest(one, CARRIER, 'held', 'Papers are looked at');
  assert.deepEqual(toldIn(held), [
    'CARRDE00 COMP',
    'ALFADE00 BLCK CONDITION CARRDE00 holds the chain CARRDE00 says: Papers are looked at Waits for CARRDE00; ZOLLDE00',
  ]);
  assert.match(toldIn(await attest(one, CUSTOMS, 'accepted'))[1] ?? '', /BLCK .*for CARRDE00$/);
  const { kinds } = await attest(one, CARRIER, 'accepted');
  assert.deepEqual(kinds, ['attested', 'triggered', 'settled']);
});

test('an attestation that does not count is refused with its reason', async () => {
  const { instruct, attest, beta, send, attested } = conditioned();
  const one = leg();
  assert.deepEqual((await attest(one, CARRIER, 'accepted')).kinds, ['rejected chainUnknown']);
  await instruct(one);
  const stranger = await attest(one, BETA, 'accepted');
  assert.deepEqual(stranger.kinds, ['rejected notAttestor']);
  assert.deepEqual(toldIn(stranger), ['BETAFR00 RJCT NOOR']);
  const good = attested(one, CARRIER, 'accepted');
  assert.deepEqual((await send(good)).kinds, ['attested']);
  assert.deepEqual(toldIn(await send(good)), ['CARRDE00 COMP'], 'once more');
  const again = await attest(one, CARRIER, 'accepted');
  assert.deepEqual(again.kinds, ['rejected attested']);
  assert.deepEqual(toldIn(again), ['CARRDE00 RJCT AM05,RJCT Path,RJCT Valu,RJCT Expe']);
  // Signed by another than it names: it reaches nobody.
  const forged = beta.renew({ ...attested(one, CUSTOMS, 'accepted') }, NOW);
  const { kinds } = await send(forged);
  assert.ok(!kinds.includes('attested'), kinds.join());
});

test('an attestation counts once, for one network and one chain, as it was signed, and by a key that holds where it stands in the log', async () => {
  const path = conditioned();
  const { attest, attested, bank, beta, clear, instruct, send } = path;
  const one = leg({ chainId: 'ONCE' });
  await instruct(one);
  const good = attested(one, CARRIER, 'accepted');
  const text = Buffer.from(good.value as Uint8Array).toString();
  const elsewhere = bank(CARRIER).attestation(
    {
      ...{ id: 'T-ELSEWHERE', sender: CARRIER, verdict: 'accepted', recordKind: null },
      ...{ digest: termsDigest('test-2', one), currency: null },
      chain: { settlementDate: chainDate, legCount: 1, validUntilMs: null, reason: null },
    },
    NOW,
  );
  const fromBeta = beta.renew({ ...attested(one, CARRIER, 'refused') }, NOW);
  const cent = { ...one, legs: one.legs.map((of) => ({ ...of, minor: of.minor + 1n })) };
  const rows = [
    ['for another network', elsewhere, 'rejected chainUnknown'],
    [
      'of terms that differ by a cent',
      attested(cent, CARRIER, 'accepted'),
      'rejected chainUnknown',
    ],
    [
      'of another date',
      attested({ ...one, settlementDate: '2026-03-17' }, CARRIER, 'accepted'),
      'rejected chainUnknown',
    ],
    [
      'whose validity is over',
      attested(one, CARRIER, 'accepted', '', NOW - 1),
      'rejected attestationExpired',
    ],
    [
      'changed after it was signed',
      { ...good, value: Buffer.from(text.replace('ACCEPT', 'REFUSE')) },
      'noticed signatureInvalid',
    ],
    ['that another sends', fromBeta, 'rejected formatInvalid'],
    [
      'with the signature of another',
      {
        ...good,
        headers: { ...good.headers, ce_signature: fromBeta.headers.ce_signature as string },
      },
      'noticed signatureInvalid',
    ],
    ['as it is', good, 'attested'],
    ['once more', good, 'repeated'],
  ] as const;
  for (const [what, message, kind] of atLeast(9, rows))
    assert.deepEqual((await send(message)).kinds, [kind], what);
  // The chain ends; of the same terms instructed anew nothing has been attested, and the old word says nothing.
  const cancel = { id: 'C-ONCE', sender: ALFA, uetr: one.uetr, currency: 'EUR' };
  await send(bank(ALFA).cancel({ ...cancel, paymentType: CHAIN }, NOW, 25_000n));
  const { messageId, uetr } = leg();
  await instruct({ ...one, messageId, uetr });
  assert.deepEqual((await send(good)).kinds, ['repeated']);
  assert.deepEqual((await attest(one, CUSTOMS, 'accepted')).kinds, ['attested']);
  // What stands before the revocation of its key counts on; what comes after it does not.
  const revoked = (bic: Bic): Uint8Array =>
    writeControl({
      ...{ kind: 'key', timeMs: NOW, bic, keyId: 'key-1', state: 'revoked' },
      publicKey: Buffer.from(keyOf(bic).publicKey).toString('hex'),
    });
  assert.deepEqual(clear([revoked(CUSTOMS)]).kinds, ['keyChanged keyRevoked']);
  assert.deepEqual((await attest(one, CUSTOMS, 'refused')).kinds, ['noticed keyRevoked']);
  assert.deepEqual((await attest(one, CARRIER, 'accepted')).kinds, [
    ...['attested', 'triggered', 'settled'],
  ]);
});

test('a document is recorded by its digest, and proves against it', async () => {
  const { bank, send, record } = conditioned();
  const document = 'Bill of lading 4711';
  const digest = createHash('sha256').update(document).digest();
  const said = { id: 'T-DOC', sender: CUSTOMS, verdict: 'recorded' as const, chain: null };
  const { kinds, ...rest } = await send(
    bank(CUSTOMS).attestation(
      { ...said, digest, recordKind: 'bill of lading', currency: null },
      NOW,
    ),
  );
  assert.deepEqual(kinds, ['recorded']);
  assert.deepEqual(toldIn(rest), ['ZOLLDE00 COMP']);
  const event = [...readEvents(record.events)].find(({ kind }) => kind === 'recorded');
  assert.ok(event?.kind === 'recorded');
  const proof = createHash('sha256').update(document).digest().subarray(0, 20);
  assert.deepEqual(Buffer.from(event.documentDigest), proof);
});

test('a network without conditions refuses them and says so', async () => {
  const { instruct, attest } = conditioned({ conditions: false });
  const refused = await instruct(leg());
  assert.deepEqual(refused.kinds, ['rejected formatInvalid']);
  assert.match(
    toldIn(refused)[0] ?? '',
    /^ALFADE00 RJCT FF01 Path: \/Chn\/Cond This network takes no conditions and no earmarks$/,
  );
  const { statuses, statusTopics } = await attest(leg(), CARRIER, 'accepted');
  assert.deepEqual(statusTopics, ['statuses.CARRDE00']);
  assert.match(JSON.stringify(statuses[0]), /RJCT.*FF01.*This network takes no attestations/);
});

test('an attestor that is no participant is named, and a participant that attests gets no account', async () => {
  const account: ControlRecord = {
    ...{ kind: 'account', timeMs: foundedMs, bic: CARRIER, currency: 'EUR' },
    ...{ balanceMinor: '0', creditLineMinor: '0' },
  };
  const { instruct, clear, settlement } = conditioned();
  const groups = [{ threshold: 1, attestors: [CARRIER, 'ORCAUS00' as Bic] }];
  const refused = await instruct(leg({ condition: { ...condition, groups, threshold: 1 } }));
  assert.deepEqual(refused.kinds, ['rejected formatInvalid']);
  assert.match(
    toldIn(refused)[0] ?? '',
    /Path: \/Chn\/Cond\/Grp\/0\/Attstr\/1\/FinInstnId\/BICFI The condition names ORCAUS00, which is no participant$/,
  );
  assert.deepEqual(clear([writeControl(account)]).kinds, ['refused recordInvalid']);
  assert.equal(settlement.hasAccount(2, 0), false);
});

/** Alfa and Beta pay each other: a chain of two legs. */
const pair = [
  { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n },
  { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 20_000n },
];
const legsOfPair = (change: object = {}) => {
  const first = leg({ legs: pair, ...change });
  const { chainId } = first;
  return [
    first,
    leg({ legs: pair, ...change, chainId, legNumber: 2, instructingAgent: BETA }),
  ] as const;
};
const anyOf = (...attestors: Bic[]) => ({
  condition: { ...condition, groups: [{ threshold: 1, attestors }], threshold: 1 },
});

test('attestors are asked once, when all legs of their chain have come, and not who has spoken before', async () => {
  const { instruct, attest } = conditioned();
  const [first, second] = legsOfPair();
  const requests = (told: string[]) => told.filter((text) => / (REQUESTED|MET|ENDED) /.test(text));
  assert.deepEqual(requests(toldIn(await instruct(first))), [], 'one bank alone asks nobody');
  const early = await attest(first, CARRIER, 'accepted');
  assert.deepEqual(early.kinds, ['attested']);
  assert.match(
    toldIn(early)[1] ?? '',
    /^ALFADE00 PDNG CONDITION CARRDE00 accepted Waits for ZOLLDE00$/,
  );
  const complete = toldIn(await instruct(second));
  assert.deepEqual(requests(complete), [`ZOLLDE00 REQUESTED ${first.chainId}`]);
  for (const bic of [ALFA, BETA])
    assert.ok(
      complete.some((text) =>
        new RegExp(`^${bic} PDNG CONDITION .* Waits for ZOLLDE00$`).test(text),
      ),
      complete.join('; '),
    );
});

test('an attestor that holds and accepts without end is told to the banks so often, and its refusal at last', async () => {
  const { instruct, attest } = conditioned();
  const one = leg();
  await instruct(one);
  const toBank: number[] = [];
  for (let turn = 0; turn < WORDS_TOLD + 4; turn += 1) {
    const told = toldIn(await attest(one, CARRIER, turn % 2 === 0 ? 'held' : 'accepted'));
    toBank.push(told.filter((text) => text.startsWith('ALFADE00')).length);
  }
  assert.deepEqual(toBank, [...Array(WORDS_TOLD).fill(1), 0, 0, 0, 0]);
  // What it said meanwhile stands in what is told of another.
  const other = toldIn(await attest(one, CUSTOMS, 'held'));
  assert.match(other[1] ?? '', /^ALFADE00 BLCK .*Waits for ZOLLDE00$/);
  const refused = toldIn(await attest(one, CARRIER, 'refused'));
  assert.match(refused[1] ?? '', /^ALFADE00 BLCK CONDITION CARRDE00 refused/);
});

test('an acceptance is told with its end, and counts no more in what is told after it', async () => {
  const { instruct, attest, clear } = conditioned();
  const one = leg();
  await instruct(one);
  const until = NOW + 600_000;
  const given = toldIn(await attest(one, CARRIER, 'accepted', '', until));
  assert.match(
    given[1] ?? '',
    /CARRDE00 accepted, until 2026-03-16T09:10:00.000Z Waits for ZOLLDE00$/,
  );
  clear([writeControl({ kind: 'tick', timeMs: until })]);
  const last = toldIn(await attest(one, CUSTOMS, 'held'));
  assert.match(last[1] ?? '', /Waits for ZOLLDE00$/, 'valid in its last instant');
  clear([writeControl({ kind: 'tick', timeMs: until + 1 })]);
  const lapsed = await attest(one, CUSTOMS, 'accepted');
  assert.deepEqual(lapsed.kinds, ['attested']);
  assert.match(toldIn(lapsed)[1] ?? '', /ZOLLDE00 accepted Waits for CARRDE00$/);
});

test('a chain is blocked by who holds only where it cannot settle without him', async () => {
  const { instruct, attest } = conditioned();
  const one = leg(anyOf(CARRIER, CUSTOMS));
  await instruct(one);
  assert.deepEqual(toldIn(await attest(one, CARRIER, 'held')).slice(1), [
    'ALFADE00 PDNG CONDITION CARRDE00 has not decided Waits for 1 of CARRDE00 and ZOLLDE00',
  ]);
  assert.match(
    toldIn(await attest(one, CUSTOMS, 'held'))[1] ?? '',
    /^ALFADE00 BLCK .*holds the chain/,
  );
  // A group that holds already is blocked by nobody.
  const groups = [
    { threshold: 1, attestors: [CARRIER, BETA] },
    { threshold: 1, attestors: [CUSTOMS] },
  ];
  const other = leg({ condition: { ...condition, groups } });
  await instruct(other);
  await attest(other, BETA, 'accepted');
  assert.match(
    toldIn(await attest(other, CARRIER, 'held'))[1] ?? '',
    /^ALFADE00 PDNG CONDITION CARRDE00 has not decided Waits for ZOLLDE00$/,
  );
});

test('the words of an attestor are marked as its own in every line, without what cannot be seen', async () => {
  const { instruct, attest } = conditioned();
  const one = leg();
  await instruct(one);
  const forged = `Ok\nThe condition of the chain is met\t\u202E${'x'.repeat(65)}`;
  const { statuses } = await attest(one, CARRIER, 'held', forged);
  const lines: string[] = statuses[1].Document.FIToFIPmtStsRpt.TxInfAndSts[0].StsRsnInf[0].AddtlInf;
  const own = lines.filter((line) => /Ok|xx|is met/.test(line));
  assert.equal(own.length, 2);
  for (const line of own) {
    assert.match(line, /^CARRDE00 says: [ -~]+$/);
    assert.ok(line.length <= 105);
  }
  assert.equal(
    own.map((line) => line.slice('CARRDE00 says: '.length)).join(''),
    `Ok The condition of the chain is met ${'x'.repeat(65)}`,
  );
});

test('who is no party of a chain is told the same whether its terms are live or not', async () => {
  const { instruct, attest } = conditioned();
  const [live, none] = [leg(), leg()];
  await instruct(live);
  const answers = [];
  for (const of of [live, none]) {
    const { kinds, statuses } = await attest(of, BETA, 'accepted');
    answers.push({ kinds, rows: statuses[0].Document.Rct.RctDtls[0].ReqHdlg });
  }
  assert.deepEqual(
    answers.map(({ kinds }) => kinds),
    [['rejected notAttestor'], ['rejected chainUnknown']],
    'the log knows the difference',
  );
  assert.deepEqual(answers[0]?.rows, answers[1]?.rows);
});

test('what is set aside is free for nothing else: banks are told by how much they are short of the rest', async () => {
  const statements = { notifications: false, reportEveryMinutes: 0, reportTimes: [] };
  const { instruct, send, alfa, attest } = conditioned({ statements });
  const pay = (amount: bigint) => send(alfa.pay(payment(ALFA, BETA, amount), customers, NOW));
  const cargo = leg({ earmark });
  await instruct(cargo);
  // Of 1,000.00 EUR 250.00 are set aside.
  assert.deepEqual(toldIn(await pay(80_000n)), ['ALFADE00 PDNG AM04 Short by EUR 50.00']);
  const report = await send(
    alfa.askReport({ id: 'Q-1', sender: ALFA, currency: 'EUR', date: null }, NOW),
  );
  const balances = JSON.parse(
    Buffer.from(report.statements.at(-1)?.message.value as Uint8Array).toString(),
  ).Document.BkToCstmrAcctRpt.Rpt[0].Bal;
  const available = balances.find((one: Body) => one.Tp.CdOrPrtry.Cd === 'ITAV');
  assert.equal(available.Amt.Amt, '750.00');
  const refused = await attest(cargo, CUSTOMS, 'refused');
  assert.ok(refused.kinds.includes('settled'), 'what is free again pays');
  // Before its condition is met a leg that lacks its money stands in the queue, and others behind it.
  const large = leg({ legs: [{ ...pair[0]!, minor: 90_000n }], earmark });
  await instruct(large);
  assert.deepEqual(toldIn(await pay(100n)), [`ALFADE00 PDNG BEHIND Behind ${large.uetr}`]);
});

test('a leg that waits for its money is told what it lacks by itself, and who stands behind it so', async () => {
  const { instruct, send, alfa, clear } = conditioned();
  const legs = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 150_000n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 90_000n },
  ];
  const [first, second] = legsOfPair({ legs, condition: undefined, earmark });
  await instruct(first);
  const funded = toldIn(await instruct(second));
  // The net would be 600.00; by itself it needs 1,500.00.
  assert.ok(funded.includes('ALFADE00 PDNG AM04 Short by EUR 500.00'), funded.join('; '));
  assert.ok(funded.includes('BETAFR00 ACFC Set aside: EUR 900.00'));
  assert.ok(funded.includes(`BETAFR00 PDNG COUNTERPARTY ${COMPLETE}`));
  assert.ok(!funded.some((text) => text.startsWith('BETAFR00 PDNG AM04')), 'its money is there');
  assert.deepEqual(toldIn(await send(alfa.pay(payment(ALFA, BETA, 100n), customers, NOW))), [
    `ALFADE00 PDNG BEHIND Behind ${first.uetr}`,
  ]);
  const { kinds } = clear([
    writeControl({ kind: 'issue', bic: ALFA, currency: 'EUR', amountMinor: '50000', timeMs: NOW }),
  ]);
  assert.deepEqual(kinds.slice(0, 4), ['issued', 'earmarked', 'settled', 'settled']);
});

test('banks of a chain that goes on without earmarks for a cap are told so, and what it waits for then', async () => {
  const currency = 'CHF';
  const path = conditioned({}, [
    {
      ...{ kind: 'currency', timeMs: foundedMs, currency, minorUnits: 2 },
      earmarkCapMinorSeconds: '1',
    },
    ...[ALFA, BETA].map((bic): ControlRecord => {
      const balanceMinor = bic === ALFA ? '30000' : '0';
      return {
        ...{ kind: 'account', timeMs: foundedMs, bic, currency },
        ...{ balanceMinor, creditLineMinor: '0' },
      };
    }),
    {
      ...{ kind: 'open', timeMs: foundedMs, currency, date: chainDate },
      closesAtMs: NOW + 8 * 3_600_000,
    },
  ]);
  const legs = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: currency, minor: 25_000n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: currency, minor: 90_000n },
  ];
  const goesOn = { ...earmark, onExpiry: 'continue' as const };
  const { condition: _, ...first } = leg({ legs, earmark: goesOn });
  const uetr = first.uetr.replace('-a000-', '-b000-') as typeof first.uetr;
  const other = { messageId: `${first.messageId}-2`, uetr };
  const second = { ...first, ...other, legNumber: 2, instructingAgent: BETA };
  await path.instruct(first);
  const told = await path.instruct(second);
  assert.deepEqual(told.kinds, [
    ...['matched', 'matched'],
    ...['notEarmarked earmarkCapReached', 'notEarmarked earmarkCapReached'],
  ]);
  const lines = toldIn(told);
  for (const [bic, amount] of [
    [ALFA, '250.00'],
    [BETA, '900.00'],
  ])
    assert.ok(lines.includes(`${bic} PDNG AM02 Not set aside: CHF ${amount}`), lines.join('; '));
  // Beta owes 650.00 net, as a chain without earmarks does, and Alfa waits for it.
  assert.match(lines.filter((text) => text.startsWith(`${BETA} PDNG AM04`)).join(), /CHF 650\.00/);
  const { cuts } = await atEveryCut(path.record);
  assert.ok(cuts > 3);
});
