import { computed } from '@preact/signals';
import type { EChartsOption } from 'echarts/types/dist/echarts';
import type { CorridorState } from '../told-to-page.ts';
import { Chart } from './chart.tsx';
import { CurrencyChoice } from './choice.tsx';
import { approximately, shortMoneyText, shownCount, shownMoney } from './format.ts';
import { corridors, currency, decimalsOf, flows } from './page-state.ts';
import { palette } from './palette.ts';
import { ScrollTable } from './scroll-table.tsx';

/** Banks drawn by name on each side; the rest flow through one. */
const BANKS_MAX = 10;
const OTHERS = 'other banks';

function corridorText({ corridor }: { readonly corridor: string }): string {
  if (corridor.endsWith('/?')) return 'trades, unmatched';
  if (corridor.includes('/')) return `trades ${corridor}`;
  return corridor.includes('-') ? corridor.replace('-', ' → ') : `within ${corridor}`;
}

const shown = computed(() => {
  const code = currency.value?.code;
  return [...corridors.value.values()]
    .filter(({ from }) => from === code)
    .sort((a, b) => (BigInt(a.valueMinor) < BigInt(b.valueMinor) ? 1 : -1));
});

interface Link {
  readonly source: string;
  readonly target: string;
  readonly value: number;
  readonly minor: bigint;
}

/** Value of each bank in each corridor of the currency: who pays, the corridor, who is paid. */
const links = computed<Link[]>(() => {
  const code = currency.value?.code ?? '';
  const own = [...flows.value.values()].filter(({ from }) => from === code);
  const named = { debtor: largest(own, 'debtor'), creditor: largest(own, 'creditor') };
  const sums = new Map<string, { source: string; target: string; minor: bigint }>();
  for (const { side, bic, corridor: name, valueMinor } of own) {
    const bank = `${named[side].has(bic) ? bic : OTHERS}${side === 'debtor' ? '' : ' '}`;
    const corridor = corridorText({ corridor: name });
    const [source, target] = side === 'debtor' ? [bank, corridor] : [corridor, bank];
    const link = sums.get(`${source}/${target}`) ?? { source, target, minor: 0n };
    link.minor += BigInt(valueMinor);
    sums.set(`${source}/${target}`, link);
  }
  const decimals = decimalsOf(code);
  return [...sums.values()]
    .filter(({ minor }) => minor > 0n)
    .map((link) => ({ ...link, value: approximately(String(link.minor), decimals) }));
});

function largest(own: readonly { side: string; bic: string; valueMinor: string }[], side: string) {
  const sums = new Map<string, bigint>();
  for (const one of own)
    if (one.side === side) sums.set(one.bic, (sums.get(one.bic) ?? 0n) + BigInt(one.valueMinor));
  const sorted = [...sums].sort((a, b) => (a[1] < b[1] ? 1 : -1)).map(([bic]) => bic);
  return new Set(sorted.length > BANKS_MAX ? sorted.slice(0, BANKS_MAX - 1) : sorted);
}

function sankeyOf(all: readonly Link[], code: string): EChartsOption {
  const { series, ink, panel, rule } = palette.value;
  const names = [...new Set(all.flatMap(({ source, target }) => [source, target]))];
  const middle = new Set(shown.value.map(corridorText));
  const isSource = new Set(all.map(({ source }) => source));
  const colours = new Map([...middle].map((name, at) => [name, series[at % series.length]]));
  const colourOf = (name: string) => colours.get(name) ?? rule;
  const decimals = decimalsOf(code);
  const amount = (minor: bigint) => `${code} ${shortMoneyText(minor, decimals)}`;
  return {
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: panel,
      borderColor: rule,
      textStyle: { color: ink, fontSize: 12 },
      formatter: (given: unknown) => {
        const { data, name } = given as { data: Partial<Link>; name: string };
        return data.minor === undefined
          ? name.trim()
          : `${data.source?.trim()} to ${data.target?.trim()}\n${amount(data.minor)}`;
      },
    },
    series: [
      {
        type: 'sankey',
        left: 4,
        right: 4,
        top: 6,
        bottom: 6,
        nodeGap: 7,
        nodeWidth: 10,
        draggable: false,
        emphasis: { focus: 'adjacency' },
        layoutIterations: 24,
        data: names.map((name) => ({
          name,
          depth: middle.has(name) ? 1 : isSource.has(name) ? 0 : 2,
          itemStyle: { color: colourOf(name), borderWidth: 0 },
          label: {
            position: !middle.has(name) && !isSource.has(name) ? 'left' : 'right',
            formatter: name.trim(),
          },
        })),
        links: all.map((link) => ({
          ...link,
          lineStyle: {
            color: colourOf(middle.has(link.source) ? link.source : link.target) as string,
            opacity: 0.28,
          },
        })),
        label: { color: ink, fontSize: 11, textBorderColor: panel, textBorderWidth: 2 },
      },
    ],
  };
}

function Row({ row, decimals }: { readonly row: CorridorState; readonly decimals: number }) {
  return (
    <tr>
      <th scope="row">{corridorText(row)}</th>
      <td class="num">{shownCount(row.settled)}</td>
      <td class="num">{shownMoney(row.valueMinor, decimals)}</td>
      <td class="num">{shownCount(row.queued)}</td>
    </tr>
  );
}

export function Corridors() {
  const code = currency.value?.code ?? '';
  const decimals = decimalsOf(code);
  const all = links.value;
  // As many banks as the longer side has.
  const payers = new Set(all.map(({ source }) => source)).size;
  const rows = Math.max(payers, new Set(all.map(({ target }) => target)).size);
  return (
    <section class="panel" aria-labelledby="corridors">
      <div class="panel-head">
        <h2 id="corridors">Corridors</h2>
        <CurrencyChoice name="corridor-currency" />
      </div>
      <p class="note">Settled value in {code}: who pays, the corridor, who is paid</p>
      <div class="corridors">
        {all.length === 0 ? (
          <p class="empty">No payment in {code} has settled yet.</p>
        ) : (
          <Chart
            label={`Value settled in ${code} from paying banks over corridors to paid banks; the table has the corridors’ figures.`}
            height={Math.min(440, Math.max(220, 27 * rows))}
            isNew
            option={sankeyOf(all, code)}
          />
        )}
        <ScrollTable
          label="Corridors"
          heads={[['Corridor'], ['Settled', 'num'], [`Value, ${code}`, 'num'], ['Open', 'num']]}
        >
          {shown.value.map((row) => (
            <Row key={corridorText(row)} row={row} decimals={decimals} />
          ))}
        </ScrollTable>
      </div>
    </section>
  );
}
