import { InputLogFault, type InputLogHeader } from '../protocol/input-log-file.ts';
import { isControl, readControl, readVerified } from '../protocol/input-record.ts';
import {
  createVerifier,
  recordedMessage,
  type SignatureVerification,
  type Verifier,
} from '../verifier/verifier.ts';
import { CommandCheck } from './command-check.ts';

interface Recorded {
  readonly pool: string;
  readonly value: Uint8Array;
  /** For messages: which record it is. */
  readonly place: string;
}

/**
 * Verifies recorded messages once more. A verifier is a pure function of a message, its coordinates
 * and the keys, so what it makes of each original must be the recorded record, to the byte: a changed
 * payload, header, signature, verdict or amount is found.
 */
export class Reverification {
  readonly #verifier: Verifier;
  readonly #currencies = new Map<string, { minorUnits: number; pool: string }>();
  readonly #commands = new Map<string, CommandCheck>();
  #waiting: Recorded[] = [];
  #messages = 0;

  constructor(header: InputLogHeader, verification: SignatureVerification) {
    this.#verifier = createVerifier(
      {
        network: header.network,
        currencies: this.#currencies,
        defaultPool: header.pools[0] as string,
        checkSignatures: header.signatures,
      },
      verification,
    );
  }

  /** Messages verified so far. */
  get messages(): number {
    return this.#messages;
  }

  /** Takes in a record in the order of the log; throws InputLogFault on an operator's that is not. */
  take(pool: string, value: Uint8Array, place: string): void {
    const commands = this.#commands.get(pool) ?? new CommandCheck();
    this.#commands.set(pool, commands);
    if (!isControl(value)) {
      commands.message();
      this.#waiting.push({ pool, value, place });
      return;
    }
    const control = readControl(value);
    const fault = commands.fault(control);
    if (fault) throw new InputLogFault(`${place}, ${control.kind}: ${fault}`);
    if (control.kind === 'currency')
      this.#currencies.set(control.currency, { minorUnits: control.minorUnits, pool });
    else if (control.kind === 'key')
      this.#verifier.learn({ ...control, name: control.bic, role: 'bank' });
  }

  /** Verifies what waits, where it is at least so much; throws InputLogFault on the first difference. */
  async advance(atLeast: number): Promise<void> {
    if (this.#waiting.length < atLeast) return;
    const recorded = this.#waiting;
    this.#waiting = [];
    const { inputs } = await this.#verifier.verify(
      recorded.map(({ value }) => recordedMessage(value)),
    );
    recorded.forEach(({ pool, value, place }, index) => {
      const again = inputs[index];
      const isItsPool = again?.pool === pool || readVerified(value).payloadOmitted;
      if (!again || !isItsPool || Buffer.compare(again.value, value) !== 0)
        throw new InputLogFault(
          `${place}: the message in it is not what the record says of it; verified again it gives another record`,
        );
    });
    this.#messages += recorded.length;
  }
}
