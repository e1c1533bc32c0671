/** `corridor verify` of proofs: told apart from certificates, held against a policy, with an exit code for each end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openedEntry, openingOf, packedOpening } from '../../services/evidence/event-commitment.ts';
import { inclusionProof } from '../../services/evidence/merkle-tree.ts';
import {
  cosignNote,
  formatNote,
  KEY_TYPE,
  noteKey,
  parseNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { subtreesOf } from '../../services/evidence/tiles.ts';
import { formatTlogProof } from '../../services/evidence/tlog-proof.ts';
import { auditorsPolicy, cosignedBy } from '../faults/auditors.ts';
import { endWarmCorridor, warmText } from '../support/warm-corridor.ts';
import { witnessKeys, witnessLines } from '../support/witness-keys.ts';
import { dayKey, hashing, logSigner, ORIGIN, sampleLog, someEvents } from './sample-log.ts';

describe('corridor verify of a proof', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-proof-'));
  after(async () => {
    await endWarmCorridor();
    rmSync(folder, { recursive: true });
  });
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const verify = (...args: string[]) => warmText('verify', ...args);
  const log = sampleLog(300);
  const opening = openingOf(someEvents(1, 8), dayKey('2026-03-16'), 'closed');
  const path = inclusionProof(subtreesOf(log.reader, 300, hashing), 7, 300);
  const made = { index: 7, path, checkpoint: log.checkpoint };
  const text = formatTlogProof({ ...made, extra: packedOpening(opening) });
  const proof = put('a.tlog-proof', text);
  const vkey = verifierKey(noteKey(ORIGIN, KEY_TYPE.log, logSigner.publicKey));
  const policy = put('policy', `log ${vkey}\nquorum none\n`);

  it('says what holds, what does not, and what is missing', async () => {
    const holds = await verify(proof, '--policy', policy);
    assert.equal(holds.code, 0, holds.text);
    assert.match(
      holds.text,
      /a\.tlog-proof: it holds: what is no payment had an event of kind \d+, which .* minor units, with no message of its bank: entry 7 of corridor\.example\/sandbox-1\/pool\/main \(checkpoint of 300, root /,
    );
    const bare = put('bare', formatTlogProof({ ...made, extra: null }));
    const entry = put('entry', openedEntry(opening));
    assert.equal((await verify(bare, '--policy', policy, '--entry', entry)).code, 0);
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [[proof], 2, /expected --policy FILE/],
      [[bare, '--policy', policy], 2, /expected --entry FILE/],
      [
        [bare, '--policy', policy, '--entry', policy],
        1,
        /IT DOES NOT HOLD: the entry is not at index 7/,
      ],
      [
        [proof, '--policy', join(folder, 'none')],
        2,
        /--policy .*none: cannot be read: there is no such file; expected a policy/,
      ],
      [
        [join(folder, 'no.tlog-proof'), '--policy', policy],
        2,
        /no\.tlog-proof: cannot be read: there is no such file; expected a certificate, a \.tlog-proof, or the folder of a run/,
      ],
      [
        [put('b.tlog-proof', `x${text}`), '--policy', policy],
        1,
        /HOLD: the proof does not begin with the line c2sp\.org\/tlog-proof@v1: its first is "xc2sp\.org\/tlog-proof@v1"/,
      ],
      [[put('b', `x${text}`)], 2, /expected a certificate, or a proof, whose first line is c2sp/],
      [[bare, '--policy', policy, '--entry', folder], 2, /--entry .*: cannot be read: it is a fol/],
      [[proof, '--policy', proof], 2, /policy, line 1: c2sp.org\/tlog-proof@v1 is no keyword/],
      [[proof, '--policy', put('other', 'quorum none\n')], 1, /signed by no log of that name/],
    ];
    for (const [args, code, message] of cases) {
      const found = await verify(...args);
      assert.equal(found.code, code, `${args}: ${found.text}`);
      assert.match(found.text, message);
      assert.equal(found.text.trim().split('\n').length, 1);
    }
    const told = await verify(bare, '--policy', policy, '--entry', policy, '--json');
    assert.equal(told.code, 1);
    const { holds: isTrue, faults } = JSON.parse(told.text);
    assert.equal(isTrue, false);
    assert.match(faults[0], /the entry is not at index 7/);
  });

  it('refuses an option that a file of its kind does not take', async () => {
    const note = put('note', log.checkpoint);
    const entry = put('own-entry', openedEntry(opening));
    const folderOfRun = put('sealed', '').replace(/sealed$/, '');
    const table: readonly (readonly [string, string, readonly string[], RegExp])[] = [
      ['--against', note, [proof, '--policy', policy], /a receipt or proof/],
      ['--tiles', folder, [proof, '--policy', policy], /a receipt or proof/],
      ['--names', note, [proof, '--policy', policy, '--entry', entry], /the proof of an --entry/],
      ['--document', note, [proof, '--policy', policy, '--entry', entry], /the proof of an --en/],
      ['--tiles', folder, [note, '--policy', policy], /a checkpoint/],
      ['--entry', entry, [note, '--policy', policy], /a checkpoint/],
      ['--names', note, [note, '--policy', policy, '--against', note], /--against another/],
      ['--entry', entry, [folderOfRun, '--policy', policy], /the folder of a run/],
      ['--names', note, [folderOfRun, '--policy', policy], /the folder of a run/],
      ['--document', note, [folderOfRun, '--policy', policy], /the folder of a run/],
      ['--against', note, [folderOfRun, '--policy', policy], /the folder of a run/],
    ];
    for (const [option, value, args, kind] of table) {
      const { code, text } = await verify(...args, option, value);
      assert.equal(code, 2, text);
      assert.ok(text.startsWith(`corridor: ${option} ${value}: ${args[0]} is `), text);
      assert.match(text, new RegExp(`${kind.source}.*, which does not take it\\n$`));
    }
  });

  it('says who cosigned, and apart from them who re-executed', async () => {
    const [bank] = witnessKeys(20, 'ALFADE00');
    assert.ok(bank);
    const note = formatNote({
      text: log.text,
      signatures: [
        ...parseNote(log.checkpoint).signatures,
        cosignNote(log.text, bank.name, bank.signer, 5n),
      ],
    });
    const extra = packedOpening(opening);
    const checkpoint = cosignedBy('a', note);
    const cosigned = put('cosigned.tlog-proof', formatTlogProof({ ...made, checkpoint, extra }));
    const both = put('both', `${witnessLines([bank])}${auditorsPolicy(vkey, 1, ['a'])}`);
    const { text } = await verify(cosigned, '--policy', both);
    assert.match(
      text,
      /, cosigned by corridor\.example\/witness\/ALFADE00, re-executed by corridor\.example\/auditor\/a\)\n$/,
    );
  });
});
