/** Settlement priorities, by the number that records carry, and the code that messages have for each. */
export const PRIORITIES = ['urgent', 'high', 'normal'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const PRIORITY_CODES: Readonly<Record<Priority, 'URGT' | 'HIGH' | 'NORM'>> = {
  urgent: 'URGT',
  high: 'HIGH',
  normal: 'NORM',
};
export const PRIORITY_OF = { URGT: 'urgent', HIGH: 'high', NORM: 'normal' } as const;
