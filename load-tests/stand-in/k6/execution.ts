/** Stand-in for `k6/execution`: the run sets the iteration. */
const scenario = { iterationInTest: 0, name: '' };
export default { scenario };
