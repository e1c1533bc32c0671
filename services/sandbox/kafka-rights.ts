/**
 * Who may do what on Kafka: all of a network's rights in one table. Kafka's ACLs know principals, not
 * listeners. A service, the operator or a bank that shows a certificate is `CN=<name>`; who comes to the
 * banks' listener without one is `ANONYMOUS`, and has what banks have.
 *
 * Two things follow from it, and tests hold them: a pool's input is written by verifiers and gateways
 * alone, and a bank writes `payments` and `cosignatures` alone.
 */
import type { Grant } from '../platform/log/kafka/acls.ts';
import type { Quota } from '../platform/log/kafka/quotas.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import {
  BLOCKS,
  CASES,
  COMMANDS,
  COSIGNATURES,
  DAY_KEYS,
  PARTICIPANTS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolEvents,
  poolInput,
  QUOTES,
  TELEMETRY,
  topicsOf,
} from '../protocol/names/topic-plan.ts';

/** The services that have a certificate of their own, each by the name of its folder in `services/`. */
export const SERVICES = [
  'verifier',
  'clearing',
  'notifier',
  'metrics',
  'gateway',
  'synchronisation',
] as const;
/** Who settles everything again, from outside of the network's services: all auditors come by this name. */
export const AUDITOR = 'auditor';
/** Who has shown no certificate. */
const ANONYMOUS = 'ANONYMOUS';

type Service = (typeof SERVICES)[number];

/** Of those too that the operator registers later. */
const banksOwn = (bic: Bic) => topicsOf(bic).map(({ name }) => name);
const everyBanks = banksOwn('*' as Bic);

/** What each service's own code asks for, beside what all of them do when they start. */
function rightsOf(pools: readonly string[]): Record<Service, Omit<Grant, 'principal'>> {
  const inputs = pools.map(poolInput);
  const events = pools.map(poolEvents);
  return {
    verifier: {
      writes: [...inputs, PAYMENTS_REJECTED],
      reads: [PAYMENTS, PARTICIPANTS],
      groups: ['verifiers'],
    },
    clearing: { writes: events, reads: events, groups: [] },
    notifier: {
      writes: [...everyBanks, PARTICIPANTS, QUOTES, COMMANDS, BLOCKS, DAY_KEYS],
      reads: [...events, BLOCKS, DAY_KEYS, COSIGNATURES],
      creates: everyBanks,
      groups: ['notifier.*'],
    },
    metrics: { writes: [CASES], reads: [...events, TELEMETRY, CASES, COMMANDS], groups: [] },
    gateway: {
      writes: [PAYMENTS, ...inputs, COSIGNATURES, CASES],
      reads: [...events, PARTICIPANTS, QUOTES, COMMANDS, COSIGNATURES, CASES, ...everyBanks],
      groups: ['gateway.*'],
    },
    // Its attestations are messages as a bank's are. It keeps no position, so it needs no group.
    synchronisation: { writes: [PAYMENTS], reads: events, groups: [] },
  };
}

/**
 * Every service holds the topics and the foundings against its network file before it begins, and
 * reports itself.
 */
export function serviceAccess(
  pools: readonly string[],
  nameOf: (name: string) => string = byCertificate,
): Grant[] {
  const inputs = pools.map(poolInput);
  const events = pools.map(poolEvents);
  const sees = [
    PAYMENTS,
    PAYMENTS_REJECTED,
    PARTICIPANTS,
    QUOTES,
    COMMANDS,
    BLOCKS,
    COSIGNATURES,
    DAY_KEYS,
    CASES,
    TELEMETRY,
    ...inputs,
    ...events,
  ];
  const rights = rightsOf(pools);
  return SERVICES.map((service) => ({
    ...rights[service],
    principal: nameOf(service),
    writes: [...rights[service].writes, TELEMETRY],
    reads: [...rights[service].reads, ...inputs],
    sees,
  }));
}

/** What an auditor settles again and holds it against, and what it says of that. */
export const auditorAccess = (
  pools: readonly string[],
  nameOf: (name: string) => string = byCertificate,
): Grant => ({
  principal: nameOf(AUDITOR),
  writes: [COSIGNATURES],
  reads: [...pools.map(poolInput), ...pools.map(poolEvents), BLOCKS],
  groups: [],
});

/** How Kafka names who shows a certificate, and who comes with a name by SASL. */
export const byCertificate = (name: string): string => `CN=${name}`;
export const byName = (name: string): string => name;

/** Its payments, and as a witness its cosignatures. */
const BANK_WRITES = [PAYMENTS, COSIGNATURES];
/** A bank reads what concerns it and what is everybody's. */
const bankAccess = (bic: Bic, principal: string): Grant => ({
  principal,
  writes: BANK_WRITES,
  reads: [...banksOwn(bic), PARTICIPANTS, QUOTES, BLOCKS, COSIGNATURES],
  groups: [`${bic}.*`],
});

/** Each bank has what is its own: its certificate, or its name, says which it is. */
export const banksByIdentity = (
  bics: readonly Bic[],
  nameOf: (name: string) => string,
): Grant[] => [
  ...bics.map((bic) => bankAccess(bic, nameOf(bic))),
  // Left from a time in which banks came without.
  { principal: ANONYMOUS, writes: [], reads: [], groups: [] },
];

/**
 * What one bank may bring and take of a broker, and a part of a thread's time. Beyond it the broker answers later,
 * and its client sends more slowly. Who cannot be told apart has none: a limit of all would be one bank's to
 * use up.
 */
export const bankQuotas = (
  bics: readonly Bic[],
  nameOf: (name: string) => string,
  bytesPerSecond: number,
): Quota[] => [
  ...bics.map((bic) => ({
    principal: nameOf(bic),
    writtenBytesPerSecond: bytesPerSecond,
    readBytesPerSecond: READ_FOR_WRITTEN * bytesPerSecond,
    requestPercent: REQUEST_PERCENT,
  })),
];
/**
 * Some 80 messages of 1.6 KB a second: what comes at once in a batch holds the others up for as long as it takes, and is
 * to be rare (docs/live.md, "How much one bank may bring").
 */
export const BANK_BYTES_PER_SECOND = 131_072;
/** A bank reads statuses and deliveries of what all others send it, and may have to catch up. */
export const READ_FOR_WRITTEN = 32;
const REQUEST_PERCENT = 50;

/**
 * Nobody can be told from another, so all have the rights of all banks: they read each other's mail.
 * A payment is its bank's by its signature as ever.
 */
export const banksWithoutIdentity = (bics: readonly Bic[]): Grant[] => {
  const each = bics.map((bic) => bankAccess(bic, ANONYMOUS));
  return [
    {
      principal: ANONYMOUS,
      writes: BANK_WRITES,
      reads: [...new Set(each.flatMap(({ reads }) => reads))],
      groups: each.flatMap(({ groups }) => groups),
    },
  ];
};
