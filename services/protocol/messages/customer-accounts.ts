import type { NamedAccounts } from './credit-transfer.ts';
import { CREDIT_TRANSFER } from './message-types.ts';
import { documentOf } from './payload.ts';

/** The customers' accounts that a pacs.008 names, in JSON or XML, as it writes them; empty: it names none. */
export function customerAccounts(payload: Buffer): NamedAccounts {
  const text = payload.toString('latin1');
  if (!DISGUISES.some((one) => text.includes(one))) {
    const debtor = accountAsWritten(text, payload, 'DbtrAcct');
    const creditor = accountAsWritten(text, payload, 'CdtrAcct');
    if (debtor !== null && creditor !== null) return { debtor, creditor };
  }
  const read: Anything = documentOf(CREDIT_TRANSFER, payload);
  const { DbtrAcct, CdtrAcct } = read?.Document?.FIToFICstmrCdtTrf?.CdtTrfTxInf?.[0] ?? {};
  return { debtor: accountIn(DbtrAcct), creditor: accountIn(CdtrAcct) };
}

/** What may make an element look otherwise than it is, or have one of the name inside; XML, which is read as such. */
const DISGUISES = ['\\', 'SplmtryData', '<'];

/**
 * What stands under a name that is there once, written without spaces as programs do: a parse takes ten times as long.
 * Without a backslash a name in quotation marks with a brace behind it is an element's. Null: a parse says it.
 * @param text the payload's bytes, a character each
 */
function accountAsWritten(text: string, payload: Buffer, name: string): string | null {
  const quoted = `"${name}"`;
  const at = text.indexOf(quoted);
  if (at < 0) return '';
  const other = `${quoted}:{"Id":{"Othr":{"Id":"`;
  const begin = at + other.length;
  if (!text.startsWith(other, at) || text.includes(quoted, begin)) return null;
  const end = text.indexOf('"', begin);
  // Its own bytes: a part of the text would keep all of it in memory.
  return end < 0 ? null : payload.toString('utf8', begin, end);
}

/** An IBAN, or another identification. */
function accountIn(account: Anything): string {
  const id = account?.Id?.IBAN ?? account?.Id?.Othr?.Id;
  return typeof id === 'string' ? id : '';
}

// biome-ignore lint/suspicious/noExplicitAny: elements that clearing does not read may be anything.
type Anything = any;
