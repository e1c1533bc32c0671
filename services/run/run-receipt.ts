/** The receipt of a payment of a sealed run: what it became, in its pool's log, for whoever has neither run nor log. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TreeHashing } from '../core/evidence/tree-hashing.ts';
import { eventKind } from '../core/settlement/event-reader.ts';
import { EVENT_OFFSETS as AT, EVENT_BYTES } from '../core/settlement/events.ts';
import { type Reason, reasonFromNumber } from '../core/settlement/reasons.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { unprovenCheckpoint } from '../evidence/checkpoint.ts';
import { type Opening, openingOf } from '../evidence/event-commitment.ts';
import { dayName } from '../evidence/event-log.ts';
import { inclusionProof } from '../evidence/merkle-tree.ts';
import { endsPayment, isOfPayment, packedReceipt, type Receipt } from '../evidence/receipt.ts';
import { CHECKPOINT_FILE, subtreesOf } from '../evidence/tiles.ts';
import { formatTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { type Uetr, uetrBytes } from '../protocol/names/identifiers.ts';
import { isControl, readControl, readOriginal } from '../protocol/records/input-record.ts';
import { runInputs } from '../replay/inputs.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
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
  if (!isSealed(run))
    throw new BadInput(
      `--run ${run}: ${existsSync(run) ? '' : 'there is no such folder; '}expected a run that is sealed, as corridor run --results full makes it`,
    );
  const { found, refusal, header } = await endOf(run, uetr);
  if (!found)
    throw new BadInput(
      `${run}: no payment ${uetr} settled, was rejected, cancelled or unwound there${refusal === null ? '' : `; what came under this UETR was refused as not authentic (${refusal}): nobody is known to have sent it, so it has no receipt`}`,
    );
  const { pool, event } = found;
  const folder = poolPath(run, pool);
  const read = (path: string) => readFileSync(join(folder, path));
  const checkpoint = read(CHECKPOINT_FILE).toString();
  const { size } = unprovenCheckpoint(checkpoint);
  const index = Number(event.readBigUInt64LE(AT.number)) - 1;
  const opening = openingOf(event, dayKeysOf(run)(dayName(event)), form);
  const position = Number(event.readBigUInt64LE(AT.paymentPosition));
  const message = header.signatures ? await messageOf(run, header.network, pool, position) : null;
  return formatTlogProof({
    extra: packedReceipt({ opening, message }),
    index,
    path: inclusionProof(subtreesOf({ read }, size, new TreeHashing(compiledCore())), index, size),
    checkpoint,
  });
}

async function endOf(run: string, uetr: Uetr) {
  const wanted = Buffer.from(uetrBytes(uetr));
  const end: Ended = { found: null, refusal: null };
  const replay = new Replay(
    () => createSettlement(compiledCore()),
    null,
    ({ pool, batch }) => {
      const { buffer, byteOffset, length } = batch.events;
      const events = Buffer.from(buffer, byteOffset, length);
      for (let at = events.indexOf(wanted); at >= 0; at = events.indexOf(wanted, at + 1)) {
        const start = at - AT.id;
        if (start < 0 || start % EVENT_BYTES !== 0) continue;
        const event = Buffer.from(events.subarray(start, start + EVENT_BYTES));
        if (endsPayment(event)) end.found = { pool, event };
        else if (isOfPayment(event) && eventKind(event.readUInt16LE(AT.kind)) === 'noticed')
          end.refusal = reasonFromNumber(event.readUInt16LE(AT.reason));
      }
    },
  );
  const { header } = await replayRun(run, replay);
  return { ...end, header };
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
