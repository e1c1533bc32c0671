import { isAuditorName, type Policy, parsePolicy } from '../evidence/cosigner-policy.ts';
import { checkTlogProof } from '../evidence/entry-is-in-log.ts';
import { entryOfReceipt, receiptFrom } from '../evidence/receipt.ts';
import type { ReceiptPool } from '../evidence/receipt-terms.ts';
import { EvidenceFault, isSignedBy } from '../evidence/signed-note.ts';
import { parseTlogProof } from '../evidence/tlog-proof.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { type Currencies, currencyTerms } from '../protocol/messages/instruction.ts';
import type { DirectoryNames } from '../protocol/names/handles-to-names.ts';
import { MINOR_UNITS } from '../scenario/currency-decimals.ts';
import { bytesIn, checkReceipt, type ToldReceipt } from './verify-receipt.ts';

/** What a proof of a log has to be held against. */
export interface ProofFlags {
  /** Whose logs are believed. */
  readonly policy?: string;
  /** The bytes that are in the log, where the proof does not say by itself what they are made of. */
  readonly entry?: string;
  /** The names behind a pool's numbers, by pool: evidence/names.json of its run. */
  readonly names?: string;
  /** Of a record: the document. */
  readonly document?: string;
}

/** A receipt by itself has no names: amounts have the decimals of ISO 4217 then. */
const BY_STANDARD: Currencies = new Map(
  [...MINOR_UNITS].map(([code, minorUnits]) => [code, { minorUnits, pool: '' }]),
);

/** What a proof that holds proves. */
export interface ProvenProof {
  /** In words. */
  readonly said: string;
  /** For programs. */
  readonly told: ToldProof;
}

interface ToldProof extends Partial<ToldReceipt> {
  readonly log: {
    readonly origin: string;
    readonly size: number;
    /** Base64. */
    readonly root: string;
    /** Names of the policy's witnesses and auditors. */
    readonly cosigners: readonly string[];
  };
  readonly index: number;
}

/**
 * Checks a `.tlog-proof`, of this program or of any other.
 * @throws EvidenceFault where it proves nothing, BadInput where something is missing
 */
export function verifyProof(file: string, text: string, flags: ProofFlags): ProvenProof {
  if (flags.policy === undefined)
    throw new BadInput(`${file}: expected --policy FILE, which says whose logs are believed`);
  return verifyProofBy(policyIn(flags.policy), file, text, flags);
}

/** The same by a policy that is read already. */
export function verifyProofBy(
  believed: Policy,
  file: string,
  text: string,
  flags: Omit<ProofFlags, 'policy'> = {},
): ProvenProof {
  const { entry } = flags;
  const proof = parseTlogProof(text);
  const receipt = entry === undefined ? receiptFrom(proof.extra ?? new Uint8Array()) : null;
  if (entry === undefined && receipt === null)
    throw new BadInput(
      `${file}: it does not say of what entry it is; expected --entry FILE with the bytes that are in the log`,
    );
  const bytes = receipt
    ? entryOfReceipt(receipt)
    : bytesIn('--entry', entry as string, 'the bytes that are in the log');
  const { index } = proof;
  const { origin, size, root: hash, note } = checkTlogProof(proof, bytes, believed);
  const root = Buffer.from(hash).toString('base64');
  const cosigners = believed.witnesses
    .filter((key) => isSignedBy(note, key))
    .map(({ name }) => name);
  const agreed = [
    ['cosigned by', cosigners.filter((name) => !isAuditorName(name))] as const,
    ['re-executed by', cosigners.filter(isAuditorName)] as const,
  ].flatMap(([how, by]) => (by.length > 0 ? [`, ${how} ${by.join(', ')}`] : []));
  const where = `entry ${index} of ${origin} (checkpoint of ${size}, root ${root}${agreed.join('')})`;
  const log = { origin, size, root, cosigners };
  if (!receipt) return { said: where, told: { log, index } };
  const of = poolOf(origin, flags.names);
  const { said, told } = checkReceipt(receipt, index, of, flags.document);
  return { said: `${said}: ${where}`, told: { log, index, ...told } };
}

/** The pool whose log has this origin, and the names that a file has of it and of the others. */
function poolOf(origin: string, file: string | undefined): ReceiptPool {
  const [, network = '', ...rest] = origin.split('/');
  const pool = rest.at(-1) ?? '';
  if (file === undefined) return { network, pool, currencies: BY_STANDARD, names: null };
  const byPool = namesIn(file, pool);
  const currencies: Currencies = new Map(
    [...byPool].flatMap(([settles, names]) =>
      names.currencies.map((one) => [one.currency, currencyTerms(one, settles)] as const),
    ),
  );
  return { network, pool, currencies, names: byPool.get(pool) as DirectoryNames };
}

/** By pool, this one among them. */
function namesIn(file: string, pool: string): ReadonlyMap<string, DirectoryNames> {
  const expected = `names.json of a sealed run, with pool ${pool}`;
  try {
    const found = new Map<string, DirectoryNames>(
      Object.entries(JSON.parse(bytesIn('--names', file, expected).toString('utf8')) ?? {}),
    );
    const isOne = (names: DirectoryNames | undefined) =>
      Array.isArray(names?.participants) && Array.isArray(names?.currencies);
    if (found.has(pool) && [...found.values()].every(isOne)) return found;
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new BadInput(`--names ${file}: it is no JSON; expected ${expected}`);
    throw error;
  }
  throw new BadInput(`--names ${file}: it has no names of that pool; expected ${expected}`);
}

/** @throws BadInput for one that is none */
export function policyIn(file: string): Policy {
  try {
    return parsePolicy(bytesIn('--policy', file, 'a policy (tlog-policy)').toString('utf8'));
  } catch (error) {
    if (error instanceof EvidenceFault) throw new BadInput(`--policy ${file}: ${error.message}`);
    throw error;
  }
}
