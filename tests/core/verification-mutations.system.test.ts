import { haveTheOraclesVerdicts, ROUND } from './verification-generated.ts';

// Twenty thousand and more with the plain file's, and ten times as many with CORRIDOR_LONG_TESTS=1.
const ROUNDS = process.env.CORRIDOR_LONG_TESTS === '1' ? 109 : 10;
haveTheOraclesVerdicts(ROUND, ROUNDS * ROUND);
