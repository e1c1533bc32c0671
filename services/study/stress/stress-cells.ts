/**
 * The cells of a stress test: each is a day with a failure, held against the day without one. Which bank fails
 * at which hour: stress-grid.ts.
 */
import { accountKey } from '../../analysis/ledger.ts';
import { createSettlement } from '../../core/settlement/settlement.ts';
import { eventsHash } from '../../protocol/records/event-chain.ts';
import { PaymentBook } from '../../report/figures/payment-book.ts';
import type { PaymentTable } from '../../report/figures/payment-table.ts';
import { type ReferenceValue, referenceValue } from '../../report/reference-rates.ts';
import { type LoadOptions, loadScenario } from '../../scenario/load-scenario.ts';
import type { Scenario, ScenarioCurrency } from '../../scenario/scenario.ts';
import {
  createDirectSimulation,
  type SharedDay,
  sharedDay,
} from '../../simulator/direct-simulation.ts';
import type { Figures } from '../cell-figures.ts';
import type { CellRows } from '../cell-run.ts';
import { cellScenarios } from '../cell-scenario.ts';
import { optionsOf, type StudyCell } from '../grid.ts';
import type { StressStudy } from '../study-file.ts';
import {
  type LiquidityPath,
  LiquidityPaths,
  type PathDifference,
  pathDifference,
} from './liquidity-paths.ts';
import { outcomesOf, type SettledPayment, settledPayments } from './settled-payments.ts';
import { BANK } from './stress-dimensions.ts';
import { type SetBack, setBackBy } from './who-waits-rounds.ts';

/** What a day came to. */
interface StressDay {
  readonly scenario: Scenario;
  readonly tables: readonly PaymentTable[];
  /** Payments, of which the two legs of a trade that met are one. */
  readonly settled: number;
  /** By pool. */
  readonly paths: readonly ReadonlyMap<number, LiquidityPath>[];
  readonly eventsHash: string;
}

/** The day without failure, against which each of its failures is held. */
interface BaseDay extends Omit<StressDay, 'settled'> {
  readonly settled: readonly SettledPayment[];
  readonly reference: ReferenceValue | null;
  /** An outage moves no draw. */
  readonly shared: SharedDay;
}

/**
 * Runs the cells of a stress test one after the other. The day without failure runs once, before the first.
 * @returns throws where a day does not add up
 */
export function stressCells(
  study: StressStudy,
  readFile: LoadOptions['readFile'],
  wasm: WebAssembly.Module,
): (cell: StudyCell) => Promise<CellRows> {
  const scenarioOf = cellScenarios(study, readFile);
  let base: Promise<BaseDay> | null = null;
  return async (cell) => {
    base ??= baseDay(study, readFile, wasm);
    const without = await base;
    const bank = optionsOf(study, cell.picks)[BANK]?.label as string;
    return failureRows(without, await runDay(scenarioOf(cell), wasm, without.shared), bank);
  };
}

async function baseDay(
  { scenarioFile, stress }: StressStudy,
  readFile: LoadOptions['readFile'],
  wasm: WebAssembly.Module,
): Promise<BaseDay> {
  const scenario = loadScenario(scenarioFile, { readFile, set: stress.set });
  const shared = sharedDay(scenario);
  const day = await runDay(scenario, wasm, shared);
  const settled = settledPayments(scenario, day.tables);
  return { ...day, settled, shared, reference: referenceValue(scenario) };
}

/** A day by the direct door, with nothing kept of it but what became of payments and accounts. */
async function runDay(
  scenario: Scenario,
  wasm: WebAssembly.Module,
  shared: SharedDay,
): Promise<StressDay> {
  const run = createDirectSimulation({
    ...{ scenario, day: shared, signatures: true },
    createSettlement: () => createSettlement(wasm),
  });
  const books = run.pools.map(({ name, clearing }) => ({
    payments: new PaymentBook(name, clearing.directory),
    liquidity: new LiquidityPaths(),
  }));
  for await (const { steps } of run.run())
    for (const [pool, { batch }] of steps.entries()) {
      books[pool]?.payments.fold(batch.events);
      books[pool]?.liquidity.fold(batch.events);
    }
  if (!run.settlements.every((core) => core.conserved()))
    throw new Error('the run does not add up: money was made or lost');
  return {
    scenario,
    tables: books.map(({ payments }) => payments.table),
    settled: books.reduce((sum, { payments }) => sum + payments.settled, 0),
    paths: books.map(({ liquidity }) => liquidity.paths),
    eventsHash: eventsHash(
      new Map(run.pools.map(({ name, clearing }) => [name, clearing.digest()])),
    ),
  };
}

function failureRows(base: BaseDay, day: StressDay, bank: string): CellRows {
  const failed = base.scenario.participants.findIndex(({ bic }) => bic === bank);
  const back = setBackBy(failed, base.settled, outcomesOf(day.tables));
  const accounts = accountDifferences(base, day);
  const others = accounts.filter(({ bic }) => bic !== bank);
  const own = accounts.filter(({ bic }) => bic === bank);
  const { settled, eventsHash: hash } = day;
  const unsettled = back.filter(({ isUnsettled }) => isUnsettled);
  return {
    figures: {
      settledWithout: base.settled.length,
      settled,
      ...unsettledFigures(base, unsettled),
      'newlySettled.payments': settled - base.settled.length + unsettled.length,
      'settledLater.payments': back.length - unsettled.length,
      ...trappedFigures(base, own),
      eventsHash: hash,
    },
    banks: others.map(({ bic, code, lossMinor, atMs, gainMinor, receivedLessMinor }) => ({
      ...{ participant: bic, currency: code, lossMinor: `${lossMinor}` },
      lossReferenceMinor: base.reference && `${base.reference.convert(lossMinor, code)}`,
      worstAt: atMs === null ? null : new Date(atMs).toISOString(),
      ...{ gainMinor: `${gainMinor}`, receivedLessMinor: `${receivedLessMinor}` },
    })),
    corridors: [],
  };
}

/** Numbers and values: of all, of the first round, of those behind it, and how many are in each of these. */
function unsettledFigures(base: BaseDay, unsettled: readonly SetBack[]): Figures {
  const first = unsettled.filter(({ round }) => round === 1);
  const later = unsettled.filter(({ round }) => round !== 1);
  const [ofFirst, ofLater] = [valuesOf(base, first), valuesOf(base, later)];
  const { codes, reference } = ofFirst;
  const last = Math.max(0, ...unsettled.map(({ round }) => round ?? 0));
  const inRound = (wanted: number | null) =>
    unsettled.filter(({ round }) => round === wanted).length;
  return {
    ...named('newlyUnsettled', unsettled.length, {
      codes: codes.map(([code, minor], at) => [code, minor + (ofLater.codes[at]?.[1] ?? 0n)]),
      reference: reference === null ? null : reference + (ofLater.reference ?? 0n),
    }),
    ...named('firstRound', first.length, ofFirst),
    'firstRound.unsent': first.filter(({ isUnsent }) => isUnsent).length,
    ...named('laterRounds', later.length, ofLater),
    'rounds.last': last,
    'rounds.unlinked.payments': inRound(null),
    ...Object.fromEntries(
      Array.from({ length: Math.max(0, last - 1) }, (_, at) => [
        `rounds.${at + 2}.payments`,
        inRound(at + 2),
      ]),
    ),
  };
}

/** By currency, in the scenario's order, and their sum at the reference rates; null: there are none. */
interface Values {
  readonly codes: readonly (readonly [code: string, minor: bigint])[];
  readonly reference: bigint | null;
}

function valuesOf({ scenario, reference }: BaseDay, back: readonly SetBack[]): Values {
  const sums = new Map(scenario.currencies.map(({ code }) => [code, 0n]));
  for (const { payment } of back)
    for (const { currency, amountMinor } of payment.values)
      sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  return withReference([...sums], reference);
}

const withReference = (
  codes: readonly (readonly [string, bigint])[],
  reference: ReferenceValue | null,
): Values => ({
  codes,
  reference:
    reference && codes.reduce((sum, [code, minor]) => sum + reference.convert(minor, code), 0n),
});

const named = (name: string, payments: number | null, { codes, reference }: Values): Figures => ({
  ...(payments !== null && { [`${name}.payments`]: payments }),
  ...Object.fromEntries(codes.map(([code, minor]) => [`${name}.valueMinor.${code}`, `${minor}`])),
  [`${name}.referenceMinor`]: reference === null ? null : `${reference}`,
});

/** What the failed bank has more than on the day without failure, at each account's worst instant. */
const trappedFigures = ({ reference }: BaseDay, own: readonly AccountDifference[]): Figures =>
  named(
    'trapped',
    null,
    withReference(
      own.map(({ code, gainMinor }) => [code, gainMinor]),
      reference,
    ),
  );

interface AccountDifference extends PathDifference {
  readonly bic: string;
  readonly code: string;
}

/** Of each account in money, by bank as in the scenario and by currency. */
function accountDifferences({ scenario, paths }: BaseDay, day: StressDay): AccountDifference[] {
  const { participants, currencies, pools } = scenario;
  return participants.flatMap(({ bic, accounts }, participant) =>
    accounts.flatMap(({ currency }) => {
      const { code, pool, isSecurity } = currencies[currency] as ScenarioCurrency;
      if (isSecurity) return [];
      const key = accountKey(participant, pools[pool]?.currencies.indexOf(currency) ?? -1);
      const [without, failed] = [paths[pool]?.get(key), day.paths[pool]?.get(key)];
      if (!without || !failed) throw new Error(`the account of ${bic} in ${code} was never opened`);
      return [{ bic, code, ...pathDifference(without, failed) }];
    }),
  );
}
