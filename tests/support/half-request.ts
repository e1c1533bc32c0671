import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Half of a request's head. */
const HALF_HEAD = 'GET /healthz HTTP/1.1\r\nhost: x\r\nx: ';

/** Sends a server half a request, and no more. @param text default: half of a head */
export async function halfRequest(url: string, text = HALF_HEAD): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  // What it is answered is read, or its end would not be heard of.
  socket.resume();
  await once(socket, 'connect');
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
  return socket;
}
