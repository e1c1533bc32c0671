/**
 * Deposits over reserves, on random days: the core's events are the slow reference's, byte for byte, and after every
 * record both layers are what a second count from the movements makes them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import { CHAIN_TYPE } from '../../services/protocol/messages/message-types.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { createDirectSimulation } from '../../services/simulator/direct-simulation.ts';
import { randomLayers } from '../support/random-layers.ts';
import { followed } from '../support/run.ts';
import { createReference } from './reference.ts';

const wasm = compiledCore();

/** A day by the direct door, with the records that its core takes and the events that these cause. */
async function played(scenario: Scenario) {
  const records: Uint8Array[] = [];
  const events: Uint8Array[] = [];
  const run = createDirectSimulation({
    scenario,
    signatures: true,
    createSettlement: () => {
      const core = createSettlement(wasm);
      return {
        ...core,
        // Copies: what comes is written over, and what goes may have digests put in.
        apply(bytes: Uint8Array, count: number) {
          records.push(Uint8Array.from(bytes.subarray(0, count * RECORD_BYTES)));
          const caused = core.apply(bytes, count);
          events.push(Uint8Array.from(caused));
          return caused;
        },
      };
    },
  });
  const { summary } = await followed(scenario, run, {});
  return { summary, records: Buffer.concat(records), events: Buffer.concat(events) };
}

/** What the slow reference says that the records cause. */
function byReference(records: Buffer): Buffer {
  const apply = createReference();
  const caused: Uint8Array[] = [];
  for (let at = 0; at < records.length; at += RECORD_BYTES)
    caused.push(...apply(records.subarray(at, at + RECORD_BYTES)));
  return Buffer.concat(caused);
}

/** Counts both layers from the movements alone, and holds them against the balances that events state. */
class Layers {
  readonly #scenario: Scenario;
  readonly #balances = new Map<string, bigint>();
  /** What a bank's deposits are by what was issued and redeemed; and its reserves less its deposits, by deposits' place. */
  readonly #liabilities: bigint[];
  readonly #gaps: bigint[];
  readonly #openingMoney = new Map<number, bigint>();
  readonly #settledLegs = new Map<string, number>();
  readonly #legsOf = new Map<string, string>();
  readonly #legCounts = new Map<string, number>();
  readonly met = new Set<string>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#liabilities = scenario.deposits.map(() => 0n);
    this.#gaps = scenario.deposits.map(() => 0n);
    for (const message of planMessages(scenario)) {
      if (message.kind !== 'payment' || !message.payment.ofChain) continue;
      const { chain } = message.payment.ofChain;
      this.#legsOf.set(`${message.payment.uetr}`, chain.id);
      this.#legCounts.set(chain.id, chain.legs.length);
    }
  }

  balance(participant: number, currency: number): bigint {
    return this.#balances.get(`${participant} ${currency}`) ?? 0n;
  }

  take(event: SettlementEvent): void {
    switch (event.kind) {
      case 'accountOpened':
        this.#state(event.participant, event.currency, event.balance);
        this.#putIn(event.participant, event.currency, event.opening);
        return;
      case 'issued':
      case 'redeemed': {
        const amount = event.kind === 'issued' ? event.amount : -event.amount;
        this.#state(event.participant, event.currency, event.balance);
        this.#putIn(event.participant, event.currency, amount);
        this.met.add(`${event.kind} by record`);
        return;
      }
      case 'settled': {
        for (const booking of event.bookings) {
          this.#state(booking.participant, booking.currency, booking.balance);
          this.#move(booking, event.messageType === CHAIN_TYPE);
        }
        const chain = this.#legsOf.get(`${uetrFromBytes(event.id)}`);
        if (chain === undefined) return;
        this.#settledLegs.set(chain, (this.#settledLegs.get(chain) ?? 0) + 1);
        this.met.add(`chain of ${this.#legCounts.get(chain)} settled ${event.mechanism}`);
        return;
      }
      case 'cancelled':
        this.met.add(`cancelled ${event.reason}`);
    }
  }

  #state(participant: number, currency: number, balance: bigint): void {
    this.#balances.set(`${participant} ${currency}`, balance);
  }

  /** Money that comes from nobody's account in the pool. */
  #putIn(participant: number, currency: number, amount: bigint): void {
    this.#openingMoney.set(currency, (this.#openingMoney.get(currency) ?? 0n) + amount);
    for (const [place, { bank, asset, currency: reserves }] of this.#scenario.deposits.entries()) {
      if (currency === asset && participant !== bank) {
        this.#liabilities[place]! += amount;
        this.#gaps[place]! -= amount;
      }
      if (currency === reserves && participant === bank) this.#gaps[place]! += amount;
    }
  }

  /** The bank's own account in its deposits issues and redeems; a payment of customers changes no gap. */
  #move(
    { participant, currency, amount }: { participant: number; currency: number; amount: bigint },
    isChain: boolean,
  ): void {
    for (const [place, { bank, asset, currency: reserves }] of this.#scenario.deposits.entries()) {
      if (participant !== bank) continue;
      if (currency === asset) this.#liabilities[place]! -= amount;
      if (currency === reserves && !isChain) this.#gaps[place]! += amount;
    }
  }

  /** After a record. */
  check(where: string): void {
    const { deposits, participants, currencies } = this.#scenario;
    for (const [place, { bank, asset, currency, customers }] of deposits.entries()) {
      const held = customers.map((customer) => this.balance(customer, asset));
      const supply = held.reduce((sum, one) => sum + one, 0n);
      assert.ok(
        held.every((one) => one >= 0n),
        `${where}: a customer owes`,
      );
      assert.equal(
        supply,
        this.#liabilities[place],
        `${where}: what customers hold is what is issued`,
      );
      const own = participants[bank]!.accounts.find((account) => account.currency === asset);
      assert.ok(-this.balance(bank, asset) <= own!.creditLineMinor, `${where}: within the quota`);
      const gap = this.balance(bank, currency) - supply;
      assert.equal(gap, this.#gaps[place], `${where}: reserves and deposits move together`);
    }
    for (const currency of currencies.keys()) {
      const all = participants.map((_, participant) => this.balance(participant, currency));
      assert.equal(
        all.reduce((sum, one) => sum + one, 0n),
        this.#openingMoney.get(currency) ?? 0n,
        `${where}: ${currencies[currency]!.code} is conserved`,
      );
    }
    for (const [chain, legs] of this.#settledLegs)
      assert.equal(legs, this.#legCounts.get(chain), `${where}: ${chain} settles whole`);
  }
}

/** What only many days meet. */
const MET = [
  ...[2, 3, 4].map((legs) => `chain of ${legs} settled entry`),
  ...[2, 3, 4].map((legs) => `chain of ${legs} settled queue`),
  ...['chain of 3 settled gridlockResolution', 'issued by record', 'redeemed by record'],
  ...['cancelled cancelledAtClose', 'cancelled participantDefaulted', 'cancelled unmatched'],
];

/** The days of the seeds 1 to `days`. @param reachesAll whether they are enough to meet all that they are about */
export function layersAreAsTheReference(days: number, reachesAll: boolean): void {
  test(`${days} random days of two layers: events are the reference’s, and both layers hold after every record`, async () => {
    const met = new Set<string>();
    for (let seed = 1; seed <= days; seed++) {
      const scenario = randomLayers(seed);
      const { records, events, summary } = await played(scenario);
      assert.ok(summary.conserved, `seed ${seed}`);
      assert.equal(Buffer.compare(byReference(records), events), 0, `seed ${seed}: the reference`);
      const layers = new Layers(scenario);
      let position = 0;
      for (const event of readEvents(events)) {
        if (event.position !== position) layers.check(`seed ${seed}, record ${position}`);
        position = event.position;
        layers.take(event);
      }
      layers.check(`seed ${seed}, at the end`);
      for (const what of layers.met) met.add(what);
    }
    assert.ok(met.size > 5, `${[...met]}`);
    if (!reachesAll) return;
    for (const what of MET)
      assert.ok(met.has(what), `${what} is not among ${[...met].sort().join(', ')}`);
  });
}
