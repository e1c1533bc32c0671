import type { LogPort } from '../live/service-context.ts';
import { ProblemError, passingProblem } from '../protocol/names/http-problems.ts';

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

/** What fails in the log is told as "try later". */
export async function logged<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ProblemError || !(error instanceof Error && error.name === 'LogError'))
      throw error;
    throw passingProblem('logUnavailable', 'the log cannot be read now');
  }
}
