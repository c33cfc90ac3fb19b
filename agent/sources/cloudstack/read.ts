/** Machines from all that was found of them: domain XMLs, answers of the API, what virsh printed, files of NAS backups. */
import { AscendError } from '../../../proto/errors.ts';
import { info } from '../../../proto/finding.ts';
import type { Finding } from '../../../proto/gen/ascend/v1/finding.ts';
import type { Document } from '../../documents/document.ts';
import type { XmlElement } from '../../documents/xml.ts';
import type { Evidence, Reading } from '../source.ts';
import { Inventory } from './api/inventory.ts';
import { listsIn } from './api/lists.ts';
import type { VirtualMachine } from './api/machine.ts';
import { machineOf } from './domain/machine.ts';
import { systemRoleOf } from './domain/origin.ts';
import { domainsOf } from './domain/recognise.ts';
import { joinApi } from './join-api.ts';
import { joinNas, passedOver } from './join-nas.ts';
import { joinVirsh } from './join-virsh.ts';
import { folderOf, historyOf, nasPoints } from './nas-layout.ts';
import { withoutTwins } from './twins.ts';
import { printedOf } from './virsh/printed.ts';

export function read({ documents, paths, folderName }: Evidence): Reading {
  const history = historyOf(nasPoints(paths, folderName));
  const older = new Set(history.several.flatMap((folders) => folders.slice(0, -1)));
  const current = documents.filter(({ path }) => !older.has(folderOf(path)));

  const domains = readDomains(current);
  const { virtualMachines, inventory } = readAnswers(current);
  const printed = current.flatMap((document) => printedOf(document) ?? []);

  const described = joinApi(joinVirsh(domains.candidates, printed), virtualMachines, inventory);
  return { machines: joinNas(described, history), findings: [...passedOver(history), ...domains.findings] };
}

function readDomains(documents: readonly Document[]) {
  const findings: Finding[] = [];
  const machines = documents.flatMap((document) =>
    boundedDomains(document).flatMap((domain) => {
      const role = systemRoleOf(domain);
      if (role === undefined) return [machineOf(domain, document.path)];
      findings.push(systemVm(document.path, role));
      return [];
    }),
  );
  const candidates = withoutTwins(machines).map((sourced) => ({
    sourced,
    instance: sourced.machine.name || undefined,
  }));
  return { candidates, findings };
}

// A host runs some hundred; each costs memory here.
const MAX_DOMAINS = 5000;

function boundedDomains(document: Document): XmlElement[] {
  const domains = domainsOf(document);
  if (domains.length <= MAX_DOMAINS) return domains;
  const { path } = document;
  throw new AscendError(
    'source.invalid',
    `${path} describes ${domains.length} machines; ${MAX_DOMAINS} at most are read.`,
    {
      context: { file: path },
      hint: 'Export the domain XML of the one machine that you mean.',
    },
  );
}

function systemVm(file: string, role: string): Finding {
  const message = `${file} describes a system VM of CloudStack (${role}), which is passed over.`;
  return info(
    'machine.system-vm',
    file,
    message,
    'Nothing to do: CloudStack makes its system VMs anew by itself.',
  );
}

function readAnswers(documents: readonly Document[]): {
  virtualMachines: VirtualMachine[];
  inventory: Inventory;
} {
  const lists = documents.map((document) => ({ path: document.path, ...listsIn(document) }));
  return {
    virtualMachines: lists.flatMap(({ path, virtualMachines }) =>
      virtualMachines.map((node) => ({ node, path })),
    ),
    inventory: new Inventory(
      lists.flatMap(({ path, volumes }) => volumes.map((node) => ({ node, path }))),
      lists.flatMap(({ nics }) => nics),
    ),
  };
}
