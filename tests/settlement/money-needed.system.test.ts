import { releaseDays, SEEDS } from './money-needed-days.ts';

releaseDays(SEEDS, process.env.CORRIDOR_LONG_TESTS === '1' ? 5000 : 600);
