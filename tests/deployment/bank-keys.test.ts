/** What the compose file's sample bank is given: its own keys, of the bank that was meant. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { composeFile } from '../support/compose.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-bank-keys-'));
after(() => rmSync(folder, { recursive: true }));

const keys = join(folder, 'keys');
const certificates = join(folder, 'certificates');
mkdirSync(keys);
for (const name of ['ALFADE00', 'BETAFR00', 'operator'])
  writeFileSync(join(keys, `${name}.pem`), `secret of ${name}`);
writeFileSync(join(keys, 'view-token'), 'token');
for (const name of ['BETAFR00', 'authority']) {
  mkdirSync(join(certificates, name), { recursive: true });
  for (const file of ['ca', 'certificate', 'key'])
    writeFileSync(join(certificates, name, `${file}.pem`), `${file} of ${name}`);
}

function give(name: string, bic: string, otherwise: string, env: Record<string, string> = {}) {
  const own = join(folder, name);
  mkdirSync(own);
  const script = join(packageFolder, 'infra/docker/bank-keys.sh');
  const { status, stderr } = spawnSync('sh', [script, bic, otherwise, keys, certificates, own], {
    env: { PATH: process.env.PATH, ...env },
  });
  return {
    status,
    error: stderr.toString(),
    files: Object.fromEntries(
      readdirSync(own).map((file) => [file, readFileSync(join(own, file), 'utf8')]),
    ),
  };
}

describe('the keys of the sample bank', () => {
  it('are those of the bank that is named, with its certificate where it has one', () => {
    const { status, files } = give('named', 'BETAFR00', 'ALFADE00');
    assert.equal(status, 0);
    assert.deepEqual(files, {
      'bank.env': 'CORRIDOR_BIC=BETAFR00\n',
      'secret.pem': 'secret of BETAFR00',
      'ca.pem': 'ca of BETAFR00',
      'certificate.pem': 'certificate of BETAFR00',
      'key.pem': 'key of BETAFR00',
    });
  });

  it('are with the one by which it witnesses, where it has one', () => {
    writeFileSync(join(keys, 'ALFADE00.witness.pem'), 'to witness by');
    const { files } = give('witness', 'ALFADE00', 'BETAFR00');
    assert.equal(files['witness.pem'], 'to witness by');
    assert.equal(
      files['bank.env'],
      `CORRIDOR_BIC=ALFADE00\nCORRIDOR_WITNESS_KEY_FILE=${join(folder, 'witness/witness.pem')}\n`,
    );
    assert.equal(give('other', 'BETAFR00', 'ALFADE00').files['witness.pem'], undefined);
    rmSync(join(keys, 'ALFADE00.witness.pem'));
  });

  it('are those of the usual bank otherwise, or of the first that there is', () => {
    for (const [name, usual, expected] of [
      ['usual', 'BETAFR00', 'BETAFR00'],
      ['first', 'RHEIDE00', 'ALFADE00'],
    ] as const) {
      const { files } = give(name, '', usual);
      assert.equal(files['secret.pem'], `secret of ${expected}`);
      assert.equal(files['bank.env'], `CORRIDOR_BIC=${expected}\n`);
    }
  });

  it('are none where the network has no such bank', () => {
    const { status, error, files } = give('none', 'GAMAUS00', 'ALFADE00');
    assert.equal(status, 2);
    assert.equal(
      error,
      'CORRIDOR_BANK=GAMAUS00: expected a participant of this network: ALFADE00 BETAFR00\n',
    );
    assert.deepEqual(files, {});
  });

  it('are none where nobody says who carries over between pools', () => {
    const { command = [], environment } = composeFile().services['synchronisation-keys'] ?? {};
    const [bic = '', usual = ''] = command;
    const named = environment as Record<string, string>;
    const { status, error, files } = give('nobody', bic, usual, named);
    assert.equal(status, 2);
    assert.equal(
      error,
      'CORRIDOR_SYNCHRONISATION=none: expected a participant of this network: ALFADE00 BETAFR00\n',
    );
    assert.deepEqual(files, {});
  });
});
