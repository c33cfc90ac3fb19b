/** The VLAN in the name of a bridge that CloudStack made. Source: CloudStack, BridgeVifDriver. */
import { vlanOf, wholeOf } from '../quantities.ts';

// breth1-511, brbond0-101; brvx-4000 is a VXLAN, whose number is no VLAN.
const BRIDGE = /^br(?!vx-)[a-z][\w.]{0,31}-(\d{1,4})$/;

export function vlanOfBridge(bridge: string | undefined): number | undefined {
  return vlanOf(wholeOf(BRIDGE.exec(bridge ?? '')?.[1]));
}
