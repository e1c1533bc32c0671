/** The certificate of a chain that waits for what has to be attested: what of the log it has. What it says: analysis/certificates/wait-certificate.ts. */
import type { Certificate } from '../analysis/certificates/certificate-format.ts';
import { checkWait } from '../analysis/certificates/check/wait-check.ts';
import { readCertified } from '../analysis/certificates/check/wait-messages.ts';
import {
  type CertifiedAsset,
  type CertifiedKey,
  type CertifiedMessage,
  certifyWait,
  type WaitCertificate,
} from '../analysis/certificates/wait-certificate.ts';
import type { TakenRecord } from '../analysis/chains/attested-and-earmarked.ts';
import { deadlineMsOf } from '../analysis/chains/awaited-attestors.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { agentsOfAllLegs } from '../protocol/messages/chain.ts';
import { ATTESTATION, CHAIN } from '../protocol/messages/message-types.ts';
import { documentOf } from '../protocol/messages/payload.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { signedHeaders } from '../protocol/names/message-headers.ts';
import { readOriginal, readVerified } from '../protocol/records/input-record.ts';
import { askedOf } from '../protocol/records/pre-validation.ts';
import type { Inputs } from '../replay/recorded-inputs.ts';
import type { PoolState } from '../replay/replayed-state-and-names.ts';

/** A pool by its name, and what it settles. */
export interface PoolAssets {
  readonly name: string;
  readonly directory: Pick<DirectoryNames, 'currencies'>;
}

/** Positions of the records that the certificate of a leg's chain has; none: it does not live. */
export function certifiedRecords({ notes }: PoolState, position: number): readonly number[] {
  const { legs, attested = [] } = notes.recordsOf(position) ?? {};
  return [...(legs?.keys() ?? []), ...attested.map((one) => one.position)];
}

/** Values of records of a pool's input log, by their positions. */
export async function valuesAt(
  inputs: Inputs,
  pool: string,
  positions: readonly number[],
): Promise<Map<number, Uint8Array>> {
  const values = new Map<number, Uint8Array>();
  const wanted = new Set(positions);
  await inputs.read((of, position, value) => {
    if (of === pool && wanted.has(position)) values.set(position, Buffer.from(value));
    return values.size < wanted.size;
  });
  return values;
}

/** A message of the log, and the key under which it is signed. */
function messageOf(
  pool: PoolState,
  { position, timeMs }: TakenRecord,
  values: ReadonlyMap<number, Uint8Array>,
): { readonly message: CertifiedMessage; readonly key: CertifiedKey } {
  const value = values.get(position) as Uint8Array;
  const { appendedAtMs, sender, publicKey } = readVerified(value);
  const { headers, payload } = readOriginal(value);
  const hex = Buffer.from(publicKey).toString('hex');
  const logged = pool.keyOf(hex) ?? { registeredAt: 0, revokedAt: null };
  const kept = {
    headers: signedHeaders(headers),
    payload: Buffer.from(payload).toString('base64'),
  };
  return {
    message: { position, timeMs, appendedAtMs, ...kept },
    key: { participant: sender, keyId: headers.ce_keyid ?? '', publicKey: hex, ...logged },
  };
}

/** Each once, in the order of participants and ids. */
function keysIn(keys: readonly CertifiedKey[]): CertifiedKey[] {
  const byName = new Map(keys.map((key) => [`${key.participant} ${key.keyId}`, key]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

function assetsOf(codes: Iterable<string>, pools: readonly PoolAssets[]): CertifiedAsset[] {
  return [...new Set(codes)].sort().flatMap((currency) =>
    pools.flatMap(({ name, directory }): CertifiedAsset[] => {
      const found = directory.currencies.find((c) => c.currency === currency);
      return found ? [{ currency, minorUnits: found.minorUnits, pool: name }] : [];
    }),
  );
}

/**
 * @param position of a leg of a complete chain whose condition is not met
 * @param values of the records that `certifiedRecords` names
 * @param pools all of the network
 * @param reached the last record that was taken, and the state's time
 * @param queue of the queue in which a leg of it waits to be set aside; null: none does
 * @throws BadInput where its messages do not prove it, as those of a run without signatures
 */
export function certifiedWait(
  pool: PoolState,
  position: number,
  values: ReadonlyMap<number, Uint8Array>,
  pools: readonly PoolAssets[],
  reached: TakenRecord,
  queue: Certificate | null,
): WaitCertificate {
  const { notes, directory, network, preValidation } = pool;
  const {
    legs: taken,
    began,
    attested,
  } = notes.recordsOf(position) as NonNullable<ReturnType<typeof notes.recordsOf>>;
  const legs = (pool.chains.get(position) ?? []).map((leg) => {
    const timeMs = taken.get(leg.position) ?? 0;
    const { message, key } = messageOf(pool, { position: leg.position, timeMs }, values);
    return { key, message: { ...message, setAsideMs: notes.earmarks.get(leg.position) ?? null } };
  });
  const said = attested.map((one) => messageOf(pool, one, values));
  const { payload } = readOriginal(values.get(position) as Uint8Array);
  const document = documentOf(CHAIN, payload);
  const codes = [...agentsOfAllLegs(document)].map(({ code }) => code);
  const named = said.flatMap(({ message }) => currencyNamed(message));
  const assets = assetsOf([...codes, ...named], pools);
  const own = legs.find(({ message }) => message.position === position)?.message;
  const leg = own && readCertified({ network, assets }, own);
  const asked = askedOf(document, preValidation);
  const isPromised = notes.isPromised(position);
  if (asked === null || typeof leg !== 'object' || leg.kind !== 'chainLeg')
    throw new Error(`${position} waits for nobody`);
  const verdicts = [...notes.verdictsOf(position, reached.timeMs)];
  const settlementDate = dayNumber(leg.settlementDate) as number;
  const certificate = certifyWait(
    {
      ...{ began, isPromised, asked, isOver: leg.synchronised !== undefined },
      termsDigest: Buffer.from(leg.termsDigest).toString('hex'),
      verdicts: new Map(verdicts.map(([handle, verdict]) => [directory.bic(handle), verdict])),
      deadlineMs: isPromised ? null : deadlineMsOf(asked, settlementDate, began.appendedAtMs),
    },
    {
      ...{ position: reached.position, network, preValidation, assets },
      keys: keysIn([...legs, ...said].map(({ key }) => key)),
      legs: legs.map(({ message }) => message),
      attestations: said.map(({ message }) => message),
    },
    { ...pool.place(), timeMs: reached.timeMs },
    queue,
  );
  const [fault] = checkWait(certificate);
  if (fault === undefined) return certificate;
  throw new BadInput(
    `--certificate: what is in the log does not prove the wait: ${fault}; expected a state in which it waits, and messages that are signed (no --no-signatures)`,
  );
}

/** The currency that an attestation names, which tells its pool. */
function currencyNamed({ payload }: CertifiedMessage): string[] {
  const document = documentOf(ATTESTATION, Buffer.from(payload, 'base64'));
  const currency = (document as { Attstn?: { Ccy?: string } } | null)?.Attstn?.Ccy;
  return currency === undefined ? [] : [currency];
}
