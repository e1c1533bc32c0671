/** Certificates of chains that wait for what has to be attested: what is true of them holds, and nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitCertificate } from '../../services/analysis/certificates/wait-certificate.ts';
import { provenWait } from '../../services/cli/proven-wait.ts';
import { hasAccepted } from '../settlement/reference-groups.ts';
import { instantOf, type LivePayment, type ReferenceState } from '../settlement/reference-state.ts';
import {
  CARRIER,
  CUSTOMS,
  conditionalPath,
  conditionOf,
  type PathLeg,
  PORT,
} from '../support/conditional-path.ts';
import {
  certifiedIn,
  faultsOf,
  followed,
  followedPool,
  MINUTE,
  waitingDay,
} from './waiting-days.ts';

const LONG = process.env.CORRIDOR_LONG_TESTS === '1';
const HELD = 2;

/** Chains of the reference that are complete and wait for what has to be attested, by the position of leg 1. */
const waitingIn = ({ live }: ReferenceState): LivePayment[] =>
  live.filter((p) => p.partners?.[0] === p && p.condition && !p.condition.isMet);

/** What the reference knows of such a chain, in the words of a certificate. */
function knownOf(
  state: ReferenceState,
  { record, condition, partners }: LivePayment,
  bic: (handle: number) => string,
) {
  assert.ok(condition && partners);
  const accepts = hasAccepted(state, condition);
  const { groups, mandatory, deadline, silenceSettles, said } = condition;
  const isEnd = deadline > 0;
  return {
    groups: groups
      .map(({ threshold, attestors }, at) => {
        const accepted = attestors.filter(accepts).map(bic);
        return `${at < mandatory} ${threshold} ${attestors.map(bic)} ${accepted}`;
      })
      .sort(),
    holders: [...said]
      .filter(([, { verdict }]) => verdict === HELD)
      .map(([h]) => bic(h))
      .sort(),
    deadlineMs: isEnd ? Number(instantOf(record, deadline)) : null,
    onSilence: isEnd ? (silenceSettles ? 'settle' : 'release') : null,
    setAside: partners.map((leg) => leg.state === 'earmarked'),
  };
}

const saidIn = ({ groups, holders, deadlineMs, onSilence, legs }: WaitCertificate) => ({
  groups: groups.map((g) => `${g.isMandatory} ${g.threshold} ${g.attestors} ${g.accepted}`).sort(),
  ...{ holders, deadlineMs, onSilence },
  setAside: legs.map(({ setAsideMs }) => setAsideMs !== null),
});

test('random days: every chain that waits for its attestors has a certificate that holds, and says what the slow reference knows', async () => {
  const met = new Map<string, number>();
  const note = (what: string, isSo: boolean): void => {
    if (isSo) met.set(what, (met.get(what) ?? 0) + 1);
  };
  for (let seed = 1; seed <= (LONG ? 200 : 7); seed += 1) {
    const inputs = await waitingDay(seed);
    const followed = followedPool('main');
    const { pool, reference } = followed;
    for (const [position, value] of inputs.entries()) {
      pool.take(position, value);
      pool.flush();
      if ((position + seed) % 17 !== 0) continue;
      for (const chain of waitingIn(reference)) {
        const lead = Number(chain.record.position);
        const known = knownOf(reference, chain, (handle) => pool.directory.bic(handle));
        if (known.deadlineMs !== null && known.deadlineMs <= Number(reference.timeMs)) {
          // It was complete behind the policy's time, and ends with the next record.
          assert.throws(() => certifiedIn(followed, lead, inputs), /deadlineMs: it had come/);
          note('complete too late', true);
          continue;
        }
        const certificate = certifiedIn(followed, lead, inputs);
        const where = `seed ${seed}, record ${position}, chain at ${lead}`;
        assert.deepEqual(faultsOf(certificate), [], where);
        assert.deepEqual(saidIn(certificate), known, where);
        const { groups, attestations, keys, legs } = certificate;
        note('waits', true);
        note(
          'for a desk',
          groups.some(({ askedBy }) => askedBy === 'policy'),
        );
        note(
          'for both',
          groups.some((g) => g.askedBy === 'policy') && groups.some((g) => g.askedBy === 'terms'),
        );
        note(
          'k of n',
          groups.some((g) => g.threshold > 1 && g.missing < g.threshold && g.missing > 0),
        );
        note('of some groups', certificate.threshold < groups.length);
        note('held', certificate.holders.length > 0);
        note(
          'lapsed',
          attestations.length >
            groups.flatMap((g) => [...g.accepted, ...g.refused]).length +
              certificate.holders.length,
        );
        note(
          'refused',
          groups.some((g) => g.refused.length > 0),
        );
        note(
          'revoked',
          keys.some(({ revokedAt }) => revokedAt !== null),
        );
        note(
          'set aside',
          legs.some(({ setAsideMs }) => setAsideMs !== null),
        );
        note('silence settles', certificate.onSilence === 'settle');
        note('two legs', legs.length === 2);
      }
    }
  }
  assert.ok((met.get('waits') ?? 0) >= 60, JSON.stringify([...met]));
  for (const what of [
    'for a desk',
    'for both',
    'k of n',
    'of some groups',
    'held',
    'lapsed',
    'refused',
    'revoked',
    'set aside',
    'silence settles',
    'two legs',
  ])
    assert.ok((met.get(what) ?? 0) >= 2, `${what}: ${JSON.stringify([...met])}`);
});

test('an acceptance that has lapsed is said again and counts, and who refused is waited for no more', async () => {
  const path = conditionalPath();
  const groups = [{ threshold: 2, attestors: [CARRIER, CUSTOMS, PORT] }];
  const [leg] = path.legsOf('AGAIN', 25_000n, 0n, { condition: conditionOf(groups) }) as [PathLeg];
  await path.instruct(0, leg);
  await path.attest(MINUTE, leg, CARRIER, 'accepted', 5 * MINUTE);
  await path.attest(2 * MINUTE, leg, CUSTOMS, 'refused');
  await path.attest(10 * MINUTE, leg, CARRIER, 'accepted');
  const { inputs } = path.record;
  const certificate = certifiedIn(followed('main', inputs), inputs.length - 4, inputs);
  assert.deepEqual(faultsOf(certificate), []);
  assert.equal(certificate.attestations.length, 3);
  const [group] = certificate.groups;
  assert.deepEqual([group?.accepted, group?.refused, group?.open], [[CARRIER], [CUSTOMS], [PORT]]);
  assert.match(provenWait(certificate), / waits for PORTDE00, without a deadline; by 3 signed /);
});
