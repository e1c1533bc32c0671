import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventsOf, readEvents } from '../core/settlement/event-reader.ts';
import type { CommandOutcome } from '../core/settlement/events.ts';
import { type Reason, reasonNumber } from '../core/settlement/reasons.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { createSigner } from '../core/verification/signing.ts';
import { challengeOf, possessionText } from '../protocol/messages/key-possession.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { commandName } from '../protocol/records/commands-taken-once-and-by-two-operators.ts';
import {
  COMMAND_VERSION,
  type Command,
  type ControlRecord,
} from '../protocol/records/control-record.ts';
import { writeControl } from '../protocol/records/input-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import { createClearing } from './clearing.ts';
import { KeyRing } from './key-rotation-and-revocation.ts';

const [ALFA, BETA] = ['ALFADE00', 'BETAFR00'] as [Bic, Bic];
const hex = (byte: number) => byte.toString(16).padStart(2, '0').repeat(32);
type KeyRecord = Extract<ControlRecord, { kind: 'key' }>;
const key = (
  bic: Bic,
  byte: number,
  state: 'registered' | 'revoked',
): KeyRecord & { timeMs: number } => ({
  kind: 'key',
  timeMs: 0,
  bic,
  keyId: 'key-1',
  publicKey: hex(byte),
  state,
});
const publicKey = (byte: number) => new Uint8Array(32).fill(byte);

test('a key is its first owner’s, until that owner revokes it, and then for good', () => {
  const ring = new KeyRing();
  const take = (record: KeyRecord) => {
    const admitted = ring.refusal(record) === null;
    if (admitted) ring.fold(record);
    return admitted;
  };
  assert.equal(ring.fault(ALFA, publicKey(1)), reasonNumber('keyUnknown'));
  assert.ok(take(key(ALFA, 1, 'registered')));
  assert.equal(ring.fault(ALFA, publicKey(1)), 0);
  assert.equal(ring.fault(BETA, publicKey(1)), reasonNumber('keyUnknown'), "another's key");
  assert.ok(!take(key(BETA, 1, 'registered')), 'it has an owner');
  assert.ok(!take(key(ALFA, 2, 'registered')), 'a key id is never used again');
  assert.ok(!take(key(BETA, 1, 'revoked')), 'no other may revoke it');
  assert.equal(ring.fault(ALFA, publicKey(1)), 0);
  assert.ok(take(key(ALFA, 1, 'revoked')));
  assert.ok(!take(key(ALFA, 1, 'registered')), 'for good');
  assert.equal(ring.fault(ALFA, publicKey(1)), reasonNumber('keyRevoked'));
});

const noCore = { apply: () => new Uint8Array(0), hasAccount: () => false };
const tick = (position: number) => ({ position, value: writeControl({ kind: 'tick', timeMs: 1 }) });

test('a gap or a step back in the input log stops clearing', () => {
  for (const position of [0, 3]) {
    const clearing = createClearing(noCore);
    clearing.apply([tick(0), tick(1)]);
    assert.throws(() => clearing.apply([tick(position)]), /gap: expected position 2, got/);
  }
});

const genesis = (rulesVersion: number): ControlRecord => ({
  kind: 'genesis',
  timeMs: 0,
  network: 'n',
  pool: 'p',
  rulesVersion,
  queueRule: 'fifo',
  cycleMechanism: 'none',
  cycleIntervalMs: 0,
  atClose: 'cancel',
  identityDays: 5,
  entryOffsetting: false,
  bilateralOffsetting: false,
  offsettingMinimumMs: 0,
  deferredNetClasses: 'all',
  defaultRule: 'unwind',
  pvpTimeoutMs: 3_600_000,
  certificates: false,
  limits: { participants: 1, currencies: 1, livePayments: 1, identities: 1, quotes: 1, limits: 1 },
  hashKey: '00'.repeat(16),
});

test('a record that cannot be read is the one before the position that is told', () => {
  const clearing = createClearing(noCore);
  assert.throws(() =>
    clearing.apply([tick(0), { position: 1, value: Buffer.from('{"kind": "tick" x') }, tick(2)]),
  );
  assert.equal(clearing.position(), 2);
});

test('a log of other rules, older or newer, is not replayed', () => {
  for (const rulesVersion of [RULES_VERSION - 1, RULES_VERSION + 1])
    assert.throws(
      () =>
        createClearing(noCore).apply([{ position: 0, value: writeControl(genesis(rulesVersion)) }]),
      new RegExp(`rules version ${rulesVersion}; this program applies ${RULES_VERSION}`),
    );
});

test('a genesis that comes again is refused, and what the first says of operators holds', () => {
  const path = new URL('../../assembly/corridor.wasm', import.meta.url);
  const wasm = new WebAssembly.Module(readFileSync(path));
  const operators = { keys: [], approvals: 2, approvalValidMs: 1_000 };
  const first = { ...genesis(RULES_VERSION), operators } as ControlRecord;
  const bank = { kind: 'participant', bic: ALFA, name: 'Alfa', role: 'bank' } as const;
  const again = { ...genesis(RULES_VERSION), network: 'other' } as ControlRecord;
  // Of other rules as well: what is refused anyway does not stop clearing.
  const records = [first, again, genesis(RULES_VERSION + 1), commanded('a', bank, 1)];
  const clearing = createClearing(createSettlement(wasm));
  const { events } = clearing.apply(
    records.map((record, position) => ({ position, value: writeControl(record) })),
  );
  assert.deepEqual(
    readEvents(events).map((event) => [event.kind, 'outcome' in event ? event.outcome : null]),
    [
      ['genesis', null],
      ['refused', null],
      ['refused', null],
      ['commanded', 'awaitsApproval'],
    ],
  );
  assert.equal(clearing.state().network, 'n');
});

test('an opening while a date is open, and a close of a date that is not, are refused and told', () => {
  const path = new URL('../../assembly/corridor.wasm', import.meta.url);
  const wasm = new WebAssembly.Module(readFileSync(path));
  const clearing = createClearing(createSettlement(wasm));
  const [first, second] = ['2026-03-16', '2026-03-17'] as [string, string];
  const open = (date: string) => ({ kind: 'open', currency: 'EUR', date, closesAtMs: 5 }) as const;
  const close = (date: string) => ({ kind: 'close', currency: 'EUR', date }) as const;
  const records = [
    genesis(RULES_VERSION),
    { kind: 'currency', currency: 'EUR', minorUnits: 2 } as const,
    open(first),
    // The wrong order of a change of date: the second is not opened, and it is said.
    open(second),
    close(first),
    close(first),
    open(first),
    close(second),
    open(second),
  ];
  const { refusedDates } = clearing.apply(
    records.map((record, position) => ({
      position,
      value: writeControl({ ...record, timeMs: 1_773_619_200_000 + position }),
    })),
  );
  assert.deepEqual(
    refusedDates.map(({ kind, date, position }) => `${position} ${kind} ${date}`),
    [`3 open ${second}`, `5 close ${first}`, `6 open ${first}`, `7 close ${second}`],
  );
});

/** A command as a gateway logs it; `version` null: as one did before outcomes were told. */
const commanded = (
  id: string,
  command: Command,
  timeMs: number,
  version: number | null = COMMAND_VERSION,
): ControlRecord => ({
  ...command,
  timeMs,
  command: {
    ...{ id, issuedAtMs: timeMs, signature: '', payload: JSON.stringify(command) },
    ...(version !== null && { version }),
  },
});

test('each command is told what became of it, once it has taken effect, whatever the batches', () => {
  const bank = { kind: 'participant', bic: ALFA, name: 'Alfa', role: 'bank' } as const;
  const signer = createSigner(new Uint8Array(32).fill(1));
  const own = {
    ...{ bic: ALFA, keyId: 'key-1' },
    publicKey: Buffer.from(signer.publicKey).toString('hex'),
  };
  const challenge = challengeOf(0, '0'.repeat(32));
  const signature = Buffer.from(signer.sign(possessionText('n', own, challenge))).toString(
    'base64',
  );
  const bare = { kind: 'key', ...own, state: 'registered' } as const;
  const registered = { ...bare, possession: { challenge, signature } };
  const revoked = { ...registered, state: 'revoked' } as const;
  const asked: [string, Command, CommandOutcome, Reason][] = [
    ['a', bank, 'done', 'none'],
    ['b', bank, 'refused', 'duplicateIdentity'],
    ['a', bank, 'repeated', 'none'],
    ['a', { ...bank, name: 'Other' }, 'conflicting', 'none'],
    ['k', bare, 'refused', 'signatureInvalid'],
    ['c', registered, 'done', 'none'],
    ['d', { ...registered, keyId: 'key-2' }, 'refused', 'duplicateIdentity'],
    ['e', { ...revoked, keyId: 'key-2' }, 'refused', 'keyUnknown'],
    ['f', revoked, 'done', 'none'],
    ['g', revoked, 'refused', 'keyRevoked'],
    ['h', { ...registered, bic: BETA, publicKey: hex(7) }, 'refused', 'signatureInvalid'],
    ['i', { kind: 'tick' }, 'done', 'none'],
    ['j', { kind: 'cycle', currency: null }, 'refused', 'recordInvalid'],
  ];
  const records = [
    genesis(RULES_VERSION),
    ...asked.map(([id, command], at) => commanded(id, command, at + 1)),
  ].map((record, position) => ({ position, value: writeControl(record) }));
  const path = new URL('../../assembly/corridor.wasm', import.meta.url);
  const wasm = new WebAssembly.Module(readFileSync(path));
  const whole = createClearing(createSettlement(wasm)).apply(records).events;
  const told = eventsOf(whole, 'commanded');
  assert.deepEqual(
    told.map(({ position, outcome, reason }) => [position, outcome, reason]),
    asked.map(([, , outcome, reason], at) => [at + 1, outcome, reason]),
  );
  assert.deepEqual(
    told.map(({ id }) => Buffer.from(id).toString('hex')),
    asked.map(([id]) => commandName(id).toString('hex')),
  );
  // What a command did stands right before.
  const kinds = readEvents(whole).map(({ kind }) => kind);
  assert.deepEqual(kinds.slice(0, 3), ['genesis', 'participantAdded', 'commanded']);
  const singly = createClearing(createSettlement(wasm));
  const pieces = records.map((record) => singly.apply([record]).events);
  assert.ok(Buffer.concat(pieces).equals(Buffer.from(whole)));
});

test('a record without a version is an older one only where none with a version came before', () => {
  const path = new URL('../../assembly/corridor.wasm', import.meta.url);
  const wasm = new WebAssembly.Module(readFileSync(path));
  const bank = { kind: 'participant', bic: ALFA, name: 'Alfa', role: 'bank' } as const;
  const { timeMs: _, ...bare } = key(ALFA, 1, 'registered');
  const operators = { keys: [], approvals: 1, approvalValidMs: 1 };
  const first = genesis(RULES_VERSION);
  const bankSigned = (record: ControlRecord): ControlRecord => ({
    ...record,
    command: { ...record.command!, sender: BETA },
  });
  const cases: [string, ControlRecord[], string[]][] = [
    [
      'none before',
      [first, commanded('a', bank, 1, null), commanded('b', bare, 2, null)],
      ['participantAdded', 'keyChanged'],
    ],
    [
      'one before',
      [first, commanded('a', bank, 1), commanded('b', bare, 2, null)],
      ['participantAdded', 'commanded', 'refused', 'commanded'],
    ],
    [
      'a genesis with operators',
      [
        { ...first, operators } as ControlRecord,
        commanded('a', bank, 1, null),
        commanded('b', bare, 2, null),
      ],
      ['participantAdded', 'commanded', 'refused', 'commanded'],
    ],
    [
      'a bank that signed',
      [first, bankSigned(commanded('a', bank, 1, null)), commanded('b', bare, 2, null)],
      ['commanded', 'refused', 'commanded'],
    ],
  ];
  for (const [what, records, kinds] of cases) {
    const inputs = records.map((record, position) => ({ position, value: writeControl(record) }));
    const events = createClearing(createSettlement(wasm)).apply(inputs).events;
    assert.deepEqual(
      readEvents(events).map(({ kind }) => kind),
      ['genesis', ...kinds],
      what,
    );
    // What was taken before goes along in a snapshot.
    const core = createSettlement(wasm);
    const before = createClearing(core);
    before.apply(inputs.slice(0, -1));
    const restored = createClearing(
      createSettlement(wasm, undefined, core.capture()),
      before.state(),
    );
    assert.deepEqual(
      readEvents(restored.apply(inputs.slice(-1)).events).map(({ kind }) => kind),
      kinds.slice(what === 'none before' ? -1 : -2),
      what,
    );
  }
});

test('a command that was logged before outcomes were told gives the events that it gave then', () => {
  const path = new URL('../../assembly/corridor.wasm', import.meta.url);
  const wasm = new WebAssembly.Module(readFileSync(path));
  const bank = { kind: 'participant', bic: ALFA, name: 'Alfa', role: 'bank' } as const;
  const events = createClearing(createSettlement(wasm)).apply(
    [
      genesis(RULES_VERSION),
      commanded('a', bank, 1, null),
      commanded('a', bank, 2, null),
      commanded('b', bank, 3, null),
    ].map((record, position) => ({ position, value: writeControl(record) })),
  ).events;
  assert.deepEqual(
    readEvents(events).map(({ kind }) => kind),
    ['genesis', 'participantAdded', 'refused'],
  );
});
