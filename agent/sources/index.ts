/** The registry of sources: a new platform is its folder and a line here. */
import type { Source } from './source.ts';
import { nutanix } from './nutanix/index.ts';
import { ec2 } from './ec2/index.ts';
import { cloudstack } from './cloudstack/index.ts';
import { hyperv } from './hyperv/index.ts';
import { vmware } from './vmware/index.ts';

export const sources: readonly Source[] = [nutanix, vmware, ec2, cloudstack, hyperv];
