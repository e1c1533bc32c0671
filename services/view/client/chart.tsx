import { LineChart, SankeyChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { EChartsOption } from 'echarts/types/dist/echarts';
import { useEffect, useRef } from 'preact/hooks';
import { palette } from './palette.ts';

use([LineChart, SankeyChart, GridComponent, TooltipComponent, CanvasRenderer]);

export interface ChartProps {
  /** What a reader who does not see the chart is told. */
  readonly label: string;
  /** px. */
  readonly height: number;
  /** Replaces what was drawn: members that are gone must go. */
  readonly isNew?: boolean;
  readonly option: EChartsOption;
}

/**
 * A chart of ECharts on a canvas. Nothing moves by itself, and tooltips are drawn, not written into
 * the document: the page's content security policy admits no inline style.
 */
export function Chart({ label, height, option, isNew = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const drawn = init(element, null, { renderer: 'canvas' });
    chart.current = drawn;
    const watch = new ResizeObserver(() => drawn.resize());
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.dispose();
      chart.current = null;
    };
  }, []);
  useEffect(() => {
    const { ink, font } = palette.value;
    chart.current?.setOption(
      { animation: false, textStyle: { color: ink, fontFamily: font }, ...option },
      { notMerge: isNew, lazyUpdate: true },
    );
  });
  return (
    <div
      ref={place}
      class="chart"
      style={{ height: `${height}px` }}
      role="img"
      aria-label={label}
    />
  );
}
