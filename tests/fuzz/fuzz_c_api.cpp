// Any arguments to the constructors of the C ABI: they are refused, or make a schedule with rates.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  try {
    const fastlr::Schedule schedule = schedule_of(data);
    require(fastlr::Schedule::from_json(schedule.to_json()) == schedule, "the JSON comes back");
    const auto start = data.ConsumeIntegral<std::int64_t>();
    check_rates(schedule, {0, 1, data.ConsumeIntegralInRange<std::int64_t>(0, 1 << 20), start});
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
