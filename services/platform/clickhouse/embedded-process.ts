/**
 * The process in which chDB runs, started by `embedded.ts`. It talks to its parent over the IPC
 * channel alone and ends when that does, however the parent ended: nothing is left behind.
 */
import type { AddressInfo } from 'node:net';
import type { ChildMessage, StartMessage } from './embedded.ts';
import { layEmptyStore, storeDigest } from './empty-store.ts';
import { createFace } from './http-interface.ts';
import { wholeSchema } from './migrate.ts';
import { type Engine, statementOf } from './statement.ts';

/** How long statements in hand may take once the parent is gone or said stop. */
const STOP_MS_MAX = 5_000;

const say = (message: ChildMessage) => process.send?.(message);

/** Where chDB has no binary, importing it throws: that is told when the engine is asked for. */
const loaded = import('./chdb-engine.ts');
loaded.catch(() => {});

async function open({ folder, schema, database }: StartMessage): Promise<Engine> {
  const { openEngine } = await loaded;
  if (schema === null) return openEngine(folder, database);
  const { tables, record } = wholeSchema(schema);
  if (!layEmptyStore(folder, storeDigest(database, tables)))
    return openEngine(folder, database, `${tables};\n${record}`);
  const engine = await openEngine(folder, database);
  await engine.run(statementOf(record, database));
  return engine;
}

async function start(message: StartMessage): Promise<() => Promise<void>> {
  const engine = await open(message);
  const server = createFace(engine, message, message.database);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  say({ kind: 'ready', port: (server.address() as AddressInfo).port });
  return async () => {
    // Resolves when the answers under way are given; idle connections are closed at once.
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
    engine.close();
  };
}

let started: Promise<() => Promise<void>> | undefined;

async function stop() {
  setTimeout(end, STOP_MS_MAX).unref();
  await started?.then((close) => close()).catch(() => {});
  // All is closed and written. An orderly exit runs chDB's destructors, which hang once in a while.
  end();
}

const end = () => process.kill(process.pid, 'SIGKILL');

// Ctrl-C reaches the whole process group; the parent decides when the database is done.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.on('message', (message: StartMessage | { kind: 'stop' }) => {
  if (message.kind === 'stop') {
    void stop();
    return;
  }
  started = start(message);
  started.catch((error: Error & { code?: string }) => {
    say({ kind: 'failed', code: error.code ?? '', message: error.message });
  });
});
