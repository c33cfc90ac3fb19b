#!/usr/bin/env bash
# Installs what is missing: Debian packages, npm packages (Node 24 comes with them), the S3 service of the tests and
# the built console. Nothing is downloaded from anywhere but Debian, npm and PyPI. Running it again takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  # running: disks, guests, the local target
  qemu-utils qemu-system-x86 ovmf swtpm guestfish ntfs-3g linux-image-amd64 lz4 lzop bzip2
  # boot loaders for guests that change between BIOS and UEFI: built here, never installed to this host
  grub-common grub-pc-bin grub-efi-amd64-bin
  libvirt-daemon-system libvirt-clients libvirt-daemon-driver-qemu dnsmasq-base iproute2 iptables iputils-ping xz-utils
  # building: the wire, the guests of the tests
  protobuf-compiler libprotobuf-dev mmdebstrap debian-archive-keyring fakeroot fdisk e2fsprogs cpio
  dosfstools mtools btrfs-progs libguestfs-xfs
  # testing: the console in a real browser, buckets on a real service
  chromium curl procps python3-venv libwin-hivex-perl libnbd-bin initramfs-tools-core kmod
)
sudo=$([ "$(id -u)" = 0 ] || echo sudo)

# npm brings Node 24 as a package; it needs some Node and npm to start with.
command -v npm >/dev/null || packages+=(nodejs npm)

missing=()
for package in "${packages[@]}"; do
  # Any kernel serves libguestfs: the cloud one is smaller, and enough.
  [ "$package" = linux-image-amd64 ] && compgen -G '/boot/vmlinuz-*' >/dev/null && continue
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing Debian packages: ${missing[*]}" >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
fi

stamp=node_modules/.package-lock.json
if [ ! -e "$stamp" ] || [ package-lock.json -nt "$stamp" ]; then
  echo 'Installing npm packages' >&2
  npm=npm
  # npm leaves out optional packages that the Node it runs on is too old for (Debian 12's is 18), and the build needs
  # some of those. So there a newer npm on a newer Node, both from npm, does the installing.
  if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    bootstrap=${XDG_CACHE_HOME:-$HOME/.cache}/ascend/npm
    npm install --no-fund --no-audit --loglevel=error --prefix "$bootstrap" node@24 npm@11 >&2
    npm=$bootstrap/node_modules/.bin/npm
    PATH=$bootstrap/node_modules/.bin:$PATH
  fi
  "$npm" ci --no-fund --no-audit --loglevel=error >&2
  touch "$stamp"
fi

# As in test/peers/moto.ts.
moto=${XDG_CACHE_HOME:-$HOME/.cache}/ascend/moto-5.2.1
if [ ! -e "$moto/bin/moto_server" ]; then
  echo 'Installing the S3 service of the tests' >&2
  rm -rf "$moto"
  /usr/bin/python3 -m venv "$moto" >&2
  "$moto/bin/pip" install --quiet --disable-pip-version-check 'moto[s3]==5.2.1' flask==3.1.3 flask-cors==6.0.2 >&2 ||
    { rm -rf "$moto"; exit 1; }
fi

console=controller/console
if [ ! -e $console/dist/index.html ] || [ -n "$(find $console proto package-lock.json -newer $console/dist/index.html -not -path "*/dist/*" -type f -print -quit)" ]; then
  echo 'Building the console' >&2
  npm run --silent build >&2
fi
