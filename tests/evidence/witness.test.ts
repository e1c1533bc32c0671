/** A witness signs one tree of a log, which only grows: whatever it is asked, wherever it is killed, and beside a second process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { verifyNotes } from '../../services/cli/verify-notes.ts';
import { witnessCommand } from '../../services/cli/witness-command.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { checkpointText, unprovenCheckpoint } from '../../services/evidence/checkpoint.ts';
import { parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { followNote, followOnce } from '../../services/evidence/followed-log.ts';
import { consistencyProof } from '../../services/evidence/merkle-tree.ts';
import {
  formatNote,
  isSignedBy,
  KEY_TYPE,
  noteKey,
  parseNote,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import { logFolder, Witness } from '../../services/evidence/witness.ts';
import { logFilesAt } from '../../services/platform/service/read-transparency-log.ts';
import { NumberedRecords } from '../../services/platform/service/small-files-each-number-once.ts';
import { createWitnessServer } from '../../services/platform/service/witness-server.ts';
import { formatSubmission } from './format-submission.ts';
import { hashing, logSigner, ORIGIN, sampleLog } from './sample-log.ts';

type Log = ReturnType<typeof sampleLog>;

const LOG = noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey);
const NAME = 'corridor.example/witness/ALFADE00';
const signer = createSigner(Buffer.alloc(32, 61));
const POLICY = parsePolicy(`log ${verifierKey(LOG)}\nquorum none\n`);
const root = mkdtempSync(join(tmpdir(), 'corridor-witness-'));
after(() => rmSync(root, { recursive: true }));

const newFolder = () => mkdtempSync(join(root, 'state-'));
let seconds = 1_773_700_000n;
const witnessIn = (folder: string, reached?: (point: string) => void) =>
  new Witness({
    ...{ logs: [LOG], name: NAME, signer, records: new NumberedRecords(folder, reached) },
    nowSeconds: () => seconds++,
  });

const sizes = new Map<string, Log>();
/** A log of so many events; `other`: with that event changed. */
function logOf(size: number, other = 0): Log {
  const key = `${size} ${other}`;
  const log = sizes.get(key) ?? sampleLog(size, [size], other);
  sizes.set(key, log);
  return log;
}

/** The request that has a log cosigned from an old size on. */
function request(size: number, old: number, other = 0): string {
  const log = logOf(size, other);
  const proof =
    old > size ? [] : consistencyProof(subtreesOf(log.reader, size, hashing), old, size);
  return formatSubmission({ old, proof, checkpoint: log.checkpoint });
}

/** Of an answer: that its line is the witness's, on this log's checkpoint. */
function assertCosigned(witness: Witness, { checkpoint }: Log, body: string): void {
  assert.ok(isSignedBy(parseNote(`${checkpoint}${body}`), witness.key));
  assert.match(body, /^— \S+ \S+\n$/);
}

describe('a witness over HTTP', () => {
  it('answers as c2sp.org/tlog-witness says', async () => {
    const folder = newFolder();
    const witness = witnessIn(folder);
    const server = createWitnessServer((body) => witness.answer(body));
    const post = async (payload: string, type?: string) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      const answer = await server.inject({
        ...{ method: 'POST', url: '/add-checkpoint', payload, headers },
      });
      return [answer.statusCode, answer.body, answer.headers['content-type']] as const;
    };
    const text = (size: number, root: Uint8Array, by = logSigner, name = ORIGIN) => {
      const said = checkpointText({ origin: name, size, root });
      return formatNote({ text: said, signatures: [signNote(said, name, by)] });
    };
    const asked = (checkpoint: string, old = 0) => formatSubmission({ old, proof: [], checkpoint });
    const stranger = createSigner(Buffer.alloc(32, 9));
    const some = Buffer.alloc(32, 1);

    assert.deepEqual((await post(asked(text(5, some, stranger, 'elsewhere'))))[0], 404);
    assert.deepEqual((await post(asked(text(5, some, stranger))))[0], 403);
    const damaged = logOf(300).checkpoint.replace('\n300\n', '\n301\n');
    assert.deepEqual((await post(asked(damaged)))[0], 403);
    // A signature of a stranger beside the log's is nobody's business.
    const both = text(300, logOf(300).root).concat(
      text(300, logOf(300).root, stranger, 'elsewhere').split('\n\n')[1] as string,
    );
    const empty = Buffer.from(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'hex',
    );
    assert.equal((await post(asked(text(0, some))))[0], 422);
    assert.equal((await post(asked(text(0, empty))))[0], 200);
    // From size zero on there is nothing to prove, and any tree continues it.
    const proven = formatSubmission({ old: 0, proof: [some], checkpoint: logOf(300).checkpoint });
    assert.equal((await post(proven))[0], 422);
    assert.equal(witness.heldSize(ORIGIN), 0);
    const [status, body, type] = await post(asked(both), 'application/octet-stream');
    assert.deepEqual([status, type], [200, 'text/plain; charset=utf-8']);
    assertCosigned(witness, logOf(300), body);
    // What it keeps is the log's note and its own line.
    assert.deepEqual(
      parseNote(witness.cosigned(ORIGIN) as string).signatures.map(({ name }) => name),
      [ORIGIN, NAME],
    );

    const conflict = [409, '300\n', 'text/x.tlog.size'];
    assert.deepEqual(await post(request(700, 0)), conflict);
    assert.deepEqual(await post(request(700, 299)), conflict);
    assert.deepEqual(await post(request(200, 100)), conflict);
    assert.equal((await post(request(300, 301)))[0], 400);
    assert.equal((await post(request(700, 300).replace(/\n[^\n]+\n\n/, '\n\n')))[0], 422);
    assert.equal((await post(request(700, 300, 20)))[0], 422);
    assert.equal((await post(request(300, 300, 20)))[0], 422);
    assert.deepEqual(
      readdirSync(join(folder, logFolder(ORIGIN))).filter((name) => name.startsWith('fork-300-')),
      [`fork-300-${Buffer.from(logOf(300, 20).root).toString('hex').slice(0, 16)}`],
    );
    assert.equal(witness.heldSize(ORIGIN), 300);
    assertCosigned(witness, logOf(300), (await post(request(300, 300)))[1]);
    assertCosigned(witness, logOf(700), (await post(request(700, 300), 'text/plain'))[1]);
    assert.deepEqual(await post(request(700, 300)), [409, '700\n', 'text/x.tlog.size']);

    for (const [bad, message] of [
      ['', /no empty line/],
      ['old 700\n', /no empty line/],
      [request(700, 700).replace('old 700', 'old 0700'), /begins with "old 0700"/],
      [request(700, 700).replace('old', 'new'), /begins with "new 700"/],
      [request(700, 700).replace('\n\n', '\nAAAA\n\n'), /line 2 that is not 32 bytes/],
      [
        request(700, 700).replace('\n\n', `${`\n${some.toString('base64')}`.repeat(64)}\n\n`),
        /64 lines/,
      ],
      [request(700, 700).replaceAll('— ', '- '), /that is no signature/],
      [request(700, 700).replace('\n700\n', '\nmany\n'), /size is "many"/],
    ] as const) {
      const answer = await post(bad);
      assert.equal(answer[0], 400, bad);
      assert.match(answer[1], message);
    }
    assert.equal((await server.inject({ method: 'GET', url: '/add-checkpoint' })).statusCode, 404);
    assert.equal((await post('x'.repeat(70_000)))[0], 413);
    assert.equal(witness.heldSize(ORIGIN), 700);
    await server.close();
  });
});

describe('what a witness keeps', () => {
  it('is kept before it is answered, wherever the process ends', () => {
    const points: string[] = [];
    witnessIn(newFolder(), (point) => points.push(point)).answer(request(300, 0));
    assert.deepEqual(points, [
      'record.beforeWrite',
      'record.written',
      'record.linked',
      'record.synced',
    ]);
    for (const [at, point] of points.entries()) {
      const folder = newFolder();
      assert.equal(witnessIn(folder).answer(request(300, 0)).status, 200);
      const killed = witnessIn(folder, (reached) => {
        if (reached === point) throw new Error('killed');
      });
      assert.throws(() => killed.answer(request(700, 300)), /^Error: killed$/);
      const next = witnessIn(folder);
      // Not answered: either tree may be signed now, and after it no other.
      const held = at < points.indexOf('record.linked') ? 300 : 700;
      assert.equal(next.heldSize(ORIGIN), held, point);
      assert.equal(next.answer(request(700, 300, 350)).status, held === 300 ? 200 : 409, point);
      assert.equal(next.answer(request(700, 300)).status, 409, point);
      assert.equal(next.heldSize(ORIGIN), 700);
    }
  });

  it('is one tree, though two processes share its folder and are asked for several', () => {
    const random = xoroshiro128plus(19);
    for (let round = 0; round < 40; round += 1) {
      const folder = newFolder();
      // The second is asked while the first is between two steps of its write.
      const points = ['record.beforeWrite', 'record.written', 'record.linked', 'record.synced'];
      const at = points[uniformInt(random, 0, points.length - 1)];
      const second = witnessIn(folder);
      const answered: string[] = [];
      const ask = (witness: Witness, body: string, which: string) => {
        const { status } = witness.answer(body);
        if (status === 200) answered.push(which);
      };
      let isAsked = false;
      const first = witnessIn(folder, (point) => {
        if (point !== at || isAsked) return;
        isAsked = true;
        ask(second, request(300, 0, 20), 'B300');
        // So far on that the number of the first is gone from the folder.
        if (round % 2 === 1)
          for (const size of [400, 500, 600, 700])
            ask(second, request(size, size - 100, 20), `B${size}`);
      });
      ask(first, request(300, 0), 'A300');
      assert.ok(answered.length > 0, `round ${round}`);
      assert.ok(
        new Set(answered.map(([which]) => which)).size === 1,
        `round ${round}: ${answered}`,
      );
    }
  });

  it('does not fill a disk: a few records, and sixteen notes of forks', () => {
    const folder = newFolder();
    const witness = witnessIn(folder);
    for (let size = 1; size <= 30; size += 1)
      assert.equal(witness.answer(request(size, size - 1)).status, 200);
    for (let other = 1; other <= 20; other += 1)
      assert.equal(witness.answer(request(30, 30, other)).status, 422);
    const names = readdirSync(join(folder, logFolder(ORIGIN)));
    assert.equal(names.filter((name) => name.endsWith('.record')).length, 3);
    assert.equal(names.filter((name) => name.startsWith('fork-30-')).length, 16);
    assert.equal(names.length, 19);
  });
});

describe('a log that a witness follows', () => {
  const put = (log: Log): string => {
    const folder = newFolder();
    for (const [path, bytes] of log.files) {
      const file = join(folder, path.replaceAll('/', '_'));
      writeFileSync(file, bytes);
    }
    return folder;
  };
  /** As from a folder: with slashes in the names of its tiles. */
  const at = (log: Log) => {
    const files = logFilesAt(put(log));
    return (path: string) => files(path.replaceAll('/', '_'));
  };
  const followed = async (witness: Witness, log: Log) => followOnce(witness, at(log), hashing);

  it('is cosigned as it grows, also where a partial tile has become full', async () => {
    const witness = witnessIn(newFolder());
    for (const size of [1, 256, 300, 512, 700]) {
      const { answer, fork } = await followed(witness, logOf(size));
      assert.deepEqual([answer.status, fork], [200, null], `${size}`);
      assertCosigned(witness, logOf(size), answer.body);
    }
    // Its checkpoint was read before it grew, and its tiles after it.
    const other = witnessIn(newFolder());
    await followed(other, logOf(100));
    const grown = logOf(700);
    const fetch = async (path: string) =>
      path === 'checkpoint' ? Buffer.from(logOf(300).checkpoint) : (grown.files.get(path) ?? null);
    const { answer } = await followOnce(other, fetch, hashing);
    assert.equal(answer.status, 200);
    const nothing = async () => null;
    await assert.rejects(followOnce(other, nothing, hashing), /^Error: checkpoint: it is missing$/);
    const bare = async (path: string) =>
      path === 'checkpoint' ? (grown.files.get(path) ?? null) : null;
    await assert.rejects(followOnce(other, bare, hashing), /^Error: tile\/0\/\S+: it is missing$/);
  });

  it('is told as forked where it contradicts what was cosigned, and as old where it is smaller', async () => {
    for (const [held, size, other] of [
      [300, 700, 20],
      [256, 700, 256],
      [512, 600, 1],
      [300, 300, 300],
      [1, 2, 1],
    ] as const) {
      const folder = newFolder();
      const witness = witnessIn(folder);
      await followed(witness, logOf(held));
      const { answer, fork } = await followed(witness, logOf(size, other));
      assert.equal(answer.status, 422, `${held} ${size}`);
      const kept = readFileSync(join(folder, logFolder(ORIGIN), fork as string), 'utf8');
      assert.equal(kept, logOf(size, other).checkpoint);
      // Whoever has both notes, and the tiles of the larger, can prove it.
      const own = witness.cosigned(ORIGIN) as string;
      const tiles = newFolder();
      await assert.rejects(
        verifyNotes('own', own, POLICY, { other: kept, files: at(logOf(size, other)) }),
        /^EvidenceFault: FORK: checkpoints of \d+ and \d+ entries of .* contradict each other/,
      );
      rmSync(tiles, { recursive: true });
    }
    const witness = witnessIn(newFolder());
    await followed(witness, logOf(700));
    const old = await followed(witness, logOf(300));
    assert.deepEqual([old.answer.status, old.answer.body, old.fork], [409, '700\n', null]);
    // An older one that the log signed is a fork where the tiles of what was cosigned lead to another root.
    const shown = (older: Log) =>
      followNote(
        witness,
        older.checkpoint,
        async (path) => logOf(700).files.get(path) ?? null,
        hashing,
      );
    for (const [size, other] of [
      [300, 20],
      [256, 256],
      [1, 1],
    ] as const) {
      assert.equal((await shown(logOf(size))).fork, null, `${size}`);
      const { answer, fork } = await shown(logOf(size, other));
      assert.equal(answer.status, 409);
      assert.match(fork ?? '', new RegExp(`^fork-${size}-`));
    }
    // Changed tiles are a fault of whoever serves them, and prove nothing of the log.
    const grown = logOf(1_000);
    const damaged = async (path: string) => {
      const bytes = Buffer.from(grown.files.get(path) ?? []);
      if (path.startsWith('tile/0/003')) bytes[5] = (bytes[5] as number) ^ 1;
      return bytes;
    };
    const seen = await followOnce(witness, damaged, hashing);
    assert.deepEqual([seen.answer.status, seen.fork], [422, null]);
    assert.equal((await followed(witness, grown)).answer.status, 200);
  });

  it('is no auditor: a name of one is refused', async () => {
    const AUDITOR = 'corridor.example/auditor/ALFADE00';
    const options = { logs: [LOG], signer, nowSeconds: () => seconds };
    const records = new NumberedRecords(newFolder());
    assert.throws(() => new Witness({ ...options, records, name: AUDITOR }), RangeError);
    const folder = newFolder();
    const key = join(folder, 'witness.pem');
    writeFileSync(key, secretKeyPem(Buffer.alloc(32, 61)));
    const words = ['--key', key, '--name', AUDITOR, '--log', verifierKey(LOG), '--once'];
    await assert.rejects(
      witnessCommand()
        .exitOverride()
        .parseAsync([...words, '--state', join(folder, 'state'), '--follow', folder], {
          from: 'user',
        }),
      { name: 'BadInput', message: /--name .*\/auditor\/ALFADE00: expected .*\/auditor\// },
    );
  });

  it('is believed by its two notes where they agree, and not judged where something is missing', async () => {
    const [small, large] = [logOf(300).checkpoint, logOf(700).checkpoint];
    const of = (text: string, other: string, log: Log | null) =>
      verifyNotes('a', text, POLICY, { other, files: log && at(log) });
    const agreed = /^checkpoints of 300 and 700 entries of .*: the larger continues the smaller$/;
    assert.match(await of(small, large, logOf(700)), agreed);
    assert.match(await of(large, small, logOf(700)), agreed);
    assert.match(await of(small, small, null), /of 300 and 300 entries/);
    assert.match(await verifyNotes('a', small, POLICY, null), /^checkpoint of 300 entries of corr/);
    await assert.rejects(of(small, large, null), {
      name: 'BadInput',
      message: /--tiles with the log of 700/,
    });
    await assert.rejects(of(small, large, logOf(700, 20)), {
      name: 'BadInput',
      message: /do not lead to the root/,
    });
    await assert.rejects(of(small, large, logOf(300)), { name: 'BadInput', message: /is missing/ });
    await assert.rejects(of(small, logOf(300, 5).checkpoint, null), /^EvidenceFault: FORK: /);
    const stranger = small.replace('\n300\n', '\n301\n');
    await assert.rejects(of(small, stranger, null), /does not verify/);
    assert.equal(unprovenCheckpoint(small).size, 300);
  });
});
