import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSigner, secretKeyFromPem } from '../../services/core/verification/signing.ts';
import { loadMessages } from '../../services/drive/loadgen.ts';
import { headersForHttp } from '../../services/protocol/names/http-headers.ts';
import { envelopeHeaders } from '../../services/protocol/names/message-headers.ts';
import { QUERY, querySigningText } from '../../services/protocol/names/signed-query.ts';
import { KEY_ID } from '../../services/simulator/keys-and-genesis.ts';
import { load } from '../../tests/support/run.ts';

/** A payment as an HTTP request has it. */
export interface Line {
  readonly uetr: string;
  readonly from: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** The bank that floods, and whose BIC is claimed. */
export const FLOODER = 'LB01DE00';

/** Payments of the scenario `load`, signed now: of the flooder, or of all but the first two banks. */
export function lineFrom(
  folder: string,
  wanted: { banks: number; senders: 'flooder' | 'others'; seed: number; count: number },
): Line[] {
  const { banks, senders, seed, count } = wanted;
  const lines: Line[] = [];
  const isWanted = (bic: string) =>
    senders === 'flooder' ? bic === FLOODER : !['LB01DE00', 'LB02DE00'].includes(bic);
  for (const { uetr, message, from } of loadMessages({
    scenario: load('load'),
    payments: count * 4,
    banks,
    seed,
    startMs: Date.now(),
    rate: 0,
    reads: false,
    secretKeyOf: (bic) => secretKey(folder, bic),
  })) {
    if (!isWanted(from.bic)) continue;
    const { headers, value } = message;
    lines.push({
      uetr,
      from: from.bic,
      headers: headersForHttp(headers),
      body: Buffer.from(value),
    });
    if (lines.length === count) return lines;
  }
  throw new Error(`there are ${lines.length} payments of ${count}`);
}

const secretKey = (folder: string, bic: string) =>
  secretKeyFromPem(readFileSync(join(folder, 'keys', `${bic}.pem`), 'utf8'));

/** The headers of a bank's request to read. */
export function readingHeaders(
  folder: string,
  bic: string,
  target: string,
): Record<string, string> {
  const names = { sender: bic, keyId: KEY_ID, id: 'bench', issuedAtMs: Date.now() };
  const text = querySigningText(load('load').network, names, 'GET', target);
  const signature = createSigner(secretKey(folder, bic)).sign(text);
  const headers = headersForHttp(envelopeHeaders({ ...names, messageType: QUERY, signature }));
  delete headers['content-type'];
  return headers;
}
