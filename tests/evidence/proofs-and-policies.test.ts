/** Notes, checkpoints, proofs and policies as they travel: what is taken, and why the rest is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createSigner } from '../../services/core/verification/signing.ts';
import { checkpointText, parseCheckpoint } from '../../services/evidence/checkpoint.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { checkTlogProof } from '../../services/evidence/entry-is-in-log.ts';
import { openedEntry, openingOf } from '../../services/evidence/event-commitment.ts';
import { inclusionProof } from '../../services/evidence/merkle-tree.ts';
import {
  cosignNote,
  formatNote,
  isSignedBy,
  KEY_TYPE,
  noteKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import {
  formatTlogProof,
  isTlogProof,
  parseTlogProof,
} from '../../services/evidence/tlog-proof.ts';
import { witnessKeys, witnessLines } from '../support/witness-keys.ts';
import { dayKey, hashing, logSigner, ORIGIN, sampleLog, someEvents } from './sample-log.ts';

const LOG = noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey);
const witnesses = witnessKeys(20, 'ALFADE00', 'BRAVOFR0', 'CHARLIT0');
const logLine = `log ${verifierKey(LOG)}\n`;
const ownLines = witnessLines(witnesses);
const OPEN = parsePolicy(`${logLine}quorum none\n`);
const SIZE = 700;
const log = sampleLog(SIZE);
const INDEX = 300;
const event = someEvents(1, INDEX + 1);
const entry = openedEntry(openingOf(event, dayKey('2026-03-16'), 'closed'));
const path = inclusionProof(subtreesOf(log.reader, SIZE, hashing), INDEX, SIZE);
const proof = { extra: Buffer.from('extra'), index: INDEX, path, checkpoint: log.checkpoint };

const cosigned = (which: readonly number[]): string => {
  const { text, signatures } = parseNote(log.checkpoint);
  const lines = which.map((at) => {
    const { name, signer } = witnesses[at] as (typeof witnesses)[0];
    return cosignNote(text, name, signer, 1_773_700_000n + BigInt(at));
  });
  return formatNote({ text, signatures: [...signatures, ...lines] });
};

describe('a signed note', () => {
  it('has the key and signature that the standard shows', () => {
    // golang.org/x/mod/sumdb/note's own example.
    const peter = parseVerifierKey(
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    );
    const note = parseNote(
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
    );
    assert.equal(
      verifierKey(peter),
      'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    );
    assert.ok(isSignedBy(note, peter));
    const changed = { ...note, text: note.text.replace('answer', 'Answer') };
    assert.throws(
      () => isSignedBy(changed, peter),
      /the signature of PeterNeumann does not verify/,
    );
    assert.equal(isSignedBy(note, LOG), false);
  });

  it('is refused where it is none', () => {
    const good = log.checkpoint;
    assert.equal(formatNote(parseNote(good)), good);
    const cases: readonly (readonly [string, RegExp])[] = [
      [good.slice(0, -1), /its last line has no end/],
      [good.replace('\n\n', '\n'), /no empty line before/],
      [good.slice(0, good.indexOf('\n\n') + 2), /has no signature/],
      [good.replace('\n', '\r\n'), /control characters/],
      [good.replace('— ', '- '), /that is no signature/],
      [good.replace(/=*\n$/, '\n'), /that is no signature/],
      [good.replace('— corridor', '—  corridor'), /that is no signature/],
      [`${good}— x AAAAAA==\n`, /an empty signature of x/],
      [`${good}${'— x AAAAAAA=\n'.repeat(100)}`, /more than 100 signatures/],
      [good + 'x'.repeat(1_000_000), /more than 1000000 characters/],
    ];
    for (const [text, message] of cases)
      assert.throws(() => parseNote(text), message, text.slice(-80));
    for (const [key, message] of [
      ['a b+00000000+AQ==', /its name or id is none/],
      [verifierKey(LOG).replace(/\+[0-9a-f]{8}\+/, '+00000000+'), /not that of its name and key/],
      ['a+00000000+AQ==', /another length/],
      [`a+00000000+${Buffer.alloc(33, 2).toString('base64')}`, /its type is 2/],
    ] as const)
      assert.throws(() => parseVerifierKey(key), message);
    assert.throws(() => noteKey('a+b', KEY_TYPE.log, LOG.publicKey), /a key's name "a\+b"/);
    assert.throws(() => signNote('no end', 'x', logSigner), RangeError);
  });
});

describe('a checkpoint', () => {
  it('is read as it was written, and refused otherwise', () => {
    const { root, size, origin } = parseCheckpoint(log.text);
    assert.deepEqual([origin, size], [ORIGIN, SIZE]);
    assert.equal(checkpointText({ origin, size, root }), log.text);
    assert.equal(parseCheckpoint(`${log.text}more\n`).size, SIZE);
    const [first, second, third] = log.text.split('\n') as [string, string, string];
    const cases: readonly (readonly [string, RegExp])[] = [
      [`\n${second}\n${third}\n`, /no origin/],
      [`${first}\n0${second}\n${third}\n`, /size is "0700"/],
      [`${first}\n9007199254740993\n${third}\n`, /size is/],
      [`${first}\n-1\n${third}\n`, /size is "-1"/],
      [`${first}\n${second}\n${third.slice(0, -1)}\n`, /root is/],
      [`${first}\n${second}\n${third}`, /its last has no end/],
      [`${first}\n${second}\n${third}\n\nx\n`, /an empty line/],
    ];
    for (const [text, message] of cases) assert.throws(() => parseCheckpoint(text), message, text);
  });
});

describe('a policy', () => {
  const policy = (quorum: string) => parsePolicy(`# of a test\n${logLine}\n${ownLines}${quorum}`);

  it('takes a checkpoint of its logs alone, with the witnesses that it asks for', () => {
    const two = policy('group banks 2 ALFADE00 BRAVOFR0 CHARLIT0\nquorum banks\n');
    const nested = policy(
      'group pair any BRAVOFR0 CHARLIT0\ngroup both all ALFADE00 pair\nquorum both\n',
    );
    const one = policy('quorum CHARLIT0');
    const table = [
      [[], [false, false, false]],
      [[2], [false, false, true]],
      [
        [0, 1],
        [true, true, false],
      ],
      [
        [1, 2],
        [true, false, true],
      ],
      [
        [0, 0],
        [false, false, false],
      ],
      [
        [0, 1, 2],
        [true, true, true],
      ],
    ] as const;
    for (const [who, expected] of table)
      [two, nested, one].forEach((policy, at) => {
        const open = () => openCheckpoint(cosigned(who), policy);
        if (expected[at]) assert.equal(open().size, SIZE);
        else assert.throws(open, /not the cosignatures of the policy's quorum/);
      });
    const stranger = noteKey(ORIGIN, KEY_TYPE.log, createSigner(Buffer.alloc(32, 9)).publicKey);
    const other = parsePolicy(`log ${verifierKey(stranger)}\nquorum none\n`);
    assert.throws(() => openCheckpoint(log.checkpoint, other), /signed by no log of that name/);
    // A log's key is for its own origin.
    const text = log.text.replace('/pool/main', '/pool/other');
    const foreign = formatNote({ text, signatures: [signNote(text, ORIGIN, logSigner)] });
    assert.throws(() => openCheckpoint(foreign, OPEN), /signed by no log of that name/);
    // Of a cosignature any bit, also of its time.
    const note = parseNote(cosigned([2]));
    const [own, last] = note.signatures as [
      (typeof note.signatures)[0],
      (typeof note.signatures)[0],
    ];
    for (let bit = 0; bit < 8 * last.signature.length; bit += 7) {
      const signature = Buffer.from(last.signature);
      signature[bit >> 3] = (signature[bit >> 3] as number) ^ (1 << (bit & 7));
      const changed = formatNote({ ...note, signatures: [own, { ...last, signature }] });
      assert.throws(() => openCheckpoint(changed, one), /CHARLIT0 does not verify/);
    }
    const short = { ...last, signature: last.signature.subarray(0, 4) };
    assert.throws(
      () => openCheckpoint(formatNote({ ...note, signatures: [own, short] }), one),
      /does not verify/,
    );
  });

  it('is refused with the line that is none', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['', /has no line quorum/],
      ['quorum none\nquorum none\n', /line 2: a second quorum/],
      ['quorum banks\n', /line 1: banks is defined in no line before/],
      [`${logLine}${logLine}quorum none\n`, /line 2: a second log with the key/],
      [
        `${ownLines}${ownLines.replace('ALFADE00', 'again')}quorum none\n`,
        /line 4: a second witness with the key/,
      ],
      [
        `log ${verifierKey(witnesses[0]?.key as typeof LOG)}\n`,
        /line 1: a key of type 4, expected 1/,
      ],
      [`${ownLines}group g 4 ALFADE00 BRAVOFR0 CHARLIT0\n`, /line 4: 4 of 3 members/],
      [`${ownLines}group g 0 ALFADE00\n`, /line 4: 0 of 1 members/],
      [`${ownLines}group g all ALFADE00 ALFADE00\n`, /line 4: ALFADE00 is in a group before/],
      [`${ownLines}group g all none\n`, /line 4: none is defined in no line before/],
      [`${ownLines}group ALFADE00 all BRAVOFR0\n`, /line 4: the name ALFADE00/],
      ['log x\nquorum none\n', /line 1: key "x"/],
      ['log\nquorum none\n', /line 1: expected log <key>/],
      ['logs x\n', /line 1: logs is no keyword/],
      ['quorum none\r\n', /line 1: it ends with CR LF, expected LF alone/],
      ['quorum\u0001 none\n', /line 1: it has control characters/],
    ];
    for (const [text, message] of cases) assert.throws(() => parsePolicy(text), message, text);
    assert.throws(() => openCheckpoint(log.checkpoint, parsePolicy('quorum none')), /no log/);
  });
});

describe('a proof as a file', () => {
  it('shows its entry in the log, and no other', () => {
    const text = formatTlogProof(proof);
    assert.ok(isTlogProof(text));
    const read = parseTlogProof(text);
    assert.deepEqual(read.extra, proof.extra);
    assert.equal(formatTlogProof(read), text);
    assert.equal(checkTlogProof(read, entry, OPEN).size, SIZE);
    const without = parseTlogProof(formatTlogProof({ ...proof, extra: null }));
    assert.equal(without.extra, null);
    for (const [index, one] of [
      [INDEX + 1, entry],
      [INDEX, entry.subarray(1)],
    ] as const)
      assert.throws(
        () => checkTlogProof({ ...read, index }, one, OPEN),
        /do not lead to the checkpoint's root/,
      );
    const longer = { ...read, path: [...read.path, log.root] };
    assert.throws(() => checkTlogProof(longer, entry, OPEN), /is not at index 300 of the 700/);
  });

  it('does not hold with any bit changed, but in what it does not vouch for', () => {
    const bytes = Buffer.from(formatTlogProof({ ...proof, extra: null }));
    fc.assert(
      fc.property(fc.nat(8 * bytes.length - 1), (bit) => {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        assert.throws(() => checkTlogProof(parseTlogProof(flipped.toString()), entry, OPEN), {
          name: 'EvidenceFault',
        });
      }),
      { numRuns: 1_000, seed: 19 },
    );
  });

  it('is refused where it is none', () => {
    const text = formatTlogProof(proof);
    const cases: readonly (readonly [string, RegExp])[] = [
      [`x${text}`, /does not begin with/],
      [text.replace('index 300', 'index 0300'), /in place of its index/],
      [text.replace('index 300\n', ''), /in place of its index/],
      [text.replace('extra ', 'extra !'), /an extra line that is not base64/],
      [text.replace(/(index 300\n.)/, '$1A'), /a hash 1 that is not 32 bytes/],
      [
        text.replace('index 300\n', `index 300\n${`${'A'.repeat(43)}=\n`.repeat(60)}`),
        /expected at most 63/,
      ],
      [text.slice(0, text.indexOf('\n\n')), /no empty line before its checkpoint/],
    ];
    for (const [one, message] of cases) assert.throws(() => parseTlogProof(one), message);
  });
});
