/**
 * Where services can be made to end, in the order of the work: before and after each write, send and
 * commit. The names stay: fault tests on other logs use them.
 */
export const CRASH_POINTS = {
  verifier: ['verifier.beforeOutputs', 'verifier.afterOutputs', 'verifier.afterCommit'],
  clearing: [
    'clearing.beforeEvents',
    'clearing.afterEvents',
    'clearing.beforeSnapshot',
    'snapshot.inWrite',
    'snapshot.beforeRename',
    'snapshot.afterRename',
    'clearing.afterSnapshot',
    'clearing.afterRemoval',
  ],
  notifier: [
    'notifier.beforeMessages',
    'notifier.afterMessages',
    'notifier.beforeCommit',
    'notifier.afterCommit',
  ],
  metrics: [
    'metrics.beforeBegin',
    'metrics.afterBegin',
    'metrics.beforeInsert',
    'metrics.afterInsert',
    'metrics.beforeDone',
    'metrics.afterDone',
  ],
} as const;

/** Reached once, when a network begins. */
export const FIRST_POINTS = [
  'operator.beforeDays',
  'notifier.beforeTopics',
  'notifier.afterTopics',
] as const;
