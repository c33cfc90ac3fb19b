/** The registry of sources: a new platform is its folder and a line here. */
import type { Source } from './source.ts';
import { vmware } from './vmware/index.ts';

export const sources: readonly Source[] = [vmware];
