#!/usr/bin/env bash
# Gets what the GPU tests run on, into tests/gpu/.native (ignored by git):
#   libonnxruntime.so.1   ONNX Runtime 1.30 with WebGPU, from npm's onnxruntime-node
#   libonnxruntime.so     runtime.c: that one behind the managed half's API version
#   libvulkan.so.1        Vulkan's loader, from Debian's libvulkan1
#   libvk_swiftshader.so  Vulkan on the processor, from Debian's chromium-common; any GPU that Vulkan finds is taken before it
# Packages that this needs: gcc libc6-dev npm (or node with npm), and apt-get with Debian's archive.
# --no-software leaves SwiftShader out, for machines with a GPU of their own.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
native=$here/.native
node_version=1.30.0
software=yes
while (($#)); do
  case $1 in
    --no-software) software=; shift ;;
    *) echo "usage: prepare.sh [--no-software]" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

debian() { # package, file inside it, name here
  (cd "$work" && apt-get download -qq "$1" 2>/dev/null) || { apt-get update -qq && (cd "$work" && apt-get download -qq "$1" 2>/dev/null); }
  dpkg-deb --fsys-tarfile "$work"/"$1"_*.deb >"$work/$1.tar"
  tar -xOf "$work/$1.tar" --wildcards "./$2" >"$native/$3.part" && mv "$native/$3.part" "$native/$3"
}

mkdir -p "$native"
if [[ ! -e $native/libonnxruntime.so.1 || $(cat "$native/version" 2>/dev/null) != "$node_version" ]]; then
  (cd "$work" && npm pack "onnxruntime-node@$node_version" --silent --onnxruntime-node-install=skip >/dev/null)
  tar -xzOf "$work/onnxruntime-node-$node_version.tgz" package/bin/napi-v6/linux/x64/libonnxruntime.so.1 >"$native/libonnxruntime.so.1"
  echo "$node_version" >"$native/version"
fi
[[ -e $native/libvulkan.so.1 ]] || debian libvulkan1 "usr/lib/*/libvulkan.so.1.*" libvulkan.so.1
if [[ -n $software && ! -e $native/vk_swiftshader_icd.json ]]; then
  debian chromium-common usr/lib/chromium/libvk_swiftshader.so libvk_swiftshader.so
  tar -xOf "$work/chromium-common.tar" ./usr/lib/chromium/vk_swiftshader_icd.json >"$native/vk_swiftshader_icd.json"
elif [[ -z $software ]]; then
  rm -f "$native/vk_swiftshader_icd.json" "$native/libvk_swiftshader.so"
fi
for kind in GLX EGL; do
  printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "lib%s_nvidia.so.0", "api_version": "1.3.0"}}\n' "$kind" >"$native/nvidia_${kind,,}_icd.json"
done
gcc -shared -fPIC -O2 -Wall -Werror -Wl,-soname,libcoffer_gpu_tests.so -o "$native/libonnxruntime.so" "$here/runtime.c" -ldl
echo "$native: $(du -sh "$native" | cut -f1)"
