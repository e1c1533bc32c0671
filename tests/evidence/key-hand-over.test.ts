/** A log changes its key: whoever believes the old one can believe the next, and nobody can appoint himself. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createSigner } from '../../services/core/verification/signing.ts';
import { checkpointText } from '../../services/evidence/checkpoint.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import { handOverNote, nextKeyIn, openHandOver } from '../../services/evidence/key-hand-over.ts';
import {
  formatNote,
  KEY_TYPE,
  noteKey,
  parseNote,
  signNote,
  verifierKey,
} from '../../services/evidence/signed-note.ts';
import { logSigner, ORIGIN, sampleLog } from './sample-log.ts';

const { root, checkpoint } = sampleLog(300);
const last = { origin: ORIGIN, size: 300, root };
const next = createSigner(Buffer.alloc(32, 71));
const stranger = createSigner(Buffer.alloc(32, 72));
const lineOf = (signer: typeof next, name = ORIGIN) =>
  verifierKey(noteKey(name, KEY_TYPE.log, signer.publicKey));
const policyOf = (...keys: (typeof next)[]) =>
  parsePolicy(`${keys.map((key) => `log ${lineOf(key)}\n`).join('')}quorum none\n`);
const believed = policyOf(logSigner);
const note = handOverNote(last, logSigner, next);

it('is a checkpoint under the old key that names the new one, which signed it too', () => {
  assert.equal(openCheckpoint(note, believed).size, 300);
  assert.equal(openCheckpoint(note, policyOf(next)).size, 300);
  assert.deepEqual([nextKeyIn(note)?.name, nextKeyIn(checkpoint)], [ORIGIN, null]);
  for (const policy of [believed, policyOf(next, logSigner)]) {
    const { from, to, checkpoint: of } = openHandOver(note, policy);
    assert.deepEqual([verifierKey(from), verifierKey(to)], [lineOf(logSigner), lineOf(next)]);
    assert.deepEqual([of.size, Buffer.from(of.root)], [300, Buffer.from(root)]);
  }
});

it('gives a policy both keys, by which receipts of before and after hold', () => {
  const { from, to } = openHandOver(note, believed);
  const both = parsePolicy(`log ${verifierKey(from)}\nlog ${verifierKey(to)}\nquorum none\n`);
  const text = checkpointText({ ...last, size: 301 });
  const later = formatNote({ text, signatures: [signNote(text, ORIGIN, next)] });
  assert.equal(openCheckpoint(checkpoint, both).log.id, from.id);
  assert.equal(openCheckpoint(later, both).log.id, to.id);
  assert.throws(() => openCheckpoint(later, believed), /signed by no log of that name/);
});

it('is none by whom the policy has not, or without the new key’s own signature', () => {
  const refused = (text: string, message: RegExp, policy = believed) =>
    assert.throws(() => openHandOver(text, policy), message);
  refused(handOverNote(last, stranger, next), /signed by no log of that name/);
  // Whoever has the new key alone says that it is the old one's heir.
  refused(handOverNote(last, stranger, next), /signed by no log of that name/, policyOf(next));
  refused(checkpoint, /has no line next-key/);
  const { text, signatures } = parseNote(note);
  refused(formatNote({ text, signatures: signatures.slice(0, 1) }), /has not signed that/);
  refused(formatNote({ text, signatures: signatures.slice(1) }), /signed by no log of that name/);
  const signedAs = (changed: string) =>
    formatNote({
      text: changed,
      signatures: [logSigner, next].map((one) => signNote(changed, ORIGIN, one)),
    });
  refused(signedAs(`${text}next-key ${lineOf(stranger)}\n`), /has 2 lines next-key/);
  const foreign = text.replace(lineOf(next), lineOf(next, `${ORIGIN}x`));
  refused(signedAs(foreign), /is handed over to .*mainx, expected its own name/);
  assert.throws(() => handOverNote(last, next, next), RangeError);
});
