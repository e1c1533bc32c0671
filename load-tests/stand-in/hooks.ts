/** Resolves k6's modules to their stand-ins; everything else as Node does. */
interface Context {
  readonly parentURL?: string;
}
type Resolve = (specifier: string, context: Context) => Promise<{ url: string }>;

export async function resolve(specifier: string, context: Context, next: Resolve) {
  const name = /^k6(?:\/([a-z]+))?$/.exec(specifier);
  if (!name) return next(specifier, context);
  return { url: new URL(`./k6/${name[1] ?? 'k6'}.js`, import.meta.url).href, shortCircuit: true };
}
