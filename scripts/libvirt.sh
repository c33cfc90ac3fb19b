#!/usr/bin/env bash
# Starts this machine's libvirt where it does not answer: by systemd, or by hand where there is no systemd.
set -euo pipefail
answers() { virsh -q -c qemu:///system uri >/dev/null 2>&1; }
answers && exit 0
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
if [ -d /run/systemd/system ]; then
  $sudo systemctl start libvirtd
else
  # systemd-tmpfiles would have made it.
  $sudo mkdir -p /var/lib/libvirt/dnsmasq
  $sudo virtlogd -d
  $sudo libvirtd -d
fi
for _ in $(seq 50); do answers && exit 0; sleep 0.2; done
echo 'libvirt does not answer at qemu:///system; see journalctl -u libvirtd' >&2
exit 1
