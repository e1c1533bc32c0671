import { layersAreAsTheReference } from './two-layer-days.ts';

layersAreAsTheReference(process.env.CORRIDOR_LONG_TESTS ? 2_000 : 30, true);
