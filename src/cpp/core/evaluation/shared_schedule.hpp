// A schedule as others share it: they may be made of the same part many times over.
#pragma once

#include <array>
#include <mutex>
#include <optional>

#include "../schedules/all.hpp"
#include "any_schedule.hpp"

namespace fastlr::core {

/// Arguments, and what was made of them so far. It may be used from many threads.
class SharedSchedule {
 public:
  /// std::invalid_argument where schedules are nested too deeply.
  explicit SharedSchedule(Arguments arguments);

  const Arguments& arguments() const { return arguments_; }

  /// 1 for a schedule without parts, else one more than the deepest part.
  int levels() const { return levels_; }

  /// The schedule in an execution mode. In binary64 there is the eager mode only.
  template <class Real>
  AnySchedule<Real> in(ExecutionId execution) const;

 private:
  Arguments arguments_;
  int levels_;
  mutable std::mutex mutex_;
  mutable std::array<std::optional<AnySchedule<float>>, 3> in_binary32_;
  mutable std::array<std::optional<AnySchedule<double>>, 3> in_binary64_;
};

}  // namespace fastlr::core
