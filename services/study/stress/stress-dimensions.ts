/** What a stress test asks: its study has these dimensions, and says this beside them. Which bank fails when: stress-grid.ts. */

/** What was asked, in the words of the command's options. */
export interface StressQuestion {
  /** What `--set` changed in the scenario, on the day without failure too. */
  readonly set: readonly string[];
  readonly date: string;
  readonly zone: string;
  /** How long a bank fails; null: for good. */
  readonly lengthSeconds: number | null;
  /** How long after the failure the others stop paying it. */
  readonly reactionAfterSeconds: number;
  readonly queued: QueuedToFailed;
  /** Values of several currencies are also given in this one; null: the scenario has no rates for it. */
  readonly referenceCurrency: string | null;
}

export const QUEUED = ['left', 'cancelled'] as const;
export type QueuedToFailed = (typeof QUEUED)[number];

/** Dimensions of the grid, by their places. */
export const BANK = 0;
export const HOUR = 1;
export const REACTION = 2;
export const REACTIONS = ['without', 'with'] as const;
