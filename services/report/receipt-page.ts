import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT } from '../core/settlement/events.ts';
import { parseCheckpoint } from '../evidence/checkpoint.ts';
import { isAuditorName } from '../evidence/cosigner-policy.ts';
import { receiptFrom } from '../evidence/receipt.ts';
import { type NoteSignature, parseNote } from '../evidence/signed-note.ts';
import { PROOF_ENDING, parseTlogProof } from '../evidence/tlog-proof.ts';
import { uetrFromBytes } from '../protocol/names/bic-and-uetr.ts';
import { facts, section } from './elements.ts';
import { type Content, html } from './html.ts';
import { page } from './page.ts';

/** On paper nothing scrolls. */
const whole = (text: string): Content =>
  html`<pre style="white-space:pre-wrap;overflow-wrap:anywhere;max-height:none">${text}</pre>`;

const namesOf = (signatures: readonly NoteSignature[]): Content =>
  signatures.map(({ name }) => html`<div><code>${name}</code></div>`);

/**
 * A receipt on a page of its own, in one file: what it says, how to check it, and the receipt itself, to the byte. The
 * page proves nothing: it is what is printed, and the file that it carries is what is checked.
 * @param proof the text of a `.tlog-proof` of an event
 * @throws EvidenceFault or Error for a text that is none
 */
export function receiptPage(proof: string, version: string): string {
  const { extra, index, checkpoint } = parseTlogProof(proof);
  const receipt = receiptFrom(extra ?? new Uint8Array());
  if (!receipt) throw new Error('a proof without an event is no receipt');
  const { opening, message } = receipt;
  const event = Buffer.from(opening.form === 'open' ? opening.event : opening.shown);
  const { text, signatures } = parseNote(checkpoint);
  const { origin, size, root } = parseCheckpoint(text);
  const auditors = signatures.filter(({ name }) => isAuditorName(name));
  const uetr = uetrFromBytes(event.subarray(AT.id, AT.id + 16)) ?? 'none';
  const name = `${uetr}${PROOF_ENDING}`;
  const sealed = facts([
    ['Event', `${index + 1} of ${size}: ${eventKind(event.readUInt16LE(AT.kind))}`],
    ['Time (UTC)', new Date(Number(event.readBigInt64LE(AT.timeMs))).toISOString()],
    ['Amount debited', `${event.readBigInt64LE(AT.amount1)} minor units`],
    ['Log', html`<code>${origin}</code>`],
    ['Root', html`<code>${Buffer.from(root).toString('base64')}</code>`],
    ['Signed by', namesOf(signatures.filter(({ name }) => !isAuditorName(name)))],
    ...(auditors.length > 0 ? [['Re-executed to this size by', namesOf(auditors)] as const] : []),
  ]);
  const sent =
    message &&
    section(
      'message',
      'The payment as its bank signed it',
      facts([
        ['Bank', message.headers.ce_source ?? ''],
        ['Message', message.headers.ce_type ?? ''],
        ['Key', message.headers.ce_keyid ?? ''],
        ['Public key: compare it with the bank’s', html`<code>${message.publicKey}</code>`],
      ]),
      whole(Buffer.from(message.payload).toString()),
    );
  const data = `data:application/octet-stream;base64,${Buffer.from(proof).toString('base64')}`;
  return page({
    version,
    title: `Receipt of payment ${uetr}`,
    running: `receipt of ${uetr}`,
    fileName: uetr,
    content: [
      html`<header><p class="kicker">Receipt</p><h1>${uetr}</h1></header>`,
      section('sealed', 'What the log has', sealed),
      ...(sent ? [sent] : []),
      section(
        'check',
        'How to check it',
        html`<p>This page proves nothing by itself: the file <a download="${name}" href="${data}">${name}</a> does. Its text is below.</p>
<p>A policy says whose logs and witnesses are believed. Take it from the operator and the banks, not from who gave you this page.</p>`,
        whole(
          `corridor verify ${name} --policy POLICY\nnode verify-receipt.mjs ${name} POLICY\npython3 verify_receipt.py ${name} POLICY`,
        ),
      ),
      section('file', 'The receipt', whole(proof)),
    ],
  }).text;
}
