/**
 * Programs that others wrote take our checkpoints, tiles, proofs and policies, and refuse them changed: golang.org/x/mod,
 * github.com/transparency-dev/formats and filippo.io/torchwood. Their witness cosigns our checkpoint, which we take.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { consistencyProof, inclusionProof } from '../../services/evidence/merkle-tree.ts';
import {
  KEY_TYPE,
  noteKey,
  parseVerifierKey,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { entriesIn, subtreesOf, tilePath } from '../../services/evidence/tiles.ts';
import { formatTlogProof } from '../../services/evidence/tlog-proof.ts';
import { Witness } from '../../services/evidence/witness.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { NumberedRecords } from '../../services/platform/service/small-files-each-number-once.ts';
import { goForTest } from '../support/go.ts';
import { formatSubmission } from './format-submission.ts';
import { hashing, logSigner, ORIGIN, sampleLog } from './sample-log.ts';

const { program, skip } = goForTest(join(packageFolder, 'tests/evidence/foreign'), 'foreign');
const SIZE = 70_000;
const OLDER = 69_000;
const INDEX = 12_345;

describe('a log of ours, to programs of others', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-foreign-'));
  const log = sampleLog(SIZE, [OLDER, SIZE - OLDER]);
  const vkey = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey));
  const bank = createSigner(Buffer.alloc(32, 33));
  const witness = 'corridor.example/witness/ALFADE00';
  const put = (name: string, bytes: Uint8Array | string) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  };
  const foreign = (): string => {
    try {
      return execFileSync(program, [folder], { encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const bundle = tilePath('entries', INDEX >> 8);

  before(() => {
    for (const [name, bytes] of log.files) put(name, bytes);
    const subtree = subtreesOf(log.reader, SIZE, hashing);
    const path = inclusionProof(subtree, INDEX, SIZE);
    const extra = Buffer.from('an opening');
    put('vkey', vkey);
    put(
      'receipt.tlog-proof',
      formatTlogProof({ extra, index: INDEX, path, checkpoint: log.checkpoint }),
    );
    const entries = entriesIn(log.reader.read(bundle), 256, bundle);
    put('receipt.entry', entries[INDEX & 255] as Uint8Array);
    put('older.checkpoint', sampleLog(OLDER).checkpoint);
    const steps = consistencyProof(subtree, OLDER, SIZE);
    put('older.proof', steps.map((one) => `${Buffer.from(one).toString('base64')}\n`).join(''));
    const key = verifierKey(noteKey(witness, KEY_TYPE.cosignature, bank.publicKey));
    put(
      'policy',
      `log ${vkey}\nwitness alfa ${key} https://alfa.example/\ngroup banks all alfa\nquorum banks\n`,
    );
    // As a witness of ours answers a log's client, which may put it behind the checkpoint as it is.
    const own = new Witness({
      ...{ logs: [parseVerifierKey(vkey)], name: witness, signer: bank },
      records: new NumberedRecords(join(folder, 'state')),
      nowSeconds: () => 1_773_700_000n,
    });
    const { checkpoint } = log;
    const { status, body } = own.answer(formatSubmission({ old: 0, proof: [], checkpoint }));
    assert.equal(status, 200, body);
    put('cosigned', `${checkpoint}${body}`);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has a checkpoint, tiles, entries, proofs and cosignatures that they take', () => {
    const lines = foreign().trim().split('\n');
    const key = lines.at(-1)?.replace('witness ', '') as string;
    assert.deepEqual(lines.slice(0, -1), [
      `checkpoint ${ORIGIN} ${SIZE}`,
      `entries ${SIZE}`,
      `receipt ${INDEX}`,
      `consistent ${OLDER} ${SIZE}`,
      'policy true false',
    ]);
    // Their witness's cosignature of our checkpoint, by our policy.
    const witnessed = readFileSync(join(folder, 'witnessed'), 'utf8');
    const policy = parsePolicy(`log ${vkey}\nwitness theirs ${key}\nquorum theirs\n`);
    assert.equal(openCheckpoint(witnessed, policy).size, SIZE);
    assert.throws(
      () => openCheckpoint(log.checkpoint, policy),
      /cosignatures of the policy's quorum/,
    );
  });

  it('is refused by them with a bit changed in any of its files', () => {
    const files: readonly (readonly [string, RegExp])[] = [
      ['checkpoint', /FAILED checkpoint/],
      [tilePath(0, 100), /FAILED entries/],
      [bundle, /FAILED entries/],
      [tilePath(1, 1, 17), /FAILED entries/],
      ['receipt.entry', /FAILED receipt/],
      ['older.proof', /FAILED older/],
    ];
    for (const [name, message] of files) {
      const good = readFileSync(join(folder, name));
      const bad = Buffer.from(good);
      bad[20] = (bad[20] as number) ^ 2;
      put(name, bad);
      assert.match(foreign(), message, name);
      put(name, good);
    }
    assert.match(foreign(), /policy true false/);
  });
});
