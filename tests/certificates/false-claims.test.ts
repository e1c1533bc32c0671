/** A false claim over true premises is not certified, however well it is forged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Certificate,
  certificateDigest,
} from '../../services/analysis/certificates/certificate-format.ts';
import { checkCertificate } from '../../services/analysis/certificates/check/gridlock-check.ts';
import { isHeuristic } from '../../services/analysis/certificates/check/outcome-check.ts';
import {
  type CycleRun,
  certifyRun,
} from '../../services/analysis/certificates/gridlock-certificate.ts';
import { resolve, resolvedCurrencies } from '../../services/analysis/queues/gridlock-resolution.ts';
import { GROSS_OUTCOMES } from '../../services/core/settlement/events.ts';
import type { QueueState } from '../../services/core/settlement/queue-state.ts';
import { allowedSets, isInOrder } from '../settlement/feasible-sets.ts';
import { play } from '../settlement/played-day.ts';
import { NAMES, PLACE, samples } from './certificate-samples.ts';

function sealed(certificate: Certificate, changes: Partial<Certificate>): Certificate {
  const { digest: _, ...rest } = { ...certificate, ...changes };
  return { ...rest, digest: certificateDigest(rest) };
}

/** What a forger says of certificates that name other currencies: nothing can settle. */
function* nothingToSee(certificate: Certificate): Generator<Partial<Certificate>> {
  const { release, heldUp } = certificate;
  const nothing = { largest: [], drops: [], settled: [] };
  yield {};
  for (const outcome of ['nothingQueued', 'deadlock', 'gridlock', 'undecided', null] as const)
    yield { ...nothing, outcome };
  if (release !== null)
    yield { ...nothing, release: { ...release, amount: null, settles: [], drops: [] } };
  yield { ...nothing, outcome: 'nothingQueued', heldUp: heldUp.filter((h) => h.payment < 0) };
}

test('which currencies take part follows from the rules, and is not chosen', () => {
  let tried = 0;
  for (const certificate of samples(40)) {
    const { currencies, rules } = certificate;
    const others = [
      [],
      ['ZZZ'],
      [...currencies, 'ZZZ'],
      currencies.slice(1),
      rules.map((r) => r.currency),
      rules.map((r) => r.currency).filter((c) => !currencies.includes(c)),
    ];
    for (const other of others) {
      if (other.join() === currencies.join()) continue;
      for (const claim of nothingToSee(certificate)) {
        const forged = sealed(certificate, { ...claim, currencies: other });
        assert.notDeepEqual(checkCertificate(forged), [], `${other} for ${currencies}`);
        tried += 1;
      }
    }
    // Rules of every currency are told, and of an account's at least.
    for (const gone of certificate.accounts.map((a) => a.currency)) {
      const left = rules.filter((r) => r.currency !== gone);
      const named = currencies.filter((c) => c !== gone);
      const forged = sealed(certificate, { rules: left, currencies: named });
      assert.notDeepEqual(checkCertificate(forged), []);
    }
  }
  assert.ok(tried > 500, `${tried}`);
});

test('a limit across currencies that bounds nothing, or values nothing, is no premise', () => {
  let [tried, resolved] = [0, 0];
  for (const certificate of samples(40)) {
    const [account] = certificate.accounts;
    assert.ok(account);
    const { participant, currency } = account;
    const valuations = certificate.rules.map((r) => ({
      ...{ currency: r.currency, weight: '1', haircutBps: '0' },
    }));
    const limit = (aggregateShort: string | null) => [
      { participant, currency, aggregateShort, pooledCollateral: null },
    ];
    for (const claim of nothingToSee(certificate)) {
      const untouched = Object.keys(claim).length === 0;
      for (const premise of [
        { crossLimits: limit(null), valuations: [] },
        { crossLimits: limit(null), valuations },
        { crossLimits: limit('1000'), valuations: [] },
        { crossLimits: [...limit('1000'), ...limit('9999')], valuations },
        { crossLimits: [], valuations },
      ])
        assert.notDeepEqual(checkCertificate(sealed(certificate, { ...claim, ...premise })), []);
      // One that bounds nothing in effect leaves what can settle as it was.
      const premise = { crossLimits: limit('1000000'), valuations };
      const faults = checkCertificate(sealed(certificate, { ...claim, ...premise }));
      tried += 1;
      if (untouched && certificate.release === null) assert.deepEqual(faults, []);
      else if (!isHeuristic(certificate) && certificate.settled.length > 0) {
        assert.notDeepEqual(faults, []);
        resolved += 1;
      }
      if (untouched && certificate.release !== null)
        assert.match(faults.join(), /release: under these rules/);
    }
  }
  assert.ok(tried > 300 && resolved > 5, `${tried} tried, ${resolved} resolved`);
});

const ACROSS = [
  'value EUR 2 haircut 500',
  'value USD 1',
  'value CNY 1 haircut 1000',
  ...['A', 'B'].flatMap((bank) => ['EUR', 'USD', 'CNY'].map((c) => `line ${bank} ${c} 4`)),
  'across A EUR short 3 pooled none',
  'across B EUR short none pooled 2',
];

/** The generator as a forger: other sets and outcomes than those of the core, all else consistent. */
function* forgeries(state: QueueState, run: CycleRun): Generator<CycleRun> {
  const currencies = run.currency === null ? resolvedCurrencies(state) : [run.currency];
  const largest = [...resolve(state, currencies).settled].map((p) => p.position);
  const sets = [run.settled, [], largest, run.settled.slice(1), state.payments.map(positionOf)];
  for (const settled of sets)
    for (const outcome of GROSS_OUTCOMES) yield { ...run, settled, outcome };
}
const positionOf = (payment: { position: number }): number => payment.position;
const inEntryOrder = (positions: readonly number[]): string =>
  [...positions].sort((a, b) => a - b).join();

const SEEDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 1000 : 60;
for (const rows of [[], ACROSS])
  test(`${rows.length === 0 ? 'without' : 'with'} limits across currencies a run is certified only as it was`, () => {
    const seen = { same: 0, refused: 0, heuristic: 0, deadlock: 0 };
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      for (const { run, state } of play(seed, 1 + (seed % 3), true, rows.filter(isFor(seed))).runs)
        for (const forged of forgeries(state, run)) {
          const certificate = certifyRun(state, forged, PLACE, NAMES);
          const isSame = inEntryOrder(forged.settled) === inEntryOrder(run.settled);
          const where = `seed ${seed}, ${JSON.stringify(forged)} for ${JSON.stringify(run)}`;
          if (checkCertificate(certificate).length > 0) {
            assert.ok(!isSame || forged.outcome !== run.outcome, where);
            seen.refused += 1;
          } else if (isSame && forged.outcome === run.outcome) seen.same += 1;
          else if (certificate.outcome === 'deadlock') {
            // Of a heuristic, or where the core left undecided what can be decided: it is true.
            assert.ok(isSame || isHeuristic(certificate), where);
            assertDeadlock(state, certificate, where);
            seen.deadlock += 1;
          } else {
            // Undecided is no claim; else only a heuristic may have settled less than it did.
            const noClaim = isSame && certificate.outcome === 'undecided';
            assert.ok(noClaim || isHeuristic(certificate), where);
            seen.heuristic += 1;
          }
        }
    }
    assert.ok(seen.same > 100 && seen.refused > 1000, JSON.stringify(seen));
    assert.ok(seen.heuristic > 2, JSON.stringify(seen));
  });

/** Rows of currencies that the small day has. */
const isFor =
  (seed: number) =>
  (row: string): boolean =>
    ['EUR', 'USD', 'CNY'].slice(1 + (seed % 3)).every((c) => !row.includes(c));

/** No set in order of one currency is allowed, by brute force; limits across currencies are the book's. */
function assertDeadlock(state: QueueState, certificate: Certificate, where: string): void {
  const taking = state.payments.filter((p) =>
    p.legs.every((l) => certificate.currencies.includes(NAMES.currency(l.currency))),
  );
  for (const set of allowedSets(state, taking)) {
    if (set.size === 0 || !isInOrder(state, set)) continue;
    const across = sealed(certificate, { settled: [...set].map(positionOf).sort((a, b) => a - b) });
    assert.match(checkCertificate(across).join(), /across its currencies/, where);
  }
}

test('an amount beyond 64 bits and one UETR of two payments are premises of no ledger', () => {
  let twins = 0;
  for (const certificate of samples(40)) {
    const [account, ...others] = certificate.accounts;
    assert.ok(account);
    const { participant, currency } = account;
    for (const balance of [2n ** 63n, -(2n ** 63n)]) {
      const richer: Certificate['accounts'] = [{ ...account, balance: `${balance}` }, ...others];
      assert.deepEqual(checkCertificate(sealed(certificate, { accounts: richer })), [
        `the balance of ${participant} ${currency} is ${balance}, expected within 64 bits`,
      ]);
    }
    const [one, two, ...more] = certificate.payments;
    if (one === undefined || two === undefined) continue;
    const twice: Certificate['payments'] = [one, { ...two, uetr: one.uetr }, ...more];
    assert.deepEqual(checkCertificate(sealed(certificate, { payments: twice })), [
      `UETR ${one.uetr} stands there twice`,
    ]);
    twins += 1;
  }
  assert.ok(twins > 10, `${twins}`);
});
