// libonnxruntime.so for the GPU tests: ONNX Runtime 1.30 of npm's onnxruntime-node, which has WebGPU built in, behind the
// C API version that the managed half asks for. Entries of OrtApi never change place, so version 30's table serves as a newer
// one as far as it goes; what it lacks answers NOT_IMPLEMENTED. Also lends a machine without Vulkan a loader and a device:
// both are chosen from the environment when ONNX Runtime opens its first device, so they must be set before.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROVIDED = 30, ENTRIES = 426, PADDED = 512, NOT_IMPLEMENTED = 9 };

typedef struct { const void* const* (*get_api)(uint32_t); const char* (*version)(void); } Base;

static const Base* real;
static const void* table[PADDED];

static void* missing(void) {
  return ((void* (*)(int, const char*))table[0])(NOT_IMPLEMENTED, "This entry is newer than the ONNX Runtime of the GPU tests.");
}

static const void* const* get_api(uint32_t version) {
  if (version <= PROVIDED) return real->get_api(version);
  const void* const* api = real->get_api(PROVIDED);
  if (api == NULL) return NULL;
  for (int i = 0; i < PADDED; i++) table[i] = i < ENTRIES ? api[i] : (const void*)missing;
  return table;
}

static const char* version(void) { return real->version(); }

const Base* OrtGetApiBase(void) {
  static const Base base = {get_api, version};
  return &base;
}

// A driver's file beside this library, appended to a list of them.
static void add(char* list, const char* folder, const char* file) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, file);
  if (access(path, R_OK) != 0) return;
  if (*list) strcat(list, ":");
  strcat(list, path);
}

__attribute__((constructor)) static void start(void) {
  Dl_info self;
  static char own[4096], path[4200], drivers[16384];
  if (!dladdr((void*)start, &self) || realpath(self.dli_fname, own) == NULL) abort();
  const char* folder = dirname(own);

  snprintf(path, sizeof path, "%s/libvulkan.so.1", folder);
  // Under its soname, so that WebGPU's own search finds it loaded. A machine's own loader does where none was brought.
  dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  setenv("XDG_RUNTIME_DIR", "/tmp", 0);
  const char* wanted = getenv("COFFER_GPU_TESTS_DEVICE");
  if (wanted && strcmp(wanted, "none") == 0) {
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
  } else if (wanted && strcmp(wanted, "software") == 0) {
    add(drivers, folder, "vk_swiftshader_icd.json");
    setenv("VK_DRIVER_FILES", drivers, 1);
  } else if (!getenv("VK_DRIVER_FILES") && !getenv("VK_ICD_FILENAMES")) {
    // NVIDIA's driver on a machine without Vulkan's files for it, and SwiftShader behind everything: WebGPU takes a GPU before a processor.
    if (access("/usr/share/vulkan/icd.d/nvidia_icd.json", R_OK) != 0 && access("/etc/vulkan/icd.d/nvidia_icd.json", R_OK) != 0) {
      if (dlopen("libGLX_nvidia.so.0", RTLD_LAZY)) add(drivers, folder, "nvidia_glx_icd.json");
      else if (dlopen("libEGL_nvidia.so.0", RTLD_LAZY)) add(drivers, folder, "nvidia_egl_icd.json");
    }
    add(drivers, folder, "vk_swiftshader_icd.json");
    setenv("VK_ADD_DRIVER_FILES", drivers, 1);
  }

  snprintf(path, sizeof path, "%s/libonnxruntime.so.1", folder);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const Base* (*base)(void) = library ? (const Base* (*)(void))dlsym(library, "OrtGetApiBase") : NULL;
  if (base == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    abort();
  }
  real = base();
}
