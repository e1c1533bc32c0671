/** What the processes of a fault test share: how the network is founded, and its traffic. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bank } from '../../services/bank/bank.ts';
import type { Order } from '../../services/bank/payment-orders-csv.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type { Bic } from '../../services/protocol/names/bic-and-uetr.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { PAYMENTS, poolInput } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { writeGenesis } from '../../services/sandbox/genesis.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { possessionOf } from '../support/possession.ts';
import { bankAs, CUSTOMERS, paymentOf } from './banks.ts';
import { FaultBanks, idsInPayments, STRANGER, signerOf, uetrOf } from './traffic.ts';

/** The sample bank. */
export const BANK = 'ALFADE00' as Bic;
/** Its payments are told from the traffic's by their seed. */
const BANK_SEED = 900_000;
const PARTITIONS = 4;

export const orderUetr = (seed: number, index: number) => uetrOf(BANK_SEED + seed, index);

/** The sample bank's file, the same whenever it is sent. */
export const bankOrders = (seed: number, count: number): Order[] =>
  Array.from({ length: count }, (_, index) => ({
    uetr: orderUetr(seed, index),
    creditorAgent: (index % 2 === 0 ? 'BETASG00' : 'GAMMFR00') as Bic,
    currency: 'EUR',
    amountMinor: BigInt(100 + index),
    priority: 'normal',
  }));

/** The clearing node's keys, the same in every process: its first, and those that come in its place. */
const nodeSecret = (place: number) => createHash('sha256').update(`the node ${place}`).digest();
const NODE_KEYS = 65;
export const NODE_PEM = Array.from({ length: NODE_KEYS }, (_, place) =>
  secretKeyPem(nodeSecret(place)),
).join('');

/** The node signs with another key from here on; a number that comes again is refused. */
function nodeKeyRecord(network: string, number: number): ControlRecord {
  const place = 1 + (number % (NODE_KEYS - 1));
  const signer = createSigner(nodeSecret(place));
  const [keyId, id, timeMs] = [`node-${place}`, `node ${number}`, Date.now()];
  return {
    ...{ kind: 'nodeKey', timeMs, keyId, state: 'registered' },
    publicKey: Buffer.from(signer.publicKey).toString('hex'),
    possession: possessionOf(network, signer, { bic: network, keyId, atMs: timeMs }),
    command: { id, issuedAtMs: timeMs, signature: '', payload: `{"id":"${id}"}`, version: 2 },
  };
}

/** @param payments at most, with those that banks send: a snapshot scans the room of all */
export const found = (log: LogPort, scenario: Scenario, payments: number): Promise<void> =>
  writeGenesis(log, scenario, {
    timeMs: Date.now(),
    publicKeyOf: (bic) => signerOf(scenario, bic).publicKey,
    operatorKey: new Uint8Array(32),
    nodeKey: createSigner(nodeSecret(0)).publicKey,
    limits: { livePayments: payments, identities: 2 * payments },
  });

/** Of the sample bank in `smoke`, in cents. */
const CREDIT_LINE = 1_000_000;

/**
 * A key of its own for each number, which nobody signs with, so that participants has something new; and
 * another credit line, so that the node has a report to sign; and another key of the node, for the next.
 */
export const registerKey = (log: LogPort, network: string, pool: string, number: number) =>
  log.produce(poolInput(pool), [
    {
      key: pool,
      headers: {},
      value: writeControl({
        kind: 'key',
        timeMs: Date.now(),
        bic: BANK,
        keyId: `spare-${number}`,
        publicKey: createHash('sha256').update(`spare ${number}`).digest('hex'),
        state: 'registered',
      }),
    },
    {
      key: pool,
      headers: {},
      value: writeControl({
        kind: 'creditLine',
        timeMs: Date.now(),
        ...{ bic: BANK, currency: 'EUR', amountMinor: String(CREDIT_LINE + number) },
      }),
    },
    { key: pool, headers: {}, value: writeControl(nodeKeyRecord(network, number)) },
  ]);

/** A message that names nobody: it goes to payments.rejected, each time. */
export const stranger = (message: Message): Message => ({
  ...message,
  // Anywhere, so that it comes to any of several verifiers.
  key: null,
  headers: { ...message.headers, ce_source: STRANGER },
});

/** Sends a message over HTTP until it is acknowledged; false where it was refused for good, or given up. */
export async function post(
  url: string,
  build: () => Message,
  given?: AbortSignal,
): Promise<boolean> {
  while (!given?.aborted) {
    const { headers, value } = build();
    const body = new Uint8Array(value);
    const answer = await fetch(`${url}/payments`, {
      method: 'POST',
      headers: headersForHttp(headers),
      body,
    }).catch(() => null);
    await answer?.arrayBuffer().catch(() => {});
    if (answer?.status === 202) return true;
    if (answer && answer.status !== 503) return false;
    await pause(50);
  }
  return false;
}

/** Before one in so many payments banks send legs that do not meet, and ask what waits and for the business day. */
const ASKED = 12;
const OTHER_SEED = 700_000;

/** Two legs a cent apart, and questions: what is told of them follows from state, and must not get lost either. */
function legsAndQuestions(
  scenario: Scenario,
  seed: number,
  index: number,
  date: string,
): Message[] {
  const [alfa, other] = [BANK, 'BETASG00' as Bic];
  const terms = {
    ...{ endToEndId: `T-${index}`, settlementDate: date, priority: 'normal' as const },
    ...{ delivers: 'EUR', deliversMinor: 500n, receives: 'SGD', receivesMinor: 700n },
  };
  const leg = (from: Bic, to: Bic, number: number) => ({
    ...{ ...terms, messageId: `L-${index}-${number}`, instructingAgent: from, counterparty: to },
    uetr: uetrOf(OTHER_SEED + seed, 2 * index + number),
  });
  const mirror = { delivers: 'SGD', deliversMinor: 701n, receives: 'EUR', receivesMinor: 500n };
  const [first, second] = [bankAs(scenario, alfa), bankAs(scenario, other)];
  const nowMs = Date.now();
  const id = `${seed}-${index}`;
  return [
    first.leg(leg(alfa, other, 0), nowMs),
    second.leg({ ...leg(other, alfa, 1), ...mirror }, nowMs),
    first.askQueue({ id: `Q-${id}`, currency: null }, nowMs),
    second.askDay({ id: `D-${id}`, currency: null }, nowMs),
  ];
}

const DEALER = 'DELRSG00' as Bic;
const QUOTE_SEED = 710_000;
const RETURN_SEED = 720_000;
/** What is paid, and may come back in three parts. */
const RETURNED = { minor: 500n, parts: [200n, 200n, 101n] };

/**
 * Of a round: a quote, which every third round takes back, a payment at the quote of the round before, and a
 * payment of which the next round asks for the return and sends parts back, the last of which is too much. They come
 * to several partitions, so one or the other is refused; what became of them follows from state.
 */
export function returnsAndQuotes(
  scenario: Scenario,
  seed: number,
  round: number,
  date: string,
): Message[] {
  const [alfa, beta] = [BANK, 'BETASG00' as Bic];
  const [payer, payee, dealer] = [alfa, beta, DEALER].map((bic) => bankAs(scenario, bic)) as [
    Bank,
    Bank,
    Bank,
  ];
  const nowMs = Date.now();
  const payment = (from: number, amountMinor: bigint, number: number) =>
    paymentOf(from + seed, number, { settlementDate: date, amountMinor });
  const quoteId = (of: number) => uetrOf(QUOTE_SEED + seed, 2 * of);
  const rate = { mantissa: 15n, scale: 1 };
  const offer = { id: quoteId(round), dealer: DEALER, coversMinor: 1_000n, rate };
  const converted = payment(QUOTE_SEED, 300n, 2 * round + 1);
  const paid = payment(RETURN_SEED, RETURNED.minor, round);
  const messages = [
    dealer.quote(
      { ...offer, baseCurrency: 'EUR', quoteCurrency: 'SGD', validUntilMs: nowMs + 3_600_000 },
      nowMs,
    ),
    payer.pay(paid, CUSTOMERS, nowMs),
    payer.pay(
      { ...converted, conversion: { dealer: DEALER, currency: 'SGD', amountMinor: 450n, rate } },
      CUSTOMERS,
      nowMs,
    ),
  ];
  if (round % 3 === 2)
    messages.push(
      dealer.cancel(
        {
          ...{ id: `W-${seed}-${round}`, sender: DEALER, uetr: quoteId(round) },
          ...{ paymentType: 'corridor.quote.1', currency: 'EUR' },
        },
        nowMs,
      ),
    );
  if (round === 0) return messages;
  const of = payment(RETURN_SEED, RETURNED.minor, round - 1);
  const about = { uetr: of.uetr, paymentType: 'pacs.008.001.08' as const };
  const id = (what: string) => `${what}-${seed}-${round}`;
  const words = { originalMessageId: of.messageId, reasonCode: null, settled: null };
  const reply = { ...about, sender: beta, receiver: alfa };
  messages.push(
    payer.cancel({ ...about, id: id('C'), sender: alfa, currency: 'EUR' }, nowMs, RETURNED.minor),
    payee.answerRecall({ ...reply, id: id('A') }, { ...words, status: 'CNCL' }, nowMs),
    payee.reportCredit({ ...reply, id: id('S') }, { ...words, status: 'ACCC' }, nowMs),
    ...RETURNED.parts.map((amountMinor, part) =>
      payee.giveBack(
        {
          ...{ ...reply, id: id(`R${part}`), originalMessageId: of.messageId, currency: 'EUR' },
          ...{ amountMinor, settlementDate: date, priority: 'normal' as const },
        },
        'AC04',
        nowMs,
      ),
    ),
  );
  return messages;
}

const CHAIN_SEED = 730_000;
const [CARRIER, DESK] = ['GAMMFR00', DEALER] as [Bic, Bic];
/** By round: what becomes of a chain, so far as the partitions' order lets it. */
const FATES_OF_CHAINS = ['settles', 'isHeld', 'isRefused', 'waits', 'isWithdrawn'] as const;

/**
 * Of a round: a chain of two legs that two participants have to attest, mostly with its money set aside, and what one
 * of them says before it can know all of it; and what becomes of the chain of the round before, whose legs have mostly come
 * by then from their partitions.
 */
export function chainsAndAttestations(
  scenario: Scenario,
  seed: number,
  round: number,
  date: string,
): Message[] {
  const { legs, says } = chainOfRound(scenario, seed, round, date);
  const begun = [legs[0].message, says(CARRIER, 'held'), legs[1].message];
  const before = round === 0 ? [] : endOfChain(scenario, seed, round - 1, date);
  const fate = FATES_OF_CHAINS[round % FATES_OF_CHAINS.length];
  if (fate === 'waits') begun.pop();
  // A round before the refusal: money that is released has to be set aside first, and two senders' partitions have no order.
  if (fate === 'isRefused') begun.push(says(CARRIER, 'accepted', 1));
  return [...before, ...begun];
}

/** What becomes of the chain of a round that has begun. */
function endOfChain(scenario: Scenario, seed: number, round: number, date: string): Message[] {
  const { legs, again, says } = chainOfRound(scenario, seed, round, date);
  const accepted = says(CARRIER, 'accepted', 1);
  switch (FATES_OF_CHAINS[round % FATES_OF_CHAINS.length]) {
    case 'settles':
      return [accepted, says(DESK, 'accepted')];
    case 'isHeld':
      return [accepted, says(DESK, 'held')];
    case 'isRefused':
      return [says(DESK, 'refused')];
    case 'isWithdrawn': {
      const [{ bic, uetr }] = legs;
      const request = { id: `CC-${seed}-${round}`, sender: bic, uetr, currency: 'EUR' };
      const cancel = { ...request, paymentType: 'corridor.chain.1' as const };
      return [accepted, bankAs(scenario, bic).cancel(cancel, Date.now(), 700n), again.message];
    }
    default:
      return [];
  }
}

/** Its legs, one more in the place of the first, and what attestors may say of it: the same whenever it is asked for. */
function chainOfRound(scenario: Scenario, seed: number, round: number, date: string) {
  const nowMs = Date.now();
  const [alfa, beta] = [BANK, 'BETASG00' as Bic];
  const until = '23:59:59-12:00';
  const terms = {
    ...{ chainId: `CH-${seed}-${round}`, settlementDate: date, priority: 'normal' as const },
    legs: [
      { debtorAgent: alfa, creditorAgent: beta, code: 'EUR', minor: 700n },
      { debtorAgent: beta, creditorAgent: alfa, code: 'EUR', minor: 650n },
    ],
    condition: {
      groups: [CARRIER, DESK].map((bic) => ({ threshold: 1, attestors: [bic] })),
      ...{ threshold: 2, deadline: until, onSilence: 'release' as const },
    },
    ...(round % 4 !== 1 && {
      earmark: { when: 'acceptance' as const, expiry: until, onExpiry: 'continue' as const },
    }),
  };
  const leg = (number: number, attempt = 0) => {
    const bic = number === 1 ? alfa : beta;
    const uetr = uetrOf(CHAIN_SEED + seed, 4 * round + number + 2 * attempt);
    const own = { messageId: `K-${round}-${number}-${attempt}`, instructingAgent: bic, uetr };
    const message = bankAs(scenario, bic).chainLeg({ ...terms, ...own, legNumber: number }, nowMs);
    return { bic, uetr, message };
  };
  const says = (bic: Bic, verdict: 'accepted' | 'refused' | 'held', number = 0) =>
    bankAs(scenario, bic).attestation(
      {
        ...{ id: `${bic}-${seed}-${round}-${number}`, sender: bic, verdict, recordKind: null },
        ...{ digest: termsDigest(scenario.network, terms), currency: 'EUR' },
        chain: {
          ...{ settlementDate: date, legCount: 2, validUntilMs: nowMs + 3_600_000 },
          reason: 'Seen',
        },
      },
      nowMs,
    );
  return { legs: [leg(1), leg(2)] as const, again: leg(1, 1), says };
}

export interface TrafficOrders {
  readonly seed: number;
  readonly date: string;
  readonly until: number;
  /** Of the gateway, which takes every second payment. */
  readonly url: string;
}

/** Sends what of the traffic is not in the log yet, a message of nobody, and a new key. */
export async function sendTraffic(
  log: LogPort,
  scenario: Scenario,
  { seed, date, until, url }: TrafficOrders,
): Promise<void> {
  const banks = new FaultBanks({ scenario, seed, count: until, date });
  const sent = await idsInPayments(log, PARTITIONS);
  const pools = scenario.pools.map(({ name }) => name);
  await registerKey(log, scenario.network, pools[0] as string, until);
  await log.produce(PAYMENTS, [stranger(banks.messages(0)[0] as Message)]);
  for (let index = 0; index < until; index++) {
    // Signing what was sent long ago would take longer than all else.
    if (sent.has(uetrOf(seed, index))) continue;
    if (index % ASKED === 0)
      await log.produce(PAYMENTS, [
        ...legsAndQuestions(scenario, seed, index, date),
        ...returnsAndQuotes(scenario, seed, index / ASKED, date),
        ...chainsAndAttestations(scenario, seed, index / ASKED, date),
      ]);
    if (index % 2 === 0) await log.produce(PAYMENTS, banks.messages(index));
    else await post(url, () => banks.messages(index)[0] as Message);
    if (index % 10 === 9) await pause(5);
  }
}
