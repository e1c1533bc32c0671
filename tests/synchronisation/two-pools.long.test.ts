import { noPartialChain } from './two-pools.ts';

noPartialChain(10_001, 10_000, 20);
