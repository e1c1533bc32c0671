/** What Kafka lets banks do: an authorizer that allows nothing unless an ACL says so is assumed. */
import kafkajs, { type AclEntry } from 'kafkajs';
import { type KafkaLogOptions, readSettings } from './kafka-options.ts';

// Named exports that Node does not see in kafkajs' CommonJS.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** What one client may do. Its principal is the subject of its certificate: User:CN=<name>. */
export interface Grant {
  readonly name: string;
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  /** Consumer groups whose names begin so are its own. */
  readonly groups: string;
}

/** Adds what is missing; takes nothing away. */
export async function grant(options: KafkaLogOptions, grants: readonly Grant[]): Promise<void> {
  const settings = readSettings(options);
  const admin = settings.kafka(5).admin();
  await admin.connect();
  try {
    await admin.createAcls({ acl: grants.flatMap((one) => entriesOf(one, settings.prefix)) });
  } finally {
    await admin.disconnect();
  }
}

function entriesOf({ name, writes, reads, groups }: Grant, prefix: string): AclEntry[] {
  const allow = (
    resourceType: AclEntry['resourceType'],
    resourceName: string,
    operation: AclEntry['operation'],
    resourcePatternType = ResourcePatternTypes.LITERAL,
  ): AclEntry => ({
    principal: `User:CN=${name}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    resourceType,
    resourceName: `${prefix}${resourceName}`,
    resourcePatternType,
    operation,
  });
  const { TOPIC, GROUP } = AclResourceTypes;
  const { READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS } = AclOperationTypes;
  // What it uses it may hold against its network file: partitions, and how long messages are kept.
  const use = (topic: string, operation: AclEntry['operation']) =>
    [operation, DESCRIBE, DESCRIBE_CONFIGS].map((one) => allow(TOPIC, topic, one));
  return [
    ...writes.flatMap((topic) => use(topic, WRITE)),
    ...reads.flatMap((topic) => use(topic, READ)),
    allow(GROUP, groups, READ, ResourcePatternTypes.PREFIXED),
    allow(GROUP, groups, DESCRIBE, ResourcePatternTypes.PREFIXED),
  ];
}
