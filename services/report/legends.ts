import type { LegendItem } from './elements.ts';
import { appearance } from './mechanism-appearance.ts';
import type { View } from './sections/section-input.ts';

const MARKS_IN_LEGEND = 8;

/** The marks that a chart over time shows, for its legend; the table of events has them all. */
export function markItems({ marks }: View): LegendItem[] {
  const lettered = marks.filter(({ letter }) => letter !== '');
  const items = lettered.slice(0, MARKS_IN_LEGEND).map(({ letter, short, untilMs, endless }) => {
    const isSpan = untilMs !== null || endless;
    return {
      text: `${letter} ${short}`,
      colour: isSpan ? 'var(--mark)' : 'var(--mark-line)',
      shape: isSpan ? ('square' as const) : ('stroke' as const),
    };
  });
  const more = lettered.length - items.length;
  if (more === 0) return items;
  const text = `and ${more} more: see the events of the scenario`;
  return [...items, { text, colour: 'var(--mark-line)', shape: 'stroke' }];
}

export const mechanismItems = (mechanisms: readonly string[]): LegendItem[] =>
  mechanisms.map(appearance).map(({ words, colour }) => ({
    text: `settled ${words}`,
    colour,
    shape: 'square',
  }));
