import { releaseDays, SEEDS } from './release-days.ts';

releaseDays(SEEDS, process.env.CORRIDOR_LONG_TESTS === '1' ? 5000 : 600);
