/** The arrows of the house: which file may import which. Rules over a list of files, so that they can be shown to bite. */
import path from 'node:path';

export interface Import {
  /** A path from the root of the project, e.g. "agent/exec.ts", or the name of a package or of a part of Node. */
  target: string;
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean;
}

export interface SourceFile {
  /** From the root of the project, forward slashes. */
  file: string;
  imports: readonly Import[];
}

export interface Violation {
  file: string;
  target: string;
  rule: string;
}

interface Rule {
  name: string;
  /** True where this import breaks the rule. */
  broken(from: Place, to: Place, imported: Import): boolean;
}

interface Place {
  file: string;
  /** "agent", "controller", "console", "proto", "test", "scripts", ...; "" for a package. */
  house: string;
  /** The folder below the house, e.g. "sources"; "" for a file of the house itself. */
  room: string;
  /** The folder below that, e.g. "vmware". */
  provider: string;
  isTest: boolean;
}

const HOUSES = new Set(['proto', 'agent', 'controller', 'scripts', 'test']);
const INNER_ROOMS = new Set([
  ...[
    'documents',
    'sources',
    'guests',
    'disks',
    'rehearsal',
    'targets',
    'repositories',
    'state',
    'host',
    'link',
  ],
]);
const OUTER_ROOMS = new Set(['pipeline', 'service', 'cli']);
const PROVIDER_ROOMS = new Set(['sources', 'targets']);
/** Each may import what stands before it; the last four know nothing of each other. */
const LINUX_ROOMS = new Map(
  Object.entries({
    initramfs: 0,
    network: 0,
    storage: 1,
    boot: 2,
    drivers: 3,
    nics: 3,
    firmware: 3,
    agents: 3,
  }),
);

const RULES: readonly Rule[] = [
  {
    name: 'proto imports nothing but proto',
    broken: (from, to) => from.house === 'proto' && to.house !== '' && to.house !== 'proto',
  },
  {
    name: 'the agent imports nothing but itself and proto',
    broken: (from, to) => from.house === 'agent' && !['', 'agent', 'proto'].includes(to.house),
  },
  {
    name: 'the controller imports nothing but itself and proto',
    broken: (from, to) => from.house === 'controller' && !['', 'controller', 'proto'].includes(to.house),
  },
  {
    name: 'the console knows the API by its types alone',
    broken: (from, to, { typeOnly }) => {
      if (from.house !== 'console' || to.house === '' || to.house === 'console') return false;
      return !typeOnly || !(to.house === 'proto' || (to.house === 'controller' && to.room === 'api'));
    },
  },
  {
    name: 'a room of the agent never imports the pipeline, the service or the commands',
    broken: (from, to) =>
      from.house === 'agent' &&
      INNER_ROOMS.has(from.room) &&
      to.house === 'agent' &&
      OUTER_ROOMS.has(to.room),
  },
  {
    name: 'nobody imports a composition root',
    broken: (from, to) => !from.isTest && /^(agent|controller)\/main\.ts$/.test(to.file),
  },
  {
    name: 'a provider never imports another provider',
    broken: (from, to) =>
      from.house === 'agent' &&
      to.house === 'agent' &&
      PROVIDER_ROOMS.has(from.room) &&
      PROVIDER_ROOMS.has(to.room) &&
      from.provider !== '' &&
      to.provider !== '' &&
      (from.room !== to.room || from.provider !== to.provider),
  },
  {
    name: 'a provider is imported by its registry alone',
    broken: (from, to) =>
      !from.isTest &&
      to.house === 'agent' &&
      PROVIDER_ROOMS.has(to.room) &&
      to.provider !== '' &&
      !(from.room === to.room && (from.provider === to.provider || from.file === registryOf(to.room))),
  },
  {
    name: 'the rooms of a Linux guest point one way',
    broken: (from, to) => {
      const [mine, other] = [linuxRoomOf(from.file), linuxRoomOf(to.file)];
      if (from.isTest || mine === undefined || other === undefined || mine === other) return false;
      return (LINUX_ROOMS.get(other) ?? 0) >= (LINUX_ROOMS.get(mine) ?? 0);
    },
  },
  {
    name: 'only agent/exec.ts runs programs',
    broken: (from, to) =>
      /^(execa|(node:)?child_process)$/.test(to.file) &&
      !from.isTest &&
      from.house !== 'scripts' &&
      from.file !== 'agent/exec.ts',
  },
];

function linuxRoomOf(file: string): string | undefined {
  const room = /^agent\/guests\/linux\/([^/]+)\//.exec(file)?.[1];
  return room !== undefined && LINUX_ROOMS.has(room) ? room : undefined;
}

export function registryOf(room: string): string {
  return `agent/${room}/index.ts`;
}

export function violations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ file, imports }) =>
    imports.flatMap((imported) =>
      RULES.filter((rule) => rule.broken(placeOf(file), placeOf(imported.target), imported)).map(
        ({ name }) => ({ file, target: imported.target, rule: name }),
      ),
    ),
  );
}

function placeOf(file: string): Place {
  const parts = file.split('/');
  const isSource = HOUSES.has(parts[0] ?? '') && parts.length > 1;
  const isConsole = isSource && parts[0] === 'controller' && parts[1] === 'console';
  const [house = '', room = '', provider = ''] = isConsole ? ['console', ...parts.slice(2)] : parts;
  return {
    file,
    house: isSource ? house : '',
    room: isFolder(room) ? room : '',
    provider: isFolder(provider) ? provider : '',
    isTest: house === 'test' || /\.test\.tsx?$/.test(file),
  };
}

function isFolder(name: string): boolean {
  return name !== '' && path.extname(name) === '';
}

/** Provider folders that their registry does not import. */
export function unregistered(files: readonly SourceFile[]): string[] {
  const providers = new Set(
    files.flatMap(({ file }) => {
      const { house, room, provider } = placeOf(file);
      return house === 'agent' && PROVIDER_ROOMS.has(room) && provider ? [`agent/${room}/${provider}`] : [];
    }),
  );
  const isRegistered = (provider: string) =>
    files
      .find(({ file }) => file === registryOf(provider.split('/')[1] ?? ''))
      ?.imports.some(({ target, typeOnly }) => target === `${provider}/index.ts` && !typeOnly);
  return [...providers].filter((provider) => !isRegistered(provider));
}
