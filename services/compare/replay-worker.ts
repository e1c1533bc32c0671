/** What runs on a replay's thread. */

import { EXIT, exitCode } from '../platform/exit-codes.ts';
import { compiledCore } from '../platform/service/build-info.ts';
import { reasonsIn } from './reasons-of-changes.ts';
import { observedFacts, replayedFacts } from './replayed-accounts.ts';

export interface ReplayOutcome<Result> {
  readonly result?: Result;
  readonly fault?: { readonly message: string; readonly isBadInput: boolean };
}

async function told<Result>(
  replay: (wasm: WebAssembly.Module) => Promise<Result>,
): Promise<ReplayOutcome<Result>> {
  try {
    return { result: await replay(compiledCore()) };
  } catch (error) {
    const { message } = error as Error;
    return { fault: { message, isBadInput: exitCode(error) === EXIT.badInput } };
  }
}

export const replayAccounts = ({ run }: { readonly run: string }) =>
  told((wasm) => replayedFacts(run, wasm));

export const observeAccounts = ({ run }: { readonly run: string }) =>
  told((wasm) => observedFacts(run, wasm));

export const replayReasons = ({
  run,
  uetrs,
}: {
  readonly run: string;
  readonly uetrs: readonly string[];
}) => told((wasm) => reasonsIn(run, uetrs, wasm));
