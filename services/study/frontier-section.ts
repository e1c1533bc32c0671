/** Delay against liquidity: a chart for each currency, and for each combination of what is not a line. */
import { seriesColour, seriesDash } from '../report/charts/axes.ts';
import {
  drawnIntervals,
  FRONTIER_HEIGHT,
  type FrontierPoint,
  frontierChart,
} from '../report/charts/frontier.ts';
import { draw, HALF } from '../report/charts/render.ts';
import { figure, legend, nothing, section } from '../report/elements.ts';
import { DEFINITIONS } from '../report/figure-definitions.ts';
import { countText, ratioText } from '../report/format.ts';
import { html, type Markup } from '../report/html.ts';
import { CONFIDENCE } from './confidence-intervals.ts';
import { picksAt, repeatCount, repeatNames, settingCount } from './grid.ts';
import {
  delayOf,
  estimateOf,
  meansOf,
  type StudyView,
  settingsCaption,
  settledOf,
} from './study-view.ts';

const CHARTS_MAX = 12;
/** Colours of the style sheet. */
const LINES_MAX = 8;
const LIQUIDITY = 'scale.liquidity';

interface Facet {
  readonly code: string;
  /** What its dimensions have, in words; empty: there are none. */
  readonly words: string;
  readonly settings: readonly number[];
}

/** A mean over so many seeds or days: of its figures the one with the fewest. */
type StudyPoint = FrontierPoint & { readonly n: number };

export function frontierSection(view: StudyView): Markup {
  const { study } = view;
  const { one, many } = repeatNames(study);
  // Points of one line differ in liquidity; lines by the first thing that is varied.
  const lineDimension = study.dimensions.findIndex(({ name }) => name !== LIQUIDITY);
  const isAvailable = study.dimensions.some(({ name }) => name === LIQUIDITY);
  const liquidity = isAvailable ? DEFINITIONS.available : DEFINITIONS.used;
  const facets = facetsOf(view, lineDimension).filter(
    (facet) => pointsOf(view, facet, -1, 0, isAvailable).length > 0,
  );
  const lines = study.dimensions[lineDimension]?.options.map(({ label }) => label) ?? ['as it is'];
  const hasMeans = repeatCount(study) > 1;
  return section(
    'frontiers',
    'Delay against liquidity',
    html`<p class="def">Across: <b>${liquidity.name}</b>${hasMeans && `, mean over the ${many}`}, in units of the currency. ${liquidity.definition}${view.currencies.some((code) => meansOf(code) !== 'Liquidity') && ' Of a security the same is told of holdings: securities are no liquidity.'}
Up: <b>${DEFINITIONS.delayIndicator.name}</b>${hasMeans && `, mean over the ${many}. A bar is the ${CONFIDENCE * 100} % confidence interval of a mean, up or across. Where there is none, the point is of one ${one}, or of ${many} that give one figure. Whether two settings differ, the paired differences say`}. Below it, over the same axis,
<b>${DEFINITIONS.settledShare.name.toLowerCase()}</b> by value: a setting that settles less is not better because what settled was quick.</p>`,
    facets.length > CHARTS_MAX &&
      html`<p class="def">The first ${CHARTS_MAX} of ${countText(facets.length)} charts; the tables below have the figures of all.</p>`,
    lines.length > LINES_MAX &&
      html`<p class="def">The first ${LINES_MAX} of ${countText(lines.length)} options of ${study.dimensions[lineDimension]?.name ?? null} are drawn.</p>`,
    facets.length === 0
      ? nothing('No cell has a delay to show.')
      : html`<div class="pair">${facets.slice(0, CHARTS_MAX).map((facet, index) => {
          const drawnLines = lines.slice(0, LINES_MAX).map((label, line) => ({
            label,
            colour: seriesColour(line),
            dash: seriesDash(line),
            points: pointsOf(view, facet, lineDimension, line, isAvailable),
          }));
          const words = (point: StudyPoint) => pointWords(view, point);
          const described = drawnLines
            .map(({ label, points }) => `${label}: ${points.map(words).join(', ')}`)
            .join('; ');
          const drawn = drawnLines.flatMap(({ points }) => points);
          const means = meansOf(facet.code).toLowerCase();
          const title = `${facet.code}${facet.words === '' ? '' : `, ${facet.words}`}`;
          return figure({
            title,
            text: html`Delay ρ, and the settled share, against ${means} ${isAvailable ? 'available' : 'used'} in ${facet.code}${study.dimensions[lineDimension] ? `; a line for each ${study.dimensions[lineDimension]?.name}` : ''}.${
              drawn.some(({ isWhole }) => !isWhole) &&
              ` A hollow point is over fewer than all ${repeatCount(study)} ${many}: the table says over how many.`
            }${
              drawn.flatMap(drawnIntervals).some(({ isCut }) => isCut.includes(true)) &&
              ' A bar that ends in a triangle is cut: its interval goes on where the figure cannot be, ρ beyond 0 or 1, the amount below 0.'
            }`,
            unit: `ρ from 0 to 1; % of the value planned; ${means} in ${facet.code}`,
            source: settingsCaption(facet.code),
            legend: legend(
              drawnLines.map(({ label, colour, dash }) => ({
                text: label,
                colour,
                dash,
                shape: 'line',
              })),
            ),
            chart: draw(
              `frontier-${index}`,
              `Delay against ${means} in ${title}. ${described}.`,
              { width: HALF, height: FRONTIER_HEIGHT },
              frontierChart('Delay ρ', drawnLines),
            ),
          });
        })}</div>`,
  );
}

const pointWords = ({ study }: StudyView, { liquidity, delay, settled, isWhole, n }: StudyPoint) =>
  `${ratioText(delay, 4)} at ${ratioText(liquidity, 0)} with ${ratioText(settled * 100, 2)} % settled${
    isWhole ? '' : ` (${n} of ${repeatCount(study)} ${repeatNames(study).many})`
  }`;

function facetsOf({ study, currencies }: StudyView, lineDimension: number): Facet[] {
  const groups = new Map<string, number[]>();
  for (let setting = 0; setting < settingCount(study); setting++) {
    const words = picksAt(study, setting)
      .flatMap((pick, at) => {
        const { name = '', options = [] } = study.dimensions[at] ?? {};
        return at === lineDimension || name === LIQUIDITY
          ? []
          : [`${name}=${options[pick]?.label}`];
      })
      .join(', ');
    groups.set(words, [...(groups.get(words) ?? []), setting]);
  }
  return currencies.flatMap((code) =>
    [...groups].map(([words, settings]) => ({ code, words, settings })),
  );
}

/** In order of liquidity; of a setting without figures there is none. */
function pointsOf(
  view: StudyView,
  { code, settings }: Facet,
  lineDimension: number,
  line: number,
  isAvailable: boolean,
): StudyPoint[] {
  const { study, header } = view;
  const units = Number(`1e${header.decimals[code] ?? 0}`);
  return settings
    .filter((setting) => lineDimension < 0 || picksAt(study, setting)[lineDimension] === line)
    .flatMap((setting) => {
      const of = (name: string) => estimateOf(view, setting, name);
      const [delay, settled] = [of(delayOf(code)), of(settledOf(code))];
      const liquidity = of(`liquidity.${code}.${isAvailable ? 'availableMinor' : 'usedMinor'}`);
      if (delay === null || settled === null || liquidity === null) return [];
      const n = Math.min(delay.n, settled.n, liquidity.n);
      return {
        liquidity: liquidity.mean / units,
        liquidityHalfWidth: (liquidity.halfWidth ?? 0) / units,
        delay: delay.mean,
        delayHalfWidth: delay.halfWidth ?? 0,
        settled: settled.mean,
        isWhole: n === repeatCount(study),
        n,
      };
    })
    .sort((a, b) => a.liquidity - b.liquidity);
}
