import { eventsOf } from '../core/settlement/event-reader.ts';
import { createSettlement } from '../core/settlement/settlement.ts';
import { Replay } from '../replay/replay.ts';
import { replayRun } from '../replay/replay-run.ts';
import { LiquidityBook } from '../report/figures/liquidity-book.ts';

/** What a run's input gives once more: payments.csv does not have it. */
export interface AccountFacts {
  /** The most that payments drew an account, minor units, by `accountName`. */
  readonly drawnMinor: ReadonlyMap<string, bigint>;
  /** Instants of a currency's closes, ms, in their order. */
  readonly closes: ReadonlyMap<string, readonly number[]>;
}

export const accountName = (participant: string, currency: string): string =>
  `${participant} ${currency}`;

/** Replays a run without proving it again: `corridor replay` does that. */
export async function accountFacts(run: string, wasm: WebAssembly.Module): Promise<AccountFacts> {
  const books = new Map<string, LiquidityBook>();
  const closes = new Map<string, number[]>();
  const naming = new Map<LiquidityBook, (participant: number, currency: number) => string>();
  const replay = new Replay(
    () => createSettlement(wasm),
    null,
    ({ pool, batch, directory }) => {
      const book = books.get(pool) ?? new LiquidityBook();
      books.set(pool, book);
      book.fold(batch.events);
      const code = (currency: number) => directory.currency(currency).currency;
      naming.set(book, (participant, currency) =>
        accountName(directory.bic(participant), code(currency)),
      );
      for (const { currency, closesAtMs } of eventsOf(batch.events, 'opened')) {
        const own = closes.get(code(currency)) ?? [];
        closes.set(code(currency), own);
        own.push(closesAtMs);
      }
    },
  );
  await replayRun(run, replay);
  const drawnMinor = [...naming].flatMap(([book, name]) =>
    book.accounts.map(
      ({ participant, currency, drawnMinor }) => [name(participant, currency), drawnMinor] as const,
    ),
  );
  return { drawnMinor: new Map(drawnMinor), closes };
}
