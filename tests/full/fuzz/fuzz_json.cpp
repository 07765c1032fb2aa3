// Any text: it is refused, or makes a schedule that comes back from its own JSON and has rates.
#include <cstddef>
#include <cstdint>
#include <fastlr/fastlr.hpp>
#include <stdexcept>

#include "rates.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto schedule = fastlr::Schedule::from_json({reinterpret_cast<const char*>(data), size});
    require(fastlr::Schedule::from_json(schedule.to_json()) == schedule, "the JSON comes back");
    check_rates(schedule, {0, 1, 999, (1 << 24) + 1, INT64_MAX});
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
