import type { ComponentChildren } from 'preact';
import { Scroll } from './scroll.tsx';

export interface ScrollTableProps {
  readonly label: string;
  /** Of each column its head, and its class where it has one. */
  readonly heads: readonly (readonly [head: ComponentChildren, style?: string])[];
  readonly style?: string;
  /** Also scrolls downwards. */
  readonly isTall?: boolean;
  /** The rows. */
  readonly children: ComponentChildren;
}

/** A table in a place that scrolls. */
export function ScrollTable({ label, heads, style, isTall = false, children }: ScrollTableProps) {
  return (
    <Scroll label={`${label}, table`} isTall={isTall}>
      <table class={style}>
        <thead>
          <tr>
            {heads.map(([head, own], at) => (
              <th key={at} scope="col" class={own}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}
