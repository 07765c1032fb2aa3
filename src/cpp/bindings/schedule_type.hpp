// The layout of Schedule objects, and how they are called.
#pragma once

#include <Python.h>

#include <array>
#include <memory>
#include <optional>

#include "kernel.hpp"

namespace fastlr::bindings {

/// What a Schedule is, with the kernels of the execution modes that were asked for so far.
class Kernels {
 public:
  Kernels(core::Arguments arguments, bool is_double)
      : shared_(std::make_shared<const core::SharedSchedule>(std::move(arguments))),
        is_double_(is_double) {}

  const core::Part& shared() const { return shared_; }

  /// Null where there is no exact formula. Made when first asked for, with the GIL.
  const Kernel* in(core::ExecutionId execution) {
    if (is_double_ && execution != core::ExecutionId::eager) return nullptr;
    auto& kernel = made_[static_cast<std::size_t>(execution)];
    if (!kernel) kernel = make_kernel(*shared_, is_double_, execution);
    return &*kernel;
  }

  /// The same as an object of Python.
  py::object object_in(core::ExecutionId execution) {
    const Kernel* kernel = in(execution);
    if (kernel == nullptr) throw py::value_error("there is no such kernel");
    auto& object = objects_[static_cast<std::size_t>(execution)];
    if (!object) object = py::cast(*kernel);
    return object;
  }

 private:
  core::Part shared_;
  bool is_double_;
  std::array<std::optional<Kernel>, 3> made_;
  std::array<py::object, 3> objects_;
};

struct ScheduleObject {
  PyObject_HEAD
  vectorcallfunc vectorcall;
  Kernels* kernels;                            // null before `_bind`
  core::AnySchedule<float>::Scalar single_at;  // of the eager kernel, where it is float32
};

inline ScheduleObject* object_of(PyObject* self) { return reinterpret_cast<ScheduleObject*>(self); }

/// The type Schedule; set by `register_schedule_type`.
inline PyTypeObject* schedule_type = nullptr;

/// The kernel in the execution mode of that name, or in the eager one where `execution` is null;
/// null where Python has to say what is wrong.
inline const Kernel* kernel_in(PyObject* self, PyObject* execution) {
  const auto mode = execution == nullptr ? core::ExecutionId::eager : execution_of(execution);
  Kernels* kernels = object_of(self)->kernels;
  return kernels == nullptr || !mode ? nullptr : kernels->in(*mode);
}

/// A schedule as a part of others. TypeError for what is none, or was not initialised.
core::Part part_of(PyObject* schedule);

/// More rates than this: Python looks first at how much memory there is.
constexpr std::int64_t surely_available = std::int64_t{1} << 26;

/// The steps of range(start, stop, step), or of range(start) where `stop` is null; a `step` that is
/// null is 1. Nothing where they are not ints of modest size, or `step` is 0.
std::optional<core::StepRange> steps_of(PyObject* start, PyObject* stop, PyObject* step);

PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs);
PyObject* vectorcall(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames);
void register_calls();

}  // namespace fastlr::bindings
