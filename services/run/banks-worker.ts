/** The thread of banks-thread.ts: plans what the banks of a run send, writes and signs it, and reads what they are told. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PlannedPause } from '../simulator/cycle-and-operator-turns.ts';
import type { BankMail, WrittenSlice } from '../simulator/run-banks.ts';
import { SimulatedBanks, type SimulatedBanksOptions } from '../simulator/simulated-banks.ts';
import {
  memoryOf,
  type PackedBytes,
  type PackedMessages,
  packMessages,
  unpackBytes,
} from './packed-messages.ts';
import { workInTurn } from './tasks-in-turn.ts';
import { standBehindTheRun } from './thread-behind-the-run.ts';

export type BanksTask =
  | { readonly kind: 'next' }
  | { readonly kind: 'tell'; readonly mail: readonly CountedMail[]; readonly statuses: PackedBytes }
  | { readonly kind: 'end' };

/** With the number of its statuses, which stand behind those of the mail before. */
export type CountedMail = Omit<BankMail, 'statuses'> & { readonly statuses: number };

export type PackedSlice = Omit<WrittenSlice, 'messages'> & { readonly messages: PackedMessages };

standBehindTheRun();
const banks = new SimulatedBanks(workerData as SimulatedBanksOptions);

function give(written: WrittenSlice | PlannedPause | null): void {
  if (written?.kind !== 'slice') {
    parentPort?.postMessage(written);
    return;
  }
  const messages = packMessages(written.messages);
  const packed: PackedSlice = { ...written, messages };
  parentPort?.postMessage(packed, [...memoryOf(messages.values), messages.timesMs.buffer]);
}

async function tell(mail: readonly CountedMail[], packed: PackedBytes): Promise<void> {
  const statuses = unpackBytes(packed);
  let at = 0;
  await banks.tell(
    mail.map((one) => {
      const from = at;
      at += one.statuses;
      return { ...one, statuses: statuses.slice(from, at) };
    }),
  );
}

async function work(task: BanksTask): Promise<void> {
  if (task.kind === 'next') give(await banks.next());
  else if (task.kind === 'tell') await tell(task.mail, task.statuses);
  else parentPort?.postMessage(await banks.end());
}

workInTurn(work);
