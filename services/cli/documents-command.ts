import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { BadInput } from '../platform/exit-codes.ts';
import { writeNamedFile } from '../platform/service/named-output.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { type RecordedDocument, recordedDocuments } from '../scenario/recorded-documents.ts';
import { scenarioOf } from './export-to-pssimpy.ts';
import { refuseOverwrite } from './output-file.ts';

interface DocumentsFlags {
  readonly id?: string;
  readonly out?: string;
}

export function documentsCommand(): Command {
  return new Command('documents')
    .description(
      'print what attestors record in a scenario or a run, a line of JSON each, or one document to the byte, for corridor receipt and verify',
    )
    .argument('<scenario>', 'a scenario, or the folder of a run')
    .option('--id <id>', 'of one record: its document alone')
    .option('--out <file>', 'where it is written (default: the terminal)')
    .action(async (named: string, { id, out }: DocumentsFlags) => {
      const read: string[] = [named];
      const scenario = loadScenario(scenarioOf(named), {
        readFile: (path) => {
          read.push(path);
          return readFileSync(path, 'utf8');
        },
      });
      refuseOverwrite('--out', out, read);
      const documents = recordedDocuments(scenario);
      const text = id === undefined ? '' : textOf(documents, id, named);
      if (out !== undefined) writeNamedFile('--out', out, text);
      else process.stdout.write(text);
      if (id !== undefined) return;
      // There may be millions.
      const lines = Readable.from(linesOf(documents));
      if (out === undefined)
        await pipeline(lines, process.stdout, { end: false }).catch(unlessReaderGone);
      else await pipeline(lines, createWriteStream(out));
    });
}

/** What else is wrong with the terminal main.ts says. */
function unlessReaderGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function* linesOf(documents: Iterable<RecordedDocument>): Generator<string, void> {
  for (const one of documents) yield `${JSON.stringify(one)}\n`;
}

function textOf(documents: Iterable<RecordedDocument>, id: string, named: string): string {
  for (const one of documents) {
    if (one.id !== id) continue;
    if (one.text === null)
      throw new BadInput(
        `--id ${id}: expected a record with a text: ${named} has its digest alone`,
      );
    return one.text;
  }
  throw new BadInput(`--id ${id}: expected the id of a record of ${named}; without --id all are`);
}
