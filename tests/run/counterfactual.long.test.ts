import { test } from 'node:test';
import { atLeast } from '../support/at-least.ts';
import { holdsOf, holdsOfRandomDays, SCENARIOS } from './recorded-otherwise.ts';

for (const name of atLeast(8, SCENARIOS))
  test(`a counterfactual of ${name} is the run where nothing changes, and else the run with the change`, () =>
    holdsOf(name));

test('a counterfactual of random days is so too', () => holdsOfRandomDays(100, 100));
