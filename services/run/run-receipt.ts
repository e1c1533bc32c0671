/** Receipts of a sealed run, for whoever has neither run nor log: what a payment became, and that a document was recorded. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT, EVENT_BYTES } from '../core/settlement/events.ts';
import { type Reason, reasonFromNumber } from '../core/settlement/reasons.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { type Opening, openedEntry, openingOf } from '../evidence/event-commitment.ts';
import { dayName } from '../evidence/event-transparency-log.ts';
import { inclusionProof, isIncluded, leafHash } from '../evidence/merkle-tree.ts';
import {
  digestInEvent,
  endsPayment,
  isOfPayment,
  isRecord,
  packedReceipt,
  type Receipt,
} from '../evidence/receipt.ts';
import { CHECKPOINT_FILE, subtreesOf } from '../evidence/tiles.ts';
import { formatTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { type Uetr, uetrBytes } from '../protocol/names/bic-and-uetr.ts';
import type { InputLogHeader } from '../protocol/records/input-log-file.ts';
import { isControl, readControl, readOriginal } from '../protocol/records/input-record.ts';
import { runInputs } from '../replay/recorded-inputs.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
import { DAY_KEYS_FILE, EVIDENCE } from './run-seal.ts';
import { dayKeysOf, isSealed, poolPath } from './verify-seal.ts';

interface FoundEvent {
  readonly pool: string;
  /** 128 bytes. */
  readonly event: Buffer;
}

interface Ended {
  found: FoundEvent | null;
  /** Why something under its UETR was not authentic; null: nothing was refused for that. */
  refusal: Reason | null;
}

/**
 * @param form open: also the balances after it, which are of both banks
 * @returns the text of a `.tlog-proof`
 * @throws BadInput where the run is not sealed, or has no such payment
 */
export async function runReceipt(run: string, uetr: Uetr, form: Opening['form']): Promise<string> {
  const end: Ended = { found: null, refusal: null };
  const header = await eventsWith(run, AT.id, uetrBytes(uetr), (one) => {
    const { event } = one;
    if (endsPayment(event)) end.found = one;
    else if (isOfPayment(event) && eventKind(event.readUInt16LE(AT.kind)) === 'noticed')
      end.refusal = reasonFromNumber(event.readUInt16LE(AT.reason));
  });
  const { found, refusal } = end;
  if (!found)
    throw new BadInput(
      `${run}: no payment ${uetr} settled, was rejected, cancelled or unwound there${refusal === null ? '' : `; what came under this UETR was refused as not authentic (${refusal}): nobody is known to have sent it, so it has no receipt`}`,
    );
  // Where others have balances, a refusal has the digest of what was refused.
  const isRefusal = eventKind(found.event.readUInt16LE(AT.kind)) === 'rejected';
  return receiptOf(run, header, found, isRefusal ? 'open' : form);
}

/**
 * Of the first record of a document. Nothing in the event of a record is another's, so its opening is open.
 * @param digest the SHA-256 of the document
 * @returns the text of a `.tlog-proof`, and how often the document was recorded
 * @throws BadInput where the run is not sealed, or nobody recorded the document
 */
export async function recordReceipt(run: string, digest: Uint8Array) {
  const records: FoundEvent[] = [];
  const header = await eventsWith(run, AT.balance2, digestInEvent(digest), (one) => {
    if (isRecord(one.event)) records.push(one);
  });
  const timeOf = ({ event }: FoundEvent) => Number(event.readBigInt64LE(AT.timeMs));
  const [first] = records.sort((one, other) => timeOf(one) - timeOf(other));
  if (!first)
    throw new BadInput(
      `${run}: no record has the digest ${Buffer.from(digest).toString('hex')} of this document`,
    );
  return { text: await receiptOf(run, header, first, 'open'), times: records.length };
}

async function receiptOf(
  run: string,
  header: InputLogHeader,
  { pool, event }: FoundEvent,
  form: Opening['form'],
): Promise<string> {
  const folder = poolPath(run, pool);
  const read = (path: string) => readFileSync(join(folder, path));
  const checkpoint = read(CHECKPOINT_FILE).toString();
  const { size, root } = unprovenCheckpoint(checkpoint);
  const index = Number(event.readBigUInt64LE(AT.number)) - 1;
  const day = dayName(event);
  const opening = openingOf(event, dayKeysOf(run)(day), form);
  const path = inclusionProof(
    subtreesOf({ read }, size, new TreeHashing(compiledCore())),
    index,
    size,
  );
  if (!isIncluded(leafHash(openedEntry(opening)), index, size, path, root))
    throw new BadInput(
      `${join(run, EVIDENCE, DAY_KEYS_FILE)}: by its key of ${day} event ${index + 1} of pool ${pool} is not what is sealed; expected the key of that day, and the input.log and evidence/ that were sealed (corridor verify ${run})`,
    );
  const position = Number(event.readBigUInt64LE(AT.paymentPosition));
  const message = header.signatures ? await messageOf(run, header.network, pool, position) : null;
  return formatTlogProof({
    extra: packedReceipt({ opening, message }),
    ...{ index, path, checkpoint },
  });
}

/** Tells of each event of a sealed run that has these bytes at this place, in the order of its pools' logs. */
async function eventsWith(
  run: string,
  place: number,
  bytes: Uint8Array,
  tell: (found: FoundEvent) => void,
): Promise<InputLogHeader> {
  if (!isSealed(run))
    throw new BadInput(
      `--run ${run}: ${existsSync(run) ? '' : 'there is no such folder; '}expected a run that is sealed, as corridor run --results full makes it`,
    );
  const wanted = Buffer.from(bytes);
  const replay = new Replay(
    () => createSettlement(compiledCore()),
    null,
    ({ pool, batch }) => {
      const { buffer, byteOffset, length } = batch.events;
      const events = Buffer.from(buffer, byteOffset, length);
      for (let at = events.indexOf(wanted); at >= 0; at = events.indexOf(wanted, at + 1)) {
        const start = at - place;
        if (start < 0 || start % EVENT_BYTES !== 0) continue;
        tell({ pool, event: Buffer.from(events.subarray(start, start + EVENT_BYTES)) });
      }
    },
  );
  return (await replayRun(run, replay)).header;
}

async function messageOf(
  run: string,
  network: string,
  pool: string,
  position: number,
): Promise<Receipt['message']> {
  const keys = new Map<string, string>();
  let message: Receipt['message'] = null;
  await runInputs(run).read((name, at, value) => {
    if (isControl(value)) {
      const control = readControl(value);
      if (control.kind === 'key') keys.set(`${control.bic}/${control.keyId}`, control.publicKey);
    } else if (name === pool && at === position) {
      const { headers, payload } = readOriginal(value);
      const publicKey = keys.get(`${headers.ce_source}/${headers.ce_keyid}`);
      if (publicKey !== undefined) message = { network, publicKey, headers, payload };
      return false;
    }
    return true;
  });
  return message;
}
