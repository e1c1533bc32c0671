import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInput } from '../platform/exit-codes.ts';
import { isPaymentType } from '../protocol/messages/message-types.ts';
import { payloadDigestHex } from '../protocol/names/signing-text.ts';
import type { CoreLimits } from '../protocol/records/control-record.ts';
import type { InputLogHeader, InputLogTrailer } from '../protocol/records/input-log-file.ts';
import { isControl, readControl, readVerified } from '../protocol/records/input-record.ts';
import { RULES_VERSION } from '../protocol/records/rules-version.ts';
import {
  damagedFile,
  type FiledRecord,
  filedRecords,
  inputLogOf,
} from '../replay/recorded-inputs.ts';
import { readSummary } from '../replay/replay-run.ts';
import type { Summary } from '../report/figures/summary.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  isQuote,
  operatorRecords,
  type RecordedInstructions,
} from '../simulator/counterfactual-inputs.ts';

/** A finished run whose files agree with each other: what its participants sent, and its scenario. */
export interface RecordedRun extends RecordedInstructions {
  readonly header: InputLogHeader;
  readonly eventsHash: string;
  /** Messages that hold a payment or a leg, repeats among them. */
  readonly payments: number;
  readonly summary: Summary;
  /** Its scenario as it was run, or with changes. */
  load(set: readonly string[]): Scenario;
  /** The file that `load` reads. */
  readonly scenarioFile: string;
  /** What participants sent, in order, in batches of at least so many. */
  messages(atLeast: number): AsyncGenerator<readonly FiledRecord[], void>;
}

/** @throws BadInput where the folder holds no such run, or one of its files was changed since */
export async function readRecordedRun(run: string): Promise<RecordedRun> {
  if (run.endsWith('.log'))
    throw new BadInput(`${run}: expected the folder of a run, which has its scenario.json too`);
  const told = readSummary(run);
  const file = inputLogOf(run);
  const scenarioFile = join(run, 'scenario.json');
  if (!existsSync(scenarioFile))
    throw new BadInput(
      `${scenarioFile}: not found; expected a run of this version, which writes it`,
    );
  const scan = await Scan.of(file);
  const { header, trailer } = scan;
  if (header.isLive)
    throw new BadInput(
      `${run}: no scenario gives the records of a live network’s operator; expected another counterfactual of its log (--log)`,
    );
  if (told?.digest !== trailer.summaryDigest)
    throw damagedFile(join(run, 'summary.json'), 'it is not the file that the run wrote');
  const { overrides = [] } = (told?.summary ?? {}) as Partial<Summary>;
  if (overrides.some((one) => one.startsWith('--mechanism ')))
    throw new BadInput(
      `${run}: what its cycles settled was proposed by a mechanism of its own, which no scenario has; expected a run without --mechanism`,
    );
  const { eventsHash, scenarioDigest } = trailer;
  if (
    scenarioDigest !== undefined &&
    payloadDigestHex(readFileSync(scenarioFile)) !== scenarioDigest
  )
    throw damagedFile(scenarioFile, 'it is not the file that the run wrote');
  const load = (set: readonly string[]) =>
    loadScenario(scenarioFile, {
      readFile: (path) => readFileSync(path, 'utf8'),
      set,
      instructionsOf: eventsHash,
    });
  const { quotes, firstMs, payments } = scan;
  const recorded = {
    quotes,
    firstMs,
    limits: scan.pools.map(({ limits }) => limits as CoreLimits),
  };
  const foreign = foreignPart(load([]), header, recorded, scan);
  if (foreign !== null)
    throw new BadInput(
      `${scenarioFile}: ${foreign}: expected the scenario as it was run, by this version`,
    );
  const summary = told?.summary as Summary;
  const messages = (atLeast: number) => messagesIn(file, atLeast);
  return { ...recorded, header, eventsHash, payments, summary, load, scenarioFile, messages };
}

/** What a first reading of an input.log gathers. */
class Scan {
  header!: InputLogHeader;
  trailer!: InputLogTrailer;
  /** Of each pool: a digest of its control records, and the room that its genesis asks for. */
  pools: { readonly controls: ControlDigest; limits: CoreLimits | null }[] = [];
  readonly quotes: { readonly atMs: number; readonly pool: number }[] = [];
  firstMs = Number.POSITIVE_INFINITY;
  payments = 0;

  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  static async of(file: string): Promise<Scan> {
    const scan = new Scan(file);
    let inputDigest = '';
    const ends = {
      header: (header: InputLogHeader) => {
        scan.header = header;
        scan.pools = header.pools.map(() => ({ controls: new ControlDigest(), limits: null }));
      },
      trailer: (trailer: InputLogTrailer, digest: string) => {
        scan.trailer = trailer;
        inputDigest = digest;
      },
    };
    for await (const records of filedRecords(file, ends))
      for (const record of records) {
        const fault = scan.#fault(record);
        if (fault !== null) throw damagedFile(file, fault);
      }
    if (inputDigest !== scan.trailer.inputDigest)
      throw damagedFile(file, 'it is not the file that the run wrote');
    if (scan.pools.some(({ limits }) => limits === null))
      throw damagedFile(file, 'a pool in it has no genesis');
    return scan;
  }

  #fault(record: FiledRecord): string | null {
    try {
      this.#take(record);
      return null;
    } catch (error) {
      if (error instanceof BadInput) throw error;
      return (error as Error).message;
    }
  }

  #take({ pool, value }: FiledRecord): void {
    const of = this.pools[pool] as Scan['pools'][number];
    if (isControl(value)) {
      of.controls.take(value);
      if (of.limits !== null) return;
      const genesis = readControl(value);
      if (genesis.kind !== 'genesis') throw new Error('a pool in it does not begin with a genesis');
      if (genesis.rulesVersion !== RULES_VERSION)
        throw new BadInput(
          `${this.#file}: recorded under rules version ${genesis.rulesVersion}, and this program applies ${RULES_VERSION}: use the version that recorded it`,
        );
      of.limits = genesis.limits;
      return;
    }
    const message = readVerified(value);
    this.firstMs = Math.min(this.firstMs, message.appendedAtMs);
    if (isPaymentType(message.messageType)) this.payments += 1;
    if (isQuote(message)) this.quotes.push({ atMs: message.appendedAtMs, pool });
  }
}

/** Of a sequence of records: the same for the same records. */
class ControlDigest {
  readonly #hash = createHash('sha256');

  take(value: Uint8Array): void {
    this.#hash.update(`${value.length} `).update(value);
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** In what a scenario is not that of a recording; null: it gives its operator's records, to the byte. */
function foreignPart(
  scenario: Scenario,
  header: InputLogHeader,
  recorded: RecordedInstructions,
  { pools }: Scan,
): string | null {
  if (scenario.name !== header.scenario || scenario.seed !== header.seed)
    return `name ${scenario.name}, seed ${scenario.seed}, and input.log is of ${header.scenario}, seed ${header.seed}`;
  const names = scenario.pools.map(({ name }) => name).join(', ');
  if (names !== header.pools.join(', '))
    return `pools ${names}, and input.log has ${header.pools.join(', ')}`;
  for (const [pool, { controls }] of pools.entries()) {
    const own = new ControlDigest();
    for (const { value } of operatorRecords(scenario, pool, recorded))
      if (value !== null) own.take(value);
    if (own.hex() !== controls.hex())
      return `what it has the operator do in pool ${header.pools[pool]} is not what input.log has`;
  }
  return null;
}

async function* messagesIn(
  file: string,
  atLeast: number,
): AsyncGenerator<readonly FiledRecord[], void> {
  let batch: FiledRecord[] = [];
  for await (const records of filedRecords(file)) {
    for (const record of records) if (!isControl(record.value)) batch.push(record);
    if (batch.length < atLeast) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
