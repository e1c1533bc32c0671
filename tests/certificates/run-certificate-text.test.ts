/** Certificates that are written as text are those that are made as objects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../../services/analysis/certificates/certificate-format.ts';
import { checkCertificate } from '../../services/analysis/certificates/check/gridlock-check.ts';
import { certifyRun } from '../../services/analysis/certificates/gridlock-certificate.ts';
import { RunCertificateText } from '../../services/analysis/certificates/run-certificate-text.ts';
import { resolve } from '../../services/analysis/queues/gridlock-resolution.ts';
import {
  type CapturedQueues,
  DESCRIBED_BYTES,
  readQueues,
} from '../../services/core/settlement/queue-state.ts';
import type { CycleMechanism } from '../../services/core/settlement/records.ts';
import { seeded } from '../settlement/random-draft.ts';
import { dayTold } from '../support/certified-days.ts';
import { NAMES, PLACE } from './certificate-samples.ts';

const utf8 = (text: Uint8Array | null) => (text === null ? null : Buffer.from(text).toString());

/**
 * Queues in two currencies, of which `PlainQueues` takes all; amounts by their size.
 * @param conversions one payment in so many is a dealer's, of two legs; 0: none
 */
function queuesOf(
  seed: number,
  size: (pick: (below: number) => number) => bigint,
  conversions: number,
): CapturedQueues {
  const pick = seeded(seed);
  const banks = 2 + pick(6);
  const mechanisms = [0, 1].map(() => (pick(4) === 0 ? 'allOrNothing' : 'gridlockResolution'));
  const accounts = [0, 1].flatMap((currency) =>
    Array.from({ length: banks }, (_, participant) => ({
      ...{
        participant,
        currency,
        balance: BigInt(pick(3)) * size(pick) - (pick(4) === 0 ? size(pick) : 0n),
      },
      creditLine: pick(3) === 0 ? size(pick) : 0n,
      reserved: [pick(3) === 0 ? size(pick) : 0n, pick(3) === 0 ? size(pick) : 0n] as const,
    })),
  );
  const payments = pick(60);
  const described = new Uint8Array(payments * DESCRIBED_BYTES);
  const view = new DataView(described.buffer);
  for (let at = 0; at < described.length; at += DESCRIBED_BYTES) {
    const debtor = pick(banks);
    view.setBigUint64(
      at,
      BigInt(at / DESCRIBED_BYTES) * 5n + (pick(2) === 0 ? 1n : 2n ** 33n),
      true,
    );
    for (let byte = 8; byte < 24; byte++) described[at + byte] = pick(256);
    view.setBigInt64(at + 24, 1n + size(pick), true);
    view.setUint32(at + 40, debtor, true);
    view.setUint32(at + 44, (debtor + 1 + pick(banks - 1)) % banks, true);
    view.setUint32(at + 48, 0xffff_ffff, true);
    view.setUint32(at + 52, 0xffff_ffff, true);
    const currency = pick(2);
    view.setUint16(at + 56, currency, true);
    if (conversions > 0 && pick(conversions) === 0) {
      const dealer = pick(banks);
      view.setBigInt64(at + 32, 1n + size(pick), true);
      view.setUint32(at + 48, dealer, true);
      view.setUint32(at + 52, pick(banks), true);
      view.setUint16(at + 58, dealer === debtor || pick(4) > 0 ? 1 - currency : currency, true);
    }
    described[at + 60] = pick(3);
    view.setBigInt64(at + 64, BigInt(at), true);
  }
  return {
    ...{
      mechanisms: mechanisms as CycleMechanism[],
      bypasses: [true, false],
      offsets: [false, true],
    },
    ...{ offsettingMinimumMs: [0, 0], sharesLosses: [false, false], valuations: [], limits: [] },
    ...{ crossLimits: [], accounts },
    ...{ described, proposed: null },
  };
}

const small = (pick: (below: number) => number) => BigInt(pick(40));
const ofAllLengths = (pick: (below: number) => number) => BigInt(pick(1000)) ** BigInt(pick(5));
const names = {
  ...NAMES,
  participant: (handle: number) => `BANK"é\\${'x'.repeat(handle)}${handle}`,
};
const text = new RunCertificateText();

for (const [name, size] of Object.entries({ small, ofAllLengths }))
  test(`random queues with amounts that are ${name}: text and object are one`, () => {
    const met = {
      ...{ drops: 0, largest: 0, settled: 0, short: 0, fits: 0, long: 0 },
      ...{ behind: 0, held: 0, conversions: 0, shortOfTwo: 0 },
    };
    for (let seed = 1; seed <= 600; seed++) {
      const captured = queuesOf(seed, size, seed % 4);
      const state = readQueues(captured);
      const joined = seed % 3 > 0;
      const currencies = joined
        ? state.mechanisms.flatMap((m, c) => (m === 'gridlockResolution' ? [c] : []))
        : [seed % 2];
      const { settled: largest } = resolve(state, currencies);
      // What a run settled follows from its mechanism: here it may be anything.
      const settled = [...largest]
        .map(({ position }) => position)
        .filter((_, at) => (seed + at) % 4 > 0);
      const run = {
        ...{
          cycle: seed,
          outcome: 'resolved' as const,
          settled,
          mechanism: 'gridlockResolution' as const,
        },
        currency: joined ? null : (currencies[0] as number),
      };
      const place = { ...PLACE, pool: 'main "é"', event: seed };
      const certificate = certifyRun(state, run, place, names);
      assert.equal(
        utf8(text.write(captured, run, place, names)),
        JSON.stringify(certificate),
        `seed ${seed}`,
      );
      met.drops += certificate.drops.length;
      met.largest += certificate.largest.length;
      met.settled += certificate.settled.length;
      for (const { shortages } of certificate.heldUp) {
        met[shortages.length > 0 ? 'short' : 'fits'] += 1;
        met.shortOfTwo += shortages.length > 1 ? 1 : 0;
      }
      for (const { because } of certificate.drops)
        if (because.kind !== 'short') met[because.kind] += 1;
      met.conversions += certificate.payments.filter(({ legs }) => legs.length > 1).length;
      met.long += certificate.payments.filter(
        ({ legs }) => (legs[0]?.amount.length ?? 0) > 9,
      ).length;
    }
    if (name === 'small') met.long = 1;
    assert.ok(
      Object.values(met).every((count) => count > 0),
      JSON.stringify(met),
    );
  });

const cycle = {
  ...{ cycle: 1, outcome: 'deadlock' as const, currency: null, settled: [] },
  mechanism: 'gridlockResolution' as const,
};

test('a row that is longer than all that is written before it has room', () => {
  const banks = 60;
  const of = {
    ...{ mechanisms: ['gridlockResolution' as const], bypasses: [false], offsets: [false] },
    ...{ offsettingMinimumMs: [0], sharesLosses: [false], valuations: [], limits: [] },
    ...{ crossLimits: [], proposed: null },
  };
  const accounts = Array.from({ length: banks }, (_, participant) => ({
    ...{ participant, currency: 0, balance: 0n, creditLine: 0n, reserved: [0n, 0n] as const },
  }));
  // Each stands behind the one before: the last is short of what all of them are.
  const described = new Uint8Array((banks - 2) * DESCRIBED_BYTES);
  const view = new DataView(described.buffer);
  for (let payment = 0; payment < banks - 2; payment++) {
    const at = payment * DESCRIBED_BYTES;
    view.setBigUint64(at, BigInt(payment), true);
    for (const leg of [0, 1]) {
      view.setBigInt64(at + 24 + 8 * leg, 7n, true);
      view.setUint32(at + 40 + 8 * leg, payment + leg, true);
      view.setUint32(at + 44 + 8 * leg, banks - 1, true);
    }
  }
  const captured = { ...of, accounts, described };
  for (const length of [1, 700, 1_900, 3_100, 4_300, 5_500]) {
    const long = { ...NAMES, participant: (handle: number) => `${'x'.repeat(length)}${handle}` };
    const certificate = certifyRun(readQueues(captured), cycle, PLACE, long);
    assert.equal(certificate.heldUp.at(-1)?.shortages.length, banks - 1);
    const written = new RunCertificateText().write(captured, cycle, PLACE, long);
    assert.equal(utf8(written), JSON.stringify(certificate));
  }
});

test('what is not so plain is left to the objects', () => {
  const write = (queues: CapturedQueues) => text.write(queues, cycle, PLACE, NAMES);
  const plain = queuesOf(3, small, 0);
  assert.ok(plain.described.length > 0 && write(plain));
  /** With one byte of the first payment changed. */
  const described = (at: number, byte: number) => {
    const changed = plain.described.slice();
    changed[at] = byte;
    return { ...plain, described: changed };
  };
  const account = plain.accounts[0] as CapturedQueues['accounts'][number];
  const limit = { participant: 0, currency: 0, counterparty: null, limit: 1n, position: 0n };
  const cross = { participant: 0, currency: 0, aggregateShort: 1n, pooledCollateral: null };
  const [chain, held, unknownBank] = [described(61, 2), described(62, 1), described(40, 200)];
  const secondLeg = (debtor: number, currency: number) => {
    const { described } = plain;
    const changed = new DataView(described.slice().buffer);
    changed.setUint32(48, debtor, true);
    changed.setUint32(52, changed.getUint32(44, true), true);
    changed.setUint16(58, currency, true);
    return { ...plain, described: new Uint8Array(changed.buffer) };
  };
  const first = new DataView(plain.described.buffer);
  const [debtor, currency] = [first.getUint32(40, true), first.getUint16(56, true)];
  assert.ok(write(secondLeg(debtor, 1 - currency)));
  const paired = { ...NAMES, pairedWith: ({ position }: { position: number }) => `${position}` };
  assert.equal(text.write(secondLeg(debtor, 1 - currency), cycle, PLACE, paired), null);
  assert.ok(text.write(plain, cycle, PLACE, paired), 'only what has two legs may be a pair');
  const [unknownDealer, twiceInOneQueue] = [secondLeg(200, currency), secondLeg(debtor, currency)];
  for (const [at, queues] of [
    ...[chain, held, unknownBank, unknownDealer, twiceInOneQueue],
    { ...plain, limits: [limit] },
    { ...plain, crossLimits: [cross] },
    { ...plain, proposed: [[1]] },
    ...[2n ** 54n, -(2n ** 54n)].map((balance) => ({
      ...plain,
      accounts: [{ ...account, balance }, ...plain.accounts.slice(1)],
    })),
  ].entries())
    assert.equal(write(queues as CapturedQueues), null, `${at}`);
});

test('of random days the runs that are written are as they are certified', () => {
  let written = 0;
  let conversions = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const told: string[] = [];
    const steps = dayTold(
      seed,
      false,
      seed % 5 === 0 ? 'plain' : 'none',
      ({ before, run, place, names }) => {
        told.push(utf8(text.write(before, run, place, names)) ?? '');
        return false;
      },
    );
    const runs = steps.filter(({ certificate }) => certificate.format === 'corridor-certificate-1');
    const texts = new Set(told.filter((one) => one !== ''));
    for (const one of texts)
      conversions += (JSON.parse(one) as Certificate).payments.filter(
        ({ legs }) => legs.length > 1,
      ).length;
    for (const { certificate } of runs)
      if (texts.delete(JSON.stringify(certificate))) {
        written += 1;
        if ('drops' in certificate) assert.deepEqual(checkCertificate(certificate), []);
      }
    assert.equal(texts.size, 0, `seed ${seed}`);
  }
  assert.ok(written > 100 && conversions > 5, `${written}, of dealers ${conversions}`);
});

test('a run that is written is no step', () => {
  const steps = dayTold(7, false, 'none', () => false);
  let runs = 0;
  const others = dayTold(7, false, 'none', () => {
    runs += 1;
    return true;
  });
  assert.ok(runs > 0);
  assert.equal(others.length, steps.length - runs);
});
