import assert from 'node:assert/strict';
import { checkPool, type PoolHistory } from '../topics-against-replay.ts';
import { isGenuine, isPoison, uetrOf } from '../traffic.ts';
import { HAZARDS } from './hazards-and-virtual-time.ts';
import { type Ground, POOL, SimulatedNetwork } from './simulated-network.ts';

/** Steps within which a network must have come to rest. */
const STEPS_MAX = 60_000;
/** At rest: nothing was written for so long in calm, virtual ms. */
const REST_MS = 2_000;
/** In calm all who wait have heard of the keys within this time, virtual ms. */
const LEARN_MS = 700;
/** With hazards. */
const STEPS_MIN = 200;

export interface SeedResult {
  readonly steps: number;
  readonly kills: number;
  readonly eventsHash: string;
}

/**
 * One run: first with hazards, until everything is sent, then in calm until nothing moves; then
 * everything is where it belongs, once. Throws where it is not.
 */
export async function runSeed(
  ground: Ground,
  seed: number,
  tell?: (line: string) => void,
): Promise<SeedResult> {
  const network = new SimulatedNetwork(ground, seed, tell);
  const { world, broker } = network;
  await network.begin();
  const advance = async () => {
    await network.step();
    if (network.fault) throw network.fault;
    assert.ok(world.steps < STEPS_MAX, 'it does not come to rest');
  };
  const hazards = HAZARDS[world.draw(HAZARDS.length)] as (typeof HAZARDS)[number];
  world.hazards = hazards;
  // A sender is unknown before its key has come to the verifiers: until then nobody sends.
  while (!network.isKnown) await advance();
  network.calm();
  for (const until = world.nowMs + LEARN_MS; world.nowMs < until; ) await advance();
  network.isOpen = true;
  world.hazards = hazards;
  for (const until = world.steps + STEPS_MIN + world.draw(1_300); world.steps < until; )
    await advance();
  network.calm();
  const calmAtMs = world.nowMs;
  const isMoving = () => world.nowMs - Math.max(calmAtMs, broker.changedAtMs) < REST_MS;
  while (!network.allSent || isMoving()) await advance();
  const history = await checkPool(broker.log, ground.core.module, ground.network.network, POOL);
  checkPayments(network, seed, history);
  checkRows(network, history);
  return { steps: world.steps, kills: network.kills, eventsHash: history.eventsHash };
}

function checkPayments(network: SimulatedNetwork, seed: number, history: PoolHistory): void {
  const { outcomes, events } = history;
  const endsOnce = (uetr: string, what: string) => {
    const kinds = outcomes.get(uetr) ?? [];
    assert.ok(kinds.length > 0, `${what} (${uetr}) is lost`);
    const finals = kinds.filter((kind) => kind !== 'queued');
    assert.ok(finals.length <= 1, `${what} (${uetr}) ended more than once: ${kinds}`);
    return kinds;
  };
  for (let index = 0; index < network.sent; index++)
    if (isGenuine(index)) endsOnce(uetrOf(seed, index), `payment ${index}`);
    else if (!isPoison(index)) assert.ok(!outcomes.has(uetrOf(seed, index)), 'a forged payment');
  const ended = network.orders.map(({ uetr }, index) => endsOnce(uetr, `order ${index}`));
  // The bank learnt of all of them, from its own topics alone.
  const settled = ended.filter((kinds) => kinds.includes('settled')).length;
  assert.equal(network.figure('corridor_bank_payments_sent'), network.orders.length);
  assert.equal(network.figure('corridor_bank_payments_settled'), settled);
  const received = events.filter(
    ({ kind, creditorAgent }) => kind === 'settled' && creditorAgent === network.bankHandle,
  );
  assert.equal(network.figure('corridor_bank_payments_received'), received.length);
}

/** Each status change has one row in the analysis store. */
function checkRows({ store }: SimulatedNetwork, { events }: PoolHistory): void {
  const kinds = ['queued', 'settled', 'rejected', 'cancelled', 'carriedOver', 'noticed'];
  const expected = events
    .filter(({ kind, messageType }) => kinds.includes(kind) && messageType === 1)
    .map(({ number }) => number);
  const rows = store.rows.flatMap(({ table, row }) =>
    table === 'payments' ? [row.event_number as number] : [],
  );
  assert.deepEqual(rows, expected, 'rows of payments');
}
