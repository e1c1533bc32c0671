import { haveTheOraclesVerdicts, ROUND } from './verification-generated.ts';

// Some seven thousand with the plain file's, and 220,000 with CORRIDOR_LONG_TESTS=1.
const ROUNDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 218 : 6;
haveTheOraclesVerdicts(ROUND, ROUNDS * ROUND);
