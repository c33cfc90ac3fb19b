/** The registry of sources: a new platform is its folder and a line here. */
import type { Source } from './source.ts';
import { nutanix } from './nutanix/index.ts';
import { ec2 } from './ec2/index.ts';
import { vmware } from './vmware/index.ts';

export const sources: readonly Source[] = [nutanix, vmware, ec2];
