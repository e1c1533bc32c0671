/**
 * The dashboard of chains and conditions against the real engine: days of chains that a core settled, and each panel's
 * figures held against those of the events.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { EventFold, insertions } from '../../services/metrics/event-rows.ts';
import { clickHouseTime } from '../../services/metrics/store-rows.ts';
import { insertRows } from '../../services/platform/clickhouse/insert-once.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import { type FlatEvent, readFlatEvent } from '../core/flat-events.ts';
import { conditionDay, DAY_NAMES } from '../support/condition-days.ts';
import { type OwnDatabase, ownDatabase } from '../support/engine.ts';
import { core } from '../support/live.ts';
import { conditionPanels } from './dashboards-files.ts';
import { expand, type View } from './dashboards-macros.ts';

const CODES = ['EUR', 'USD'];
const START_MS = 20_000 * 86_400_000 + 43_200_000;
const PART_END_MS = START_MS + 35_000;
const SECONDS = 10;
type Row = Readonly<Record<string, unknown>>;

function directory(): Directory {
  const names = new Directory();
  for (const bic of DAY_NAMES)
    names.fold({ ...{ kind: 'participant', timeMs: 0, bic, name: bic, role: 'bank' } } as never);
  for (const currency of CODES)
    names.fold({ ...{ kind: 'currency', timeMs: 0, currency, minorUnits: 2 } } as never);
  return names;
}

interface Day {
  readonly run: string;
  readonly events: readonly FlatEvent[];
  readonly view: View;
}

const isLeg = ({ messageType }: FlatEvent): boolean => messageType === 17;
const LAST = ['settled', 'cancelled'];
const STATES: Readonly<Record<string, string>> = {
  conditionRefused: 'refused by attestors',
  conditionUnmet: 'ended at its deadline',
  earmarkExpired: 'earmarks expired',
};

/** Complete chains at the end of a view, by looking through all events for each. */
function chainsOf({ events, view }: Day) {
  const seen = events.filter(({ timeMs }) => timeMs < view.toMs);
  const leads = seen.filter(
    (e) => e.kind === 'matched' && isLeg(e) && Number(e.balances[0]) === e.paymentPosition,
  );
  return leads.map((lead) => {
    const own = seen.filter((e) => e.paymentPosition === lead.paymentPosition && isLeg(e));
    const met = own.find(({ kind }) => kind === 'triggered');
    const end = own.find(({ kind }) => LAST.includes(kind));
    const open = met ? 'condition met' : 'waits';
    const ended =
      end?.kind === 'settled' ? 'settled' : (STATES[end?.reason ?? ''] ?? 'ended otherwise');
    const words = new Map<string, number>();
    for (const e of seen)
      if (e.kind === 'attested' && Number(e.balances[0]) === lead.paymentPosition)
        words.set(DAY_NAMES[e.debtorAgent] as string, e.count & 0xff);
    return { lead, met, end, state: end ? ended : open, words };
  });
}

/** What each event adds to what is set aside. */
const changesOf = ({ events }: Day) =>
  events.flatMap((e) => {
    const isEnd = e.kind === 'released' || (e.kind === 'settled' && e.mechanism === 'earmark');
    if (e.kind !== 'earmarked' && !isEnd) return [];
    return [{ e, change: isEnd ? -e.amount1 : e.amount1, leg: isEnd ? -1 : 1 }];
  });

const tally = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};
const sorted = (counts: Record<string, number>) =>
  Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
const inView = ({ view }: Day, ms: number) => ms >= view.fromMs && ms < view.toMs;
const timeOf = (row: Row) => Date.parse(`${row.time}Z`);

/** Of each panel what it shows, and what it should. */
const EXPECTED: Readonly<
  Record<string, (rows: readonly Row[], day: Day) => readonly [unknown, unknown]>
> = {
  'Chains by state': (rows, day) => [
    rows.map(({ state, chains }) => [state, Number(chains)]),
    sorted(tally(chainsOf(day).map(({ state }) => state))),
  ],
  'Chains that wait': (rows, day) => [
    rows.map(({ chains }) => Number(chains)),
    [chainsOf(day).filter(({ end }) => !end).length],
  ],
  'Attestation to settlement, p99': (rows, day) => {
    const spans = chainsOf(day)
      .flatMap(({ met, end, state }) =>
        met && end && state === 'settled' && inView(day, end.timeMs)
          ? [end.timeMs - met.timeMs]
          : [],
      )
      .sort((a, b) => a - b);
    const p99 = spans[Math.max(0, Math.ceil(0.99 * spans.length) - 1)];
    return [rows.map(({ ms }) => Number(ms)), p99 === undefined ? [] : [p99]];
  },
  'Attestations by attestor': (rows, day) => {
    const said = day.events.filter(
      ({ kind, timeMs }) => (kind === 'attested' || kind === 'recorded') && inView(day, timeMs),
    );
    const of = (attestor: string, isIt: (e: FlatEvent) => boolean) =>
      said.filter((e) => DAY_NAMES[e.debtorAgent] === attestor && isIt(e)).length;
    const attestors = [...new Set(said.map((e) => DAY_NAMES[e.debtorAgent] as string))].sort();
    return [
      rows.map((row) => [
        row.attestor,
        ...['accepted', 'refused', 'held', 'recorded'].map((name) => Number(row[name])),
      ]),
      attestors.map((attestor) => [
        attestor,
        ...[0, 1, 2].map((verdict) =>
          of(attestor, ({ kind, count }) => kind === 'attested' && (count & 0xff) === verdict),
        ),
        of(attestor, ({ kind }) => kind === 'recorded'),
      ]),
    ];
  },
  'Waited for now': (rows, { view }) => [
    rows.map(({ awaited, legs, waits_since }) => [
      ...[awaited, Number(legs), Date.parse(`${waits_since}Z`) - START_MS],
    ]),
    // As of a snapshot that is in the view; the later one has nothing that waits.
    view.toMs === PART_END_MS
      ? [
          ['1 of O and P', 5, 2_000],
          ['Q', 1, 4_000],
        ]
      : [],
  ],
  'Waited for last': (rows, day) => {
    const waited = new Map<string, number[]>();
    for (const { lead, met } of chainsOf(day)) {
      const said = met && day.events[day.events.indexOf(met) - 1];
      if (said?.kind !== 'attested' || said.position !== met?.position) continue;
      if (!inView(day, met.timeMs)) continue;
      const attestor = DAY_NAMES[said.debtorAgent] as string;
      waited.set(attestor, [...(waited.get(attestor) ?? []), met.timeMs - lead.timeMs]);
    }
    return [
      rows.map(({ attestor, chains, p50, longest }) => [
        attestor,
        ...[chains, p50, longest].map(Number),
      ]),
      [...waited]
        .sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
        .map(([attestor, all]) => {
          const sorted = [...all].sort((a, b) => a - b);
          const median = sorted[Math.ceil(sorted.length / 2) - 1];
          return [attestor, all.length, median, sorted.at(-1)];
        }),
    ];
  },
  'Earmarks by their end': (rows, day) => [
    rows.map(({ how, earmarks }) => [how, Number(earmarks)]),
    sorted(
      tally(
        changesOf(day)
          .filter(({ e, leg }) => leg < 0 && inView(day, e.timeMs))
          .map(({ e: { kind, reason } }) =>
            kind === 'settled' ? 'settled' : reason === 'earmarkExpired' ? 'expired' : 'released',
          ),
      ),
    ),
  ],
  'Earmarked by bank': (rows, day) => {
    const sums = new Map<string, [number, bigint]>();
    for (const { e, change, leg } of changesOf(day)) {
      if (e.timeMs >= day.view.toMs) continue;
      const name = `${DAY_NAMES[e.debtorAgent]} ${CODES[e.currency1]}`;
      const [legs, value] = sums.get(name) ?? [0, 0n];
      sums.set(name, [legs + leg, value + change]);
    }
    return [
      rows
        .map(({ participant, currency, legs, value }) => [
          `${participant} ${currency}`,
          Number(legs),
          Number(value),
        ])
        .sort(),
      [...sums]
        .flatMap(([name, [legs, value]]) => (legs > 0 ? [[name, legs, Number(value) / 100]] : []))
        .sort(),
    ];
  },
  'Earmarked value': (rows, day) => {
    const { fromMs, toMs } = day.view;
    const most = new Map<string, bigint>();
    const note = (code: string, ms: number, level: bigint) => {
      const name = `${code} ${Math.floor(ms / 1000 / SECONDS) * SECONDS * 1000}`;
      const before = most.get(name);
      if (before === undefined || level > before) most.set(name, level);
    };
    for (const [currency, code] of CODES.entries()) {
      const own = changesOf(day).filter(({ e }) => e.currency1 === currency && e.timeMs <= toMs);
      if (own.length === 0) continue;
      let level = 0n;
      for (const { e, change } of own) {
        if (e.timeMs > fromMs) continue;
        level += change;
      }
      note(code, fromMs, level);
      for (const { e, change } of own) {
        if (e.timeMs <= fromMs) continue;
        level += change;
        note(code, e.timeMs, level);
      }
      note(code, toMs, level);
    }
    return [
      rows.map((row) => [`${row.currency} ${timeOf(row)}`, Number(row.value)]).sort(),
      [...most].map(([name, level]) => [name, Number(level) / 100]).sort(),
    ];
  },
  'Chains that wait, and who has spoken': (rows, day) => [
    rows.map(({ chain, legs, is_met, accepted, held, refused }) => [
      ...[Number(chain), Number(legs), Boolean(Number(is_met))],
      ...[accepted, refused, held].map((names) => [...(names as string[])].sort()),
    ]),
    chainsOf(day)
      .filter(({ end }) => !end)
      .sort(
        (a, b) => a.lead.timeMs - b.lead.timeMs || a.lead.paymentPosition - b.lead.paymentPosition,
      )
      .map(({ lead, met, words }) => [
        ...[lead.paymentPosition, lead.count >>> 8, met !== undefined],
        ...[0, 1, 2].map((word) =>
          [...words].flatMap(([who, said]) => (said === word ? [who] : [])).sort(),
        ),
      ]),
  ],
};

/** What waits at three instants: the first is not the last of any view, the last is behind the part of the day. */
const SNAPSHOTS: readonly (readonly [number, readonly object[]])[] = [
  [5_000, [{ participant: 'A', kind: 'condition', awaited: 'P', count: 9, oldest_since: 1_000 }]],
  [
    30_000,
    [
      {
        participant: 'A',
        kind: 'condition',
        awaited: '1 of O and P',
        count: 2,
        oldest_since: 3_000,
      },
      {
        participant: 'B',
        kind: 'condition',
        awaited: '1 of O and P',
        count: 3,
        oldest_since: 2_000,
      },
      { participant: 'B', kind: 'condition', awaited: 'Q', count: 1, oldest_since: 4_000 },
      { participant: 'B', kind: 'balance', awaited: '', count: 4, oldest_since: 1_000 },
    ],
  ],
  [60_000, [{ participant: '', kind: '', awaited: '', count: 0, oldest_since: 60_000 }]],
];
const snapshotRows = (run: string) =>
  SNAPSHOTS.flatMap(([atMs, rows], number) =>
    rows.map((row) => {
      const { oldest_since, ...rest } = row as { readonly oldest_since: number };
      return {
        ...{ run, pool: 'main', event_number: number + 1, currency: 'EUR', value_minor: '1' },
        ...{ time: clickHouseTime(START_MS + atMs), ...rest },
        oldest_since: clickHouseTime(START_MS + oldest_since),
      };
    }),
  );

describe('the dashboard of chains and conditions over days of them', () => {
  let database: OwnDatabase;
  const days: Day[] = [];
  before(async () => {
    database = await ownDatabase();
    for (let seed = 1; seed <= 6; seed += 1) {
      const run = `day-${seed}`;
      const history = conditionDay(core.module, seed, 150).history();
      const fold = new EventFold(run, 'main', directory());
      for (const block of [...fold.fold(history), fold.end()])
        for (const { table, rows, token } of insertions(block))
          await insertRows(database.client, table, rows, token);
      await insertRows(
        database.client,
        'currencies',
        CODES.map((currency) => ({ run, pool: 'main', currency, minor_units: 2 })),
        `${run}/currencies`,
      );
      await insertRows(database.client, 'waits', snapshotRows(run), `${run}/waits`);
      const events = Array.from({ length: history.length / EVENT_BYTES }, (_, at) =>
        readFlatEvent(history, at),
      );
      const view = (fromMs: number, toMs: number): View => ({
        ...{ fromMs: START_MS + fromMs, toMs: START_MS + toMs, intervalSeconds: SECONDS },
        variables: { run: [run], pool: ['main'], currency: CODES },
      });
      // A part of the day, and all of it.
      days.push(
        { run, events, view: view(10_000, 35_000) },
        { run, events, view: view(0, 86_400_000) },
      );
    }
  });
  after(() => database.close());

  it('has a figure of each panel to compare', () => {
    assert.deepEqual(
      conditionPanels.map(({ panel }) => panel.title).sort(),
      Object.keys(EXPECTED).sort(),
    );
  });

  for (const { panel, sql } of conditionPanels)
    it(panel.title, async () => {
      let told = 0;
      for (const day of days) {
        const result = await database.client.query({
          query: expand(sql, day.view),
          format: 'JSON',
        });
        const { data } = (await result.json()) as { data: Row[] };
        const [found, expected] = EXPECTED[panel.title]?.(data, day) ?? assert.fail();
        assert.deepEqual(found, expected, `${day.run} from ${day.view.fromMs - START_MS}`);
        told += data.length;
      }
      assert.ok(told >= 4, `${panel.title} has ${told} rows over all days`);
    });
});
