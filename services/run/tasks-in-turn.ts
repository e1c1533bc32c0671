import { parentPort } from 'node:worker_threads';

/** On a thread: works on each task that it is given once it is done with those before. What fails ends the thread with its error. */
export function workInTurn<Task>(work: (task: Task) => Promise<void>): void {
  let last: Promise<void> = Promise.resolve();
  parentPort?.on('message', (task: Task) => {
    last = last.then(() => work(task));
  });
}
