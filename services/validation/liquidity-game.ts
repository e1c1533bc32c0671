/**
 * The initial liquidity game of two banks: each chooses how much liquidity to begin with, and sends in each
 * period all that it can. Source: Castro, Desai, Du, Garratt and Rivadeneyra, Bank of Canada Staff Working
 * Paper 2021-7 and later, section 4.
 *
 * Payments are divisible there; here they are slices of 0.05. Money that comes in during a period can be used
 * from the next on. Corridor credits at once, so a payment goes over a correspondent of its own direction,
 * which has no money and passes on at the period's end. That says the same for these payments: A pays in the
 * second period alone, so nothing that comes in at the end of the first lets a third payment go in the same instant.
 */
import type { ClaimGroup, Finding, ValidationScope } from './claim-and-finding.ts';
import { bicOfLetter, type SmallPayment, type SmallRun, smallDay } from './small-runs.ts';

/** Slices of 0.05 that a bank has to pay in each period. */
const DUE = { A: [0, 3], B: [3, 1] } as const;
type Player = keyof typeof DUE;
const PLAYERS: readonly Player[] = ['A', 'B'];
const BEGINS = ['09:00', '10:00'] as const;
const ENDS = ['09:30', '10:30'] as const;
/** Costs of a slice in units of 0.005: of liquidity 0.1, of delay 0.2, of borrowing at the end 0.4. */
const COST = { liquidity: 1, delay: 2, borrowing: 4 } as const;
const UNIT = 0.005;
const SLICE = 0.05;

/** When a credit can be used. */
type Credits = 'next period' | 'at once';

type Costs = Readonly<Record<Player, number>>;

const other = (player: Player): Player => (player === 'A' ? 'B' : 'A');
/** Of a bank the correspondent that holds what it pays until the period ends. */
const correspondentOf = (player: Player) => (player === 'A' ? 'C' : 'D');

function payments(credits: Credits): SmallPayment[] {
  const slices = (player: Player, period: number) =>
    Array.from({ length: DUE[player][period] as number });
  return BEGINS.flatMap((begin, period): SmallPayment[] => {
    const end = ENDS[period] as string;
    const sent = PLAYERS.flatMap((player) =>
      slices(player, period).map((): SmallPayment => {
        const to = credits === 'at once' ? other(player) : correspondentOf(player);
        return [begin, player, to, 1];
      }),
    );
    if (credits === 'at once') return sent;
    const passed = PLAYERS.flatMap((player) =>
      slices(player, period).map(
        (): SmallPayment => [end, correspondentOf(player), other(player), 1],
      ),
    );
    return [...sent, ...passed];
  });
}

async function played(credits: Credits, a: number, b: number): Promise<Costs> {
  const run = await smallDay({
    balances: { A: a, B: b, ...(credits === 'next period' && { C: 0, D: 0 }) },
    payments: payments(credits),
    settlement: { queue: 'fifo', cycle: 'off' },
  });
  return { A: costOf(run, 'A', a), B: costOf(run, 'B', b) };
}

function costOf({ rows }: SmallRun, player: Player, liquidity: number): number {
  const own = rows.filter(({ debtorAgent }) => debtorAgent === bicOfLetter(player));
  /** What had come in as a period began, and did not leave then. */
  const leftAt = (time: string) => {
    const beginMs = Date.parse(`2026-03-16T${time}:00Z`);
    return own.filter(
      ({ submittedAtMs, status, finalAtMs }) =>
        submittedAtMs <= beginMs && !(status === 'settled' && (finalAtMs as number) <= beginMs),
    ).length;
  };
  const [late, borrowed] = BEGINS.map(leftAt) as [number, number];
  return totalCost(liquidity, late, borrowed);
}

const totalCost = (liquidity: number, late: number, borrowed: number): number =>
  COST.liquidity * liquidity + COST.delay * late + COST.borrowing * borrowed;

/** R(l0) = rc l0 + max(P1 - l0, 0) rd + max(P2 + P1 - R1 - l0, 0) rb, where R1 = min(l0 of the other, its P1). */
function costFormula(player: Player, own: number, others: number): number {
  const [first, second] = DUE[player];
  const received = Math.min(others, DUE[other(player)][0]);
  return totalCost(own, Math.max(first - own, 0), Math.max(second + first - received - own, 0));
}

type Table = readonly (readonly Costs[])[];

const tables = new Map<string, Promise<Table>>();

/** Costs by the liquidity of A and of B, in slices; computed once for all claims that ask. */
function costTable(credits: Credits, { levels }: ValidationScope): Promise<Table> {
  const key = `${credits} ${levels}`;
  const table = tables.get(key) ?? computed(credits, levels);
  tables.set(key, table);
  return table;
}

async function computed(credits: Credits, levels: number): Promise<Table> {
  const table: Costs[][] = [];
  for (let a = 0; a <= levels; a++) {
    const row: Costs[] = [];
    for (let b = 0; b <= levels; b++) row.push(await played(credits, a, b));
    table.push(row);
  }
  return table;
}

const choices = (table: Table) => [...table.keys()];
const cost = (table: Table, player: Player, own: number, others: number): number => {
  const [a, b] = player === 'A' ? [own, others] : [others, own];
  const costs = table[a]?.[b];
  if (costs === undefined) throw new Error(`no cell (${a}, ${b})`);
  return costs[player];
};
/** Those that cost least against what the other has. */
function bestResponses(table: Table, player: Player, others: number): number[] {
  const costs = choices(table).map((own) => cost(table, player, own, others));
  const least = Math.min(...costs);
  return choices(table).filter((own) => costs[own] === least);
}

const amount = (slices: number) => (slices * SLICE).toFixed(2);
const price = (units: number) => (units * UNIT).toFixed(3);

function equilibria(table: Table): string {
  const all = choices(table).flatMap((a) =>
    choices(table).flatMap((b) =>
      bestResponses(table, 'A', b).includes(a) && bestResponses(table, 'B', a).includes(b)
        ? [
            `(${amount(a)}, ${amount(b)}) with costs (${price(cost(table, 'A', a, b))}, ${price(cost(table, 'B', b, a))})`,
          ]
        : [],
    ),
  );
  return `only ${all.join(' and ')}`;
}

const gridText = (table: Table) =>
  `${table.length} × ${table.length} runs, liquidity from 0 to ${amount(table.length - 1)} in steps of ${SLICE}`;

const equilibriumOf =
  (credits: Credits) =>
  async (scope: ValidationScope): Promise<Finding> => {
    const table = await costTable(credits, scope);
    return { found: equilibria(table), detail: gridText(table) };
  };

/** l0 = P1 + max(P2 - min(l0 of the other, P1 of the other), 0), in slices. */
function formula(player: Player, others: number): number {
  const [first, second] = DUE[player];
  return first + Math.max(second - Math.min(others, DUE[other(player)][0]), 0);
}

const PAPER =
  'Castro, Desai, Du, Garratt and Rivadeneyra, Bank of Canada Staff Working Paper 2021-7';
const GAME = `${PAPER}, section 4, in the copy of aerugo/SimCash b97854b`;
const ENUMERATED = `${PAPER}; enumerated apart from Corridor`;
const SIMCASH =
  'aerugo/SimCash (MIT) b97854b, `experiments/castro/configs/exp1_2period.yaml` and `api/tests/castro/test_castro_equilibrium.py`';

export const liquidityGame: ClaimGroup = {
  title: 'Initial liquidity game',
  text: [
    `Two banks choose how much liquidity to begin the day with, and then send all that they can. Liquidity costs 0.1, delay
0.2 a period, borrowing at the end 0.4. A has to pay 0 and 0.15, B 0.15 and 0.05. Each cell of the table of costs is a run.`,
    `**When a credit counts.** In the game money that comes in during a period can be used from the next one on. In Corridor a
credit can be used at once. For the game each payment goes over a correspondent that passes it on when the period ends
(\`services/validation/liquidity-game.ts\`). The row without correspondents has the same payments with credits at once: B
then begins with 0.15, because A pays it in time. So a study of liquidity should say which of the two it means.`,
    `SimCash publishes the same game as its example (\`deferred_crediting: true\`); its amounts are 100,000 times these.`,
  ],
  claims: [
    {
      mark: 'exact',
      claim:
        'cost of each bank: r_c ℓ₀ + max(P₁ − ℓ₀, 0) r_d + max(P₂ + P₁ − R₁ − ℓ₀, 0) r_b, where R₁ is what came in during period 1',
      source: GAME,
      expected: 'in every cell of the table',
      find: async (scope) => {
        const table = await costTable('next period', scope);
        const cells = choices(table).flatMap((a) => choices(table).map((b) => [a, b] as const));
        const right = cells.filter(
          ([a, b]) =>
            cost(table, 'A', a, b) === costFormula('A', a, b) &&
            cost(table, 'B', b, a) === costFormula('B', b, a),
        ).length;
        const all = 'in every cell of the table';
        return {
          found: right === cells.length ? all : `in ${right} of ${cells.length}`,
          detail: gridText(table),
        };
      },
    },
    {
      mark: 'exact',
      claim: 'equilibria, a credit counts from the next period on',
      source: ENUMERATED,
      expected: 'only (0.00, 0.20) with costs (0.000, 0.020)',
      find: equilibriumOf('next period'),
    },
    {
      mark: 'exact',
      claim: 'best responses are P₁ + max(P₂ − min(l₀ of the other, its P₁), 0)',
      source: GAME,
      expected: 'for every bank and every choice of the other',
      find: async (scope) => {
        const table = await costTable('next period', scope);
        const asked = PLAYERS.flatMap((player) =>
          choices(table).map((others) => {
            const best = bestResponses(table, player, others);
            return best.length === 1 && best[0] === formula(player, others);
          }),
        );
        const right = asked.filter(Boolean).length;
        const all = 'for every bank and every choice of the other';
        return {
          found: right === asked.length ? all : `for ${right} of ${asked.length}`,
          detail: `${asked.length} choices`,
        };
      },
    },
    {
      mark: 'exact',
      claim: "SimCash's example of it: A posts 0 %, B posts 20 %",
      source: SIMCASH,
      expected: 'A posts 0 %, B posts 20 %',
      find: async (scope) => {
        const table = await costTable('next period', scope);
        const b = bestResponses(table, 'B', 0).at(0) ?? 0;
        const a = bestResponses(table, 'A', b).at(0) ?? 0;
        const percent = (slices: number) => `${Math.round(100 * slices * SLICE)} %`;
        return { found: `A posts ${percent(a)}, B posts ${percent(b)}` };
      },
    },
    {
      mark: 'exact',
      claim: 'equilibria, a credit counts at once and A pays first',
      source: ENUMERATED,
      expected: 'only (0.00, 0.15) with costs (0.000, 0.015)',
      find: equilibriumOf('at once'),
    },
    {
      mark: 'data missing',
      claim: 'three periods, P = (0.2, 0.2, 0) of both: only (0.20, 0.20) with costs 0.02 each',
      source: ENUMERATED,
      expected: 'only (0.20, 0.20) with costs (0.020, 0.020)',
      why: 'Not expressed: what comes in at the end of a period would let queued payments of both go in that instant, over the correspondents and back. Corridor has no parameter that lets a credit count from the next period on.',
    },
    {
      mark: 'data missing',
      claim: "cash manager's boxes: how much to hold back for an urgent payment that may come",
      source: 'Aldasoro and Desai, BIS Working Paper 1310, 2025; from memory',
      expected: 'holding pays above 13.3 % (box 1)',
      why: 'Not expressed: a scenario has no costs and no payments that come with a probability; banks do not decide.',
    },
    {
      mark: 'data missing',
      claim:
        'intraday liquidity game: both pay in the afternoon where delay costs less than collateral',
      source: 'Bech and Garratt, The intraday liquidity management game, 2003; from memory',
      expected: 'afternoon, afternoon if D < C',
      why: 'Not expressed: banks do not decide. Its costs are arithmetic on the liquidity used and the delay, which the rows above check.',
    },
  ],
};
