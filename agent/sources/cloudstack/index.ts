/** Source Apache CloudStack, and any libvirt KVM domain. What it reads, what was proven, and against what: README.md. */
import type { Recognition, Source } from '../source.ts';
import { recogniseAnswer } from './api/lists.ts';
import { recogniseDomain } from './domain/recognise.ts';
import { boundaryOf, nasPoints } from './nas-layout.ts';
import { read } from './read.ts';
import { recognisePrinted } from './virsh/printed.ts';

export const cloudstack: Source = {
  kind: 'cloudstack',
  title: 'Apache CloudStack',
  recognise(document): Recognition | undefined {
    return recogniseDomain(document) ?? recogniseAnswer(document) ?? recognisePrinted(document);
  },
  recogniseLayout(paths): Recognition | undefined {
    return nasPoints(paths).length > 0
      ? { what: 'disks of a CloudStack NAS backup', role: 'machine' }
      : undefined;
  },
  boundary: boundaryOf,
  read,
};
