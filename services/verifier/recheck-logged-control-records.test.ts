import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSigner } from '../core/verification/signing.ts';
import { commandRecord, commandSigningText } from '../protocol/messages/operator-command.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { dateText } from '../protocol/names/dates.ts';
import type { Command, ControlRecord, Genesis } from '../protocol/records/control-record.ts';
import { ControlProof } from './recheck-logged-control-records.ts';

const DAY_MS = 86_400_000;
/** Noon of a day. */
const NOW_MS = 20_000 * DAY_MS + DAY_MS / 2;
const TODAY = dateText(20_000);
const YESTERDAY = dateText(19_999);
const STARTED_MS = 20_000 * DAY_MS;
/** The evening before. */
const FOUNDED_MS = STARTED_MS - 3_600_000;
const MIDNIGHT_MS = 20_001 * DAY_MS;
const ALLOWED_MS = 600_000;
const KEPT_MS = 900_000;
const OPERATOR = createSigner(new Uint8Array(32).fill(1));
const STRANGER = createSigner(new Uint8Array(32).fill(2));
const [NETWORK, POOL] = ['test', 'main'];

const genesis = (more: object = {}): ControlRecord =>
  ({
    kind: 'genesis',
    timeMs: NOW_MS,
    network: NETWORK,
    pool: POOL,
    operatorKey: Buffer.from(OPERATOR.publicKey).toString('hex'),
    foundingRecords: 3,
    ...more,
  }) as Genesis & { timeMs: number };

const BIC = 'ALFADE00' as Bic;
const issue = { kind: 'issue', bic: BIC, currency: 'EUR', amountMinor: '5' } as const;
const key: Command = {
  kind: 'key',
  bic: BIC,
  keyId: 'key-2',
  publicKey: 'ab'.repeat(32),
  state: 'registered',
};
const at = (command: Command, timeMs = NOW_MS) => ({ ...command, timeMs }) as ControlRecord;

let commands = 0;
function signed(
  command: Command,
  { signer = OPERATOR, issuedAtMs = NOW_MS, timeMs = NOW_MS, pool = POOL, network = NETWORK } = {},
): ControlRecord {
  const payload = Buffer.from(JSON.stringify({ pool, command }));
  const names = { id: `c-${commands++}`, issuedAtMs };
  const signature = signer.sign(commandSigningText(network, pool, names, payload));
  return commandRecord(command, { ...names, signature }, payload, timeMs);
}

/** A live pool's proof, behind its founding. */
function founded(first = genesis({ timeMs: FOUNDED_MS })): ControlProof {
  const proof = new ControlProof(POOL, () => NOW_MS);
  for (const record of [first, at(key, first.timeMs), at(issue, first.timeMs)])
    assert.equal(proof.take(record).fault, null);
  return proof;
}

const open = (closesAtMs: number, date = TODAY, timeMs = NOW_MS) =>
  at({ kind: 'open', currency: 'EUR', date, closesAtMs }, timeMs);
const close = (timeMs: number) => at({ kind: 'close', currency: 'EUR', date: YESTERDAY }, timeMs);

/** The last of these records, behind the founding, and what is said of it. */
const CASES: readonly [string, readonly ControlRecord[], RegExp | null][] = [
  ['a record more than the founding has', [at(issue, FOUNDED_MS)], /no signature/],
  ['a tick', [at({ kind: 'tick' })], null],
  ['a tick as far ahead as clocks are apart', [at({ kind: 'tick' }, NOW_MS + ALLOWED_MS)], null],
  ['a tick beyond that', [at({ kind: 'tick' }, NOW_MS + ALLOWED_MS + 1)], /has not come/],
  ['an opening', [open(MIDNIGHT_MS)], null],
  ['an opening that closes before midnight', [open(MIDNIGHT_MS - 1)], /closes at .*, not at/],
  ['an opening that closes after midnight', [open(MIDNIGHT_MS + DAY_MS)], /closes at .*, not at/],
  ['an opening of another day', [open(STARTED_MS, YESTERDAY)], /does not open at/],
  [
    'an opening of a day that was hardly over',
    [at({ kind: 'tick' }, STARTED_MS + ALLOWED_MS), open(STARTED_MS, YESTERDAY, STARTED_MS - 1)],
    null,
  ],
  [
    'an opening of a day that was over',
    [
      at({ kind: 'tick' }, STARTED_MS + ALLOWED_MS + 1),
      open(STARTED_MS, YESTERDAY, STARTED_MS - 1),
    ],
    /was over at/,
  ],
  ['a close at midnight', [close(STARTED_MS)], null],
  ['a close before midnight', [close(STARTED_MS - 1)], /does not close at/],
  ['a command', [signed(issue)], null],
  ['a command that another signed', [signed(issue, { signer: STRANGER })], /does not verify/],
  ['a key that another signed', [signed(key, { signer: STRANGER })], /does not verify/],
  [
    'a tick that another signed',
    [signed({ kind: 'tick' }, { signer: STRANGER })],
    /does not verify/,
  ],
  ['a command for another pool', [signed(issue, { pool: 'other' })], /for pool other/],
  ['a command for another network', [signed(issue, { network: 'other' })], /does not verify/],
  [
    'another amount than was signed',
    [{ ...signed(issue), amountMinor: '6' } as ControlRecord],
    /not what was signed/,
  ],
  ['a command logged just in time', [signed(issue, { issuedAtMs: NOW_MS - KEPT_MS })], null],
  [
    'a command that was kept',
    [signed(issue, { issuedAtMs: NOW_MS - KEPT_MS - 1 })],
    /before it was logged/,
  ],
  [
    'a command that was kept, logged with a time that was',
    [
      at({ kind: 'tick' }, NOW_MS + 1),
      signed(issue, { issuedAtMs: NOW_MS - KEPT_MS, timeMs: NOW_MS - KEPT_MS }),
    ],
    /before it was logged/,
  ],
  ['a second genesis', [genesis()], /one genesis/],
];

test('what a record behind the founding needs', () => {
  assert.ok(CASES.length > 0);
  for (const [name, records, expected] of CASES) {
    const proof = founded();
    const findings = records.map((record) => proof.take(record).fault);
    const fault = findings.pop();
    for (const before of findings) assert.equal(before, null, name);
    if (expected) assert.match(fault ?? 'nothing', expected, name);
    else assert.equal(fault, null, name);
  }
});

test('operators of a genesis differ in id and key, and are as many as have to agree', () => {
  const hexOf = ({ publicKey }: typeof OPERATOR) => Buffer.from(publicKey).toString('hex');
  const second = (keyId: string, signer: typeof OPERATOR) => ({ keyId, publicKey: hexOf(signer) });
  const cases: [{ keyId: string; publicKey: string }[], RegExp | null][] = [
    [[second('operator-2', STRANGER)], null],
    [[second('operator-2', OPERATOR)], /two operators have the publicKey/],
    [[second('genesis', STRANGER)], /two operators have the keyId genesis/],
    [[second('a', STRANGER), second('b', STRANGER)], /two operators have the publicKey/],
    [[], /2 operators have to agree, and it names 1/],
  ];
  for (const [keys, expected] of cases) {
    const operators = { keys, approvals: 2, approvalValidMs: DAY_MS };
    const { fault } = new ControlProof(POOL).take(genesis({ operators }));
    if (expected) assert.match(fault ?? 'nothing', expected);
    else assert.equal(fault, null);
  }
});

test('a registration of a key without a version is no older one where operators are named', () => {
  const { version: _, ...unversioned } = signed(key).command!;
  const record = { ...at(key), command: unversioned } as ControlRecord;
  const operators = {
    keys: [{ keyId: 'operator-2', publicKey: Buffer.from(STRANGER.publicKey).toString('hex') }],
    ...{ approvals: 1, approvalValidMs: DAY_MS },
  };
  const takes = (first: ControlRecord, ...before: ControlRecord[]) => {
    const proof = founded(first as ReturnType<typeof genesis>);
    for (const one of before) proof.take(one);
    return proof.take(record).isIneffective ?? false;
  };
  assert.equal(takes(genesis({ timeMs: FOUNDED_MS })), false);
  assert.equal(takes(genesis({ timeMs: FOUNDED_MS, operators })), true);
  assert.equal(takes(genesis({ timeMs: FOUNDED_MS }), signed({ kind: 'tick' })), true);
});

test('a message, a command or another instant ends the founding', () => {
  const begun = () => {
    const proof = new ControlProof(POOL, () => NOW_MS);
    assert.equal(proof.take(genesis()).fault, null);
    return proof;
  };
  assert.equal(begun().take(at(issue)).kind, 'founding');
  for (const end of [
    (proof: ControlProof) => proof.message(NOW_MS),
    (proof: ControlProof) => proof.take(signed(issue)),
    (proof: ControlProof) => proof.take(at({ kind: 'tick' }, NOW_MS + 1)),
  ]) {
    const proof = begun();
    end(proof);
    assert.match(proof.take(at(issue)).fault ?? '', /no signature/, String(end));
  }
  assert.match(begun().take(at(issue, NOW_MS + 1)).fault ?? '', /no signature/);
});

test('a founding that does not say how many records it has ends with the first tick', () => {
  const { foundingRecords: _, ...first } = genesis() as Genesis & { timeMs: number };
  const proof = founded(first);
  assert.equal(proof.take(at(issue)).fault, null);
  assert.equal(proof.take(at({ kind: 'tick' })).kind, 'tick');
  assert.match(proof.take(at(issue)).fault ?? '', /no signature/);
});

test('who may command: nobody where a live genesis names no key, anybody in a simulation', () => {
  const { operatorKey: _, ...first } = genesis() as Genesis & { timeMs: number };
  const live = new ControlProof(POOL, () => NOW_MS);
  for (const record of [first, at(issue, NOW_MS + 1), signed(issue)])
    assert.notEqual(live.take(record).fault, null);
  const simulated = new ControlProof(POOL);
  for (const record of [first, at(issue, NOW_MS + 1)])
    assert.equal(simulated.take(record).fault, null);
  assert.match(new ControlProof('other').take(genesis()).fault ?? '', /the genesis of pool main/);
  assert.match(new ControlProof(POOL).take(at(issue)).fault ?? '', /does not begin with a genesis/);
});
