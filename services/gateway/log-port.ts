import type { LogPort } from '../live/service-context.ts';

/** What the gateway needs of the log. */
export type GatewayLog = Pick<
  LogPort,
  'produce' | 'read' | 'startOffset' | 'endOffset' | 'commit' | 'subscribe'
>;

/** The kind of a LogError, if it is one: what an operator can look up. */
export const errorKind = (error: unknown): string =>
  error instanceof Error && 'kind' in error && typeof error.kind === 'string'
    ? error.kind
    : 'unknown';
