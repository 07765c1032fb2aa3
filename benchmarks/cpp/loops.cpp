// What a C++ trainer does, for benchmarks/test_cpp.py: CALLS single steps, or a table.
#include <fastlr/fastlr.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace {
constexpr double decay_steps = 1000;
}

extern "C" float single_steps(std::int64_t calls) {
  const fastlr::CosineDecay schedule{0.1, decay_steps};
  float sum = 0;
  for (std::int64_t i = 0; i < calls; ++i) sum += schedule(i & 511);
  return sum;
}

extern "C" float formula(std::int64_t calls) {
  constexpr float steps = decay_steps, pi = 3.14159274f;
  float sum = 0;
  for (std::int64_t i = 0; i < calls; ++i) {
    const float step = std::min(static_cast<float>(i & 511), steps);
    sum += 0.1f * (0.5f * (1.0f + std::cos(pi * (step / steps))));
  }
  return sum;
}

extern "C" void table(std::int64_t count, float* out) {
  const fastlr::CosineDecay schedule{0.1, static_cast<double>(count), 0.01};
  schedule.table(0, count, 1, out);
}
