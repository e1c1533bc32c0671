/** docker-compose.yml, as far as it can be held without an engine: pinned, closed, and what exists. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { AUDITOR, SERVICES } from '../../services/sandbox/kafka-rights.ts';
import {
  type ComposeService,
  composeFile,
  composeText,
  secureVariables,
} from '../support/compose.ts';

const file = composeFile();
const services = Object.entries(file.services);
const SERVICE = 'infra/docker/service.sh';

describe('docker-compose.yml', () => {
  it('has the form of the Compose Specification', () => {
    const schema = JSON.parse(
      readFileSync(join(packageFolder, 'infra/docker/compose-spec.json'), 'utf8'),
    );
    // Formats are the specification's own (`ports`, `duration`); keys and types are what it can say.
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    assert.ok(validate(file), JSON.stringify(validate.errors));
  });

  it('pins every image and publishes on the loopback address alone', () => {
    for (const [name, { image, ports = [] }] of services) {
      assert.match(
        image,
        /^[a-z0-9/-]+:[0-9][\w.-]*(@sha256:[0-9a-f]{64})?$|^corridor:local$/,
        name,
      );
      for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name);
    }
  });

  it('runs the services without rights, on a file system that they only read', () => {
    const own = services.filter(([, { image }]) => image === 'corridor:local');
    assert.equal(own.length, 15);
    for (const [name, { user, read_only }] of own) {
      assert.equal(user, 'node', name);
      assert.equal(read_only, true, name);
    }
  });

  it('builds an image once, before anything that uses it, and asks no registry for it', () => {
    // Two builds of one tag run at the same time and collide where images are in containerd's store.
    const builders = services.filter(([, { build }]) => build);
    assert.deepEqual(
      builders.map(([, { image }]) => image),
      ['corridor:local'],
    );
    for (const [, { build, profiles }] of builders) {
      assert.ok(existsSync(join(packageFolder, build?.dockerfile ?? 'none')));
      assert.equal(profiles, undefined, 'it is built whatever the profiles are');
    }
    for (const [name, { image, pull_policy }] of services)
      if (image === 'corridor:local') assert.equal(pull_policy, 'never', name);
  });

  it('tells a client of the log the address at which the host has it, whatever the port', () => {
    for (const variables of [{}, { CORRIDOR_KAFKA_PORT: '19094' }, secureVariables()]) {
      const { environment = {}, ports = [] } = composeFile(variables).services.kafka ?? {};
      const [, published, own] = /^(127\.0\.0\.1:\d+):(\d+)$/.exec(ports[0] ?? '') ?? [];
      const listeners = (name: string) =>
        Object.fromEntries((environment[name] ?? '').split(',').map((one) => one.split('://')));
      assert.equal(listeners('KAFKA_ADVERTISED_LISTENERS').HOST, published);
      assert.equal(listeners('KAFKA_LISTENERS').HOST, `:${own}`);
      // The services' address for it, and the sample bank's.
      for (const [listener, port] of [
        ['SERVICES', '9092'],
        ['BANKS', '9095'],
      ] as const) {
        assert.equal(listeners('KAFKA_ADVERTISED_LISTENERS')[listener], `kafka:${port}`);
        assert.equal(listeners('KAFKA_LISTENERS')[listener], `:${port}`);
      }
      assert.equal(file.services.clearing?.environment?.CORRIDOR_LOG, 'kafka:kafka:9092');
      assert.equal(file.services.bank?.environment?.CORRIDOR_LOG, 'kafka:kafka:9095');
    }
  });

  it('starts what is there: entry points, scripts, mounted files, volumes', () => {
    const sources = new Set<string>();
    for (const [name, { command = [], entrypoint = [], volumes = [] }] of services) {
      for (const part of [...command, ...entrypoint])
        if (/^(dist|infra)\//.test(part))
          assert.ok(
            existsSync(join(packageFolder, part.replace(/^dist\/(.*)\.js$/, '$1.ts'))),
            `${name}: ${part}`,
          );
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) assert.ok(existsSync(join(packageFolder, source)), volume);
        else sources.add(source);
      }
    }
    assert.deepEqual([...sources].sort(), Object.keys(file.volumes).sort());
  });

  it('waits for what it needs, and says of all that stays whether it is well', () => {
    for (const [name, { depends_on = {}, healthcheck, restart }] of services) {
      for (const other of Object.keys(depends_on))
        assert.ok(file.services[other], `${name}: ${other}`);
      if (restart !== 'no') assert.ok(healthcheck, `${name} has no health check`);
    }
  });

  it('runs every service of the network, and gives a secret key to none but the bank whose it is', () => {
    const mains = ['bank', ...SERVICES];
    for (const name of mains)
      assert.equal(file.services[name]?.command?.at(-1), `dist/services/${name}/main.js`);
    const withKeys = services.filter(
      ([, { volumes = [], restart }]) =>
        restart !== 'no' && volumes.some((volume) => /^(keys|certificates):/.test(volume)),
    );
    assert.deepEqual(withKeys, []);
  });

  it('makes a certificate for each service that Kafka gives rights, in a folder of its own', () => {
    const { command = [], volumes = [] } = file.services.certificates as ComposeService;
    const names = ['kafka', 'operator', ...SERVICES, AUDITOR];
    assert.deepEqual(command, names);
    assert.deepEqual(volumes, [
      'certificates:/certificates',
      ...names.map((name) => `certificates-${name}:/certificates/${name}`),
    ]);
    // Volumes take the owner of the image's folders: without one root would have it.
    const docker = readFileSync(join(packageFolder, 'infra/docker/Dockerfile'), 'utf8');
    assert.ok(docker.includes(`for name in ${names.join(' ')}; do mkdir -p /certificates/$name`));
    const [, made = ''] = /mkdir -p (.*?) \\$/m.exec(docker) ?? [];
    for (const [name, { user, volumes: own = [] }] of services)
      for (const volume of user === 'node' ? own : []) {
        const [source = '', folder = '', mode] = volume.split(':');
        if (mode === 'ro' || source.startsWith('./') || /\/(certificates|passwords)/.test(folder))
          continue;
        assert.ok(`/data ${made} /data/node`.split(' ').includes(folder), `${name}: ${volume}`);
      }
  });

  it('has for a network of two pools a clearing of the second, and what carries over between them', () => {
    const variables = { CORRIDOR_SECOND_POOL: 'away', CORRIDOR_SYNCHRONISATION: 'SYNCDEF0' };
    const of = composeFile(variables).services;
    const inPools = Object.entries(of).filter(([, { profiles }]) => profiles?.includes('pools'));
    assert.deepEqual(
      inPools.map(([name]) => name),
      ['clearing-second', 'synchronisation', 'synchronisation-keys'],
    );
    assert.equal(of['clearing-second']?.environment?.CORRIDOR_POOL, 'away');
    assert.equal(of.synchronisation?.environment?.CORRIDOR_BIC, 'SYNCDEF0');
    assert.equal(of['synchronisation-keys']?.command?.[0], 'SYNCDEF0');
    const keys = of['synchronisation-keys']?.command?.at(-1);
    assert.equal(of.synchronisation?.environment?.CORRIDOR_SECRET_KEY_FILE, `${keys}/secret.pem`);
    assert.ok(of.synchronisation?.volumes?.includes(`synchronisation:${keys}:ro`));
  });

  it('shows each password to those alone that use it', () => {
    const holders = (volume: string) =>
      services
        .filter(([, { volumes = [] }]) => volumes.some((one) => one.startsWith(`${volume}:`)))
        .map(([name]) => name);
    const passwords = Object.keys(file.volumes).filter((name) => name.startsWith('password'));
    assert.deepEqual(Object.fromEntries(passwords.map((name) => [name, holders(name)])), {
      'password-clickhouse-writer': ['found', 'clickhouse', 'metrics'],
      'password-clickhouse-dashboard': ['found', 'clickhouse', 'grafana'],
      'password-grafana-admin': ['found', 'grafana'],
    });
    // With it anybody could sign what banks are told.
    assert.deepEqual(holders('node'), ['found', 'notifier']);
  });

  it('bounds what a container takes: memory, processors, processes, logs', () => {
    for (const [name, one] of services) {
      assert.match(String(one.mem_limit), /^\d+[mg]$/, name);
      assert.ok(Number(one.cpus) > 0, name);
      assert.ok(Number(one.pids_limit) > 0, name);
      assert.deepEqual(
        one.logging,
        { driver: 'local', options: { 'max-size': '10m', 'max-file': '3' } },
        name,
      );
    }
  });

  it('holds a bank to its quota over as short a time as the node of `npm run kafka`', () => {
    const properties = readFileSync(join(packageFolder, 'infra/kafka/server.properties'), 'utf8');
    const [, windows] = /^quota\.window\.num=(.*)$/m.exec(properties) ?? [];
    assert.equal(windows, '1');
    assert.equal(file.services.kafka?.environment?.KAFKA_QUOTA_WINDOW_NUM, windows);
  });

  it('starts nothing again that ended over its configuration', () => {
    for (const [name, { image, restart, entrypoint = [] }] of services)
      if (image === 'corridor:local' && restart !== 'no')
        assert.deepEqual(entrypoint.slice(0, 3), ['sh', SERVICE, 'node'], name);
  });

  it('has no password in it', () => {
    assert.doesNotMatch(composeText, /password\s*[:=]\s*["']?[A-Za-z0-9]{3,}/i);
    for (const [name, { environment = {} }] of services)
      for (const [variable, value] of Object.entries(environment))
        if (/PASSWORD|SECRET/.test(variable))
          assert.match(
            String(value),
            /^\/(run\/secrets\/)?(passwords|bank|synchronisation)/,
            `${name}: ${variable} is a file`,
          );
  });

  it('lets nobody into ClickHouse over the network without a password', () => {
    const { environment = {}, volumes = [] } = file.services.clickhouse as ComposeService;
    // Any of the image's own variables for a user without a password opens `default` to every address.
    assert.deepEqual(Object.keys(environment), ['CORRIDOR_SECRETS']);
    const mount = volumes.find((one) => one.includes(':/etc/clickhouse-server/users.d/'));
    const users = readFileSync(join(packageFolder, mount?.split(':')[0] ?? 'none'), 'utf8');
    const [, networks = ''] = /<networks replace="replace">(.*?)<\/networks>/s.exec(users) ?? [];
    const addresses = [...networks.matchAll(/<ip>(.*?)<\/ip>/g)].map(([, address]) => address);
    assert.deepEqual(addresses, ['::1', '127.0.0.1']);
  });

  it('has finality wait for auditors where the caller names their policy, and else for nobody', () => {
    const CORRIDOR_FINALITY_POLICY_FILE = '/data/evidence-policy';
    const policyOf = ({ services }: typeof file) =>
      services.notifier?.environment?.CORRIDOR_FINALITY_POLICY_FILE;
    assert.equal(policyOf(composeFile({ CORRIDOR_FINALITY_POLICY_FILE })), '/data/evidence-policy');
    assert.equal(policyOf(file) ?? '', '');
  });

  it('has metrics score payments where the caller names a model, and else not', () => {
    const CORRIDOR_WATCH_MODEL_FILE = '/data/watch-model.json';
    const modelOf = ({ services }: typeof file) =>
      services.metrics?.environment?.CORRIDOR_WATCH_MODEL_FILE;
    assert.equal(modelOf(composeFile({ CORRIDOR_WATCH_MODEL_FILE })), CORRIDOR_WATCH_MODEL_FILE);
    assert.equal(modelOf(file) ?? '', '');
  });

  it('sets only variables that the services have', () => {
    const known = [
      'services/platform/service/common-variables.ts',
      'services/cli/found-command.ts',
      ...SERVICES,
      'bank',
    ]
      .map((one) => (one.endsWith('.ts') ? one : `services/${one}/main.ts`))
      .map((one) => readFileSync(join(packageFolder, one), 'utf8'))
      .join('\n');
    for (const [name, { environment = {}, image, entrypoint }] of services)
      for (const variable of Object.keys(environment))
        if (image === 'corridor:local' && (!entrypoint || entrypoint[1] === SERVICE))
          assert.ok(new RegExp(`\\b${variable}\\b[':]`).test(known), `${name}: ${variable}`);
  });
});
