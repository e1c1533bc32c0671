/**
 * From which figure on something is an alert: for Grafana's rules (infra/grafana/source/alerts.ts) and for the live
 * view alike, so that both say the same of the same events. Times are the network's own. Which alerts the view
 * raises: view/alert-book.ts.
 */

/**
 * Of the payments settled in FINALITY_RANGE_MS, more than this share took longer than the target: their
 * p99, by nearest rank, is above it. The store counts with the same target (finality_minutes).
 */
export const FINALITY_P99_TARGET_MS = 900_000;
export const FINALITY_LATE_SHARE_MAX = 0.01;
export const FINALITY_RANGE_MS = 600_000;

/** The oldest payment that waits. */
export const QUEUE_AGE_MAX_MS = 1_800_000;

/** A reader behind its topic. */
export const LAG_MAX_MS = 10_000;
/** A service says every second how it is: what has said nothing for so long is silent. */
export const SERVICE_SILENCE_MAX_MS = 15_000;

/** Rejected of the messages of REJECTED_RANGE_MS, where there are at least so many of them. */
export const REJECTED_SHARE_MAX = 0.05;
export const REJECTED_RANGE_MS = 600_000;
export const REJECTED_MESSAGES_MIN = 20;

/**
 * A bank from which nothing came for longer than the limit, while others went on sending in one of the
 * currencies in which it sends: in at least so many minutes of the range, and so often that by its own
 * pace it missed as many since. A pause of a currency above the last figure is no time in which others
 * sent: the currency may be closed, and where the pause goes on nobody is silent in it.
 */
export const BANK_SILENCE_MAX_MS = 1_800_000;
export const BANK_SILENCE_RANGE_MS = 21_600_000;
export const BANK_SILENCE_MINUTES_MIN = 10;
export const BANK_SILENCE_PAUSE_MAX_MS = 900_000;

/** How far back a record that is not proven stands where nothing is heard of the check any more. */
export const PROOF_RANGE_MS = 3_600_000;

/** How far back a difference of a reconciliation stands where no later check took it back. */
export const RECONCILIATION_RANGE_MS = 3_600_000;
