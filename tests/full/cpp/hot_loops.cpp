// hot_loops NAME COUNT: evaluates COUNT steps in one of the core's hot loops, for instructions.py
// to count the instructions of.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "evaluation/shared_schedule.hpp"

using namespace fastlr::core;

namespace {

template <class Arguments>
AnySchedule<float> eager(const Arguments& arguments) {
  return make_schedule<float>(ExecutionId::eager, arguments);
}

// The same memory and the same steps for every count: what is before the loop is subtracted.
constexpr std::size_t most = std::size_t{1} << 20;

void range(const AnySchedule<float>& schedule, std::int64_t count) {
  std::vector<float> out(most);
  schedule.range({0, 1, count}, out.data(), 1, 1, nullptr);
}

void shuffled(const AnySchedule<float>& schedule, std::int64_t count) {
  std::vector<std::int64_t> steps(most);
  for (std::size_t i = 0; i < most; ++i) steps[i] = static_cast<std::int64_t>(i);
  std::shuffle(steps.begin(), steps.end(), std::mt19937(1));
  std::vector<float> out(most);
  schedule.array(StepType::int64, steps.data(), count, out.data(), 1, 1, nullptr);
}

void scalar(const AnySchedule<float>& schedule, std::int64_t count) {
  float sum = 0;
  for (std::int64_t step = 0; step < count; ++step) sum += schedule.at(step);
  if (sum < 0) std::puts("the sum of the rates is negative");
}

}  // namespace

int main(int argc, char** argv) {
  set_isa("avx2");
  const auto cosine = eager(CosineDecayArguments{0.1, 1e6, 0.01});
  const auto warmup = eager(CosineDecayArguments{0, 1, 0, {}, 0.1, 1e6});
  const auto restarts = eager(CosineDecayRestartsArguments{0.1, 1000, 2.0, 0.9});
  const auto short_restarts = eager(CosineDecayRestartsArguments{0.1, 10, 1.0, 0.9999});
  const auto exponential = eager(ExponentialDecayArguments{0.1, 1e4, 0.96});
  const auto inverse = eager(InverseTimeDecayArguments{0.1, 1e4, 0.5});
  const auto polynomial = eager(PolynomialDecayArguments{0.1, 1e6, 1e-4, 0.9});

  const std::map<std::string, std::function<void(std::int64_t)>> loops = {
      {"cosine, table", [&](std::int64_t n) { range(cosine, n); }},
      {"cosine, shuffled array", [&](std::int64_t n) { shuffled(cosine, n); }},
      {"cosine, single steps", [&](std::int64_t n) { scalar(cosine, n); }},
      {"warmup, table", [&](std::int64_t n) { range(warmup, n); }},
      {"restarts, table", [&](std::int64_t n) { range(restarts, n); }},
      {"restarts of 10 steps, table", [&](std::int64_t n) { range(short_restarts, n); }},
      {"exponential, table", [&](std::int64_t n) { range(exponential, n); }},
      {"inverse time, table", [&](std::int64_t n) { range(inverse, n); }},
      {"polynomial, power 0.9, table", [&](std::int64_t n) { range(polynomial, n); }},
  };
  const auto loop = argc == 3 ? loops.find(argv[1]) : loops.end();
  if (loop == loops.end()) {
    for (const auto& [name, run] : loops) std::puts(name.c_str());
    return argc == 1 ? 0 : 2;
  }
  loop->second(std::atoll(argv[2]));
  return 0;
}
