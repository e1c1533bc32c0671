/** Traffic from a network: what each kind promises, held on random inputs. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { fitOf } from '../../services/network/fit-to-totals.ts';
import { roundTable } from '../../services/scenario/networks/controlled-rounding.ts';
import { networkOfDegrees } from '../../services/scenario/networks/network-of-degrees.ts';
import { fitProportionally } from '../../services/scenario/networks/proportional-fit.ts';
import { paretoBelow } from '../../services/scenario/networks/resolve-network.ts';
import { planPayments } from '../../services/scenario/payments-in-sending-order.ts';
import { SeededStream } from '../../services/scenario/random-streams.ts';
import type { Scenario } from '../../services/scenario/scenario.ts';
import { atLeast } from '../support/at-least.ts';
import { loadText } from '../support/scenario.ts';

const bic = (bank: number, country = 'DE') =>
  `${String.fromCharCode(65 + Math.floor(bank / 26))}${String.fromCharCode(65 + (bank % 26))}BK${country}00`;

/** Banks of which every third is in France; sizes fall. */
const yaml = (banks: number, network: string, paymentsPerDate = 400) => `name: linked
businessDates: [2026-03-16, 2026-03-17]
currencies:
  EUR: { opens: "08:00", closes: "18:00", zone: UTC }
participants:
${Array.from(
  { length: banks },
  (_, bank) =>
    `  - { bic: ${bic(bank, bank % 3 === 2 ? 'FR' : 'DE')}, name: B${bank}, size: ${banks - bank}, accounts: { EUR: { balance: "1000.00" } } }`,
).join('\n')}
profiles:
  day: { zone: UTC, parts: [{ from: "08:00", to: "12:30", weight: 1 }, { from: "12:30", to: "18:00", weight: 3 }] }
traffic:
  - name: eur
    from: EUR
    paymentsPerDate: ${paymentsPerDate}
    profile: day
    amounts: { median: "20.00", sigma: 1, min: "1.00", max: "500.00" }
    network: ${network}
`;

/** Weight by pair of BICs. */
function weightsOf(scenario: Scenario): Map<string, number> {
  const names = scenario.participants.map((one) => one.bic);
  return new Map(
    scenario.flows[0]!.counterparties.flatMap(({ debtorAgent, creditorAgents, cumulative }) =>
      creditorAgents.map((creditor, at): [string, number] => [
        `${names[debtorAgent]} ${names[creditor]}`,
        cumulative[at]! - (cumulative[at - 1] ?? 0),
      ]),
    ),
  );
}

const degreesBy = (links: Iterable<string>, side: 0 | 1) => {
  const degrees = new Map<string, number>();
  for (const link of links) {
    const bank = link.split(' ')[side]!;
    degrees.set(bank, (degrees.get(bank) ?? 0) + 1);
  }
  return degrees;
};

describe('degrees', () => {
  test('are realised wherever a network has them, and refused elsewhere', () => {
    const stream = new SeededStream(3, 'degrees');
    let had = 0;
    for (let round = 0; round < 300; round++) {
      const size = 2 + Math.floor(stream.uniform() * 4);
      const degree = () => Math.floor(stream.uniform() * size);
      const out = Array.from({ length: size }, degree);
      const into = Array.from({ length: size }, degree);
      const linked = networkOfDegrees(out, into, new SeededStream(round, 'links'));
      assert.equal(linked !== null, hasNetwork(out, into), `round ${round}: ${out} ${into}`);
      if (linked === null) continue;
      const links: Uint8Array = linked;
      had += 1;
      for (let node = 0; node < size; node++) {
        const range = [...out.keys()];
        assert.equal(links[node * size + node], 0);
        assert.equal(sum(range.map((other) => links[node * size + other]!)), out[node]);
        assert.equal(sum(range.map((other) => links[other * size + node]!)), into[node]);
      }
    }
    assert.ok(had > 20, `${had}`);
  });

  test('of a list are those of the flow', () => {
    const [a, b, c, d] = [bic(0), bic(1), bic(2, 'FR'), bic(3)];
    const lists = `{ out: { ${a}: 3, ${b}: 1, ${c}: 1 }, in: { ${a}: 2, ${b}: 1, ${c}: 1, ${d}: 1 } }`;
    const links = weightsOf(loadText(yaml(4, `{ degrees: ${lists} }`)));
    // No other network has these degrees. Weights are products of the sizes 4, 3, 2 and 1.
    assert.deepEqual(
      links,
      new Map([
        [`${a} ${b}`, 12],
        [`${a} ${c}`, 8],
        [`${a} ${d}`, 4],
        [`${b} ${a}`, 12],
        [`${c} ${a}`, 8],
      ]),
    );
  });

  test('lead to other links by another seed', () => {
    const text = yaml(30, '{ degrees: { law: { out: 2, in: 2, min: 1, max: 10 } } }');
    const links = (seed: number) => [...weightsOf(loadText(text, [`seed=${seed}`])).keys()];
    assert.deepEqual(links(1), links(1));
    assert.notDeepEqual(links(1), links(2));
  });

  test('of a power law stay within its bounds, and are the more unequal the smaller the exponent', () => {
    const law = (exponent: number): Map<string, number> =>
      weightsOf(
        loadText(yaml(60, `{ degrees: { law: { out: ${exponent}, in: 2.5, min: 2, max: 30 } } }`)),
      );
    const [flat, steep] = [law(1.2), law(3)];
    for (const links of [flat, steep])
      for (const side of [0, 1] as const) {
        const degrees = [...degreesBy(links.keys(), side).values()];
        assert.equal(degrees.length, 60);
        assert.ok(degrees.every((degree) => degree >= 2 && degree <= 30));
      }
    assert.ok(flat.size > 1.5 * steep.size, `${flat.size} ${steep.size}`);
  });
});

describe('core and periphery', () => {
  const densities = (peripheryToPeriphery: number) =>
    `{ corePeriphery: { size: 5, coreToCore: 0.95, coreToPeriphery: 0.4, peripheryToCore: 0.25, peripheryToPeriphery: ${peripheryToPeriphery} } }`;
  const links = (network: string) => weightsOf(loadText(yaml(25, network)));

  test('have the densities of their blocks, to a link', () => {
    const counts = [0, 0, 0, 0];
    const core = [0, 1, 2, 3, 4].map((bank) => bic(bank, bank % 3 === 2 ? 'FR' : 'DE'));
    for (const link of links(densities(0.03)).keys()) {
      const [from, to] = link.split(' ').map((bank) => Number(core.includes(bank)));
      counts[2 * from! + to!]! += 1;
    }
    // 0.03 x 20 x 19 = 11.4, 0.25 x 100, 0.4 x 100, 0.95 x 5 x 4.
    assert.deepEqual(counts, [11, 25, 40, 19]);
  });

  test('gain links and lose none where a density is higher', () => {
    const [few, many] = [links(densities(0.03)), links(densities(0.2))];
    assert.equal(many.size - few.size, 76 - 11);
    assert.ok([...few.keys()].every((link) => many.has(link)));
  });

  test('with link weights: a link keeps its own whatever others there are', () => {
    const weighed = (share: number, law: string) =>
      links(densities(share).replace(/ }$/, `, linkWeights: ${law} }`));
    const bare = links(densities(0.03));
    const [few, many] = [0.03, 0.2].map((share) => weighed(share, '{ exponent: 2, max: 100 }'));
    for (const [link, weight] of few!) {
      assert.ok(Math.abs(many!.get(link)! / weight - 1) < 1e-9, link);
      const factor = weight / bare.get(link)!;
      assert.ok(factor > 0.999 && factor < 100.001, `${factor}`);
    }
    const listed = weighed(0.03, '{ list: [2, 6] }');
    const factors = [...listed].map(([link, weight]) => Math.round(weight / bare.get(link)!));
    assert.deepEqual([...new Set(factors)].sort(), [2, 6]);
  });
});

test('weights of a power law are those of its inverse', () => {
  // x = (1 - u (1 - 100^-1))^-1 for the exponent 2; e^(u ln 100) for 1; uniform for 0.
  for (const [u, exponent, expected] of [
    ...[
      [0, 2, 1],
      [0.5, 2, 1 / (1 - 0.5 * 0.99)],
      [0.5, 1, 10],
      [0.25, 0, 25.75],
    ],
  ] as const)
    assert.ok(Math.abs(paretoBelow(u!, exponent!, 100) - expected!) < 1e-9, `${u} ${exponent}`);
});

test('gravity: masses to their powers, and a factor between countries', () => {
  const links = weightsOf(
    loadText(
      yaml(
        4,
        '{ gravity: { debtorExponent: 2, creditorExponent: 0.5, deterrence: { FR/DE: 0.25, DE/DE: 0 } } }',
      ),
    ),
  );
  const [a, b, c, d] = [bic(0), bic(1), bic(2, 'FR'), bic(3)];
  const expected = {
    [`${a} ${c}`]: 4 ** 2 * 2 ** 0.5,
    [`${b} ${c}`]: 3 ** 2 * 2 ** 0.5,
    [`${c} ${a}`]: 2 ** 2 * 2,
    [`${c} ${b}`]: 4 * 3 ** 0.5,
    [`${c} ${d}`]: 4,
    [`${d} ${c}`]: 2 ** 0.5,
  };
  assert.deepEqual([...links.keys()].sort(), Object.keys(expected).sort());
  for (const [link, weight] of Object.entries(expected))
    assert.ok(Math.abs(links.get(link)! / (0.25 * weight) - 1) < 1e-9, link);
});

test('a network moves no other draw: times, amounts, priorities and ids stay', () => {
  const drawn = (network: string) =>
    [...planPayments(loadText(yaml(9, network)))].map((payment) => ({
      ...payment,
      ...{ debtorAgent: 0, creditorAgent: 0 },
    }));
  const bare = drawn('{ gravity: {} }');
  const banks = Array.from({ length: 9 }, (_, bank) => bic(bank, bank % 3 === 2 ? 'FR' : 'DE'));
  const each = banks.map((bank, at) => `${bank}: ${at === 0 ? 80 : 40}`).join(', ');
  for (const network of [
    '{ degrees: { law: { out: 2, in: 2 } } }',
    '{ corePeriphery: { size: 3, coreToCore: 1, coreToPeriphery: 0.5, peripheryToCore: 0.5, peripheryToPeriphery: 0 } }',
    '{ gravity: { deterrence: { DE/FR: 0.1 } }, linkWeights: { list: [1, 9] } }',
    `{ fitted: { sent: { ${each} }, received: { ${each} } } }`,
  ])
    assert.deepEqual(drawn(network), bare, network);
});

test('networks are the same on every release of Node', () => {
  const digest = createHash('sha256');
  const each = Array.from(
    { length: 20 },
    (_, bank) => `${bic(bank, bank % 3 === 2 ? 'FR' : 'DE')}: 20`,
  ).join(', ');
  for (const network of [
    '{ degrees: { law: { out: 1.7, in: 2.3 } }, linkWeights: { exponent: 1.8, max: 1000 } }',
    '{ corePeriphery: { size: 4, coreToCore: 0.9, coreToPeriphery: 0.5, peripheryToCore: 0.4, peripheryToPeriphery: 0.1 } }',
    '{ gravity: { debtorExponent: 1.3, creditorExponent: 0.7, deterrence: { DE/FR: 0.4 } } }',
    `{ fitted: { sent: { ${each} }, received: { ${each} } } }`,
  ])
    for (const { debtorAgent, creditorAgent } of planPayments(loadText(yaml(20, network))))
      digest.update(`${debtorAgent} ${creditorAgent}\n`);
  assert.equal(digest.digest('hex').slice(0, 16), '50bc111517ce7051');
});

describe('proportional fitting', () => {
  test('has the sums asked and the odds ratios of the first table, on random tables', () => {
    const stream = new SeededStream(8, 'tables');
    for (let round = 0; round < 40; round++) {
      const [rows, columns] = [
        2 + Math.floor(stream.uniform() * 5),
        2 + Math.floor(stream.uniform() * 5),
      ];
      const random = () =>
        Float64Array.from({ length: rows * columns }, () => Math.exp(2 * stream.normal()));
      const [first, other] = [random(), random()];
      const sums = (of: 'row' | 'column', count: number) =>
        Array.from({ length: count }, (_, at) =>
          other.reduce(
            (all, one, cell) =>
              all + ((of === 'row' ? Math.floor(cell / columns) : cell % columns) === at ? one : 0),
            0,
          ),
        );
      const { cells, deviation } = fitProportionally(
        first,
        sums('row', rows),
        sums('column', columns),
      );
      assert.ok(deviation < 1e-8, `round ${round}: ${deviation}`);
      const ratio = (of: Float64Array, row: number, column: number) =>
        (of[0]! * of[row * columns + column]!) / (of[column]! * of[row * columns]!);
      for (let row = 1; row < rows; row++)
        for (let column = 1; column < columns; column++)
          assert.ok(
            Math.abs(ratio(cells, row, column) / ratio(first, row, column) - 1) < 1e-9,
            `round ${round}`,
          );
    }
  });

  test('known answer: of numpy, 10,000 turns over a table of four by four', () => {
    const first = [40, 30, 20, 10, 35, 50, 100, 75, 30, 80, 70, 120, 20, 30, 40, 50];
    const { cells, iterations } = fitProportionally(
      Float64Array.from(first),
      [150, 300, 400, 150],
      [200, 300, 400, 100],
    );
    const expected = [
      64.5585097765, 46.2324597088, 35.3842982643, 3.8247322503, 49.9679194187, 68.1593540718,
      156.4985464219, 25.3741800877, 56.7219436021, 144.4282255663, 145.0824814314, 53.7673494002,
      28.7516272027, 41.1799606531, 63.0346738824, 17.0337382618,
    ];
    for (const [at, one] of expected.entries())
      assert.ok(Math.abs(cells[at]! - one) < 1e-9, `${at}: ${cells[at]}`);
    assert.ok(iterations < 40, `${iterations}`);
  });
});

describe('rounding to whole payments', () => {
  /** A table of random payments with pairs that there are not, and its sums. */
  function randomMargins(round: number, feasible: boolean) {
    const stream = new SeededStream(round, 'margins');
    const size = 2 + Math.floor(stream.uniform() * 5);
    const first = Float64Array.from({ length: size * size }, (_, cell) =>
      Math.floor(cell / size) === cell % size || stream.uniform() < 0.25
        ? 0
        : Math.exp(stream.normal()),
    );
    const [rowSums, columnSums] = [
      new Array<number>(size).fill(0),
      new Array<number>(size).fill(0),
    ];
    for (let payment = 0; payment < 40; payment++) {
      const cell = Math.floor(stream.uniform() * size * size);
      if (feasible && first[cell] === 0) continue;
      rowSums[Math.floor(cell / size)]! += 1;
      columnSums[cell % size]! += 1;
    }
    return { size, first, rowSums, columnSums };
  }

  test('keeps the sums exactly, and every cell within one of the fit where the fit has the sums', () => {
    let close = 0;
    for (let round = 0; round < 200; round++) {
      const { size, first, rowSums, columnSums } = randomMargins(round, true);
      const { cells: fit, deviation } = fitProportionally(first, rowSums, columnSums);
      const { cells, excess } = roundTable(fit, rowSums, columnSums);
      assert.equal(excess, null, `round ${round}`);
      for (let at = 0; at < size; at++) {
        const line = (step: number, begin: number) =>
          sum(Array.from({ length: size }, (_, one) => cells[begin + step * one]!));
        assert.equal(line(1, at * size), rowSums[at], `round ${round}`);
        assert.equal(line(size, at), columnSums[at], `round ${round}`);
      }
      if (deviation > 1e-9) continue;
      close += 1;
      for (const [cell, payments] of cells.entries())
        assert.ok(Math.abs(payments - fit[cell]!) < 1 + 1e-6, `round ${round}`);
    }
    assert.ok(close > 100, `${close}`);
  });

  test('fails exactly where some rows ask for more than all their columns have, and names such', () => {
    let failed = 0;
    for (let round = 0; round < 200; round++) {
      const { size, first, rowSums, columnSums } = randomMargins(round, false);
      const columnsOf = (rows: readonly number[]) =>
        [...columnSums.keys()].filter((column) =>
          rows.some((row) => first[row * size + column]! > 0),
        );
      const isExcess = (rows: readonly number[]) =>
        sum(rows.map((row) => rowSums[row]!)) >
        sum(columnsOf(rows).map((column) => columnSums[column]!));
      const subsets = Array.from({ length: 1 << size }, (_, bits) =>
        [...rowSums.keys()].filter((row) => (bits >> row) & 1),
      );
      const { excess } = roundTable(
        fitProportionally(first, rowSums, columnSums).cells,
        rowSums,
        columnSums,
      );
      assert.equal(excess !== null, subsets.some(isExcess), `round ${round}`);
      if (excess === null) continue;
      failed += 1;
      assert.ok(isExcess(excess.rows), `round ${round}`);
      assert.deepEqual(excess.columns, columnsOf(excess.rows), `round ${round}`);
    }
    assert.ok(failed > 20, `${failed}`);
  });
});

describe('a fitted flow', () => {
  test('has on each date the totals by bank and by hour, on random totals', () => {
    for (let round = 0; round < 10; round++) {
      const stream = new SeededStream(round, 'totals');
      const size = 3 + Math.floor(stream.uniform() * 10);
      const names = Array.from({ length: size }, (_, bank) =>
        bic(bank, bank % 3 === 2 ? 'FR' : 'DE'),
      );
      const totals: Record<'sent' | 'received' | 'hours', Record<string, number>> = {
        sent: {},
        received: {},
        hours: {},
      };
      const add = (of: Record<string, number>, name: string) => (of[name] = (of[name] ?? 0) + 1);
      for (let payment = 0; payment < 300; payment++) {
        const from = Math.floor(stream.uniform() * stream.uniform() * size);
        add(totals.sent, names[from]!);
        add(totals.received, names[(from + 1 + Math.floor(stream.uniform() * (size - 1))) % size]!);
        add(totals.hours, `${String(8 + Math.floor(stream.uniform() * 10)).padStart(2, '0')}:00`);
      }
      const scenario = loadText(yaml(size, `{ fitted: ${JSON.stringify(totals)} }`, 300));
      const flow = scenario.flows[0]!;
      const { rows, dates } = fitOf(scenario, flow, flow.fitted!);
      assert.equal(dates, 2);
      assert.equal(rows.length, 1 + 2 * size + Object.keys(totals.hours).length);
      for (const { total, name, asked, got, deviation } of rows) {
        assert.equal(deviation, 0, `${total} ${name}: asked ${asked}, got ${got}`);
        const given = total === 'corridor' ? 300 : totals[total === 'hour' ? 'hours' : total][name];
        assert.equal(asked, 2 * (given ?? 0));
      }
      const times = [...planPayments(scenario)].map(({ atMs }) => atMs);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      );
    }
  });

  test('takes its totals from a table, which the record of a run has in it', () => {
    const [a, b, c] = [bic(0), bic(1), bic(2, 'FR')];
    const csv = `flow,total,name,payments
# of the day
eur,sent,${a},3
eur,sent,${b},1
eur,received,${c},4
eur,hour,09:00,4
`;
    const scenario = loadText(yaml(3, '{ fitted: { csv: totals.csv } }', 4), [], csv);
    assert.deepEqual(scenario.document.traffic[0]!.network, {
      fitted: { sent: { [a]: 3, [b]: 1 }, received: { [c]: 4 }, hours: { '09:00': 4 } },
    });
    assert.deepEqual(
      scenario.flows[0]!.fitted!.pairs.map(({ payments }) => payments),
      [3, 1],
    );
  });

  test('begins at a matrix: its ratios stay', () => {
    const [a, b, c] = [bic(0), bic(1), bic(2, 'FR')];
    const matrix = `matrix: { ${a}: { ${b}: 1, ${c}: 9 }, ${b}: { ${a}: 9, ${c}: 1 }, ${c}: { ${a}: 1, ${b}: 1 } }`;
    const each = `{ ${a}: 100, ${b}: 100, ${c}: 100 }`;
    const text = yaml(3, `{ fitted: { sent: ${each}, received: ${each} } }`, 300);
    const { pairs } = loadText(text.replace('    network:', `    ${matrix}\n    network:`))
      .flows[0]!.fitted!;
    const of = (from: number, to: number) =>
      pairs.find(({ debtorAgent, creditorAgent }) => debtorAgent === from && creditorAgent === to)!
        .payments;
    // x01 x12 x20 / (x02 x21 x10) is that of the matrix, 1 x 1 x 1 / (9 x 1 x 9); the rest follows from the sums.
    const t = of(0, 1);
    assert.deepEqual(
      [of(0, 2), of(1, 0), of(1, 2), of(2, 0), of(2, 1)],
      [100 - t, 100 - t, t, t, 100 - t],
    );
    assert.ok(Math.abs(t - 100 / (1 + Math.cbrt(81))) < 1, `${t}`);
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** By trying all sets of links, row by row. */
function hasNetwork(out: readonly number[], into: readonly number[]): boolean {
  const place = (node: number, left: readonly number[]): boolean => {
    if (node === out.length) return left.every((one) => one === 0);
    for (let ends = 0; ends < 1 << out.length; ends++) {
      if ((ends >> node) & 1 || ends.toString(2).replaceAll('0', '').length !== out[node]) continue;
      const next = left.map((one, at) => one - ((ends >> at) & 1));
      if (next.every((one) => one >= 0) && place(node + 1, next)) return true;
    }
    return false;
  };
  return place(0, into);
}

describe('mistakes', () => {
  const [a, b, c] = [bic(0), bic(1), bic(2, 'FR')];
  const core = 'coreToCore: 1, coreToPeriphery: 1, peripheryToCore: 1, peripheryToPeriphery: 0';
  const cases: readonly [string, string][] = [
    ['{}', 'network: []: expected one of degrees, corePeriphery, gravity, fitted'],
    ['{ gravity: {}, degrees: {} }', 'network: ["gravity","degrees"]: expected one of degrees,'],
    ['{ gravty: {} }', 'network.gravty: {}: expected a key of the schema; did you mean "gravity"?'],
    ['{ degrees: {} }', 'network.degrees: {}: expected law, or out and in'],
    [
      `{ degrees: { out: { ${a}: 2 }, in: { ${b}: 1 } } }`,
      'network.degrees: {"out":2,"in":1}: expected as many links out as in',
    ],
    [
      `{ degrees: { out: { ${a}: 3 }, in: { ${b}: 3 } } }`,
      `network.degrees.out.${a}: 3: expected at most 2, its counterparties`,
    ],
    [
      `{ degrees: { out: { ${a}: 2 }, in: { ${b}: 2 } } }`,
      'expected degrees that a network without loops and parallel links can have',
    ],
    [
      '{ degrees: { law: { out: 2, in: 2, min: 3 } } }',
      'network.degrees.law.min: 3: expected at most max, which is 2 here',
    ],
    [
      '{ degrees: { law: { out: 21, in: 2 } } }',
      'network.degrees.law.out: 21: expected a number from 0 to 20',
    ],
    [`{ corePeriphery: { ${core} } }`, 'expected either size or core'],
    [
      `{ corePeriphery: { size: 4, ${core} } }`,
      'network.corePeriphery.size: 4: expected at most 3, the flow’s banks',
    ],
    [
      `{ corePeriphery: { core: [NONEDE00], ${core} } }`,
      'network.corePeriphery.core[0]: "NONEDE00": expected a participant of the scenario',
    ],
    [
      '{ gravity: { deterrence: { DE/US: 1 } } }',
      'deterrence["DE/US"]: "DE/US": expected two countries of the flow’s banks (DE, FR)',
    ],
    [
      '{ gravity: {}, linkWeights: { exponent: 2 } }',
      'network.linkWeights.max: missing: expected the largest weight',
    ],
    [
      '{ gravity: {}, linkWeights: {} }',
      'network.linkWeights: {}: expected either exponent and max, or list',
    ],
    [
      '{ fitted: {} }',
      'network.fitted.sent: missing: expected payments by bank, or a csv that has them',
    ],
    [
      `{ fitted: { sent: { ${a}: 399 }, received: { ${b}: 400 } } }`,
      'network.fitted.sent: 399: expected a sum of 400, as paymentsPerDate has it',
    ],
    [
      `{ fitted: { sent: { ${a}: 400 }, received: { ${b}: 400 }, hours: { "09:00": 1 } } }`,
      'network.fitted.hours: 1: expected a sum of 400',
    ],
    [
      `{ fitted: { sent: { ${a}: 400 }, received: { ${b}: 400 }, hours: { "07:00": 400 } } }`,
      'network.fitted.hours["07:00"]: 400: expected 0, as the profile day has no arrivals in this hour of 2026-03-16',
    ],
    [
      `{ fitted: { sent: { ${a}: 300, ${b}: 100 }, received: { ${a}: 150, ${c}: 250 } } }`,
      `network.fitted.sent: 300: expected at most 250 from ${a} together, which is what those whom they may pay receive`,
    ],
    [
      `{ fitted: { csv: none.csv, sent: {} } }`,
      'network.fitted.sent: {}: expected none beside csv',
    ],
    [
      '{ fitted: {}, linkWeights: { list: [1] } }',
      'network.linkWeights: {"list":[1]}: expected none beside fitted',
    ],
  ];
  for (const [network, expected] of atLeast(20, cases))
    test(`${network}`, () => {
      assert.throws(
        () => loadText(yaml(3, network)),
        ({ name, message }: Error) =>
          name === 'ScenarioError' &&
          message.startsWith('pilots/test.yaml:') &&
          message.includes(expected),
        expected,
      );
    });

  const rows: readonly [string, string][] = [
    [
      'total,nam,payments',
      ':1: column "nam": expected one of total, name, payments, flow; did you mean "name"?',
    ],
    ['total,name\nsent,x', ':1: column payments: missing: expected in the header'],
    [
      `total,name,payments\nsend,${a},1`,
      ':2: column total: "send": expected one of sent, received, hour',
    ],
    [
      `total,name,payments\nsent,ABBKDE00,1\nsent,ABBKDE00,1`,
      ':3: column name: "ABBKDE00": expected each sent once',
    ],
    [
      'total,name,payments\nsent,ABBKDE0X,1',
      ':2: column name: "ABBKDE0X": expected a participant of the scenario; did you mean "ABBKDE00"?',
    ],
    ['total,name,payments\nhour,9:00,1', ':2: column name: "9:00": expected an hour as HH:00'],
    [`total,name,payments\nsent,${a},1.5`, ':2: column payments: "1.5": expected a whole number'],
    [
      `flow,total,name,payments\neurs,sent,${a},1`,
      ':2: column flow: "eurs": expected a flow of the scenario; did you mean "eur"?',
    ],
  ];
  for (const [csv, expected] of atLeast(8, rows))
    test(`totals: ${expected}`, () => {
      assert.throws(
        () => loadText(yaml(3, '{ fitted: { csv: totals.csv } }'), [], csv),
        ({ message }: Error) => message.startsWith(`pilots/totals.csv${expected}`),
      );
    });
});
