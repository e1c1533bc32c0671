/** Stand-in for `k6/execution`. */
import { scenario } from '../vu.ts';

export default { scenario };
