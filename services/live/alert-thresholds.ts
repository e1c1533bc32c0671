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

/** A checkpoint of a pool's log that the policy's quorum has not cosigned: seals come about once a second. */
export const COSIGNATURE_WAIT_MAX_MS = 60_000;

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

/**
 * A large bank from which nothing came, though on every other day it sent at this time of day.
 *
 * A minute of the last BANK_OUTAGE_SILENCE_MS in which others sent in a currency, and the bank nothing since its last
 * message, says -ln(1 - rate). The rate is of the quarter of an hour of the clock (BANK_OUTAGE_CLOCK_MS) on that one
 * of the seven days before on which the bank did least: minutes in which it sent too, by those in which others
 * sent and one more. Of days on which others sent then USUAL_DAYS_MIN are needed, else nothing is told. So a bank that has a
 * break, ends early or stays away at the weekend is not told where it did so on one of these days. What the minutes
 * say is added, of all its currencies that are at work.
 */
export const BANK_OUTAGE_RANGE_MS = 691_200_000;
export const BANK_OUTAGE_CLOCK_MS = 900_000;
export const BANK_OUTAGE_SILENCE_MS = 7_200_000;
export const BANK_OUTAGE_EVIDENCE_MIN = 13.8;
/** Minutes in which others sent since. */
export const BANK_OUTAGE_MINUTES_MIN = 5;
/** Large: so much of the value settled in one of its currencies today and on the seven days before. */
export const BANK_OUTAGE_SHARE_MIN = 0.05;

/** What is usual is the lower median of the seven days before, of those that count: so many at least. */
export const USUAL_DAYS = 7;
export const USUAL_DAYS_MIN = 3;
/**
 * More payments wait in a currency than QUEUE_GROWN_TIMES the most that usually wait at this time of day, and
 * more than USUAL_CLOCK_MS ago. Days on which nobody sent at this time do not count.
 */
export const QUEUE_GROWN_TIMES = 3;
export const USUAL_CLOCK_MS = 900_000;
/** At least so many are taken as usual. */
export const QUEUE_USUAL_MIN = 20;
/** An account is further below zero than CREDIT_USE_TIMES the lowest that it usually is on a day, */
export const CREDIT_USE_TIMES = 2;
/** of which at least this share of its credit, lines and collateral, is taken as usual. */
export const CREDIT_USUAL_SHARE = 0.125;

/**
 * Payments of WATCH_RANGE_MS whose scores are alerts of a model of the watched flow: more than WATCH_ALERT_TIMES as many
 * as the model expects of so many payments (analysis/watch/alert-budgets.ts), and at least WATCH_ALERTS_MIN.
 */
export const WATCH_RANGE_MS = 3_600_000;
export const WATCH_ALERT_TIMES = 2;
export const WATCH_ALERTS_MIN = 10;
/** From how many alerts on that is so, of so many payments of which the model expects one in `alertOf`. */
export const watchCaseFrom = (payments: number, alertOf: number): number =>
  Math.max(WATCH_ALERTS_MIN, Math.floor((WATCH_ALERT_TIMES * payments) / alertOf) + 1);

/** How far back a record that is not proven stands where nothing is heard of the check any more. */
export const PROOF_RANGE_MS = 3_600_000;

/** How far back a difference of a reconciliation stands where no later check took it back. */
export const RECONCILIATION_RANGE_MS = 3_600_000;
