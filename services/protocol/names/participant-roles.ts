/** Of who carries over between two pools what a chain's home decides. */
export const OPERATOR_ROLE = 'synchronisationOperator';

/** What participants are. Those that settle have accounts; attestors sign what they attest, and have none. */
export const SETTLING_ROLES = ['bank', 'dealer', 'central-bank', 'customer'] as const;
export const ATTESTOR_ROLES = [
  'oracle',
  'carrier',
  'meter',
  'complianceDesk',
  'customs',
  'registrar',
  OPERATOR_ROLE,
] as const;
export const ROLES = [...SETTLING_ROLES, ...ATTESTOR_ROLES] as const;

/** Whether who has it holds no account. */
export const isAttestorRole = (role: string): boolean =>
  (ATTESTOR_ROLES as readonly string[]).includes(role);
