/** Makes the changes that have a guest start by the other firmware. */
import { AscendError } from '../../../../proto/errors.ts';
import type { GuestDisks, GuestFiles } from '../../files.ts';
import type { FirmwareChange, NewPartitionChange } from './changes.ts';
import { bootSectors, grubImage, withModules } from './grub.ts';
import { SECTOR } from './partition-table.ts';

/** @throws guest.fix-failed, host.tool-missing, host.command-failed */
export async function applyFirmwareChange(
  guest: GuestFiles,
  disks: GuestDisks,
  change: FirmwareChange,
): Promise<void> {
  if (change.kind === 'partition') await addPartition(disks, change);
  else if (change.kind === 'device-bytes')
    await disks.writeDevice(change.path, change.content, change.offsetBytes);
  else if (change.kind === 'mount') await disks.mount(change.device, change.path);
  else if (change.kind === 'grub-loader')
    await guest.write(change.path, await grubImage('x86_64-efi', change.menu));
  else if (change.kind === 'grub-modules')
    await withModules(change.platform, (archive) => disks.unpack(archive, change.path));
  else
    for (const { offsetBytes, content } of await bootSectors(change.menu, change.at))
      await disks.writeDevice(change.path, content, offsetBytes);
}

async function addPartition(disks: GuestDisks, change: NewPartitionChange): Promise<void> {
  const { path, number, device, firstSector, lastSector, writes } = change;
  for (const { offsetBytes, content } of writes) await disks.writeDevice(path, content, offsetBytes);
  if (device === undefined) return;
  await disks.noticePartition(path, number);
  // What is written to it next must not hit another one.
  const expected = BigInt(lastSector - firstSector + 1) * BigInt(SECTOR);
  const bytes = await disks.deviceBytes(device);
  if (bytes === expected) return;
  throw new AscendError(
    'guest.fix-failed',
    `${device} was to have ${expected} bytes, and the appliance sees ${bytes}.`,
    {
      hint: 'The backup is untouched. Report this with the log of the run.',
    },
  );
}
