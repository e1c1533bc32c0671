/** How far apart clocks may be, ms: each figure is one policy, wherever it is judged. */

/**
 * How far the time at which a message or a request was signed may lie from that at which it comes; as far may a
 * document's creation lie behind it.
 */
export const ISSUE_WINDOW_MS = 300_000;

/** How far the clock of whoever writes into a pool's log may be ahead of the log's time, unless the operator says so. */
export const CLOCKS_APART_MS = 600_000;
