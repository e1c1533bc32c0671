import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditedAccountsBook } from '../analysis/audited-accounts-book.ts';
import { eventsOf } from '../core/settlement/event-reader.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import type { Directory } from '../protocol/names/handles-to-names.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { OBSERVED_FILE, observedScenario } from '../scenario/observed-times.ts';
import type { OpenHours } from '../scenario/scenario.ts';
import { createObservedSimulation } from '../simulator/observed-simulation.ts';
import { type DrawnByHour, HourlyLiquidity } from './hourly-liquidity.ts';

/** What a run's events give once more: payments.csv does not have it. */
export interface AccountFacts {
  /** The most that payments drew an account, minor units, by `accountName`. */
  readonly drawnMinor: ReadonlyMap<string, bigint>;
  /** The same by hour. */
  readonly drawnByHour: DrawnByHour;
  /** Of a currency on its dates, in their order. */
  readonly openHours: ReadonlyMap<string, readonly OpenHours[]>;
}

export const accountName = (participant: string, currency: string): string =>
  `${participant} ${currency}`;

/** Replays a run without proving it again: `corridor replay` does that. */
export async function replayedFacts(run: string, wasm: WebAssembly.Module): Promise<AccountFacts> {
  const facts = new FactsBook();
  const replay = new Replay(
    () => createSettlement(wasm),
    null,
    ({ pool, batch, directory }) => facts.take(pool, batch.events, directory),
  );
  await replayRun(run, replay);
  return facts.facts();
}

/** The same of an observation: its events are written anew from what its folder holds. */
export async function observedFacts(run: string, wasm: WebAssembly.Module): Promise<AccountFacts> {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const loaded = loadScenario(join(run, 'scenario.json'), { readFile });
  const times = join(run, 'inputs', OBSERVED_FILE);
  const scenario = observedScenario(loaded, times, readFile(times));
  const createCore = () => createSettlement(wasm);
  const { pools, run: slices } = createObservedSimulation({
    scenario,
    createSettlement: createCore,
  });
  const facts = new FactsBook();
  for await (const { steps } of slices())
    for (const [index, { batch }] of steps.entries()) {
      const { name, clearing } = pools[index] as (typeof pools)[number];
      facts.take(name, batch.events, clearing.directory);
    }
  return facts.facts();
}

interface PoolFacts {
  readonly hours: HourlyLiquidity;
  readonly liquidity: AuditedAccountsBook;
  readonly directory: Directory;
}

/** Gathers them from the events of all pools. */
class FactsBook {
  readonly #pools = new Map<string, PoolFacts>();
  readonly #openHours = new Map<string, OpenHours[]>();

  take(pool: string, events: Uint8Array, directory: Directory): void {
    let own = this.#pools.get(pool);
    if (!own) {
      const hours = new HourlyLiquidity();
      own = { hours, liquidity: new AuditedAccountsBook(hours.note), directory };
      this.#pools.set(pool, own);
    }
    own.liquidity.fold(events);
    for (const { currency, timeMs, closesAtMs } of eventsOf(events, 'opened')) {
      const code = directory.currency(currency).currency;
      const dates = this.#openHours.get(code) ?? [];
      this.#openHours.set(code, dates);
      dates.push({ opensMs: timeMs, closesMs: closesAtMs });
    }
  }

  facts(): AccountFacts {
    const accounts = [...this.#pools.values()].flatMap(({ hours, liquidity, directory }) =>
      liquidity.accounts.map(({ participant, currency, drawnMinor }) => ({
        name: accountName(directory.bic(participant), directory.currency(currency).currency),
        ...{ drawnMinor, hours: hours.of(participant, currency) },
      })),
    );
    return {
      drawnMinor: new Map(accounts.map(({ name, drawnMinor }) => [name, drawnMinor])),
      drawnByHour: new Map(accounts.map(({ name, hours }) => [name, hours])),
      openHours: this.#openHours,
    };
  }
}
