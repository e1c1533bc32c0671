import { Command } from 'commander';
import { generationOf, tokenIn } from '../metrics/run-generations.ts';
import { type ClickHouseAddress, connectClickHouse } from '../platform/clickhouse/client.ts';
import { startEmbeddedClickHouse } from '../platform/clickhouse/embedded.ts';
import { BadInput } from '../platform/exit-codes.ts';
import { forget } from '../replay/forget-rows-of-run.ts';
import { type NamedStore, storeOf, storeOn } from '../replay/named-store.ts';
import { PUBLISHED_TABLES, rowSums, type Sums } from '../replay/published-rows.ts';
import { type ClickHouseFlags, clickHouseAddress } from './clickhouse-flags.ts';
import { type Published, publishStudy } from './publish-study.ts';

const BLOCK_ROWS = 20_000;
/** A certificate has as many characters as its queues had payments, a few hundred times. */
const CERTIFICATES_AT_ONCE = 100;

interface PublishFlags extends ClickHouseFlags {
  readonly replace?: boolean;
}

export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'copy the rows of finished runs, studies and stress tests to a ClickHouse server, to compare them in Grafana',
    )
    .argument('<folder...>', 'folders of runs, of studies or of stress tests')
    .option('--replace', 'remove what the server has of these before')
    .option('--clickhouse-url <url>', 'the HTTP interface of the server')
    .option('--clickhouse-user <name>', 'who writes there')
    .option('--clickhouse-password-file <file>', 'a file that holds the password')
    .option('--clickhouse-database <name>', 'the database; it must exist', 'corridor')
    .action(async (folders: readonly string[], { replace = false, ...flags }: PublishFlags) => {
      const address = clickHouseAddress('publish', flags);
      for (const folder of folders) {
        const { run, rows, added } =
          (await publishStudy(folder, address, replace)) ??
          (await publish(folder, address, replace));
        process.stdout.write(
          `${folder}: ${run}, ${rows} rows, ${added} of them new, in ${address.url}\n`,
        );
      }
    });
}

/**
 * Copies a run. Doing it again changes nothing: blocks are cut in the same order and have tokens. The
 * rows are counted and summed there afterwards. Throws BadInput where the folder has no run, or the
 * server another history under its name, and an Error where the server has other rows in the end.
 */
export async function publish(
  folder: string,
  address: ClickHouseAddress,
  replace = false,
): Promise<Published> {
  const engine = await startEmbeddedClickHouse({ folder: storeOf(folder) });
  const clients = [connectClickHouse(engine), connectClickHouse(address)] as const;
  const [from, to] = [storeOn(clients[0]), storeOn(clients[1])];
  try {
    // A run of an earlier version has an earlier schema.
    await from.upToDate();
    await to.upToDate();
    const [own] = await from.query<RunRow>('SELECT run, events_hash FROM runs', {});
    if (!own) throw new BadInput(`${folder}: it has no run in its tables`);
    if (replace) await forget(to, own.run);
    const generation = await generationOf(to, own.run);
    await claim(folder, own, generation, to);
    const before = await rowSums(to, own.run);
    const copy = new Copy(own.run, generation, from, to);
    for (const table of PUBLISHED_TABLES)
      await (table === 'certificates' ? copy.certificates() : copy.table(table));
    const there = await rowSums(to, own.run);
    refuseDifferent(folder, address.url, await rowSums(from, own.run), there);
    return { run: own.run, rows: rowsOf(there), added: rowsOf(there) - rowsOf(before) };
  } finally {
    for (const client of clients) await client.close();
    await engine.stop();
  }
}

interface RunRow {
  readonly run: string;
  readonly events_hash: string;
}

const rowsOf = (sums: ReadonlyMap<string, Sums>): number =>
  [...sums.values()].reduce((all, { rows }) => all + rows, 0);

/** Says of which events the rows to come are, before the first: another publication then stops here. */
async function claim(
  folder: string,
  { run, events_hash }: RunRow,
  generation: number,
  to: NamedStore,
): Promise<void> {
  await to.insert(
    'run_generations',
    [{ run, generation, events_hash }],
    tokenIn(generation, `${run}/published`),
  );
  const there = await to.query<RunRow>(
    `SELECT run, events_hash FROM runs WHERE run = {run:String}
     UNION ALL SELECT run, events_hash FROM run_generations
     WHERE run = {run:String} AND generation = {generation:UInt64} AND events_hash != ''`,
    { run, generation },
  );
  const other = there.find((row) => row.events_hash !== events_hash);
  if (other)
    throw new BadInput(
      `${folder}: the server has ${run} with other events (eventsHash ${other.events_hash}): another version of Corridor ran it; --replace removes that`,
    );
}

/** Rows that were removed by hand do not come again under their tokens, and others may be there. */
function refuseDifferent(
  folder: string,
  url: string,
  own: ReadonlyMap<string, Sums>,
  there: ReadonlyMap<string, Sums>,
): void {
  const different = [...own].flatMap(([table, { rows, sum }]) => {
    const found = there.get(table);
    if (found?.rows !== rows) return [`${table} has ${found?.rows} of ${rows} rows`];
    return found.sum === sum ? [] : [`${table} has other rows`];
  });
  if (different.length > 0)
    throw new Error(
      `${folder}: in ${url} ${different.join(', ')}: rows were removed or changed there, or are of another version of Corridor; --replace publishes it anew`,
    );
}

/** A run's rows on their way from its own tables to a server's. */
class Copy {
  readonly #run: string;
  readonly #generation: number;
  readonly #from: NamedStore;
  readonly #to: NamedStore;

  constructor(run: string, generation: number, from: NamedStore, to: NamedStore) {
    this.#run = run;
    this.#generation = generation;
    this.#from = from;
    this.#to = to;
  }

  async table(table: string): Promise<void> {
    const rows = await this.#from.query<object>(
      `SELECT * FROM ${table} WHERE run = {run:String} ORDER BY ALL`,
      { run: this.#run },
    );
    for (let at = 0; at < rows.length; at += BLOCK_ROWS)
      await this.#insert(table, rows.slice(at, at + BLOCK_ROWS), at / BLOCK_ROWS);
  }

  /** The same, a part of them in memory at a time. */
  async certificates(): Promise<void> {
    for (let at = 0; ; at += CERTIFICATES_AT_ONCE) {
      const rows = await this.#from.query<object>(
        `SELECT * FROM certificates WHERE run = {run:String} ORDER BY pool, event_number
         LIMIT ${CERTIFICATES_AT_ONCE} OFFSET ${at}`,
        { run: this.#run },
      );
      await this.#insert('certificates', rows, at);
      if (rows.length < CERTIFICATES_AT_ONCE) return;
    }
  }

  #insert(table: string, rows: readonly object[], block: number): Promise<void> {
    const token = `${this.#run}/published/${table}/${block}`;
    return this.#to.insert(table, rows, tokenIn(this.#generation, token));
  }
}
