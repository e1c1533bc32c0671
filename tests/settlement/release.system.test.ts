import { releaseDays, SEEDS } from './release-days.ts';

releaseDays(SEEDS, 1000);
