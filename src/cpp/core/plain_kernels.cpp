// Steps one after the other, for every instruction set: `Flushed` arithmetic, and binary64.
#include "driver.hpp"
#include "schedule.hpp"

namespace fastlr::core {

template <class Schedule, class Number>
const Kernels<real_of_t<Number>>& plain_kernels() {
  return PlainDriver<Baseline, Schedule, Number>::kernels;
}

#define FASTLR_INSTANTIATE(Schedule)                                                      \
  template const Kernels<float>& plain_kernels<Schedule<float, Eager>, Flushed<float>>(); \
  template const Kernels<float>& plain_kernels<Schedule<float, Graph>, Flushed<float>>(); \
  template const Kernels<float>& plain_kernels<Schedule<float, Xla>, Flushed<float>>();   \
  template const Kernels<double>& plain_kernels<Schedule<double, Eager>, double>();       \
  template const Kernels<double>& plain_kernels<Schedule<double, Eager>, Flushed<double>>();
FASTLR_SCHEDULES(FASTLR_INSTANTIATE)
#undef FASTLR_INSTANTIATE

}  // namespace fastlr::core
