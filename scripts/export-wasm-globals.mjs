// A step of the AssemblyScript compiler (see build.mjs): exports every mutable global under
// `global:<its name>`, so that a snapshot holds the whole state of an instance without a list of what
// belongs to it. The code stays the same, byte for byte.
import binaryen from 'binaryen';

/** @param {import('binaryen').Module} module the module as compiled, before it is optimised */
export function afterCompile(module) {
  for (let index = 0; index < module.getNumGlobals(); index++) {
    const info = binaryen.getGlobalInfo(module.getGlobalByIndex(index));
    if (info.mutable && info.module === '')
      module.addGlobalExport(info.name, `global:${info.name}`);
  }
}
