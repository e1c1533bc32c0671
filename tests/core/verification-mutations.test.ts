/** Signatures, keys and messages with a bit or more altered (verification-mutations.ts) get the oracle's verdicts. */

import { haveTheOraclesVerdicts, ROUND } from './verification-generated.ts';

haveTheOraclesVerdicts(0, ROUND);
