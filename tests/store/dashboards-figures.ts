/**
 * At least one figure of every panel and alert, computed from the payments and the balances that the
 * events state, and from nothing that the metrics fold or ClickHouse computed.
 */
import { COMPARISON, CORRIDORS, OVERVIEW } from './dashboards-figures-flow.ts';
import { LIQUIDITY, PARTICIPANT, QUEUES } from './dashboards-figures-state.ts';
import { ALERTS, OPERATIONS, SECURITY } from './dashboards-figures-system.ts';
import type { Figure } from './dashboards-truth.ts';

const named = (dashboard: string, figures: Record<string, Figure>): [string, Figure][] =>
  Object.entries(figures).map(([panel, figure]) => [`${dashboard} / ${panel}`, figure]);

/** By 'dashboard / panel', or 'alert / title'. */
export const FIGURES: Readonly<Record<string, Figure>> = Object.fromEntries([
  ...named('Overview', OVERVIEW),
  ...named('Corridors', CORRIDORS),
  ...named('Liquidity', LIQUIDITY),
  ...named('Queues and gridlock', QUEUES),
  ...named('Participant', PARTICIPANT),
  ...named('Signatures and security', SECURITY),
  ...named('Operations', OPERATIONS),
  ...named('Pilot comparison', COMPARISON),
  ...named('alert', ALERTS),
]);
