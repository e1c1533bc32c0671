import { sameFigures } from './same-figures.ts';

sameFigures([
  { scenario: 'pssimpy-quickstart' },
  { scenario: 'pssimpy-ring' },
  // The core refuses this scenario's last redemption; an observation has it done.
  { scenario: 'smoke', set: ['events.redemptions=[]'], isLeast: true },
  { scenario: 'limits-hybrid' },
]);
