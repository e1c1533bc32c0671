/** Cases of alerts: what metrics finds, what operators say to it, and the rows, whatever is killed in between. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, test } from 'node:test';
import { createSigner, type Signer } from '../../services/core/verification/signing.ts';
import type { ConsumerProgress, ServiceContext } from '../../services/live/service-context.ts';
import type { AnalysisStore } from '../../services/metrics/analysis-store.ts';
import {
  type AlertRule,
  firingRow,
  queryAt,
  readAlertRules,
} from '../../services/metrics/ask-alert-rules.ts';
import { startCases } from '../../services/metrics/case-service.ts';
import { OUTAGE_RULE } from '../../services/metrics/money-held-by-an-outage.ts';
import { POSITION_SQL } from '../../services/metrics/same-blocks-after-a-crash.ts';
import { alertRulesText } from '../../services/platform/service/shipped-files.ts';
import { commandSigningText } from '../../services/protocol/messages/operator-command.ts';
import { CASES, COMMANDS } from '../../services/protocol/names/topic-plan.ts';
import {
  type CaseRecord,
  type CommandedCase,
  caseMessage,
  commandedCase,
  type OpenedCase,
  readCaseMessage,
} from '../../services/protocol/records/case-record.ts';
import { commandMessage } from '../../services/protocol/records/command-report.ts';
import { atLeast } from '../support/at-least.ts';
import { foundedLog, liveNetwork, POOL, processOver, until } from '../support/live.ts';
import { storedPosition } from '../support/reader-positions.ts';
import { RULES } from './alerts-rules.ts';
import { expand } from './dashboards-macros.ts';

const MINUTE_MS = 60_000;
const BEGIN = Date.parse('2026-03-16T09:00:00Z');
const keyed = (name: string) => createSigner(createHash('sha256').update(name).digest());
const operator = keyed('operator');
const rule = (more: Partial<AlertRule> = {}): AlertRule => ({
  ...{ uid: 'corridor-test', title: 'Test', severity: 'warning', above: 3, sql: 'RULE' },
  ...{ summary: '{{ $labels.run }}: {{ $labels.pool }} has {{ $values.A.Value }}' },
  ...{ forMs: 0, rangeMs: MINUTE_MS, subject: ['pool'], ...more },
});

interface Row {
  readonly table: string;
  readonly row: Record<string, unknown>;
}

/**
 * A store that has what was inserted, once by token, and answers rules as the test says by minute; and what is trapped at a
 * bank, in cents.
 */
function testStore(
  valueAt: (minute: number, rule: string) => Record<string, number>,
  trappedAt: (minute: number, bic: string) => number = () => 0,
) {
  const rows: Row[] = [];
  const tokens = new Set<string>();
  const asked = new Set<number>();
  const store: AnalysisStore = {
    async query<Answer>(sql: string, { reader, bic, to }: Readonly<Record<string, unknown>>) {
      if (sql === POSITION_SQL) return [storedPosition(rows, reader)] as Answer[];
      if (bic !== undefined) {
        const minuteOf = (Date.parse(`${to}Z`) - BEGIN) / MINUTE_MS;
        const amount = sql.includes('risen') ? trappedAt(minuteOf, String(bic)) : 0;
        return (amount > 0 ? [{ currency: 'EUR', amount: String(amount) }] : []) as Answer[];
      }
      const [, name = ''] = /^SELECT \* FROM \((\w+) /.exec(sql) ?? [];
      const minute = Number(/toDateTime\((\d+)\)/.exec(sql)?.[1]) / 60 - BEGIN / MINUTE_MS;
      asked.add(minute);
      const values = Object.entries(valueAt(minute, name));
      return values.map(([pool, value]) => ({
        ...{ run: 'r', pool, debtor_agent: pool, value },
      })) as Answer[];
    },
    async insert(table, inserted, token) {
      if (tokens.has(token)) return;
      tokens.add(token);
      rows.push(...inserted.map((row) => ({ table, row: row as Record<string, unknown> })));
    },
  };
  const events = () => rows.flatMap(({ table, row }) => (table === 'case_events' ? [row] : []));
  return { store, asked, rows, events };
}

type TestStore = ReturnType<typeof testStore>;

const founded = () => foundedLog(BEGIN, operator.publicKey);

type TestLog = Awaited<ReturnType<typeof founded>>;

/** Metrics' part that has the cases, on a clock of the test's. */
async function running(
  log: TestLog,
  { store, asked, rows }: TestStore,
  options: {
    rules?: readonly AlertRule[];
    kill?: string;
    clock?: { minute: number };
    sources?: ReadonlyMap<string, ConsumerProgress>;
  } = {},
) {
  const clock = options.clock ?? { minute: -2 };
  /** At the clock: before each time that rules may be asked. */
  let looks = 0;
  const said: string[] = [];
  const shared = processOver(log).context('metrics');
  const hear = (_: object, text: string) => void said.push(text);
  const logger = { info() {}, warn: hear, error: hear };
  const own: ServiceContext = {
    ...{ ...shared, logger },
    nowMs() {
      looks += 1;
      return BEGIN + clock.minute * MINUTE_MS + 5_000;
    },
    reached(point) {
      if (point === options.kill) throw new Error(`killed at ${point}`);
    },
    // What is waited for comes at once, or not at all.
    log: {
      ...log,
      read: (topic, partition, from, count, how) =>
        log.read(topic, partition, from, count, { ...how, ...(how?.waitMs && { waitMs: 2 }) }),
    },
  };
  const { rules = [rule({ sql: 'RULE $__toTime' })], sources = new Map() } = options;
  const first = clock.minute + 2;
  asked.clear();
  const service = await startCases(own, { run: 'r', pools: [POOL], store, rules, sources });
  let over = false;
  service.done.catch(() => {}).then(() => (over = true));
  /** What was found before a crash is not asked for again. */
  const foundMs = async () =>
    Math.max(
      0,
      ...(await recordsIn(log)).map((one) => (one?.kind === 'commanded' ? 0 : (one?.atMs ?? 0))),
    );
  const isAsked = async (minute: number) =>
    over || asked.has(minute) || (await foundMs()) >= BEGIN + minute * MINUTE_MS;
  const settled = async () => {
    const end = await log.endOffset(CASES, 0);
    return Number(storedPosition(rows, CASES).done) >= end;
  };
  return {
    service,
    clock,
    said,
    settled: () => until('rows are there', async () => over || (await settled())),
    /** Minutes pass, each when the one before it is in the store. */
    async to(minute: number) {
      while (clock.minute < minute && !over) {
        clock.minute += 1;
        if (clock.minute >= first) await until('it is asked', () => isAsked(clock.minute));
        await until('rows are there', async () => over || (await settled()));
      }
    },
    /** Until it has had the time to ask. */
    async looked() {
      const before = looks;
      await until('it looks at the clock', () => looks > before + 2);
    },
    isOver: () => over,
  };
}

const recordsIn = async (log: TestLog) =>
  (await log.read(CASES, 0, 0, 1_000)).map(({ value }) => readCaseMessage(value));

const LIFE = [5, 5, 1, 5, 5, 5, 1, 1, 5, 5];
const fires = (minute: number) => ({ main: LIFE[minute] ?? 0 });
const told = (events: readonly Record<string, unknown>[]) =>
  events.map(({ event, time, case_id, by_key, why, reason }) => [
    ...[event, String(time).slice(11, 16), case_id, by_key, why, reason],
  ]);

function word(
  id: string,
  command: object,
  more: { signer?: Signer; keyId?: string; pool?: string; atMs?: number } = {},
): CommandedCase {
  const { signer = operator, keyId = 'genesis', pool = POOL, atMs = BEGIN + 5_000 } = more;
  const payload = Buffer.from(JSON.stringify({ pool, command }));
  const text = commandSigningText(
    ...([liveNetwork.network, pool, { id, keyId, issuedAtMs: atMs }, payload] as const),
  );
  const signed = { id, keyId, issuedAtMs: atMs, signature: signer.sign(text) };
  return commandedCase(pool, signed, payload, atMs);
}
const say = (log: TestLog, ...words: CommandedCase[]) => log.produce(CASES, words.map(caseMessage));
const closeCase = (id: unknown, why = 'done with it') => ({ kind: 'closeCase', case: id, why });
const acknowledgeCase = (id: unknown, why = 'I call the bank') => ({
  ...{ kind: 'acknowledgeCase', case: id, why },
});

/** The life of a case, closed while it fires: what rows it has. */
async function live(log: TestLog, store: TestStore, kill?: string): Promise<void> {
  const clock = { minute: -2 };
  let service = await running(log, store, { clock, ...(kill && { kill }) });
  let isSaid = false;
  const steps: (() => Promise<void>)[] = [
    () => service.to(4),
    async () => {
      const [opened] = await recordsIn(log);
      const id = opened?.kind === 'opened' ? opened.case : '';
      const atMs = BEGIN + 4 * MINUTE_MS + 7;
      if (!isSaid)
        await say(
          log,
          word('one', acknowledgeCase(id), { atMs }),
          word('two', closeCase(id), { atMs }),
        );
      isSaid = true;
      await service.settled();
    },
    () => service.to(9),
  ];
  for (const step of steps)
    for (;;) {
      await step();
      if (!service.isOver()) break;
      await assert.rejects(service.service.done, /killed at/);
      // Two minutes go by while it is away; a clock that stands is enough here.
      clock.minute -= 2;
      service = await running(log, store, { clock });
    }
  await service.service.stop();
}

const POINTS = [
  ...['cases.beforeRecords', 'cases.afterRecords', 'cases.beforeBegin', 'cases.afterBegin'],
  ...['cases.beforeInsert', 'cases.afterInsert', 'cases.beforeDone', 'cases.afterDone'],
];

describe('a case', () => {
  it('is opened once, stops, goes on, is closed, and another opens when its rule fires again', async () => {
    const log = await founded();
    const store = testStore(fires);
    await live(log, store);
    const events = store.events();
    const [first, other] = [events[0]?.case_id, events.at(-1)?.case_id];
    assert.match(String(first), /^[0-9a-f]{16}$/);
    assert.notEqual(first, other);
    assert.deepEqual(told(events), [
      ['opened', '09:00', first, '', '', ''],
      ['stopped', '09:02', first, '', '', ''],
      ['resumed', '09:03', first, '', '', ''],
      ['acknowledged', '09:04', first, 'genesis', 'I call the bank', ''],
      ['closed', '09:04', first, 'genesis', 'done with it', ''],
      // Closed while it fired: what goes on firing opens none.
      ['stopped', '09:06', first, '', '', ''],
      ['opened', '09:08', other, '', '', ''],
    ]);
    const { rule: uid, severity, summary, subject, pool } = events[0] ?? {};
    assert.deepEqual(
      [uid, severity, summary, subject, pool],
      ['corridor-test', 'warning', 'r: main has 5', { pool: 'main' }, 'main'],
    );
  });

  it('has the same rows wherever metrics was killed, and in a store that is filled again', async () => {
    const log = await founded();
    const store = testStore(fires);
    await live(log, store);
    for (const point of atLeast(8, POINTS)) {
      const [other, killed] = [await founded(), testStore(fires)];
      await live(other, killed, point);
      assert.deepEqual(killed.events(), store.events(), point);
    }
    const again = testStore(() => ({}));
    const { service, settled } = await running(log, again, { clock: { minute: 90 }, rules: [] });
    await settled();
    await service.stop();
    assert.deepEqual(again.events(), store.events());
  });

  it('opens when its rule has fired for as long as it asks, by subject', async () => {
    const log = await founded();
    const store = testStore((minute) => ({ main: 5, other: minute === 1 ? 0 : 5 }));
    const rules = [rule({ sql: 'RULE $__toTime', forMs: 2 * MINUTE_MS })];
    const { service, to } = await running(log, store, { rules });
    await to(4);
    await service.stop();
    assert.deepEqual(
      store.events().map(({ event, pool, time }) => [event, pool, String(time).slice(11, 16)]),
      [
        ['opened', 'main', '09:02'],
        ['opened', 'other', '09:04'],
      ],
    );
  });

  it('opens where fewer than a thousand are open, also of those that fire in one minute', async () => {
    const log = await founded();
    const names = Array.from({ length: 600 }, (_, index) => [`pool${index}`, 5] as const);
    const store = testStore(() => Object.fromEntries(names));
    const rules = [rule({ sql: 'RULE $__toTime' }), rule({ uid: 'other', sql: 'OTHER $__toTime' })];
    const { service, to } = await running(log, store, { rules });
    await to(1);
    await service.stop();
    const opened = (uid: string) => store.events().filter((row) => row.rule === uid).length;
    assert.deepEqual([opened('corridor-test'), opened('other')], [600, 400]);
  });

  it('is not found before what was found: a clock that went back', async () => {
    const log = await founded();
    const store = testStore(fires);
    const before = await running(log, store);
    await before.to(3);
    await before.service.stop();
    const events = store.events();
    const { service, to, looked } = await running(log, store, { clock: { minute: 0 } });
    // At minute 2 it did not fire.
    await to(2);
    await looked();
    await service.stop();
    assert.deepEqual(store.events(), events);
  });

  it('is found again where a clock was more than a day ahead, and is told to wait where it was less', async () => {
    const waiting = 'rules are not asked before the clock is where a case was found last';
    const right = 'a case was found more than a day ahead of the clock: rules are asked';
    for (const [ahead, told] of atLeast(2, [
      [23 * 60, waiting],
      [25 * 60, right],
    ] as const)) {
      const log = await founded();
      const store = testStore((minute) => ({ [minute >= ahead ? 'later' : 'now']: 5 }));
      const clock = { minute: ahead - 2 };
      const { service, to, said, looked, settled } = await running(log, store, { clock });
      await to(ahead);
      assert.deepEqual(said, []);
      // The same process, and its clock is set right.
      clock.minute = 0;
      await looked();
      clock.minute = 3;
      await until('it is said', () => said.length > 0);
      await looked();
      await settled();
      await service.stop();
      assert.deepEqual(said, [told]);
      const again = [
        ['opened', 'now'],
        ['stopped', 'later'],
      ];
      assert.deepEqual(
        store.events().map(({ event, pool }) => [event, pool]),
        [['opened', 'later'], ...(told === right ? again : [])],
      );
    }
  });

  it('is not looked for before the store has what the topics had when the minute was over', async () => {
    const log = await founded();
    const store = testStore(fires);
    const [read, written] = [{ at: null as number | null }, { end: 7 }];
    const lagging: ConsumerProgress = {
      position: () => read.at,
      end: async () => written.end,
      // At 6 a transaction ends: what comes after it is a later minute's.
      nextRecord: async (from) => (from === 6 ? 8 : from),
    };
    const sources = new Map([
      ['events/main', { ...lagging, position: () => 6, nextRecord: async () => null }],
      ['telemetry', lagging],
    ]);
    const { service, clock, looked, said, settled } = await running(log, store, { sources });
    for (const [minute, at] of [null, 0, 5].entries()) {
      clock.minute = minute;
      read.at = at;
      await looked();
      written.end += 1;
      await looked();
    }
    assert.deepEqual([store.asked.size, store.events()], [0, []]);
    assert.deepEqual(new Set(said), new Set(['rules were not asked: rows come']));
    written.end = 7;
    clock.minute = 5;
    await looked();
    // What comes later is not waited for.
    written.end = 20;
    read.at = 6;
    await until('it is asked', () => store.asked.has(5));
    await settled();
    await service.stop();
    assert.deepEqual([...store.asked], [5]);
  });

  it('of an outage has what it holds a quarter of an hour after it was last written down, also where a minute was missed', async () => {
    const log = await founded();
    const store = testStore(
      () => ({ BETADE00: 5 }),
      (minute) => 100 + minute,
    );
    const outage = rule({ uid: OUTAGE_RULE, sql: 'RULE $__toTime', subject: ['debtor_agent'] });
    const first = await running(log, store, { rules: [outage] });
    await first.to(14);
    await first.service.stop();
    const { service, to } = await running(log, store, { rules: [outage], clock: { minute: 14 } });
    await to(32);
    await service.stop();
    const money = store.rows.flatMap(({ table, row }) =>
      table === 'case_money' ? [[String(row.time).slice(11, 16), row.amount_minor]] : [],
    );
    assert.deepEqual(money, [
      ['09:00', '100'],
      ['09:16', '116'],
      ['09:31', '131'],
    ]);
  });

  it('of an outage opens where the store does not say what it holds, and others too; it is asked again', async () => {
    const log = await founded();
    const store = testStore(
      () => ({ ALFADE00: 5, BETADE00: 5 }),
      (minute, bic) => {
        if (minute === 0 && bic === 'ALFADE00') throw new Error('too slow');
        return 100 + minute;
      },
    );
    const outage = rule({ uid: OUTAGE_RULE, sql: 'RULE $__toTime', subject: ['debtor_agent'] });
    const { service, to, said } = await running(log, store, { rules: [outage] });
    await to(2);
    await service.stop();
    const told = store
      .events()
      .map(({ event, participant, time }) => [event, participant, String(time).slice(11, 16)]);
    assert.deepEqual(told, [
      ['opened', 'ALFADE00', '09:00'],
      ['opened', 'BETADE00', '09:00'],
      ['held', 'ALFADE00', '09:01'],
    ]);
    assert.deepEqual(said, ['what an outage holds was not asked']);
  });

  it('is opened once where two wrote it down', async () => {
    const log = await founded();
    const store = testStore(() => ({ [POOL]: 5 }));
    const { service, to, settled } = await running(log, store);
    await to(0);
    const [opened] = await recordsIn(log);
    assert.equal(opened?.kind, 'opened');
    const later = { ...opened, case: '0123456789abcdef', atMs: BEGIN + 1 } as CaseRecord;
    await log.produce(CASES, [opened as CaseRecord, later].map(caseMessage));
    // Closed while it fires: not even then.
    const { case: id } = opened as OpenedCase;
    await say(log, word('a', closeCase(id)));
    await log.produce(CASES, [later].map(caseMessage));
    await settled();
    await service.stop();
    assert.deepEqual(
      store.events().map(({ event }) => event),
      ['opened', 'closed'],
    );
  });

  it('does not stop where its rule could not be asked', async () => {
    const log = await founded();
    const store = testStore((minute, name) => {
      if (minute === 1 && name === 'RULE') throw new Error('too slow');
      return { main: 5 };
    });
    const rules = [rule({ sql: 'RULE $__toTime' }), rule({ uid: 'other', sql: 'OTHER $__toTime' })];
    const { service, to } = await running(log, store, { rules });
    await to(2);
    await service.stop();
    assert.deepEqual(
      store.events().map(({ event, rule: uid }) => [event, uid]),
      [
        ['opened', 'corridor-test'],
        ['opened', 'other'],
      ],
    );
  });
});

/** One open case of pool `main`, and what became of these words on it. */
async function answered(
  words: (id: string) => CommandedCase[],
  prepare?: (log: TestLog) => unknown,
) {
  const log = await founded();
  await prepare?.(log);
  const store = testStore(() => ({ [POOL]: 5 }));
  const { service, to, settled } = await running(log, store);
  await to(0);
  const id = String(store.events()[0]?.case_id);
  await say(log, ...words(id));
  await settled();
  await service.stop();
  return store
    .events()
    .slice(1)
    .map(({ event, reason, command_id }) => [event, command_id, reason]);
}

test('commands about cases that have no effect are rows too, with the reason', async () => {
  assert.deepEqual(
    await answered((id) => [
      word('a', acknowledgeCase('0123456789abcdef')),
      word('b', acknowledgeCase(id)),
      word('c', acknowledgeCase(id, 'me too')),
      word('d', closeCase(id)),
      word('e', closeCase(id)),
      word('f', acknowledgeCase(id)),
      // The id was taken: neither the same nor another has an effect.
      word('d', closeCase('0123456789abcdef')),
    ]),
    [
      ['refused', 'a', 'caseUnknown'],
      ['acknowledged', 'b', ''],
      ['refused', 'c', 'caseAcknowledged'],
      ['closed', 'd', ''],
      ['refused', 'e', 'caseClosed'],
      ['refused', 'f', 'caseClosed'],
    ],
  );
});

test('what no operator of the pool signed is nothing, and takes no id', async () => {
  const stranger = keyed('stranger');
  const altered = (id: string): CommandedCase => ({
    ...word('d', closeCase(id)),
    payload: word('d', closeCase(id, 'another reason')).payload,
  });
  assert.deepEqual(
    await answered((id) => [
      word('a', closeCase(id), { signer: stranger }),
      word('b', closeCase(id), { signer: stranger }),
      word('c', closeCase(id), { keyId: 'operator-9' }),
      altered(id),
      { ...word('e', closeCase(id)), pool: 'other' },
      word('f', closeCase(id), { pool: 'other' }),
      word('g', { kind: 'issue', bic: 'ALFADE00', currency: 'EUR', amountMinor: '1' }),
      word('b', closeCase(id)),
    ]),
    [['closed', 'b', '']],
  );
});

test('a key that the operator registered later signs, one that he revoked has signed', async () => {
  const later = keyed('later');
  const own = { kind: 'operatorKey', operator: 'genesis' } as const;
  const report = (
    eventNumber: number,
    keyId: string,
    signer: Signer,
    state: 'registered' | 'revoked',
  ) =>
    commandMessage({
      ...{ pool: POOL, id: `k${eventNumber}`, kind: 'operatorKey', outcome: 'done' },
      ...{ reason: null, detail: null, position: 1, eventNumber, timeMs: BEGIN, waiting: null },
      payloadDigest: '',
      key: { ...own, keyId, publicKey: Buffer.from(signer.publicKey).toString('hex'), state },
    });
  const changes = [
    report(1, 'later', later, 'registered'),
    report(2, 'genesis', operator, 'revoked'),
  ];
  assert.deepEqual(
    await answered(
      (id) => [
        word('a', acknowledgeCase(id)),
        word('b', closeCase(id), { signer: later, keyId: 'later' }),
      ],
      (log) => log.produce(COMMANDS, changes),
    ),
    [
      ['acknowledged', 'a', ''],
      ['closed', 'b', ''],
    ],
  );
});

test('what is no record of a case is passed over', async () => {
  const log = await founded();
  const store = testStore(() => ({}));
  const values = [
    '',
    '{}',
    '[1]',
    '{"kind":"opened"}',
    '\ufffd',
    '{"kind":"stopped","case":"x","atMs":1}',
  ];
  const messages = values.map((value) => ({ key: null, value: Buffer.from(value), headers: {} }));
  await log.produce(CASES, messages);
  const { service, settled } = await running(log, store);
  await settled();
  await service.stop();
  assert.deepEqual(store.events(), []);
});

test('the rules are those of Grafana’s file, with its macros put in as Grafana does', () => {
  const rules = readAlertRules(alertRulesText());
  assert.deepEqual(
    atLeast(12, rules).map(({ title }) => title),
    RULES.map(({ title }) => title),
  );
  for (const [index, { sql, rangeMs, forMs, above, ...own }] of rules.entries()) {
    const view = { fromMs: BEGIN - rangeMs, toMs: BEGIN, intervalSeconds: 60, variables: {} };
    const expected = `SELECT * FROM (${expand(RULES[index]?.data[0]?.model.rawSql ?? '', view)}) WHERE run = {run:String}`;
    assert.equal(queryAt({ sql, rangeMs }, BEGIN), expected);
    assert.ok(!expected.includes('$'), own.uid);
    assert.ok(forMs % MINUTE_MS === 0 && Number.isFinite(above), own.uid);
  }
  const of = (uid: string) => rules.find((one) => one.uid === uid) as AlertRule;
  // Another of these is another alert; of which witness is missing, or which fault came first, is not.
  const subjects = rules.map(({ uid, subject }) => `${uid}: ${subject.join(' ')}`);
  for (const one of atLeast(5, [
    'corridor-cosignatures: pool',
    'corridor-proof: pool',
    'corridor-divergence: service instance',
    'corridor-outage: debtor_agent',
    'corridor-credit: pool participant currency',
  ]))
    assert.ok(subjects.includes(one), one);
  assert.throws(
    () => readAlertRules(alertRulesText().replaceAll('ORDER BY run', 'ORDER BY pool')),
    /corridor-conservation: expected a query A that ends with ORDER BY run/,
  );
  assert.deepEqual([of('corridor-lag').forMs, of('corridor-lag').above], [60_000, 10_000]);
  assert.deepEqual(
    firingRow(of('corridor-proof'), { run: 'r', pool: 'main', first: 'offset 7', value: 2 }),
    {
      subject: { pool: 'main' },
      summary:
        'Pool main of r: 2 records of its input are not what only a bank, the operator or the calendar could have caused; the first: offset 7',
    },
  );
  const lags = { ...{ run: 'r', service: 'view', instance: 'one', pool: '' }, value: 10_001 };
  assert.match(
    firingRow(of('corridor-lag'), lags)?.summary ?? '',
    /^r: view one is more than 10 seconds behind/,
  );
  const watched = { ...{ run: 'r', pool: 'main', most_of: 'ALFADE00', by_model: 'm' } };
  assert.equal(
    firingRow(of('corridor-watch'), { ...watched, value: 56.666666666666664 })?.summary,
    "r main: of the last hour's payments 56.7 times as many are alerts of the watch as its model expects (more than 2); most of them ALFADE00 sends; model m",
  );
  assert.equal(
    firingRow(of('corridor-proof'), { run: 'r', pool: 'main', first: '', value: 0 }),
    null,
  );
});
