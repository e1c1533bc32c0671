import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ChainLegInstruction,
  PaymentInstruction,
  ReturnInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { atLeast } from '../support/at-least.ts';
import {
  type ConditionalLeg,
  CUSTOMS,
  condition,
  conditioned,
  earmark,
  leg,
  toldIn,
} from '../support/conditional-chains.ts';
import {
  ALFA,
  BETA,
  customers,
  keyOf,
  NOW,
  payment,
  signedAnew,
  world,
} from '../support/message-path.ts';
import { toldDocument } from '../support/xml-messages.ts';

/** What a bank is told of a message that breaks no rule, and that the pool as it stands does not take. */
const DEALER = 'DEALSGS0' as Bic;
const STRANGER = 'GAMMIT00' as Bic;
/** Has an account in yen alone. */
const YEN = 'YENBJPJ0' as Bic;
const HOUR_MS = 3_600_000;
const timeMs = NOW - HOUR_MS;
const DATE = '2026-03-16';
const AT = '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf/0';

const account = (bic: Bic, currency: string, balanceMinor: string): ControlRecord => ({
  ...{ kind: 'account', timeMs, bic, currency, balanceMinor, creditLineMinor: '0' },
});

/** Beside the two banks a dealer in EUR and JPY; Beta has an account in yen, Alfa has none. */
function dealing() {
  const made = world({ tellsQuotes: true, chainLegsMax: 4 }, [
    { kind: 'currency', timeMs, currency: 'JPY', minorUnits: 0 },
    { kind: 'participant', timeMs, bic: DEALER, name: DEALER, role: 'dealer' },
    {
      ...{ kind: 'key', timeMs, bic: DEALER, keyId: 'key-1', state: 'registered' },
      publicKey: Buffer.from(keyOf(DEALER).publicKey).toString('hex'),
    },
    account(DEALER, 'EUR', '0'),
    account(DEALER, 'JPY', '1000000'),
    account(BETA, 'JPY', '0'),
    { kind: 'participant', timeMs, bic: YEN, name: YEN, role: 'dealer' },
    account(YEN, 'JPY', '0'),
    { kind: 'open', timeMs, currency: 'JPY', date: DATE, closesAtMs: NOW + 8 * HOUR_MS },
  ] as ControlRecord[]);
  return { ...made, dealer: made.bank(DEALER) };
}
type World = ReturnType<typeof dealing>;

const standsAt = (message: Message, path: string): unknown =>
  path
    .split('/')
    .slice(1)
    // biome-ignore lint/suspicious/noExplicitAny: documents are read at any place.
    .reduce((at: any, step) => at?.[step], JSON.parse(`${Buffer.from(message.value)}`));

/** Sends it; the lines that it is refused with. What is told as value is what stands at the place. */
async function refused({ send }: Pick<World, 'send'>, message: Message, reason: string) {
  const { kinds, told } = await send(message);
  assert.deepEqual(kinds, [`rejected ${reason}`]);
  const text = JSON.stringify(toldDocument(told[0] as Message));
  const line = (name: string) =>
    JSON.parse(`"${new RegExp(`"${name}: ((?:[^"\\\\]|\\\\.)*)"`).exec(text)?.[1] ?? ''}"`);
  const path = line('Path') as string;
  if (path.startsWith('/'))
    assert.equal(line('Value'), JSON.stringify(standsAt(message, path)) ?? 'nothing', path);
  return [path, line('Value'), line('Expected')];
}

const paying = (change: Partial<PaymentInstruction> = {}, amountMinor = 5_000n) => ({
  ...payment(ALFA, BETA, amountMinor),
  ...change,
});
let serial = 0;
const quoteOf = (coversMinor: bigint, mantissa = 1605n) => {
  serial += 1;
  return {
    id: `0000000b-0000-4000-8000-${String(serial).padStart(12, '0')}` as Uetr,
    ...{ dealer: DEALER, baseCurrency: 'EUR', quoteCurrency: 'JPY' },
    ...{ rate: { mantissa, scale: 1 }, coversMinor, validUntilMs: NOW + HOUR_MS },
  };
};
const through = (amountMinor: bigint, yen: bigint, mantissa = 1605n, dealer = DEALER) =>
  paying(
    {
      conversion: {
        ...{ dealer, currency: 'JPY', rate: { mantissa, scale: 1 } },
        amountMinor: yen,
      },
    },
    amountMinor,
  );

test('a date that does not settle is told with those that do, of each type and state of a currency', async () => {
  const net = dealing();
  const { alfa, clear } = net;
  const expected = 'must be from 2026-03-12 to 2026-03-16, as EUR stands';
  for (const settlementDate of atLeast(2, ['2026-03-17', '2026-03-11']))
    assert.deepEqual(
      await refused(
        net,
        alfa.pay(paying({ settlementDate }), customers, NOW),
        'settlementDateInvalid',
      ),
      [`${AT}/IntrBkSttlmDt`, `"${settlementDate}"`, expected],
    );
  const ahead = { settlementDate: '2026-03-17' };
  const transfer = alfa.pay(paying(ahead), null, NOW);
  assert.deepEqual(await refused(net, transfer, 'settlementDateInvalid'), [
    '/Document/FICdtTrf/CdtTrfTxInf/0/IntrBkSttlmDt',
    ...['"2026-03-17"', expected],
  ]);
  const { messageId, endToEndId, uetr } = payment(ALFA, BETA, 1n);
  const leg = {
    ...{ messageId, endToEndId, uetr, instructingAgent: BETA, counterparty: DEALER },
    ...{ delivers: 'JPY', deliversMinor: 1n, receives: 'EUR', receivesMinor: 1n },
    ...{ priority: 'normal' as const, settlementDate: '2026-03-17' },
  };
  assert.deepEqual(await refused(net, net.beta.leg(leg, NOW), 'settlementDateInvalid'), [
    ...['/Leg/IntrBkSttlmDt', '"2026-03-17"', expected.replace('EUR', 'JPY')],
  ]);
  clear([
    writeControl({ kind: 'close', timeMs: NOW + 5, currency: 'EUR', date: DATE } as ControlRecord),
  ]);
  const closed =
    'must be from 2026-03-17 to 2026-03-21: EUR closed for 2026-03-16 at 2026-03-16T09:00:00.005Z';
  for (const [settlementDate, reason] of atLeast(2, [
    [DATE, 'afterCutOff'],
    ['2026-03-22', 'settlementDateInvalid'],
  ] as const))
    assert.deepEqual(
      await refused(net, alfa.pay(paying({ settlementDate }), customers, NOW + 5), reason),
      [`${AT}/IntrBkSttlmDt`, `"${settlementDate}"`, closed],
    );
});

test('a latest time that has passed is told with the time', async () => {
  const net = dealing();
  const late = paying({ times: { earliest: 0, latest: 86_400 + 8 * 3_600 } });
  assert.deepEqual(await refused(net, net.alfa.pay(late, customers, NOW), 'timesInvalid'), [
    `${AT}/SttlmTmReq/RjctTm`,
    ...['"08:00:00Z"', 'must be after 2026-03-16T09:00:00.000Z'],
  ]);
});

test('of a chain the time that the pool found first is told, by its place', async () => {
  const times = { earliest: 86_400 + 10 * 3_600, latest: 0 };
  const latest = { earliest: 0, latest: 86_400 + 8 * 3_600 };
  const [deadline, expiry] = ['08:30:00Z', '08:45:00Z'];
  const passed = { condition: { ...condition, deadline } };
  const came = 'must be after 2026-03-16T09:00:00.000Z';
  const begins = came.replace('09', '10');
  const rows: [Partial<ConditionalLeg>, string, string, string][] = [
    [passed, '/Chn/Cond/Ddln', deadline, came],
    [{ ...passed, earmark }, '/Chn/Cond/Ddln', deadline, came],
    [{ ...passed, times }, '/Chn/Cond/Ddln', deadline, came],
    [{ condition: { ...condition, deadline: '09:00:00Z' } }, '/Chn/Cond/Ddln', '09:00:00Z', came],
    [{ ...passed, earmark: { ...earmark, expiry } }, '/Chn/Earmrk/XpryTm', expiry, came],
    [
      { times, earmark: { ...earmark, expiry: '10:00:00Z' } },
      '/Chn/Earmrk/XpryTm',
      '10:00:00Z',
      begins,
    ],
    [
      { ...passed, earmark: { ...earmark, expiry }, times: latest },
      ...(['/Chn/SttlmTmReq/RjctTm', '08:00:00Z', came] as const),
    ],
  ];
  const { bank, send } = conditioned();
  for (const [change, path, value, expected] of atLeast(7, rows))
    assert.deepEqual(
      await refused({ send }, bank(ALFA).chainLeg(leg(change), NOW), 'timesInvalid'),
      [path, JSON.stringify(value), expected],
    );
});

test('where only the deadline by the network’s policy has passed no place is named', async () => {
  const rule = { from: 'DE', to: 'FR', desk: CUSTOMS, creditorAgent: false, withinMs: 600_000 };
  const { bank, send, clear } = conditioned({ preValidation: [rule] });
  clear([writeControl({ kind: 'tick', timeMs: NOW + HOUR_MS })]);
  const legs = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 20_000n },
  ];
  const byPolicy = { condition: { ...condition, deadline: '15:00:00Z' }, earmark };
  for (const change of atLeast(2, [{ condition: undefined, legs } as object, byPolicy])) {
    const { kinds, statuses, statusTopics } = await send(bank(ALFA).chainLeg(leg(change), NOW));
    assert.deepEqual(kinds, ['rejected timesInvalid']);
    const [told = ''] = toldIn({ statuses, statusTopics });
    assert.match(told, /No time in the message is at fault: the deadline that the network adds/);
    assert.doesNotMatch(told, /Path|Expected/);
  }
  const own = leg({ condition: { ...condition, deadline: '09:30:00Z' } });
  assert.deepEqual(await refused({ send }, bank(ALFA).chainLeg(own, NOW), 'timesInvalid'), [
    ...['/Chn/Cond/Ddln', '"09:30:00Z"', 'must be after 2026-03-16T10:00:00.000Z'],
  ]);
});

test('agents and accounts that the pool does not have are told by place', async () => {
  const net = dealing();
  const { alfa, beta } = net;
  const limit = (currency: string) => ({
    ...{ id: `L-${currency}`, sender: ALFA, currency, counterparty: null, limitMinor: 1n },
  });
  const rows: [Message, string, string[]][] = [
    [
      alfa.pay(paying({ creditorAgent: STRANGER }), customers, NOW),
      'creditorAgentUnknown',
      [`${AT}/CdtrAgt/FinInstnId/BICFI`, `"${STRANGER}"`, 'must be the BIC of a participant'],
    ],
    [
      alfa.pay(paying({ creditorAgent: STRANGER }), null, NOW),
      'creditorAgentUnknown',
      [
        '/Document/FICdtTrf/CdtTrfTxInf/0/Cdtr/FinInstnId/BICFI',
        ...[`"${STRANGER}"`, 'must be the BIC of a participant'],
      ],
    ],
    [
      beta.pay(
        {
          ...payment(BETA, ALFA, 5n),
          currency: 'JPY',
        },
        customers,
        NOW,
      ),
      'accountMissing',
      [`${AT}/CdtrAgt/FinInstnId/BICFI`, `"${ALFA}"`, 'must have an account in JPY'],
    ],
    [
      alfa.pay(through(1_000n, 1605n, 1605n, YEN), customers, NOW),
      'accountMissing',
      [`${AT}/IntrmyAgt1/FinInstnId/BICFI`, `"${YEN}"`, 'must have an account in EUR'],
    ],
    [
      alfa.pay(paying({ creditorAgent: ALFA }), customers, NOW),
      'sameAgent',
      [`${AT}/CdtrAgt/FinInstnId/BICFI`, `"${ALFA}"`, `must be another bank than ${ALFA}`],
    ],
    [
      alfa.limit(limit('JPY'), NOW),
      'accountMissing',
      [
        '/Document/ModfyLmt/LmtDtls/0/NewLmtValSet/Amt/AmtWthCcy/Ccy',
        ...['"JPY"', 'must be what you have an account in: EUR'],
      ],
    ],
  ];
  for (const [message, reason, lines] of atLeast(6, rows))
    assert.deepEqual(await refused(net, message, reason), lines);
});

test('a quote that is refused is told with its pair, its accounts, and how long it may be valid', async () => {
  const net = dealing();
  const { dealer, beta } = net;
  const offering = (change: object, by = dealer) => by.quote({ ...quoteOf(1n), ...change }, NOW);
  assert.deepEqual(await refused(net, offering({ quoteCurrency: 'EUR' }), 'formatInvalid'), [
    ...['/Quote/QuoteCcy', '"EUR"', 'must be another currency than EUR'],
  ]);
  const usual = { dealer: ALFA };
  assert.deepEqual(await refused(net, offering(usual, net.alfa), 'accountMissing'), [
    ...['/Quote/QuoteCcy', '"JPY"', 'must be what you have an account in: EUR'],
  ]);
  const endMs = Date.UTC(2026, 2, 22) - 1;
  const expected = `must be from ${NOW} to ${endMs}: it came at ${new Date(NOW).toISOString()}`;
  for (const validUntilMs of atLeast(2, [NOW - 1, endMs + 1]))
    assert.deepEqual(await refused(net, offering({ validUntilMs }), 'settlementDateInvalid'), [
      ...['/Quote/ValidUntilMs', `"${validUntilMs}"`, expected],
    ]);
  // A currency may have opened for a date that lies ahead.
  for (const [kind, date] of atLeast(2, [
    ['close', DATE],
    ['open', '2026-03-18'],
  ] as const)) {
    const closesAtMs = NOW + 9 * HOUR_MS;
    const control = {
      kind,
      timeMs: NOW,
      currency: 'EUR',
      date,
      ...(kind === 'open' && { closesAtMs }),
    };
    net.clear([writeControl(control as ControlRecord)]);
  }
  const lastMs = endMs + 2 * 24 * HOUR_MS;
  const beyond = offering({ validUntilMs: lastMs + 1, dealer: BETA }, beta);
  assert.deepEqual(
    (await refused(net, beyond, 'settlementDateInvalid'))[2],
    expected.replace(`${endMs}`, `${lastMs}`),
  );
  const { kinds } = await net.send(offering({ validUntilMs: lastMs, dealer: BETA }, beta));
  assert.deepEqual(kinds, ['quoted']);
});

test('a quote that does not do is told with the rates, with what is left, with the amount as quoted', async () => {
  const net = dealing();
  const { alfa, dealer, send } = net;
  const none = alfa.pay(through(1_000n, 1605n), customers, NOW);
  const named = `of a quote of ${DEALER} for EUR/JPY`;
  assert.deepEqual(await refused(net, none, 'quoteMissing'), [
    ...[`${AT}/XchgRate`, '"160.5"', `must be that ${named}: there is none now`],
  ]);
  await send(dealer.quote(quoteOf(10_000n), NOW));
  await send(dealer.quote(quoteOf(500n, 1610n), NOW));
  const other = alfa.pay(through(1_000n, 1620n, 1620n), customers, NOW);
  assert.deepEqual(await refused(net, other, 'quoteMissing'), [
    ...[`${AT}/XchgRate`, '"162.0"', `must be that ${named}: 160.5, 161`],
  ]);
  await send(alfa.pay(through(4_000n, 6420n), customers, NOW));
  const large = alfa.pay(through(6_001n, 9632n), customers, NOW);
  assert.deepEqual(await refused(net, large, 'quoteExhausted'), [
    ...[
      `${AT}/InstdAmt/Amt`,
      '"60.01"',
      `must be at most 60.00, left ${named.replace('a ', 'the ')}`,
    ],
  ]);
  const wrong = alfa.pay(through(1_251n, 2_010n), customers, NOW);
  assert.deepEqual(await refused(net, wrong, 'amountNotAsQuoted'), [
    ...[`${AT}/IntrBkSttlmAmt/Amt`, '"2010"', 'must be 2008: EUR 12.51 x 160.5'],
  ]);
});

test('a payment beyond the caps is told with them', async () => {
  const caps = [
    { kind: 'cap', timeMs, bic: ALFA, currency: 'EUR', counterparty: null, capMinor: '90000' },
    { kind: 'cap', timeMs, bic: BETA, currency: 'EUR', counterparty: ALFA, capMinor: '4000' },
  ] as ControlRecord[];
  const net = world({ cycleMechanism: 'deferredNet' }, caps);
  const over = net.alfa.pay(paying(), customers, NOW);
  assert.deepEqual(await refused(net, over, 'capExceeded'), [
    ...[`${AT}/IntrBkSttlmAmt/Amt`, '"50.00"'],
    `must keep your net debit in EUR within 900.00 against all, 40.00 against ${BETA}`,
  ]);
});

test('what follows a payment is told with the payment that it names, and why that is not one', async () => {
  const net = world({ passesRecalls: true });
  const { alfa, beta, send } = net;
  const order = paying();
  await send(alfa.pay(order, customers, NOW));
  const back = (of: PaymentInstruction, id: string, change: Partial<ReturnInstruction> = {}) =>
    beta.giveBack(
      {
        ...{ id, sender: BETA, receiver: ALFA, uetr: of.uetr, paymentType: 'pacs.008.001.08' },
        ...{ originalMessageId: of.messageId, currency: 'EUR', amountMinor: 5_001n },
        ...{ settlementDate: DATE, priority: 'normal' },
        ...change,
      },
      'AC04',
      NOW,
    );
  const of = '/Document/PmtRtr/TxInf/0';
  assert.deepEqual(await refused(net, back(order, 'R-1'), 'returnExceedsOriginal'), [
    `${of}/RtrdIntrBkSttlmAmt/Amt`,
    ...['"50.01"', 'must be at most what is left: pacs.028 tells how much'],
  ]);
  const never = paying();
  assert.deepEqual(await refused(net, back(never, 'R-2'), 'originalUnknown'), [
    `${of}/OrgnlUETR`,
    ...[`"${never.uetr}"`, 'must be of a payment that its receiver sent to you'],
  ]);
  const request = { id: 'C-1', sender: ALFA, uetr: never.uetr, currency: 'EUR' };
  const cancel = alfa.cancel({ ...request, paymentType: 'pacs.008.001.08' }, NOW);
  assert.deepEqual(await refused(net, cancel, 'paymentUnknown'), [
    '/Document/FIToFIPmtCxlReq/Undrlyg/0/TxInf/0/OrgnlUETR',
    ...[`"${never.uetr}"`, 'must be of a payment that you sent'],
  ]);
  const ask = (id: string, uetr: Uetr, returnId?: string) =>
    alfa.askStatus(
      {
        ...{ id, sender: ALFA, paymentSender: ALFA, uetr },
        ...(returnId === undefined
          ? { paymentType: 'pacs.008.001.08' }
          : { paymentType: 'pacs.004.001.09', returnId }),
      },
      returnId ?? order.messageId,
      NOW,
    );
  assert.deepEqual(await refused(net, ask('Q-1', never.uetr), 'paymentUnknown'), [
    '/Document/FIToFIPmtStsReq/TxInf/0/OrgnlUETR',
    ...[`"${never.uetr}"`, 'must be of a payment that you sent, or that settled in your favour'],
  ]);
  // The UETR is that of a payment: what nobody knows is the return.
  assert.deepEqual(await refused(net, ask('Q-2', order.uetr, 'R-9'), 'paymentUnknown'), [
    '/Document/FIToFIPmtStsReq/TxInf/0/OrgnlGrpInf/OrgnlMsgId',
    ...['"R-9"', 'must be the MsgId of a return that you sent or received'],
  ]);
});

test('another payload under an identity names it; a leg of a chain that lives names the leg', async () => {
  const net = dealing();
  const { alfa, send } = net;
  const order = paying();
  await send(alfa.pay(order, customers, NOW));
  const other = alfa.pay({ ...order, amountMinor: 1n }, customers, NOW);
  assert.deepEqual(await refused(net, other, 'duplicateIdentity'), [
    ...['ce_id', `"${order.uetr}"`, 'must be new: another payload had it before'],
  ]);
  const leg = (): Omit<ChainLegInstruction, 'termsDigest'> => {
    const { messageId, uetr } = payment(ALFA, BETA, 1n);
    const legs = [
      { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100n },
      { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: 50n },
    ];
    return {
      ...{ messageId, uetr, chainId: 'CHAIN-1', instructingAgent: ALFA, legs, legNumber: 1 },
      ...{ settlementDate: DATE, priority: 'normal' },
    };
  };
  await send(alfa.chainLeg(leg(), NOW));
  assert.deepEqual(await refused(net, alfa.chainLeg(leg(), NOW), 'legInstructed'), [
    ...['/Chn/InstdLeg', '"1"', 'must be a leg that you have not instructed yet'],
  ]);
});

test('a limit is told with the bank that it names, and in words of a limit', async () => {
  const net = dealing();
  const limit = (id: string, counterparty: Bic, limitMinor: bigint | null) =>
    net.alfa.limit({ id, sender: ALFA, currency: 'EUR', counterparty, limitMinor }, NOW);
  const set = '/Document/ModfyLmt/LmtDtls/0/LmtId/Cur/BilLmtCtrPtyId/FinInstnId/BICFI';
  const end = '/Document/DelLmt/LmtDtls/CurLmtId/BilLmtCtrPtyId/FinInstnId/BICFI';
  const unknown = [`"${STRANGER}"`, 'must be the BIC of a participant'];
  const own = [`"${ALFA}"`, `must be another bank than ${ALFA}`];
  const cases = [
    [limit('L-1', STRANGER, 1n), 'creditorAgentUnknown', [set, ...unknown]],
    [limit('L-2', STRANGER, null), 'creditorAgentUnknown', [end, ...unknown]],
    [limit('L-3', ALFA, 1n), 'sameAgent', [set, ...own]],
    [limit('L-4', ALFA, null), 'sameAgent', [end, ...own]],
  ] as const;
  for (const [message, reason, expected] of atLeast(4, cases))
    assert.deepEqual(await refused(net, message, reason), expected);
  const { told } = await net.send(limit('L-5', ALFA, 1n));
  assert.match(
    `${told[0]?.value && Buffer.from(told[0].value)}`,
    /AG03 The limit is to the bank itself/,
  );
  const { told: other } = await net.send(limit('L-6', STRANGER, 1n));
  assert.match(
    `${Buffer.from(other[0]?.value ?? [])}`,
    /CNOR The bank to which the limit is is no/,
  );
});

test('of an attestation the verdict that was given before is told, and a counter that fell', async () => {
  const net = conditioned();
  const one = leg();
  await net.instruct(one);
  await net.send(net.attested(one, CUSTOMS, 'accepted'));
  const place = '/Attstn/Chn/Vrdct';
  const expected = 'must be your first, or another than your last where that was no REFUSE';
  assert.deepEqual(await refused(net, net.attested(one, CUSTOMS, 'accepted'), 'attested'), [
    ...[place, '"ACCEPT"', expected],
  ]);
  const record = (id: string, counter: bigint) => {
    const given = net.attested(one, CUSTOMS, 'accepted');
    const { MsgId, Chn, ...rest } = JSON.parse(`${Buffer.from(given.value)}`).Attstn;
    const Rcrd = { Dgst: 'ab'.repeat(32), Knd: 'meter', Cntr: `${counter}` };
    const value = Buffer.from(JSON.stringify({ Attstn: { MsgId: id, ...rest, Rcrd } }));
    const named = { ...given, headers: { ...given.headers, ce_id: id } };
    return signedAnew(named, value, 'application/json');
  };
  await net.send(record('T-1', 7n));
  assert.deepEqual(await refused(net, record('T-2', 6n), 'counterRolledBack'), [
    ...['/Attstn/Rcrd/Cntr', '"6"', 'must be at least that of your last record that has one'],
  ]);
});

test('elements of two forms that exclude each other break the rule of choices', async () => {
  const { alfa, send } = world();
  const request = { id: 'O-1', sender: ALFA, uetr: payment(ALFA, BETA, 1n).uetr, currency: 'EUR' };
  const given = alfa.cancel({ ...request, paymentType: 'pacs.008.001.08' }, NOW);
  const linesOf = async (id: string, Prty: object) => {
    const PmtId = { UETR: request.uetr };
    const Mod = [{ PmtId, NewPmtValSet: { Prty } }];
    const document = { Document: { ModfyTx: { MsgHdr: { MsgId: id }, Mod } } };
    const named = {
      ...given,
      headers: { ...given.headers, ce_type: 'camt.007.001.08', ce_id: id },
    };
    const value = Buffer.from(JSON.stringify(document));
    const { told } = await send(signedAnew(named, value, 'application/json'));
    return `${Buffer.from(told[0]?.value ?? [])}`;
  };
  const both = await linesOf('O-1', { Cd: 'HIGH', Prtry: 'HIGH-FIRST' });
  assert.match(
    both,
    /Rule: element-choice.*Path: \/Document\/ModfyTx\/Mod\/0\/NewPmtValSet\/Prty"/,
  );
  assert.match(both, /Expected: must have one of Cd, Prtry/);
  assert.match(await linesOf('O-2', { Cd: 'HIGH', Prtr: 'x' }), /Rule: element-known.*Prty\/Prtr"/);
});

test('a repeat tells the reason without figures, which are of another moment', async () => {
  const net = dealing();
  const message = net.alfa.pay(paying({ settlementDate: '2026-03-17' }), customers, NOW);
  await refused(net, message, 'settlementDateInvalid');
  const { kinds, told } = await net.send(message);
  assert.deepEqual(kinds, ['repeated settlementDateInvalid']);
  assert.doesNotMatch(`${Buffer.from(told[0]?.value ?? [])}`, /Expected: /);
});
