// A loop over no vectors asserts nothing, and passes. This hook for loading modules marks every loop of a
// test file that asserts in its body; scripts/test-guard.mjs fails the file where one that was reached
// never had a turn.

const LOOP = /\bfor \((?:const|let) (?:[\w$]+|[[{][^;]*?[\]}]) of /g;
const ASSERTS = /\bassert\b|\bexpect\w*\(|\b(?:it|test|describe)\(/;
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

/** The module `text`, in which each loop that asserts goes over what `loopsOf(url)` hands on. */
export function instrument(text, url) {
  const marks = [];
  for (const { index, 0: head } of text.matchAll(LOOP)) {
    const end = after(text, text.indexOf('(', index)) - 1;
    if (!ASSERTS.test(text.slice(end + 1, afterStatement(text, end + 1)))) continue;
    const line = text.slice(0, index).split('\n').length;
    marks.push([index + head.length, `__loop(${line}, `], [end, ')']);
  }
  if (marks.length === 0) return text;
  let marked = `const __loop = globalThis[Symbol.for('corridor.loops')](${JSON.stringify(url)}); `;
  let from = 0;
  for (const [at, mark] of marks.sort(([a], [b]) => a - b)) {
    marked += text.slice(from, at) + mark;
    from = at;
  }
  return marked + text.slice(from);
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (loaded.format !== 'module' || !/\.(?:test|contract|reference)\.m?js$/.test(url))
    return loaded;
  return { ...loaded, source: instrument(String(loaded.source), url) };
}
