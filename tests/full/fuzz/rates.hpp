// What holds of the rates of any schedule: one step, an array and a range agree, on every
// instruction set, in every execution mode.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <vector>

#include "evaluation/dispatch.hpp"

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

inline bool same(float a, float b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

/// A few vectors' worth of steps from each of `starts` on, by strides of 1 and more.
inline void check_rates(const fastlr::Schedule& schedule, const std::vector<std::int64_t>& starts) {
  using namespace fastlr;
  constexpr std::int64_t count = 70;
  for (const core::IsaId isa : core::usable_isas()) {
    core::set_isa(core::isa_name(isa));
    for (const auto execution : {Execution::eager, Execution::graph, Execution::xla}) {
      for (const std::int64_t start : starts) {
        const std::int64_t stride = start % 3 == 0 ? 1 : start % 3 == 1 ? 1001 : -1;
        const std::int64_t room = count * 1001;
        const std::int64_t first = start > INT64_MAX - room   ? INT64_MAX - room
                                   : start < INT64_MIN + room ? INT64_MIN + room
                                                              : start;
        std::vector<std::int64_t> steps;
        for (std::int64_t i = 0; i < count; ++i) steps.push_back(first + i * stride);
        std::vector<std::int64_t> shuffled(steps.rbegin(), steps.rend());
        std::swap(shuffled[3], shuffled[40]);
        const auto range = schedule.table(first, first + count * stride, stride, execution);
        const auto array = schedule(shuffled, execution);
        require(range.size() == steps.size(), "a range has its length");
        for (std::size_t i = 0; i < steps.size(); ++i) {
          require(same(range[i], schedule(steps[i], execution)), "a range has single steps");
          require(same(array[i], schedule(shuffled[i], execution)), "an array has single steps");
        }
      }
    }
  }
}
