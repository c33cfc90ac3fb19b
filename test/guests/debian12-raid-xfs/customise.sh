#!/bin/sh
# mmdebstrap's last hook: makes the tree $1 the server that debian-installer would leave behind.
set -eu
. "${0%/*}/identities.env"
root=$1
mkdir -p "$root/srv/data"

# What grub-install writes to /boot/grub. It cannot run here: it looks for the disks under the tree. GRUB calls an
# array by its UUID.
array=mduuid/$(echo "$BOOT_ARRAY" | tr -d :)
mkdir -p "$root/boot/grub/i386-pc"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root"/usr/lib/grub/i386-pc/boot.img \
  "$root/boot/grub/i386-pc/"
chroot "$root" grub-editenv /boot/grub/grubenv create
chroot "$root" grub-mkimage -O i386-pc -p "($array)/grub" -o /boot/grub/i386-pc/core.img \
  biosdisk part_msdos diskfilter mdraid1x ext2

# The real update-grub, with the answers of its two probes given for the disks that are to come.
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe" "$root/$probe.real"; done
cat >"$root/usr/sbin/grub-probe" <<PROBE
#!/bin/sh
case " \$* " in
  *"target=device /boot"*) echo /dev/md0 ;;
  *"target=device "*) echo /dev/md1 ;;
  *md1*"target=fs_uuid "* | *"target=fs_uuid "*md1*) echo $ROOT_UUID ;;
  *"target=fs_uuid "*) echo $BOOT_UUID ;;
  *"target=partmap "*) echo msdos ;;
  *"target=compatibility_hint "*) echo $array ;;
  *"target=hints_string "*) echo "--hint='$array'" ;;
  *md1*"target=fs "* | *"target=fs "*md1* | *" -t fs "*md1*) echo xfs ;;
  *"target=fs "* | *" -t fs "*) echo ext2 ;;
  *"target=abstraction "* | *" -t abstraction "*) echo diskfilter mdraid1x ;;
  *) exit 1 ;;
esac
PROBE
cat >"$root/usr/bin/grub-mkrelpath" <<'RELATIVE'
#!/bin/sh
# A path as GRUB sees it: /boot is a file system of its own.
for path; do :; done
path=${path#/boot}
echo "${path:-/}"
RELATIVE
chmod 755 "$root/usr/sbin/grub-probe" "$root/usr/bin/grub-mkrelpath"
sed -i 's/^#GRUB_DISABLE_LINUX_UUID=true/GRUB_DISABLE_LINUX_UUID=true/' "$root/etc/default/grub"
chroot "$root" update-grub
for probe in usr/sbin/grub-probe usr/bin/grub-mkrelpath; do mv "$root/$probe.real" "$root/$probe"; done
grep -q 'linux.*/vmlinuz.* root=/dev/md1 ' "$root/boot/grub/grub.cfg"

# Nothing of the machine that built it: its mirrors, its apt settings.
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
