// Prepares signed payments and sends none. Who sends them, and how fast: load-tests/steady.ts, burst.ts and smoke.ts.

import { createBank } from '../bank/bank.ts';
import { createSigner, type Signer } from '../core/verification/signing.ts';
import { BadInput } from '../platform/exit-codes.ts';
import type { Bic, Uetr } from '../protocol/names/bic-and-uetr.ts';
import { headersForHttp } from '../protocol/names/http-headers.ts';
import type { Message } from '../protocol/names/message.ts';
import { envelopeHeaders } from '../protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../protocol/names/signed-query.ts';
import { SeededStream } from '../scenario/random-streams.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { KEY_ID } from '../simulator/keys-and-genesis.ts';

/**
 * Signed payments prepared for a load test, since load generators cannot sign Ed25519. The same
 * request gives the same bytes. Issue times follow the plan of the test, so that each payment is
 * within five minutes of its issue time when it is sent, however long the test is.
 */
export interface LoadRequest {
  readonly scenario: Scenario;
  readonly payments: number;
  /** So many of the scenario's banks send and receive. */
  readonly banks: number;
  readonly seed: number;
  /** When the first payment is to be sent, ms since 1970. */
  readonly startMs: number;
  /** Payments a second; 0: all at once. */
  readonly rate: number;
  /** With a signed request to read each payment's status. */
  readonly reads: boolean;
  secretKeyOf(bic: string): Uint8Array;
}

/** The first line of the file. */
export interface LoadHead {
  readonly loadgen: 1;
  readonly network: string;
  readonly payments: number;
  readonly banks: number;
  readonly seed: number;
  /** Issue times of the first and the last payment: it can be sent within five minutes of each. */
  readonly issuedFromMs: number;
  readonly issuedToMs: number;
}

/** Every other line: what to send, and how to read what became of it. */
export interface LoadLine {
  readonly uetr: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly read?: { readonly target: string; readonly headers: Record<string, string> };
}

/** Amounts, in minor units. */
const AMOUNT_MAX = 100_000;
const DAY_MS = 86_400_000;

interface Sender {
  readonly bic: Bic;
  readonly signer: Signer;
  readonly bank: ReturnType<typeof createBank>;
}

/** A payment as its bank produces it. */
export interface LoadMessage {
  readonly uetr: Uetr;
  readonly issuedAtMs: number;
  readonly message: Message;
  readonly from: Sender;
}

const issuedAt = ({ startMs, rate }: LoadRequest, index: number) =>
  startMs + (rate > 0 ? Math.floor((index * 1000) / rate) : 0);

/** Throws BadInput where the scenario has not so many banks with accounts in one currency. */
export function* loadLines(request: LoadRequest): Generator<LoadHead | LoadLine, void> {
  const { scenario, payments, banks, seed, startMs } = request;
  const messages = loadMessages(request);
  yield {
    loadgen: 1,
    network: scenario.network,
    payments,
    banks,
    seed,
    issuedFromMs: startMs,
    issuedToMs: issuedAt(request, payments - 1),
  };
  for (const { uetr, issuedAtMs, message, from } of messages)
    yield {
      uetr,
      headers: headersForHttp(message.headers),
      body: Buffer.from(message.value).toString('utf8'),
      ...(request.reads && { read: readOf(scenario.network, from, uetr, issuedAtMs) }),
    };
}

/** The payments as messages for the topic `payments`; throws at once as `loadLines` does. */
export function loadMessages(request: LoadRequest): Generator<LoadMessage, void> {
  const { scenario, banks } = request;
  const currency = commonCurrency(scenario, banks);
  const { code, minorUnits } = scenario.currencies[currency]!;
  return drawMessages(request, code, sendersOf(request, currency, minorUnits));
}

function* drawMessages(
  request: LoadRequest,
  currency: string,
  senders: readonly Sender[],
): Generator<LoadMessage, void> {
  const draws = new SeededStream(request.seed, 'loadgen');
  const ids = new SeededStream(request.seed, 'loadgen', 'ids');
  const below = (bound: number) => Math.floor(draws.uniform() * bound);
  for (let index = 0; index < request.payments; index++) {
    const debtor = below(senders.length);
    const creditor = (debtor + 1 + below(senders.length - 1)) % senders.length;
    const from = senders[debtor]!;
    const issuedAtMs = issuedAt(request, index);
    const uetr = `${ids.uuid()}` as Uetr;
    const message = from.bank.pay(
      {
        messageId: `L${index + 1}`,
        endToEndId: `L${index + 1}`,
        uetr,
        instructingAgent: from.bic,
        debtorAgent: from.bic,
        creditorAgent: senders[creditor]!.bic,
        currency,
        amountMinor: BigInt(1 + below(AMOUNT_MAX)),
        settlementDate: new Date(Math.floor(issuedAtMs / DAY_MS) * DAY_MS)
          .toISOString()
          .slice(0, 10),
        priority: 'normal',
        conversion: null,
      },
      { debtor: 'Debtor of the load test', creditor: 'Creditor of the load test' },
      issuedAtMs,
    );
    yield { uetr, issuedAtMs, message, from };
  }
}

/** A currency in which the first `banks` banks all have an account. */
function commonCurrency({ file, participants, currencies }: Scenario, banks: number): number {
  const chosen = participants.filter(({ role }) => role === 'bank').slice(0, banks);
  if (chosen.length < banks || banks < 2)
    throw new BadInput(
      `--banks ${banks}: ${file} has ${chosen.length} banks; expected a number from 2 to that`,
    );
  const common = currencies.findIndex((_, currency) =>
    chosen.every(({ accounts }) => accounts.some((account) => account.currency === currency)),
  );
  if (common < 0)
    throw new BadInput(`--banks ${banks}: the first ${banks} banks of ${file} share no currency`);
  return common;
}

function sendersOf(request: LoadRequest, currency: number, minorUnits: number): Sender[] {
  const { scenario, banks } = request;
  const code = scenario.currencies[currency]!.code;
  return scenario.participants
    .filter(({ role }) => role === 'bank')
    .slice(0, banks)
    .map(({ bic }) => {
      const signer = createSigner(request.secretKeyOf(bic));
      const bank = createBank({
        bic: bic as Bic,
        keyId: KEY_ID,
        network: scenario.network,
        sign: (text) => signer.sign(text),
        decimals: (name) => (name === code ? minorUnits : 0),
      });
      return { bic: bic as Bic, signer, bank };
    });
}

function readOf(network: string, { bic, signer }: Sender, uetr: string, issuedAtMs: number) {
  const target = `/payments/${uetr}`;
  const names = { sender: bic, keyId: KEY_ID, id: 'load', issuedAtMs };
  const signature = signer.sign(querySigningText(network, names, 'GET', target));
  const headers = headersForHttp(envelopeHeaders({ ...names, messageType: QUERY, signature }));
  delete headers['content-type'];
  return { target, headers };
}
