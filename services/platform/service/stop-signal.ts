import { EXIT } from '../exit-codes.ts';

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): { readonly requested: Promise<string>; release(): void } {
  let release = () => {};
  const requested = new Promise<string>((resolve) => {
    let asked = false;
    const onSignal = (signal: string) => {
      if (asked) process.exit(EXIT.interrupted);
      asked = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    release = () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  });
  return { requested, release: () => release() };
}
