import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Certificate,
  certificateDigest,
} from '../../services/analysis/certificates/certificate-format.ts';
import { checkCertificate } from '../../services/analysis/certificates/check/gridlock-check.ts';
import {
  certifyRun,
  certifyState,
} from '../../services/analysis/certificates/gridlock-certificate.ts';
import { smallestInjection } from '../../services/analysis/queues/money-to-release.ts';
import { nameOf } from '../../services/analysis/queues/queue-set.ts';
import { CYCLE_MECHANISMS } from '../../services/core/settlement/records.ts';
import { isAllowed } from '../settlement/feasible-sets.ts';
import { play } from '../settlement/played-day.ts';
import { NAMES, ofState, PLACE, samples } from './certificate-samples.ts';

function sealed({ digest: _, ...content }: Certificate): Certificate {
  return { ...content, digest: certificateDigest(content) };
}

/** Seeds of most tests. */
const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 400 : 30;
/** In so many of them at least each has to be met, of sixty. */
const ofSixty = (count: number): number => (count * DAYS) / 60;

test('every run of mixed mechanisms is allowed, and its certificate holds', () => {
  const seen = new Map<string, number>();
  // Some outcomes are rare.
  for (let seed = 1; seed <= Math.max(200, DAYS); seed += 1) {
    for (const { run, state } of play(seed, 1 + (seed % 3), true).runs) {
      const certificate = certifyRun(state, run, PLACE, NAMES);
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}, cycle ${run.cycle}`);
      const set = new Set(state.payments.filter((p) => run.settled.includes(p.position)));
      assert.ok(isAllowed(state, set), `seed ${seed}, cycle ${run.cycle}`);
      const kind = `${run.mechanism} ${certificate.outcome}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
  }
  for (const mechanism of CYCLE_MECHANISMS.slice(1, 6))
    for (const outcome of ['resolved', 'deadlock'])
      assert.ok((seen.get(`${mechanism} ${outcome}`) ?? 0) >= 2, `${mechanism} ${outcome}`);
  for (const mechanism of ['allOrNothing', 'multiple'])
    assert.ok(seen.has(`${mechanism} gridlock`), `${mechanism} gridlock`);
});

test('the certificate of a state proves the smallest injection, or that there is none', () => {
  const found = { none: 0, some: 0, zero: 0 };
  for (let seed = 1; seed <= DAYS; seed += 1) {
    const { state } = play(seed, 1 + (seed % 3), false);
    for (const certificate of ofState(state)) {
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}`);
      const amount = certificate.release?.amount;
      assert.ok(amount !== undefined);
      found[amount === null ? 'none' : amount === '0' ? 'zero' : 'some'] += 1;
    }
  }
  assert.ok(
    found.none > ofSixty(25) && found.some > ofSixty(25) && found.zero > ofSixty(15),
    JSON.stringify(found),
  );
});

test('so it does where accounts have less than they must keep, and the search goes past the bound', () => {
  const found = { none: 0, some: 0, zero: 0, aboveLeast: 0 };
  // Who needs nothing is rare.
  for (let seed = 1; seed <= Math.max(60, DAYS); seed += 1) {
    const { state } = play(seed, 1 + (seed % 2), false, [], true);
    for (const certificate of ofState(state)) {
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}`);
      const { release } = certificate;
      assert.ok(release);
      const { amount, least } = release;
      found[amount === null ? 'none' : amount === '0' ? 'zero' : 'some'] += 1;
      if (amount !== least) found.aboveLeast += 1;
    }
  }
  assert.ok(found.none > 25 && found.some > 25 && found.zero > 15, JSON.stringify(found));
  assert.ok(found.aboveLeast > 10, JSON.stringify(found));
});

test('what releases is not the largest set with the money, but what settles step by step', () => {
  let [tried, apart] = [0, 0];
  for (let seed = 1; seed <= DAYS; seed += 1) {
    const { state } = play(seed, 1 + (seed % 2), false, [], true);
    for (const certificate of ofState(state)) {
      const { release } = certificate;
      if (release === null || release.amount === null) continue;
      const amount = BigInt(release.amount);
      for (const other of [null, amount + 1n, amount * 2n, BigInt(release.least ?? 0)]) {
        if (other === amount) continue;
        const text = other === null ? null : String(other);
        const claims = [
          { ...release, amount: text },
          { ...release, amount: text, settles: other === null ? [] : release.settles },
          { ...release, amount: text, least: text },
          { ...release, least: text },
        ];
        for (const claim of claims) {
          if (claim.amount === release.amount && claim.least === release.least) continue;
          // A bound that is too low, but with its proof, is no false claim.
          const forged = sealed({ ...certificate, release: claim });
          assert.notDeepEqual(checkCertificate(forged), [], JSON.stringify([release, claim]));
          tried += 1;
        }
      }
      const settles = certificate.largest;
      if (settles.join() === release.settles.join()) continue;
      const forged = sealed({ ...certificate, release: { ...release, settles } });
      assert.notDeepEqual(checkCertificate(forged), [], JSON.stringify(release));
      apart += 1;
    }
  }
  assert.ok(tried > ofSixty(250) && apart > ofSixty(25), `${tried} tried, ${apart} apart`);
});

test('a larger or a smaller injection than the smallest is not certified', () => {
  let compared = 0;
  for (const certificate of samples(60)) {
    const { release } = certificate;
    if (release?.amount === null || release?.amount === undefined) continue;
    const amount = BigInt(release.amount);
    for (const other of [amount - 1n, amount + 1n, amount * 2n]) {
      if (other < 0n || other === amount) continue;
      const forged = sealed({ ...certificate, release: { ...release, amount: String(other) } });
      assert.notDeepEqual(checkCertificate(forged), [], JSON.stringify(release));
      compared += 1;
    }
  }
  assert.ok(compared > 50, `${compared}`);
});

test('the smallest injection needs every currency first in, first out: else none is certified', () => {
  const { state } = play(3, 2, false);
  const [payment] = state.payments;
  assert.ok(payment);
  const account = nameOf(
    (payment.legs[0] as (typeof payment.legs)[0]).debtor,
    payment.legs[0]?.currency as number,
  );
  const bypasses = state.bypasses.map(() => true);
  const certificate = certifyState({ ...state, bypasses }, { payment, account }, PLACE, NAMES);
  assert.equal(certificate.release, null);
  assert.deepEqual(checkCertificate(certificate), []);
  assert.notEqual(smallestInjection({ ...state, bypasses }, payment, account).kind, 'unknown');
});
