import assert from 'node:assert/strict';
import { RepeatFilter } from '../../services/bank/repeat-filter.ts';
import { createClearing } from '../../services/clearing/clearing.ts';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { createSettlement, type Settlement } from '../../services/core/settlement/settlement.ts';
import { EventsFollower } from '../../services/live/events-follower.ts';
import type { LoggedMessage, LogPort } from '../../services/live/service-context.ts';
import { NodeSecrets } from '../../services/notifier/node-signer.ts';
import { createNotifier } from '../../services/notifier/notifier.ts';
import type { Currencies } from '../../services/protocol/messages/instruction.ts';
import { isReturnType } from '../../services/protocol/messages/message-types.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import type { DirectoryNames } from '../../services/protocol/names/handles-to-names.ts';
import type { Message } from '../../services/protocol/names/message.ts';
import { INTERIM_HEADER, OPENING_HEADER } from '../../services/protocol/names/message-headers.ts';
import {
  PARTICIPANTS,
  poolEvents,
  poolInput,
  statementsOf,
} from '../../services/protocol/names/topic-plan.ts';
import { USUAL_STATEMENTS } from '../../services/protocol/records/control-record.ts';
import { isFull } from '../../services/protocol/records/events-message.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { StatementReader } from '../support/statement-reader.ts';

/** What must hold of a pool's topics whatever crashes it saw, on any log; throws where it does not. */
export interface PoolHistory {
  readonly events: FlatEvent[];
  readonly eventsHash: string;
  /** Outcomes by UETR, in order: event kinds. */
  readonly outcomes: ReadonlyMap<string, string[]>;
  /** At the end, by `BIC currency`, in minor units. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** Messages in the events topic that hold nothing new: written twice. */
  readonly repeatedMessages: number;
  /** Messages for banks that the node signed, each once. */
  readonly signedMessages: number;
  /** Types of what banks are told, once each of it was found to be there as it must be. */
  readonly told: ReadonlySet<string>;
}

/** Every record of a topic's first partition. */
export async function readAll(log: LogPort, topic: string): Promise<LoggedMessage[]> {
  const all: LoggedMessage[] = [];
  let next = await log.startOffset(topic, 0);
  for (;;) {
    const records = await log.read(topic, 0, next, 500);
    const last = records[records.length - 1];
    if (!last) return all;
    all.push(...records);
    next = last.logOffset + 1;
  }
}

/**
 * The events, as a reader sees them, are those of an uninterrupted replay of the input; nothing is
 * settled twice; and the topics of banks and verifiers hold what the events say, in order, where a
 * reader drops what it has by (pool, event number).
 */
export async function checkPool(
  log: LogPort,
  core: WebAssembly.Module,
  network: string,
  pool: string,
  nodePem = '',
  /** Of the network, where it has several pools. */
  currencies?: Currencies,
  /** Whether what settles is told ahead of its final status: of that each has to come before it. */
  tellsInterim = false,
): Promise<PoolHistory> {
  const inputs = (await readAll(log, poolInput(pool))).map(({ logOffset, value }) => ({
    position: logOffset,
    value,
  }));
  const settlement = createSettlement(core);
  const replay = createClearing(settlement);
  const { events: replayed } = replay.apply(inputs);

  const { written, runs, count, eventsHash, repeatedMessages } = await readPoolEvents(log, pool);
  const counts = `${count} events in the topic, ${replayed.length / EVENT_BYTES} of a replay`;
  const replayHash = replay.digest().toString('hex');
  assert.equal(eventsHash, replayHash, `the hash of an uninterrupted replay; ${counts}`);
  assert.equal(Buffer.compare(written, replayed), 0, 'the same bytes');

  const events = flatEvents(replayed);
  for (const [index, { number }] of events.entries())
    assert.equal(number, index + 1, 'no number is missing');
  const { signed: signedMessages, told } = await checkProjections(
    log,
    network,
    pool,
    inputs,
    runs,
    nodePem,
    currencies,
    tellsInterim,
  );
  await checkStatements(log, pool, settlement, replay.directory);
  const balances = balancesOf(settlement, replay.directory);
  const outcomes = outcomesOf(events);
  return { events, eventsHash, outcomes, balances, repeatedMessages, signedMessages, told };
}

/** Of a pool whose services run: a check reads two topics, between which time may tick. */
export async function eventsSoFar(log: LogPort, pool: string): Promise<FlatEvent[]> {
  return flatEvents((await readPoolEvents(log, pool)).written);
}

/** Outcomes by UETR, in order, of a pool whose services run. */
export async function outcomesSoFar(
  log: LogPort,
  pool: string,
): Promise<ReadonlyMap<string, string[]>> {
  return outcomesOf(await eventsSoFar(log, pool));
}

async function readPoolEvents(log: LogPort, pool: string) {
  const follower = new EventsFollower(pool);
  const pieces: { events: Uint8Array; goesOn: boolean }[] = [];
  let repeatedMessages = 0;
  for (const message of await readAll(log, poolEvents(pool))) {
    const events = follower.take(message);
    if (events.length === 0) repeatedMessages += 1;
    pieces.push({ events, goesOn: isFull(message) });
  }
  return {
    written: Buffer.concat(pieces.map(({ events }) => events)),
    /** As messages of the topic have them. */
    runs: pieces.filter(({ events }) => events.length > 0),
    count: follower.count,
    eventsHash: follower.digest().toString('hex'),
    repeatedMessages,
  };
}

function flatEvents(events: Uint8Array): FlatEvent[] {
  return Array.from({ length: events.length / EVENT_BYTES }, (_, index) =>
    readFlatEvent(events, index),
  );
}

function balancesOf(
  settlement: Pick<Settlement, 'balance'>,
  { participants, currencies }: DirectoryNames,
): Map<string, bigint> {
  return new Map(
    participants.flatMap(({ bic }, participant) =>
      currencies.map(
        ({ currency }, number) =>
          [`${bic} ${currency}`, settlement.balance(participant, number)] as const,
      ),
    ),
  );
}

function outcomesOf(events: readonly FlatEvent[]): Map<string, string[]> {
  const outcomes = new Map<string, string[]>();
  for (const { kind, id, messageType } of events) {
    // Its events have the UETR of what it returns (checkReturns).
    if (isReturnType(messageType)) continue;
    const uetr = ['settled', 'queued', 'rejected', 'cancelled'].includes(kind)
      ? uetrFromBytes(id)
      : null;
    if (uetr === null) continue;
    outcomes.set(uetr, [...(outcomes.get(uetr) ?? []), kind]);
  }
  for (const [uetr, kinds] of outcomes)
    assert.ok(kinds.filter((kind) => kind === 'settled').length <= 1, `${uetr} settled twice`);
  return outcomes;
}

/** What a notifier that never stopped would have written is what a reader finds. */
async function checkProjections(
  log: LogPort,
  network: string,
  pool: string,
  inputs: readonly { position: number; value: Uint8Array }[],
  runs: readonly { events: Uint8Array; goesOn: boolean }[],
  nodePem: string,
  currencies: Currencies | undefined,
  tellsInterim: boolean,
): Promise<{ signed: number; told: ReadonlySet<string> }> {
  const secrets = new NodeSecrets(() => nodePem);
  const usual = USUAL_STATEMENTS;
  const options = { usual, secrets, currencies, tellsInterim };
  const notifier = createNotifier(network, pool, options);
  let signed = 0;
  for (const { position, value } of inputs) notifier.takeInput(position, value);
  const expected = new Map<string, Message[]>();
  const ahead = new Map<string | undefined, Message>();
  for (const { events, goesOn } of runs)
    for (const { topic, message } of notifier.project(readEvents(events), goesOn)) {
      if (message.headers[INTERIM_HEADER] !== undefined) {
        ahead.set(message.headers.ce_id, message);
        continue;
      }
      const list = expected.get(topic);
      if (list) list.push(message);
      else expected.set(topic, [message]);
    }
  for (const [topic, messages] of expected) {
    const all = await readAll(log, topic);
    checkInterim(all, ahead);
    const final = all.filter(({ headers }) => headers[INTERIM_HEADER] === undefined);
    const seen = withoutRepeats(final, pool);
    assert.deepEqual(
      seen.map(({ headers }) => headers.ce_eventnumber),
      messages.map(({ headers }) => headers.ce_eventnumber),
      `${topic}: every message arrives, in order`,
    );
    seen.forEach(({ value, key }, index) => {
      const wanted = messages[index] as Message;
      assert.equal(key, wanted.key, `${topic}: key of message ${index}`);
      assert.equal(Buffer.compare(value, wanted.value), 0, `${topic}: bytes of message ${index}`);
    });
    // Of what was told again too: the same message has the same signature.
    const byId = new Map(messages.map(({ headers }) => [headers.ce_id, headers]));
    for (const { headers } of final) {
      // What opens an event is the seal's to say (seal-check.ts).
      const { [OPENING_HEADER]: _, ...own } = headers;
      if (headers.ce_source === network && headers.ce_pool === pool)
        assert.deepEqual(own, byId.get(headers.ce_id), `${topic}: headers`);
    }
    signed += messages.filter(
      ({ headers }) => headers.ce_signature && headers.ce_source === network,
    ).length;
  }
  assert.ok(expected.has(PARTICIPANTS));
  const all = [...expected.values()].flat();
  return { signed, told: new Set(all.flatMap(({ headers }) => headers.ce_type ?? [])) };
}

/** What is told ahead has the bytes that a notifier gives it, and comes before the final status of its event. */
function checkInterim(
  messages: readonly LoggedMessage[],
  expected: ReadonlyMap<string | undefined, Message>,
): void {
  const filter = new RepeatFilter();
  const final = new Set<string | undefined>();
  for (const { headers, value } of messages) {
    if (!filter.isNew(headers)) continue;
    if (headers[INTERIM_HEADER] === undefined) {
      final.add(headers.ce_eventnumber);
      continue;
    }
    const wanted = expected.get(headers.ce_id);
    assert.deepEqual(headers, wanted?.headers);
    assert.equal(Buffer.compare(value, wanted?.value ?? Buffer.alloc(0)), 0);
    assert.ok(!final.has(headers.ce_eventnumber), `${headers.ce_id} comes behind what is final`);
  }
}

/** What each bank's statements come to is what the core has: nothing is lost, and repeats are known by their ids. */
async function checkStatements(
  log: LogPort,
  pool: string,
  settlement: Pick<Settlement, 'balance'>,
  { participants, currencies }: DirectoryNames,
): Promise<void> {
  for (const [handle, { bic }] of participants.entries()) {
    const reader = new StatementReader(bic);
    for (const message of await readAll(log, statementsOf(bic)))
      if (message.headers.ce_pool === pool) reader.take(message);
    for (const [number, { currency }] of currencies.entries())
      assert.equal(
        reader.balances.get(currency) ?? 0n,
        settlement.balance(handle, number),
        `${bic} ${currency}, by its statements`,
      );
  }
}

/** One event may tell a bank two things: what is told again has the same bytes. */
function withoutRepeats(messages: readonly LoggedMessage[], pool: string): LoggedMessage[] {
  let last = 0;
  const told = new Set<string>();
  return messages.filter(({ headers, value }) => {
    const number = Number(headers.ce_eventnumber);
    if (headers.ce_pool !== pool || number < last) return false;
    if (number > last) told.clear();
    last = number;
    const text = `${headers.ce_id} ${Buffer.from(value).toString('base64')}`;
    if (told.has(text)) return false;
    told.add(text);
    return true;
  });
}
