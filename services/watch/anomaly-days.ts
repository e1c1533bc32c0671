/**
 * The days of docs/studies/anomalies.md: docs/studies/anomalies.yaml, where each seed draws which bank is struck, when, and by how
 * much. What is known of a payment when it comes in does not depend on settlement, so the plan of a scenario is enough.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../platform/service/build-info.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { planPayments } from '../scenario/payments-in-sending-order.ts';
import { SeededStream } from '../scenario/random-streams.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { flowFeatures, type RecordedFlow, type RecordedPayment } from './watched-run.ts';

export const WATCHED_SCENARIO = 'docs/studies/anomalies.yaml';
/** What is scored: the days before are the history that it stands against. */
export const JUDGED_FROM_MS = Date.UTC(2026, 2, 18);

const BANKS = [
  'WATADE00',
  'WATBFR00',
  'WATCIT00',
  'WATDES00',
  'WATENL00',
  'WATFBE00',
  'WATGAT00',
  'WATHPT00',
];

/** What the scenario's anomalies are set to for a seed: in the order in which the file has them. */
export function drawnAnomalies(seed: number): string[] {
  const stream = new SeededStream(seed, 'anomalies of a study');
  const between = (least: number, most: number) =>
    least + Math.floor(stream.uniform() * (most - least + 1));
  const clock = (minute: number) =>
    `"${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}"`;
  const set: string[] = [];
  const of = (index: number, fields: Readonly<Record<string, string | number>>) => {
    for (const [field, value] of Object.entries(fields))
      set.push(`anomalies.${index}.${field}=${value}`);
  };
  const time = (least: number, most: number) => {
    const length = between(least, most);
    const from = between(7 * 60 + 30, 16 * 60 + 30 - length);
    return { from: clock(from), until: clock(from + length) };
  };
  const order = BANKS.map((bank) => ({ bank, at: stream.uniform() })).sort((a, b) => a.at - b.at);
  const [drain, typo, run, stuck, silent] = order.map(({ bank }) => bank) as [
    ...[string, string, string, string, string],
  ];
  const median = (least: number, most: number) => `"${between(least, most)}.00"`;
  of(0, {
    bank: drain,
    ...time(15, 120),
    payments: between(10, 30),
    'amounts.median': median(80, 400),
  });
  of(1, {
    bank: typo,
    ...time(240, 480),
    payments: between(2, 6),
    factor: between(0, 1) ? 100 : 10,
  });
  of(2, { bank: run, ...time(60, 180), payments: between(15, 45) });
  of(3, { ...time(120, 400), rounds: between(2, 4), 'amounts.median': median(2_000, 20_000) });
  const ring = order.slice(between(0, 2)).slice(0, between(3, 5));
  set.push(`anomalies.3.banks=[${ring.map(({ bank }) => bank).join(', ')}]`);
  of(4, { bank: stuck, ...time(5, 20), payments: between(5, 20) });
  of(5, { bank: silent, ...time(20, 60) });
  return set;
}

/** The days of a seed. */
export function studyScenario(seed: number, set: readonly string[] = []): Scenario {
  const readFile = (path: string) => readFileSync(path, 'utf8');
  const file = join(packageFolder, WATCHED_SCENARIO);
  return loadScenario(file, { readFile, seed, set: [...drawnAnomalies(seed), ...set] });
}

/** The flow of a seed, with its truth. */
export const studyFlow = (seed: number, set: readonly string[] = []): RecordedFlow =>
  plannedFlow(studyScenario(seed, set));

/** As recordedFlow reads it from the tables of a run of the scenario: a test holds both equal. */
export function plannedFlow(scenario: Scenario): RecordedFlow {
  const { participants, currencies, anomalies, name, seed } = scenario;
  const payments: RecordedPayment[] = [];
  for (const payment of planPayments(scenario)) {
    const { kind, isRepeat, corrupt, accounts, label } = payment;
    if (isRepeat || corrupt || (kind !== 'customer' && kind !== 'bank')) continue;
    payments.push({
      ...{ pool: 'main', uetr: `${payment.uetr}`, timeMs: payment.atMs },
      debtorAgent: participants[payment.debtorAgent]!.bic,
      creditorAgent: participants[payment.creditorAgent]!.bic,
      ...{ debtorAccount: accounts?.debtor ?? '', creditorAccount: accounts?.creditor ?? '' },
      currency: currencies[payment.currency]!.code,
      amountMinor: payment.amountMinor,
      label: label === undefined ? '' : anomalies[label]!.kind,
    });
  }
  const features = flowFeatures(payments);
  // What was not run has no events.
  return { folder: '', run: `${name}-${seed}`, eventsHash: '', payments, features };
}
