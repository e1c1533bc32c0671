import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Gateway } from '../../services/gateway/gateway.ts';
import { createMemoryLog } from '../../services/platform/log/embedded/memory.ts';
import { writeAttestation } from '../../services/protocol/messages/attestation.ts';
import { writeBankTransfer } from '../../services/protocol/messages/bank-transfer.ts';
import { writeCancellation } from '../../services/protocol/messages/cancellation.ts';
import { termsDigest, writeChainLeg } from '../../services/protocol/messages/chain.ts';
import { writeCreditTransfer } from '../../services/protocol/messages/credit-transfer.ts';
import {
  writeCreditorStatus,
  writeRecallAnswer,
} from '../../services/protocol/messages/creditor-replies.ts';
import { writeDayQuery } from '../../services/protocol/messages/day-query.ts';
import type { PaymentInstruction } from '../../services/protocol/messages/instruction.ts';
import { writeLimit } from '../../services/protocol/messages/limit.ts';
import {
  ATTESTATION,
  BANK_TRANSFER,
  CANCELLATION,
  CHAIN,
  CREDIT_TRANSFER,
  CREDITOR_STATUS,
  DAY_QUERY,
  LEG,
  LIMIT,
  LIMIT_REMOVAL,
  MESSAGE_TYPES,
  type MessageType,
  PAYMENT_TYPES,
  QUEUE_QUERY,
  QUOTE,
  RECALL_ANSWER,
  REORDERING,
  REPORT_REQUEST,
  RESERVATION,
  RETURN,
  STATUS_REQUEST,
} from '../../services/protocol/messages/message-types.ts';
import { writePaymentReturn } from '../../services/protocol/messages/payment-return.ts';
import { writeLeg } from '../../services/protocol/messages/pvp-leg.ts';
import { writeQueueQuery } from '../../services/protocol/messages/queue-query.ts';
import { writeQuote } from '../../services/protocol/messages/quote.ts';
import { writeReordering } from '../../services/protocol/messages/reordering.ts';
import { writeReportRequest } from '../../services/protocol/messages/report-request.ts';
import { writeReservation } from '../../services/protocol/messages/reservation.ts';
import { writeStatusRequest } from '../../services/protocol/messages/status-request.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { buildTestGateway, type OpenApi, readContract } from '../support/gateway.ts';
import { TestNetwork, today } from '../support/network.ts';
import { followEvents } from '../support/server-sent-events.ts';
import { xmlOf } from '../support/xml-messages.ts';

/** Every type of message that `POST /payments` takes, from sending to what became of it. */
const log = createMemoryLog({ now: Date.now });
const network = new TestNetwork(log, { chainLegsMax: 16, conditions: true });
let gateway: Gateway;
let address: string;

before(async () => {
  await network.create();
  network.start();
  gateway = await buildTestGateway({
    network: network.scenario.network,
    log,
    name: 'types',
  });
  address = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
after(async () => {
  await gateway.close();
  await network.stop();
});

const ALFA = 'ALFADE00' as Bic;
const BETA = 'BETASG00' as Bic;
/** Whose payments wait. */
const GAMMA = 'GAMMFR00' as Bic;
const DEALER = 'DELRSG00' as Bic;
const cents = () => 2;
const uetr = () => randomUUID() as Uetr;
const id = () => randomUUID().slice(0, 13);
const now = Date.now;

interface Sent {
  /** The UETR that its statuses name, where that is another payment's. */
  readonly about?: Uetr;
  /** Its type. */
  readonly tellsOf?: MessageType;
  readonly type: MessageType;
  readonly sender: Bic;
  readonly id: string;
  readonly payload: Uint8Array;
}

async function send({ type, sender, id, payload }: Sent, contentType?: string): Promise<string> {
  const headers = {
    ...network.sign(PAYMENTS, type, sender, id, now(), payload),
    ...(contentType && { 'content-type': contentType }),
  };
  const answer = await fetch(`${address}/payments`, { method: 'POST', headers, body: payload });
  assert.equal(answer.status, 202, await answer.clone().text());
  return answer.headers.get('location') as string;
}

const read = (bic: string, target: string) =>
  fetch(`${address}${target}`, { headers: network.reading(bic, target) });

interface Item {
  readonly uetr: string | null;
  readonly messageType: string | null;
  readonly status: string;
  readonly pool: string;
  readonly eventNumber: number;
  readonly type: string;
  readonly document: object | string;
}

interface CreditorSaid {
  readonly FIToFIPmtStsRpt: { readonly TxInfAndSts: [{ readonly OrgnlUETR: string }] };
}

interface Delivered {
  readonly uetr: string;
  readonly settledAtMs: number | null;
  readonly headers: Record<string, string>;
  readonly payload: string;
}

async function until<T>(probe: () => Promise<T | undefined>, what: string): Promise<T> {
  const endMs = now() + 15_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    assert.ok(now() < endMs, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Follows a `location` until `isIt` finds what became of the message there. */
const follow = (bic: Bic, location: string, isIt: (item: Item) => boolean) =>
  until(async () => {
    const answer = await read(bic, location);
    assert.ok([200, 404].includes(answer.status), `${location}: ${answer.status}`);
    const { statuses, items } = (await answer.json()) as Record<string, Item[] | undefined>;
    return (statuses ?? items ?? []).find(isIt);
  }, `${location} does not tell it`);

/** The same from the stream of a bank's statuses. */
async function streamed(bic: Bic, isIt: (item: Item) => boolean): Promise<Item> {
  const target = `/banks/${bic}/statuses/stream`;
  const answer = await fetch(`${address}${target}`, {
    headers: network.reading(bic, target),
    signal: AbortSignal.timeout(15_000),
  });
  for await (const { data } of followEvents(answer.body)) {
    const item: Item = JSON.parse(data);
    if (isIt(item)) return item;
  }
  throw new Error('the stream ended');
}

const payment = (over: Partial<PaymentInstruction> = {}): PaymentInstruction => ({
  messageId: id(),
  endToEndId: id(),
  uetr: uetr(),
  instructingAgent: ALFA,
  debtorAgent: ALFA,
  creditorAgent: BETA,
  currency: 'EUR',
  amountMinor: 100n,
  settlementDate: today(),
  priority: 'normal',
  conversion: null,
  ...over,
});
const creditTransfer = (one: PaymentInstruction): Sent => ({
  type: CREDIT_TRANSFER,
  sender: one.instructingAgent,
  id: one.uetr,
  payload: writeCreditTransfer(one, { debtor: 'A', creditor: 'B' }, now(), cents),
});
const bankTransfer = (one: PaymentInstruction): Sent => ({
  type: BANK_TRANSFER,
  sender: one.instructingAgent,
  id: one.uetr,
  payload: writeBankTransfer(one, now(), cents),
});
/** More than its bank holds: it waits. */
const waiting = () =>
  payment({ instructingAgent: GAMMA, debtorAgent: GAMMA, amountMinor: 100_000_000n });

function leg(delivering: Bic, endToEndId: string): Sent {
  const isAlfa = delivering === ALFA;
  const one = {
    messageId: id(),
    endToEndId,
    uetr: uetr(),
    instructingAgent: delivering,
    counterparty: isAlfa ? BETA : ALFA,
    delivers: isAlfa ? 'EUR' : 'SGD',
    deliversMinor: isAlfa ? 100n : 150n,
    receives: isAlfa ? 'SGD' : 'EUR',
    receivesMinor: isAlfa ? 150n : 100n,
    settlementDate: today(),
    priority: 'normal' as const,
  };
  return { type: LEG, sender: delivering, id: one.uetr, payload: writeLeg(one, now(), cents) };
}

/** One of the two legs of a chain: ALFA pays BETA in one currency, and is paid in the other. */
function chainLeg(legNumber: 1 | 2, chainId: string): Sent {
  const legs = [
    { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 100n },
    { debtorAgent: BETA, creditorAgent: ALFA, code: 'SGD', minor: 150n },
  ] as const;
  const sender = legs[legNumber - 1]?.debtorAgent as Bic;
  const one = {
    ...{ messageId: id(), chainId, uetr: uetr(), instructingAgent: sender, legs, legNumber },
    ...{ settlementDate: today(), priority: 'normal' as const },
  };
  const digest = termsDigest(network.scenario.network, one);
  return { type: CHAIN, sender, id: one.uetr, payload: writeChainLeg(one, now(), cents, digest) };
}

/** A payment that waits is sent first, for what asks something of it. */
async function ofWaiting(ask: (one: PaymentInstruction) => Omit<Sent, 'sender'>): Promise<Sent> {
  const one = waiting();
  const location = await send(creditTransfer(one));
  await follow(GAMMA, location, ({ status }) => status === 'PDNG');
  return { sender: GAMMA, ...ask(one) };
}

/** A payment to BETA settles first, for what follows it. */
async function ofSettled(
  make: (one: PaymentInstruction, settled: { Ccy: string; Amt: string }) => Omit<Sent, 'sender'>,
): Promise<Sent> {
  const one = payment();
  const sent = creditTransfer(one);
  await follow(ALFA, await send(sent), tells(sent, 'ACSC'));
  return { sender: BETA, ...make(one, { Ccy: 'EUR', Amt: '1.00' }) };
}
const aboutIt = (one: PaymentInstruction) => ({
  id: id(),
  sender: BETA,
  receiver: ALFA,
  uetr: one.uetr,
  paymentType: CREDIT_TRANSFER as typeof CREDIT_TRANSFER,
});

const limit = { sender: ALFA, currency: 'EUR', counterparty: null };

/** By type: a message, and the status that ends it or, for a request, the root of its answer. */
const CASES: Readonly<Record<MessageType, { make(): Sent | Promise<Sent>; end: string }>> = {
  [CREDIT_TRANSFER]: { make: () => creditTransfer(payment()), end: 'ACSC' },
  [BANK_TRANSFER]: { make: () => bankTransfer(payment()), end: 'ACSC' },
  [LEG]: {
    async make() {
      const endToEndId = id();
      await send(leg(BETA, endToEndId));
      return leg(ALFA, endToEndId);
    },
    end: 'ACSC',
  },
  [CHAIN]: {
    async make() {
      const chainId = id();
      await send(chainLeg(2, chainId));
      return chainLeg(1, chainId);
    },
    end: 'ACSC',
  },
  // Of a document: no chain need be there.
  [ATTESTATION]: {
    make: () => {
      const said = { id: id(), sender: ALFA, verdict: 'recorded' as const, chain: null };
      const digest = Buffer.alloc(32, 7);
      const payload = writeAttestation(
        { ...said, digest, recordKind: 'policy', currency: null },
        now(),
      );
      return { type: ATTESTATION, sender: ALFA, id: said.id, payload };
    },
    end: 'Rct',
  },
  // A quote that is taken gets no status; this one has the id of another.
  [QUOTE]: {
    make: () => {
      const quote = { id: uetr(), dealer: DEALER, baseCurrency: 'EUR', quoteCurrency: 'SGD' };
      const terms = { rate: { mantissa: 15n, scale: 1 }, coversMinor: 1000n, validUntilMs: now() };
      return {
        type: QUOTE,
        sender: DEALER,
        id: uetr(),
        payload: writeQuote({ ...quote, ...terms }, 2),
      };
    },
    end: 'RJCT',
  },
  [CANCELLATION]: {
    make: () =>
      ofWaiting(({ uetr, amountMinor }) => {
        const request = {
          id: id(),
          sender: GAMMA,
          uetr,
          paymentType: CREDIT_TRANSFER,
          currency: 'EUR',
        } as const;
        return {
          type: CANCELLATION,
          id: request.id,
          payload: writeCancellation(request, now(), amountMinor, cents),
        };
      }),
    end: 'RsltnOfInvstgtn',
  },
  [REORDERING]: {
    make: () =>
      ofWaiting(({ uetr }) => {
        const request = {
          id: id(),
          uetr,
          paymentType: CREDIT_TRANSFER,
          priority: 'high',
          move: 'front',
          currency: 'EUR',
        } as const;
        return { type: REORDERING, id: request.id, payload: writeReordering(request, now()) };
      }),
    end: 'Rct',
  },
  [LIMIT]: {
    make() {
      const request = { ...limit, id: id(), limitMinor: 10_000_000n };
      return {
        type: LIMIT,
        sender: ALFA,
        id: request.id,
        payload: writeLimit(request, now(), cents),
      };
    },
    end: 'Rct',
  },
  [LIMIT_REMOVAL]: {
    make() {
      const request = { ...limit, id: id(), limitMinor: null };
      return {
        type: LIMIT_REMOVAL,
        sender: ALFA,
        id: request.id,
        payload: writeLimit(request, now(), cents),
      };
    },
    end: 'Rct',
  },
  [RETURN]: {
    make: () =>
      ofSettled((one) => {
        const terms = { originalMessageId: one.messageId, currency: 'EUR', amountMinor: 40n };
        const when = { settlementDate: today(), priority: 'normal' as const };
        const made = { ...aboutIt(one), ...terms, ...when };
        const payload = writePaymentReturn(made, 'AC04', now(), cents);
        return { type: RETURN, id: made.id, about: one.uetr, payload };
      }),
    end: 'ACSC',
  },
  [STATUS_REQUEST]: {
    make: () =>
      ofSettled((one, settled) => {
        const { id: name, sender, uetr, paymentType } = aboutIt(one);
        const request = { id: name, sender, uetr, paymentType, paymentSender: ALFA };
        const payload = writeStatusRequest(request, one.messageId, settled, now());
        return { type: STATUS_REQUEST, id: name, about: uetr, tellsOf: CREDIT_TRANSFER, payload };
      }),
    end: 'ACSC',
  },
  [RECALL_ANSWER]: {
    make: () =>
      ofSettled((one, settled) => {
        const reply = aboutIt(one);
        const words = { originalMessageId: one.messageId, status: 'PDCR', reasonCode: null };
        const payload = writeRecallAnswer(reply, { ...words, settled }, now());
        return { type: RECALL_ANSWER, id: reply.id, payload };
      }),
    end: 'Rct',
  },
  [CREDITOR_STATUS]: {
    make: () =>
      ofSettled((one, settled) => {
        const reply = aboutIt(one);
        const words = { originalMessageId: one.messageId, status: 'ACCC', reasonCode: null };
        const payload = writeCreditorStatus(reply, { ...words, settled }, now());
        return { type: CREDITOR_STATUS, id: reply.id, payload };
      }),
    end: 'Rct',
  },
  [RESERVATION]: {
    make() {
      const request = {
        id: id(),
        sender: ALFA,
        currency: 'EUR',
        priority: 'urgent',
        amountMinor: 0n,
      } as const;
      return {
        type: RESERVATION,
        sender: ALFA,
        id: request.id,
        payload: writeReservation(request, now(), cents),
      };
    },
    end: 'Rct',
  },
  [REPORT_REQUEST]: {
    make() {
      const request = { id: id(), sender: ALFA, currency: 'EUR', date: null };
      const payload = writeReportRequest(request, now());
      return { type: REPORT_REQUEST, sender: ALFA, id: request.id, payload };
    },
    end: 'Rct',
  },
  [QUEUE_QUERY]: {
    make() {
      const query = { id: id(), currency: 'EUR' };
      const payload = writeQueueQuery(query, now());
      return { type: QUEUE_QUERY, sender: ALFA, id: query.id, payload };
    },
    end: 'RtrTx',
  },
  [DAY_QUERY]: {
    make() {
      const query = { id: id(), currency: null };
      const payload = writeDayQuery(query, now());
      return { type: DAY_QUERY, sender: ALFA, id: query.id, payload };
    },
    end: 'RtrBizDayInf',
  },
};

/** Whether an item tells what became of a message. */
const tells =
  ({ type, id, about = id as Uetr, tellsOf = type }: Sent, end: string) =>
  ({ uetr, messageType, status, document }: Item): boolean =>
    status === ''
      ? // In XML it is a string.
        (typeof document === 'string' && document.includes(`<${end}>`) && document.includes(id)) ||
        (typeof document === 'object' &&
          end in ((document as { Document?: object }).Document ?? {}) &&
          JSON.stringify(document).includes(id))
      : status === end && uetr === about && messageType === tellsOf;

const TYPES = MESSAGE_TYPES.filter((type) => type !== 'none');
for (const type of TYPES)
  test(`${type}: the location of a 202, the pages and the stream tell what became of it`, async () => {
    const { make, end } = CASES[type];
    const sent = await make();
    const location = await send(sent);
    const told = await follow(sent.sender, location, tells(sent, end));
    assert.deepEqual(await streamed(sent.sender, tells(sent, end)), told);
    const page = `/banks/${sent.sender}/statuses?limit=1000`;
    assert.deepEqual(await follow(sent.sender, page, tells(sent, end)), told);
    if (!PAYMENT_TYPES.includes(type)) return;
    const { state, final, messageType, pool } = (await (
      await read(sent.sender, `/payments/${sent.about ?? sent.id}`)
    ).json()) as Record<string, unknown>;
    assert.deepEqual(
      { state, final, messageType, pool },
      { state: end, final: true, messageType: type, pool: 'main' },
    );
  });

test('a payment is credited where its creditor’s bank says so, for the bank that sent it', async () => {
  const sent = await (CASES[CREDITOR_STATUS].make() as Promise<Sent>);
  const [one] = (JSON.parse(`${Buffer.from(sent.payload)}`) as { Document: CreditorSaid }).Document
    .FIToFIPmtStsRpt.TxInfAndSts;
  await send(sent);
  const payment = await until(async () => {
    const answer = await read(ALFA, `/payments/${one.OrgnlUETR}`);
    const found = (await answer.json()) as { state: string; final: boolean; statuses: Item[] };
    return found.state === 'ACCC' ? found : undefined;
  }, 'it is not told as credited');
  assert.deepEqual(
    [payment.final, payment.statuses.map(({ status }) => status)],
    [true, ['ACSC', 'ACCC']],
  );
  const target = '/banks/ALFADE00/deliveries?limit=1000';
  const { items } = (await (await read(ALFA, target)).json()) as { items: Delivered[] };
  const passedOn = items.find(({ headers }) => headers.ce_id === sent.id);
  assert.deepEqual(
    [passedOn?.uetr, passedOn?.settledAtMs, passedOn?.headers['content-type']],
    [one.OrgnlUETR, null, 'application/json'],
  );
  assert.deepEqual(Buffer.from(passedOn?.payload ?? '', 'base64'), Buffer.from(sent.payload));
});

for (const type of TYPES)
  test(`${type}: in XML it is taken as in JSON, and a payment is delivered as it was sent`, async () => {
    const { make, end } = CASES[type];
    const sent = await make();
    const inXml = { ...sent, payload: xmlOf(type, sent.payload) };
    const location = await send(inXml, 'application/xml; charset=utf-8');
    const told = await follow(sent.sender, location, tells(sent, end));
    // The quote has the id of another, which only who has read it can say.
    assert.match(`${told.document}`, /^<\?xml .*<AppHdr xmlns=/s);
    const fault = type === QUOTE ? /Rule: header-id/ : /^((?!FF01).)*$/;
    assert.match(JSON.stringify(told.document), fault);
    if (end !== 'ACSC' || !PAYMENT_TYPES.includes(type)) return;
    const to = sent.sender === BETA ? ALFA : BETA;
    const target = `/banks/${to}/deliveries?limit=1000`;
    const delivery = await until(async () => {
      const { items } = (await (await read(to, target)).json()) as { items: Delivered[] };
      return items.find(({ headers }) => headers.ce_id === sent.id);
    }, 'it is not delivered');
    assert.equal(delivery.headers['content-type'], 'application/xml');
    assert.deepEqual(Buffer.from(delivery.payload, 'base64'), inXml.payload);
  });

for (const type of TYPES)
  test(`${type}: a document that it is not is told where the 202 says`, async () => {
    const { make, end } = CASES[type];
    const { sender, id } = await make();
    const sent = {
      type,
      sender,
      id: `${id.slice(0, -1)}0`,
      payload: Buffer.from('{"Document":{}}'),
    };
    const isRefused = ({ status, document, uetr, messageType }: Item) =>
      status === 'RJCT' && uetr === sent.id
        ? messageType === type
        : /"(RJCR|RJCT)"/.test(JSON.stringify(document)) &&
          JSON.stringify(document).includes(sent.id);
    const { document } = await follow(sender, await send(sent), isRefused);
    assert.match(JSON.stringify(document), /FF01/, end);
  });

test('two payments of different types under one UETR are told apart', async () => {
  const one = payment({ instructingAgent: BETA, debtorAgent: BETA, creditorAgent: ALFA });
  const [first, second] = [
    creditTransfer(one),
    bankTransfer({ ...one, amountMinor: 100_000_000n }),
  ];
  const locations = [await send(first), await send(second)];
  await follow(BETA, locations[0]!, tells(first, 'ACSC'));
  await follow(BETA, locations[1]!, tells(second, 'PDNG'));
  const states = await Promise.all(
    locations.map(
      async (location) => ((await (await read(BETA, location)).json()) as { state: string }).state,
    ),
  );
  assert.deepEqual(states, ['ACSC', 'PDNG']);
  const answer = await read(BETA, `/payments/${one.uetr}`);
  assert.equal(answer.status, 400);
  const { field, expected } = (await answer.json()) as Record<string, string>;
  assert.deepEqual(
    [field, expected],
    ['type', `one of ${CREDIT_TRANSFER}, ${BANK_TRANSFER}: each has this UETR`],
  );
});

test('while a payment waits, another payload under its UETR does not change its state', async () => {
  const one = waiting();
  const location = await send(creditTransfer(one));
  await follow(GAMMA, location, ({ status }) => status === 'PDNG');
  await send(creditTransfer({ ...one, amountMinor: 1n }));
  await follow(GAMMA, location, ({ status }) => status === 'RJCT');
  const { state, final } = (await (await read(GAMMA, location)).json()) as Record<string, unknown>;
  assert.deepEqual({ state, final }, { state: 'PDNG', final: false });
});

test('a status and an answer of one event are two items', async () => {
  const { make } = CASES[CANCELLATION];
  const sent = await make();
  const location = await send(sent);
  const answer = await follow(GAMMA, location, tells(sent, 'RsltnOfInvstgtn'));
  const isCancelled = ({ status, eventNumber }: Item) =>
    status === 'CANC' && eventNumber === answer.eventNumber;
  const status = await follow(GAMMA, location, isCancelled);
  assert.notEqual(status.type, answer.type);
});

test('what becomes of a message whose id is no UETR is told where its 202 says', async () => {
  const ids = ['hello', randomUUID().toUpperCase(), '00000000-0000-0000-0000-000000000000'];
  for (const id of ids) {
    for (const one of [creditTransfer(payment()), bankTransfer(payment()), leg(ALFA, 'E-1')]) {
      const location = await send({ ...one, id });
      const code = (item: Item) => /"Cd":"(\w+)"/.exec(JSON.stringify(item.document))?.[1];
      const isIt = (item: Item) => item.messageType === one.type && code(item) === 'FF01';
      assert.equal((await follow(ALFA, location, isIt)).status, 'RJCT');
    }
  }
});

test('the OpenAPI document allows every message that is taken, and no other', async () => {
  const contract = readContract((await (await fetch(`${address}/openapi.json`)).json()) as OpenApi);
  const allowed = (document: unknown) => contract.allows('post', '/payments', document);
  const seen = new Set<string>();
  for (const type of TYPES) {
    const document = JSON.parse(Buffer.from((await CASES[type].make()).payload).toString());
    assert.ok(allowed(document), type);
    const [root] = Object.keys(document) as [string];
    assert.ok(!allowed({ [root]: {} }), type);
  }
  const page = readFileSync(
    fileURLToPath(new URL('../../../docs/messages.md', import.meta.url)),
    'utf8',
  );
  for (const [, text] of page.matchAll(/```json\n([\s\S]*?)```/g)) {
    const document = JSON.parse(text as string);
    const [root] = Object.keys(document.Document ?? document) as [string];
    // Banks name themselves in theirs.
    const isAnswer =
      /^(Allegement|ChnAllgmt|AttstnReq|SysEvtNtfctn|RtrTx|RtrBizDayInf|QuoteUse|id)$/.test(root) ||
      (/^(RsltnOfInvstgtn|Rct|FIToFIPmtStsRpt|BkToCstmr\w+)$/.test(root) &&
        !/"Assgnr": \{ "Agt"|"InstgAgt"/.test(text as string));
    assert.equal(allowed(document), !isAnswer, root);
    if (!isAnswer) seen.add(root);
  }
  assert.equal(seen.size, TYPES.length);
});
