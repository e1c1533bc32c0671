import { pythonWith } from '../../services/platform/service/python-packages.ts';

/** As pythonWith, for a test, which is skipped with a line where there is none. */
export function pythonForTest(...packages: readonly string[]): {
  readonly program: string;
  readonly skip: string | false;
} {
  try {
    return { program: pythonWith(...packages), skip: false };
  } catch (error) {
    const [line] = (error as Error).message.split('\n');
    return { program: '', skip: `python3 with ${packages.join(', ')} is not here: ${line}` };
  }
}
