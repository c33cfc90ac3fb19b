/** A MAC address as the machine's description has it. */

// It goes into files of the guest and of the target: nothing but a MAC may.
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** Lower case with colons, also from dashes or plain digits; undefined for anything else, and for all zeros. */
export function macOf(text: string | undefined): string | undefined {
  const pairs = /^[0-9a-f]{12}$/i.test(text ?? '') ? text?.replace(/..(?=.)/g, '$&:') : text;
  const mac = pairs?.trim().toLowerCase().replaceAll('-', ':') ?? '';
  return MAC.test(mac) && mac !== '00:00:00:00:00:00' ? mac : undefined;
}
