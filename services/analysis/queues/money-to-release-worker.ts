/** The thread of money-to-release-thread.ts: works out releases, one after the other. */
import { parentPort } from 'node:worker_threads';
import type { QueueState } from '../../core/settlement/queue-state.ts';
import { type SmallestInjection, smallestInjection } from './money-to-release.ts';
import type { AccountName } from './queue-set.ts';

/** Of which payment, and with money of which account, a release is sought. */
export interface ReleaseQuestion {
  readonly position: number;
  readonly account: AccountName;
}

export interface ReleaseRequest {
  readonly state: QueueState;
  readonly questions: readonly ReleaseQuestion[];
}

export interface ReleaseAnswer extends ReleaseQuestion {
  readonly found: SmallestInjection;
}

parentPort?.on('message', ({ state, questions }: ReleaseRequest) => {
  for (const question of questions) {
    const payment = state.payments.find(({ position }) => position === question.position);
    if (!payment) throw new Error(`no payment ${question.position} in the queues`);
    const found = smallestInjection(state, payment, question.account);
    parentPort?.postMessage({ ...question, found } satisfies ReleaseAnswer);
  }
});
