import { readFileSync } from 'node:fs';
import { BadInput } from '../platform/exit-codes.ts';
import type { Log } from '../platform/log/log.ts';
import type { ControlRecord } from '../protocol/records/control-record.ts';
import { writeControl } from '../protocol/records/input-record.ts';
import { openLogToRead } from '../replay/named-log.ts';
import { firstFault, replayOpenLog } from '../replay/replay-log.ts';
import { refuseOtherInstructions } from '../scenario/counterfactual-rules.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { LiquidityEvent, Scenario, ScenarioParticipant } from '../scenario/scenario.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import { refounded } from '../simulator/founding-against-scenario.ts';
import { createRecordedSimulation, type PoolRecord } from '../simulator/recorded-simulation.ts';
import type { LoggedSlice, SimulatedRun } from '../simulator/simulated-run.ts';
import { MovedDays, type OpenDates, openDates } from './counterfactual-days.ts';
import { type RecordedNetwork, readRecordedNetwork } from './recorded-network.ts';
import { defaultFolder, type Results } from './run-folder.ts';
import { createCore, type FinishedRun, interruptibly, writeRecorded } from './write-run.ts';

export interface LogCounterfactualRequest {
  /** embedded:<folder> or kafka:<brokers> */
  readonly log: string;
  /** The file of the scenario with which the network was founded. */
  readonly scenario: string;
  readonly set: readonly string[];
  readonly out?: string;
  /** Default: full. */
  readonly results?: Results;
}

/**
 * The same of a live network's log: its pools are founded otherwise, and their currencies open at other
 * hours. All else is as recorded, messages and the operator's commands, at its time.
 */
export function executeLogCounterfactual(request: LogCounterfactualRequest): Promise<FinishedRun> {
  return interruptibly(async (interrupt) => {
    const log = await openLogToRead(request.log, 'corridor-replay');
    try {
      return await run(log, request, interrupt);
    } finally {
      await log.close();
    }
  });
}

async function run(log: Log, request: LogCounterfactualRequest, interrupt: AbortSignal) {
  const { scenario: file, set: overrides, results = 'full' } = request;
  await refuseUnproven(log, request.log);
  const { network, scenario, simulation } = await counterfactualIn(
    log,
    request.log,
    file,
    overrides,
  );

  const out = request.out ?? defaultFolder(scenario, results, '-counterfactual');
  const how = { signatures: true, certificates: true, isLive: true, interrupt };
  const written = { scenario, out, results, overrides, payments: network.payments, ...how };
  return writeRecorded(written, simulation);
}

/** What somebody else wrote into a log is no instruction of a bank. */
async function refuseUnproven(log: Log, spec: string): Promise<void> {
  const fault = firstFault(await replayOpenLog(log, spec));
  if (fault !== null)
    throw new BadInput(
      `--log ${spec}: ${fault}: expected a log that is as its network wrote it; corridor replay --log ${spec} says all that is not`,
    );
}

/** What an open log holds under another founding and other hours, before anything of it has run. */
export async function counterfactualIn(
  log: Log,
  spec: string,
  file: string,
  overrides: readonly string[],
): Promise<{
  readonly network: RecordedNetwork;
  readonly scenario: Scenario;
  readonly simulation: SimulatedRun<LoggedSlice>;
}> {
  const network = await readRecordedNetwork(log, spec, file);
  const { founded, scenario, dates } = changedNetwork(network, file, overrides);
  const simulation = createRecordedSimulation({
    scenario,
    createSettlement: createCore,
    inputs: inputs(network, founded, dates),
    unsent: { unsent: 0, unsentMinor: new Map() },
  });
  return { network, scenario, simulation };
}

/** Pool by pool: they know nothing of each other. */
async function* inputs(
  network: RecordedNetwork,
  founded: Scenario,
  dates: OpenDates,
): AsyncGenerator<readonly PoolRecord[], void> {
  for (const [pool, recorded] of network.pools.entries()) {
    const founding = refounded(founded, pool, recorded);
    yield founding.map((record) => ({ pool, value: writeControl(record) }));
    const days = new MovedDays(dates);
    for await (const records of network.records(pool, founded.batchSize))
      yield records.flatMap((record) => days.take(record));
  }
}

/**
 * The scenario as the network ran it: open on its dates by its own calendar, around the clock in UTC, and
 * without what a live network does not take from it. Then with the overrides: `founded`, and `scenario` with
 * what its operator did since.
 */
function changedNetwork(
  network: RecordedNetwork,
  file: string,
  overrides: readonly string[],
): { founded: Scenario; scenario: Scenario; dates: OpenDates } {
  const load = (set: readonly string[]) =>
    loadScenario(file, {
      readFile: (path) => readFileSync(path, 'utf8'),
      set,
      instructionsOf: network.eventsHash,
    });
  const ran = asRan(load([]).document, network.dates);
  const founded = load([...ran, ...overrides]);
  refuseOtherInstructions(file, overrides, load(ran).document, founded.document, true);
  const participants = [...founded.participants, ...addedParticipants(network, founded)];
  const dates = openDates(network, founded);
  const currencies = founded.currencies.map((currency) => {
    const own = dates.get(currency.code);
    return { ...currency, hours: founded.businessDates.map((date) => own?.get(date) ?? null) };
  });
  const scenario = { ...founded, participants, currencies };
  const liquidityEvents = commandedChanges(network, scenario);
  return { founded, scenario: { ...scenario, liquidityEvents }, dates };
}

function asRan(document: ScenarioDocument, dates: readonly string[]): string[] {
  const { securities, settlement } = document;
  const kinds = Object.keys(securities).length > 0 ? ['currencies', 'securities'] : ['currencies'];
  const own = Object.keys(settlement.currencies);
  return [
    `businessDates=${JSON.stringify(dates)}`,
    ...['traffic=[]', 'trades=[]', 'quotes=[]', 'events={}', 'settlement.cyclesAt=[]'],
    ...own.map((code) => `settlement.currencies.${code}.cyclesAt=[]`),
    'currencies.*.throughputGuidelines=[]',
    ...kinds.flatMap((kind) =>
      ['opens=00:00', 'closes=24:00', 'zone=UTC', 'holidays=[]'].map(
        (hours) => `${kind}.*.${hours}`,
      ),
    ),
  ];
}

/** Those whom the operator registered since, as far as a run needs to know of them. */
function addedParticipants(
  { pools }: RecordedNetwork,
  { participants }: Scenario,
): ScenarioParticipant[] {
  const known = new Set(participants.map(({ bic }) => bic));
  const added = new Map<string, ScenarioParticipant>();
  for (const command of pools.flatMap(({ commands }) => commands))
    if (command.kind === 'participant' && !known.has(command.bic)) {
      const { bic, name, role, syntax } = command;
      const named = { bic, name, role, ...(syntax && { syntax }) };
      added.set(bic, { ...named, size: 0, accounts: [], acrossCurrencies: null });
    }
  return [...added.values()];
}

/** The operator's commands that change liquidity, as a scenario says them. */
function commandedChanges(
  { pools }: RecordedNetwork,
  { participants, currencies }: Scenario,
): LiquidityEvent[] {
  const account = ({ bic, currency }: { readonly bic: string; readonly currency: string }) => ({
    participant: participants.findIndex((one) => one.bic === bic),
    currency: currencies.findIndex(({ code }) => code === currency),
  });
  const change = (command: ControlRecord): LiquidityEvent[] => {
    const { kind, timeMs: atMs } = command;
    switch (kind) {
      case 'creditLine':
      case 'issue':
      case 'redeem': {
        const amountMinor = BigInt(command.amountMinor);
        return [{ kind, atMs, ...account(command), amountMinor, haircutBasisPoints: 0 }];
      }
      case 'collateral': {
        const { collateralMinor, haircutBasisPoints } = command;
        const amountMinor = BigInt(collateralMinor);
        return [{ kind, atMs, ...account(command), amountMinor, haircutBasisPoints }];
      }
      default:
        return [];
    }
  };
  return pools.flatMap(({ commands, genesis }) =>
    commands.filter(({ timeMs }) => timeMs > genesis.timeMs).flatMap(change),
  );
}
