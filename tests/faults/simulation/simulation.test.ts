import { repeatsItself, simulatedFaults } from './simulated-seeds.ts';

repeatsItself([1, 2]);
simulatedFaults(0, 10);
