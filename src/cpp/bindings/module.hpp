#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <exception>
#include <limits>
#include <new>

#include "evaluation/any_schedule.hpp"

namespace fastlr::bindings {

namespace py = pybind11;

void register_kernel(py::module_& m);
void register_schedule_type(py::module_& m);
void register_table(py::module_& m);
void register_info(py::module_& m);

/// Makes the C++ exception that is being handled Python's; null, which a C function then returns.
inline PyObject* set_python_error() noexcept {
  try {
    throw;
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    // Where memory is short pybind11 throws beside an exception of Python, which says more.
    if (PyErr_Occurred() == nullptr) PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

/// Threads that a call may choose by itself.
inline std::atomic<int> thread_limit{std::numeric_limits<int>::max()};

/// Whether this is Python's main thread, the only one that runs signal handlers.
bool is_main_thread();

/// Runs work(stop), which returns false when it was stopped, without the GIL where it is long.
/// Raises what a signal handler raised, KeyboardInterrupt above all.
///
/// The GIL is handled without pybind11's guards: at the end of the process Python ends daemon
/// threads where they wait for the GIL, by unwinding them, and a destructor that waits would abort.
template <class Work>
void run(std::int64_t count, Work work) {
  constexpr std::int64_t worth_releasing = 20'000;  // some 10 us; switching costs well below 1 us
  constexpr std::int64_t worth_interrupting = 500'000;  // some 10 ms, for the slowest formula
  if (count < worth_releasing) {
    work(nullptr);
    return;
  }
  const bool may_stop = count >= worth_interrupting && is_main_thread();
  const core::StopRequested stop = [] {
    const PyGILState_STATE state = PyGILState_Ensure();
    const bool stopped = PyErr_CheckSignals() != 0;
    PyGILState_Release(state);
    return stopped;
  };
  PyThreadState* state = PyEval_SaveThread();
  bool finished;
  try {
    finished = work(may_stop ? stop : nullptr);
  } catch (const std::exception&) {  // std::bad_alloc; not what unwinds daemon threads
    PyEval_RestoreThread(state);
    throw;
  }
  PyEval_RestoreThread(state);
  if (!finished) throw py::error_already_set();
}

}  // namespace fastlr::bindings
