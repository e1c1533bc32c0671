/** For tests of the message path: banks that sign payments, verifier, clearing with the real core, notifier. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createBank } from '../../services/bank/bank.ts';
import { createClearing } from '../../services/clearing/clearing.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { createVerification } from '../../services/core/verification/verification.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import type {
  Currencies,
  PaymentInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { AddressedMessage, Message } from '../../services/protocol/names/message.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { payloadDigest, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import { readParticipantMessage } from '../../services/protocol/records/participant-message.ts';
import { RULES_VERSION } from '../../services/protocol/records/rules-version.ts';
import { createVerifier } from '../../services/verifier/verifier.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { toldDocument } from './xml-messages.ts';

/** A Monday, 09:00 UTC: everything is open. */
export const NOW = Date.UTC(2026, 2, 16, 9);
const wasm = new WebAssembly.Module(
  readFileSync(fileURLToPath(new URL('../../assembly/corridor.wasm', import.meta.url))),
);
/** Its verdicts are those of a new one, which takes 17 ms. */
const verification = createVerification(wasm);
export const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];
export const keyOf = (bic: string) => createSigner(Buffer.alloc(32, bic.charCodeAt(0)));

/** The message with another payload, signed anew. */
export function signedAnew(
  message: Message,
  value: Uint8Array,
  contentType = 'application/xml',
): Message {
  const { ce_id, ce_source, ce_type } = message.headers as Record<string, string>;
  const names = { messageType: ce_type!, sender: ce_source!, keyId: 'key-1', id: ce_id! };
  const text = signingText({
    ...{ network: 'test-1', topic: PAYMENTS, issuedAtMs: String(NOW) },
    ...names,
    payloadDigest: payloadDigest(value).toString('hex'),
  });
  const signature = keyOf(names.sender).sign(text);
  const headers = envelopeHeaders({ ...names, issuedAtMs: NOW, signature });
  return { ...message, value, headers: { ...headers, 'content-type': contentType } };
}

function genesis(rules: Partial<Genesis>, earmarkCapMinorSeconds?: string): ControlRecord[] {
  const timeMs = NOW - 3_600_000;
  const date = '2026-03-16';
  const limits = {
    participants: 4,
    currencies: 4,
    livePayments: 100,
    identities: 100,
    quotes: 4,
    limits: 8,
  };
  const key = (bic: Bic): ControlRecord => ({
    kind: 'key',
    timeMs,
    bic,
    keyId: 'key-1',
    publicKey: Buffer.from(keyOf(bic).publicKey).toString('hex'),
    state: 'registered',
  });
  const account = (bic: Bic): ControlRecord => ({
    kind: 'account',
    timeMs,
    bic,
    currency: 'EUR',
    balanceMinor: '100000',
    creditLineMinor: '0',
  });
  return [
    {
      kind: 'genesis',
      timeMs,
      network: 'test-1',
      pool: 'main',
      rulesVersion: RULES_VERSION,
      queueRule: 'fifo',
      cycleMechanism: 'gridlockResolution',
      cycleIntervalMs: 60_000,
      atClose: 'cancel',
      identityDays: 5,
      entryOffsetting: false,
      bilateralOffsetting: false,
      offsettingMinimumMs: 0,
      deferredNetClasses: 'all',
      defaultRule: 'unwind',
      pvpTimeoutMs: 3_600_000,
      certificates: false,
      limits,
      hashKey: '00'.repeat(16),
      ...rules,
    },
    {
      ...{ kind: 'currency', timeMs, currency: 'EUR', minorUnits: 2 },
      ...(earmarkCapMinorSeconds !== undefined && { earmarkCapMinorSeconds }),
    },
    ...[ALFA, BETA].flatMap((bic): ControlRecord[] => [
      { kind: 'participant', timeMs, bic, name: bic, role: 'bank' },
      key(bic),
      account(bic),
    ]),
    { kind: 'open', timeMs, currency: 'EUR', date, closesAtMs: NOW + 8 * 3_600_000 },
  ];
}

/**
 * Two banks with 1,000.00 EUR each, and all that lies between them.
 * @param rules in place of those of strict gross settlement with gridlock resolution
 * @param controls further records of the beginning: currencies, accounts, ...
 * @param earmarkCapMinorSeconds of the euro
 */
export function world(
  rules: Partial<Genesis> = {},
  controls: readonly ControlRecord[] = [],
  earmarkCapMinorSeconds?: string,
) {
  const decimals = new Map([['EUR', 2]]);
  for (const control of controls)
    if (control.kind === 'currency') decimals.set(control.currency, control.minorUnits);
  const currencies: Currencies = new Map(
    [...decimals].map(([code, minorUnits]) => [code, { minorUnits, pool: 'main' }]),
  );
  const settlement = createSettlement(wasm);
  const clearing = createClearing(settlement);
  const notifier = createNotifier('test-1', 'main');
  const verifier = createVerifier(
    { network: 'test-1', currencies, defaultPool: 'main' },
    verification,
  );
  const bank = (bic: Bic) =>
    createBank({
      bic,
      keyId: 'key-1',
      network: 'test-1',
      sign: (text) => keyOf(bic).sign(text),
      decimals: (currency) => decimals.get(currency) ?? 2,
      keepsSent: true,
    });
  let position = 0;
  const record = { events: Buffer.alloc(0), inputs: [] as Uint8Array[] };
  let logOffset = 0;

  function clear(values: readonly Uint8Array[]): { kinds: string[]; messages: AddressedMessage[] } {
    const inputs = values.map((value) => ({ position: position++, value }));
    const { events } = clearing.apply(inputs);
    record.inputs.push(...values);
    record.events = Buffer.concat([record.events, events]);
    for (const input of inputs) notifier.takeInput(input.position, input.value);
    const messages = notifier.project(readEvents(events));
    for (const { topic, message } of messages) {
      const key = topic === 'participants' ? readParticipantMessage(message.value) : null;
      if (key) verifier.learn(key);
    }
    const kinds = Array.from({ length: events.length / EVENT_BYTES }, (_, index) => {
      const { kind, reason } = readFlatEvent(events, index);
      return reason === 'none' ? kind : `${kind} ${reason}`;
    });
    return { kinds, messages };
  }

  /** What the verifier makes of messages: records of the pool's input, and dead letters. */
  function verify(messages: readonly Message[]) {
    const received = messages.map((message) => ({
      partition: 0,
      logOffset: logOffset++,
      timestampMs: message.timestampMs ?? NOW,
      value: message.value,
      headers: message.headers,
      key: message.key,
    }));
    return verifier.verify(received);
  }

  /** Sends messages as they are and returns the events, statuses and dead letters that follow. */
  async function send(...messages: Message[]) {
    const { inputs, rejected } = await verify(messages);
    const { kinds, messages: sent } = clear(inputs.map(({ value }) => value));
    const bodies = (list: readonly Pick<Message, 'headers' | 'value'>[]) => list.map(toldDocument);
    return {
      kinds,
      statuses: bodies(
        sent.filter(({ topic }) => topic.startsWith('statuses')).map((m) => m.message),
      ),
      told: sent.filter(({ topic }) => topic.startsWith('statuses')).map((m) => m.message),
      statusTopics: sent.filter(({ topic }) => topic.startsWith('statuses')).map((m) => m.topic),
      statements: sent.filter(({ topic }) => topic.startsWith('statements')),
      deliveries: sent.filter(({ topic }) => topic.startsWith('deliveries')),
      deadLetters: bodies(rejected),
      sent,
    };
  }
  clear([...genesis(rules, earmarkCapMinorSeconds), ...controls].map(writeControl));
  return {
    alfa: bank(ALFA),
    beta: bank(BETA),
    bank,
    send,
    verify,
    clear,
    settlement,
    notifier,
    record,
  };
}

let serial = 0;
/** A payment in EUR with ids of its own. */
export function payment(from: Bic, to: Bic, amountMinor: bigint): PaymentInstruction {
  serial += 1;
  const uetr = `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}` as Uetr;
  return {
    messageId: `M-${serial}`,
    endToEndId: `E-${serial}`,
    uetr,
    instructingAgent: from,
    debtorAgent: from,
    creditorAgent: to,
    currency: 'EUR',
    amountMinor,
    settlementDate: '2026-03-16',
    priority: 'normal',
    conversion: null,
  };
}
export const customers = { debtor: 'A', creditor: 'B' };
export const withHeaders = (message: Message, headers: Record<string, string>): Message => ({
  ...message,
  headers: { ...message.headers, ...headers },
});
