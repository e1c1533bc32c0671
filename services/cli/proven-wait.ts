import type { WaitCertificate } from '../analysis/certificates/wait-certificate.ts';
import { type Awaited, awaitedOf, awaitedText } from '../analysis/chains/awaited-attestors.ts';
import { counted, listed, timeText } from '../explain/amount-words.ts';

/** What the certificate of a chain that waits proves where it holds, and by what its reader has to go. */
export function provenWait(certificate: WaitCertificate): string {
  const { network, legs, attestations, termsDigest, isPromised, queue } = certificate;
  const uetrs = legs.map(({ headers }) => headers.ce_id ?? '');
  const parts = [
    `the chain of ${listed(uetrs)} (terms ${termsDigest.slice(0, 16)}… on network ${network}) waits for ${awaitedText(awaitedIn(certificate))}${untilText(certificate)}`,
    `by ${counted(attestations.length, 'signed attestation')} its condition was never met and still can be, so it could neither settle nor be refused`,
    ...(isPromised ? ['it is promised, so nobody else decides'] : []),
    ...(queue === null ? [] : ['a leg of it waits for money to set aside too, as its queue shows']),
    premisesText(certificate),
  ];
  return parts.join('; ');
}

/** Whom it waits for. */
function awaitedIn({ groups, threshold }: WaitCertificate): Awaited {
  const verdicts = groups.flatMap(({ accepted, refused }) => [
    ...accepted.map((bic) => [bic, 'accepted'] as const),
    ...refused.map((bic) => [bic, 'refused'] as const),
  ]);
  return awaitedOf({ groups, threshold }, new Map(verdicts));
}

function untilText({ holders, deadlineMs, onSilence }: WaitCertificate): string {
  const held = holders.length === 0 ? '' : `, while ${listed(holders)} held it`;
  if (deadlineMs === null) return `${held}, without a deadline`;
  const end = `${held}, until ${timeText(deadlineMs)}`;
  return onSilence === 'settle'
    ? `${end}, when silence counts as acceptance`
    : `${end}, when it ends without it`;
}

function premisesText({ keys, preValidation }: WaitCertificate): string {
  const policy =
    preValidation.length === 0
      ? 'that the genesis has no policy of desks'
      : `the policy of ${counted(preValidation.length, 'corridor')} with that of the genesis`;
  const signers = keys.map(
    ({ participant, keyId, publicKey }) => `${participant} ${keyId} ${publicKey}`,
  );
  return `compare ${policy}, and the keys with theirs: ${listed(signers)}`;
}
