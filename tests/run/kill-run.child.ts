import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { load, runScenario } from '../support/run.ts';

/**
 * A run over the embedded log that says, after each produce, what was acknowledged: one line
 * `<topic> <partition> <log offset>`. Its parent kills it.
 *   node crash.child.js FOLDER
 */
const folder = process.argv[2] as string;
const log = openEmbeddedLog({ folder, now: () => 0 });
const telling: Log = {
  ...log,
  async produce(topic, messages) {
    const placements = await log.produce(topic, messages);
    const lines = placements.map(
      ({ partition, logOffset }) => `${topic} ${partition} ${logOffset}\n`,
    );
    process.stdout.write(lines.join(''));
    return placements;
  },
};
await runScenario(load('smoke', ['batchSize=8']), { log: telling });
process.stdout.write('done\n');
