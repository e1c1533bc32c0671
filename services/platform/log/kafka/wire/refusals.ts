/** Why a broker and a client do not come together although both are there, and which variable is at fault. */
import { LogError } from '../../log.ts';

/** How a TLS alert begins: content type 21 (alert), version 3. A size of this is beyond any response's. */
const ALERT = 0x1503;
export const TLS_ALERT = 'it answers by a TLS alert';
export const isTlsAlert = (sizeBytes: number): boolean => sizeBytes >>> 16 === ALERT;

/** Of the settings of a log: to whom it speaks, and as whom. */
interface Peers {
  readonly brokers: string;
  readonly identity: string;
}

interface Fault {
  readonly said: RegExp;
  /** No broker that comes back mends it. */
  readonly isConfiguration: boolean;
  readonly line: (settings: Peers) => string;
}

/** As OpenSSL says it through Node, https://docs.openssl.org/3.0/man1/openssl-verification-options/. */
const FAULTS: readonly Fault[] = [
  {
    said: new RegExp(TLS_ALERT),
    isConfiguration: true,
    line: () =>
      'this port speaks TLS, and no TLS file is set: expected CORRIDOR_KAFKA_CA_FILE, and with it CORRIDOR_KAFKA_CERT_FILE and CORRIDOR_KAFKA_KEY_FILE, or the port of clients without certificates',
  },
  {
    said: /unable to verify the first certificate|self.signed certificate|unable to get (local )?issuer certificate|certificate signature failure/,
    isConfiguration: true,
    line: () =>
      'its certificate is not of an authority in CORRIDOR_KAFKA_CA_FILE: expected there the authority that signed the brokers’ certificates',
  },
  {
    said: /certificate has expired/,
    isConfiguration: false,
    line: () => 'its own certificate has expired: renew that of the broker',
  },
  {
    said: /does not match certificate's altnames/,
    isConfiguration: false,
    line: () =>
      'its certificate is of another name: name the broker in CORRIDOR_LOG as its certificate does, or have that name put into it',
  },
  {
    said: /SSL alert number|(?:ssl|tls)v?\d*\S* alert/,
    isConfiguration: false,
    line: ({ identity }) =>
      `it does not accept this client, which comes ${identity}: expected in CORRIDOR_KAFKA_CERT_FILE and CORRIDOR_KAFKA_KEY_FILE a certificate of an authority that the brokers trust, and that is valid now`,
  },
  {
    said: /wrong version number|packet length too long|before secure TLS connection/,
    isConfiguration: false,
    line: () =>
      'this port does not speak TLS, or its broker ends: expected the port of clients with certificates, or no CORRIDOR_KAFKA_CA_FILE, _CERT_FILE and _KEY_FILE',
  },
];

/** What TLS failed over, in one line with the variable at fault; null: no fault of TLS. */
export function tlsFault(settings: Peers, reason: string): LogError | null {
  const fault = FAULTS.find(({ said }) => said.test(reason));
  if (fault === undefined) return null;
  return new LogError(
    fault.isConfiguration ? 'optionsInvalid' : 'unavailable',
    `Kafka at ${settings.brokers}: ${fault.line(settings)} (${reason})`,
  );
}

/** Topics that are named of those that were asked for: the newest. */
const NAMED_MAX = 5;

/** Who was refused what, and what to do; empty where a broker refuses for another reason. */
export function refusedRights(
  { identity }: Peers,
  type: string | undefined,
  topics: readonly string[],
): string {
  if (!type?.endsWith('AUTHORIZATION_FAILED')) return '';
  const more = topics.length > NAMED_MAX ? ` and ${topics.length - NAMED_MAX} more` : '';
  const asked =
    type === 'TOPIC_AUTHORIZATION_FAILED' && topics.length > 0
      ? `, asking for ${topics.slice(-NAMED_MAX).join(', ')}${more}`
      : '';
  return `: this client comes ${identity}${asked}; expected the variables of one that has the right (infra/kafka/README.md, who may do what), or that \`corridor found\` gives it again`;
}
