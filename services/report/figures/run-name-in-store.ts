import { createHash } from 'node:crypto';
import { eachListed } from '../../scenario/payment-list.ts';
import type { Scenario } from '../../scenario/scenario.ts';

const names = new WeakMap<Scenario, string>();

/**
 * The name of a run in the analysis store: `<scenario>-<seed>-<digest>`, the digest of all that was
 * configured, listed and taken as recorded, so that two that differ by an override are two in a shared store, and one that
 * is run again, whose rows are the same, is itself.
 */
export function runName(scenario: Scenario): string {
  const { name, seed, document, listedPayments, instructionsOf, variant } = scenario;
  const known = names.get(scenario);
  if (known !== undefined) return known;
  const others = [instructionsOf, variant].filter(Boolean);
  const configured = [document, [...eachListed(listedPayments)], ...others];
  const text = JSON.stringify(configured, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const found = `${name}-${seed}-${digest}`;
  names.set(scenario, found);
  return found;
}
