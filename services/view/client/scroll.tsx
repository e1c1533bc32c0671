import type { ComponentChildren } from 'preact';

export interface ScrollProps {
  readonly label: string;
  /** Also scrolls downwards, beyond the height of a list. */
  readonly isTall?: boolean;
  readonly children: ComponentChildren;
}

/** What may be larger than its place; by keyboard it scrolls once it has the focus. */
export function Scroll({ label, isTall = false, children }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class={isTall ? 'scroll tall' : 'scroll'} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
