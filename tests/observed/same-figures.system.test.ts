import { ENDED_EARLY, REFUSED_OR_NETTED, sameFigures } from './same-figures.ts';

sameFigures([
  { scenario: 'load' },
  // Legs without a mirror end after their time.
  { scenario: 'linked-gridlock', differs: ENDED_EARLY, isLeast: true },
  { scenario: 'netting-default', differs: REFUSED_OR_NETTED },
  // What waits for two currencies ends at the earlier close.
  { scenario: 'four-corridors', differs: ENDED_EARLY, isLeast: true },
]);
