/**
 * How long a client may hold a connection of an HTTP server, and how many it may hold. Whoever sends half a request, slowly or
 * for ever, takes no connection away from others and keeps no process from ending.
 */

/** A request must have arrived whole within this time: slow senders hold no connection for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often connections are held against it; Node's own 30 s would make it a minute. */
const TIMEOUT_CHECK_MS = 1_000;

/** Options of Fastify for every server that listens. */
export const HTTP_SERVER_BOUNDS = {
  requestTimeout: REQUEST_TIMEOUT_MS,
  // Else a server that closes waits for its clients, and Node holds none of them against the time any more.
  forceCloseConnections: true,
  http: {
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    // Node takes the longer of the two for the whole request.
    headersTimeout: REQUEST_TIMEOUT_MS,
  },
} as const;

const CONNECTIONS_MAX = 10_000;
/** A tenth, so that it takes ten networks to shut out the others. */
const CONNECTIONS_OF_NETWORK_MAX = 1_000;

/** Which bound a connection was beyond: that of its network, or that of all. */
export type ConnectionBound = 'network' | 'all';

/** What is needed of Node's socket, */
interface BoundedConnection {
  readonly remoteAddress?: string | undefined;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** and of its server. */
interface BoundedServer {
  maxConnections: number;
  on(event: 'connection', listener: (connection: BoundedConnection) => void): unknown;
  on(event: 'drop', listener: () => void): unknown;
}

/**
 * Closes at once, unread, what is beyond 10,000 connections in all, or 1,000 of one network (network64).
 * @param isExempt whether an address stands for many clients, as that of a proxy: it counts under the bound of all alone
 * @param refused is told of each that is closed
 */
export function boundConnections(
  server: BoundedServer,
  isExempt: (address: string) => boolean = () => false,
  refused: (bound: ConnectionBound) => void = () => {},
): void {
  const open = new Map<string, number>();
  server.maxConnections = CONNECTIONS_MAX;
  server.on('drop', () => refused('all'));
  server.on('connection', (connection) => {
    const { remoteAddress } = connection;
    // One that has gone already has no address.
    if (remoteAddress === undefined || isExempt(remoteAddress)) return;
    const network = network64(remoteAddress);
    const count = open.get(network) ?? 0;
    if (count >= CONNECTIONS_OF_NETWORK_MAX) {
      refused('network');
      connection.destroy();
      return;
    }
    open.set(network, count + 1);
    connection.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}

/** An IPv6 address stands for the /64 that it lies in: who has one has all of them. */
export function network64(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const zeros = Math.max(0, 8 - groups(head).length - groups(tail).length);
  return [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail)]
    .slice(0, 4)
    .join(':');
}
