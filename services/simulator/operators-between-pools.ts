import type { SettlementEvent } from '../core/settlement/settlement-event.ts';
import { createSigner } from '../core/verification/signing.ts';
import { instantOf, timeOnDate } from '../protocol/messages/settlement-times.ts';
import type { Bic } from '../protocol/names/bic-and-uetr.ts';
import { dayNumber } from '../protocol/names/dates.ts';
import type { Message } from '../protocol/names/message.ts';
import type { BankSignature } from '../protocol/names/signed-message.ts';
import { sendingTimeMs } from '../scenario/outages.ts';
import type { PlannedAction } from '../scenario/run-plan.ts';
import type { PlannedChainLeg, Scenario, ScenarioChain } from '../scenario/scenario.ts';
import { isOverTwoPools } from '../scenario/schema-chains.ts';
import { OrdersSaid, orderMessage, TwoPoolChains } from '../synchronisation/two-pool-chains.ts';
import type { CycleAsk, OperatorTurn } from './cycle-and-operator-turns.ts';
import { KEY_ID, simulatedCurrencies, simulatedSecretKey } from './keys-and-genesis.ts';

/** Turns behind the last action: what is decided at home is carried over, and what was complete at its close is refused. */
const TURNS_BEHIND = 3;
const EVERY_SECONDS = 5;
/** Turns: it looks at all that it knows. */
const FORGETS_EVERY = 64;

/** The operators of a scenario's chains over two pools; none: every chain lies in one. */
const operatorsOf = ({ chains, chainFlows }: Scenario): readonly number[] => [
  ...new Set(
    [...chains, ...chainFlows].flatMap(({ synchronised }) => synchronised?.operator ?? []),
  ),
];

/**
 * The plan of a run with the turns of its operators, by a clock of their own, before all that is planned for their
 * instant: so that slices change nothing. No turn where every chain lies in one pool.
 */
export function withTurns(
  plan: Iterable<PlannedAction | CycleAsk>,
  scenario: Scenario,
): Iterable<PlannedAction | CycleAsk | OperatorTurn> {
  return isOverTwoPools(scenario.document) ? turnsAmong(plan, scenario) : plan;
}

function* turnsAmong(
  plan: Iterable<PlannedAction | CycleAsk>,
  scenario: Scenario,
): Generator<PlannedAction | CycleAsk | OperatorTurn, void> {
  const everyMs = 1000 * (scenario.document.synchronisation?.everySeconds ?? EVERY_SECONDS);
  let nextMs: number | null = null;
  for (const action of plan) {
    nextMs ??= action.atMs + everyMs;
    for (; nextMs <= action.atMs; nextMs += everyMs) yield { kind: 'turn', atMs: nextMs };
    yield action;
  }
  for (let turn = 0; nextMs !== null && turn < TURNS_BEHIND; turn += 1, nextMs += everyMs)
    yield { kind: 'turn', atMs: nextMs };
}

interface Operator {
  readonly number: number;
  readonly signature: BankSignature;
  readonly book: TwoPoolChains;
  readonly said: OrdersSaid;
}

/** The operators of a run: each reads both pools, and attests by the rules of the live service. */
export class OperatorsBetweenPools {
  readonly #scenario: Scenario;
  readonly #operators: readonly Operator[];
  #turns = 0;

  /** @param signatures whether they sign */
  constructor(scenario: Scenario, signatures: boolean) {
    this.#scenario = scenario;
    const { network, participants, seed } = scenario;
    const currencies = simulatedCurrencies(scenario);
    this.#operators = operatorsOf(scenario).map((number) => {
      const bic = participants[number]?.bic as Bic;
      const signer = signatures ? createSigner(simulatedSecretKey(seed, bic)) : null;
      const sign = signer && { sign: (text: Uint8Array) => signer.sign(text) };
      return {
        ...{ number, book: new TwoPoolChains(network, bic, currencies), said: new OrdersSaid() },
        signature: { bic, keyId: KEY_ID, network, ...sign },
      };
    });
  }

  /** What a pool has taken in. @param first the position of the first */
  takeInputs(pool: string, first: number, values: readonly Uint8Array[]): void {
    for (const { book } of this.#operators)
      for (const [at, value] of values.entries()) book.takeInput(pool, first + at, value);
  }

  /** The same of a leg that is given to its pool without its message. */
  takeLeg(
    pool: string,
    position: number,
    { chain, legNumber }: PlannedChainLeg,
    digest: Uint8Array,
  ) {
    const { synchronised, earmark } = chain;
    if (!synchronised || !earmark) return;
    const { operator, homeLegs } = synchronised;
    const isHome = legNumber <= homeLegs;
    const settlementDate = this.#scenario.businessDates[chain.dateIndex] as string;
    const expiry = timeOnDate(earmark.expiryMs, settlementDate);
    const leg = {
      ...{ digest, chainId: chain.id, settlementDate, isHome },
      currency: this.#code(chain, legNumber - 1),
      otherCode: this.#code(chain, isHome ? homeLegs : 0),
      endMs: instantOf(dayNumber(settlementDate) as number, expiry),
    };
    for (const { number, book } of this.#operators)
      if (number === operator) book.takeLeg(pool, position, leg);
  }

  #code({ legs }: ScenarioChain, place: number): string {
    return this.#scenario.currencies[legs[place]?.currency as number]?.code as string;
  }

  /** Behind the inputs up to their positions. */
  takeEvents(pool: string, events: readonly SettlementEvent[]): void {
    for (const { book } of this.#operators) for (const event of events) book.takeEvent(pool, event);
  }

  /**
   * What is due at an instant and was not said just before. One that has an outage says nothing meanwhile.
   * @throws where a chain settled in one pool alone: no run has that
   */
  due(atMs: number): readonly Message[] {
    this.#turns += 1;
    return this.#operators.flatMap(({ number, signature, book, said }) => {
      const [breach] = book.takeBreaches();
      if (breach)
        throw new Error(
          `chain ${breach.chainId} settled in pool ${breach.settledIn}, and ended in pool ${breach.endedIn}`,
        );
      if (this.#turns % FORGETS_EVERY === 0) book.forget();
      if (sendingTimeMs(this.#scenario, number, atMs) !== atMs) return [];
      return said.unsaid(book.due(atMs), atMs).map((order) => {
        said.say(order, atMs);
        return { ...orderMessage(signature, order, atMs), timestampMs: atMs };
      });
    });
  }
}
