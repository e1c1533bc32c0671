import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { boundConnections, network64 } from './http-server-bounds.ts';

class Connection extends EventEmitter {
  readonly remoteAddress: string | undefined;
  isOpen = true;

  constructor(remoteAddress: string | undefined) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isOpen = false;
    this.emit('close');
  }
}

function boundServer(isExempt?: (address: string) => boolean) {
  const server = Object.assign(new EventEmitter(), { maxConnections: 0 });
  const refused: string[] = [];
  boundConnections(server, isExempt, (bound) => refused.push(bound));
  const connect = (address?: string) => {
    const connection = new Connection(address);
    server.emit('connection', connection);
    return connection;
  };
  const open = (count: number, addressOf: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => connect(addressOf(index))).filter(
      ({ isOpen }) => isOpen,
    );
  return { server, refused, connect, open };
}

test('of one network 1,000 connections are open at a time, and others have theirs', () => {
  const { server, refused, connect, open } = boundServer();
  const [first] = open(1_000, () => '192.0.2.1');
  assert.deepEqual(refused, []);
  assert.equal(connect('192.0.2.1').isOpen, false);
  assert.equal(connect('::ffff:192.0.2.1').isOpen, false, 'it is the same in IPv6');
  assert.equal(connect('192.0.2.2').isOpen, true);
  assert.deepEqual(refused, ['network', 'network']);
  first?.destroy();
  assert.equal(connect('192.0.2.1').isOpen, true, 'there is room again, for one');
  assert.equal(connect('192.0.2.1').isOpen, false);
  const ofPrefix = open(1_100, (index) => `2001:db8:1:2::${index.toString(16)}`);
  assert.equal(ofPrefix.length, 1_000, 'all addresses of a /64 are one network');
  assert.equal(connect(undefined).isOpen, true);
  assert.equal(server.maxConnections, 10_000);
  server.emit('drop');
  assert.equal(refused.at(-1), 'all');
});

test('who stands for many clients is held to the bound of all alone', () => {
  const { refused, connect, open } = boundServer((address) => address === '192.0.2.1');
  assert.equal(open(3_000, () => '192.0.2.1').length, 3_000);
  assert.deepEqual(refused, []);
  assert.equal(open(1_001, () => '192.0.2.2').length, 1_000);
  assert.equal(connect('192.0.2.1').isOpen, true);
});

test('an IPv6 address stands for its /64, an IPv4 address for itself', () => {
  for (const [address, expected] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ] as const)
    assert.equal(network64(address), expected, address);
});
