// The schedules that a composition is made of.
#pragma once

#include <stdexcept>
#include <string>

#include "../evaluation/any_schedule.hpp"
#include "../schedules/argument_checks.hpp"
#include "../schedules/arguments.hpp"

namespace fastlr::core {

/// How deep schedules may be nested: deep enough for people, and never too deep for the stack.
inline constexpr int most_levels = 16;

/// 1 for a schedule without parts; one more than the deepest part for others.
int levels(const Arguments& arguments);

/// The part in the mode and the type of the composition.
template <class Real, class Execution>
AnySchedule<Real> make_part(const char* name, const Part& part) {
  if (part == nullptr) {
    throw std::invalid_argument(std::string("Argument `") + name + "` must be given");
  }
  if (levels(*part) >= most_levels) {
    throw std::invalid_argument(std::string("Argument `") + name +
                                "` is nested too deep: schedules have at most " +
                                std::to_string(most_levels) + " levels");
  }
  return make_schedule<Real>(Execution::id, *part);
}

}  // namespace fastlr::core
