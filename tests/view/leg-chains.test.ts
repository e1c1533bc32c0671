import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { isControl, readControl } from '../../services/protocol/records/input-record.ts';
import { wantsRecord } from '../../services/view/leg-chains-book.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  PORT,
} from '../support/conditional-path.ts';
import { ALFA, BETA, NOW } from '../support/message-path.ts';

/** The live view's chains, from signed messages on, as the service reads events and records. */
function viewOf({ record }: ReturnType<typeof conditionalPath>, atMs: number) {
  const directory = new Directory();
  for (const value of record.inputs) if (isControl(value)) directory.fold(readControl(value));
  const view = new PoolView('main', directory, { series: new Series(), senders: new SenderBook() });
  for (const event of readEvents(record.events)) {
    const chains = new Map(
      wantsRecord(event) ? [[event.position, record.inputs[event.position] as Uint8Array]] : [],
    );
    const given = record.inputs[event.position] as Uint8Array;
    const control = event.kind === 'genesis' ? readControl(given) : null;
    const rules = new Map(control?.kind === 'genesis' ? [[event.position, control]] : []);
    view.take([event], 0, { reorderings: new Map(), rules, chains });
  }
  return { view, state: view.chains(NOW + atMs) };
}
/** Why what debits a bank waits, and whether it stands in its queue. */
function waitOf(path: ReturnType<typeof conditionalPath>, bic: string) {
  const { view, state } = viewOf(path, 0);
  const account = view.accounts(true).find((one) => one.bic === bic && one.currency === 'EUR');
  return [view.wait(state?.chains[0]?.position ?? 0)?.kind, account?.head !== null];
}

const MINUTE = 60_000;
const one = (...attestors: (typeof CARRIER)[]) => ({ threshold: 1, attestors });
const said = { accepted: 0, refused: 0, held: 0, recorded: 0, notCounted: 0 };

test('chains by state, what is set aside, who attested, and whom each chain that waits waits for', async () => {
  const path = conditionalPath();
  assert.equal(viewOf(path, 0).state, null, 'nothing is shown where there is nothing');
  const condition = conditionOf([{ threshold: 2, attestors: [CARRIER, CUSTOMS, PORT] }], {
    deadline: '15:00:00Z',
  });
  const earmark = { when: 'acceptance', expiry: '09:40:00Z', onExpiry: 'release' } as const;
  const silent = conditionOf([one(CARRIER), one(PORT)], {
    deadline: '09:50:00Z',
    onSilence: 'settle',
  });
  const [cargo] = path.legsOf('CARGO', 25_000n, 0n, { condition });
  const [refused] = path.legsOf('NEVER', 10_000n, 0n, { condition: conditionOf([one(PORT)]) });
  const swap = path.legsOf('SWAP', 30_000n, 150_000n, { condition: silent, earmark });
  assert.ok(cargo && refused && swap[0] && swap[1]);
  await path.instruct(0, cargo);
  await path.instruct(0, refused);
  await path.attest(MINUTE, cargo, CARRIER, 'accepted', 10 * MINUTE);
  await path.attest(MINUTE, cargo, CUSTOMS, 'held');
  await path.attest(2 * MINUTE, refused, PORT, 'refused');
  await path.attest(2 * MINUTE, refused, PORT, 'accepted');
  await path.instruct(3 * MINUTE, swap[0]);
  await path.instruct(3 * MINUTE, swap[1]);
  const { state } = viewOf(path, 5 * MINUTE);
  assert.ok(state);
  const { chains, ...rest } = state;
  const ended = {
    metBySilence: 0,
    settled: 0,
    deadline: 0,
    expired: 0,
    capped: 0,
    unearmarked: 0,
    promised: 0,
  };
  assert.deepEqual(rest, {
    ...{ pool: 'main', ...ended, matched: 3, met: 0, refused: 1, waiting: 2, awaitingAttestors: 2 },
    earmarks: { set: 1, settled: 0, expired: 0, released: 0 },
    earmarked: [{ currency: 'EUR', minor: '30000' }],
    attestations: [
      { attestor: CARRIER, ...said, accepted: 1 },
      { attestor: PORT, ...said, refused: 1, notCounted: 1 },
      { attestor: CUSTOMS, ...said, held: 1 },
    ],
  });
  assert.deepEqual(
    chains.map(({ uetr, legs, sinceMs, earmarks, metMs, ...wait }) => [
      ...[uetr, legs, sinceMs - NOW, earmarks, metMs, wait.awaited, wait.holders],
      ...[(wait.deadlineMs ?? 0) - NOW, wait.silenceSettles],
    ]),
    [
      [cargo.uetr, 1, 0, 0, null, `1 of ${CUSTOMS} and ${PORT}`, [CUSTOMS], 6 * 60 * MINUTE, false],
      [swap[0].uetr, 2, 3 * MINUTE, 1, null, `${CARRIER}; ${PORT}`, [], 50 * MINUTE, true],
    ],
  );
  // What was accepted for ten minutes has lapsed; nothing of it is an event.
  assert.equal(
    viewOf(path, 20 * MINUTE).state?.chains[0]?.awaited,
    `2 of ${CARRIER}, ${CUSTOMS} and ${PORT}`,
  );
});

test('a condition that is met is waited for no more, and what has ended is told of no more', async () => {
  const path = conditionalPath();
  const condition = conditionOf([one(CARRIER)]);
  const earmark = { when: 'acceptance', expiry: '09:40:00Z', onExpiry: 'release' } as const;
  const legs = path.legsOf('SWAP', 30_000n, 150_000n, { condition, earmark });
  for (const leg of legs) await path.instruct(0, leg);
  // It stands in no queue until its condition is met.
  assert.deepEqual(waitOf(path, BETA), ['condition', false]);
  await path.attest(MINUTE, legs[1] as (typeof legs)[0], CARRIER, 'accepted');
  assert.deepEqual(waitOf(path, BETA), ['short', true]);
  const met = viewOf(path, 2 * MINUTE).state;
  assert.deepEqual(
    [met?.met, met?.waiting, met?.awaitingAttestors, met?.chains[0]?.awaited],
    [1, 1, 0, null],
  );
  assert.equal((met?.chains[0]?.metMs ?? 0) - NOW, MINUTE);
  path.control(41 * MINUTE, { kind: 'tick' });
  const after = viewOf(path, 42 * MINUTE).state;
  assert.deepEqual(
    [after?.expired, after?.waiting, after?.chains, after?.earmarked, after?.earmarks.expired],
    [1, 0, [], [], 1],
  );
  const [last] = path.legsOf('PAID', 1n, 0n, { condition });
  assert.ok(last?.instructingAgent === ALFA);
  await path.instruct(43 * MINUTE, last);
  await path.attest(44 * MINUTE, last, CARRIER, 'accepted');
  assert.equal(viewOf(path, 45 * MINUTE).state?.settled, 1);
});

test('a chain of a corridor waits for those whom the policy names, until the limit that it sets', async () => {
  const rule = { from: 'DE', to: 'FR', desk: CUSTOMS, creditorAgent: true, withinMs: 90_500 };
  const path = conditionalPath({ preValidation: [rule] });
  const legs = path.legsOf('PLAIN', 25_000n, 20_000n, {});
  for (const [place, leg] of legs.entries()) await path.instruct(place * MINUTE, leg);
  const waiting = viewOf(path, MINUTE).state;
  const [chain] = waiting?.chains ?? [];
  assert.equal(waiting?.awaitingAttestors, 1);
  assert.equal(chain?.awaited, `${CUSTOMS}; ${BETA}`);
  assert.deepEqual(waitOf(path, ALFA), ['condition', false]);
  // Counted from its first leg, up to the next whole second.
  assert.equal((chain?.deadlineMs ?? 0) - NOW, 91_000);
  await path.attest(MINUTE, legs[0] as (typeof legs)[0], CUSTOMS, 'accepted');
  assert.equal(viewOf(path, MINUTE).state?.chains[0]?.awaited, BETA);
  path.control(91_000, { kind: 'tick' });
  assert.equal(viewOf(path, 2 * MINUTE).state?.deadline, 1);
  // Whichever leg that is.
  const turned = conditionalPath({ preValidation: [rule] });
  const [first, second] = turned.legsOf('TURNED', 25_000n, 20_000n, {});
  assert.ok(first && second);
  await turned.instruct(0, second);
  await turned.instruct(MINUTE, first);
  const [awaiting] = viewOf(turned, MINUTE).state?.chains ?? [];
  assert.equal(awaiting?.awaited, `${CUSTOMS}; ${BETA}`);
  assert.equal((awaiting?.deadlineMs ?? 0) - NOW, 91_000);
});
