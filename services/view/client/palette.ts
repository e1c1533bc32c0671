import { signal } from '@preact/signals';

/** The style sheet's colours, for canvases, which do not read custom properties. */
export interface Palette {
  readonly ink: string;
  readonly soft: string;
  readonly rule: string;
  readonly grid: string;
  readonly panel: string;
  readonly series: readonly string[];
  readonly font: string;
}

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: of('--ink'),
    soft: of('--ink-2'),
    rule: of('--rule'),
    grid: of('--grid'),
    panel: of('--panel'),
    series: Array.from({ length: 8 }, (_, index) => of(`--c${index}`)),
    font: style.fontFamily,
  };
}

export const palette = signal<Palette>(read());

/** Light and dark follow the system, also while the page is open. */
export function followColourScheme(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    palette.value = read();
  });
}
