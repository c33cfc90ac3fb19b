/** Numbers of the NBD protocol. Source: doc/proto.md of github.com/NetworkBlockDevice/nbd. */

export const NBD_MAGIC = 0x4e42444d41474943n; // "NBDMAGIC"
export const OPTION_MAGIC = 0x49484156454f5054n; // "IHAVEOPT"
export const OPTION_REPLY_MAGIC = 0x0003e889045565a9n;
export const REQUEST_MAGIC = 0x25609513;
export const SIMPLE_REPLY_MAGIC = 0x67446698;
export const STRUCTURED_REPLY_MAGIC = 0x668e33ef;

export const HANDSHAKE = { fixedNewstyle: 1, noZeroes: 2 } as const;

export const OPTION = {
  exportName: 1,
  abort: 2,
  list: 3,
  info: 6,
  go: 7,
  structuredReply: 8,
  listMetaContext: 9,
  setMetaContext: 10,
} as const;

export const OPTION_REPLY = {
  ack: 1,
  server: 2,
  info: 3,
  metaContext: 4,
  unsupported: 0x80000001,
  invalid: 0x80000003,
  unknown: 0x80000006,
} as const;

export const INFO = { export: 0, blockSize: 3 } as const;

export const TRANSMISSION = { hasFlags: 1, readOnly: 2, canMultiConn: 1 << 8 } as const;

export const COMMAND = { read: 0, write: 1, disconnect: 2, blockStatus: 7 } as const;

export const REQUEST_ONE = 1 << 3;

export const CHUNK = { none: 0, data: 1, hole: 2, blockStatus: 5, error: 0x8001 } as const;
export const CHUNK_DONE = 1;

/** What `base:allocation` says of a range. */
export const STATE = { data: 0, holeOfZeros: 3 } as const;

export const FAILURE = { notPermitted: 1, io: 5, invalid: 22 } as const;

/** The largest request that a client may make without asking for a limit. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
