/** A service whose closing hangs, as a process: `hanging-close.child.js stopped` works until it is stopped, `failed` fails. */
import { runService } from '../../services/platform/service/service-start-and-shutdown.ts';

await runService({
  name: 'hanging',
  description: 'its closing hangs',
  variables: {},
  async start(shared) {
    // Whatever has it hang keeps the process awake.
    shared.close = () => new Promise(() => setInterval(() => {}, 1_000));
    if (process.argv[2] === 'failed') throw new Error('it could not go on');
    process.stdout.write('works\n');
    return { stop: async () => {}, done: new Promise(() => {}) };
  },
});
