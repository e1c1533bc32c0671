import { explainPayment } from '../explain/explain-payment.ts';
import { tracePayments } from '../explain/trace.ts';
import type { Uetr } from '../protocol/names/identifiers.ts';
import { runInputs } from '../replay/inputs.ts';

/**
 * What became of payments in a run, and what held them before it: the sentences of `corridor explain`.
 * @returns by UETR; a payment that the run's input does not have is left out
 */
export async function reasonsIn(
  run: string,
  uetrs: readonly string[],
  wasm: WebAssembly.Module,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const reasons = new Map<string, readonly string[]>();
  if (uetrs.length === 0) return reasons;
  const inputs = runInputs(run);
  for (const [uetr, traced] of await tracePayments(inputs, wasm, uetrs as Uetr[])) {
    const sentences: string[] = [];
    for (const trace of traced.payments) {
      const explained = await explainPayment(inputs, wasm, traced, trace, null, null);
      sentences.push(...explained.sentences);
    }
    if (sentences.length > 0) reasons.set(uetr, sentences);
  }
  return reasons;
}
