/** The rules that this version of the code applies; replay of other rules stops with a message. */
export const RULES_VERSION = 2;
