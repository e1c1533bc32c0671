import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from '../../services/core/settlement/event-reader.ts';
import type { SettlementEvent } from '../../services/core/settlement/settlement-event.ts';
import { uetrFromBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Scenario, ScenarioChain } from '../../services/scenario/scenario.ts';
import { randomScenario } from '../support/random-scenario.ts';
import { runDirectly, runScenario } from '../support/run.ts';

/** Random days of networks whose policy has desks accept chains first, held against what the plan says by itself. */
const LONG = process.env.CORRIDOR_LONG_TESTS === '1';
/** Of every third seed a day has no chains. */
const SEEDS = Array.from({ length: LONG ? 120 : 5 }, (_, day) => 901 + day).filter((n) => n % 3);

/** Of the flow's chains a group of the terms is mandatory beside one of two others. */
const MARKED =
  'chainFlows.0.condition={groups: [{attestors: [carrier]}, {attestors: [ZOLLDE00, GAMMFR00], threshold: 1, mandatory: true}, {attestors: [payee]}], threshold: 2, deadlineAfterSeconds: 5000}';

/** From a stream of its own: one or two corridors. */
function withCorridors(seed: number): Scenario {
  const stream = new SeededStream(seed, 'random pre-validation');
  const upTo = (count: number) => Math.floor(stream.uniform() * count);
  const one = <T>(of: readonly T[]): T => of[upTo(of.length)] as T;
  const rules = Array.from({ length: 1 + upTo(2) }, () => ({
    ...one([{ from: 'DE' }, { from: 'SG' }, { from: 'DE', to: 'FR' }, { to: 'DE' }, {}]),
    ...(upTo(2) === 0 && { currency: one(['EUR', 'SGD']) }),
    desk: one(['ZOLLDE00', 'ORKLDE00', 'EPSIDE00']),
    creditorsBank: upTo(3) === 0,
    withinMinutes: 5 + upTo(180),
  }));
  const preValidation = `settlement.preValidation=${JSON.stringify(rules)}`;
  return randomScenario(seed, { set: [preValidation, MARKED] });
}

interface Asked {
  readonly attestors: ReadonlySet<string>;
  readonly withinMs: number;
}

/** What the policy asks of a chain or a payment that moves so between banks; null: nothing. */
function askedOf(
  { settlement }: Scenario,
  moves: readonly { readonly from: string; readonly to: string; readonly code: string }[],
): Asked | null {
  const attestors = new Set<string>();
  let withinMs = Infinity;
  for (const rule of settlement.preValidation) {
    const { from, to, currency } = rule;
    if (from !== undefined && !moves.some((one) => one.from.slice(4, 6) === from)) continue;
    const credited = moves.filter((one) => to === undefined || one.to.slice(4, 6) === to);
    if (credited.length === 0) continue;
    if (currency !== undefined && !moves.some(({ code }) => code === currency)) continue;
    attestors.add(rule.desk);
    if (rule.creditorAgent) for (const one of credited) attestors.add(one.to);
    withinMs = Math.min(withinMs, rule.withinMs);
  }
  return attestors.size === 0 ? null : { attestors, withinMs };
}

const movesOf = ({ participants, currencies }: Scenario, { legs }: ScenarioChain) =>
  legs.map((leg) => ({
    from: participants[leg.debtorAgent]!.bic,
    to: participants[leg.creditorAgent]!.bic,
    code: currencies[leg.currency]!.code,
  }));

/** Each chain of the plan, by the UETR of each of its legs, and until when each word of an attestor holds. */
function planned(scenario: Scenario) {
  const chains = new Map<string, ScenarioChain>();
  const until = new Map<string, number | null>();
  for (const message of planMessages(scenario))
    if (message.kind === 'payment' && message.payment.ofChain)
      chains.set(`${message.payment.uetr}`, message.payment.ofChain.chain);
    else if (message.kind === 'request' && message.request.kind === 'attestation')
      until.set(
        `${message.request.participant} ${message.request.chain.id} ${message.request.atMs}`,
        message.request.validUntilMs,
      );
  return { chains, until };
}

/** What became of a chain. */
interface Played {
  readonly chain: ScenarioChain;
  firstMs: number | null;
  metMs: number | null;
  /** By BIC the words of attestors, in order; and at which event they were said, and until when they hold. */
  readonly words: { by: string; verdict: string; timeMs: number; untilMs: number | null }[];
  readonly ends: string[];
  endMs: number | null;
  completeMs: number | null;
}

function played(scenario: Scenario, events: readonly SettlementEvent[]): Map<string, Played> {
  const { chains, until } = planned(scenario);
  const all = new Map<string, Played>();
  const byPosition = new Map<number, Played>();
  const of = (event: { readonly id: Uint8Array; readonly paymentPosition: number }) => {
    const chain = chains.get(`${uetrFromBytes(event.id)}`);
    if (!chain) return null;
    const known = all.get(chain.id) ?? {
      ...{ chain, firstMs: null, metMs: null, words: [], ends: [], endMs: null },
      completeMs: null,
    };
    all.set(chain.id, known);
    byPosition.set(event.paymentPosition, known);
    return known;
  };
  for (const event of events) {
    if (event.kind === 'attested') {
      const one = byPosition.get(event.mate);
      const by = event.debtorAgent;
      const key = `${by} ${one?.chain.id} ${event.timeMs}`;
      one?.words.push({
        ...{ by: scenario.participants[by]!.bic, verdict: event.verdict, timeMs: event.timeMs },
        untilMs: until.get(key) ?? null,
      });
    }
    if (!('paymentPosition' in event) || !('id' in event)) continue;
    const one = of(event);
    if (!one) continue;
    if (event.kind === 'queued' || event.kind === 'matched') one.firstMs ??= event.timeMs;
    if (event.kind === 'matched') one.completeMs ??= event.timeMs;
    if (event.kind === 'triggered') one.metMs ??= event.timeMs;
    if (event.kind === 'settled' || event.kind === 'cancelled' || event.kind === 'rejected') {
      one.ends.push(event.kind === 'settled' ? 'settled' : `${event.kind} ${event.reason}`);
      one.endMs ??= event.timeMs;
    }
  }
  return all;
}

/** Whether an attestor's last word of a chain by an instant is an acceptance that holds then. */
const accepts = ({ words }: Played, by: string, atMs: number): boolean => {
  const last = words.filter((word) => word.by === by && word.timeMs <= atMs).at(-1);
  return last?.verdict === 'accepted' && (last.untilMs === null || last.untilMs >= atMs);
};

/** The first whole second from an instant on: records carry no finer time. */
const wholeSecond = (timeMs: number) => Math.ceil(timeMs / 1000) * 1000;

test('on random days chains of corridors settle with the desks’ words alone and in time, other payments of them are refused, by both doors', async () => {
  const met = new Map<string, number>();
  const count = (what: string) => met.set(what, (met.get(what) ?? 0) + 1);
  for (const seed of SEEDS) {
    const scenario = withCorridors(seed);
    const signatures = seed % 4 !== 0;
    const events: SettlementEvent[] = [];
    const direct = await runDirectly(scenario, {
      ...{ signatures, sliceMessages: [1, 5, 4096][seed % 3] as number },
      onSlice: ({ steps }) => {
        for (const { batch } of steps) events.push(...readEvents(batch.events));
      },
    });
    const { summary, rows } = await runScenario(scenario, { signatures });
    assert.equal(direct.summary.eventsHash, summary.eventsHash, `seed ${seed}`);
    for (const one of played(scenario, events).values()) {
      const where = `seed ${seed}, chain ${one.chain.id}`;
      const asked = askedOf(scenario, movesOf(scenario, one.chain));
      for (const group of one.chain.condition?.groups ?? [])
        if (group.isMandatory && one.metMs !== null) {
          const by = group.attestors.map((attestor) => scenario.participants[attestor]!.bic);
          const accepted = by.filter((bic) => accepts(one, bic, one.metMs as number)).length;
          assert.ok(accepted >= group.threshold, `${where}: its mandatory group`);
          count('mandatory');
        }
      if (!asked) {
        if (!one.chain.condition) assert.equal(one.metMs, null, `${where} waits for nobody`);
        continue;
      }
      const { firstMs, metMs, endMs, ends, completeMs } = one;
      if (one.chain.condition?.onSilence === 'settle') {
        assert.equal(metMs ?? firstMs, null, `${where}: silence cannot settle it`);
        count('silence refused');
        continue;
      }
      if (firstMs === null) continue;
      const limitMs = wholeSecond(firstMs + asked.withinMs);
      if (ends.includes('settled')) assert.notEqual(metMs, null, `${where} waits for its desk`);
      if (metMs !== null) {
        count('met');
        for (const by of asked.attestors) assert.ok(accepts(one, by, metMs), `${where}: ${by}`);
        assert.ok(metMs < limitMs, `${where}: in time`);
      } else if (completeMs !== null && endMs !== null) {
        // Where all legs have come later it ends then.
        assert.ok(endMs <= Math.max(limitMs, completeMs), `${where} ends in time: ${ends}`);
        if (ends.includes('cancelled conditionUnmet') && endMs === limitMs) count('limit');
        if (ends.includes('cancelled conditionRefused')) count('refused');
      }
    }
    for (const row of rows) {
      if (!['pacs.008', 'pacs.009', 'corridor.leg'].some((type) => row.messageType.includes(type)))
        continue;
      const isLeg = row.messageType.includes('corridor.leg');
      const { debtorAgent: from, creditorAgent: to, dealer } = row;
      const codes = [row.currency, row.currency2].filter((code) => code !== '');
      const pairs = [
        ...[[from, to], ...(isLeg ? [[to, from]] : [])],
        ...(dealer === ''
          ? []
          : [
              [from, dealer],
              [dealer, to],
            ]),
      ] as [string, string][];
      const moves = pairs.flatMap(([a, b]) => codes.map((code) => ({ from: a, to: b, code })));
      const isRefused = row.reason === 'preValidationMissing';
      if (isRefused) count(`${row.messageType} refused`);
      if (isRefused || row.status === 'settled')
        assert.equal(askedOf(scenario, moves) !== null, isRefused, `seed ${seed}, ${row.uetr}`);
      if (row.status === 'settled') count('settled beside');
    }
  }
  for (const one of ['met', 'mandatory', 'limit', 'refused', 'silence refused', 'settled beside'])
    assert.ok((met.get(one) ?? 0) > 0, `${one} is among ${JSON.stringify([...met])}`);
  assert.ok(
    [...met.keys()].some((key) => /pacs.008.* refused/.test(key)),
    [...met.keys()].join(),
  );
});
