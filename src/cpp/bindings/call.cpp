// `schedule(steps)`: one C function from the interpreter to the arithmetic.
//
// What is rare or wrong (numbers of other types, sequences of several types, other arrays) goes to
// the method `_evaluate` that the Python layer defines.
#include <Python.h>

#include <vector>

#include "arrays.hpp"
#include "schedule_type.hpp"

namespace fastlr::bindings {
namespace {

/// A scalar of NumPy, as its C API declares them: PyLongScalarObject and so on.
template <class Value>
struct NumpyNumber {
  PyObject_HEAD
  Value value;
};

template <class Value>
Value value_of(PyObject* number) {
  return reinterpret_cast<NumpyNumber<Value>*>(number)->value;
}

/// NumPy's types of single numbers that are steps as they are.
struct {
  PyTypeObject *int64, *int32, *float64, *float32;
} numpy_types;

PyObject* evaluate_name;   // "_evaluate"
PyObject* execution_name;  // "execution"

/// The value of an int that has one digit at most, as nearly all steps do.
inline bool is_compact(PyObject* number, std::int64_t& value) {
  const auto* integer = reinterpret_cast<const PyLongObject*>(number);
#if PY_VERSION_HEX >= 0x030C0000
  if (!PyUnstable_Long_IsCompact(integer)) return false;
  value = PyUnstable_Long_CompactValue(integer);
#else
  const Py_ssize_t size = Py_SIZE(integer);
  if (size < 0 || size > 1) return false;
  value = size == 0 ? 0 : static_cast<std::int64_t>(integer->ob_digit[0]);
#endif
  return true;
}

/// An exact int that fits.
bool is_int64(PyObject* number, std::int64_t& value) {
  if (!PyLong_CheckExact(number)) return false;
  int overflow;
  value = PyLong_AsLongLongAndOverflow(number, &overflow);
  return overflow == 0;
}

/// What TensorFlow makes of a Python float.
float single(PyObject* number) {
  return core::flush(static_cast<float>(PyFloat_AS_DOUBLE(number)));
}

template <class Real>
PyObject* rate_at(const core::AnySchedule<Real>& schedule, std::int64_t step) {
  return PyFloat_FromDouble(double{schedule.at(step)});
}

/// A float step is compared and computed with in its own precision, as in an array.
template <class Real, class Step>
PyObject* rate_at_float(const core::AnySchedule<Real>& schedule, Step step) {
  if constexpr (std::is_same_v<Real, float> && std::is_same_v<Step, float>) {
    return PyFloat_FromDouble(double{schedule.at_real(core::flush(step))});
  } else {
    constexpr auto type = sizeof(Step) == 4 ? core::StepType::float32 : core::StepType::float64;
    Real rate;
    schedule.array(type, &step, 1, &rate, 1, 1, nullptr);
    return PyFloat_FromDouble(double{rate});
  }
}

/// Rates for one-dimensional steps that were read into memory.
template <class Real, class Step>
PyObject* rates_at(const core::AnySchedule<Real>& schedule, core::StepType type,
                   const std::vector<Step>& steps) {
  const auto count = static_cast<Py_ssize_t>(steps.size());
  py::array rates = empty<Real>(&count, 1);
  fill(schedule, StepArray{type, steps.data(), count}, memory_of<Real>(rates), 0);
  return rates.release().ptr();
}

// ---- Each of these gives null without an exception for what it does not know --------------------

template <class Real>
PyObject* at_number(const core::AnySchedule<Real>& schedule, PyObject* step) {
  std::int64_t integer;
  if (is_int64(step, integer)) return rate_at(schedule, integer);
  if (PyFloat_CheckExact(step)) return rate_at_float(schedule, single(step));
  const PyTypeObject* type = Py_TYPE(step);
  if (type == numpy_types.int64) return rate_at(schedule, value_of<std::int64_t>(step));
  if (type == numpy_types.int32) return rate_at(schedule, value_of<std::int32_t>(step));
  if (type == numpy_types.float32) return rate_at_float(schedule, value_of<float>(step));
  if (type == numpy_types.float64) return rate_at_float(schedule, value_of<double>(step));
  return nullptr;
}

template <class Real>
PyObject* at_array(const core::AnySchedule<Real>& schedule, PyObject* object) {
  const auto steps = exact_array(object);
  const auto type = steps && steps->ndim() > 0 ? step_type(*steps) : std::nullopt;
  if (!type) return nullptr;
  py::array rates = empty<Real>(steps->shape(), static_cast<int>(steps->ndim()));
  fill(schedule, StepArray{*type, steps->data(), steps->size()}, memory_of<Real>(rates), 0);
  return rates.release().ptr();
}

/// Lists and tuples of ints, or of floats.
template <class Real>
PyObject* at_items(const core::AnySchedule<Real>& schedule, PyObject* sequence) {
  if (!PyList_CheckExact(sequence) && !PyTuple_CheckExact(sequence)) return nullptr;
  PyObject* const* items = PySequence_Fast_ITEMS(sequence);
  const auto count = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(sequence));
  if (count > 0 && PyFloat_CheckExact(items[0])) {
    std::vector<float> steps(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!PyFloat_CheckExact(items[i])) return nullptr;
      steps[i] = single(items[i]);
    }
    return rates_at(schedule, core::StepType::float32, steps);
  }
  std::vector<std::int64_t> steps(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_int64(items[i], steps[i])) return nullptr;
  }
  return rates_at(schedule, core::StepType::int64, steps);
}

template <class Real>
PyObject* at_range(const core::AnySchedule<Real>& schedule, PyObject* range) {
  if (Py_TYPE(range) != &PyRange_Type) return nullptr;
  const py::handle given(range);
  const py::object start = given.attr("start"), stop = given.attr("stop"),
                   step = given.attr("step");
  const auto steps = steps_of(start.ptr(), stop.ptr(), step.ptr());
  if (!steps || steps->count > surely_available) return nullptr;
  const auto count = static_cast<Py_ssize_t>(steps->count);
  py::array rates = empty<Real>(&count, 1);
  fill(schedule, *steps, memory_of<Real>(rates), 0);
  return rates.release().ptr();
}

PyObject* evaluate(PyObject* self, PyObject* steps, PyObject* execution) {
  try {
    if (const Kernel* kernel = kernel_in(self, execution)) {
      PyObject* rates = std::visit(
          [&](const auto& schedule) {
            using Real = decltype(schedule.at(0));
            for (const auto form :
                 {at_number<Real>, at_array<Real>, at_items<Real>, at_range<Real>}) {
              PyObject* result = form(schedule, steps);
              if (result != nullptr || PyErr_Occurred() != nullptr) return result;
            }
            return static_cast<PyObject*>(nullptr);
          },
          kernel->schedule);
      if (rates != nullptr || PyErr_Occurred() != nullptr) return rates;
    }
  } catch (const std::exception&) {
    return set_python_error();
  }
  return PyObject_CallMethodObjArgs(self, evaluate_name, steps, execution, nullptr);
}

/// Every call but the plainest; apart from it, so that it needs no stack frame.
FASTLR_NOINLINE PyObject* vectorcall_any(PyObject* self, PyObject* const* args, std::size_t nargsf,
                                         PyObject* kwnames) {
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  const Py_ssize_t keywords = kwnames == nullptr ? 0 : PyTuple_GET_SIZE(kwnames);
  const ternaryfunc tp_call = Py_TYPE(self)->tp_call;
  if (count == 1 && tp_call == call) {
    if (keywords == 0) return evaluate(self, args[0], nullptr);
    if (keywords == 1 && PyTuple_GET_ITEM(kwnames, 0) == execution_name) {
      return evaluate(self, args[0], args[1]);
    }
  }
  try {
    py::tuple positional(count);
    for (Py_ssize_t i = 0; i < count; ++i) {
      positional[static_cast<std::size_t>(i)] = py::handle(args[i]);
    }
    py::dict keyword;
    for (Py_ssize_t i = 0; i < keywords; ++i) {
      keyword[py::handle(PyTuple_GET_ITEM(kwnames, i))] = py::handle(args[count + i]);
    }
    return tp_call(self, positional.ptr(), keyword.ptr());
  } catch (const std::exception&) {
    return set_python_error();
  }
}

PyObject* interned(const char* name) {
  PyObject* text = PyUnicode_InternFromString(name);
  if (text == nullptr) throw py::error_already_set();
  return text;
}

}  // namespace

/// tp_call: all keywords, super().__call__(), and subclasses without the vectorcall flag.
PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* keywords[] = {"steps", "execution", nullptr};
  PyObject* steps;
  PyObject* execution = nullptr;
  if (PyTuple_GET_SIZE(args) == 0 && (kwargs == nullptr || PyDict_GET_SIZE(kwargs) == 0)) {
    return PyObject_CallMethodNoArgs(self, evaluate_name);  // which refuses it
  }
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O:__call__", const_cast<char**>(keywords),
                                   &steps, &execution)) {
    return nullptr;
  }
  return evaluate(self, steps, execution);
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  const auto& schedule = object_of(self)->single_at;
  // CPython 3.11 goes on using vectorcall after `Subclass.__call__ = f`; comparing tp_call is free.
  if (PyVectorcall_NARGS(nargsf) == 1 && kwnames == nullptr && Py_TYPE(self)->tp_call == call &&
      schedule.schedule != nullptr) {
    const PyTypeObject* type = Py_TYPE(args[0]);
    std::int64_t step;
    if (type == &PyLong_Type && is_compact(args[0], step)) {
      return PyFloat_FromDouble(double{schedule(step)});
    }
    if (type == numpy_types.int64) {
      return PyFloat_FromDouble(double{schedule(value_of<std::int64_t>(args[0]))});
    }
    if (type == numpy_types.float32) {
      return PyFloat_FromDouble(double{schedule.at_real(core::flush(value_of<float>(args[0])))});
    }
    if (type == &PyFloat_Type) {
      return PyFloat_FromDouble(double{schedule.at_real(single(args[0]))});
    }
  }
  return vectorcall_any(self, args, nargsf, kwnames);
}

void register_calls() {
  evaluate_name = interned("_evaluate");
  execution_name = interned("execution");
  const py::module_ numpy = py::module_::import("numpy");
  const auto numpy_type = [&](const char* name) {
    return reinterpret_cast<PyTypeObject*>(py::object(numpy.attr(name)).release().ptr());
  };
  numpy_types = {numpy_type("int64"), numpy_type("int32"), numpy_type("float64"),
                 numpy_type("float32")};
}

}  // namespace fastlr::bindings
