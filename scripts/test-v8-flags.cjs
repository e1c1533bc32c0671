// Loaded into every process of Node that a run of tests starts, those that tests start too.
const { setFlagsFromString } = require('node:v8');

// V8 of Node 20 optimises a function after a quarter of this work: processes of tests end before such code has won back
// what the compiler took, a tenth of all. Later releases have a quicker compiler for what comes first.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');
