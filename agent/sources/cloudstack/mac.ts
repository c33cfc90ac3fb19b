// It goes into files of the guest and of the target: nothing but a MAC may.
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** Lower case, colon separated; undefined for anything that is none. */
export function macOf(text: string | undefined): string | undefined {
  const mac = text?.toLowerCase();
  return mac !== undefined && MAC.test(mac) ? mac : undefined;
}
