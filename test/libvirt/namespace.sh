#!/bin/sh
# Init of the namespaces that a private libvirt lives in: `namespace.sh ROOT`. Says "ready", and ends, with all that
# runs in here, when its stdin is closed: by the test, or by the kernel when the test is killed.
set -eu
root=$1
ip link set lo up
# No system bus, no systemd, no cgroups and no other libvirt to be seen: this one keeps its machines to itself.
mount -t tmpfs tmpfs /run
umount --recursive --lazy /sys/fs/cgroup || true
for place in etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt; do
    mkdir -p "/$place"
    mount --bind "$root/$place" "/$place"
done
echo ready
# As init, this shell reaps whatever is orphaned in here while it waits.
cat > /dev/null
