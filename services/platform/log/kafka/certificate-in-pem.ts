import { X509Certificate } from 'node:crypto';

/** The first one in a PEM file; null where it holds none. */
export function certificateIn(pem: string | Buffer): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
