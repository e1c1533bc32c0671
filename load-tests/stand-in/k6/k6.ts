/** Stand-in for `k6`: what a script calls blocks, as it does there. */
const still = new Int32Array(new SharedArrayBuffer(4));

export function sleep(seconds: number): void {
  Atomics.wait(still, 0, 0, seconds * 1000);
}

export function fail(message: string): never {
  throw new Error(message);
}
