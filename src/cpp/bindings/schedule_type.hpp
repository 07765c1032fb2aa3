// The layout of Schedule objects.
#pragma once

#include <Python.h>

#include "module.hpp"

namespace fastlr::bindings {

struct ScheduleObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* kernel;                        // a Kernel, or null before `_bind`
  const core::AnySchedule<float>* single;  // inside the kernel; one of the two is set
  const core::AnySchedule<double>* wide;
  core::AnySchedule<float>::Scalar single_at;  // of `single`
};

inline ScheduleObject* object_of(PyObject* self) { return reinterpret_cast<ScheduleObject*>(self); }

/// The type Schedule; set by `register_schedule_type`.
inline PyTypeObject* schedule_type = nullptr;

}  // namespace fastlr::bindings
