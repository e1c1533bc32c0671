import type { Signer } from '../core/verification/signing.ts';
import { PoolInput } from '../gateway/pool-input-and-clock.ts';
import { type Network, poolNames } from '../live/network.ts';
import type { ServiceContext } from '../live/service-context.ts';
import { BadInput } from '../platform/exit-codes.ts';
import {
  commandRecord,
  commandSigningText,
  isCommandFault,
  readOperatorCommand,
} from '../protocol/messages/operator-command.ts';
import { CLOCKS_APART_MS } from '../protocol/names/time-windows-and-clocks.ts';
import type { Command } from '../protocol/records/control-record.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ControlInstant } from '../scenario/timeline-and-same-instant-order.ts';
import { controlRecord } from '../simulator/control-records.ts';

/**
 * What the operator does in a scenario, beside opening and closing and the passing of time. Opening and closing:
 * gateway/ticks-and-openings.ts.
 */
export type OperatorAction = Exclude<
  ControlInstant,
  { kind: 'open' | 'close' | 'tick' | 'quote' | 'revocation' }
>;

/** The operator of a live network, who commands what a scenario has him do, signed with his key. */
export class DriveOperator {
  readonly #context: ServiceContext;
  readonly #network: Network;
  readonly #scenario: Scenario;
  readonly #signer: Signer;
  readonly #inputs: ReadonlyMap<string, PoolInput>;

  constructor(context: ServiceContext, network: Network, scenario: Scenario, signer: Signer) {
    this.#context = context;
    this.#network = network;
    this.#scenario = scenario;
    this.#signer = signer;
    this.#inputs = new Map(
      poolNames(network).map((pool) => [pool, new PoolInput(pool, context.log, CLOCKS_APART_MS)]),
    );
  }

  /** Throws BadInput where a pool was founded with other keys. */
  async check(): Promise<void> {
    const own = Buffer.from(this.#signer.publicKey).toString('hex');
    for (const [pool, input] of this.#inputs) {
      const genesis = await input.genesis();
      if (genesis?.operatorKey !== own)
        throw new BadInput(`pool ${pool} was founded with other keys than those in --data`);
    }
  }

  /** @param id the same for the same action: a pool takes a command once, however often it is sent */
  async command(id: string, action: OperatorAction): Promise<void> {
    const { timeMs: _, ...command } = controlRecord(this.#scenario, action);
    const { currency } = action;
    for (const { name, currencies } of this.#scenario.pools)
      if (currency === null || currencies.includes(currency))
        await this.#append(name, id, command as Command);
  }

  async #append(pool: string, id: string, command: Command): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ pool, command }));
    const read = readOperatorCommand(payload);
    if (isCommandFault(read))
      throw new BadInput(`a live network takes no such command: ${read.field} ${read.expected}`);
    const issuedAtMs = this.#context.nowMs();
    const text = commandSigningText(this.#network.network, pool, { id, issuedAtMs }, payload);
    const envelope = { id, issuedAtMs, signature: this.#signer.sign(text) };
    await this.#inputs
      .get(pool)
      ?.append((timeMs) => [commandRecord(command, envelope, payload, timeMs)], issuedAtMs);
  }
}
