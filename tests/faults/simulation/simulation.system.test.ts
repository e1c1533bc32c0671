import { repeatsItself, simulatedFaults } from './simulated-seeds.ts';

repeatsItself([3, 4]);
simulatedFaults(10, process.env.CORRIDOR_LONG_TESTS ? 10_000 : 30);
