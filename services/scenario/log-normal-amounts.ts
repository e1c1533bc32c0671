/** The distribution of which random amounts, and what record flows count, are drawn. */
import type { SeededStream } from './random-streams.ts';

/**
 * min(max, max(min, round(median x exp(sigma x z)))), z standard normal: a floating-point number of a model
 * until it is rounded here, once.
 */
export function logNormal(
  stream: SeededStream,
  median: number,
  sigma: number,
  min: number,
  max: number,
): number {
  const drawn = Math.round(median * Math.exp(sigma * stream.normal()));
  return Math.min(max, Math.max(min, drawn));
}
