/** A run is sealed: what is changed in its folder is named, and a payment's receipt holds by itself. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { verifyProof } from '../../services/cli/verify-proof.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { createSigner, secretKeyPem } from '../../services/core/verification/signing.ts';
import { openCheckpoint, parsePolicy } from '../../services/evidence/cosigner-policy.ts';
import type { Opening } from '../../services/evidence/event-commitment.ts';
import { packedReceipt, type Receipt, receiptFrom } from '../../services/evidence/receipt.ts';
import { cosignNote, formatNote, parseNote } from '../../services/evidence/signed-note.ts';
import { formatTlogProof, parseTlogProof } from '../../services/evidence/tlog-proof.ts';
import { compiledCore, packageFolder } from '../../services/platform/service/build-info.ts';
import { type Uetr, uetrBytes } from '../../services/protocol/names/bic-and-uetr.ts';
import { payloadDigestHex, signingText } from '../../services/protocol/names/signing-text.ts';
import { PAYMENTS } from '../../services/protocol/names/topic-plan.ts';
import { isControl, readOriginal } from '../../services/protocol/records/input-record.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { Replay } from '../../services/replay/replay.ts';
import { replayRun } from '../../services/replay/replay-run.ts';
import { recordReceipt, runReceipt } from '../../services/run/run-receipt.ts';
import { RunSeal } from '../../services/run/run-seal.ts';
import { verifySeal } from '../../services/run/verify-seal.ts';
import { scenarioFile } from '../support/run.ts';
import { warmText as corridor, endWarmCorridor } from '../support/warm-corridor.ts';
import { quorumLines, witnessKeys } from '../support/witness-keys.ts';
import { someEvents } from './sample-log.ts';

/** Bits of each file that are changed, one at a time: its first, its last, and others anywhere. */
const FLIPS = process.env.CORRIDOR_LONG_TESTS === '1' ? 50 : 10;
/** Between the bits of a receipt that are changed. Seven has no divisor with eight: one of every byte at least. */
const STEP = process.env.CORRIDOR_LONG_TESTS === '1' ? 1 : 7;
const SEED = 19;

/** The programs of the documents: what they say, and how they end. */
const example =
  (by: string, name: string) =>
  (...args: string[]): { readonly code: number | null; readonly text: string } => {
    const program = join(packageFolder, 'docs/examples', name);
    const { status, stdout, stderr } = spawnSync(by, [program, ...args], { encoding: 'utf8' });
    return { code: status, text: stdout + stderr };
  };
const python = example('python3', 'verify_receipt.py');
const node = example(process.execPath, 'verify-receipt.mjs');

after(endWarmCorridor);

describe('a run that is sealed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-seal-'));
  const run = join(folder, 'smoke');
  const receipt = join(folder, 'a.tlog-proof');
  const policy = join(folder, 'policy');
  const names = join(run, 'evidence/names.json');
  let uetr = '';
  let forged = '';
  before(async () => {
    const { code, text } = await corridor('run', scenarioFile('smoke'), '--out', run);
    assert.equal(code, 0, text);
    cpSync(join(run, 'evidence/policy'), policy);
    const [head = '', ...rows] = readFileSync(join(run, 'payments.csv'), 'utf8').split('\n');
    const names = head.split(',');
    const cells = rows.map((row) => row.split(','));
    const uetrOf = (column: string, value: string) =>
      cells.find((row) => row[names.indexOf(column)] === value)?.[names.indexOf('uetr')] ?? '';
    uetr = uetrOf('status', 'ACSC');
    forged = uetrOf('reason', 'DS0B');
  });
  after(() => rmSync(folder, { recursive: true }));

  const files = () =>
    readdirSync(run, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(run.length + 1))
      .filter((path) => !path.startsWith('clickhouse/'));

  it('holds as it was written, also by sha256sum, and says whose keys that is by', async () => {
    const own = await corridor('verify', run);
    assert.equal(own.code, 0, own.text);
    assert.match(
      own.text,
      /it holds: \d+ files as sealed; input\.log gives the [\d,]+ events of pool/,
    );
    assert.match(
      own.text,
      /not sealed: clickhouse\/; by a key that the folder itself names \(corridor/,
    );
    const given = await corridor('verify', run, '--policy', policy);
    assert.equal(given.code, 0, given.text);
    assert.match(
      given.text,
      /; by the log corridor\.invalid\/sandbox-1\/run\/[0-9a-f]{16}\/files\+[0-9a-f]{8}\+\S+ of the policy\n$/,
    );
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'evidence/files.sha256'], {
      cwd: run,
    });
    const bad = await corridor('verify', run, '--policy', join(run, 'summary.json'));
    assert.equal(bad.code, 2, bad.text);
    assert.match(bad.text, /summary\.json: policy, line 1: \{ is no keyword/);
    writeFileSync(join(folder, 'other'), 'quorum none\n');
    const other = await corridor('verify', run, '--policy', join(folder, 'other'), '--json');
    assert.equal(other.code, 1);
    assert.match(
      JSON.parse(other.text).faults[0],
      /^evidence\/checkpoint: it is of the log .*\/files, expected that of a run, and the policy has none$/,
    );
  });

  it('names the file in which a bit was changed, of every kind', async () => {
    const paths = files();
    assert.ok(paths.length > 10, paths.join(' '));
    const random = xoroshiro128plus(SEED);
    for (const path of paths) {
      const file = join(run, path);
      const good = readFileSync(file);
      const [first, last] = [0, 8 * good.length - 1];
      for (let flip = 0; flip < FLIPS; flip += 1) {
        const bit = [first, last][flip] ?? uniformInt(random, first, last);
        const bad = Buffer.from(good);
        bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
        writeFileSync(file, bad);
        const { faults } = await verifySeal(run, null);
        writeFileSync(file, good);
        assert.ok(
          faults.some((fault) => fault.startsWith(`${path}:`)),
          `bit ${bit} of ${path}, flip ${flip} of seed ${SEED}: ${faults}`,
        );
      }
    }
    assert.deepEqual((await verifySeal(run, null)).faults, []);
  });

  it('names what is missing, added, cut, or taken from another run', async () => {
    const faultsOf = async () =>
      (await verifySeal(run, parsePolicy(readFileSync(policy, 'utf8')))).faults;
    const kept = join(folder, 'kept');
    cpSync(join(run, 'evidence'), kept, { recursive: true });
    const csv = join(run, 'payments.csv');
    const good = readFileSync(csv);
    rmSync(csv);
    assert.deepEqual(await faultsOf(), ['payments.csv: it is missing']);
    writeFileSync(csv, good.subarray(0, -1));
    assert.deepEqual(await faultsOf(), ['payments.csv: it is not the file that was sealed']);
    writeFileSync(csv, good);
    const more = join(run, 'evidence/pool/more');
    writeFileSync(more, '');
    assert.deepEqual(await faultsOf(), [
      'evidence/pool/more: it was not there when the run was sealed',
    ]);
    rmSync(more);
    for (const path of [
      'evidence/tile/0/zzz',
      'evidence/tile/zzz',
      '.writing',
      'log',
      'a\u001b[2J',
    ]) {
      writeFileSync(join(run, path), '');
      assert.deepEqual(await faultsOf(), [`${path}: it was not there when the run was sealed`]);
      if (path.startsWith('a'))
        assert.match(
          (await corridor('verify', run, '--policy', policy)).text,
          /HOLD: a\\u001b\[2J: it was/,
        );
      rmSync(join(run, path));
    }
    for (const path of ['payments.csv', 'evidence/tile/entries/000.p/16', 'evidence/checkpoint']) {
      const file = join(
        run,
        path.replace('16', readdirSync(join(run, 'evidence/tile/entries/000.p'))[0] as string),
      );
      const bytes = readFileSync(file);
      rmSync(file);
      mkdirSync(file);
      const [fault = '', ...others] = await faultsOf();
      rmSync(file, { recursive: true });
      writeFileSync(file, bytes);
      assert.match(fault, /^[\w./]+: it is no file$/);
      assert.ok(fault.startsWith(file.slice(run.length + 1)) && others.length === 0, fault);
    }
    const checkpoint = join(run, 'evidence/checkpoint');
    const note = readFileSync(checkpoint, 'utf8');
    const [own = ''] = note.split('\n').slice(-2);
    for (const line of [own, `— x ${Buffer.alloc(68).toString('base64')}`]) {
      appendFileSync(checkpoint, `${line}\n`);
      const [fault = ''] = await faultsOf();
      writeFileSync(checkpoint, note);
      assert.match(fault, /^evidence\/checkpoint: it has 2 signatures, expected 1/);
    }
    rmSync(checkpoint);
    const without = await corridor('verify', run, '--policy', policy);
    assert.equal(without.code, 1, without.text);
    assert.match(without.text, /IT DOES NOT HOLD: evidence\/checkpoint: it is missing/);
    assert.equal((await corridor('verify', run)).code, 1);
    // Of an empty log of the run everything would hold.
    cpSync(join(run, 'evidence/pool/main/checkpoint'), checkpoint);
    cpSync(join(run, 'evidence/pool/main/tile'), join(run, 'evidence/tile'), { recursive: true });
    assert.match(
      (await faultsOf()).join(),
      /^evidence\/checkpoint: it is of the log .*\/pool\/main, expected .*\/files$/,
    );
    rmSync(join(run, 'evidence'), { recursive: true });
    assert.equal((await corridor('verify', run)).code, 2);
    assert.equal((await corridor('verify', run, '--policy', policy)).code, 1);
    cpSync(kept, join(run, 'evidence'), { recursive: true });
    // Sealed anew by whoever can write there: by its own keys it holds, by those that were kept it does not.
    const again = join(folder, 'again');
    await corridor('run', scenarioFile('smoke'), '--results', 'tables', '--out', again);
    assert.deepEqual((await verifySeal(again, null)).faults, []);
    const [fault = ''] = (await verifySeal(again, parsePolicy(readFileSync(policy, 'utf8'))))
      .faults;
    assert.match(fault, /^evidence\/checkpoint: it is of the log .*\/files, expected .*\/files$/);
    const logs = readFileSync(join(again, 'evidence/policy'), 'utf8').replace('quorum none\n', '');
    writeFileSync(join(folder, 'both'), `${logs}${readFileSync(policy, 'utf8')}`);
    const both = await corridor('verify', again, '--policy', join(folder, 'both'));
    assert.equal(both.code, 2, both.text);
    const ofBoth = parsePolicy(readFileSync(join(folder, 'both'), 'utf8'));
    for (const one of [run, again])
      await assert.rejects(verifySeal(one, ofBoth), { name: 'BadInput', message: /of 2 runs/ });
    assert.match(both.text, /believes the logs of 2 runs \(.*\); expected those of the one that/);
    assert.deepEqual(await faultsOf(), []);
  });

  it('tells events that are sealed and that its input does not give', async () => {
    const other = join(folder, 'other-events');
    cpSync(run, other, { recursive: true, filter: (path) => !path.endsWith('/clickhouse') });
    rmSync(join(other, 'evidence'), { recursive: true });
    const seal = new RunSeal(other, 'sandbox-1');
    seal.take('main', someEvents(10));
    await seal.finish();
    assert.deepEqual((await verifySeal(other, null)).faults, [
      'evidence/pool/main/checkpoint: it is not of the events that input.log gives',
    ]);
  });

  it('is audited: proven, settled again, and cosigned under the auditor’s own key', async () => {
    const name = 'corridor.example/auditor/CENTRAL';
    const key = join(folder, 'auditor.pem');
    writeFileSync(key, secretKeyPem(Buffer.alloc(32, 5)), { mode: 0o400 });
    const state = join(folder, 'audited');
    const own = ['--key', key, '--name', name, '--state', state];
    const { code, text } = await corridor('audit', run, '--policy', policy, ...own, '--json');
    assert.equal(code, 0, text);
    const { fault, pools, proven, auditor } = JSON.parse(text);
    assert.equal(fault, null);
    assert.equal(pools[0].events, pools[0].sealed.size);
    assert.ok(proven.payment > 0 && proven.genesis === 1, text);
    const lines = readFileSync(policy, 'utf8').replace('quorum none\n', '');
    const asked = parsePolicy(`${lines}witness central ${auditor}\nquorum central\n`);
    const cosigned = openCheckpoint(readFileSync(join(state, 'main.checkpoint'), 'utf8'), asked);
    assert.equal(cosigned.size, pools[0].events);
    const half = await corridor('audit', run, '--policy', policy, '--key', key);
    assert.deepEqual([half.code, half.text.split('\n').length], [2, 2], half.text);
    assert.match(half.text, /expected --key, --name and --state together/);
  });

  it('is audited to the first event that its operator sealed otherwise', async () => {
    const pieces: Uint8Array[] = [];
    const replay = new Replay(
      () => createSettlement(compiledCore()),
      null,
      ({ batch }) => pieces.push(batch.events),
    );
    await replayRun(run, replay);
    const events = Buffer.concat(pieces);
    const place = Buffer.from(uetrBytes(uetr as Uetr));
    const at = events.indexOf(place) - (events.indexOf(place) % 128);
    const number = at / 128 + 1;
    events.writeUInt8(events.readUInt8(at + 100) ^ 1, at + 100);
    const rogue = join(folder, 'rogue');
    mkdirSync(rogue);
    cpSync(join(run, 'input.log'), join(rogue, 'input.log'));
    const seal = new RunSeal(rogue, 'sandbox-1');
    seal.take('main', events);
    await seal.finish();
    const { code, text } = await corridor(
      'audit',
      rogue,
      '--policy',
      join(rogue, 'evidence/policy'),
    );
    assert.equal(code, 1, text);
    assert.match(
      text,
      new RegExp(`IT DIFFERS: event ${number} \\(\\w+, payment ${uetr}\\): the input`),
    );
  });

  it('gives a receipt that holds by itself, hides balances, and says what was paid', async () => {
    const { code, text } = await corridor('receipt', uetr, '--run', run, '--out', receipt);
    assert.equal(code, 0, text);
    const holds = await corridor('verify', receipt, '--policy', policy);
    assert.equal(holds.code, 0, holds.text);
    assert.match(
      holds.text,
      new RegExp(`it holds: payment ${uetr} settled at .* as \\w+ signed it with the key`),
    );
    const { extra } = parseTlogProof(readFileSync(receipt, 'utf8'));
    assert.equal(receiptFrom(extra as Buffer)?.opening.form, 'closed');
    const open = join(folder, 'open.tlog-proof');
    assert.equal(
      (await corridor('receipt', uetr, '--run', run, '--out', open, '--balances')).code,
      0,
    );
    assert.equal((await corridor('verify', open, '--policy', policy)).code, 0);
    assert.ok(statSync(open).size > statSync(receipt).size);
    assert.match(
      holds.text,
      /its type and amounts were compared; its banks and currencies were not: --names FILE says .*; all else in the message, such as payee, .* is its sender’s word alone/,
    );
    const named = await corridor('verify', receipt, '--policy', policy, '--names', names);
    assert.equal(named.code, 0, named.text);
    assert.match(
      named.text,
      /; its type, amounts, currencies, banks and dealer were compared; all else in the message, .* sender’s word alone: entry/,
    );
    assert.doesNotMatch(named.text, /not compared|were not/);
    const json = await corridor('verify', receipt, '--policy', policy, '--names', names, '--json');
    const { log, index, event, message, compared, notCompared, ...rest } = JSON.parse(json.text);
    assert.deepEqual(rest, { proof: receipt, holds: true, faults: [] });
    assert.match(log.origin, /^corridor\.invalid\/sandbox-1\/run\/[0-9a-f]{16}\/pool\/main$/);
    assert.deepEqual(
      [event.uetr, event.kind, event.pool, Number(event.number)],
      [uetr, 'settled', 'main', index + 1],
    );
    assert.ok(Number(event.amountMinor) > 0 && /^[A-Z]{3}$/.test(event.currency), json.text);
    assert.ok(named.text.includes(`as ${message.sender} signed it with the key ${message.keyId}`));
    assert.ok(named.text.includes(` settled at ${event.time}, ${event.amountMinor} minor units`));
    assert.ok(named.text.includes(`(public key ${message.publicKey}:`));
    assert.ok(compared.includes('dealer') && compared.includes('amount'), json.text);
    assert.deepEqual(notCompared, ['payloadDigest', 'publicKey']);
    for (const [file, message] of [
      [receipt, /it is no JSON; expected names\.json of a sealed run, with pool main/],
      [join(run, 'summary.json'), /it has no names of that pool/],
    ] as const) {
      const refused = await corridor('verify', receipt, '--policy', policy, '--names', file);
      assert.equal(refused.code, 2, refused.text);
      assert.match(refused.text, message);
    }
    for (const [args, message] of [
      [['receipt', 'x', '--run', run], /UETR x: expected a UUID/],
      [['receipt', uetr, '--run', folder], /--run .*: expected a run that is sealed/],
      [
        ['receipt', uetr, '--run', join(folder, 'nope')],
        /--run .*nope: there is no such folder; expected a run that is sealed/,
      ],
      [['receipt', uetr.replace(/.$/, 'g'), '--run', run], /expected a UUID/],
      [['receipt', '00000000-0000-4000-8000-000000000000', '--run', run], /no payment 0000/],
      [['receipt', uetr, '--run', run, '--out', join(folder, 'no/a')], /can be written \(ENOENT\)/],
    ] as const) {
      const refused = await corridor(...args);
      assert.equal(refused.code, 2, refused.text);
      assert.match(refused.text, message);
    }
  });

  it('hands out no receipt that would not hold, and names the day’s key where that is wrong', async () => {
    const other = join(folder, 'other-key');
    cpSync(run, other, { recursive: true, filter: (path) => !path.endsWith('/clickhouse') });
    const out = join(folder, 'not-written.tlog-proof');
    const receiptHere = () => corridor('receipt', uetr, '--run', other, '--out', out);
    const keys = join(other, 'evidence/day-keys.json');
    const good = readFileSync(keys, 'utf8');
    writeFileSync(keys, JSON.stringify({ '2026-03-16': '0'.repeat(64) }));
    const wrong = await receiptHere();
    assert.equal(wrong.code, 2, wrong.text);
    assert.match(
      wrong.text,
      /evidence\/day-keys\.json: by its key of 2026-03-16 event \d+ of pool main is not what is sealed; expected the key of that day/,
    );
    const audited = await corridor('audit', other, '--policy', policy);
    assert.equal(audited.code, 1, audited.text);
    assert.match(audited.text, /of another, or of this one by another key of 2026-03-16 than the/);
    writeFileSync(keys, good);
    const checkpoint = join(other, 'evidence/pool/main/checkpoint');
    const note = readFileSync(checkpoint, 'utf8');
    writeFileSync(checkpoint, note.replace(/.{8}\n$/, 'AAAAAA==\n'));
    const unsigned = await receiptHere();
    assert.equal(unsigned.code, 2, unsigned.text);
    assert.match(unsigned.text, /--run .*other-key: its receipt would not hold \(.*signature/);
    assert.equal(existsSync(out), false);
    writeFileSync(checkpoint, note);
    assert.equal((await receiptHere()).code, 0);
  });

  it('has no receipt of what was refused as not authentic, and says why', async () => {
    assert.match(forged, /-/);
    await assert.rejects(runReceipt(run, forged as Uetr, 'closed'), {
      name: 'BadInput',
      message: `${run}: no payment ${forged} settled, was rejected, cancelled or unwound there; what came under this UETR was refused as not authentic (signatureInvalid): nobody is known to have sent it, so it has no receipt`,
    });
  });

  it('has no receipt with a message of other terms, though its bank signed it', async () => {
    const rows = readFileSync(join(run, 'payments.csv'), 'utf8').split('\n').slice(1);
    const isConverted = ([, , , status, , , , , , , dealer]: string[]) =>
      status === 'ACSC' && dealer !== '';
    const [, , converted = ''] = rows.map((row) => row.split(',')).find(isConverted) ?? [];
    const proof = parseTlogProof(await runReceipt(run, converted as Uetr, 'closed'));
    const { opening, message } = receiptFrom(proof.extra as Buffer) as Receipt;
    assert.ok(message);
    const said = Buffer.from(message.payload).toString();
    const signer = createSigner(Buffer.alloc(32, 41));
    /** Under a key of the forger's, which may as well be a bank that signs twice. */
    const forged = async (change: (text: string) => string, headers = message.headers) => {
      const payload = Buffer.from(change(said));
      const text = signingText({
        ...{ network: message.network, topic: PAYMENTS, messageType: headers.ce_type as string },
        ...{ sender: headers.ce_source as string, keyId: headers.ce_keyid as string },
        ...{ id: headers.ce_id as string, issuedAtMs: headers.ce_issuedatms as string },
        payloadDigest: payloadDigestHex(payload),
      });
      const ce_signature = Buffer.from(signer.sign(text)).toString('base64');
      const publicKey = Buffer.from(signer.publicKey).toString('hex');
      const other = { ...message, publicKey, headers: { ...headers, ce_signature }, payload };
      const file = join(folder, 'forged.tlog-proof');
      const extra = packedReceipt({ opening, message: other });
      writeFileSync(file, formatTlogProof({ ...proof, extra }));
      const ended = await corridor('verify', file, '--policy', policy, '--names', names);
      for (const program of [python, node])
        assert.equal(program(file, policy, names).code, ended.code, ended.text);
      return ended;
    };
    assert.equal((await forged((text) => text)).code, 0);
    const [, currency = '', amount = ''] =
      /"InstdAmt":{"Ccy":"(\w+)","Amt":"([\d.]+)"}/.exec(said) ?? [];
    const [settled = '', settledIn = '', second = ''] =
      /"IntrBkSttlmAmt":{"Ccy":"(\w+)","Amt":"([\d.]+)"}/.exec(said) ?? [];
    const [, dealer = ''] = /"IntrmyAgt1":{"FinInstnId":{"BICFI":"(\w+)"/.exec(said) ?? [];
    const [, creditor = ''] = /"CdtrAgt":{"FinInstnId":{"BICFI":"(\w+)"/.exec(said) ?? [];
    const { main } = JSON.parse(readFileSync(names, 'utf8'));
    const sender = message.headers.ce_source as string;
    const stranger = main.participants
      .map(({ bic }: { bic: string }) => bic)
      .find((bic: string) => ![creditor, sender, dealer].includes(bic));
    assert.ok(amount && creditor && dealer && second && stranger);
    const cases: readonly (readonly [Awaited<ReturnType<typeof forged>>, RegExp])[] = [
      [
        await forged((text) => text.replace(`"Amt":"${amount}"`, `"Amt":"9${amount}"`)),
        /says 9\d+ as amount, the event \d+/,
      ],
      [await forged((text) => text.replace(creditor, stranger)), /as creditor’s agent, the event/],
      [await forged((text) => text.replace(dealer, stranger)), /as dealer, the event/],
      [await forged((text) => text.replace(dealer, 'EVILSG00')), /says EVILSG00 as dealer, the ev/],
      [
        await forged((text) => text.replace(second, `9${second}`)),
        /says 9\d+ as amount credited, the event \d+/,
      ],
      [
        // As if it were of one currency, from bank to bank.
        await forged((text) =>
          text
            .replace(settled, `"IntrBkSttlmAmt":{"Ccy":"${currency}","Amt":"${amount}"}`)
            .replace(/"InstdAmt":{[^}]*},"XchgRate":"[^"]*",/, '')
            .replace(/"IntrmyAgt1":{"FinInstnId":{"BICFI":"\w+"}},/, ''),
        ),
        /says 0 as amount credited, the event \d+/,
      ],
      [
        await forged((text) => text.replaceAll(sender, stranger), {
          ...message.headers,
          ce_source: stranger,
        }),
        /as debtor’s agent, the event/,
      ],
      [
        await forged((text) =>
          text.replace(/"Ccy":"(\w+)"/g, (_, one) =>
            one === currency ? `"Ccy":"${settledIn}"` : `"Ccy":"${currency}"`,
          ),
        ),
        /says \w+ as currency, the event/,
      ],
      [await forged((text) => text.slice(1)), /its message cannot be read/],
      [
        await forged((text) => text, {
          ...message.headers,
          ce_id: '00000000-0000-4000-8000-000000000000',
        }),
        /its message is of 00000000/,
      ],
    ];
    for (const [{ code, text }, expected] of cases) {
      assert.equal(code, 1, text);
      assert.match(text, expected);
    }
  });

  it('has receipts of which no bit can be changed', () => {
    const bytes = readFileSync(receipt);
    assert.match(verifyProof(receipt, bytes.toString(), { policy }).said, /signed it with the key/);
    const held: number[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit += STEP) {
      const mask = 1 << (bit & 7);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ mask;
      try {
        verifyProof(receipt, bytes.toString(), { policy });
        held.push(bit);
      } catch (error) {
        assert.match((error as Error).name, /^(EvidenceFault|BadInput)$/, `bit ${bit}: ${error}`);
      }
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ mask;
    }
    assert.deepEqual(held, []);
  });

  it('has receipts of which no bit can be changed, to the one file for Node either', async () => {
    const { checkReceipt } = (await import(
      pathToFileURL(join(packageFolder, 'docs/examples/verify-receipt.mjs')).href
    )) as { checkReceipt: (receipt: string, policy: string) => string };
    const believed = readFileSync(policy, 'utf8');
    const bytes = readFileSync(receipt);
    assert.match(
      checkReceipt(bytes.toString(), believed),
      new RegExp(
        `^payment ${uetr} of event \\d+ is in corridor.*\\(signed by \\w+ with [0-9a-f]{64}:`,
      ),
    );
    const held: number[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit += STEP) {
      const bad = Buffer.from(bytes);
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        checkReceipt(bad.toString(), believed);
        held.push(bit);
      } catch {}
    }
    assert.deepEqual(held, []);
  });

  it('has receipts that programs of the documents check, and refuse changed', async () => {
    /** What both say; they refuse in words of their own. */
    const check = (file: string, policy: string) => {
      const [said, other] = [python(file, policy), node(file, policy)];
      assert.equal(other.code, said.code, other.text);
      if (said.code !== 0) return `FAILED ${said.text}`;
      assert.equal(other.text, said.text.replace('+00:00,', 'Z,'));
      return said.text;
    };
    assert.match(
      check(receipt, policy),
      new RegExp(`^payment ${uetr} of event \\d+ is in corridor`),
    );
    assert.match(check(receipt, policy), /\(signed by \w+ with [0-9a-f]{64}: compare/);
    const became = / settled at (.{23})Z, (\d+) minor units/;
    const [, at, amount] =
      became.exec((await corridor('verify', receipt, '--policy', policy)).text) ?? [];
    assert.ok(check(receipt, policy).includes(`: settled at ${at}+00:00, ${amount} minor units (`));
    // It counts witnesses: two of three, as each of those who sign.
    const proof = parseTlogProof(readFileSync(receipt, 'utf8'));
    const note = parseNote(proof.checkpoint);
    const banks = witnessKeys(50, 'a', 'b', 'c');
    const [believed = ''] = readFileSync(policy, 'utf8').split('quorum');
    const two = join(folder, 'two');
    writeFileSync(two, `# two\n${believed}${quorumLines(banks, 2)}`);
    const witnessed = join(folder, 'witnessed.tlog-proof');
    for (const count of [0, 1, 2, 3]) {
      const added = banks
        .slice(0, count)
        .map(({ name, signer }) => cosignNote(note.text, name, signer, 1_773_700_000n));
      const checkpoint = formatNote({ ...note, signatures: [...note.signatures, ...added] });
      writeFileSync(witnessed, formatTlogProof({ ...proof, checkpoint }));
      assert.match(check(witnessed, two), count < 2 ? /fewer witnesses signed/ : /^payment/);
    }
    const text = readFileSync(receipt);
    const bad = join(folder, 'bad.tlog-proof');
    // The last is within the payment, behind the opening.
    for (const at of [60, text.indexOf('index ') + 20, text.length - 30, 1_200]) {
      const flipped = Buffer.from(text);
      flipped[at] = (flipped[at] as number) ^ 1;
      writeFileSync(bad, flipped);
      assert.match(check(bad, policy), /^FAILED .*: IT DOES NOT HOLD: [^\n]+\n$/, `${at}`);
      assert.notEqual((await corridor('verify', bad, '--policy', policy)).code, 0, `${at}`);
    }
  });

  it('is told by those programs in one line what it cannot read', () => {
    const put = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const lines = readFileSync(receipt, 'utf8').split('\n');
    const changed = (at: number, line: string) =>
      put(`${at}-${line.length}.tlog-proof`, lines.with(at, line).join('\n'));
    for (const [args, code, message] of [
      [[receipt], 2, /: expected two or three files$/],
      [[join(folder, 'none'), policy], 2, /none: it cannot be read: No such file/],
      [[receipt, put('bytes', '')], 2, /^policy .*: the policy has no quorum$/],
      [[receipt, put('short', 'log x\n')], 2, /^policy .*short: line 1: it cannot be read/],
      [[receipt, put('word', '# a\nlogs x\n')], 2, /: logs x: no line of a policy$/],
      [[receipt, put('nobody', 'group g 1 none\nquorum g\n')], 2, /g 1 none: no such group$/],
      [[policy, policy], 1, /HOLD: its first line is 'log .*, expected c2sp\.org\/tlog-proof@v1$/],
      [[put('empty', ''), policy], 1, /HOLD: its first line is ''/],
      [[changed(1, 'extra'), policy], 1, /HOLD: the proof: it cannot be read/],
      [[changed(1, 'extra \u001b[2J'), policy], 1, /HOLD: the proof: it cannot be read/],
      [
        [changed(1, 'extra AwQFBgcI'), policy],
        1,
        /HOLD: the extra line has no opening of an event$/,
      ],
      [[changed(2, 'index'), policy], 1, /HOLD: the proof: it cannot be read/],
      [[changed(lines.indexOf('') + 2, 'x'), policy], 1, /HOLD: the checkpoint: it cannot be read/],
    ] as const) {
      const ended = python(...args);
      assert.deepEqual([ended.code, ended.text.split('\n').length], [code, 2], ended.text);
      assert.match(ended.text.trim(), message);
      const other = node(...args);
      assert.deepEqual([other.code, other.text.split('\n').length], [code, 2], other.text);
    }
  });
});

describe('a receipt of a payment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-receipts-'));
  after(() => rmSync(folder, { recursive: true }));
  const run = async (name: string, ...how: string[]) => {
    const out = join(folder, name);
    const { code, text } = await corridor('run', scenarioFile(name), '--out', out, ...how);
    assert.equal(code, 0, text);
    const [head = '', ...rows] = readFileSync(join(out, 'payments.csv'), 'utf8').trim().split('\n');
    const names = head.split(',');
    const payments = rows.map((row) => {
      const cells = row.split(',');
      return (name: string) => cells[names.indexOf(name)] ?? '';
    });
    const verified = async (uetr: string, flags: object = {}) =>
      verifyProof('r', await runReceipt(out, uetr as Uetr, 'closed'), {
        policy: join(out, 'evidence/policy'),
        ...flags,
      }).said;
    const said = async (uetr: string, ...names: string[]) => {
      const file = join(folder, 'said.tlog-proof');
      writeFileSync(file, await runReceipt(out, uetr as Uetr, 'closed'));
      const args = [file, join(out, 'evidence/policy'), ...names];
      const { code, text } = python(...args);
      assert.deepEqual(node(...args), { code, text: text.replace('+00:00,', 'Z,') });
      return text;
    };
    return { out, payments, verified, said };
  };

  it('that was returned is of the payment', async () => {
    const returns = '[{ participant: ALFADE00, every: 1 }, { participant: BETASG00, every: 1 }]';
    const { out, payments, verified } = await run('smoke', '--set', `events.returns=${returns}`);
    const returned = new Set<string>();
    await runInputs(out).read((_pool, _at, value) => {
      if (isControl(value)) return true;
      const { headers, payload } = readOriginal(value);
      const [, uetr] = /"OrgnlUETR":"([0-9a-f-]{36})"/.exec(Buffer.from(payload).toString()) ?? [];
      if (headers.ce_type === 'pacs.004.001.09' && uetr) returned.add(uetr);
      return true;
    });
    const settled = payments.filter(
      (cell) => cell('status') === 'ACSC' && returned.has(cell('uetr')),
    );
    assert.ok(settled.length > 20, `${settled.length}`);
    for (const cell of [settled[0], settled.at(-1)]) {
      const uetr = cell?.('uetr') ?? '';
      assert.match(
        await verified(uetr),
        new RegExp(`^payment ${uetr} settled at .* signed it with`),
      );
    }
  });

  it('that is a leg of a PvP, or of a chain over two pools, has what the event has', async () => {
    for (const [name, type] of [
      ['linked-gridlock', 'corridor.pvp.1'],
      ['two-pools', 'corridor.chain.1'],
    ] as const) {
      const { out, payments, verified, said } = await run(name);
      const names = join(out, 'evidence/names.json');
      for (const status of ['ACSC', 'CANC']) {
        const found = payments.find(
          (cell) => cell('messageType') === type && cell('status') === status,
        );
        const uetr = found?.('uetr') ?? '';
        assert.match(await verified(uetr, { names }), /; its type, amounts, currencies, banks and/);
        assert.match(await verified(uetr), /were not: --names FILE|not compared: --names FILE has/);
        assert.match(await said(uetr, names), /; its type, amounts, currencies, banks and dealer/);
      }
    }
  });

  it('that was refused is compared whole, by its digest', async () => {
    const { out, payments, verified, said } = await run('netting-default');
    const uetr = payments.find((cell) => cell('status') === 'RJCT')?.('uetr') ?? '';
    assert.match(
      await verified(uetr),
      /rejected at .*; its whole message was compared, by its dig/,
    );
    assert.match(
      await said(uetr),
      /: rejected at .*; its whole message was compared, by its diges/,
    );
    const proof = parseTlogProof(await runReceipt(out, uetr as Uetr, 'closed'));
    assert.equal(receiptFrom(proof.extra as Buffer)?.opening.form, 'open');
  });

  it('that was unwound in an unsigned run says so, and that no bank signed it there', async () => {
    const { payments, verified, said } = await run('netting-default', '--no-signatures');
    const unwound = payments.find((cell) => cell('reason') === 'AG10' && cell('status') === 'CANC');
    const uetr = unwound?.('uetr') ?? '';
    assert.match(
      await verified(uetr),
      new RegExp(`^payment ${uetr} unwound at .* minor units, with no message of its bank: entry`),
    );
    assert.match(await said(uetr), /: unwound at \S+, [1-9]\d+ minor units \(no message\)\n$/);
  });
});

describe('a receipt of a record', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corridor-record-'));
  after(() => rmSync(folder, { recursive: true }));
  const put = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const INVOICE = 'Invoice 2026-77, anchor to tier 1, EUR 1,000,000.00, due 2026-06-15';
  const digestOf = (text: string) => createHash('sha256').update(text).digest();

  it('shows when a document was recorded first and by whom, to who has the document; another proves nothing', async () => {
    const out = join(folder, 'run');
    const made = await corridor('run', scenarioFile('supply-chain-finance'), '--out', out);
    assert.equal(made.code, 0, made.text);
    const [invoice, other] = [put('invoice.txt', INVOICE), put('other.txt', `${INVOICE} `)];
    const [policy, names] = ['policy', 'names.json'].map((name) => join(out, 'evidence', name));
    assert.ok(policy && names);
    const again = await corridor('documents', out, '--id', 'INV-77');
    assert.deepEqual([again.code, again.text], [0, INVOICE]);
    const all = await corridor('documents', out);
    assert.deepEqual(
      all.text.split('\n').map((line) => line && JSON.parse(line).id),
      ['record-1', 'INV-77', ''],
    );
    const none = await corridor('documents', out, '--id', 'INV-78');
    assert.equal(none.code, 2);
    assert.match(none.text, /--id INV-78: expected the id of a record of /);
    const file = join(folder, 'invoice.tlog-proof');
    const told = await corridor('receipt', '--document', invoice, '--run', out, '--out', file);
    assert.equal(told.code, 0, told.text);
    assert.match(told.text, /bytes; it was recorded 2 times, and this is the first\n$/);
    const holds = await corridor('verify', file, '--policy', policy, '--document', invoice);
    assert.equal(holds.code, 0, holds.text);
    assert.match(
      holds.text,
      /it holds: the document .*invoice\.txt was recorded at 2026-03-16T07:30:00\.000Z \(invoice\), as REGIDE00 signed it with the key /,
    );
    assert.match(holds.text, /its attestor was not compared: --names FILE/);
    const proof = readFileSync(file, 'utf8');
    const verified = (flags: object, text = proof) =>
      verifyProof('r', text, { policy, ...flags }).said;
    assert.match(verified({ names, document: invoice }), /; its attestor was compared: entry/);
    assert.match(
      verified({ names }),
      new RegExp(
        `^a document whose SHA-256 is ${digestOf(INVOICE).toString('hex')} was recorded at .*; its attestor was compared; the document was not compared: --document FILE: entry`,
      ),
    );
    assert.throws(
      () => verified({ document: other }),
      /other\.txt has the digest [0-9a-f]{64}, recorded was/,
    );
    await assert.rejects(recordReceipt(out, digestOf('another')), /no record has the digest/);

    // What else an attestor may have signed under the same id says nothing of this event.
    const parsed = parseTlogProof(proof);
    const { opening, message } = receiptFrom(parsed.extra as Buffer) as Receipt;
    assert.ok(message && opening.form === 'open');
    const signer = createSigner(Buffer.alloc(32, 43));
    const forged = (
      change: (text: string) => string,
      headers = message.headers,
      shown: Opening = opening,
      flags: object = { names },
    ) => {
      const payload = Buffer.from(change(Buffer.from(message.payload).toString()));
      const text = signingText({
        ...{ network: message.network, topic: PAYMENTS, messageType: headers.ce_type as string },
        ...{ sender: headers.ce_source as string, keyId: headers.ce_keyid as string },
        ...{ id: headers.ce_id as string, issuedAtMs: headers.ce_issuedatms as string },
        payloadDigest: payloadDigestHex(payload),
      });
      const ce_signature = Buffer.from(signer.sign(text)).toString('base64');
      const publicKey = Buffer.from(signer.publicKey).toString('hex');
      const changed = { ...message, publicKey, headers: { ...headers, ce_signature }, payload };
      const extra = packedReceipt({ opening: shown, message: changed });
      return verified(flags, formatTlogProof({ ...parsed, extra }));
    };
    const [digest, another] = [digestOf(INVOICE), digestOf('another')].map((one) =>
      one.toString('hex'),
    );
    assert.ok(digest && another);
    assert.match(
      forged((text) => text),
      /^a document whose/,
    );
    const { headers } = message;
    for (const [what, tell, expected] of [
      ['digest', () => forged((text) => text.replace(digest, another)), /as digest, the event/],
      [
        'counter',
        () => forged((text) => text.replace('"Knd"', '"Cntr":"7","Knd"')),
        /says 7 as counter, the event 0/,
      ],
      [
        'sender',
        () => forged((text) => text, { ...headers, ce_source: 'CARRDE00' }),
        /as attestor|cannot be read/,
      ],
      [
        'attestor',
        () =>
          forged((text) => text.replaceAll('REGIDE00', 'CARRDE00'), {
            ...headers,
            ce_source: 'CARRDE00',
          }),
        /says CARRDE00 as attestor, the event REGIDE00/,
      ],
      [
        'id',
        () => forged((text) => text, { ...headers, ce_id: 'another' }),
        /its message is of another/,
      ],
    ] as const)
      assert.throws(tell, expected, what);
    // An opening that hides the digest leaves nothing to hold a document against, whatever is signed beside it.
    const { salts, event } = opening;
    const hidden = createHash('sha256').update('bal1').update(salts.subarray(16));
    const closed: Opening = {
      ...{ form: 'closed', salt: salts.subarray(0, 16), shown: event.subarray(0, 96) },
      hidden: hidden.update(event.subarray(96)).digest(),
    };
    for (const [change, document] of [
      [(text: string) => text.replace(digest, digestOf(`${INVOICE} `).toString('hex')), other],
      [(text: string) => text, invoice],
    ] as const)
      for (const flags of [{ names, document }, { document }, {}])
        assert.throws(
          () => forged(change, headers, closed, flags),
          /^EvidenceFault: it shows no digest of a document$/,
        );
    const unsigned = formatTlogProof({
      ...parsed,
      extra: packedReceipt({ opening, message: null }),
    });
    assert.match(
      verified({}, unsigned),
      new RegExp(
        `^a document whose SHA-256 begins with ${digest.slice(0, 40)} was recorded at .*, with no message of its attestor; the document was`,
      ),
    );
    assert.match(
      verified({ document: invoice }, unsigned),
      /^the document .*invoice\.txt was recorded/,
    );
    assert.throws(() => verified({ document: other }, unsigned), /recorded was/);

    const uetr = readFileSync(join(out, 'payments.csv'), 'utf8').match(
      /[0-9a-f-]{36}/,
    )?.[0] as Uetr;
    const payment = await runReceipt(out, uetr, 'closed');
    assert.throws(
      () => verified({ document: invoice }, payment),
      /expected with the receipt of a record/,
    );
    for (const [args, expected] of [
      [[], /expected a UETR, or --document FILE/],
      [['--document', invoice], /--document: expected with --run DIR/],
      [['--document', invoice, '--run', out, '--balances'], /expected with --run and --out alone/],
      [
        ['--document', join(folder, 'none'), '--run', out],
        /--document .*none: .*; expected the document/,
      ],
    ] as const) {
      const refused = await corridor('receipt', ...args);
      assert.equal(refused.code, 2, refused.text);
      assert.match(refused.text, expected);
    }
  });
});
