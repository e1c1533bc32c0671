import { createVerification } from '../../services/core/verification/verification.ts';
import { nowNs } from '../measure.ts';
import { makeTraffic, poisoned, toVerify, wasmBytes } from './traffic.ts';

const BANKS = 10;
const BATCH = 1024;

/**
 * Ten banks send equally often; a batch is what came in while the one before was verified. In one run all
 * are honest, in the other every signature of bank 0 is bad. The latency of an honest signature is that
 * of its batch. Both runs are interleaved, batch by batch, and take turns at being first.
 * @returns milliseconds, one figure for each batch, the attack's first with its fallback included
 */
export function poisoningBank(batches: number): { honest: number[]; attacked: number[] } {
  const { publicKeys, signed } = makeTraffic(BANKS, BATCH);
  const run = (bad: boolean) => {
    const verification = createVerification(wasmBytes(), { keysMax: BANKS });
    verification.warmUp();
    const handles = publicKeys.map((key) => verification.registerKey(key));
    const batch = signed.map((one) =>
      toVerify(bad && one.key === 0 ? poisoned(one) : one, handles),
    );
    return () => {
      const start = nowNs();
      const verdicts = verification.verify(batch);
      const elapsedMs = (nowNs() - start) / 1e6;
      verdicts.forEach((valid, i) => {
        if (valid === (bad && signed[i]?.key === 0)) throw new Error('a verdict is wrong');
      });
      return elapsedMs;
    };
  };
  const runHonest = run(false);
  const runAttacked = run(true);
  // Both paths are optimised, on other instances: the attack's first batch, with its fallback, counts.
  for (const warm of [run(false), run(true)]) for (let i = 0; i < 50; i++) warm();
  const honest: number[] = [];
  const attacked: number[] = [];
  for (let i = 0; i < batches; i++) {
    if (i % 2 === 0) honest.push(runHonest());
    attacked.push(runAttacked());
    if (i % 2 === 1) honest.push(runHonest());
  }
  return { honest, attacked };
}
