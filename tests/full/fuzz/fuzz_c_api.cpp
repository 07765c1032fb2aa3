// Any arguments to the functions of the C ABI: they are refused, or make a schedule with rates.
// Calls for many rates give all of them, or an error and none.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "rates.hpp"

namespace {

/// A number as people give it, or any bits at all.
double number(FuzzedDataProvider& data) {
  switch (data.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return data.ConsumeIntegralInRange(-10, 100'000);
    case 1:
      return data.ConsumeFloatingPointInRange(-2.0, 2.0);
    case 2:
      return data.ConsumeProbability<double>();
    default:
      return data.ConsumeFloatingPoint<double>();
  }
}

std::vector<double> numbers(FuzzedDataProvider& data) {
  std::vector<double> list(data.ConsumeIntegralInRange<std::size_t>(0, 8));
  for (double& item : list) item = number(data);
  return list;
}

fastlr::Schedule schedule_of(FuzzedDataProvider& data) {
  const double rate = number(data), steps = number(data);
  const fastlr::Name name =
      data.ConsumeBool() ? fastlr::Name(data.ConsumeRandomLengthString(20)) : std::nullopt;
  switch (data.ConsumeIntegralInRange(0, 5)) {
    case 0: {
      const auto target = data.ConsumeBool() ? std::optional<double>(number(data)) : std::nullopt;
      return fastlr::CosineDecay(rate, steps, number(data), name, target, number(data));
    }
    case 1:
      return fastlr::CosineDecayRestarts(rate, steps, number(data), number(data), number(data),
                                         name);
    case 2:
      return fastlr::ExponentialDecay(rate, steps, number(data), data.ConsumeBool(), name);
    case 3:
      return fastlr::InverseTimeDecay(rate, steps, number(data), data.ConsumeBool(), name);
    case 4:
      return fastlr::PolynomialDecay(rate, steps, number(data), number(data), data.ConsumeBool(),
                                     name);
    default:
      return fastlr::PiecewiseConstantDecay(numbers(data), numbers(data), name);
  }
}

/// Whether start + i * step is an int64_t for all i in [0, count).
bool within_int64(std::int64_t start, std::int64_t step, std::size_t count) {
  if (count < 2) return true;
  __int128 last = start;
  return !__builtin_mul_overflow(static_cast<__int128>(count - 1), __int128{step}, &last) &&
         !__builtin_add_overflow(last, __int128{start}, &last) && last >= INT64_MIN &&
         last <= INT64_MAX;
}

void check_bulk(FuzzedDataProvider& data, const fastlr::Schedule& schedule) {
  constexpr float untouched = 7e33f;
  static std::vector<float> out(70'000);  // more than a chunk: threads run
  static std::vector<std::int64_t> steps(out.size());
  const bool long_call = data.ConsumeIntegralInRange(0, 99) == 0;
  const std::size_t room = long_call ? out.size() : 100;
  const auto count = data.ConsumeBool() ? data.ConsumeIntegralInRange<std::size_t>(0, room)
                                        : data.ConsumeIntegral<std::size_t>();
  const auto start = data.ConsumeIntegral<std::int64_t>();
  const auto step = data.ConsumeBool() ? data.ConsumeIntegralInRange<std::int64_t>(-1000, 1000)
                                       : data.ConsumeIntegral<std::int64_t>();
  const int threads =
      data.ConsumeBool() ? data.ConsumeIntegralInRange(-1, 8) : data.ConsumeIntegral<int>();
  const int execution = data.ConsumeIntegralInRange(-1, 4);
  const auto* handle = data.ConsumeIntegralInRange(0, 9) == 0 ? nullptr : schedule.get();
  // What does not fit the buffer is never written: there is no buffer then.
  float* rates = count > room || data.ConsumeIntegralInRange(0, 9) == 0 ? nullptr : out.data();
  const std::int64_t* given = data.ConsumeIntegralInRange(0, 9) == 0 ? nullptr : steps.data();
  std::fill_n(out.begin(), room, untouched);

  const bool good = handle != nullptr && execution >= 0 && execution <= 2 && threads >= 0 &&
                    (rates != nullptr || count == 0);
  const auto check = [&](fastlr_status status, bool accepted, const char* message, auto step_at) {
    require((status == FASTLR_OK) == accepted, "exactly what is good is accepted");
    require((status == FASTLR_OK) == (message[0] == '\0'), "what is refused is told");
    require(std::strlen(message) < sizeof(fastlr_error), "a message ends");
    for (std::size_t i = 0; i < room; ++i) {
      const bool written = accepted && i < count;
      require(same(out[i], written ? schedule(step_at(i), static_cast<fastlr::Execution>(execution))
                                   : untouched),
              "all rates, or none");
    }
  };

  fastlr_error error{};
  auto status = fastlr_range(handle, start, step, count, rates, threads, execution, &error);
  const auto in_range = [&](std::size_t i) { return start + static_cast<std::int64_t>(i) * step; };
  check(status, good && within_int64(start, step, count), error.message, in_range);

  if (count <= room) {
    for (std::size_t i = 0; i < count; ++i) {
      steps[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                           i * static_cast<std::uint64_t>(step));
    }
  }
  std::fill_n(out.begin(), room, untouched);
  error = {};
  status = fastlr_array(handle, given, count, rates, threads, execution, &error);
  check(status, good && (given != nullptr || count == 0), error.message,
        [&](std::size_t i) { return steps[i]; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  try {
    const fastlr::Schedule schedule = schedule_of(data);
    require(fastlr::Schedule::from_json(schedule.to_json()) == schedule, "the JSON comes back");
    const auto start = data.ConsumeIntegral<std::int64_t>();
    check_bulk(data, schedule);
    check_rates(schedule, {0, 1, data.ConsumeIntegralInRange<std::int64_t>(0, 1 << 20), start});
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
