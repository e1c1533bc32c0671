/** The certificate with which a process comes to Kafka is looked at before it is shown to a broker. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings } from '../../services/platform/log/kafka/connection-tls-and-timeouts.ts';
import { kafkaIdentity } from '../../services/platform/service/log-variables.ts';

test('an expired certificate, and a key of another, are refused by the variable that names them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-certificates-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const make = (name: string, days: number) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.req`)];
    execFileSync('openssl', ['req', ...key, '-subj', `/CN=${name}`, ...out], { stdio: 'ignore' });
    const self = ['-req', '-in', file(`${name}.req`), '-signkey', file(`${name}.key`)];
    const lasts = ['-days', String(days), '-out', file(`${name}.pem`)];
    execFileSync('openssl', ['x509', ...self, ...lasts], { stdio: 'ignore' });
  };
  make('verifier', 2);
  make('clearing', 2);
  make('old', -1);
  const identity = (certificate: string, key: string) =>
    kafkaIdentity({
      CORRIDOR_KAFKA_CERT_FILE: file(certificate),
      CORRIDOR_KAFKA_KEY_FILE: file(key),
    });
  const { tls } = identity('verifier.pem', 'verifier.key');
  const { identity: name } = readSettings({ brokers: ['127.0.0.1:1'], ...(tls && { tls }) });
  assert.equal(name, 'with the certificate CN=verifier');
  assert.equal(
    readSettings({ brokers: ['127.0.0.1:1'], tls: { caFile: file('verifier.pem') } }).identity,
    'without a certificate',
  );
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/'];
  const named = ['-addext', 'subjectAltName=DNS:a', '-keyout', file('a.key')];
  execFileSync('openssl', ['req', '-x509', ...key, ...named, '-out', file('a.pem')], {
    stdio: 'ignore',
  });
  const without = { certificateFile: file('a.pem'), keyFile: file('a.key') };
  assert.equal(
    readSettings({ brokers: ['127.0.0.1:1'], tls: without }).identity,
    'with a certificate',
  );
  writeFileSync(file('text'), 'no PEM');
  for (const [certificate, key, message] of [
    ['old.pem', 'old.key', /^CORRIDOR_KAFKA_CERT_FILE=.*old\.pem: it expired at \w{3} .* GMT; /],
    ['verifier.pem', 'clearing.key', /^CORRIDOR_KAFKA_KEY_FILE=.*: it is the key of another /],
    ['text', 'clearing.key', /^CORRIDOR_KAFKA_CERT_FILE=.*text: expected a certificate in PEM/],
    ['verifier.pem', 'text', /^CORRIDOR_KAFKA_KEY_FILE=.*text: expected a secret key in PEM/],
  ] as const)
    assert.throws(() => identity(certificate, key), { name: 'ConfigError', message });
});
