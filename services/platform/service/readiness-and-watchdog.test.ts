import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as pause } from 'node:timers/promises';
import { createProbeServer } from './probe-server.ts';
import { createFigures, createRegistry } from './prometheus-figures.ts';
import { createHealth } from './readiness-and-watchdog.ts';

/** The probes of a process over a clock and readers that the test moves. */
function world() {
  const registry = createRegistry();
  const lines: string[] = [];
  let nowMs = 0;
  const health = createHealth({
    registry,
    logger: {
      info: (_fields, text) => void lines.push(text),
      error: (_fields, text) => void lines.push(text),
    },
    stallMs: 10_000,
    elapsedMs: () => nowMs,
  });
  const reader = { position: 0, end: 0, ask: async () => reader.end };
  health.of('notifier').consumer('events', {
    position: () => reader.position,
    end: () => reader.ask(),
  });
  const server = createProbeServer(registry, health);
  return {
    registry,
    health,
    lines,
    reader,
    async at(ms: number) {
      nowMs = ms;
      await health.look();
    },
    async ask(url: string) {
      const { statusCode, payload } = await server.inject({ method: 'GET', url });
      return { statusCode, payload };
    },
  };
}

test('a reader that stands while its log grows is told by log line, figure and /readyz', async () => {
  const { at, ask, lines, reader } = world();
  await at(0);
  reader.end = 5;
  await at(1_000);
  await at(10_999);
  assert.equal((await ask('/readyz')).statusCode, 200, 'not yet');
  await at(11_000);
  const { statusCode, payload } = await ask('/readyz');
  assert.equal(statusCode, 503);
  assert.match(payload, /notifier events: stalled at 0/);
  assert.deepEqual(lines, ['a reader makes no progress while its log grows']);
  const figures = (await ask('/metrics')).payload;
  assert.match(figures, /corridor_stalled\{service="notifier",consumer="events"\} 1/);
  assert.match(figures, /corridor_lag_records\{service="notifier",consumer="events"\} 5/);
  assert.equal((await ask('/healthz')).statusCode, 200, 'alive all the same');

  reader.position = 1;
  await at(12_000);
  assert.equal((await ask('/readyz')).statusCode, 200);
  assert.equal(lines[1], 'the reader makes progress again');
});

test('a reader that is slow but moves has not stalled, nor has one with nothing to read', async () => {
  const { at, ask, reader, lines } = world();
  reader.end = 1_000;
  for (let second = 0; second < 60; second++) {
    if (second % 9 === 0) reader.position += 1;
    await at(second * 1_000);
  }
  reader.position = reader.end;
  for (let second = 60; second < 120; second++) await at(second * 1_000);
  assert.equal((await ask('/readyz')).statusCode, 200);
  assert.deepEqual(lines, []);
});

test('a reader stands at the end where nothing that it can read follows', async () => {
  const { at, ask, reader, lines, health } = world();
  let record: number | null = null;
  let asked = 0;
  health.of('clearing').consumer('input', {
    position: () => reader.position,
    end: () => reader.ask(),
    nextRecord: async () => {
      asked += 1;
      return record;
    },
  });
  reader.position = 4;
  reader.end = 5;
  const lag = () => health.samples().find(({ service }) => service === 'clearing')?.lagRecords;
  await at(0);
  await at(500);
  assert.equal(lag(), 0, 'as soon as it is looked at where it stands');
  for (let second = 1; second < 30; second++) await at(second * 1_000);
  const stalled = (payload: string) => /clearing input: stalled/.test(payload);
  assert.equal(stalled((await ask('/readyz')).payload), false);
  assert.equal(lines.length, 1, 'only of the reader that cannot tell');
  assert.equal(asked, 1, 'what follows is looked at once');
  assert.match(
    (await ask('/metrics')).payload,
    /corridor_lag_records\{service="clearing",consumer="input"\} 0/,
  );
  assert.equal(health.samples().find(({ service }) => service === 'clearing')?.lagMs, 0);

  // A record behind the marker counts, from when it is there.
  reader.end = 6;
  record = 5;
  for (let second = 30; second < 40; second++) await at(second * 1_000);
  assert.equal(stalled((await ask('/readyz')).payload), false, 'not yet');
  await at(40_000);
  assert.equal(stalled((await ask('/readyz')).payload), true);
  assert.equal(asked, 2);
});

test('a reader that reaches exactly the end that was empty is asked about anew', async () => {
  const { at, ask, reader, lines, health } = world();
  let record: number | null = null;
  const other = { position: 4, end: 5 };
  health.of('gateway').consumer('mail', {
    position: () => other.position,
    end: async () => other.end,
    nextRecord: async () => record,
  });
  reader.position = reader.end;
  for (const second of [0, 1, 2]) await at(second * 1_000);
  // Of several topics that it reads, the first ended in a marker; so does the next.
  other.position = 5;
  other.end = 6;
  for (let second = 3; second < 30; second++) await at(second * 1_000);
  assert.equal((await ask('/readyz')).statusCode, 200);
  assert.equal(health.samples().find(({ service }) => service === 'gateway')?.lagRecords, 0);
  assert.deepEqual(lines, []);

  record = 6;
  other.end = 7;
  for (let second = 30; second < 41; second++) await at(second * 1_000);
  assert.match((await ask('/readyz')).payload, /gateway mail: stalled at 5/);
});

test('a log that fails, or never answers, is told by /readyz until it does', async () => {
  for (const fails of [true, false]) {
    const { at, ask, reader } = world();
    let answer: (end: number) => void = () => {};
    await at(0);
    const answers = reader.ask;
    reader.ask = () =>
      fails ? Promise.reject(new Error('away')) : new Promise((resolve) => (answer = resolve));
    void at(1_000);
    await pause();
    void at(10_999);
    assert.equal((await ask('/readyz')).statusCode, 200, 'not yet');
    void at(11_000);
    const { statusCode, payload } = await ask('/readyz');
    assert.equal(statusCode, 503);
    assert.match(payload, /notifier events: its log does not answer/);
    reader.ask = answers;
    answer(0);
    await pause();
    await at(12_000);
    assert.equal((await ask('/readyz')).statusCode, 200, 'it answers again');
  }
});

test('a service is not ready before its log has answered for the first time', async () => {
  const { health, ask } = world();
  await pause();
  assert.equal((await ask('/readyz')).statusCode, 200);
  let answer: (end: number) => void = () => {};
  const end = () => new Promise<number>((resolve) => (answer = resolve));
  health.of('metrics(main)').consumer('events', { position: () => null, end });
  await pause();
  const { statusCode, payload } = await ask('/readyz');
  assert.equal(statusCode, 503);
  assert.match(payload, /metrics\(main\) events: its log has not answered yet/);
  assert.equal(health.samples().find(({ service }) => service === 'metrics')?.isReady, false);
  answer(7);
  await pause();
  assert.equal((await ask('/readyz')).statusCode, 200);
});

test('/readyz names what is missing', async () => {
  const { health, ask } = world();
  let missing: string | null = 'no participant is known yet';
  health.of('verifier').readiness('keys', () => missing);
  const before = await ask('/readyz');
  assert.equal(before.statusCode, 503);
  assert.match(before.payload, /verifier keys: no participant is known yet/);
  missing = null;
  assert.equal((await ask('/readyz')).statusCode, 200);
});

test('a service is told by its readers, and by itself only where it reads nothing', () => {
  const { health } = world();
  const reads = { position: () => 0, end: async () => 0 };
  // The process's own check goes once it has started: a row of it would fall silent then.
  const hasStarted = health.of('clearing').readiness('start', () => 'has not started yet');
  health.of('clearing(main)').consumer('input', reads);
  health.of('gateway').readiness('start', () => null);
  const told = () => health.samples().map(({ service, reader }) => `${service} ${reader}`);
  assert.deepEqual(told(), ['notifier events', 'clearing main/input', 'gateway ']);
  hasStarted();
  assert.deepEqual(told(), ['notifier events', 'clearing main/input', 'gateway ']);
});

test('a service whose only check was that it starts is told on, and ready', () => {
  const { health } = world();
  const hasStarted = health.of('sandbox').readiness('start', () => 'has not started yet');
  const told = () => health.samples().find(({ service }) => service === 'sandbox')?.isReady;
  assert.equal(told(), false);
  hasStarted();
  assert.equal(told(), true);
  assert.doesNotMatch(health.faults().join(), /sandbox/);
});

test('services of one process share a figure, each with its labels', async () => {
  const { registry, ask } = world();
  const name = 'corridor_test_total';
  createFigures(registry, { service: 'clearing', pool: 'a' }).counter(name, 'test')(2);
  createFigures(registry, { service: 'clearing', pool: 'b' }).counter(name, 'test')(3);
  const { payload } = await ask('/metrics');
  assert.match(payload, /corridor_test_total\{service="clearing",pool="a"\} 2/);
  assert.match(payload, /corridor_test_total\{service="clearing",pool="b"\} 3/);
});
