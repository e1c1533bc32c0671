/** Scores of a live network are those of the same events' recorded run, once each, whatever ends in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BadModel, WatchModel } from '../../services/analysis/watch/watch-model.ts';
import type { LogPort } from '../../services/live/service-context.ts';
import type { AnalysisStore } from '../../services/metrics/analysis-store.ts';
import { eventsReader, startMetrics } from '../../services/metrics/metrics-service.ts';
import { POSITION_SQL } from '../../services/metrics/same-blocks-after-a-crash.ts';
import { LiveWatch, liveModel } from '../../services/metrics/score-live-payments.ts';
import type { PaymentRecord } from '../../services/metrics/store-rows.ts';
import { type ScoredPayment, scoreRow } from '../../services/metrics/watch-score-rows.ts';
import { openEmbeddedLog } from '../../services/platform/log/embedded/embedded.ts';
import type { Log } from '../../services/platform/log/log.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { customerAccounts } from '../../services/protocol/messages/customer-accounts.ts';
import { CREDIT_TRANSFER } from '../../services/protocol/messages/message-types.ts';
import { poolEvents, TELEMETRY } from '../../services/protocol/names/topic-plan.ts';
import {
  isWatchState,
  isWatchTelemetry,
  readTelemetry,
  type Telemetry,
  WATCH_ALERTS_TOLD,
  WATCH_SAID_MS,
} from '../../services/protocol/records/telemetry.ts';
import { executeRun } from '../../services/run/execute-run.ts';
import { scoredFlow } from '../../services/watch/flow-scores.ts';
import { recordedFlow } from '../../services/watch/watched-run.ts';
import { POOL, pause, processOver, until } from '../support/live.ts';
import { storedPosition } from '../support/reader-positions.ts';
import { scenarioFile } from '../support/run.ts';
import { xmlOf } from '../support/xml-messages.ts';

const MODEL = readFileSync(join(packageFolder, 'docs/studies/anomalies-model.json'));
/** The pilot with a day of some hundred payments, of all kinds of anomaly. */
const SET = [
  ...['traffic.0.paymentsPerDate=600', 'traffic.1.paymentsPerDate=60', 'customers.perBank=9'],
  ...['customers.banks={}', 'anomalies.0.payments=20', 'anomalies.1.payments=2'],
  // Too little money for all: some wait, and have several statuses.
  'participants.*.accounts.*.balance=3000.00',
  ...['anomalies.2.payments=12', 'anomalies.3.rounds=4', 'anomalies.4.payments=9'],
];
type Row = Readonly<Record<string, unknown>>;

/** A store that drops tokens that it has, and of every ninth insertion loses the answer. */
function memoryStore() {
  const rows: { table: string; row: Record<string, unknown> }[] = [];
  const tokens = new Set<string>();
  let calls = 0;
  const store: AnalysisStore = {
    async query<Answer>(sql: string, { reader }: Row) {
      return (sql === POSITION_SQL ? [storedPosition(rows, reader)] : []) as Answer[];
    },
    async insert(table, inserted, token) {
      if (!tokens.has(token))
        rows.push(...inserted.map((row) => ({ table, row: row as Record<string, unknown> })));
      tokens.add(token);
      calls += 1;
      if (calls % 9 === 0) throw new Error('socket hang up');
    },
  };
  const of = (table: string): Row[] =>
    rows.flatMap((one) => (one.table === table ? [one.row] : []));
  return { store, of, scores: () => of('watch_scores') };
}
type MemoryStore = ReturnType<typeof memoryStore>;

/** Of the events: what is said in `telemetry` has its own. */
const positionsOf = ({ of }: MemoryStore): Row[] =>
  of('reader_positions').filter(({ reader }) => reader === eventsReader(POOL));

/** Of a pool that has no events. */
const IDLE = 'idle';

/** The log as it was when the pool's events ended there. */
const upTo = (log: LogPort, end: number): LogPort => ({
  ...log,
  async endOffset(topic, partition) {
    if (topic === poolEvents(IDLE)) return 0;
    return topic === poolEvents(POOL) ? end : log.endOffset(topic, partition);
  },
  async read(topic, partition, from, count, options) {
    const isIdle = topic === poolEvents(IDLE);
    if (topic !== poolEvents(POOL) && !isIdle)
      return log.read(topic, partition, from, count, options);
    if (from < end && !isIdle)
      return log.read(topic, partition, from, Math.min(count, end - from), options);
    await pause(options?.waitMs ?? 0);
    return [];
  },
});

describe('scores as payments come in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-live-watch-'));
  const model = liveModel(MODEL);
  let log: Log;
  let run: string;
  let scored: ScoredPayment[];
  let expected: Row[];
  before(async () => {
    const out = join(folder, 'day');
    await executeRun({
      ...{ file: scenarioFile('watched-flow'), out, set: SET, signatures: false },
      ...{ log: 'embedded', results: 'tables' },
    });
    const flow = await recordedFlow(out);
    run = flow.run;
    scored = scoredFlow(flow, model);
    // No event tells a label.
    expected = scored.map((one) => ({ ...scoreRow(run, model, one), label: '' }));
    log = openEmbeddedLog({ folder: join(out, 'log') });
  });
  after(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  /** Metrics over the events up to an offset, until all rows are in, or its process ends at a point. */
  async function metrics(
    { store, of }: MemoryStore,
    {
      end,
      watch = model,
      endsAt,
      heldMax,
      pools = [POOL],
    }: Partial<{
      readonly end: number;
      readonly watch: WatchModel | null;
      readonly endsAt: string;
      readonly heldMax: number;
      readonly pools: readonly string[];
    }> = {},
  ): Promise<string[]> {
    const last = end ?? (await log.endOffset(poolEvents(POOL), 0));
    const shared = processOver(log);
    const said: string[] = [];
    const before = of('watch_scores').length;
    const service = await startMetrics(
      (pool) => {
        const context = shared.context('metrics', pool);
        return {
          ...{ ...context, log: upTo(context.log, last) },
          logger: {
            ...{ ...context.logger, warn: (_, text) => said.push(text) },
            error: ({ reason }, text) => said.push(`${text}: ${reason}`),
          },
          reached(point) {
            if (point === endsAt && of('watch_scores').length > before) throw new Error('killed');
          },
        };
      },
      {
        ...{ run, pools, store, ...(watch && { watch }) },
        ...(heldMax !== undefined && { watchHeldMax: heldMax }),
      },
    );
    if (endsAt !== undefined) {
      await assert.rejects(service.done, { message: 'killed' });
      await service.stop().catch(() => {});
    } else {
      const areIn = until('its rows are in the store', () =>
        of('reader_positions').some(({ done }) => done === last),
      );
      await Promise.race([areIn, service.done]);
      // The store may have lost the answer.
      await service.caughtUp?.();
      await service.stop();
    }
    const figure = await shared.registry.getSingleMetric('corridor_watch_ended')?.get();
    await shared.close();
    const isEnded = said.some((text) => text.startsWith('the watch has ended'));
    assert.deepEqual(
      figure?.values.map(({ labels, value }) => [labels.pool, value]),
      watch ? pools.map((pool) => [pool, pool === POOL && isEnded ? 1 : 0]) : undefined,
    );
    // Of the watch alone: the store answers nobody else, and that is said too.
    return said.filter((text) => /the watch|another share/.test(text));
  }

  it('are the recorded scores, of every payment, with its reasons', async () => {
    const store = memoryStore();
    const before = await log.endOffset(TELEMETRY, 0);
    const said = await metrics(store);
    assert.ok(expected.length > 700);
    const alerts = expected.filter(({ is_alert }) => is_alert === 1);
    assert.ok(alerts.length > 20 && alerts.length < expected.length / 2, `${alerts.length}`);
    assert.deepEqual(store.scores(), expected);
    assert.deepEqual(said, []);
    // The newest of what comes in at once are told to who looks on.
    const messages = await log.read(TELEMETRY, 0, before, 1_000);
    const told = messages.map(({ value }) => readTelemetry(value)).filter(isWatchTelemetry);
    const last = told.at(-1);
    assert.ok(last && told.every(({ alerts }) => alerts.length <= WATCH_ALERTS_TOLD));
    assert.ok(last.alerts.length > 5);
    const newest = scored.filter(({ isAlert }) => isAlert).slice(-last.alerts.length);
    assert.deepEqual(last, {
      ...{ kind: 'watch', atMs: last.atMs, pool: POOL, model: model.digest },
      alerts: newest.map(({ payment, score, reasons }) => ({
        ...{ atMs: payment.timeMs, uetr: payment.uetr, debtor: payment.debtorAgent },
        ...{ creditor: payment.creditorAgent, currency: payment.currency, score },
        ...{ amountMinor: `${payment.amountMinor}`, reasons: reasons.map(({ says }) => says) },
      })),
    });
    assert.ok(newest.every(({ reasons }) => reasons.length > 0));
  });

  it('stand once each and with all of the past, however often metrics ends and begins again', async () => {
    const store = memoryStore();
    const half = (await log.endOffset(poolEvents(POOL), 0)) >> 1;
    await metrics(store, { end: half });
    const first = store.scores().length;
    assert.ok(first > 100 && first < expected.length - 100, `${first}`);
    // Its rows are in, and where they end is not remembered.
    await metrics(store, { endsAt: 'metrics.beforeDone' });
    await metrics(store);
    assert.deepEqual(store.scores(), expected);
  });

  it('of a block that a crash cut short stand under both models, where it ends under another', async () => {
    const store = memoryStore();
    await metrics(store, { endsAt: 'metrics.beforeDone' });
    const first = store.scores();
    assert.ok(first.length > 50);
    assert.deepEqual(first, expected.slice(0, first.length));
    const other = liveModel(
      Buffer.from(JSON.stringify({ ...JSON.parse(MODEL.toString()), alertFrom: 1 })),
    );
    const end = Number(positionsOf(store).at(-1)?.begun);
    await metrics(store, { watch: other, end });
    assert.deepEqual(
      store.scores().slice(first.length),
      first.map((row) => ({ ...row, model: other.digest, is_alert: 0, reasons: [] })),
    );
  });

  it('end where they would hold too much, or fail; all else goes on', async () => {
    const ended = 'the watch has ended: no payment is scored any more; all else goes on';
    const heldMax = 1_000;
    const some = memoryStore();
    const said = await metrics(some, { heldMax });
    const reason = 'it holds 1000 payers, pairs and payments, the most it may';
    assert.deepEqual(said, [`${ended}: ${reason}`]);
    const count = some.scores().length;
    assert.ok(count > 50 && count < expected.length - 50, `${count}`);
    assert.deepEqual(some.scores(), expected.slice(0, count));
    const paid = new Set(some.of('payments').map(({ uetr }) => uetr));
    assert.ok(expected.every(({ uetr }) => paid.has(uetr)));
    // It comes as far again, and writes nothing again.
    assert.deepEqual(await metrics(some, { heldMax }), [`${ended}: ${reason}`]);
    assert.equal(some.scores().length, count);
    // Two pools hold half of it each.
    const halves = await metrics(some, { heldMax: 2 * heldMax, pools: [POOL, IDLE] });
    assert.deepEqual(halves, [`${ended}: ${reason}`]);
    assert.equal(some.scores().length, count);

    const failing = liveModel(MODEL);
    failing.judge = () => {
      throw new Error('a fault');
    };
    const none = memoryStore();
    const end = (await log.endOffset(poolEvents(POOL), 0)) >> 1;
    assert.deepEqual(await metrics(none, { watch: failing, end }), [`${ended}: a fault`]);
    assert.deepEqual(none.scores(), []);
    assert.ok(none.of('payments').length > 100);
    const errors: string[] = [];
    const logger = { info() {}, warn() {}, error: (_: object, text: string) => errors.push(text) };
    const context = { ...processOver(log).context('metrics', POOL), logger };
    const watch = new LiveWatch(context, POOL, failing);
    const rows = none.of('payments') as unknown as PaymentRecord[];
    for (const _ of ['a block', 'the next'])
      assert.deepEqual(await watch.score(rows, (action) => action()), []);
    assert.deepEqual(errors, [ended]);

    // A log that is away, as when metrics stops meanwhile, is no fault of theirs.
    let isAway = true;
    const away: LogPort['read'] = async (...place) => {
      if (isAway) throw Object.assign(new Error('away'), { kind: 'unavailable' });
      return log.read(...place);
    };
    const waiting = new LiveWatch({ ...context, log: { ...log, read: away } }, POOL, model);
    await assert.rejects(
      waiting.score(rows, (action) => action()),
      { message: 'away' },
    );
    isAway = false;
    const later = await waiting.score(rows, (action) => action());
    assert.ok(later.length > 100);
    assert.deepEqual(
      later.map((one) => ({ ...scoreRow(run, model, one), label: '' })),
      expected.slice(0, later.length),
    );
    assert.deepEqual(errors, [ended]);

    // Whoever looks on is told how they go, again after a while, and why they ended at once.
    const told: Telemetry[] = [];
    const produce: LogPort['produce'] = async (_, messages) => {
      told.push(...messages.map(({ value }) => readTelemetry(value)));
      return [];
    };
    const half = rows.slice(0, rows.length >> 1);
    const atMs = Date.parse(`${half.at(-1)?.submitted_at}Z`);
    let elapsed = 0;
    const clocks = { nowMs: () => atMs, elapsedMs: () => elapsed };
    const saying = new LiveWatch(
      { ...context, ...clocks, log: { ...log, produce } },
      ...[POOL, model, heldMax],
    );
    await saying.say();
    const judged = await saying.score(half, (action) => action());
    await saying.say();
    elapsed += WATCH_SAID_MS;
    await saying.say();
    const state = { kind: 'watchState', atMs, pool: POOL, model: model.digest, ended: '' };
    const hour = judged.filter(({ payment }) => payment.timeMs > atMs - 3_600_000);
    const hourAlerts = hour.filter(({ isAlert }) => isAlert).length;
    assert.ok(hour.length > 20 && hour.length < judged.length - 20 && hourAlerts > 0);
    assert.deepEqual(told, [
      { ...state, payments: 0, hourPayments: 0, hourAlerts: 0 },
      { ...state, payments: judged.length, hourPayments: hour.length, hourAlerts },
    ]);
    await saying.score(some.of('payments') as unknown as PaymentRecord[], (action) => action());
    await saying.say();
    const [, , last] = told;
    assert.ok(last && isWatchState(last));
    assert.equal(last.ended, reason);
  });

  it('begin where a model is named, each under its own', async () => {
    const store = memoryStore();
    const end = await log.endOffset(poolEvents(POOL), 0);
    await metrics(store, { end: end >> 2, watch: null });
    assert.deepEqual(store.scores(), []);
    await metrics(store, { end: end >> 1 });
    const first = store.scores();
    assert.ok(first.length > 50);
    const document = JSON.parse(MODEL.toString());
    const other = liveModel(
      Buffer.from(JSON.stringify({ ...document, alertFrom: 1, withAccounts: 0.2 })),
    );
    const said = await metrics(store, { watch: other });
    const later = store.scores().slice(first.length);
    const from = expected.length - later.length - first.length;
    assert.deepEqual(first, expected.slice(from, from + first.length));
    assert.deepEqual(
      later,
      expected
        .slice(from + first.length)
        .map((row) => ({ ...row, model: other.digest, is_alert: 0, reasons: [] })),
    );
    assert.ok(later.length > 100);
    assert.equal(said.length, 1);
    assert.match(said[0]!, /^another share of the payments names the payer's account than/);
  });
});

it('a model whose training names no accounts, or with other features, scores no live network', () => {
  const document = JSON.parse(MODEL.toString());
  const bytes = (change: object) => Buffer.from(JSON.stringify({ ...document, ...change }));
  for (const [change, message] of [
    [
      { withAccounts: 0.09 },
      /^withAccounts 0.09: expected at least 0.1, a model trained on payments/,
    ],
    [{ alertFrom: 0 }, /^alertFrom 0: expected a number above 0/],
  ] as const)
    assert.throws(() => liveModel(bytes(change)), { message });
  assert.equal(liveModel(bytes({ withAccounts: 0.1 })).document.withAccounts, 0.1);
  assert.throws(() => liveModel(bytes({ features: ['amount'] })), BadModel);
  assert.equal(new WatchModel(bytes({ withAccounts: 0 })).document.withAccounts, 0);
});

const documentOf = (transfer: object) =>
  Buffer.from(JSON.stringify({ Document: { FIToFICstmrCdtTrf: transfer } }));
const payload = (...transactions: object[]) => documentOf({ CdtTrfTxInf: transactions });
const OTHER = { Id: { Othr: { Id: 'CUST-1' } } };
const IBAN = { Id: { IBAN: 'DE02120300000000202051' } };
const WITHIN = { RmtInf: { Ustrd: ['"DbtrAcct":{"Id":{"IBAN":"DE1"}}'] } };
const ACCOUNTS: readonly (readonly [string, object, readonly [string, string]])[] = [
  [
    'both, as banks write them',
    { DbtrAcct: OTHER, CdtrAcct: IBAN },
    ['CUST-1', 'DE02120300000000202051'],
  ],
  ['the payee alone', { CdtrAcct: OTHER }, ['', 'CUST-1']],
  ['none, and words that look like one', WITHIN, ['', '']],
  ['one that is not ASCII', { DbtrAcct: { Id: { Othr: { Id: 'Kontö-€' } } } }, ['Kontö-€', '']],
  ['one whose name a text has too', { Dbtr: { Nm: 'DbtrAcct' }, DbtrAcct: OTHER }, ['CUST-1', '']],
  [
    'one, and before it one of an element inside',
    { Dbtr: { DbtrAcct: OTHER }, DbtrAcct: { Id: { Othr: { Id: 'CUST-2' } } } },
    ['CUST-2', ''],
  ],
  ['one with a quotation mark', { DbtrAcct: { Id: { Othr: { Id: 'a"b' } } } }, ['a"b', '']],
  ['one that is no text', { DbtrAcct: { Id: { Othr: { Id: 7 } } }, CdtrAcct: null }, ['', '']],
  [
    'one of somebody else besides',
    { SplmtryData: [{ Envlp: { DbtrAcct: OTHER } }], InstgAgt: {}, DbtrAgtAcct: OTHER },
    ['', ''],
  ],
  [
    'one with an IBAN besides',
    { DbtrAcct: { Id: { ...OTHER.Id, ...IBAN.Id } }, CdtrAcct: OTHER },
    ['DE02120300000000202051', 'CUST-1'],
  ],
  ['one under an unknown element', { Agt: [{ Fin: 1 }, { DbtrAcct: OTHER }] }, ['', '']],
];
for (const [name, transaction, [debtor, creditor]] of ACCOUNTS)
  it(`accounts that a message names: ${name}`, () =>
    assert.deepEqual(customerAccounts(payload(transaction)), { debtor, creditor }));

const OUTSIDE: readonly (readonly [string, Buffer])[] = [
  ['in the second transaction', payload({ Dbtr: { Nm: 'A' } }, { DbtrAcct: OTHER })],
  ['before the transactions', documentOf({ GrpHdr: { DbtrAcct: OTHER }, CdtTrfTxInf: [{}] })],
  ['behind the transactions', documentOf({ CdtTrfTxInf: [{}], DbtrAcct: OTHER })],
  [
    'in transactions of something else',
    documentOf({ GrpHdr: { CdtTrfTxInf: [{ DbtrAcct: OTHER }] } }),
  ],
  [
    'in transactions that later ones replace',
    Buffer.from(payload({ DbtrAcct: OTHER }).toString().replace(/}}}$/, ',"CdtTrfTxInf":[{}]}}}')),
  ],
];
for (const [name, message] of OUTSIDE)
  it(`accounts that a message names: none of one ${name}`, () =>
    assert.deepEqual(customerAccounts(message), { debtor: '', creditor: '' }));

it('accounts that a message names are found in XML, and none in what is no document', () => {
  const said = payload({ DbtrAcct: OTHER, CdtrAcct: IBAN });
  assert.deepEqual(customerAccounts(xmlOf(CREDIT_TRANSFER, said)), customerAccounts(said));
  const spaced = JSON.stringify(JSON.parse(said.toString()), null, 1);
  assert.deepEqual(customerAccounts(Buffer.from(spaced)), customerAccounts(said));
  for (const text of ['', '{', '{"Document":7}', '<Document/>'])
    assert.deepEqual(customerAccounts(Buffer.from(text)), { debtor: '', creditor: '' });
});
