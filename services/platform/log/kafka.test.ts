import { after, it } from 'node:test';
import { randomPrefix, removeTopics, sharedBrokers } from '../kafka-broker/for-tests.ts';
import { openKafkaLog } from './kafka.ts';
import { logContract } from './log.contract.ts';

const brokers = await sharedBrokers();

if ('skip' in brokers) it('the log contract: Kafka', { skip: brokers.skip }, () => {});
else {
  const prefixes: string[] = [];
  after(() => removeTopics(brokers, prefixes));
  const open = (prefix = randomPrefix()) => {
    prefixes.push(prefix);
    return openKafkaLog({ brokers, prefix });
  };
  logContract('Kafka', () => open());
}
