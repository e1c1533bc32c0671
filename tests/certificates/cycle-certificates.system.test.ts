import { everyCycleHolds } from './certified-cycles.ts';

everyCycleHolds(process.env.CORRIDOR_LONG_TESTS === '1' ? 6000 : 180, true);
