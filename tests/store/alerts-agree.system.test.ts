/**
 * The same events through Grafana's rules over the tables and through the live view: both raise the same
 * alerts of payments and banks, over random histories around the limits.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ClickHouseClient } from '@clickhouse/client';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { CaseBook } from '../../services/live/case-book.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { LEG, MESSAGE_TYPES } from '../../services/protocol/messages/message-types.ts';
import { Series } from '../../services/view/per-second-series.ts';
import { PoolView } from '../../services/view/pool-view.ts';
import { SenderBook } from '../../services/view/silent-banks.ts';
import { ViewModel } from '../../services/view/view-model.ts';
import { eventBytes, type ReferenceEvent } from '../core/reference-events.ts';
import { seeded } from '../settlement/random-draft.ts';
import { joinedInsertions, ownDatabase } from '../support/engine.ts';
import { numberedUetr, PAYMENT, poolDirectory } from '../support/pool-day.ts';
import { expand } from './dashboards-macros.ts';

/** In the middle of a day; and shortly after midnight, where minutes and hours before lie on another date. */
const NOWS = [Date.parse('2026-03-16T12:00:00Z'), Date.parse('2026-05-12T00:25:00Z')];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MINUTES = 90;
const BANKS = 4;
const LEG_TYPE = MESSAGE_TYPES.indexOf(LEG);
const HISTORIES = 40;
/** Of several days. */
const LONG_HISTORIES = 24;

/** In the order of time. A payment waits from its submission on, where it does not settle at once. */
function history(seed: number, now: number): ReferenceEvent[] {
  const pick = seeded(seed);
  const share = (...shares: number[]) => shares[pick(shares.length)] as number;
  // One in a thousand.
  const [late, refused, forged, stuck] = [
    share(0, 20, 60, 150),
    share(0, 20, 60, 120),
    share(0, 20, 60),
    share(0, 0, 6),
  ];
  // The second currency closes, and nobody sends for a while: as after a close, or in the night.
  const closes = share(MINUTES, MINUTES / 3);
  const pause = { from: pick(MINUTES), minutes: share(0, 0, 14, 15, 16, 40) };
  const events: Omit<ReferenceEvent, 'number'>[] = [];
  let position = 0;
  for (let bank = 0; bank < BANKS; bank++) {
    const stops = pick(2) === 0 ? MINUTES : pick(MINUTES);
    const seldom = share(1, 1, 2, 6);
    const second = share(0, 300, 1_000);
    for (let minute = 0; minute < MINUTES; minute++) {
      const isPause = minute > pause.from && minute < pause.from + pause.minutes;
      const isSilent = minute >= stops || isPause || pick(seldom) !== 0;
      const currency1 = pick(1_000) < second ? 1 : 0;
      const timeMs = now - (MINUTES - minute) * MINUTE + (1 + pick(58)) * 1_000 + pick(1_000);
      position += 1;
      const payment = {
        ...{ timeMs, position, paymentPosition: position, id: numberedUetr(position), priority: 2 },
        ...{ messageType: PAYMENT, debtorAgent: bank, creditorAgent: (bank + 1) % BANKS },
        ...{ currency1, amount1: 5n, balances: [5n, 5n] },
      };
      if (pick(1_000) < forged) {
        events.push({ ...payment, kind: 'noticed', reason: 'signatureInvalid', balances: [] });
        continue;
      }
      if (isSilent) continue;
      if (currency1 === 1 && minute >= closes) {
        if (pick(4) === 0)
          events.push({ ...payment, kind: 'rejected', reason: 'afterCutOff', balances: [] });
        continue;
      }
      const fate = pick(1_000);
      // Some are legs that no other meets, and some are put before what came earlier.
      if (fate < stuck) {
        const messageType = pick(2) === 0 ? LEG_TYPE : PAYMENT;
        events.push({ ...payment, kind: 'queued', messageType });
        const again = { ...payment, position: 1_000_000 + position, timeMs: timeMs + 1 };
        if (pick(2) === 0) events.push({ ...again, kind: 'reordered', messageType, priority: 1 });
      } else if (fate < stuck + refused)
        events.push({ ...payment, kind: 'rejected', reason: 'duplicateIdentity', balances: [] });
      else {
        const isLate = fate < stuck + refused + late;
        if (isLate) events.push({ ...payment, kind: 'queued', timeMs: timeMs - 20 * MINUTE });
        events.push({ ...payment, kind: 'settled', mechanism: isLate ? 'queue' : 'entry' });
      }
    }
  }
  events.sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
  return events.map((event, index) => ({ ...event, number: index + 1 }));
}

/**
 * Five days of an hour each, the last up to `now`: on some a bank stops, or does not come up; queues build up and
 * accounts go below zero, on the last day perhaps by more.
 */
function days(seed: number, now: number): ReferenceEvent[] {
  const pick = seeded(1_000 + seed);
  const last = 4;
  const stops = { bank: pick(BANKS), minute: [60, 60, 0, pick(60)][pick(4)] as number };
  const small = pick(3) === 0 ? 0 : BANKS;
  const holds = pick(2) === 0;
  const drawn = 1 + pick(4);
  const known = 2 + pick(last - 1);
  const events: Omit<ReferenceEvent, 'number'>[] = [];
  // What an issuer's account is below zero is no credit.
  if (seed % 3 === 0)
    events.push({
      kind: 'issuerSet',
      debtorAgent: seed % BANKS,
      currency1: 0,
      timeMs: now - 9 * DAY,
    });
  let position = 0;
  for (let day = last - known; day <= last; day++) {
    const startMs = now - (last - day) * DAY - 60 * MINUTE;
    for (let minute = 0; minute < 60; minute++)
      for (let bank = 0; bank < BANKS; bank++) {
        const isAway = day === last && bank === stops.bank && minute >= stops.minute;
        if (isAway || pick(10) >= 4 + bank * 2) continue;
        position += 1;
        const timeMs = startMs + minute * MINUTE + (1 + pick(58)) * 1_000 + pick(1_000);
        const depth = BigInt(pick(100) * (day === last ? drawn : 1) - 60);
        const payment = {
          ...{ timeMs, position, paymentPosition: position, id: numberedUetr(position) },
          ...{ messageType: PAYMENT, debtorAgent: bank, creditorAgent: (bank + 1) % BANKS },
          ...{
            currency1: 0,
            amount1: bank === small ? 1n : 90n,
            priority: 2,
            balances: [-depth, 5n],
          },
        };
        const isHeld = day === last && holds;
        const waitMs = isHeld || pick(4) === 0 ? MINUTE * (isHeld ? 61 : 1 + pick(20)) : 0;
        if (waitMs > 0) events.push({ ...payment, kind: 'queued' });
        const settledMs = timeMs + waitMs;
        if (settledMs < now)
          events.push({
            ...payment,
            kind: 'settled',
            timeMs: settledMs,
            mechanism: waitMs > 0 ? 'queue' : 'entry',
          });
      }
  }
  events.sort((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0));
  return events.map((event, index) => ({ ...event, number: index + 1 }));
}

/** What the live view tells of payments and banks. */
function viewAlerts(events: readonly ReferenceEvent[], now: number): string[] {
  const series = new Series();
  const senders = new SenderBook();
  const view = new PoolView('main', poolDirectory(), { series, senders });
  for (const event of events)
    view.take(readEvents(eventBytes([event])), event.timeMs ?? 0, {
      reorderings: new Map([[event.position ?? 0, { priority: 1, atFront: false }]]),
      rules: new Map(),
    });
  const model = new ViewModel({
    ...{
      network: { network: 'test', pools: [] } as never,
      version: '',
      drive: () => null,
      nowMs: () => now,
    },
    ...{ series, senders, cases: new CaseBook([]) },
    pools: [{ view, state: () => ({ pool: 'main', events: 1, digest: '', fault: null }) }],
  });
  const kinds = new Set(Object.values(SAME).map((name) => name({}).split('/')[0]));
  const raised = model.snapshot().alerts.map(({ id }) => id);
  return raised.filter((id) => kinds.has(id.split('/')[0])).sort();
}

const RULES = JSON.parse(
  readFileSync(join(packageFolder, 'infra/grafana/provisioning/alerting/rules.json'), 'utf8'),
).groups[0].rules as { uid: string; data: Record<string, never>[] }[];
/** Names of the view's alerts by Grafana's. */
const SAME: Readonly<Record<string, (row: Record<string, string>) => string>> = {
  'corridor-finality': () => 'finality',
  'corridor-queue-age': () => 'queueAge',
  'corridor-rejects': () => 'rejects',
  'corridor-silence': (row) => `silence/${row.debtor_agent}`,
  'corridor-outage': (row) => `outage/${row.debtor_agent}`,
  'corridor-queue-grown': (row) => `queue/${row.currency}`,
  'corridor-credit': (row) => `credit/${row.participant}/${row.currency}`,
};

/** What Grafana's rules find, by run. */
async function grafanaAlerts(
  client: ClickHouseClient,
  now: number,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const [uid, name] of Object.entries(SAME)) {
    const { data } = RULES.find((rule) => rule.uid === uid) ?? assert.fail(uid);
    const [query, threshold] = data as never as [
      { relativeTimeRange: { from: number }; model: { rawSql: string } },
      { model: { conditions: [{ evaluator: { params: [number] } }] } },
    ];
    const fromMs = now - query.relativeTimeRange.from * 1000;
    const view = { fromMs, toMs: now, intervalSeconds: 60, variables: {} };
    const result = await client.query({
      query: expand(query.model.rawSql, view),
      format: 'JSONEachRow',
    });
    for (const row of await result.json<Record<string, string>>())
      if (Number(row.value) > threshold.model.conditions[0].evaluator.params[0])
        found.set(row.run ?? '', [...(found.get(row.run ?? '') ?? []), name(row)]);
  }
  return found;
}

test(`the view and Grafana's rules agree over ${HISTORIES + LONG_HISTORIES} random histories`, async () => {
  const { client, close } = await ownDatabase();
  try {
    const byView = new Map<string, string[]>();
    const all: ReturnType<typeof insertions> = [];
    const nowOf = (seed: number) => NOWS[seed % NOWS.length] as number;
    const histories = [
      ...Array.from({ length: HISTORIES }, (_, seed) => ({
        now: nowOf(seed),
        events: history(seed + 1, nowOf(seed)),
      })),
      ...Array.from({ length: LONG_HISTORIES }, (_, seed) => ({
        now: nowOf(seed),
        events: days(seed + 1, nowOf(seed)),
      })),
    ];
    for (const [index, { now, events }] of histories.entries()) {
      const run = `history-${index + 1}`;
      byView.set(run, viewAlerts(events, now));
      const fold = new EventFold(run, 'main', poolDirectory());
      all.push(...[...fold.fold(eventBytes(events)), fold.end()].flatMap(insertions));
    }
    for (const { table, rows, token } of joinedInsertions(all))
      await insertRows(client, table, rows, token);
    const byGrafana = new Map<string, string[]>();
    for (const now of NOWS)
      for (const [run, found] of await grafanaAlerts(client, now)) byGrafana.set(run, found);
    const seen = new Map<string, number>();
    for (const [run, alerts] of byView) {
      assert.deepEqual(alerts, [...new Set(byGrafana.get(run) ?? [])].sort(), run);
      for (const id of new Set(alerts.map((alert) => alert.split('/')[0] as string)))
        seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    for (const id of ['finality', 'queueAge', 'rejects', 'silence', 'outage', 'queue', 'credit']) {
      const count = seen.get(id) ?? 0;
      assert.ok(count > 3 && count < histories.length - 3, `${id}: in ${count} histories`);
    }
  } finally {
    await close();
  }
});
