import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from '@sinclair/typebox';
import { Ajv } from 'ajv';
import { COMMON } from './common-variables.ts';
import { ConfigError, configSchema, helpText, readConfig } from './environment-variables.ts';
import { type KafkaVariables, kafkaIdentity } from './log-variables.ts';
import { NetworkFileSchema, readNetworkFile } from './network-file.ts';

const schema = configSchema({
  ...COMMON,
  SOME_POOL: Type.String({ minLength: 1, description: 'the pool' }),
});
const good = {
  CORRIDOR_LOG: 'kafka:127.0.0.1:9092',
  CORRIDOR_NETWORK_FILE: '/n.json',
  SOME_POOL: 'main',
};

test('what says how variables and network files look is a schema', () => {
  const ajv = new Ajv();
  for (const [name, one] of Object.entries({ schema, NetworkFileSchema }))
    assert.ok(ajv.validateSchema(one), `${name}: ${ajv.errorsText()}`);
  assert.equal(ajv.validateSchema({ ...schema, required: 'SOME_POOL' }), false);
});

test('variables are read as what they are, with defaults; empty ones are absent', () => {
  const config = readConfig<Record<string, unknown>>(schema, {
    ...good,
    CORRIDOR_HTTP_PORT: '8080',
    CORRIDOR_LOG_LEVEL: '',
    OTHER: 'x',
  });
  assert.equal(config.CORRIDOR_HTTP_PORT, 8080);
  assert.equal(config.CORRIDOR_HTTP_HOST, '127.0.0.1', 'loopback unless told otherwise');
  assert.equal(config.CORRIDOR_LOG_LEVEL, 'info');
  assert.equal('OTHER' in config, false);
});

const refusals: [Record<string, string>, RegExp][] = [
  [{ SOME_POOL: '' }, /^SOME_POOL is not set: expected the pool$/],
  [
    { CORRIDOR_LOG: 'redis:x' },
    /^CORRIDOR_LOG=redis:x: expected the log: embedded:<folder>, or kafka:/,
  ],
  [
    { CORRIDOR_HTTP_PORT: 'x' },
    /^CORRIDOR_HTTP_PORT=x: expected .*a whole number, at least 0, at most 65535/,
  ],
  [{ CORRIDOR_HTTP_PORT: '70000' }, /^CORRIDOR_HTTP_PORT=70000: expected/],
  [{ CORRIDOR_LOG_LEVEL: 'loud' }, /^CORRIDOR_LOG_LEVEL=loud: expected .*debug, info, warn, error/],
];
for (const [change, line] of refusals)
  test(`one line for ${JSON.stringify(change)}`, () =>
    assert.throws(
      () => readConfig(schema, { ...good, ...change }),
      (error: unknown) =>
        error instanceof ConfigError && line.test(error.message) && !error.message.includes('\n'),
    ));

test('a password or a token is not sent unencrypted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-environment-'));
  const file = join(folder, 'secret');
  writeFileSync(file, 'secret\n', { mode: 0o600 });
  const identity = (mechanism: string, more: object = {}) =>
    kafkaIdentity({
      CORRIDOR_KAFKA_SASL_MECHANISM: mechanism,
      CORRIDOR_KAFKA_SASL_USERNAME: 'BANKDEF0',
      CORRIDOR_KAFKA_SASL_PASSWORD_FILE: file,
      ...more,
    } as KafkaVariables);
  for (const mechanism of ['plain', 'oauthbearer']) {
    assert.throws(
      () => identity(mechanism),
      (error: unknown) =>
        error instanceof ConfigError &&
        new RegExp(`^CORRIDOR_KAFKA_SASL_MECHANISM=${mechanism}: .*unencrypted`).test(
          error.message,
        ),
    );
    assert.equal(identity(mechanism, { CORRIDOR_KAFKA_CA_FILE: file }).sasl?.mechanism, mechanism);
  }
  assert.equal(identity('scram-sha-512').sasl?.mechanism, 'scram-sha-512');
  rmSync(folder, { recursive: true });
});

test('--help lists every variable with its default and meaning', () => {
  const text = helpText('clearing: settles', schema);
  for (const [name, { description }] of Object.entries(schema.properties)) {
    assert.ok(text.includes(name), name);
    assert.ok(text.includes(String(description)), name);
  }
  assert.match(text, /CORRIDOR_HTTP_HOST \[127\.0\.0\.1\]/);
  assert.match(text, /SOME_POOL \(required\)/);
});

test('a network file names currencies and securities, and nothing else', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-network-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const read = (code: string) => {
    const file = join(folder, 'network.json');
    const pools = [{ name: 'main', currencies: [{ code, minorUnits: 0 }] }];
    writeFileSync(file, JSON.stringify({ network: 'n', run: 'r', paymentPartitions: 1, pools }));
    return readNetworkFile(file).pools[0]?.currencies[0]?.code;
  };
  for (const code of ['EUR', 'XS0000000009']) assert.equal(read(code), code);
  for (const code of ['EURO', 'XS000000000', 'xs0000000009'])
    assert.throws(() => read(code), /pools\/0\/currencies\/0\/code must match pattern/);
});
