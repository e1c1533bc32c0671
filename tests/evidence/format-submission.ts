import type { Submission } from '../../services/evidence/witness.ts';

/** What a log's client posts. */
export const formatSubmission = ({ old, proof, checkpoint }: Submission): string =>
  `old ${old}\n${proof.map((one) => `${Buffer.from(one).toString('base64')}\n`).join('')}\n${checkpoint}`;
