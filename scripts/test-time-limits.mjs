/**
 * What a test, what a file, and what the tests of a file left running may take before it is said to hang, and is ended
 * (test-hangs-and-false-passes.mjs): far above what any needs.
 */
export const LIMITS = { testS: 600, fileS: 1_800, leftS: 120 };
export const LONG_LIMITS = { testS: 5_400, fileS: 7_200, leftS: 120 };
