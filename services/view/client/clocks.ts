import { computed } from '@preact/signals';
import { durationText } from '../../protocol/names/vocabulary.ts';
import { ageText } from './format.ts';
import { drive, nowSecond } from './page-state.ts';

/** Of a driven scenario waits and times to finality are in its own time, all else on the network's clock. */
export const isDriven = computed(() => drive.value !== null);

/** The scenario's present time, written anew once a second. */
const scenarioNow = computed(() => (nowSecond.value > 0 ? (drive.peek()?.timeMs ?? null) : null));

/** What is no wait of the driven scenario has the network's clock, and says so. */
const ofNetwork = (text: string): string =>
  isDriven.value ? `${text} on the network’s clock` : text;

/** For how long something has waited. */
export function waitedText(sinceMs: number, sinceScenarioMs: number | undefined): string {
  if (sinceScenarioMs !== undefined && scenarioNow.value !== null)
    return ageText(Math.max(0, scenarioNow.value - sinceScenarioMs));
  return ofNetwork(ageText(nowSecond.value * 1000 - sinceMs));
}

/** How long something took. */
export const tookText = (ms: number, scenarioMs: number | undefined): string =>
  scenarioMs === undefined ? ofNetwork(durationText(ms)) : durationText(scenarioMs);
