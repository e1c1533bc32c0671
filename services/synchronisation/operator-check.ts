import type { LogPort } from '../live/service-context.ts';
import { recordsOf } from '../live/topic-reader.ts';
import { OPERATOR_ROLE } from '../protocol/names/participant-roles.ts';
import { poolInput } from '../protocol/names/topic-plan.ts';
import { isControl, readControl } from '../protocol/records/input-record.ts';

/** Who a service says that it is. */
export interface ClaimedOperator {
  readonly bic: string;
  readonly keyId: string;
  /** 32 bytes: that of the secret key with which it signs. */
  readonly publicKey: Uint8Array;
}

/**
 * Why what an operator attests could never count in one of the pools, in one line; null: it can. A command that names it
 * is taken for done, and a key that was revoked since for good: what they become the pool's clearing decides.
 */
export async function operatorFault(
  log: Pick<LogPort, 'read' | 'startOffset'>,
  pools: readonly string[],
  claimed: ClaimedOperator,
): Promise<string | null> {
  for (const pool of pools) {
    const fault = await faultIn(log, pool, claimed);
    if (fault !== null) return fault;
  }
  return null;
}

/** Reads as far as role and key are both told: as a rule the founding. */
async function faultIn(
  log: Pick<LogPort, 'read' | 'startOffset'>,
  pool: string,
  { bic, keyId, publicKey }: ClaimedOperator,
): Promise<string | null> {
  const own = Buffer.from(publicKey).toString('hex');
  let role: string | null = null;
  let other: string | null = null;
  for await (const { value } of recordsOf(log, poolInput(pool), 0, { from: 0 })) {
    const control = isControl(value) ? readControl(value) : null;
    if (control?.kind === 'participant' && control.bic === bic) role = control.role ?? 'bank';
    if (control?.kind !== 'key' || control.bic !== bic || control.keyId !== keyId) continue;
    other = control.publicKey === own ? null : control.publicKey;
    if (other === null && role === OPERATOR_ROLE) return null;
  }
  if (role !== OPERATOR_ROLE)
    return `CORRIDOR_BIC=${bic}: must be a participant of the role ${OPERATOR_ROLE} in pool ${pool}, ${role === null ? 'and is none' : `not ${role}`}: let the operator of the network add it by a command \`participant\` first, or correct the BIC`;
  if (other === null)
    return `CORRIDOR_KEY_ID=${keyId}: must be a key of ${bic} in pool ${pool}, which has none of that id: register it by a command \`key\` first, or correct the id`;
  return `CORRIDOR_SECRET_KEY_FILE: its public key ${own} must be ${other}, the key ${keyId} of ${bic} in pool ${pool}: name the file of that key, or the id of this one by CORRIDOR_KEY_ID`;
}
