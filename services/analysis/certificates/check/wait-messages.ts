/** Part of the checker of a wait's certificate: each message is signed under a key of its sender that counted there, and says what it says. */
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../../protocol/messages/instruction.ts';
import { type Instruction, isRefusal, readPayload } from '../../../protocol/messages/payload.ts';
import { isSigned } from '../../../protocol/names/signed-message.ts';
import { ISSUE_WINDOW_MS } from '../../../protocol/names/time-windows-and-clocks.ts';
import type { CertifiedKey, CertifiedMessage, WaitCertificate } from '../wait-certificate.ts';

/** What a message of the certificate says, and its place there. */
export interface Read<Said> {
  readonly at: string;
  readonly message: CertifiedMessage;
  readonly said: Said;
}

interface ReadMessages {
  readonly legs: readonly Read<ChainLegInstruction>[];
  readonly attestations: readonly Read<AttestationInstruction>[];
  readonly faults: readonly string[];
}

/** @returns with faults what is read is not all */
export function readMessages(certificate: WaitCertificate): ReadMessages {
  const faults = [...keyFaults(certificate), ...orderFaults(certificate)];
  const read = <Kind extends Instruction['kind']>(
    list: 'legs' | 'attestations',
    kind: Kind,
  ): Read<Extract<Instruction, { kind: Kind }>>[] =>
    certificate[list].flatMap((message, place) => {
      const at = `${list}.${place}`;
      const found = certificate.keys.find((key) => signs(key, message));
      const fault = found ? messageFault(certificate, message, found) : 'its key is not there';
      const said = fault ?? readCertified(certificate, message);
      if (typeof said !== 'string' && said.kind === kind)
        return [{ at, message, said: said as Extract<Instruction, { kind: Kind }> }];
      faults.push(`${at}: ${typeof said === 'string' ? said : `it is no ${kind}`}`);
      return [];
    });
  return {
    legs: read('legs', 'chainLeg'),
    attestations: read('attestations', 'attestation'),
    faults,
  };
}

const signs = ({ participant, keyId }: CertifiedKey, { headers }: CertifiedMessage): boolean =>
  participant === headers.ce_source && keyId === headers.ce_keyid;

/** A public key has one owner and a key id of a participant one key; none is here in vain. */
function keyFaults({ keys, legs, attestations, position }: WaitCertificate): string[] {
  const messages = [...legs, ...attestations];
  return keys.flatMap((key, place) => {
    const { participant, keyId, publicKey, registeredAt, revokedAt } = key;
    const isAgain = keys
      .slice(0, place)
      .some(
        (o) => o.publicKey === publicKey || (o.participant === participant && o.keyId === keyId),
      );
    const isRevokedBefore = revokedAt !== null && revokedAt <= registeredAt;
    return [
      ...(isAgain ? ['it stands there twice'] : []),
      ...(messages.some((message) => signs(key, message)) ? [] : ['nothing is signed with it']),
      ...(isRevokedBefore ? ['it is revoked before it is registered'] : []),
      ...(revokedAt !== null && revokedAt > position ? ['it is revoked after the state'] : []),
    ].map((fault) => `keys.${place}: ${fault}`);
  });
}

/** Every record is there once, its time not before that of those before it, and none is behind the state. */
function orderFaults({ legs, attestations, position, timeMs }: WaitCertificate): string[] {
  const messages = [...legs.entries()].map(([n, m]) => [`legs.${n}`, m] as const);
  const said = [...attestations.entries()].map(([n, m]) => [`attestations.${n}`, m] as const);
  const inLog = [...messages, ...said].sort(([, a], [, b]) => a.position - b.position);
  const ids = new Set<string>();
  const faults = inLog.flatMap(([at, message], place) => {
    const { headers, appendedAtMs } = message;
    const [, before] = inLog[place - 1] ?? [];
    const id = `${headers.ce_source} ${headers.ce_type} ${headers.ce_id}`;
    const isAgain = ids.has(id);
    ids.add(id);
    return [
      ...(isAgain ? ['the message is there twice'] : []),
      ...(before?.position === message.position ? ['its position is there twice'] : []),
      ...(before && before.timeMs > message.timeMs ? ['it is taken before one before it'] : []),
      ...(message.position > position ? [`it is behind the state, at ${position}`] : []),
      ...(message.timeMs > timeMs ? ['it is taken after the state'] : []),
      ...(appendedAtMs > message.timeMs ? ['it is taken before it came'] : []),
    ].map((fault) => `${at}: ${fault}`);
  });
  const isInOrder = attestations.every(
    (m, n) => n === 0 || m.position > (attestations[n - 1]?.position ?? 0),
  );
  return isInOrder ? faults : [...faults, 'attestations: they are not in the order of the log'];
}

const isOneForm = (base64: string): boolean =>
  Buffer.from(base64, 'base64').toString('base64') === base64;

function messageFault(
  { network }: WaitCertificate,
  { position, appendedAtMs, headers, payload }: CertifiedMessage,
  { publicKey, registeredAt, revokedAt }: CertifiedKey,
): string | null {
  if (registeredAt >= position) return `its key is registered later, at ${registeredAt}`;
  if (revokedAt !== null && revokedAt < position)
    return `its key was revoked before, at ${revokedAt}`;
  if (!isOneForm(payload)) return 'its payload is no base64 in its one form';
  if (!isOneForm(headers.ce_signature ?? '')) return 'its signature is no base64 in its one form';
  if (Math.abs(appendedAtMs - Number(headers.ce_issuedatms)) > ISSUE_WINDOW_MS)
    return `it came at ${appendedAtMs}, and was signed at ${headers.ce_issuedatms}`;
  const original = { network, publicKey, headers, payload: Buffer.from(payload, 'base64') };
  return isSigned(original) ? null : `the signature of ${headers.ce_source} does not verify`;
}

/** What it says, or why it cannot be read. */
export function readCertified(
  { network, assets }: Pick<WaitCertificate, 'network' | 'assets'>,
  { headers, payload }: CertifiedMessage,
): Instruction | string {
  const envelope = {
    ...{ messageType: headers.ce_type ?? '', sender: headers.ce_source ?? '' },
    ...{ id: headers.ce_id ?? '', issuedAtMs: Number(headers.ce_issuedatms) },
  };
  const currencies = new Map(assets.map((asset) => [asset.currency, asset]));
  const bytes = Buffer.from(payload, 'base64');
  const read = readPayload(envelope, bytes, currencies, network, true);
  return isRefusal(read) ? `it cannot be read: ${read.detail}` : read;
}
