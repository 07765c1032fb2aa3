// The schedules that a composition is made of.
#pragma once

#include "../evaluation/any_schedule.hpp"
#include "../schedules/arguments.hpp"

namespace fastlr::core {

/// The part in the mode and the type of the composition; std::invalid_argument where it is missing.
template <class Real>
AnySchedule<Real> make_part(const char* name, const Part& part, ExecutionId execution);

/// 1 for a schedule without parts, else one more than its deepest part; 0 where it is missing.
int levels_of(const Part& part);

}  // namespace fastlr::core
