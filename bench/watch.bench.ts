// `npm run -s bench -- watch [--json]`: the watched flow, with the model of docs/studies/anomalies.md, on one thread.
//   features  payments a second whose features are computed as they come
//   score     the same, and their scores, with reasons of those that are alerts
//   live      the same as metrics does it: accounts read out of the messages in a log, and rows of the store; the payments
//             before are its history, as after a restart
// By processor time: the clock says what else the machine does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LiveWatch, liveModel } from '../services/metrics/score-live-payments.ts';
import { clickHouseTime, type PaymentRecord } from '../services/metrics/store-rows.ts';
import { scoreRow } from '../services/metrics/watch-score-rows.ts';
import { createMemoryLog } from '../services/platform/log/embedded/memory.ts';
import { packageFolder } from '../services/platform/service/build-info.ts';
import {
  createLogger,
  createServiceProcess,
} from '../services/platform/service/service-process.ts';
import { writeCreditTransfer } from '../services/protocol/messages/credit-transfer.ts';
import { CREDIT_TRANSFER } from '../services/protocol/messages/message-types.ts';
import type { Bic, Uetr } from '../services/protocol/names/bic-and-uetr.ts';
import { poolInput, topicPlan } from '../services/protocol/names/topic-plan.ts';
import { layOutVerified } from '../services/protocol/records/input-record.ts';
import { studyFlow } from '../services/watch/anomaly-days.ts';
import { scoredFlow } from '../services/watch/flow-scores.ts';
import { flowFeatures, type RecordedPayment } from '../services/watch/watched-run.ts';
import { median, printer } from './measure.ts';

const ROUNDS = 3;
const SET = [
  'traffic.0.paymentsPerDate=60000',
  'traffic.1.paymentsPerDate=4000',
  'customers.perBank=1000',
];
const print = printer('watch');
const model = liveModel(readFileSync(join(packageFolder, 'docs/studies/anomalies-model.json')));
const flow = studyFlow(1, SET);

/** Payments of the log of the live case: those that are history, and those that are scored. */
const HISTORY = 60_000;
const LIVE = 30_000;
const POOL = 'main';
const log = createMemoryLog({ now: () => 0 });
const shared = createServiceProcess({ log, logger: createLogger('silent'), stallMs: 10_000 });
const recorded = flow.payments.slice(-HISTORY - LIVE);
await log.createTopics(topicPlan([POOL], [], 1));
await log.produce(
  poolInput(POOL),
  recorded.map((payment) => ({ key: POOL, value: recordOf(payment), headers: {} })),
);
const rows = recorded.map(rowOf);

function recordOf(payment: RecordedPayment): Uint8Array {
  const { debtorAgent, creditorAgent, debtorAccount, creditorAccount, uetr, timeMs } = payment;
  const payload = writeCreditTransfer(
    {
      ...{ messageId: uetr.slice(0, 34), endToEndId: uetr.slice(0, 34), uetr: uetr as Uetr },
      ...{ instructingAgent: debtorAgent as Bic, debtorAgent: debtorAgent as Bic },
      ...{ creditorAgent: creditorAgent as Bic, currency: payment.currency },
      ...{ amountMinor: payment.amountMinor, settlementDate: '2026-03-16', priority: 'normal' },
      conversion: null,
    },
    {
      ...{ debtor: 'A customer', creditor: 'Another customer' },
      ...(debtorAccount !== '' && {
        accounts: { debtor: debtorAccount, creditor: creditorAccount },
      }),
    },
    timeMs,
    () => 2,
  );
  return layOutVerified({ headers: { ce_id: uetr, ce_type: CREDIT_TRANSFER }, payload });
}

function rowOf(payment: RecordedPayment, position: number): PaymentRecord {
  const time = clickHouseTime(payment.timeMs);
  return {
    ...{ run: 'bench', pool: POOL, event_number: position + 1, time, payment_position: position },
    ...{ uetr: payment.uetr, status: 'ACSC', reason: '', iso_reason: '', mechanism: 'entry' },
    ...{ priority: 'normal', debtor_agent: payment.debtorAgent, dealer: '', cycle: 0 },
    ...{ creditor_agent: payment.creditorAgent, currency: payment.currency },
    ...{ amount_minor: payment.amountMinor.toString(), currency2: payment.currency },
    ...{ amount2_minor: payment.amountMinor.toString(), corridor: payment.currency },
    ...{ submitted_at: time, is_first: 1, kind: 'settled', message_type: CREDIT_TRANSFER },
    second_leg: 0,
  };
}

/** A watch that has its history. */
async function learned(): Promise<LiveWatch> {
  const watch = new LiveWatch(shared.context('metrics', POOL), POOL, model);
  await watch.learn(rows.slice(0, HISTORY), (action) => action());
  return watch;
}

async function scoreLive(watch: LiveWatch): Promise<void> {
  const scored = await watch.score(rows.slice(HISTORY), (action) => action());
  for (const one of scored) scoreRow('bench', model, one);
}

/** Processor seconds. */
async function secondsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const rates: Record<string, number[]> = { features: [], score: [], live: [] };
for (let round = 0; round < ROUNDS; round++) {
  const features = await secondsOf(() => flowFeatures(flow.payments));
  const scores = await secondsOf(() => scoredFlow(flow, model));
  rates.features!.push(flow.payments.length / features);
  rates.score!.push(flow.payments.length / (features + scores));
  const watch = await learned();
  rates.live!.push(LIVE / (await secondsOf(() => scoreLive(watch))));
}
for (const [name, of] of Object.entries(rates))
  print({ case: name, value: median(of), unit: 'payments/s', vs: null, ratio: null });
