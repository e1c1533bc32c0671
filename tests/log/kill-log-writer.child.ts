/**
 * A process that writes to an embedded log until it is killed: run by `kill-services.system.test.ts`. For each call
 * that was acknowledged it prints one line, `<first message number> <partition>:<offset> ...`.
 *   node crash.child.js FOLDER FIRST-NUMBER
 */
import { writeSync } from 'node:fs';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import { crashMessage, crashTopic } from './crash-messages.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const log = openEmbeddedLog({ folder });
writeSync(1, 'open\n');

const SIZES = [1, 7, 100, 500];
let number = Number(first);
for (let call = 0; ; call++) {
  // Two calls in one turn share a transaction.
  const writes = [0, 1].map(async (i) => {
    const topic = crashTopic(call + i);
    const count = SIZES[(call + i) % SIZES.length]!;
    const from = number;
    number += count;
    const messages = Array.from({ length: count }, (_, k) => crashMessage(from + k));
    const placed = await log.produce(topic, messages);
    const places = placed.map(({ partition, logOffset }) => `${partition}:${logOffset}`);
    writeSync(1, `${topic} ${from} ${places.join(' ')}\n`);
  });
  await Promise.all(writes);
}
