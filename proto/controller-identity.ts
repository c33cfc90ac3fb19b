/** How an agent knows its controller, on whatever address it is reached. */
import { createHash } from 'node:crypto';

/**
 * The name in the controller's server certificates. It is the same for every controller: what tells one controller from
 * another is its CA, which the agent has pinned and which signs server certificates for nobody else. So a controller may
 * change its address, or stand behind NAT, without a new certificate.
 */
export const controllerName = 'controller.ascend.internal';

/** SHA-256 of a SubjectPublicKeyInfo (DER), base64url. */
export function pinOf(spki: Uint8Array): string {
  return createHash('sha256').update(spki).digest('base64url');
}
