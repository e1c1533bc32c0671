import { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX } from '../../../protocol/messages/chain.ts';
import type { ChainLegInstruction } from '../../../protocol/messages/instruction.ts';
import { timeSeconds } from '../../../protocol/messages/settlement-times.ts';
import { digestFaults } from '../certificate-format.ts';
import type { WaitCertificate } from '../wait-certificate.ts';
import { checkCertificate } from './gridlock-check.ts';
import {
  groupsAt,
  type JudgedCondition,
  judgedCondition,
  judgeInOrder,
  onDateMs,
  ownLegs,
} from './wait-judgement.ts';
import { type Read, readMessages } from './wait-messages.ts';

/**
 * Proves from a certificate alone that a chain was complete, that what its attestors signed did not meet its condition
 * and left it one that can be met, and that no time by which it ends had come: so it could neither settle nor be refused.
 * Independent of clearing, the core and `explain`. What it cannot know is whether the log has something else that counts,
 * and when its records came: docs/settlement.md, "Certificates of waits".
 * @param certificate of the form in wait-certificate.ts
 * @returns what is wrong and where, in words; empty where the certificate holds
 */
export function checkWait(certificate: WaitCertificate): string[] {
  const changed = digestFaults(certificate);
  if (changed.length > 0) return changed;
  const { legs, attestations, faults } = readMessages(certificate);
  const [first] = legs;
  if (faults.length > 0 || !first) return [...faults];
  const broken = [...chainFaults(certificate, legs), ...assetFaults(certificate, first.said)];
  if (broken.length > 0) return broken;
  const condition = judgedCondition(certificate, first.said);
  const unasked = conditionFaults(condition);
  if (unasked.length > 0) return unasked;
  const judged = judgeInOrder(certificate, condition, first.said, attestations);
  const { isPromised } = judged;
  const counted = isPromised ? condition.groups.slice(-1) : condition.groups;
  const groups = groupsAt(counted, judged.heard, certificate.timeMs);
  const threshold = isPromised ? 1 : condition.threshold;
  const holding = groups.filter(({ missing }) => missing === 0).length;
  const deadlineMs = isPromised ? null : condition.deadlineMs;
  const attestors = new Set(condition.groups.flatMap((group) => group.attestors));
  return [
    ...judged.faults,
    ...claimFaults(certificate, {
      ...{ isPromised, groups, threshold, deadlineMs },
      termsDigest: Buffer.from(first.said.termsDigest).toString('hex'),
      missing: Math.max(0, threshold - holding),
      holders: [...attestors].filter((bic) => judged.heard.verdictOf(bic) === 'held').sort(),
      onSilence: deadlineMs === null ? null : condition.onSilence,
    }),
    ...setAsideFaults(certificate),
    ...(isPromised ? [] : endFaults(certificate, condition, legs)),
    ...queueFaults(certificate),
  ];
}

type Legs = readonly Read<ChainLegInstruction>[];

/** The legs are those that the pool settles, each once, of one chain that the first of them began. */
function chainFaults({ began, legs: messages }: WaitCertificate, legs: Legs): string[] {
  const [{ said: lead }] = legs as [Legs[0] & object];
  const { first, last } = ownLegs(lead);
  const digest = Buffer.from(lead.termsDigest);
  const earliest = messages.reduce((a, b) => (a.position < b.position ? a : b));
  const isEarliest = began.position === earliest.position;
  return [
    ...(legs.length === last - first + 1 ? [] : [`legs: the chain has ${last - first + 1} here`]),
    ...legs.flatMap(({ at, said }, place) => [
      ...(digest.equals(said.termsDigest) ? [] : [`${at}: it is of other terms`]),
      ...(said.legNumber === first + place ? [] : [`${at}: it is leg ${said.legNumber}`]),
    ]),
    ...(began.position > earliest.position ? ['began.position: a leg is before it'] : []),
    // One that came before and ended meanwhile came no later: else the policy's time would last longer.
    ...(began.appendedAtMs > earliest.appendedAtMs ||
    (isEarliest && began.appendedAtMs < earliest.appendedAtMs)
      ? [`began.appendedAtMs: the first leg came at ${earliest.appendedAtMs}`]
      : []),
  ];
}

/** All that the terms move is told, once, and the pool settles what its legs move. */
function assetFaults({ assets, pool }: WaitCertificate, leg: ChainLegInstruction): string[] {
  const { first, last } = ownLegs(leg);
  return assets.flatMap(({ currency, pool: of }, place) => {
    const isOwn = leg.legs.slice(first - 1, last).some(({ code }) => code === currency);
    return [
      ...(assets.findIndex((a) => a.currency === currency) < place ? ['it is there twice'] : []),
      ...(isOwn && of !== pool ? [`it must be of pool ${pool}`] : []),
    ].map((fault) => `assets.${place}: ${fault}`);
  });
}

/** Why no chain with such a condition was ever taken. */
function conditionFaults({ groups, onSilence }: JudgedCondition): string[] {
  if (groups.length === 0) return ['legs: nothing has to be attested of the chain'];
  const count = groups.reduce((sum, { attestors }) => sum + attestors.length, 0);
  const isOfPolicy = groups.some(({ askedBy }) => askedBy === 'policy');
  return [
    ...(groups.length > CONDITION_GROUPS_MAX || count > CONDITION_ATTESTORS_MAX
      ? [
          `groups: a chain has at most ${CONDITION_GROUPS_MAX}, and ${CONDITION_ATTESTORS_MAX} attestors`,
        ]
      : []),
    ...(isOfPolicy && onSilence === 'settle'
      ? ['onSilence: of a chain that the policy asks for silence never settles']
      : []),
  ];
}

type Claims = Pick<
  WaitCertificate,
  | 'isPromised'
  | 'termsDigest'
  | 'groups'
  | 'threshold'
  | 'missing'
  | 'holders'
  | 'deadlineMs'
  | 'onSilence'
>;

/** Where what is concluded differs from what follows. */
const claimFaults = (certificate: WaitCertificate, follows: Claims): string[] =>
  (Object.keys(follows) as (keyof Claims)[]).flatMap((name) =>
    differences(name, certificate[name], follows[name]),
  );

function differences(at: string, claimed: unknown, follows: unknown): string[] {
  if (typeof claimed !== 'object' || typeof follows !== 'object' || !claimed || !follows)
    return claimed === follows ? [] : [`${at}: ${text(claimed)}, and ${text(follows)} follows`];
  const keys = new Set([...Object.keys(claimed), ...Object.keys(follows)]);
  return [...keys].flatMap((key) =>
    differences(`${at}.${key}`, claimed[key as never], follows[key as never]),
  );
}

const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Nothing is set aside before all legs are there, nor behind the state. */
function setAsideFaults({ legs, timeMs }: WaitCertificate): string[] {
  const completeMs = Math.max(...legs.map((leg) => leg.timeMs));
  return legs.flatMap(({ setAsideMs }, place) =>
    setAsideMs !== null && (setAsideMs < completeMs || setAsideMs > timeMs)
      ? [`legs.${place}.setAsideMs: expected from ${completeMs} to ${timeMs}`]
      : [],
  );
}

/** A time by which the chain would have ended must lie ahead of the state. */
function endFaults(certificate: WaitCertificate, condition: JudgedCondition, legs: Legs) {
  const { timeMs, queue } = certificate;
  const { deadlineMs, promises } = condition;
  // An expiry counts once anything of the chain is set aside or waits to be.
  const isFunded = queue !== null || certificate.legs.some((leg) => leg.setAsideMs !== null);
  const faults: string[] = [];
  if (deadlineMs !== null && deadlineMs <= timeMs)
    faults.push(`deadlineMs: it had come at ${timeMs}`);
  for (const { at, said } of legs) {
    const latest = said.times?.latest ?? 0;
    if (latest > 0 && onDateMs(said, latest) <= timeMs)
      faults.push(`${at}: its latest time had come at ${timeMs}`);
    if (!isFunded) continue;
    const { earmark } = said;
    if (!earmark || (earmark.when !== 'acceptance' && !promises))
      faults.push(`${at}: its terms set nothing aside before the condition is met`);
    else if (onDateMs(said, timeSeconds(earmark.expiry)) <= timeMs)
      faults.push(`${at}: its earmark had expired at ${timeMs}`);
  }
  return faults;
}

/** A leg of this chain, in the same state, waits there to be set aside. */
function queueFaults({ queue, legs, pool, event, eventsDigest }: WaitCertificate): string[] {
  if (queue === null) return [];
  const leg = legs.find(({ position }) => position === queue.asked);
  const isHeld = queue.payments.some((p) => p.position === queue.asked && p.isHeld === true);
  const isSame =
    queue.pool === pool && queue.event === event && queue.eventsDigest === eventsDigest;
  const faults = [
    ...(isSame ? [] : ['it is of another state']),
    ...(leg && leg.setAsideMs === null && isHeld ? [] : ['no leg of the chain waits there']),
    ...checkCertificate(queue),
  ];
  return faults.map((fault) => `queue: ${fault}`);
}
