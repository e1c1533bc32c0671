import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certifyRun, certifyState } from '../certificate.ts';
import { checkCertificate } from '../certificate-check.ts';
import { certificateDigest } from '../certificate-format.ts';
import { nameOf } from '../queue-set.ts';
import { CYCLE_MECHANISMS } from '../records.ts';
import { smallestInjection } from '../release.ts';
import { NAMES, ofState, PLACE, samples } from './certificate-samples.reference.ts';
import { isAllowed } from './feasible-sets.ts';
import { play } from './played-day.reference.ts';

test('every run of mixed mechanisms is allowed, and its certificate holds', () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 400; seed += 1) {
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
  for (let seed = 1; seed <= 120; seed += 1) {
    const { state } = play(seed, 1 + (seed % 3), false);
    for (const certificate of ofState(state)) {
      assert.deepEqual(checkCertificate(certificate), [], `seed ${seed}`);
      const amount = certificate.release?.amount;
      assert.ok(amount !== undefined);
      found[amount === null ? 'none' : amount === '0' ? 'zero' : 'some'] += 1;
    }
  }
  assert.ok(found.none > 50 && found.some > 50 && found.zero > 50, JSON.stringify(found));
});

test('a larger or a smaller injection than the smallest is not certified', () => {
  let compared = 0;
  for (const certificate of samples(60)) {
    const { release } = certificate;
    if (release?.amount === null || release?.amount === undefined) continue;
    const amount = BigInt(release.amount);
    for (const other of [amount - 1n, amount + 1n, amount * 2n]) {
      if (other < 0n || other === amount) continue;
      const { digest: _, ...rest } = certificate;
      const claim = { ...rest, release: { ...release, amount: String(other) } };
      const forged = { ...claim, digest: certificateDigest(claim) };
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
