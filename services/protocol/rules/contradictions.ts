/** What the elements of a transfer say of each other: one message says one thing. */
import { type Refusal, refuse } from './refusal.ts';

interface Agent {
  readonly FinInstnId?: { readonly BICFI?: string };
}
interface Amount {
  readonly Ccy: string;
  readonly Amt: string;
}

/** What of a transfer that has the standard's form is judged here. */
export interface TransferElements {
  readonly PmtId: { readonly EndToEndId: string; readonly InstrId?: string };
  readonly IntrBkSttlmAmt: Amount;
  readonly IntrBkSttlmDt: string;
  readonly InstgAgt: Agent;
  readonly InstdAgt?: Agent;
  readonly IntrmyAgt1?: Agent;
  readonly CdtrAgt?: Agent;
  readonly Cdtr?: Agent;
  readonly InstdAmt?: Amount;
  readonly ChrgBr?: string;
  readonly ChrgsInf?: readonly unknown[];
}
interface Group {
  readonly MsgId: string;
  readonly InstgAgt?: Agent;
  readonly InstdAgt?: Agent;
  readonly TtlIntrBkSttlmAmt?: Amount;
  readonly IntrBkSttlmDt?: string;
}

export interface TransferDocument {
  readonly group: Group;
  readonly transfer: TransferElements;
  /** A JSON pointer to what has both. */
  readonly path: string;
}

/** The first contradiction of a transfer between banks or for a customer, or null. */
export function judgeTransfer({ group, transfer, path }: TransferDocument): Refusal | null {
  const at = `${path}/CdtTrfTxInf/0`;
  return (
    judgeAgents(group, transfer, path) ??
    judgeGroup(group, transfer, `${path}/GrpHdr`) ??
    judgeReference(transfer, at)
  );
}

const bicOf = (agent: Agent | undefined): string | undefined => agent?.FinInstnId?.BICFI;

function judgeAgents(group: Group, transfer: TransferElements, path: string): Refusal | null {
  const contradicts = (place: string, found: string, expected: string) =>
    refuse('agents-contradict', `${path}/${place}/FinInstnId/BICFI`, found, expected);
  const instructing = bicOf(group.InstgAgt);
  const own = bicOf(transfer.InstgAgt);
  if (instructing !== undefined && instructing !== own)
    return contradicts('GrpHdr/InstgAgt', instructing, `must be InstgAgt ${own} of the payment`);
  const dealer = bicOf(transfer.IntrmyAgt1);
  // Where a bank pays a bank, the creditor is the agent.
  const creditorAgent = bicOf(transfer.CdtrAgt ?? transfer.Cdtr);
  const isElsewhere = (bic: string | undefined): bic is string =>
    bic !== undefined && bic !== dealer && bic !== creditorAgent;
  const toWhom = () => {
    const next = [dealer, creditorAgent].filter((bic) => bic !== undefined);
    return `must be ${next.join(' or ')}, to whom the payment goes`;
  };
  const instructed = bicOf(transfer.InstdAgt);
  if (isElsewhere(instructed)) return contradicts('CdtTrfTxInf/0/InstdAgt', instructed, toWhom());
  const ofGroup = bicOf(group.InstdAgt);
  return isElsewhere(ofGroup) ? contradicts('GrpHdr/InstdAgt', ofGroup, toWhom()) : null;
}

function judgeGroup(group: Group, transfer: TransferElements, path: string): Refusal | null {
  const { TtlIntrBkSttlmAmt: total, IntrBkSttlmDt: date } = group;
  const { IntrBkSttlmAmt: amount } = transfer;
  if (total && (total.Ccy !== amount.Ccy || plain(total.Amt) !== plain(amount.Amt)))
    return refuse(
      'group-header',
      `${path}/TtlIntrBkSttlmAmt`,
      total,
      `must be IntrBkSttlmAmt ${amount.Ccy} ${amount.Amt} of the one payment`,
    );
  if (date !== undefined && date !== transfer.IntrBkSttlmDt)
    return refuse(
      'group-header',
      `${path}/IntrBkSttlmDt`,
      date,
      `must be IntrBkSttlmDt ${transfer.IntrBkSttlmDt} of the one payment`,
    );
  return null;
}

/** A decimal without what changes nothing. */
const plain = (decimal: string): string =>
  decimal
    .replace(/^\+?0*(?=[0-9])/, '')
    .replace(/(\.[0-9]*?)0+$/, '$1')
    .replace(/\.$/, '');

function judgeReference({ PmtId }: TransferElements, path: string): Refusal | null {
  const { InstrId } = PmtId;
  return InstrId !== undefined && /^\/|\/$|\/\//.test(InstrId)
    ? refuse(
        'reference-slashes',
        `${path}/PmtId/InstrId`,
        InstrId,
        'must begin and end with no slash, and have no two in a row',
      )
    : null;
}

/** Charges of a customer's payment: who bears them, and whether it says what they were taken from. */
export function judgeCharges(
  { ChrgBr, ChrgsInf, InstdAmt }: TransferElements,
  path: string,
): Refusal | null {
  if (ChrgBr === 'CRED' && !ChrgsInf)
    return refuse('charges-bearer', path, { ChrgBr }, 'must have ChrgsInf with CRED');
  if (ChrgBr === 'SLEV' && ChrgsInf)
    return refuse('charges-bearer', `${path}/ChrgsInf`, ChrgsInf, 'must not be there with SLEV');
  if (ChrgsInf && !InstdAmt)
    return refuse(
      'charges-instructed-amount',
      path,
      { ChrgsInf },
      'must have InstdAmt with ChrgsInf',
    );
  return null;
}
