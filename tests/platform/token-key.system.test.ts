/** Keys that never leave their token: SoftHSM signs as the same key in a file does. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { NodeSecrets } from '../../services/notifier/node-signer.ts';
import { readSigner } from '../../services/onboarding/founded-network.ts';
import { openTokenKey, TokenFault } from '../../services/platform/service/token-key.ts';

const MODULES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
const PIN = '4711';
const SECRET = Buffer.alloc(32, 17);

function missing(): string | false {
  try {
    createRequire(import.meta.url).resolve('pkcs11js');
  } catch {
    return 'the optional package pkcs11js is not here';
  }
  return MODULES.some((path) => existsSync(path)) ? false : 'SoftHSM is not here (softhsm2)';
}

describe('a key in a token', { skip: missing() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-token-'));
  after(() => rmSync(folder, { recursive: true }));
  const module = MODULES.find((path) => existsSync(path)) as string;
  const pin = join(folder, 'pin');
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o400 });
    return join(folder, name);
  };
  const address = ({ token = 'corridor', object = 'node', path = module, pinFile = pin } = {}) =>
    `pkcs11:token=${token};object=${object}?module-path=${path}&pin-source=file:${pinFile}`;
  const soft = (...args: string[]) => execFileSync('softhsm2-util', args, { stdio: 'pipe' });
  const token = join(folder, 'tokens');
  mkdirSync(token);
  // Read where the module is loaded: this process is this file's own.
  process.env.SOFTHSM2_CONF = file('softhsm2.conf', `directories.tokendir = ${token}\n`);
  file('pin', `${PIN}\n`);
  soft('--init-token', '--free', '--label', 'corridor', '--so-pin', '1234567', '--pin', PIN);
  const inToken = ['--token', 'corridor', '--pin', PIN];
  const pem = file('node.pem', secretKeyPem(SECRET));
  soft('--import', pem, ...inToken, '--label', 'node', '--id', '01');
  const own = createSigner(SECRET);

  it('signs as the same key in a file does', () => {
    const key = openTokenKey(address());
    assert.deepEqual(key.publicKey, own.publicKey);
    for (const length of [1, 100, 5_000]) {
      const message = Buffer.alloc(length, length);
      assert.deepEqual(Buffer.from(key.sign(message)), Buffer.from(own.sign(message)));
    }
  });

  it('stands in a secret key file in place of PEM', () => {
    const message = Buffer.from('a checkpoint');
    const other = createSigner(Buffer.alloc(32, 18));
    const text = `${address()}\n${secretKeyPem(Buffer.alloc(32, 18))}`;
    const secrets = new NodeSecrets(() => text, [], openTokenKey);
    for (const { publicKey, sign } of [own, other]) {
      const signer = secrets.of(Buffer.from(publicKey).toString('hex'));
      assert.deepEqual(Buffer.from(signer?.sign(message) ?? []), Buffer.from(sign(message)));
    }
    const auditor = readSigner(file('auditor.key', `${address()}\n`));
    assert.deepEqual(Buffer.from(auditor.sign(message)), Buffer.from(own.sign(message)));
  });

  it('signs again where its session was in the middle of something', () => {
    const key = openTokenKey(address());
    // SoftHSM takes no message of no bytes, and says so when it has begun.
    assert.throws(() => key.sign(Buffer.alloc(0)), TokenFault);
    const message = Buffer.from('another');
    assert.deepEqual(Buffer.from(key.sign(message)), Buffer.from(own.sign(message)));
  });

  it('says what is not there: package, module, token, PIN or key', () => {
    const fault = (text: string) => {
      try {
        openTokenKey(text);
      } catch (error) {
        assert.ok(error instanceof TokenFault, String(error));
        return error.message;
      }
      return 'it opens';
    };
    assert.match(fault(address({ token: 'other' })), /^token other: .*softhsm2\.so has .*corridor/);
    assert.match(fault(address({ object: 'log' })), /no private key is called log$/);
    assert.match(fault(address({ path: pem })), /node\.pem: it is no PKCS#11 module/);
    assert.match(fault('pkcs11:token=a;object=b'), /it has no module-path; expected pkcs11:token=/);
    assert.match(fault(address({ object: '%zz' })), /object is not percent-encoded/);
    soft('--import', pem, ...inToken, '--label', 'node', '--id', '02', '--force');
    assert.match(fault(address()), /more than one private key is called node$/);
  });
});
