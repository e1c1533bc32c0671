import { readFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import type { WatchModel } from '../analysis/watch/watch-model.ts';
import { poolNames } from '../live/network.ts';
import { joinNetwork } from '../live/network-against-log.ts';
import { reporting } from '../live/service-telemetry.ts';
import { AccessFault, createStore } from '../platform/clickhouse/reconnecting-store.ts';
import { ConfigError } from '../platform/service/environment-variables.ts';
import { readSecretFile } from '../platform/service/secret-files.ts';
import { runService } from '../platform/service/service-start-and-shutdown.ts';
import { alertRulesText, schemaFolder } from '../platform/service/shipped-files.ts';
import { readAlertRules } from './ask-alert-rules.ts';
import { startMetrics } from './metrics-service.ts';
import { liveModel } from './score-live-payments.ts';

await runService({
  name: 'metrics',
  description: 'writes what happened into ClickHouse; one process a network',
  variables: {
    CORRIDOR_CLICKHOUSE_URL: Type.String({
      pattern: '^https?://[^ ]+$',
      description: 'the HTTP interface of the ClickHouse server',
      sample: 'http://127.0.0.1:8123',
    }),
    CORRIDOR_CLICKHOUSE_USER: Type.String({ minLength: 1, description: 'who writes there' }),
    CORRIDOR_CLICKHOUSE_PASSWORD_FILE: Type.String({
      minLength: 1,
      description: 'a file that holds the password',
    }),
    CORRIDOR_CLICKHOUSE_DATABASE: Type.String({
      default: 'corridor',
      description: 'the database; it must exist',
    }),
    CORRIDOR_WATCH_MODEL_FILE: Type.Optional(
      Type.String({
        description:
          'a model of `corridor watch train`, by which payments are scored as they come in; without one none is',
      }),
    ),
  },
  async start(shared, config, network) {
    const password = readSecretFile(
      'CORRIDOR_CLICKHOUSE_PASSWORD_FILE',
      config.CORRIDOR_CLICKHOUSE_PASSWORD_FILE,
    );
    const watch = modelIn(config.CORRIDOR_WATCH_MODEL_FILE);
    await joinNetwork(shared.context('metrics'), network);
    const store = createStore(
      async () => ({
        url: config.CORRIDOR_CLICKHOUSE_URL,
        username: config.CORRIDOR_CLICKHOUSE_USER,
        password,
        database: config.CORRIDOR_CLICKHOUSE_DATABASE,
      }),
      schemaFolder(),
    );
    await store.check().catch(async (error: unknown) => {
      await store.close();
      if (!(error instanceof AccessFault)) throw error;
      const { CORRIDOR_CLICKHOUSE_URL: url, CORRIDOR_CLICKHOUSE_USER: user } = config;
      throw new ConfigError(`CORRIDOR_CLICKHOUSE_URL=${url}: refuses ${user}: ${error.message}`);
    });
    const { run } = network;
    const pools = poolNames(network);
    const service = await startMetrics((pool) => shared.context('metrics', pool), {
      run,
      pools,
      ...(network.scenario && { scenario: network.scenario }),
      store,
      rules: readAlertRules(alertRulesText()),
      ...(watch && { watch }),
    });
    const running = { ...service, stop: () => service.stop().finally(() => store.close()) };
    return reporting(shared.context('metrics'), running, {
      instance: config.CORRIDOR_INSTANCE,
      samples: shared.health.samples,
    });
  },
});

/** @throws ConfigError where the file is none, or its model does not fit */
function modelIn(file: string | undefined): WatchModel | undefined {
  if (file === undefined) return undefined;
  try {
    return liveModel(readFileSync(file));
  } catch (error) {
    throw new ConfigError(`CORRIDOR_WATCH_MODEL_FILE=${file}: ${(error as Error).message}`);
  }
}
