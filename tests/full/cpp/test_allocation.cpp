// Memory that runs out at any moment: every call of the C ABI but fastlr_from_json fails at each of
// its allocations in turn. It says so, writes nothing and leaves nothing behind.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fastlr/fastlr.hpp>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

std::atomic<long> allocations_left{-1};  // until one fails; negative: none does
std::atomic<long> live{0};

void* allocate(std::size_t size) noexcept {
  long left = allocations_left;  // several threads may allocate
  while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1)) {
  }
  if (left == 1) return nullptr;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) ++live;
  return memory;
}

void* allocate_or_throw(std::size_t size) {
  void* memory = allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) --live;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }

namespace {

/// Calls call() with its n-th allocation failing, for n = 1, 2, ... until none fails any more, and
/// check() after each. Returns how many failed.
template <class Call, class Check>
int at_every_allocation(Call call, Check check) {
  for (int n = 1;; ++n) {
    const long before = live;
    allocations_left = n;
    call();
    const bool failed = allocations_left.exchange(-1) == 0;
    check(failed);
    EXPECT_EQ(live, before) << "at allocation " << n;
    if (!failed || testing::Test::HasFailure()) return n - 1;
  }
}

/// A call that makes a schedule.
template <class Make>
int expect_out_of_memory(Make make) {
  fastlr_schedule* const untouched = reinterpret_cast<fastlr_schedule*>(&live);
  fastlr_status status;
  fastlr_error error;
  bool wrote_nothing;
  return at_every_allocation(
      [&] {
        fastlr_schedule* schedule = untouched;
        error.message[0] = '\0';
        status = make(&schedule, &error);
        wrote_nothing = schedule == untouched;
        if (status == FASTLR_OK) fastlr_free(schedule);
      },
      [&](bool failed) {
        EXPECT_EQ(status, failed ? FASTLR_OUT_OF_MEMORY : FASTLR_OK);
        EXPECT_EQ(wrote_nothing, failed);
        EXPECT_STREQ(error.message, failed ? "Out of memory" : "");
      });
}

const char* const long_name = "a name that is too long to be kept without an allocation";

TEST(Allocation, OfEachConstructorMayFail) {
  const double target = 0.5, boundaries[] = {1, 7.5, 9}, values[] = {0.4, 0.3, 0.2, 0.1},
               falling[] = {9, 1, 7.5};
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_cosine_decay(0.1, 10, 0, long_name, &target, 3, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_cosine_decay_restarts(0.1, 10, 2, 1, 0, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_exponential_decay(0.1, 10, 0.5, true, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_inverse_square_root_decay(0.1, 10, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_inverse_time_decay(0.1, 10, 0.5, true, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_polynomial_decay(0.1, 10, 0, 2, true, long_name, schedule, error);
            }),
            5);
  for (const double* order : {boundaries, falling}) {
    EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
                return fastlr_piecewise_constant_decay(order, 3, values, 4, long_name, schedule,
                                                       error);
              }),
              5);
  }
}

TEST(Allocation, OfEachConstructorOfACompositionMayFail) {
  const fastlr::CosineDecay cosine(0.1, 10);
  const fastlr_schedule* const parts[] = {cosine.get(), cosine.get()};
  const std::int64_t boundary = 7;
  const double bound = 0.01;
  const std::vector<float> values(100, 0.1f);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_constant(0.1, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_table(values.data(), values.size(), long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_join(parts, 2, &boundary, 1, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_scale(cosine.get(), 0.5, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_shift(cosine.get(), 5, long_name, schedule, error);
            }),
            5);
  EXPECT_GT(expect_out_of_memory([&](auto schedule, auto error) {
              return fastlr_clip(cosine.get(), &bound, nullptr, long_name, schedule, error);
            }),
            5);
}

/// All rates or none, and none without an error. Where there is no memory for threads, one does it.
TEST(Allocation, OfBulkCallsMayFail) {
  const fastlr::CosineDecay schedule(0.1, 1000);
  const std::size_t count = 300'000;
  std::vector<std::int64_t> steps(count);
  for (std::size_t i = 0; i < count; ++i) steps[i] = static_cast<std::int64_t>(i);
  const std::vector<float> expected = schedule.table(static_cast<std::int64_t>(count));
  const std::vector<float> untouched(count, 7.0f);
  std::vector<float> out;
  for (const int threads : {1, 2, 4}) {
    for (const bool array : {false, true}) {
      fastlr_status status;
      fastlr_error error;
      out = untouched;
      at_every_allocation(
          [&] {
            status = array ? fastlr_array(schedule.get(), steps.data(), count, out.data(), threads,
                                          FASTLR_EAGER, &error)
                           : fastlr_range(schedule.get(), 0, 1, count, out.data(), threads,
                                          FASTLR_EAGER, &error);
          },
          [&](bool failed) {
            EXPECT_TRUE(status == FASTLR_OK || (failed && status == FASTLR_OUT_OF_MEMORY));
            EXPECT_TRUE(out == (status == FASTLR_OK ? expected : untouched));
            out = untouched;
          });
    }
  }
}

TEST(Allocation, OfSchedulesInCppMayFail) {
  std::optional<fastlr::Schedule> kept;
  bool threw;
  const int failures = at_every_allocation(
      [&] {
        threw = false;
        try {
          const fastlr::CosineDecay schedule(0.1, 10, 0, long_name);
          const std::vector<float> rates = schedule.table(1000);
          const std::vector<float> same = schedule(std::vector<std::int64_t>{1, 2, 3});
          threw = rates[2] != same[1];
        } catch (const std::bad_alloc&) {
          threw = true;
        }
      },
      [&](bool failed) { EXPECT_EQ(threw, failed); });
  EXPECT_GT(failures, 10);
}

}  // namespace
