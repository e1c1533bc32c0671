import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { certificateFaults } from '../analysis/certificates/check/verify-certificate.ts';
import { CycleCertifier } from '../analysis/certificates/cycle-certificates.ts';
import { certificateInsertion, certificateRow } from '../metrics/certificate-rows.ts';
import { generationOf, tokenIn } from '../metrics/run-generations.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import {
  type NamedStore,
  onlyRun,
  type StorePlace,
  sandboxStore,
  withStore,
} from '../replay/named-store.ts';
import { type Inputs, logInputs } from '../replay/recorded-inputs.ts';
import { PoolState } from '../replay/replayed-state-and-names.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';

interface CertifyFlags extends ClickHouseFlags {
  readonly log?: string;
  readonly run?: string;
}

export function certifyCommand(): Command {
  return new Command('certify')
    .description(
      "write the certificates of a live network's cycles into its analysis store: those that it lacks",
    )
    .argument('[folder]', 'folder of a sandbox that is not running')
    .option('--log <log>', "a live network's log: embedded:<folder> or kafka:<host:port>[,...]")
    .option('--clickhouse-url <url>', 'with --log: the HTTP interface of its ClickHouse')
    .option('--clickhouse-user <name>', 'with --log: who writes there')
    .option('--clickhouse-password-file <file>', 'with --log: a file that holds the password')
    .option('--clickhouse-database <name>', 'with --log: the database', 'corridor')
    .option('--run <name>', 'with --log: the name of the rows (default: the only one there)')
    .action(async (folder: string | undefined, flags: CertifyFlags) => {
      const { inputs, place, run: named } = subjectOf(folder, flags);
      await withStore(place, async (store) => {
        await store.upToDate();
        const run = named ?? (await onlyRun(store.query, inputs.name));
        const count = await certify(inputs, store, run);
        process.stdout.write(`${run}: ${count} certificates written, each checked before\n`);
      });
    });
}

interface Subject {
  readonly inputs: Inputs;
  readonly place: StorePlace;
  readonly run: string | undefined;
}

function subjectOf(folder: string | undefined, flags: CertifyFlags): Subject {
  const { log, run } = flags;
  if ((folder === undefined) === (log === undefined))
    throw new BadInput('certify: expected the folder of a sandbox, or --log');
  if (folder === undefined)
    return {
      inputs: logInputs(log as string),
      place: { address: clickHouseAddress('--log', flags) },
      run,
    };
  if (existsSync(join(folder, 'input.log')))
    throw new BadInput(`${folder}: it is a run, which has its certificates; expected a sandbox`);
  const { place, run: founded } = sandboxStore(folder);
  return { inputs: logInputs(`embedded:${join(folder, 'log')}`), place, run: founded };
}

/**
 * Settles the pools' inputs again and inserts the certificate of each step that the store lacks. Whoever
 * does it, and however often: a certificate is there once.
 * @returns how many were inserted
 */
async function certify(inputs: Inputs, store: NamedStore, run: string): Promise<number> {
  const known = new Set(
    (
      await store.query<{ pool: string; event: string }>(
        `SELECT pool, toString(event_number) AS event FROM certificates WHERE run = {run:String}`,
        { run },
      )
    ).map(({ pool, event }) => `${pool}/${event}`),
  );
  const generation = await generationOf(store, run);
  const wasm = compiledCore();
  const pools = new Map<string, PoolState>();
  let waiting: ReturnType<typeof certificateInsertion>[] = [];
  let count = 0;
  const begin = (name: string): PoolState => {
    const pool = new PoolState(name, wasm, ({ batch }) => {
      for (const step of certifier.take(batch)) {
        const [fault] = certificateFaults(step.certificate);
        if (fault !== undefined)
          throw new Error(`pool ${name}: the certificate of event ${step.event.number}: ${fault}`);
        waiting.push(certificateInsertion(certificateRow(run, step)));
      }
    });
    const certifier: CycleCertifier = new CycleCertifier(
      pool.settlement,
      name,
      pool.directory,
      // Its first event comes next.
      ({ event }) => !known.has(`${name}/${event + 1}`),
    );
    pools.set(name, pool);
    return pool;
  };
  const insert = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    for (const { table, rows: row, token } of rows)
      await store.insert(table, row, tokenIn(generation, token));
    count += rows.length;
  };
  await inputs.read((name, position, value) => {
    (pools.get(name) ?? begin(name)).take(position, value);
    return true;
  }, insert);
  for (const pool of pools.values()) pool.flush();
  await insert();
  return count;
}
