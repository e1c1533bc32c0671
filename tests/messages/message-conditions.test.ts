import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { LastTold } from '../../services/notifier/last-told.ts';
import { NoticeLimit } from '../../services/notifier/notice-limit.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import { Directory } from '../../services/protocol/names/directory.ts';
import type { Bic, Uetr } from '../../services/protocol/names/identifiers.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import {
  isControl,
  readControl,
  writeControl,
} from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import { ALFA, BETA, keyOf, NOW, signedAnew, world } from '../support/message-path.ts';

/** Chains with conditions and earmarks, from signed messages to what banks and attestors are told. */
const [CARRIER, CUSTOMS] = ['CARRDE00', 'ZOLLDE00'] as [Bic, Bic];
const timeMs = NOW - 3_600_000;
const date = '2026-03-16';

/** Two banks with 1,000.00 EUR each; a carrier and a customs office, which have no account. */
const attestors = ([CARRIER, CUSTOMS] as const).flatMap((bic): ControlRecord[] => [
  {
    ...{ kind: 'participant', timeMs, bic, name: bic },
    role: bic === CARRIER ? 'carrier' : 'customs',
  },
  {
    ...{ kind: 'key', timeMs, bic, keyId: 'key-1', state: 'registered' },
    publicKey: Buffer.from(keyOf(bic).publicKey).toString('hex'),
  },
]);

type Leg = Omit<ChainLegInstruction, 'termsDigest'>;
const both = [CARRIER, CUSTOMS].map((bic) => ({ threshold: 1, attestors: [bic] }));
const condition = {
  ...{ groups: both, threshold: 2, deadline: '15:00:00Z', onSilence: 'release' as const },
};
const earmark = {
  ...{ when: 'acceptance' as const, expiry: '15:30:00Z', onExpiry: 'release' as const },
};

let serial = 0;
/** Alfa pays Beta 250.00 EUR: a chain of one leg. */
function leg(change: Partial<Leg> = {}): Leg {
  serial += 1;
  return {
    ...{ messageId: `H-${serial}`, chainId: `CARGO-${serial}`, instructingAgent: ALFA },
    uetr: `00000000-0000-4000-a000-${String(serial).padStart(12, '0')}` as Uetr,
    legs: [{ debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n }],
    ...{ legNumber: 1, settlementDate: date, priority: 'normal', condition },
    ...change,
  };
}

function conditioned(rules: Partial<Genesis> = {}, controls: readonly ControlRecord[] = []) {
  const path = world({ chainLegsMax: 16, conditions: true, ...rules }, [...attestors, ...controls]);
  const attested = (of: Leg, by: Bic, verdict: AttestationInstruction['verdict'], reason = '') =>
    path.bank(by).attestation(
      {
        ...{ id: `T-${++serial}`, sender: by, verdict, recordKind: null, currency: null },
        digest: termsDigest('test-1', of),
        chain: {
          ...{ settlementDate: of.settlementDate, legCount: of.legs.length },
          ...{ validUntilMs: null, reason: reason === '' ? null : reason },
        },
      },
      NOW,
    );
  return {
    ...path,
    attested,
    instruct: (one: Leg) => path.send(path.bank(one.instructingAgent).chainLeg(one, NOW)),
    attest: (...of: Parameters<typeof attested>) => path.send(attested(...of)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what is told is read at any place.
type Body = any;
/** Who is told what, and what beside the reason. */
const toldIn = ({ statuses, statusTopics }: { statuses: Body[]; statusTopics: string[] }) =>
  statuses.map((body, index) => {
    const to = statusTopics[index]?.slice('statuses.'.length);
    if (body.AttstnReq) return `${to} ${body.AttstnReq.Sts} ${body.AttstnReq.ChnId}`;
    const receipt = body.Document.Rct?.RctDtls[0].ReqHdlg;
    if (receipt)
      return `${to} ${receipt.map((one: Body) => `${one.StsCd} ${one.Desc ?? ''}`.slice(0, 9).trim())}`;
    const { TxSts, StsRsnInf } = body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
    const { Rsn, AddtlInf = [] } = StsRsnInf?.[0] ?? {};
    const words = [TxSts, Rsn?.Prtry ?? Rsn?.Cd, ...AddtlInf.slice(Rsn ? 2 : 0)].filter(Boolean);
    return `${to} ${words.join(' ')}`;
  });

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
  assert.deepEqual([asked.IntrBkSttlmDt, asked.NbOfLegs, asked.Cond.MinGrps], [date, '1', '2']);
  assert.equal(asked.Legs[0].Dlvr.Amt, '250.00');
  const carried = await attest(one, CARRIER, 'accepted', 'Unloaded at Hamburg');
  assert.deepEqual(carried.kinds, ['attested']);
  assert.deepEqual(toldIn(carried), [
    'CARRDE00 COMP',
    'ALFADE00 PDNG CONDITION CARRDE00 accepted Unloaded at Hamburg Waits for ZOLLDE00',
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
  assert.equal(told[1], 'ALFADE00 PDNG CONDITION ZOLLDE00 refused No licence Waits for CARRDE00');
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
    'ALFADE00 BLCK CONDITION CARRDE00 holds the chain Papers are looked at Waits for CARRDE00; ZOLLDE00',
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
  assert.deepEqual(toldIn(stranger), ['BETAFR00 RJCT AG01']);
  const good = attested(one, CARRIER, 'accepted');
  assert.deepEqual((await send(good)).kinds, ['attested']);
  assert.deepEqual(toldIn(await send(good)), ['CARRDE00 COMP'], 'once more');
  const again = await attest(one, CARRIER, 'accepted');
  assert.deepEqual([again.kinds, toldIn(again)], [['rejected attested'], ['CARRDE00 RJCT AM05']]);
  // Signed by another than it names: it reaches nobody.
  const forged = beta.renew({ ...attested(one, CUSTOMS, 'accepted') }, NOW);
  const { kinds } = await send(forged);
  assert.ok(!kinds.includes('attested'), kinds.join());
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
    ...{ kind: 'account', timeMs, bic: CARRIER, currency: 'EUR' },
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

test('whoever starts anew in the middle tells the same, with the same ids', async () => {
  const { instruct, attest, record } = conditioned();
  const pair = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 20_000n },
  ];
  const chainId = 'CARGO-AB';
  const [first, second] = [
    leg({ legs: pair, chainId, earmark }),
    leg({ legs: pair, chainId, earmark, legNumber: 2, instructingAgent: BETA }),
  ] as const;
  await instruct(first);
  await attest(first, CARRIER, 'held');
  await instruct(second);
  await attest(first, CUSTOMS, 'accepted');
  await attest(first, CARRIER, 'accepted');
  const events = [...readEvents(record.events)];
  const started = () => {
    const directory = new Directory();
    for (const value of record.inputs) if (isControl(value)) directory.fold(readControl(value));
    const notifier = createNotifier('test-1', 'main', {
      ...{ directory, notices: new NoticeLimit(), lastTold: new LastTold() },
      ...{ statements: null, nodeKey: null, open: [], records: [] },
    });
    for (const [position, value] of record.inputs.entries()) notifier.takeInput(position, value);
    return notifier;
  };
  const texts = (messages: ReturnType<ReturnType<typeof started>['project']>) =>
    messages.map(({ topic, message }) => `${topic} ${message.headers.ce_id} ${message.value}`);
  const whole = started();
  const byEvent = events.map((event) => texts(whole.project([event], true)));
  assert.ok(byEvent.flat().some((text) => text.includes('REQUESTED')));
  let cuts = 0;
  for (const [cut, { position }] of events.entries()) {
    // Between two records, as a service starts.
    if (cut === 0 || events[cut - 1]?.position === position) continue;
    const resumed = started();
    resumed.rebuild(events.slice(0, cut));
    for (const event of events.slice(cut, cut + 1)) {
      const told = texts(resumed.project([event], true));
      const ofChains = (all: string[]) => all.filter((text) => /-(chain|attest) /.test(text));
      assert.deepEqual(ofChains(told), ofChains(byEvent[cut] ?? []), `cut at ${cut}`);
    }
    cuts += 1;
  }
  assert.ok(cuts >= 5, `${cuts}`);
});
