/** Every field changed, every element of a list left out, doubled, or exchanged with the next. */
export function* mutations(value: unknown, path = ''): Generator<{ path: string; value: unknown }> {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const place = `${path}.${i}`;
      yield { path: `${path} left out`, value: value.toSpliced(i, 1) };
      yield { path: `${path} doubled`, value: value.toSpliced(i, 0, item) };
      if (i > 0)
        yield { path: `${path} swapped`, value: value.toSpliced(i - 1, 2, item, value[i - 1]) };
      for (const inner of mutations(item, place))
        yield { path: inner.path, value: value.with(i, inner.value) };
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      for (const inner of mutations(item, path === '' ? key : `${path}.${key}`))
        yield { path: inner.path, value: { ...value, [key]: inner.value } };
  } else if (typeof value === 'string') {
    yield { path, value: /^-?[0-9]+$/.test(value) ? String(BigInt(value) + 1n) : `${value}X` };
  } else if (typeof value === 'number') {
    yield { path, value: value + 1 };
  } else if (value === null) {
    yield { path, value: '1' };
  }
}
