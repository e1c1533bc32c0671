import type { CrashOrder } from './child-orders.ts';

/**
 * Where services can be made to end, in the order of the work: before and after each write, send and
 * commit. In which order a test kills them there: `plan` below.
 */
export const CRASH_POINTS = {
  verifier: [
    'verifier.afterKeys',
    'verifier.beforeVerification',
    'verifier.beforeOutputs',
    'verifier.beforeInput',
    'verifier.afterInput',
    'verifier.beforeRejected',
    'verifier.afterRejected',
    'verifier.beforeTelemetry',
    'verifier.afterTelemetry',
    'verifier.afterOutputs',
    'verifier.beforeCommit',
    'verifier.afterCommit',
  ],
  clearing: [
    'clearing.afterStart',
    'clearing.beforeApplication',
    'clearing.afterApplication',
    'clearing.beforeEvents',
    'clearing.afterEvents',
    'clearing.afterConfirmation',
    'clearing.beforeSnapshot',
    'snapshot.inWrite',
    'snapshot.beforeSync',
    'snapshot.beforeRename',
    'snapshot.afterRename',
    'snapshot.afterFolderSync',
    'clearing.afterSnapshot',
    'clearing.beforeRemoval',
    'clearing.afterRemoval',
  ],
  notifier: [
    'notifier.afterRecovery',
    'notifier.beforeTopics',
    'notifier.afterTopics',
    'notifier.beforeMessages',
    'notifier.beforeStatuses',
    'notifier.afterStatuses',
    'notifier.beforeDeliveries',
    'notifier.afterDeliveries',
    'notifier.beforeStatements',
    'notifier.afterStatements',
    'notifier.beforeParticipants',
    'notifier.afterParticipants',
    'notifier.afterMessages',
    'notifier.beforeCommit',
    'notifier.afterCommit',
    'seal.beforeTiles',
    'seal.afterTiles',
    'seal.afterBlock',
    'seal.afterCheckpoint',
  ],
  metrics: [
    'metrics.beforeRun',
    'metrics.afterRun',
    'metrics.beforeBegin',
    'metrics.afterBegin',
    'metrics.beforeInsert',
    'metrics.afterInsert',
    'metrics.beforeDone',
    'metrics.afterDone',
    'telemetry.beforeBegin',
    'telemetry.afterBegin',
    'telemetry.beforeInsert',
    'telemetry.afterInsert',
    'telemetry.beforeDone',
    'telemetry.afterDone',
  ],
  bank: [
    'bank.beforePayments',
    'bank.afterPayments',
    'bank.beforeStatuses',
    'bank.afterStatuses',
    'bank.beforeDeliveries',
    'bank.afterDeliveries',
  ],
  gateway: [
    'gateway.beforeCommit',
    'gateway.afterCommit',
    'gateway.beforePayments',
    'gateway.afterPayments',
    'gateway.beforeRecord',
    'gateway.afterRecord',
  ],
} as const;

/** Reached once, when a network begins. */
export const FIRST_POINTS = ['operator.beforeDays', 'operator.afterDays'] as const;

/** Reached once in a life: where it must be killed the first time. */
export const RARE_POINTS: ReadonlySet<string> = new Set([
  'verifier.afterKeys',
  'verifier.beforeRejected',
  'verifier.afterRejected',
  'clearing.afterStart',
  'notifier.afterRecovery',
  'notifier.beforeTopics',
  'notifier.afterTopics',
  'notifier.beforeParticipants',
  'notifier.afterParticipants',
  ...CRASH_POINTS.metrics,
  ...CRASH_POINTS.bank,
  'gateway.beforeCommit',
  'gateway.afterCommit',
]);

/** The points in an order, and how often each is reached before the end, that follow from the seed. */
export function plan(points: readonly string[], seed: number): CrashOrder[] {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
  const rest = [...points];
  return points.map(() => {
    const point = rest.splice(next(rest.length), 1)[0] as string;
    // The others are reached twice in a life at least.
    return { point, times: RARE_POINTS.has(point) ? 1 : 1 + next(2) };
  });
}
