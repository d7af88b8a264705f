/* Plays NVIDIA's management library to the real bindings: two GPUs, and what can go wrong with them.
 *
 * FAKE_NVML is a list of words: noinit, mig (GPU 0 is split, so it tells no utilisation), lost (GPU 1 falls off
 * the bus at the third reading), flaky (every second power reading of GPU 0 fails), brake (GPU 0 is slowed down
 * by heat), lazy (both idle), old (no energy counters). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int nvmlReturn_t;
typedef struct { int index; int readings; } *nvmlDevice_t;
typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct { unsigned long long total, free, used; } nvmlMemory_t;

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15, UNKNOWN = 999 };

static struct { int index; int readings; } gpus[2] = {{0, 0}, {1, 0}};

static int is(const char *word) {
    const char *words = getenv("FAKE_NVML");
    return words != NULL && strstr(words, word) != NULL;
}

static nvmlReturn_t state(nvmlDevice_t gpu) {
    return gpu->index == 1 && is("lost") && gpu->readings >= 3 ? GPU_IS_LOST : OK;
}

const char *nvmlErrorString(nvmlReturn_t code) {
    switch (code) {
    case NOT_SUPPORTED: return "Not Supported";
    case DRIVER_NOT_LOADED: return "Driver Not Loaded";
    case GPU_IS_LOST: return "GPU is lost";
    default: return "Unknown Error";
    }
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags) { (void)flags; return is("noinit") ? DRIVER_NOT_LOADED : OK; }
nvmlReturn_t nvmlShutdown(void) { return OK; }

nvmlReturn_t nvmlSystemGetDriverVersion(char *text, unsigned int length) {
    snprintf(text, length, "999.1");
    return OK;
}

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return OK; }

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *gpu) {
    if (index > 1) return INVALID;
    *gpu = (nvmlDevice_t)&gpus[index];
    return OK;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t gpu, char *text, unsigned int length) {
    snprintf(text, length, "Pretended GPU %d", gpu->index);
    return OK;
}

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t gpu, char *text, unsigned int length) {
    snprintf(text, length, "GPU-%d%d%d%d-0000", gpu->index, gpu->index, gpu->index, gpu->index);
    return OK;
}

/* The first thing that is asked at each reading. */
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t gpu, nvmlUtilization_t *rates) {
    gpu->readings++;
    if (state(gpu)) return state(gpu);
    if (gpu->index == 0 && is("mig")) return NOT_SUPPORTED;
    rates->gpu = is("lazy") ? 10 : gpu->index == 0 ? 60 : 35;
    rates->memory = 5;
    return OK;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t gpu, nvmlMemory_t *memory) {
    if (gpu->index == 0 && is("mig")) gpu->readings++;
    memory->total = 8ULL << 30;
    memory->used = (gpu->index + 1ULL) << 30;
    memory->free = memory->total - memory->used;
    return state(gpu);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t gpu, unsigned int *milliwatts) {
    *milliwatts = 100000 * (gpu->index + 1);
    if (gpu->index == 0 && is("flaky") && gpu->readings % 2) return UNKNOWN;
    return state(gpu);
}

nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t gpu, unsigned int *milliwatts) {
    *milliwatts = 350000;
    return state(gpu);
}

/* Ten joules more at each reading, from a large number on: counters run since the driver was loaded. */
nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t gpu, unsigned long long *millijoules) {
    if (is("old")) return NOT_SUPPORTED;
    *millijoules = 5000000000ULL + 10000ULL * gpu->readings;
    return state(gpu);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t gpu, int sensor, unsigned int *celsius) {
    (void)sensor;
    *celsius = 50 + gpu->readings;
    return state(gpu);
}

nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t gpu, unsigned long long *reasons) {
    *reasons = gpu->index == 1 ? 0x04 : is("brake") ? 0x08 | 0x40 : 0x01;
    return state(gpu);
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t gpu, unsigned int *current, unsigned int *pending) {
    if (gpu->index != 0) return NOT_SUPPORTED;
    *current = *pending = is("mig");
    return OK;
}
