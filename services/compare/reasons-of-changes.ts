import { explainPayments } from '../explain/explain-payment.ts';
import { tracePayments } from '../explain/payment-trace.ts';
import type { Uetr } from '../protocol/names/bic-and-uetr.ts';
import { runInputs } from '../replay/recorded-inputs.ts';

/** Sentences by UETR. */
export type Reasons = ReadonlyMap<string, readonly string[]>;

/**
 * What became of payments in a run, and what held them before it: the sentences of `corridor explain`.
 * @returns by UETR; a payment that the run's input does not have is left out
 */
export async function reasonsIn(
  run: string,
  uetrs: readonly string[],
  wasm: WebAssembly.Module,
): Promise<Reasons> {
  const inputs = runInputs(run);
  const traced = await tracePayments(inputs, wasm, uetrs as Uetr[]);
  const explained = await explainPayments(inputs, wasm, [...traced.values()]);
  const sentences = new Map(explained.map((one) => [one.trace, one.sentences]));
  return new Map(
    [...traced].flatMap(([uetr, { payments }]) => {
      const said = payments.flatMap((trace) => sentences.get(trace) ?? []);
      return said.length === 0 ? [] : [[uetr, said] as const];
    }),
  );
}
