import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { RECORD_BYTES } from '../../services/core/settlement/records.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { atLeast } from '../support/at-least.ts';
import { createWorld } from './case-language.ts';
import { seeded } from './random-draft.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);
const BANKS = ['A', 'B', 'C', 'D'];
const ATTESTORS = ['O', 'P', 'Q', 'R'];
const DAYS = 60;
const ROWS = 120;

interface Attested {
  said: 'accepts' | 'refuses' | 'holds';
  until: number;
}

/** A chain as a clerk would keep it, on paper: who has to attest, who has, which legs have come. */
interface Chain {
  readonly name: string;
  readonly count: number;
  readonly terms: string;
  readonly groups: readonly { readonly threshold: number; readonly of: readonly string[] }[];
  readonly mandatory: number;
  readonly root: number;
  /** Infinity: none. */
  readonly deadline: number;
  readonly silence: boolean;
  /** Names of the live legs by number. */
  legs: Map<number, string>;
  attested: Map<string, Attested>;
}

type Pick = (below: number) => number;

function drawChain(pick: Pick, number: number, now: number): Chain {
  const groups = Array.from({ length: 1 + pick(3) }, () => {
    const of = ATTESTORS.filter(() => pick(2) === 0);
    if (of.length === 0) of.push(ATTESTORS[pick(4)] as string);
    return { threshold: 1 + pick(of.length), of };
  });
  const mandatory = pick(3) === 0 ? 1 : 0;
  const others = groups.length - mandatory;
  const root = others === 0 ? 0 : 1 + pick(others);
  const deadline = pick(2) === 0 ? Infinity : now + 100_000 * (1 + pick(5)) + number * 1000;
  const silence = deadline !== Infinity && pick(2) === 0;
  const words = groups.map(({ threshold, of }) => `${threshold}(${of})`).join('+');
  const end = deadline === Infinity ? '' : ` deadline ${deadline}${silence ? ' silence' : ''}`;
  return {
    ...{ name: `x${number}`, count: 1 + pick(3), groups, mandatory, root, deadline, silence },
    terms: `if ${words} mandatory ${mandatory} root ${root}${end}`,
    legs: new Map(),
    attested: new Map(),
  };
}

/** Whether enough of the groups have enough of those of whom `counts` is true. */
function enough(chain: Chain, counts: (attestor: string) => boolean): boolean {
  const held = chain.groups.map(({ threshold, of }) => of.filter(counts).length >= threshold);
  const others = held.slice(chain.mandatory).filter(Boolean).length;
  return held.slice(0, chain.mandatory).every(Boolean) && others >= chain.root;
}

const accepted =
  ({ attested }: Chain, now: number) =>
  (attestor: string) => {
    const one = attested.get(attestor);
    return one?.said === 'accepts' && now <= one.until;
  };
const isComplete = ({ legs, count }: Chain): boolean => legs.size === count;
const inOrder = ({ legs }: Chain): string[] =>
  [...legs].sort(([a], [b]) => a - b).map(([, leg]) => leg);

/** What is told of a chain that ends: and nothing lives of it. */
function end(chain: Chain, told: (leg: string) => string): string[] {
  const events = inOrder(chain).map(told);
  chain.legs = new Map();
  chain.attested = new Map();
  return events;
}

function settles(chain: Chain): string[] {
  const legs = inOrder(chain);
  return [...legs.map((leg) => `${leg} triggered`), ...end(chain, (leg) => `${leg} settled entry`)];
}

/** Money is there for all, so a chain settles as soon as it may. */
function clerk(now: () => number, chains: Map<string, Chain>) {
  return {
    link(chain: Chain, number: number, leg: string): string[] {
      if (chain.deadline <= now()) return [`${leg} rejected timesInvalid`];
      if (chain.legs.has(number)) return [`${leg} rejected legInstructed`];
      chain.legs.set(number, leg);
      if (!isComplete(chain)) return [`${leg} queued`];
      const matched = inOrder(chain).map((one) => `${one} matched`);
      return enough(chain, accepted(chain, now())) ? [...matched, ...settles(chain)] : matched;
    },
    attest(chain: Chain, id: string, attestor: string, said: Attested['said'], until: number) {
      if (chain.legs.size === 0) return [`${id} rejected chainUnknown`];
      if (!chain.groups.some(({ of }) => of.includes(attestor)))
        return [`${id} rejected notAttestor`];
      if (until < now()) return [`${id} rejected attestationExpired`];
      const before = chain.attested.get(attestor);
      const lapsed = before?.said === 'accepts' && said === 'accepts' && before.until < now();
      if (before?.said === 'refuses' || (before?.said === said && !lapsed))
        return [`${id} rejected attested`];
      chain.attested.set(attestor, { said, until });
      const first = [`${id} attested`];
      if (!enough(chain, (one) => chain.attested.get(one)?.said !== 'refuses'))
        return [...first, ...end(chain, (leg) => `${leg} cancelled conditionRefused`)];
      if (isComplete(chain) && enough(chain, accepted(chain, now())))
        return [...first, ...settles(chain)];
      return first;
    },
    cancel(chain: Chain, leg: string): string[] {
      if (!isComplete(chain)) {
        for (const [number, one] of chain.legs) if (one === leg) chain.legs.delete(number);
        if (chain.legs.size === 0) chain.attested = new Map();
        return [`${leg} cancelled cancelledByDebtorAgent`];
      }
      const others = inOrder(chain).filter((one) => one !== leg);
      end(chain, String);
      return [
        `${leg} cancelled cancelledByDebtorAgent`,
        ...others.map((one) => `${one} cancelled matchCancelled`),
      ];
    },
    /** Deadlines up to an instant, in their order. */
    pass(untilMs: number): string[] {
      const due = [...chains.values()]
        .filter((chain) => isComplete(chain) && chain.deadline <= untilMs)
        .sort((a, b) => a.deadline - b.deadline);
      return due.flatMap((chain) => {
        const valid = accepted(chain, chain.deadline);
        const silent = (one: string) => !chain.attested.has(one) || valid(one);
        if (chain.silence && enough(chain, silent)) return settles(chain);
        return end(chain, (leg) => `${leg} cancelled conditionUnmet`);
      });
    },
  };
}

function day(seed: number): {
  rows: readonly (readonly string[])[];
  records: Uint8Array;
  history: Uint8Array;
} {
  const pick = seeded(seed);
  const accounts = Object.fromEntries([
    ...BANKS.map((bank) => [`${bank} EUR`, 1_000_000]),
    ...ATTESTORS.map((attestor) => [`${attestor} XAU`, 0]),
  ]);
  const world = createWorld(wasm, { chainLegsMax: 16, conditions: true }, accounts);
  world.say('open EUR 1');
  const chains = new Map<string, Chain>();
  let now = 0;
  const told = clerk(() => now, chains);
  const rows: string[][] = [];
  const check = (row: string, expected: readonly string[]) => {
    rows.push([row]);
    assert.deepEqual(world.say(row), expected, `seed ${seed}, after ${rows.join('\n')}`);
  };
  for (let n = 0; n < ROWS; n++) {
    const chain = [...chains.values()][
      chains.size - 1 - pick(Math.max(1, Math.min(4, chains.size)))
    ];
    const draw = pick(10);
    if (chain === undefined || draw === 0) {
      const fresh = drawChain(pick, chains.size, now);
      chains.set(fresh.name, fresh);
    } else if (draw < 5) {
      const number = 1 + pick(chain.count);
      const from = pick(4);
      const to = BANKS[(from + 1 + pick(3)) % 4];
      const place = `${number}/${chain.count} of ${chain.name}`;
      const row = `link l${n} ${BANKS[from]}>${to} 1 EUR as ${place} ${chain.terms}`;
      check(row, told.link(chain, number, `l${n}`));
    } else if (draw < 9) {
      const attestor = ATTESTORS[pick(4)] as string;
      const said =
        (['accepts', 'accepts', 'accepts', 'refuses', 'holds'] as const)[pick(5)] ?? 'holds';
      const until = pick(3) === 0 ? now - 50_000 + 1000 * pick(200) : Infinity;
      const words = until === Infinity ? '' : ` until ${until}`;
      const row = `attest a${n} ${attestor} ${said} ${chain.name} of ${chain.count}${words}`;
      check(row, told.attest(chain, `a${n}`, attestor, said, until));
    } else if (pick(3) === 0 && chain.legs.size > 0) {
      const leg = inOrder(chain)[pick(chain.legs.size)] as string;
      check(`cancel k${n} ${leg}`, told.cancel(chain, leg));
    } else {
      now += 1000 * (1 + pick(60));
      check(`at ${now}`, told.pass(now));
    }
  }
  assert.ok(world.settlement.conserved());
  return { rows, records: world.records(), history: world.history() };
}

test('days of chains with conditions are told as a clerk on paper tells them, and the same from any restart', () => {
  const seen = new Map<number, number>();
  for (const seed of atLeast(
    DAYS,
    Array.from({ length: DAYS }, (_, n) => n + 1),
  )) {
    const { records, history } = day(seed);
    for (let at = 24; at < history.length; at += EVENT_BYTES) {
      const kind = history[at] as number;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    const cut = 1 + ((seed * 37) % (records.length / RECORD_BYTES - 1));
    const first = createSettlement(wasm, 1);
    const before = first.apply(records.subarray(0, cut * RECORD_BYTES), cut);
    const second = createSettlement(wasm, 1, first.capture());
    const rest = records.subarray(cut * RECORD_BYTES);
    const after = second.apply(rest, rest.length / RECORD_BYTES);
    assert.deepEqual(Buffer.concat([before, after]), history, `seed ${seed}, cut ${cut}`);
  }
  // Attested, triggered, settled and cancelled: none of them seldom.
  for (const kind of [46, 47, 14, 16])
    assert.ok((seen.get(kind) ?? 0) > 100, `${kind}: ${seen.get(kind)}`);
});
