/**
 * Checks a receipt of Corridor by docs/evidence.md alone, in one file and without packages:
 *
 *     node verify-receipt.mjs FILE.tlog-proof POLICY [NAMES]
 *
 * It counts the witnesses that the policy asks for and verifies the bank's signature. NAMES is evidence/names.json of the
 * run: by it banks, currencies and amounts of a message in JSON are compared with the event. Without it the UETR, the
 * network and the message type are, and of what was refused the whole message. Node 20 or newer.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const bytes = (...values) => Buffer.from(values);

function fail(message) {
  throw new Error(message);
}

/** Base64 has one form: bits that no byte takes are zero. */
function unbase64(text) {
  const found = Buffer.from(text, 'base64');
  return found.toString('base64') === text ? found : fail(`${text}: not base64 in its one form`);
}

function wholeNumber(text) {
  const number = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : fail(`${text}: no number`);
}

/** Whether it is the Ed25519 signature of a key of 32 bytes. */
function isSignature(key, message, signature) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]);
  return verify(
    null,
    message,
    createPublicKey({ key: der, format: 'der', type: 'spki' }),
    signature,
  );
}

/** Name, id and the 32 bytes of the key of a log (1) or a witness (4). */
function verifierKey(text = '', type) {
  const [name, id, ...rest] = text.split('+');
  const data = unbase64(rest.join('+'));
  const own = sha256(Buffer.from(`${name}\n`), data).toString('hex', 0, 4);
  if (data.length !== 33 || data[0] !== type || own !== id) fail(`${text}: no key of type ${type}`);
  return { name, id, key: data.subarray(1) };
}

/** The logs that are believed, and whether those who signed are enough (c2sp.org/tlog-policy). */
function readPolicy(text) {
  const logs = [];
  const keys = new Set();
  const used = new Set();
  const parts = new Map([['none', () => true]]);
  const part = (name) => parts.get(name) ?? fail(`policy: ${name} is not defined`);
  const define = (name, isMet) => {
    if (name === undefined || parts.has(name)) fail(`policy: ${name} is defined before`);
    parts.set(name, isMet);
  };
  let quorum = null;
  for (const line of text.split('\n')) {
    const [word = '#', ...rest] = line.split(/[ \t]+/).filter((one) => one !== '');
    if (word.startsWith('#')) continue;
    if (word === 'log') logs.push(verifierKey(rest[0], 1));
    else if (word === 'witness') {
      const witness = verifierKey(rest[1], 4);
      const hex = witness.key.toString('hex');
      if (keys.has(hex)) fail(`policy: a second witness with the key of ${witness.name}`);
      keys.add(hex);
      define(rest[0], (isSigned) => isSigned(witness));
    } else if (word === 'group') {
      const [name, threshold, ...members] = rest;
      const named = { any: 1, all: members.length };
      const least = named[threshold] ?? wholeNumber(threshold);
      if (least < 1 || least > members.length) fail(`policy: ${line}: no such group`);
      for (const member of members)
        if (used.has(member)) fail(`policy: ${member} is in a group before`);
        else used.add(member);
      if (used.has('none')) fail('policy: none is no member of a group');
      const found = members.map(part);
      define(name, (isSigned) => found.filter((isMet) => isMet(isSigned)).length >= least);
    } else if (word === 'quorum' && quorum === null && rest.length === 1) quorum = part(rest[0]);
    else fail(`policy: ${line}: no line of a policy`);
  }
  return { logs, isMet: quorum ?? fail('policy: it has no quorum') };
}

/** Origin, size and root of a checkpoint that a believed log signed, and witnesses enough. */
function openCheckpoint(note, { logs, isMet }) {
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const [origin, size, root] = text.split('\n');
  if (split < 0 || !note.endsWith('\n')) fail('its checkpoint is no note');
  const signatures = note
    .slice(split + 2, -1)
    .split('\n')
    .map((line) => {
      const [dash, name, data, ...more] = line.split(' ');
      if (dash !== '—' || data === undefined || more.length > 0) fail(`${line}: no signature`);
      const found = unbase64(data);
      return { name, id: found.toString('hex', 0, 4), signature: found.subarray(4) };
    });
  const isSignedBy = ({ name, id, key }, message) => {
    const own = signatures.filter((one) => one.name === name && one.id === id);
    if (!own.every(({ signature }) => isSignature(key, ...message(signature))))
      fail(`the signature of ${name} does not verify`);
    return own.length > 0;
  };
  const whole = (signature) => [Buffer.from(text), signature];
  const timed = (signature) => {
    if (signature.length < 8) fail('a cosignature without its time');
    const time = signature.readBigUInt64BE(0);
    return [Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), signature.subarray(8)];
  };
  if (!logs.some((log) => log.name === origin && isSignedBy(log, whole)))
    fail(`${origin}: signed by no log of the policy`);
  if (!isMet((witness) => isSignedBy(witness, timed)))
    fail(`${origin}: fewer witnesses signed than the policy asks for`);
  return { origin, size: wholeNumber(size), root: unbase64(root) };
}

/** What the log holds of an event, its first 96 bytes, and what stands behind the opening. */
function openedEvent(extra) {
  const isOpen = extra[0] === 2;
  const length = isOpen ? 161 : 145;
  if ((!isOpen && extra[0] !== 1) || extra.length < length) fail('it has no opening of an event');
  const salt = extra.subarray(1, 17);
  const shown = isOpen ? extra.subarray(33, 129) : extra.subarray(17, 113);
  const hidden = isOpen
    ? sha256(Buffer.from('bal1'), extra.subarray(17, 33), extra.subarray(129, 161))
    : extra.subarray(113, 145);
  const commitment = sha256(Buffer.from('corridor/event/1'), salt, shown, hidden);
  return {
    entry: Buffer.concat([bytes(1), commitment]),
    event: shown,
    opening: extra.subarray(0, length),
    rest: extra.subarray(length),
  };
}

/** RFC 9162, section 2.1.3.2. */
function rootOf(leaf, index, size, path) {
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  let found = leaf;
  for (const sibling of path) {
    if (last === 0n) fail('the proof is too long');
    if (node % 2n === 1n || node === last) {
      found = sha256(bytes(1), sibling, found);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else found = sha256(bytes(1), found, sibling);
    node /= 2n;
    last /= 2n;
  }
  return last === 0n ? found : fail('the proof is too short');
}

/** What became of a payment, by the number in its event. */
const KINDS = { 14: 'settled', 15: 'rejected', 16: 'cancelled', 33: 'unwound' };

const TYPES = {
  1: 'pacs.008.001.08',
  3: 'pacs.009.001.08',
  4: 'corridor.pvp.1',
  17: 'corridor.chain.1',
};

/** Minor units of a text of an amount. */
function minorUnits(text, decimals) {
  const [whole, cents = ''] = /^[0-9]+(\.[0-9]+)?$/.test(text) ? text.split('.') : [];
  if (whole === undefined || cents.length > decimals) fail(`${text}: no amount`);
  return BigInt(whole + cents.padEnd(decimals, '0'));
}

/** What a message asks for: its two banks, what is debited, and what a dealer credits where that is another currency. */
function termsOf(type, payload) {
  if (type === TYPES[4]) {
    const { InstgAgt, CtrPty, Dlvr } = payload.Leg;
    return { banks: [InstgAgt, CtrPty], debited: Dlvr };
  }
  if (type === TYPES[17]) {
    const { DbtrAgt, CdtrAgt, Dlvr } = payload.Chn.Legs[Number(payload.Chn.InstdLeg) - 1];
    return { banks: [DbtrAgt, CdtrAgt], debited: Dlvr };
  }
  const { FIToFICstmrCdtTrf, FICdtTrf } = payload.Document;
  const [one] = (type === TYPES[1] ? FIToFICstmrCdtTrf : FICdtTrf).CdtTrfTxInf;
  if (type === TYPES[3])
    return {
      banks: [one.DbtrAgt ?? one.Dbtr, one.CdtrAgt ?? one.Cdtr],
      debited: one.IntrBkSttlmAmt,
    };
  const banks = [one.DbtrAgt, one.CdtrAgt];
  const changes = one.InstdAmt && one.InstdAmt.Ccy !== one.IntrBkSttlmAmt.Ccy;
  if (!changes) return { banks, debited: one.IntrBkSttlmAmt };
  return { banks: [...banks, one.IntrmyAgt1], debited: one.InstdAmt, credited: one.IntrBkSttlmAmt };
}

/** Holds what a message says against its event, by the names of the event's numbers. */
function compareTerms(event, type, payload, names, pool) {
  const found = names[pool] ?? fail(`the names have no pool ${pool}`);
  let asked;
  try {
    asked = termsOf(type, JSON.parse(payload.toString()));
  } catch {
    fail('its message cannot be read: this program compares messages in JSON');
  }
  const held = (what, said, has) => {
    if (said !== has) fail(`its message says ${said} as ${what}, the event ${has}`);
  };
  const named = (number, none, of, name) => (number === none ? 'none' : of[number]?.[name]);
  const bank = (at) => named(event.readUInt32LE(at), 0xffffffff, found.participants, 'bic');
  const currency = (at) => named(event.readUInt16LE(at), 0xffff, found.currencies, 'currency');
  const says = (agent) => agent?.FinInstnId.BICFI ?? 'none';
  const [debtor, creditor, dealer] = asked.banks;
  held("debtor's agent", says(debtor), bank(56));
  held("creditor's agent", says(creditor), bank(60));
  held('dealer', says(dealer), bank(64));
  for (const [of, money, codeAt, amountAt] of [
    ['', asked.debited, 68, 72],
    [' credited', asked.credited, 70, 80],
  ]) {
    const code = money?.Ccy ?? money?.ISIN ?? 'none';
    held(`currency${of}`, code, currency(codeAt));
    const decimals = found.currencies.find((one) => one.currency === code)?.minorUnits;
    const said = money ? minorUnits(money.Amt ?? money.Qty, decimals) : 0n;
    held(`amount${of}`, said, event.readBigInt64LE(amountAt));
  }
}

const UNBOUND =
  'all else in the message, such as payee, remittance, rate and dates, is its sender’s word alone';

/** What of a message was held against its event, in words. */
function compared(event, opening, of, payload, names, origin) {
  const [, network, ...rest] = origin.split('/');
  const type = TYPES[event.readUInt16LE(30)];
  if (of.network !== network)
    fail(`its message is of network ${of.network}, its log of ${network}`);
  if (of.type !== type) fail(`its message is of type ${of.type}, its event of ${type}`);
  const kind = event.readUInt16LE(24);
  if (kind === 15 && opening.length === 161) {
    if (!sha256(payload).equals(opening.subarray(129))) fail('its message is not what was refused');
    return 'its whole message was compared, by its digest';
  }
  if (!names || ![14, 16, 33].includes(kind)) return 'what else the message says was not compared';
  compareTerms(event, type, payload, names, rest.at(-1));
  return `its type, amounts, currencies, banks and dealer were compared; ${UNBOUND}`;
}

/** Who sent the payment behind the opening, under which key, and what of it the event has too. */
function senderOf({ event, opening, rest }, uetr, names, origin) {
  if (rest.length === 0) return 'no message';
  const end = rest.indexOf('\n') + 1;
  const line = rest.toString('utf8', 0, end);
  const { network, publicKey, headers: of } = JSON.parse(line);
  const { ce_id, ce_source, ce_type, ce_keyid, ce_issuedatms, ce_signature } = of;
  const signed = { ce_specversion: '1.0', ce_id, ce_source, ce_type, ce_keyid, ce_issuedatms };
  const form = { network, publicKey, headers: { ...signed, ce_signature } };
  if (`${JSON.stringify(form)}\n` !== line) fail('its message is not in its one form');
  if (!/^[0-9a-f]{64}$/.test(publicKey)) fail(`${publicKey}: no public key`);
  if (ce_id !== uetr) fail(`its message is of ${ce_id}, its event of ${uetr}`);
  const payload = rest.subarray(end);
  const digest = sha256(payload).toString('hex');
  const lines = ['CORRIDOR-SIG-V1', network, 'payments', ce_type, ce_source, ce_keyid, ce_id];
  const text = `${[...lines, ce_issuedatms, digest].join('\n')}\n`;
  if (!isSignature(Buffer.from(publicKey, 'hex'), Buffer.from(text), unbase64(ce_signature)))
    fail(`the signature of ${ce_source}'s message does not verify`);
  const said = compared(event, opening, { network, type: ce_type }, payload, names, origin);
  return `signed by ${ce_source} with ${publicKey}: compare it with their key; ${said}`;
}

function uetrOf(event) {
  const hex = event.toString('hex', 40, 56);
  const at = [0, 8, 12, 16, 20, 32];
  return at
    .slice(1)
    .map((end, part) => hex.slice(at[part], end))
    .join('-');
}

/** What the texts of a receipt and a policy prove, in words; throws where they prove nothing. */
export function checkReceipt(receipt, policy, names = null) {
  const split = receipt.indexOf('\n\n');
  const [magic, extra = '', place = '', ...hashes] = receipt.slice(0, split).split('\n');
  if (split < 0 || magic !== 'c2sp.org/tlog-proof@v1') fail('it is no .tlog-proof');
  if (!extra.startsWith('extra ') || !place.startsWith('index ')) fail('it is no receipt');
  const { origin, size, root } = openCheckpoint(receipt.slice(split + 2), readPolicy(policy));
  const index = wholeNumber(place.slice(6));
  const opened = openedEvent(unbase64(extra.slice(6)));
  const { entry, event } = opened;
  const path = hashes.map((line) => {
    const one = unbase64(line);
    return one.length === 32 ? one : fail('the proof has a hash of another length');
  });
  if (index >= size || !rootOf(sha256(bytes(0), entry), index, size, path).equals(root))
    fail('the event is not in the log');
  const number = event.readBigUInt64LE(0);
  if (number !== BigInt(index) + 1n) fail(`event ${number} stands at index ${index}`);
  const uetr = uetrOf(event);
  const kind = event.readUInt16LE(24);
  const at = new Date(Number(event.readBigInt64LE(16))).toISOString();
  const became = `${KINDS[kind] ?? `an event of kind ${kind}`} at ${at}, ${event.readBigInt64LE(72)} minor units`;
  return `payment ${uetr} of event ${number} is in ${origin}, of ${size} events: ${became} (${senderOf(opened, uetr, names, origin)})`;
}

/** Names in a text are whoever's: none of them steers the terminal. */
const printable = (text) =>
  text.replace(/[^\P{C}]/gu, (sign) => `\\u${sign.codePointAt(0).toString(16).padStart(4, '0')}`);

/** As the command: 0 where it holds, 1 where it does not, 2 where there is nothing to check. */
function main([file, policy, names, ...more]) {
  if (policy === undefined || more.length > 0)
    return [
      'node verify-receipt.mjs FILE.tlog-proof POLICY [NAMES]: expected two or three files',
      2,
    ];
  let texts;
  try {
    texts = [file, policy].map((one) => readFileSync(one, 'utf8'));
    readPolicy(texts[1]);
    if (names !== undefined) texts.push(JSON.parse(readFileSync(names, 'utf8')) ?? {});
  } catch (error) {
    return [error.message, 2];
  }
  try {
    return [checkReceipt(...texts), 0];
  } catch (error) {
    return [`${file}: IT DOES NOT HOLD: ${error.message}`, 1];
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [said, code] = main(process.argv.slice(2));
  (code === 0 ? console.log : console.error)(printable(said));
  process.exitCode = code;
}
