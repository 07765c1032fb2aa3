// The schedules that a composition is made of.
#pragma once

#include <stdexcept>
#include <string>

#include "../evaluation/any_schedule.hpp"
#include "../schedules/argument_checks.hpp"
#include "../schedules/arguments.hpp"

namespace fastlr::core {

/// The part in the mode and the type of the composition.
template <class Real, class Execution>
AnySchedule<Real> make_part(const char* name, const Part& part) {
  if (part == nullptr) {
    throw std::invalid_argument(std::string("Argument `") + name + "` must be given");
  }
  return make_schedule<Real>(Execution::id, *part);
}

}  // namespace fastlr::core
