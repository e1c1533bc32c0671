import { repeatsItself, simulatedFaults } from './simulated-seeds.ts';

const isLong = process.env.CORRIDOR_LONG_TESTS !== undefined;
repeatsItself(isLong ? [3, 4] : [3]);
// From where the plain file ends.
simulatedFaults(6, isLong ? 10_000 : 20);
