/** The arguments of PSSimPy's BasicSim and ABMSim, by their names there, as JSON. Its classes go by name. */
import { type Static, Type } from '@sinclair/typebox';

export const PSSIMPY_TABLES = ['banks', 'accounts', 'transactions'] as const;
export type TableName = (typeof PSSIMPY_TABLES)[number];

const QUEUES = ['DirectQueue', 'FIFOQueue', 'PriorityQueue'] as const;
const CREDIT_FACILITIES = ['SimplePriced', 'SimpleCollateralized'] as const;
const CONSTRAINTS = [
  ...['PassThroughHandler', 'MinBalanceConstraintHandler', 'MaxSizeConstraintHandler'],
] as const;
const FEES = ['FixedTransactionFee'] as const;

/** PSSimPy's defaults (`BasicSim.__init__`). */
export const PSSIMPY_DEFAULTS = {
  open_time: '08:00',
  close_time: '17:00',
  processing_window: 15,
  num_days: 1,
  queue: 'DirectQueue',
  credit_facility: 'SimplePriced',
  constraint_handler: 'PassThroughHandler',
} as const;

const Cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()], {
  title: 'a text or a number',
});
const TableSchema = Type.Union(
  [
    Type.Record(Type.String(), Type.Array(Cell, { title: 'a list of values' })),
    Type.Array(Type.Record(Type.String(), Cell), { title: 'a list of rows' }),
  ],
  { title: 'columns by name, or a list of rows with names' },
);

/** The name of one of PSSimPy's own classes. */
const classOf = <T extends string>(names: readonly T[]) =>
  Type.Union(
    names.map((name) => Type.Literal(name)),
    {
      title: `the name of one of PSSimPy’s own classes (${names.join(', ')}); one written in Python cannot be imported`,
    },
  );
const Time = Type.String({
  pattern: '^(?:[01]?[0-9]|2[0-3]):[0-5][0-9]$',
  title: 'a time of day as HH:MM',
});
const flag = Type.Boolean({ title: 'true or false' });

const { Optional } = Type;
export const PssimpySchema = Type.Object(
  {
    name: Optional(Type.String({ title: 'a text' })),
    banks: Optional(TableSchema),
    accounts: Optional(TableSchema),
    transactions: Optional(TableSchema),
    open_time: Optional(Time),
    close_time: Optional(Time),
    processing_window: Optional(
      Type.Integer({ minimum: 1, maximum: 1440, title: 'minutes, a whole number from 1 to 1440' }),
    ),
    num_days: Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, title: 'a whole number from 1 to 10000' }),
    ),
    queue: Optional(classOf(QUEUES)),
    credit_facility: Optional(classOf(CREDIT_FACILITIES)),
    constraint_handler: Optional(classOf(CONSTRAINTS)),
    transaction_fee_handler: Optional(classOf(FEES)),
    transaction_fee_rate: Optional(Type.Unknown()),
    bank_failure: Optional(
      Type.Union(
        [
          Type.Null(),
          Type.Record(
            Type.String({ pattern: '^[1-9][0-9]*$' }),
            Type.Array(
              Type.Tuple([Time, Type.String({ title: 'a bank' })], {
                title: 'a time and a bank, such as ["08:15", "b1"]',
              }),
            ),
            { additionalProperties: false, title: 'a day, counted from 1' },
          ),
        ],
        { title: 'a day to a list of times and banks' },
      ),
    ),
    eod_clear_queue: Optional(flag),
    eod_force_settlement: Optional(flag),
    strategy_mapping: Optional(Type.Unknown()),
    txn_arrival_prob: Optional(Type.Number({ title: 'a probability' })),
    txn_amount_range: Optional(Type.Unknown()),
    txn_priority_range: Optional(Type.Unknown()),
  },
  { additionalProperties: false, title: 'arguments of PSSimPy’s BasicSim or ABMSim by name' },
);
export type PssimpyArguments = Static<typeof PssimpySchema>;
