// A loop over no vectors asserts nothing, and passes. The build marks the loops of a test file that assert
// or make tests: `for ... of`, `for await`, and calls of forEach, map and flatMap. A test file that the
// build did not write is marked by the hook for loading modules, which every import then passes through.
// scripts/test-hangs-and-false-passes.mjs fails the file where one that was reached never had a turn. Not found are loops
// that assert by a function of another name, loops over an index, and those that had a turn once and
// none when they were reached again: atLeast (tests/support/at-least.ts) is for these.

/** Begins what was marked, on the line that is the first. */
export const MARK = '/* loops are marked */ ';
/** Outside of a test nobody counts. */
const UNCOUNTED = '{ over: (_, cases) => cases, called: (_, ...all) => all }';
export const isTestCode = (place) => /\.test\.m?js$|\/dist\/tests\/.*\.js$/.test(place);

const LOOP = /\bfor (?:await )?\((?:const|let) (?:[\w$]+|[[{][^;]*?[\]}]) of /g;
const CALL = /\.(?:forEach|map|flatMap)\(/g;
/** A regular expression has a method `test` too, and a test's context one that makes tests. */
const ASSERTS = /\bassert\b|\bexpect\w*\(|(?:(?<!\.)\b|\bt\.)(?:it|test|describe)\(/;
/** What stands before a `/` that begins a regular expression. */
const BEFORE_REGEX = /(?:[(,=:[!&|?{};>+]|\breturn)\s*$/;

/** The index after the string, comment, expression or bracket that begins at `at`; else the next one. */
function after(text, at) {
  const two = text.slice(at, at + 2);
  if (two === '//') return text.indexOf('\n', at);
  if (two === '/*') return text.indexOf('*/', at) + 2;
  const first = text[at];
  if (first === '/' && BEFORE_REGEX.test(text.slice(Math.max(0, at - 20), at))) {
    const [regex = '/'] = /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\//.exec(text.slice(at)) ?? [];
    return at + regex.length;
  }
  if (first === "'" || first === '"' || first === '`') {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === first) return i + 1;
      else if (first === '`' && text.startsWith('${', i)) i = after(text, i + 1) - 1;
    }
    return text.length;
  }
  if ('([{'.includes(first)) {
    let i = at + 1;
    while (i < text.length && !')]}'.includes(text[i])) i = after(text, i);
    return i + 1;
  }
  return at + 1;
}

/** The index after the statement that begins at `at`: a block, or up to its semicolon. */
function afterStatement(text, at) {
  let i = at;
  while (i < text.length && text[i] !== ';') {
    const isBlock = text[i] === '{';
    i = after(text, i);
    if (isBlock && !/^\s*(?:else|catch|finally)\b/.test(text.slice(i))) return i;
  }
  return i + 1;
}

/** The module `text`, in which each loop that asserts has its turns counted by the guard. */
export function instrument(text) {
  if (text.startsWith(MARK)) return text;
  const marks = [];
  const mark = (from, end, index, by) => {
    const line = text.slice(0, index).split('\n').length;
    marks.push([from, `${by}(${line}, `], [end, ')']);
  };
  for (const { index, 0: head } of text.matchAll(LOOP)) {
    const end = after(text, text.indexOf('(', index)) - 1;
    if (ASSERTS.test(text.slice(end + 1, afterStatement(text, end + 1))))
      mark(index + head.length, end, index, '__over');
  }
  for (const { index, 0: head } of text.matchAll(CALL)) {
    const from = index + head.length;
    const end = after(text, from - 1) - 1;
    if (ASSERTS.test(text.slice(from, end))) mark(from, end, index, '...__called');
  }
  if (marks.length === 0) return MARK + text;
  const guard = `globalThis[Symbol.for('corridor.loops')]?.(import.meta.url) ?? ${UNCOUNTED}`;
  let marked = `${MARK}const { over: __over, called: __called } = ${guard}; `;
  let from = 0;
  for (const [at, inserted] of marks.sort(([a], [b]) => a - b)) {
    marked += text.slice(from, at) + inserted;
    from = at;
  }
  return marked + text.slice(from);
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== 'module' || !isTestCode(url)) return loaded;
  return { ...loaded, source: instrument(String(loaded.source)) };
}
