import { haveTheOraclesVerdicts, ROUND } from './verification-generated.ts';

haveTheOraclesVerdicts(0, ROUND);
