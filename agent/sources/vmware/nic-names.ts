/** What a guest may have called a NIC on VMware. */

/**
 * VMware hands the slot to the guest as the ACPI slot number, and udev names the NIC after it
 * (systemd.net-naming-scheme, ID_NET_NAME_SLOT). ethN is the kernel's own name.
 */
export function guestNames(slot: number | undefined, index: number): string[] {
  return slot === undefined ? [] : [`ens${slot}`, `eth${index}`];
}
