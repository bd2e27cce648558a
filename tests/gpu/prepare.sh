#!/usr/bin/env bash
# Gets what the GPU tests run on, into tests/gpu/.native (ignored by git):
#   libonnxruntime.so.1   ONNX Runtime 1.30 with WebGPU, from npm's onnxruntime-node
#   libonnxruntime.so     runtime.c: that one behind the managed half's API version
#   libvulkan.so.1        Vulkan's loader, from Debian's libvulkan1
#   libvk_swiftshader.so  Vulkan on the processor, from Debian's chromium-common; any GPU that Vulkan finds is taken before it
# Packages that this needs: gcc libc6-dev npm (or node with npm), and apt-get with Debian's archive.
# --no-software leaves SwiftShader out, for machines with a GPU of their own.
# --portable DIR [--model FILE.onnx]... also makes DIR: all of it, and Coffer.Gpu.Table as one program, for a machine that has a driver for
#   its GPU and nothing else. There, DIR/run [webgpu|cuda] prints the table. The libraries in it are compressed, and are unpacked when it runs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
native=$here/.native
node_version=1.30.0
software=yes
portable=
models=()
while (($#)); do
  case $1 in
    --no-software) software=; shift ;;
    --portable) portable=${2:?--portable needs a folder}; shift 2 ;;
    --model) models+=("${2:?--model needs a file}"); shift 2 ;;
    *) echo "usage: prepare.sh [--no-software] [--portable DIR [--model FILE.onnx]...]" >&2; exit 2 ;;
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

[[ -n $portable ]] || exit 0
dotnet publish "$here/Coffer.Gpu.Table" -c Release -r linux-x64 -o "$work/table" -v quiet --nologo
mkdir -p "$portable/native" "$portable/models"
cp "$work/table/Coffer.Gpu.Table" "$portable/"
for library in libonnxruntime.so.1 libonnxruntime.so libvulkan.so.1 nvidia_glx_icd.json nvidia_egl_icd.json; do
  gzip -9c "$native/$library" >"$portable/native/$library.gz"
done
for model in "${models[@]}"; do
  cp "$model" "$portable/models/"
done
cat >"$portable/run" <<'RUN'
#!/usr/bin/env bash
# Prints latency and throughput of the models beside this file, or of one that it makes, on the GPU and on the processor.
# webgpu (the default) needs Vulkan; cuda needs an ONNX Runtime with CUDA, whose file ONNXRUNTIME names.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$here"/native/*.gz; do
  gzip -dc "$file" >"$work/$(basename "$file" .gz)"
done
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work} ORT_DISABLE_TELEMETRY=1
shopt -s nullglob
"$here/Coffer.Gpu.Table" "${ONNXRUNTIME:-$work/libonnxruntime.so}" "${1:-webgpu}" "$here"/models/*.onnx
RUN
chmod +x "$portable/run"
echo "$portable: $(du -sh "$portable" | cut -f1)"
