/**
 * ECharts on the server: an option in, compact SVG out. Colours are the custom properties of the
 * report's style sheet (`var(--ink)`), so that one drawing serves light and dark.
 */
// One file with all of it: the parts that are needed are 580, and take ten times as long to load.
import { init } from 'echarts/dist/echarts.esm.min';
import type { EChartsOption } from 'echarts/types/dist/echarts';
import { escapeHtml, html, type Markup, trusted } from '../html.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Drawing widths, px: a chart over the whole page, on a screen or a telephone, and over half. */
const WIDE = 1040;
const NARROW = 358;
export const HALF = 430;

/**
 * @param id unique in the document
 * @param label what a reader who does not see the chart is told
 */
export function draw(id: string, label: string, size: Size, option: EChartsOption): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({ animation: false, ...option });
    return trusted(compactSvg(chart.renderToSVGString({ useViewBox: true }), id, label));
  } finally {
    chart.dispose();
  }
}

/** One drawing for wide windows and paper, one for narrow windows; the style sheet shows one. */
export function drawBoth(
  id: string,
  label: string,
  heights: { readonly wide: number; readonly narrow: number },
  option: (size: Size) => EChartsOption,
): Markup {
  const wide = { width: WIDE, height: heights.wide };
  const narrow = { width: NARROW, height: heights.narrow };
  return html`<div class="wide">${draw(`${id}-w`, label, wide, option(wide))}</div>
<div class="narrow">${draw(`${id}-n`, label, narrow, option(narrow))}</div>`;
}

/**
 * Leaves out what serves scripts and pointers, the namespace that HTML implies, and the font, which
 * the page sets. In the renderer's output `"` stands around attributes alone: in text it is escaped.
 */
function compactSvg(svg: string, id: string, label: string): string {
  return svg
    .replace(/^[\s\S]*?<svg[^>]*?viewBox="([^"]*)"[^>]*>/, (_, viewBox: string) => {
      return `<svg viewBox="${viewBox}" role="img" aria-label="${escapeHtml(label)}">`;
    })
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:ecmeta_\w+|class|pointer-events|xml:space|stroke-miterlimit)="[^"]*"/g, '')
    .replace(/font-family:[^;"]*;/g, '')
    .replace(/ fill="none" stroke="none"/g, ' fill="none"')
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/>\s+</g, '><');
}
