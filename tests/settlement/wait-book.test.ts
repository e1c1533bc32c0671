import { isAsTheCoreSays } from './wait-days.ts';

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 2000 : 16;
/** Days on which every kind of wait is met. */
const RICH = [30_316, 30_058, 30_113, 30_082, 30_115];

isAsTheCoreSays([...RICH, ...Array.from({ length: DAYS }, (_, day) => 30_001 + day)]);
