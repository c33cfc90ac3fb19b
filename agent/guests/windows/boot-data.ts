/**
 * Boot configuration data: what the boot manager starts, and how. Source: Microsoft, "Boot Configuration Data Reference"
 * (bcdedit's names are given with each element).
 */
import { Firmware } from '../../../proto/gen/ascend/v1/machine.ts';
import type { Fix } from '../fix.ts';
import type { GuestRequirements } from '../requirements.ts';
import type { BootData, Installation } from './facts.ts';
import { registryFix } from './planned.ts';
import { removeKey, setValue, type RegistryEdit } from './registry/edits.ts';
import { asText, binary } from './registry/registry.ts';

const BOOT_MANAGER = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
const EMS_SETTINGS = '{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}';

const ELEMENT = {
  /** default */
  defaultEntry: '23000003',
  /** bootems */
  bootEms: '16000020',
  /** ems */
  ems: '260000b0',
  /** emsport, emsbaudrate */
  emsPort: '15000022',
  emsBaudRate: '15000023',
  /** graphicsmodedisabled */
  graphicsModeDisabled: '16000046',
  /** detecthal */
  detectHal: '26000010',
} as const;

export function planBootData(guest: Installation, { firmware, serialConsole }: GuestRequirements): Fix[] {
  const wanted = firmware === Firmware.UEFI ? 'uefi' : 'bios';
  return guest.bootData
    .filter((store) => store.firmware === wanted)
    .flatMap((store) => [
      ...emergencyServices(store, serialConsole),
      ...graphicsMode(store),
      ...(guest.version.arch === 'x86' ? detectHal(store) : []),
    ]);
}

/** 64-bit Windows has one hardware abstraction layer; 32-bit Windows was set up with one of several. */
function detectHal(store: BootData): Fix[] {
  const entry = defaultEntry(store);
  if (entry === undefined) return [];
  return registryFix(
    'windows.detect-hal',
    'Lets the boot loader choose the hardware abstraction layer: 32-bit Windows keeps the one of the machine that it was set up on.',
    store,
    [setElement(entry, ELEMENT.detectHal, binary(Buffer.from([1])))],
  );
}

/** The first serial port is the only one that targets show. */
function emergencyServices(store: BootData, serialConsole: string | undefined): Fix[] {
  const entry = defaultEntry(store);
  if (serialConsole === undefined || entry === undefined) return [];
  const yes = binary(Buffer.from([1]));
  return registryFix(
    'windows.serial-console',
    "Switches Emergency Management Services on at COM1 (115200): the target's serial console then shows the boot manager and SAC.",
    store,
    [
      setElement(BOOT_MANAGER, ELEMENT.bootEms, yes),
      setElement(entry, ELEMENT.ems, yes),
      setElement(EMS_SETTINGS, ELEMENT.bootEms, yes),
      setElement(EMS_SETTINGS, ELEMENT.emsPort, integer(1n)),
      setElement(EMS_SETTINGS, ELEMENT.emsBaudRate, integer(115_200n)),
    ],
  );
}

/** Left behind by a text-mode boot, it leaves the screen of the virtual graphics card black (virt-v2v removes it too). */
function graphicsMode(store: BootData): Fix[] {
  const entry = defaultEntry(store);
  if (store.firmware !== 'uefi' || entry === undefined) return [];
  return registryFix('windows.graphics-mode', 'Lets the boot loader use the graphics mode again.', store, [
    removeKey(`Objects\\${entry}\\Elements\\${ELEMENT.graphicsModeDisabled}`),
  ]);
}

function defaultEntry({ registry }: BootData): string | undefined {
  const entry = asText(
    registry.value(`Objects\\${BOOT_MANAGER}\\Elements\\${ELEMENT.defaultEntry}`, 'Element'),
  );
  return entry !== undefined && registry.hasKey(`Objects\\${entry}`) ? entry : undefined;
}

function setElement(object: string, element: string, value: ReturnType<typeof binary>): RegistryEdit {
  return setValue(`Objects\\${object}\\Elements\\${element}`, 'Element', value);
}

function integer(number: bigint): ReturnType<typeof binary> {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(number);
  return binary(bytes);
}

/** A machine that is new to the target has no boot entries in its firmware: it starts what lies at this path. */
export function planFallbackLoader(
  { mounted, hasFallbackLoader }: Installation,
  { firmware }: GuestRequirements,
): Fix[] {
  if (firmware !== Firmware.UEFI || mounted.esp === undefined || hasFallbackLoader) return [];
  const { bootManager: from, fallback: path } = mounted.esp;
  return [
    {
      name: 'windows.uefi-fallback',
      summary:
        "Puts Windows' boot manager where UEFI looks without a boot entry: the old machine's firmware kept the entry.",
      changes: [{ kind: 'copy', from, path }],
    },
  ];
}
