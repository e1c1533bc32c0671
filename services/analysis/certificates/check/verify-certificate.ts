/**
 * Which form and which checker a certificate has. The conditions that it must meet: gridlock-check.ts for a
 * cycle or a state, netting-check.ts, offsetting-check.ts, proposal-check.ts, wait-check.ts.
 */
import type { AnyCertificate } from '../cycle-certificates.ts';
import type { WaitCertificate } from '../wait-certificate.ts';
import { checkCertificate } from './gridlock-check.ts';
import { CERTIFICATE_FORMS, checkFormat } from './json-form.ts';
import { checkNetting } from './netting-check.ts';
import { checkOffsetting } from './offsetting-check.ts';
import { checkProposal } from './proposal-check.ts';
import { checkWait } from './wait-check.ts';

/** Of a step of a cycle, of a state's queues, or of a chain that waits outside them. */
export type VerifiableCertificate = AnyCertificate | WaitCertificate;

/** What is wrong with a certificate that has the form of one; empty where it holds. */
export function certificateFaults(certificate: VerifiableCertificate): string[] {
  if (certificate.format === 'corridor-wait-certificate-1') return checkWait(certificate);
  if (certificate.format === 'corridor-netting-certificate-1') return checkNetting(certificate);
  if (certificate.format === 'corridor-proposal-certificate-1') return checkProposal(certificate);
  return certificate.format === 'corridor-offsetting-certificate-1'
    ? checkOffsetting(certificate)
    : checkCertificate(certificate);
}

export interface VerifiedCertificate {
  /** Whether the text calls itself one; else the fault says why not. */
  readonly isOne: boolean;
  /** Null where the text has not the form of one. */
  readonly certificate: VerifiableCertificate | null;
  /** What is wrong with it; empty where it holds. */
  readonly faults: string[];
}

/** Reads a certificate and checks all that it claims. */
export function verifyCertificate(text: string): VerifiedCertificate {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    // The parser quotes the text, lines and all.
    const message = (error as Error).message.replaceAll(/\s+/g, ' ');
    return { isOne: false, certificate: null, faults: [`it is not JSON: ${message}`] };
  }
  const check = CERTIFICATE_FORMS.get((document as { format?: unknown } | null)?.format);
  const read = (check ?? checkFormat)(document);
  const isOne = check !== undefined;
  if ('reason' in read || !isOne)
    return { isOne, certificate: null, faults: 'reason' in read ? [read.detail] : [] };
  const certificate = read.value as VerifiableCertificate;
  return { isOne, certificate, faults: certificateFaults(certificate) };
}
