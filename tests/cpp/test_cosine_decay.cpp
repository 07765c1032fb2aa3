// The C and C++ faces against Keras's eager formula written out with the C library's cosf.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "FAILED: %s\n", what);
}

struct Reference {
  double initial, decay_steps, alpha;
  std::optional<double> target;
  double warmup_steps;

  float operator()(std::int64_t step) const {
    constexpr float pi = 3.14159274f;
    const auto lr = static_cast<float>(initial), d = static_cast<float>(decay_steps);
    const auto a = static_cast<float>(alpha), span = static_cast<float>(1.0 - alpha);
    const float w = target ? static_cast<float>(warmup_steps) : 0.0f;
    const float base = target ? static_cast<float>(*target) : lr;
    const float s = static_cast<float>(step), last = d + w, g = s < last ? s : last;
    if (target && g < w) return (base - lr) * (g / w) + lr;
    return base * (span * (0.5f * (1.0f + std::cos(pi * ((g - w) / d)))) + a);
  }

  fastlr::CosineDecay schedule() const {
    return fastlr::CosineDecay(initial, decay_steps, alpha, target, warmup_steps);
  }
};

bool same(float a, float b) { return std::memcmp(&a, &b, sizeof a) == 0; }

std::size_t differences(const Reference& reference, std::int64_t start, std::int64_t stop,
                        std::int64_t step, int threads) {
  const fastlr::CosineDecay schedule = reference.schedule();
  std::vector<float> table(fastlr::Schedule::length(start, stop, step));
  schedule.table(start, stop, step, table.data(), threads);
  std::size_t different = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::int64_t at = start + static_cast<std::int64_t>(i) * step;
    different += !same(table[i], reference(at)) || !same(table[i], schedule(at));
  }
  return different;
}

template <class Call>
bool refuses(Call call) {
  try {
    call();
  } catch (const std::invalid_argument&) {
    return true;
  }
  return false;
}

void test_bits() {
  const Reference references[] = {
      {0.1, 1000, 0.0, std::nullopt, 0},    {0.1, 1, 0.0, std::nullopt, 0},
      {0.1, 3, 0.5, std::nullopt, 0},       {1e-8, 1e6, -0.1, std::nullopt, 0},
      {10.0, 1e9, 2.0, std::nullopt, 0},    {0.0, 1000, 0.01, 0.1, 777},
      {0.1, 100000, 0.0, 0.5, 1},           {0.1, 50, 1e-3, 0.5, 1e6 + 1},
      {0.3, 16777217, 1.0, std::nullopt, 0}};
  for (const Reference& reference : references) {
    expect(differences(reference, -100, 200'000, 1, 1) == 0, "consecutive steps");
    expect(differences(reference, 200'000, -100, -7, 1) == 0, "falling steps");
    expect(differences(reference, (1 << 24) - 300, (1 << 24) + 300, 1, 1) == 0, "around 2**24");
    expect(differences(reference, -1'000'000'000'000, 1'000'000'000'000, 123'456'789, 2) == 0,
           "strided steps over all pieces");
    expect(differences(reference, 0, 300'000, 1, 3) == 0, "three threads");
  }
}

void test_refusals() {
  const fastlr::CosineDecay schedule(0.1, 1000);
  float out[4] = {7, 7, 7, 7};
  expect(refuses([] { fastlr::CosineDecay(0.1, 0); }), "decay_steps = 0");
  expect(refuses([] { fastlr::CosineDecay(NAN, 10); }), "a rate that is NaN");
  expect(refuses([] { fastlr::CosineDecay(1e39, 10); }), "a rate beyond float32");
  expect(refuses([&] { schedule.table(0, 4, 0, out); }), "step = 0");
  expect(refuses([&] { schedule.table(0, 4, 1, out, -1); }), "threads = -1");
  expect(refuses([&] { schedule.table(0, 4, 1, nullptr); }), "out = nullptr");
  expect(fastlr_range(nullptr, 0, 1, 4, out, 1, nullptr) == FASTLR_INVALID_ARGUMENT,
         "NULL schedule");
  expect(out[0] == 7 && out[3] == 7, "a refused call writes nothing");
}

void test_extremes() {
  const fastlr::CosineDecay schedule(0.1, 1000);
  const Reference reference{0.1, 1000, 0.0, std::nullopt, 0};
  const std::vector<float> ends = schedule.table(INT64_MIN, INT64_MAX, INT64_MAX);
  expect(ends.size() == 3, "length of a range over all of int64_t");
  expect(same(ends[0], reference(INT64_MIN)) && same(ends[2], reference(INT64_MAX - 1)),
         "the first and the last int64_t");
  expect(schedule.table(5, 5).empty(), "an empty range");
}

void test_sharing() {
  const fastlr::CosineDecay schedule(0.1, 100'000);
  const std::vector<float> expected = schedule.table(100'000);
  std::vector<std::vector<float>> tables(4);
  std::vector<std::thread> threads;
  for (auto& table : tables) threads.emplace_back([&] { table = schedule.table(100'000); });
  for (auto& thread : threads) thread.join();
  for (const auto& table : tables) expect(table == expected, "one schedule, many threads");
}

}  // namespace

int main() {
  test_bits();
  test_refusals();
  test_extremes();
  test_sharing();
  std::printf("%s\n", failures == 0 ? "all passed" : "FAILED");
  return failures == 0 ? 0 : 1;
}
