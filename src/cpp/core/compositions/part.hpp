// The schedules that a composition is made of.
#pragma once

#include "../evaluation/any_schedule.hpp"
#include "../schedules/arguments.hpp"

namespace fastlr::core {

/// The part in the mode and the type of the composition; std::invalid_argument where it is missing.
template <class Real>
AnySchedule<Real> make_part(const char* name, const Part& part, ExecutionId execution);

}  // namespace fastlr::core
