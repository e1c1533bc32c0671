/** Sets rights on Kafka (which: `services/sandbox/kafka-rights.ts`), where an authorizer allows nothing unless an ACL says so. */
import kafkajs, { type AclEntry, type Admin } from 'kafkajs';
import { LogError } from '../log.ts';
import { type KafkaLogOptions, readSettings } from './connection-tls-and-timeouts.ts';
import { failureOf } from './wire/broker-retries.ts';

// Named exports that Node does not see in kafkajs' CommonJS.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** All that one principal may do. A name that ends in `*` stands for all that begin so. */
export interface Grant {
  /** As Kafka has it, behind `User:`: the subject of a certificate (`CN=<name>`), or `ANONYMOUS`. */
  readonly principal: string;
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  /** Consumer groups. */
  readonly groups: readonly string[];
  /** Topics that it is told of: which there are, and how they are configured. */
  readonly sees?: readonly string[];
  readonly creates?: readonly string[];
}

/**
 * Sets the rights of these principals: what they lack is added, what else they have is taken away.
 * Those of others stay.
 * @throws LogError `storeFailed` where the broker has no authorizer, or this client may not do it
 */
export async function setGrants(options: KafkaLogOptions, grants: readonly Grant[]): Promise<void> {
  const settings = readSettings(options);
  const admin = settings.kafka(5).admin();
  try {
    await admin.connect();
    const wanted = new Map<string, AclEntry>();
    for (const grant of grants)
      for (const entry of entriesOf(grant, settings.prefix)) wanted.set(nameOf(entry), entry);
    const existing = new Map<string, AclEntry>();
    for (const principal of new Set(grants.map((one) => `User:${one.principal}`)))
      for (const entry of await entriesThere(admin, principal)) existing.set(nameOf(entry), entry);
    const missing = [...wanted].flatMap(([name, entry]) => (existing.has(name) ? [] : [entry]));
    const beyond = [...existing].flatMap(([name, entry]) => (wanted.has(name) ? [] : [entry]));
    if (missing.length > 0) await admin.createAcls({ acl: missing });
    if (beyond.length > 0) await admin.deleteAcls({ filters: beyond });
  } catch (error) {
    const { type, message } = failureOf(error);
    throw new LogError(
      'storeFailed',
      type === 'SECURITY_DISABLED'
        ? `Kafka at ${settings.brokers} has no authorizer: whoever reaches it may write everything`
        : `rights at ${settings.brokers} cannot be set: ${message}`,
      { cause: error },
    );
  } finally {
    await admin.disconnect();
  }
}

async function entriesThere(admin: Admin, principal: string): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    principal,
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  return resources.flatMap(({ acls, ...resource }) => acls.map((acl) => ({ ...resource, ...acl })));
}

const nameOf = (entry: AclEntry): string =>
  [
    entry.principal,
    entry.host,
    entry.permissionType,
    entry.resourceType,
    entry.resourcePatternType,
    entry.resourceName,
    entry.operation,
  ].join(' ');

function entriesOf(grant: Grant, prefix: string): AclEntry[] {
  const { TOPIC, GROUP } = AclResourceTypes;
  const { READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS } = AclOperationTypes;
  const allow =
    (resourceType: AclEntry['resourceType'], ...operations: AclEntry['operation'][]) =>
    (name: string): AclEntry[] =>
      operations.map((operation) => ({
        principal: `User:${grant.principal}`,
        host: '*',
        permissionType: AclPermissionTypes.ALLOW,
        resourceType,
        resourceName: prefix + name.replace(/\*$/, ''),
        resourcePatternType: name.endsWith('*')
          ? ResourcePatternTypes.PREFIXED
          : ResourcePatternTypes.LITERAL,
        operation,
      }));
  // What it uses it may hold against its network file: partitions, and how long messages are kept.
  const told = [DESCRIBE, DESCRIBE_CONFIGS];
  return [
    ...grant.writes.flatMap(allow(TOPIC, WRITE, ...told)),
    ...grant.reads.flatMap(allow(TOPIC, READ, ...told)),
    ...(grant.sees ?? []).flatMap(allow(TOPIC, ...told)),
    ...(grant.creates ?? []).flatMap(allow(TOPIC, CREATE, ...told)),
    ...grant.groups.flatMap(allow(GROUP, READ, DESCRIBE)),
  ];
}
