/**
 * The operator has the log's key, the day keys and the settlement, and tricks: a test a trick, on the log of a real
 * run. Who sees which, and who does not, is what docs/evidence.md says.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifyNotes } from '../../services/cli/verify-notes.ts';
import { readEvent } from '../../services/core/settlement/event-reader.ts';
import {
  EVENT_OFFSETS as AT,
  EVENT_BYTES,
  EVENT_KINDS,
} from '../../services/core/settlement/events.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner } from '../../services/core/verification/signing.ts';
import { AuditedTree } from '../../services/evidence/audited-tree.ts';
import { checkpointText, unprovenCheckpoint } from '../../services/evidence/checkpoint.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { openingOf } from '../../services/evidence/event-commitment.ts';
import { dayName, EventLog } from '../../services/evidence/event-transparency-log.ts';
import { followOnce } from '../../services/evidence/followed-log.ts';

import {
  EvidenceFault,
  formatNote,
  KEY_TYPE,
  noteKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { CHECKPOINT_FILE, subtreesOf } from '../../services/evidence/tiles.ts';
import { Witness } from '../../services/evidence/witness.ts';
import { compiledCore, packageFolder } from '../../services/platform/service/build-info.ts';
import { NumberedRecords } from '../../services/platform/service/small-files-each-number-once.ts';
import { ReplayedPool } from '../../services/replay/replayed-pool.ts';
import { load, runScenario } from '../support/run.ts';
import { OwnEvents, type SeenSize } from './own-events.ts';
import { dayKey, hashing, logSigner, ORIGIN, readerOf } from './sample-log.ts';

const LOG = noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey);
const POLICY = parsePolicy(`log ${verifierKey(LOG)}\nquorum none\n`);
/** When the first checkpoint was cosigned, of which every trick departs: the time of the last event that it has. */
const SHOWN_FIRST = 0.6;
const LAG_MS = 5_000;

type Published = ReturnType<typeof publish>;

/** What the operator shows: a log of whatever events he likes, under the key that all believe. */
function publish(events: Buffer) {
  const log = new EventLog(hashing, dayKey);
  const files = new Map<string, Uint8Array>();
  for (const { path, bytes } of [...log.append(events), ...log.tree.partialTiles()])
    files.set(path, bytes);
  const text = checkpointText({ origin: ORIGIN, size: log.tree.size, root: log.tree.root() });
  const note = formatNote({ text, signatures: [signNote(text, ORIGIN, logSigner)] });
  files.set(CHECKPOINT_FILE, Buffer.from(note));
  const fetch = async (path: string) => files.get(path) ?? null;
  return { events, note, fetch, files, checkpoint: unprovenCheckpoint(note) };
}

const count = (events: Buffer): number => events.length / EVENT_BYTES;
const nth = (events: Buffer, number: number): Buffer =>
  Buffer.from(events.subarray((number - 1) * EVENT_BYTES, number * EVENT_BYTES));
const timeOf = (event: Buffer): number => Number(event.readBigInt64LE(AT.timeMs));

/** Events in an order of the operator's, numbered as they stand. */
const numbered = (events: readonly Buffer[]): Buffer => {
  const all = Buffer.concat(events);
  for (let at = 0; at < count(all); at += 1)
    all.writeBigUInt64LE(BigInt(at + 1), at * EVENT_BYTES + AT.number);
  return all;
};

describe('a rogue operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-rogue-'));
  let honest = Buffer.alloc(0);
  /** What the input gives once more. */
  let resettled = Buffer.alloc(0);
  let list: Buffer[] = [];
  let first: Published;
  /** The bank that is cheated, and a debit of its that was shown first and one that comes later. */
  let bank = 0;
  let early = 0;
  let late = 0;
  let currency = 0;
  const found = new Map<string, readonly string[]>();

  before(async () => {
    const pieces: Uint8Array[] = [];
    const inputs: Uint8Array[] = [];
    await runScenario(load('smoke'), {
      signatures: false,
      onSlice: ({ steps }) => {
        for (const { batch, inputs: values } of steps) {
          pieces.push(Buffer.from(batch.events));
          inputs.push(...values.map((value) => Buffer.from(value)));
        }
      },
    });
    honest = Buffer.concat(pieces);
    const again = new ReplayedPool('main', createSettlement(compiledCore()));
    for (const [position, value] of inputs.entries()) again.take(position, value);
    resettled = Buffer.from(again.flush().events);
    list = Array.from({ length: count(honest) }, (_, at) => nth(honest, at + 1));
    const shown = Math.floor(count(honest) * SHOWN_FIRST);
    first = publish(honest.subarray(0, shown * EVENT_BYTES));
    const isDebit = (event: Buffer) => {
      const read = readEvent(event, 0);
      return (
        read.kind === 'settled' && read.mechanism !== 'deferredNet' && read.currency2 === 0xffff
      );
    };
    early = list.findIndex((event, at) => at < shown - 20 && at > shown / 2 && isDebit(event)) + 1;
    bank = nth(honest, early).readUInt32LE(AT.debtorAgent);
    currency = nth(honest, early).readUInt16LE(AT.currency1);
    late =
      list.findIndex(
        (event, at) =>
          at > shown + 20 &&
          isDebit(event) &&
          event.readUInt32LE(AT.debtorAgent) === bank &&
          event.readUInt16LE(AT.currency1) === currency,
      ) + 1;
    assert.ok(early > 0 && late > shown, `${early} ${late}`);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Kinds in which 56, 60 and 64 may name a bank, as far as money is concerned. */
  const BOOKED = new Set<number>(
    (['accountOpened', 'issued', 'redeemed', 'settled', 'netted', 'lossShared'] as const).map(
      (kind) => EVENT_KINDS[kind],
    ),
  );
  const names = (event: Buffer): boolean =>
    BOOKED.has(event.readUInt16LE(AT.kind)) &&
    [AT.debtorAgent, AT.creditorAgent, AT.dealer].some((at) => event.readUInt32LE(at) === bank);

  /** What a bank is given of a log: openings of the events that name it, but what is concealed from it. */
  function given(
    own: OwnEvents,
    events: Buffer,
    concealed: (number: number) => boolean = () => false,
  ) {
    for (let number = 1; number <= count(events); number += 1) {
      const event = nth(events, number);
      if (names(event) && !concealed(number))
        own.take(openingOf(event, dayKey(dayName(event)), 'closed'));
    }
  }

  const witnessOf = (name: string) =>
    new Witness({
      ...{
        logs: [LOG],
        name: `corridor.example/witness/${name}`,
        signer: createSigner(Buffer.alloc(32, 77)),
      },
      ...{ records: new NumberedRecords(mkdtempSync(join(folder, 'w-'))), nowSeconds: () => 1n },
    });

  const bankFaults = (own: OwnEvents, log: Published, seen: readonly SeenSize[]) =>
    own.faults(log.checkpoint, subtreesOf(readerOf(log.files), log.checkpoint.size, hashing), seen);

  /** As an auditor has it: the input is settled once more, and the log has to be of its events. */
  async function auditorSees({ checkpoint, files }: Published): Promise<boolean> {
    const tree = new AuditedTree(hashing, dayKey, readerOf(files));
    tree.add(resettled);
    try {
      assert.ok(await tree.holds(checkpoint));
      return false;
    } catch (error) {
      assert.ok(error instanceof EvidenceFault, `${error}`);
      return true;
    }
  }

  interface Trick {
    /** What is shown after the first checkpoint, which all saw. */
    readonly shown: Buffer;
    /** Of it what is kept from the bank. */
    readonly concealed?: (number: number) => boolean;
    /** In minor units, what its statement says it has; absent: what the events say. */
    readonly told?: bigint;
  }

  /** Who sees it: a witness and a bank that saw the first checkpoint, and an auditor. */
  async function seenBy(trick: string, { shown, concealed, told }: Trick): Promise<void> {
    // As far as an auditor has the input: it waits for what a log has beyond it.
    const log = publish(shown.subarray(0, honest.length));
    const witness = witnessOf('ALFADE00');
    assert.equal((await followOnce(witness, first.fetch, hashing)).answer.status, 200);
    const own = new OwnEvents(bank, LAG_MS);
    given(own, first.events);
    const seen = [
      {
        size: first.checkpoint.size,
        seconds: BigInt(Math.floor(timeOf(nth(honest, first.checkpoint.size)) / 1000)),
      },
    ];
    assert.deepEqual(bankFaults(own, first, seen), []);
    const { answer, fork } = await followOnce(witness, log.fetch, hashing);
    const by: string[] = [];
    if (answer.status !== 200) by.push(fork === null ? 'witness: old' : 'witness: fork');
    let isDouble = false;
    try {
      given(own, log.events, concealed);
    } catch (error) {
      assert.match((error as Error).message, /was shown to this bank with other bytes before/);
      isDouble = true;
    }
    const balance = told ?? balanceIn(log.events);
    if (isDouble || bankFaults(own, log, seen).length > 0) by.push('bank: log');
    else if (own.booked(currency) !== balance) by.push('bank: balance');
    if (await auditorSees(log)) by.push('auditor');
    found.set(trick, by);
  }

  /** As the last event that says it has it. */
  function balanceIn(events: Buffer): bigint {
    let balance = 0n;
    for (let number = 1; number <= count(events); number += 1) {
      const event = readEvent(nth(events, number), 0);
      if (event.kind === 'settled')
        for (const booking of event.bookings)
          if (booking.participant === bank && booking.currency === currency)
            balance = booking.balance;
      if (
        (event.kind === 'accountOpened' || event.kind === 'issued' || event.kind === 'redeemed') &&
        event.participant === bank &&
        event.currency === currency
      )
        balance = event.balance;
    }
    return balance;
  }

  const shownBy = (trick: string) => found.get(trick) as readonly string[];
  /** A debit of the bank's as the operator makes one up: another id, another amount. */
  const madeUp = (like: number, timeMs: number): Buffer => {
    const event = nth(honest, like);
    event.writeUInt8(event.readUInt8(AT.id) ^ 0xff, AT.id);
    event.writeBigInt64LE(event.readBigInt64LE(AT.amount1) + 100n, AT.amount1);
    event.writeBigInt64LE(BigInt(timeMs), AT.timeMs);
    return event;
  };

  it('plays no trick, and nobody says so', async () => {
    await seenBy('none', { shown: honest });
    assert.deepEqual(shownBy('none'), []);
    found.delete('none');
  });

  it('rewrites an event that was sealed', async () => {
    const changed = list.with(early - 1, madeUp(early, timeOf(nth(honest, early))));
    await seenBy('rewrites', { shown: numbered(changed) });
  });

  it('drops an event that was sealed', async () => {
    await seenBy('drops', { shown: numbered(list.toSpliced(early - 1, 1)) });
  });

  it('inserts an event before others that were sealed', async () => {
    const event = madeUp(early, timeOf(nth(honest, early)));
    await seenBy('inserts', { shown: numbered(list.toSpliced(early - 1, 0, event)) });
  });

  it('reorders events that were sealed', async () => {
    const [one, other] = [nth(honest, early), nth(honest, early - 1)];
    await seenBy('reorders', { shown: numbered(list.with(early - 1, other).with(early - 2, one)) });
  });

  it('shows each of two banks a log of its own', async () => {
    const other = publish(numbered(list.with(late - 1, madeUp(late, timeOf(nth(honest, late))))));
    const whole = publish(honest);
    const two = ['ALFADE00', 'BETASG00'].map(witnessOf);
    for (const [at, log] of [whole, other].entries()) {
      const witness = two[at] as Witness;
      for (const one of [first, log])
        assert.equal((await followOnce(witness, one.fetch, hashing)).answer.status, 200);
    }
    const [note, against] = two.map((witness) => witness.cosigned(ORIGIN) as string) as [
      string,
      string,
    ];
    await assert.rejects(
      verifyNotes('note', note, POLICY, { other: against, files: other.fetch }),
      /^EvidenceFault: FORK: /,
    );
    found.set('forks', ['two notes', ...((await auditorSees(other)) ? ['auditor'] : [])]);
  });

  it('books a debit with a time at which it was not there', async () => {
    const event = madeUp(late, timeOf(nth(honest, early)));
    await seenBy('back-dates', { shown: numbered(list.toSpliced(late, 0, event)) });
    // By its own events alone, and by what a witness said alone.
    const log = publish(numbered(list.toSpliced(late, 0, event)).subarray(0, honest.length));
    const [before, after] = [new OwnEvents(bank, LAG_MS), new OwnEvents(bank, LAG_MS)];
    const opened = (number: number) =>
      openingOf(nth(log.events, number), dayKey(dayName(event)), 'closed');
    for (const number of [late, late + 1]) before.take(opened(number));
    after.take(opened(late + 1));
    assert.match(
      bankFaults(before, log, []).join(),
      /^event \d+ happened before one with a lower number$/,
    );
    assert.deepEqual(bankFaults(after, log, []), []);
    const seen = { size: late, seconds: BigInt(Math.ceil(timeOf(nth(honest, late)) / 1000)) };
    assert.match(
      bankFaults(after, log, [seen]).join(),
      /^event \d+ has a time at which it was not there: /,
    );
  });

  it('shows an old head', async () => {
    const witness = witnessOf('ALFADE00');
    const whole = publish(honest);
    for (const log of [first, whole]) await followOnce(witness, log.fetch, hashing);
    const { answer } = await followOnce(witness, first.fetch, hashing);
    assert.deepEqual([answer.status, answer.body], [409, `${whole.checkpoint.size}\n`]);
    const own = new OwnEvents(bank, LAG_MS);
    given(own, honest);
    assert.match(
      bankFaults(own, first, []).join(),
      /is in this bank's hands, and the log shows \d+ entries/,
    );
    found.set('shows an old head', [
      'witness: old',
      'bank: log',
      ...((await auditorSees(first)) ? ['auditor'] : []),
    ]);
  });

  it('conceals a debit from the bank that is debited', async () => {
    await seenBy('conceals a debit', { shown: honest, concealed: (number) => number === late });
  });

  it('conceals a debit, and tells a balance without it', async () => {
    const amount = nth(honest, late).readBigInt64LE(AT.amount1);
    await seenBy('conceals a debit and its balance', {
      ...{ shown: honest, concealed: (number) => number === late },
      told: balanceIn(honest) + amount,
    });
  });

  it('makes a debit up, and shows it', async () => {
    const event = madeUp(late, timeOf(nth(honest, late)));
    await seenBy('makes a debit up', {
      shown: numbered(list.toSpliced(late, 0, event)),
      told: balanceIn(honest) - event.readBigInt64LE(AT.amount1),
    });
  });

  it('is seen by whom docs/evidence.md says, and by nobody else', () => {
    const page = readFileSync(join(packageFolder, 'docs/evidence.md'), 'utf8');
    const rows = [
      ...page.matchAll(
        /^\| (.+?) +\| (yes|no|old|-) +\| (log|balance|no|-) +\| (yes|no|-) +\| .*\|$/gm,
      ),
    ];
    const said = new Map(rows.map(([, trick, ...who]) => [trick, who]));
    for (const [trick, by] of found) {
      const witness = by.includes('witness: fork')
        ? 'yes'
        : by.includes('witness: old')
          ? 'old'
          : 'no';
      const own = by.includes('bank: log')
        ? 'log'
        : by.includes('bank: balance')
          ? 'balance'
          : 'no';
      assert.deepEqual(
        said.get(trick),
        [witness, own, by.includes('auditor') ? 'yes' : 'no'],
        `${trick}: ${by}`,
      );
    }
    assert.equal(said.size, found.size);
  });
});
