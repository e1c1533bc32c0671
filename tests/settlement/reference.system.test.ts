import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 20_000 : 500;
isAsTheReference(DAYS, true);
isCutAnywhere(1, DAYS / 10);
isAsTheReference(DAYS / 5, true, true);
isCutAnywhere(1, DAYS / 70, true);
