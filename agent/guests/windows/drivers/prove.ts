/** What registry and files prove of the target's devices, for what cannot be started on them here. */
import type { ContentProof } from '../../proof.ts';
import type { GuestRequirements } from '../../requirements.ts';
import { SERVICE, serviceStart } from '../control-sets.ts';
import type { Installation } from '../facts.ts';
import { asText } from '../registry/registry.ts';
import { isForCard, isStagingNamed, STAGING_FOLDER, STAGING_PATH, stagedDrivers } from '../staging.ts';
import { INBOX } from './boot-drivers.ts';
import { CARDS, type Card } from './cards.ts';
import { isRegistered } from './register.ts';
import { sha256 } from '../../sha256.ts';
import { suppliedDriver } from './storage.ts';

interface Evidence {
  holds: boolean;
  proof: string;
}

/** One proof for each control set that Windows may start with. */
export function proveStorage(
  guest: Installation,
  wants: Pick<GuestRequirements, 'storage' | 'cloud'>,
): ContentProof[] {
  return guest.controlSets.map((set) => {
    const found = (INBOX[wants.storage]?.required ?? []).map((service) => startOf(guest, set, service));
    const supplied = suppliedDriver(guest, wants);
    if (supplied) {
      const start = startOf(guest, set, supplied.service);
      const bound = isRegistered(supplied, guest.system, guest.controlSets);
      const binding = `${bound ? '' : 'not '}bound to ${supplied.pciIds[0] ?? ''}`;
      found.push({ holds: start.holds && bound, proof: start.proof.replace(/\.$/, `, ${binding}.`) });
    }
    return { about: 'storage', subject: `${guest.version.name}, ${set}`, ...firstThatHolds(found) };
  });
}

function startOf(guest: Installation, set: string, service: string): Evidence {
  const start = serviceStart(guest.system, set, service);
  if (start === undefined) return { holds: false, proof: `${service} is not installed.` };
  const putOff = guest.system.hasKey(`${set}\\Services\\${service}\\StartOverride`);
  const file = guest.driverFiles.has(`${service.toUpperCase()}.SYS`);
  const says = [`${service}: Start=${start}`, `${service}.sys ${file ? 'is there' : 'is missing'}`];
  if (putOff) says.push('StartOverride puts it off');
  return { holds: start === SERVICE.boot && file && !putOff, proof: `${says.join(', ')}.` };
}

/** The card is not there when Windows starts first: its driver is installed, listed by Windows, or lies ready. */
export function proveNetwork(
  guest: Installation,
  wants: Pick<GuestRequirements, 'storage' | 'network'>,
): ContentProof[] {
  const card = CARDS[wants.network];
  const set = guest.currentControlSet ?? '';
  const found = [
    ...card.services.flatMap((service) => installed(guest, set, service)),
    ...listed(guest, card),
    ...staged(guest, wants, card),
  ];
  // Windows 7 has no list of devices to read: that it brings a driver is known from Microsoft alone, and no proof.
  if (found.length === 0 && card.inbox && !guest.system.hasKey('DriverDatabase')) return [];
  if (found.length === 0) found.push({ holds: false, proof: `There is no driver for ${card.title}.` });
  return [{ about: 'network', subject: guest.version.name, ...firstThatHolds(found) }];
}

/** A driver that Windows started before, for another card of its kind. */
function installed(guest: Installation, set: string, service: string): Evidence[] {
  const start = serviceStart(guest.system, set, service);
  if (start === undefined) return [];
  const path = asText(guest.system.value(`${set}\\Services\\${service}`, 'ImagePath')) ?? `${service}.sys`;
  const file = path.split('\\').at(-1) ?? '';
  const isThere = guest.driverFiles.has(file.toUpperCase());
  const proof = `${service}: Start=${start}, ${file} ${isThere ? 'is there' : 'is missing'}.`;
  return [{ holds: isThere && start !== SERVICE.disabled, proof }];
}

/** Windows' own list says which INF file it takes for the device; the package of that name is installed with it. */
function listed({ system }: Installation, { inbox, title }: Card): Evidence[] {
  if (inbox === undefined) return [];
  const bus = `DriverDatabase\\DeviceIds\\${inbox.bus}`;
  const devices = system
    .subkeys(bus)
    .filter((device) => device.toUpperCase().startsWith(inbox.device.toUpperCase()));
  const infs = devices.flatMap((device) => system.valueNames(`${bus}\\${device}`)).filter(Boolean);
  const inf = infs.find((name) => system.hasKey(`DriverDatabase\\DriverInfFiles\\${name}`));
  if (inf === undefined) return [];
  return [{ holds: true, proof: `Windows itself has ${inf} for ${title} (${inbox.bus}\\${inbox.device}).` }];
}

function staged(
  guest: Installation,
  wants: Pick<GuestRequirements, 'storage' | 'network'>,
  card: Card,
): Evidence[] {
  return stagedDrivers(guest, wants)
    .filter(({ driver }) => isForCard(driver, card))
    .map(({ driver }) => {
      const folder = `${guest.mounted.windows}/${STAGING_FOLDER}`;
      const missing = driver.files.filter(
        ({ name, content }) => guest.present.get(`${folder}/${name}`.toLowerCase()) !== sha256(content),
      );
      const named = isStagingNamed(guest.software);
      const says = [
        missing.length === 0
          ? `${driver.name}.inf and its files lie in ${STAGING_PATH}`
          : `${missing.map(({ name }) => name).join(', ')} missing in ${STAGING_PATH}`,
        named ? 'where Windows looks for drivers of new devices' : 'where Windows does not look for drivers',
      ];
      return { holds: missing.length === 0 && named, proof: `${says.join(', ')}.` };
    });
}

function firstThatHolds(found: readonly Evidence[]): Evidence {
  const good = found.find(({ holds }) => holds);
  return good ?? { holds: false, proof: found.map(({ proof }) => proof).join(' ') };
}
