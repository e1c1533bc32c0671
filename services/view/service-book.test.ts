import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHUT_DOWN } from '../protocol/records/telemetry.ts';
import { ServiceBook, type ServiceSample } from './service-book.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const sample = (instance: string, atMs: number, more: Partial<ServiceSample> = {}) => ({
  ...{ service: 'clearing', reader: 'main/input', instance, isReady: true },
  ...{ lagRecords: 0, lagMs: 0, records: 1, fault: '', atMs, ...more },
});
/** Samples of a process from one second up to another. */
function runs(book: ServiceBook, instance: string, from: number, to: number) {
  for (let second = from; second <= to; second++) book.take(sample(instance, second * SECOND));
}
const instances = (book: ServiceBook, nowMs: number) =>
  book.states(nowMs).map(({ instance }) => instance);

test('one that died is missed until another takes its place, however long that takes', () => {
  const book = new ServiceBook();
  runs(book, 'standby', 0, 60);
  runs(book, 'one', 0, 10);
  assert.deepEqual(instances(book, 25 * SECOND), ['one', 'standby']);
  runs(book, 'standby', 7 * 3600, 7 * 3600 + 60);
  assert.deepEqual(instances(book, 7 * HOUR + 60 * SECOND), ['one', 'standby']);
  // Of another kind, it takes no place.
  book.take(sample('other', 7 * HOUR + 61 * SECOND, { reader: 'second/input' }));
  assert.deepEqual(instances(book, 7 * HOUR + 61 * SECOND), ['one', 'standby', 'other']);
  book.take(sample('two', 7 * HOUR + 61 * SECOND));
  assert.deepEqual(instances(book, 7 * HOUR + 61 * SECOND), ['standby', 'two', 'other']);
});

test('what a service said last gives it its state, and after more than 15 s without a word it is silent', () => {
  const states = (atMs: number, ...samples: Partial<ServiceSample>[]) => {
    const book = new ServiceBook();
    for (const [number, more] of samples.entries()) book.take(sample(`of ${number}`, 0, more));
    return book.states(atMs).map(({ state }) => state);
  };
  const fault = { fault: 'historyDiverged', isReady: false };
  const all = [{}, { isReady: false }, fault];
  assert.deepEqual(states(15 * SECOND, ...all), ['ready', 'notReady', 'stopped']);
  assert.deepEqual(states(15 * SECOND + 1, ...all), ['silent', 'silent', 'stopped']);
});

test('one that came takes the place of one', () => {
  const book = new ServiceBook();
  runs(book, 'one', 0, 10);
  runs(book, 'two', 0, 11);
  runs(book, 'three', 13, 13);
  for (const second of [27, 200, 400]) {
    book.take(sample('three', second * SECOND));
    assert.deepEqual(instances(book, second * SECOND), ['one', 'three']);
  }
  book.take(sample('one', 401 * SECOND));
  assert.deepEqual(instances(book, 401 * SECOND), ['one', 'three'], 'it is back');
  assert.deepEqual(instances(book, 417 * SECOND), ['one', 'three'], 'both are gone');
});

test('one that was shut down is not missed, and is forgotten', () => {
  const book = new ServiceBook();
  runs(book, 'one', 0, 10);
  book.take(sample('one', 11 * SECOND, { fault: SHUT_DOWN, isReady: false }));
  // What it said before comes late.
  book.take(sample('one', 10 * SECOND));
  for (const second of [11, 60, 3_600]) assert.deepEqual(instances(book, second * SECOND), []);
});

test('a fault stands beside a healthy one, and ends with what is started in its place', () => {
  const book = new ServiceBook();
  runs(book, 'writer', 0, 600);
  runs(book, 'standby', 0, 10);
  book.take(sample('standby', 11 * SECOND, { fault: 'historyDiverged', isReady: false }));
  assert.deepEqual(instances(book, 600 * SECOND), ['standby', 'writer']);
  runs(book, 'mended', 601, 602);
  assert.deepEqual(instances(book, 602 * SECOND), ['mended', 'writer']);
});

test('a reader of which a process no longer speaks is no silent process', () => {
  const book = new ServiceBook();
  book.take(sample('one', 0, { reader: '' }));
  runs(book, 'one', 1, 60);
  assert.deepEqual(
    book.states(60 * SECOND).map(({ reader }) => reader),
    ['main/input'],
  );
  assert.deepEqual(
    book.states(600 * SECOND).map(({ reader }) => reader),
    ['main/input'],
  );
});

test('partitions that verifiers take over from each other are no verifiers that begin', () => {
  const book = new ServiceBook();
  const verifier = (instance: string, reader: string, from: number, to: number) => {
    for (let second = from; second <= to; second++)
      book.take(sample(instance, second * SECOND, { service: 'verifier', reader }));
  };
  for (const reader of ['participants', 'payments/0']) verifier('one', reader, 0, 10);
  verifier('two', 'participants', 0, 60);
  verifier('two', 'payments/0', 12, 60);
  assert.deepEqual(instances(book, 60 * SECOND), ['one', 'two', 'one', 'two']);
  verifier('three', 'participants', 61, 61);
  assert.deepEqual(instances(book, 61 * SECOND), ['three', 'two', 'two']);
});
