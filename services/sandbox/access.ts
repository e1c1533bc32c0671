/**
 * Who may do what on Kafka: all of a network's rights in one table. Kafka's ACLs know principals, not
 * listeners. A service, the operator or a bank that shows a certificate is `CN=<name>`; who comes to the
 * banks' listener without one is `ANONYMOUS`, and has what banks have.
 *
 * Two things follow from it, and tests hold them: a pool's input is written by verifiers and gateways
 * alone, and a bank writes `payments` alone.
 */
import type { Grant } from '../platform/log/kafka/acls.ts';
import type { Bic } from '../protocol/names/identifiers.ts';
import {
  deliveriesOf,
  PARTICIPANTS,
  PAYMENTS,
  PAYMENTS_REJECTED,
  poolEvents,
  poolInput,
  statusesOf,
  TELEMETRY,
} from '../protocol/names/topic-plan.ts';

/** The services that have a certificate of their own, each by the name of its folder in `services/`. */
export const SERVICES = ['verifier', 'clearing', 'notifier', 'metrics', 'gateway'] as const;
/** Who has shown no certificate. */
const ANONYMOUS = 'ANONYMOUS';

type Service = (typeof SERVICES)[number];

/** Of those too that the operator registers later. */
const everyBanks = [statusesOf('*' as Bic), deliveriesOf('*' as Bic)];

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
      writes: [...everyBanks, PARTICIPANTS],
      reads: events,
      creates: everyBanks,
      groups: ['notifier.*'],
    },
    metrics: { writes: [], reads: [...events, TELEMETRY], groups: [] },
    gateway: {
      writes: [PAYMENTS, ...inputs],
      reads: [...events, PARTICIPANTS, ...everyBanks],
      groups: ['gateway.*'],
    },
  };
}

/**
 * Every service holds the topics and the foundings against its network file before it begins, and
 * reports itself.
 */
export function serviceAccess(pools: readonly string[]): Grant[] {
  const inputs = pools.map(poolInput);
  const events = pools.map(poolEvents);
  const sees = [PAYMENTS, PAYMENTS_REJECTED, PARTICIPANTS, TELEMETRY, ...inputs, ...events];
  const rights = rightsOf(pools);
  return SERVICES.map((service) => ({
    ...rights[service],
    principal: `CN=${service}`,
    writes: [...rights[service].writes, TELEMETRY],
    reads: [...rights[service].reads, ...inputs],
    sees,
  }));
}

/** A bank writes payments, and reads what concerns it and what is everybody's. */
const bankAccess = (bic: Bic, principal: string): Grant => ({
  principal,
  writes: [PAYMENTS],
  reads: [statusesOf(bic), deliveriesOf(bic), PARTICIPANTS],
  groups: [`${bic}.*`],
});

/** Each bank has what is its own: its certificate says which it is. */
export const banksByCertificate = (bics: readonly Bic[]): Grant[] => [
  ...bics.map((bic) => bankAccess(bic, `CN=${bic}`)),
  // Left from a time in which banks came without.
  { principal: ANONYMOUS, writes: [], reads: [], groups: [] },
];

/**
 * Nobody can be told from another, so all have the rights of all banks: they read each other's mail.
 * A payment is its bank's by its signature as ever.
 */
export const banksWithoutIdentity = (bics: readonly Bic[]): Grant[] => {
  const each = bics.map((bic) => bankAccess(bic, ANONYMOUS));
  return [
    {
      principal: ANONYMOUS,
      writes: [PAYMENTS],
      reads: [...new Set(each.flatMap(({ reads }) => reads))],
      groups: each.flatMap(({ groups }) => groups),
    },
  ];
};
