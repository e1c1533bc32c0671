/** The same of days with chains, and what such days must have met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MECHANISMS } from '../../services/core/settlement/events.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { compared } from './core-against-reference.ts';
import { CHAIN_TYPE, leadPositions } from './random-chain-days.ts';
import { ATTESTATION_TYPE } from './random-conditions.ts';
import { type ChainsOfDay, randomDay } from './random-day.ts';

/** Of days with chains: of a leg that waits for others, and of chains. */
const MET_WITH_CHAINS = [
  ...[2, 3, 4, 5, '6 to 15', 16].map((legs) => `chain matched, of ${legs} legs`),
  'chain matched, an account debited twice',
  'chain matched, none debited twice',
  'chain matched, in one currency',
  'chain matched, in several currencies',
  'chain waits for a time',
  'chain waits for an opening',
  'chain settled entry',
  'chain settled queue',
  'chain settled gridlockResolution',
  'chain settled allOrNothing',
  'chain settled partial',
  'chain settled proposed',
  'chain alone, funded gross',
  'chain alone, funded only by its net',
  'chain alone, within a limit only by its net',
  'chain alone, with something reserved against it',
  'chain brings what is scanned',
  'chain held by a leg elsewhere',
  'chain held as chains are',
  'chain heldUp balance',
  'chain heldUp bilateralLimit',
  'chain heldUp multilateralLimit',
  'chain heldUp aggregateShortLimit',
  'chain heldUp pooledCollateral',
  'chain heldUp none',
  'chain re-ordered queued',
  'chain re-ordered waiting',
  'chain carried over queued',
  'chain carried over waiting',
  'chain cancelled queued: cancelledAtClose',
  'chain cancelled queued: cancelledByDebtorAgent',
  'chain cancelled queued: latestTimePassed',
  'chain cancelled queued: participantDefaulted',
  'chain cancelled waiting: cancelledAtClose',
  'chain cancelled waiting: cancelledByDebtorAgent',
  'chain cancelled waiting: latestTimePassed',
  'chain cancelled matchCancelled',
  'leg cancelled unmatched',
  'leg cancelled cancelledAtClose',
  'leg cancelled cancelledByDebtorAgent',
  'leg cancelled participantDefaulted',
  'leg carriedOver none',
  'leg rejected legInstructed, the other matched',
  'leg rejected legInstructed, the other unmatched',
  'leg rejected formatInvalid',
  'leg rejected instructingAgentNotDebtorAgent',
  'leg rejected accountMissing',
  'leg rejected sameAgent',
  'leg rejected amountNotPositive',
  'leg rejected participantDefaulted',
  'leg rejected settlementDateInvalid',
  'leg rejected afterCutOff',
  'leg rejected timesInvalid',
  'leg rejected limitReached',
  'leg rejected duplicateIdentity',
  'leg repeated none',
];

/** Mechanisms that settle nothing here, or seldom while money is set aside. */
const NOT_BESIDE: readonly string[] = ['none', 'observed', 'earmark', 'proposed'];

/** Of days on which chains have conditions and earmarks. */
const MET_WITH_CONDITIONS: readonly string[] = [
  'attestation attested none',
  'attestation recorded none',
  'attestation rejected attestationExpired',
  'attestation rejected attested',
  'attestation rejected chainUnknown',
  'attestation rejected conditionDecided',
  'attestation rejected counterRolledBack',
  'attestation rejected formatInvalid',
  'attestation rejected notAttestor',
  'attestation repeated attested',
  'chain cancelled conditionRefused',
  'chain cancelled conditionUnmet',
  'chain cancelled earmarkExpired',
  'chain cancelled waiting: conditionUnmet',
  'chain cancelled waiting: earmarkExpired',
  'chain carried over while funded',
  'chain counted within a cap',
  'chain deadline ends',
  'chain deadline settles',
  'chain earmarkCapReached, ends',
  'chain earmarkCapReached, goes on',
  'chain earmarked none',
  'chain heldUp balance',
  'chain held as a leg by itself',
  'chain matched, of 1 legs',
  'chain met as it is complete',
  'chain re-ordered while funded',
  'chain refused',
  ...['all', 'part', 'none'].flatMap((part) =>
    ['cancelledByDebtorAgent', 'conditionUnmet', 'earmarkExpired'].map(
      (reason) => `chain released ${reason}, ${part} set aside`,
    ),
  ),
  'chain released cancelledAtClose, part set aside',
  'chain released conditionRefused, part set aside',
  'chain released latestTimePassed, part set aside',
  'chain released none, part set aside',
  'chain released participantDefaulted, part set aside',
  'chain settled earmark',
  'chain settled entry',
  'chain settled queue',
  'chain settled gridlockResolution',
  'chain triggered none',
  'leg cancelled conditionRefused',
  'leg proposed that is by itself',
  'leg rejected earmarkCapReached',
  'leg released, its limit stands',
  'leg set aside as it comes in',
  'leg set aside from its queue',
  'leg set aside, counted on a limit',
  ...['none', 'gridlockResolution', 'allOrNothing', 'partial', 'multiple', 'bankClearing'].map(
    (mechanism) => `leg set aside, cycles ${mechanism}`,
  ),
  'leg set aside, cycles deferredNet',
  'leg set aside, cycles proposed',
  'leg set aside, limited across',
  'leg set aside, out of a reservation',
  'legs of an incomplete chain refused',
  'bears a loss beside what is set aside',
  'fails in a cycle beside what is set aside',
  ...MECHANISMS.filter((mechanism) => !NOT_BESIDE.includes(mechanism)).map(
    (mechanism) => `settled ${mechanism} beside what is set aside`,
  ),
  'redemption refused for what is set aside',
];

/** Of days on which currencies net chains of one leg. */
const MET_WITH_NETTING: readonly string[] = [
  'chain accepted none',
  'chain accepted once its earmarks are over',
  'chain attested once accepted: conditionDecided',
  'chain cancelled once accepted',
  'chain cancelled waiting: capExceeded',
  'chain deadline settles',
  'chain earmarked none',
  'chain re-ordered once accepted',
  'chain settled deferredNet',
  'chain settled earmark',
  'chain settled entry',
  'chain unwound participantDefaulted',
  'fails in a cycle beside what is set aside',
  'leg rejected legInstructed, the other accepted',
];
/** Of days on which some chains promise. */
const MET_WITH_PROMISES: readonly string[] = [
  ...MET_WITH_CONDITIONS.filter((what) => what.startsWith('chain cancelled')),
  'attestation rejected conditionDecided',
  'attestation rejected notPromised',
  'chain promised none',
  'chain promised, of one leg',
  'chain promised, of several',
  'chain released conditionRefused, all set aside',
  'chain settled earmark',
  'promised over a close',
  'promised over a default',
  'cancellation refused promised',
];
const TO_BE_MET = {
  plain: MET_WITH_CHAINS,
  conditional: MET_WITH_CONDITIONS,
  netted: MET_WITH_NETTING,
  promised: MET_WITH_PROMISES,
} as const;

/**
 * The random days with chains of the seeds 1 to `days`; every fifth has proposals.
 * @param least how often these must meet each thing that is to be met; 0: few days meet most of them
 */
export function chainsAreAsTheReference(
  days: number,
  least: number,
  chains: Exclude<ChainsOfDay, 'none'> = 'plain',
): void {
  const toBeMet: readonly string[] = TO_BE_MET[chains];
  test(`${days} random days with ${chains} chains: the core's events are the reference's, byte for byte`, (t) => {
    const met = new Map<string, number>();
    const note = (what: string): void => {
      met.set(what, (met.get(what) ?? 0) + 1);
    };
    for (let seed = 1; seed <= days; seed += 1) {
      const day = randomDay(seed, seed % 5 === 0, true, chains, note);
      for (const what of toldOfChains([...compared(seed, day, seed % 40 === 0 ? 1 : 30)].flat()))
        note(what);
    }
    const rare = toBeMet.filter((what) => (met.get(what) ?? 0) < Math.max(1, least));
    if (least === 0) {
      assert.ok(rare.length * 3 < toBeMet.length, `not met: ${rare.join('; ')}`);
      return;
    }
    for (const [what, times] of [...met].sort())
      t.diagnostic(`${String(times).padStart(7)} ${what}`);
    assert.deepEqual(rare, [], `met less than ${least} times`);
  });
}

/** What events tell of chains, in words: of a chain once, as its leg 1 has it; of a leg that waits for others by itself. */
function toldOfChains(events: readonly Uint8Array[]): string[] {
  const leads = leadPositions(events);
  const matched = new Set<number>();
  return events.flatMap((event) => {
    const { kind, paymentPosition: at, ...told } = readFlatEvent(event, 0);
    if (kind === 'matched') matched.add(at);
    const isChain = matched.has(at) && leads.has(at);
    const how = [told.reason, told.mechanism, told.heldUpBy].find((word) => word !== 'none');
    const what = `${kind} ${how ?? 'none'}`;
    if (kind === 'reordered') return isChain ? [`chain ${what}`] : [];
    if (told.messageType === ATTESTATION_TYPE) return [`attestation ${what}`];
    if (told.messageType !== CHAIN_TYPE) return [];
    if (!isChain) return [`leg ${what}`];
    // Each of its legs tells that it settled.
    return kind === 'settled' && leads.get(at) !== at ? [] : [`chain ${what}`];
  });
}
