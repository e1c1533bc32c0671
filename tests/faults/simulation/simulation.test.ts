import { repeatsItself, simulatedFaults } from './simulated-seeds.ts';

const isLong = process.env.CORRIDOR_LONG_TESTS === '1';
repeatsItself(isLong ? [1, 2] : [1]);
simulatedFaults(0, isLong ? 10 : 6);
