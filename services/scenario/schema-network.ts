/** The part of a scenario's schema that says along which links a flow pays. */
import { Type } from '@sinclair/typebox';
import * as field from './schema-field-types.ts';

const { defaulted, list, record, share } = field;

const exponent = (description: string) =>
  Type.Number({ description, minimum: 0, maximum: 20, title: 'a number from 0 to 20' });
const degree = (description: string) => field.integer(description, 0, 100_000);
const payments = (description: string) => field.integer(description, 0, 5_000_000);

const DegreeLaw = record('Degrees drawn from a power law: k has the weight k to the -exponent.', {
  out: exponent('Exponent of the out-degrees.'),
  in: exponent('Exponent of the in-degrees.'),
  min: defaulted(degree('The smallest degree.'), 1),
  max: Type.Optional(degree('The largest degree. Default: all other banks.')),
});

const Degrees = record('A network at random with given degrees: either `law`, or `out` and `in`.', {
  law: Type.Optional(DegreeLaw),
  out: Type.Optional(field.byBic(degree('Banks that it pays.'), 'Out-degrees; of others 0.')),
  in: Type.Optional(field.byBic(degree('Banks that pay it.'), 'In-degrees; of others 0.')),
});

const CorePeriphery = record('A network at random with given densities of its four blocks.', {
  size: Type.Optional(field.integer('Banks of the core: the largest by size.', 1, 100_000)),
  core: Type.Optional(list(field.bic('A bank of the core.'), 'The core, instead of `size`.', 1)),
  coreToCore: share('Share of the ordered pairs inside the core that are linked.'),
  coreToPeriphery: share('Share of the pairs from core to periphery that are linked.'),
  peripheryToCore: share('Share of the pairs from periphery to core that are linked.'),
  peripheryToPeriphery: share('Share of the ordered pairs inside the periphery that are linked.'),
});

/** Two countries, as letters 5 and 6 of BICs have them. */
const COUNTRIES_PATTERN = '^[A-Z]{2}/[A-Z]{2}$';

const Gravity = record('Each pair is linked; the weight of a link comes of both masses.', {
  debtorExponent: defaulted(exponent('Power of the debtor’s agent’s weight.'), 1),
  creditorExponent: defaulted(exponent('Power of the creditor’s agent’s weight.'), 1),
  deterrence: defaulted(
    field.mapping(
      COUNTRIES_PATTERN,
      'two countries such as DE/CN',
      field.weight('Factor on the weight.'),
      'Factors on links between banks of two countries; in both directions, unless the other one is there too.',
    ),
    {},
  ),
});

const HOUR_PATTERN = '^(?:[01][0-9]|2[0-3]):00$';

const Fitted = record('Payments between each two banks, fitted to totals.', {
  csv: Type.Optional(
    field.plainText(
      'A CSV file (path from the scenario’s folder) with the columns total (sent, received or hour), name (BIC or HH:00), payments and, where it has totals of several flows, flow. Instead of the rest.',
      400,
    ),
  ),
  sent: Type.Optional(field.byBic(payments('Payments a date.'), 'Sent by bank; by others 0.')),
  received: Type.Optional(
    field.byBic(payments('Payments a date.'), 'Received by bank; by others 0.'),
  ),
  hours: Type.Optional(
    field.mapping(
      HOUR_PATTERN,
      'hours such as 09:00',
      payments('Payments a date.'),
      'Payments that leave from an hour to the next, in the profile’s zone. Left out: as the profile has them.',
    ),
  ),
});

const LinkWeights = record(
  'A factor on the weight of each link: drawn from a power law from 1 on, or from a list.',
  {
    exponent: Type.Optional(exponent('A density that falls as the weight to the -exponent.')),
    max: Type.Optional(
      Type.Number({
        description: 'The largest weight of the power law.',
        minimum: 1,
        maximum: 1e9,
        title: 'a number from 1 to 1e9',
      }),
    ),
    list: Type.Optional(
      list(
        Type.Number({
          description: 'A weight.',
          exclusiveMinimum: 0,
          maximum: 1e9,
          title: 'a weight above 0',
        }),
        'Weights, each as likely as another.',
        1,
      ),
    ),
  },
);

export const NetworkSchema = record(
  'Along which links the flow pays, by one of four kinds. Default: each bank may pay each other.',
  {
    degrees: Type.Optional(Degrees),
    corePeriphery: Type.Optional(CorePeriphery),
    gravity: Type.Optional(Gravity),
    fitted: Type.Optional(Fitted),
    linkWeights: Type.Optional(LinkWeights),
  },
);
