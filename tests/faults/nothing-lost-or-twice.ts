import assert from 'node:assert/strict';
import type { ClickHouseClient } from '@clickhouse/client';
import { ATTESTATION_REQUEST } from '../../services/protocol/messages/attestation-request.ts';
import { CHAIN_ALLEGEMENT } from '../../services/protocol/messages/chain-allegement.ts';
import {
  CHAIN_TYPE,
  isPaymentType,
  isReturnType,
} from '../../services/protocol/messages/message-types.ts';
import type { FlatEvent } from '../core/flat-events.ts';
import type { PoolHistory } from './topics-against-replay.ts';
import { isGenuine, isPoison, uetrOf } from './traffic.ts';

/** Every payment that was sent ended or waits, under its UETR, once; no forged one did anything. */
export function checkPayments(
  histories: readonly PoolHistory[],
  seed: number,
  count: number,
  others: readonly string[] = [],
): void {
  const endsOnce = (uetr: string, what: string) => {
    const kinds = histories.flatMap(({ outcomes }) => outcomes.get(uetr) ?? []);
    assert.ok(kinds.length > 0, `${what} (${uetr}) is lost`);
    const finals = kinds.filter((kind) => kind !== 'queued');
    assert.ok(finals.length <= 1, `${what} (${uetr}) ended more than once: ${kinds}`);
  };
  for (const uetr of others) endsOnce(uetr, 'an order');
  for (let index = 0; index < count; index++) {
    const uetr = uetrOf(seed, index);
    if (isGenuine(index)) endsOnce(uetr, `payment ${index}`);
    else if (!isPoison(index))
      for (const { outcomes } of histories) assert.ok(!outcomes.has(uetr), `${index} is forged`);
  }
}

const KINDS = [
  ...['passedOn', 'quoted', 'quoteUsed', 'quoteEnded'],
  ...['attested', 'triggered', 'earmarked', 'released'],
];
/** What returns, quotes and chains come to, each at least once. */
const FATES: readonly (readonly [name: string, isSo: (event: FlatEvent) => boolean])[] = [
  ['a return settled', ({ kind, messageType }) => kind === 'settled' && isReturnType(messageType)],
  ['a chain settled', ({ kind, messageType }) => kind === 'settled' && messageType === CHAIN_TYPE],
  ...KINDS.map((name) => [name, ({ kind }: FlatEvent) => kind === name] as const),
];

/** Of what returns, quotes and chains come to, that which these events do not have. */
export const fatesMissing = (events: readonly FlatEvent[]): string[] =>
  FATES.filter(([, isSo]) => !events.some(isSo)).map(([name]) => name);

/** Returns that settled or wait, never above what their original credited, each once; and quotes and chains came to all that they come to. */
export function checkReturnsAndQuotes({ events }: PoolHistory): void {
  const credited = new Map<number, bigint>();
  const returned = new Map<number, bigint>();
  const ended = new Set<number>();
  for (const { kind, messageType, paymentPosition, amount1, amount2 } of events) {
    if (kind !== 'settled') continue;
    if (!isReturnType(messageType)) {
      credited.set(paymentPosition, amount1);
      continue;
    }
    assert.ok(!ended.has(paymentPosition), `the return at ${paymentPosition} settled twice`);
    ended.add(paymentPosition);
    const original = Number(amount2);
    returned.set(original, (returned.get(original) ?? 0n) + amount1);
  }
  for (const [original, amount] of returned)
    assert.ok(amount <= (credited.get(original) ?? 0n), `${amount} of ${original} came back`);
  assert.deepEqual(fatesMissing(events), [], 'what returns, quotes and chains did not come to');
}

/** That of each kind of chain something was told. */
export function checkChainsTold({ told }: PoolHistory): void {
  for (const type of [CHAIN_ALLEGEMENT, ATTESTATION_REQUEST])
    assert.ok(told.has(type), `${type} was told through the kills`);
}

const CHANGES = ['queued', 'matched', 'settled', 'rejected', 'cancelled', 'carriedOver', 'noticed'];

/** Counts and sums of the tables, and of the views that fold them, are those of the events. */
export async function checkRows(
  client: ClickHouseClient,
  histories: readonly PoolHistory[],
): Promise<void> {
  const ask = async (query: string) =>
    (await (await client.query({ query, format: 'JSONEachRow' })).json())[0];
  const changes = histories
    .flatMap(({ events }) => events)
    .filter(({ kind, messageType }) => CHANGES.includes(kind) && isPaymentType(messageType));
  const settled = changes.filter(({ kind }) => kind === 'settled');
  const sum = settled.reduce((total, { amount1 }) => total + amount1, 0n);
  const rows = String(changes.length);
  assert.deepEqual(
    await ask('SELECT count() AS rows, uniqExact(pool, event_number) AS numbers FROM payments'),
    { rows, numbers: rows },
  );
  const figures = { settled: String(settled.length), amount: String(sum) };
  assert.deepEqual(
    await ask(
      "SELECT count() AS settled, toString(sum(toInt128(amount_minor))) AS amount FROM payments WHERE status = 'ACSC'",
    ),
    figures,
    'payments',
  );
  // That a leg found its others is told of a payment, and is no status of it.
  const statuses = changes.filter(({ kind }) => kind !== 'matched').length;
  assert.deepEqual(
    await ask('SELECT sum(statuses) AS rows FROM corridor_minutes'),
    { rows: String(statuses) },
    'corridor_minutes',
  );
  assert.deepEqual(
    await ask(
      "SELECT sum(statuses) AS settled, toString(sum(amount_minor)) AS amount FROM corridor_minutes WHERE status = 'ACSC'",
    ),
    figures,
    'settled in corridor_minutes',
  );
  assert.deepEqual(
    await ask(
      'SELECT sum(settled) AS settled, toString(sum(amount_minor)) AS amount FROM pair_hours',
    ),
    figures,
    'pair_hours',
  );
  for (const view of ['finality_minutes', 'receiver_minutes'])
    assert.deepEqual(
      await ask(`SELECT sum(settled) AS settled FROM ${view}`),
      { settled: figures.settled },
      view,
    );
}
