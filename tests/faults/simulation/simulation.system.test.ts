import { repeatsItself, simulatedFaults } from './simulated-seeds.ts';

repeatsItself([2, 3, 4]);
// From where the plain file ends.
simulatedFaults(6, process.env.CORRIDOR_LONG_TESTS ? 10_000 : 34);
