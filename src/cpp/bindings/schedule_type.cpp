// Schedule: the Python type whose instances are called with a step.
//
// A call goes from the interpreter to the arithmetic through one C function (vectorcall).
// pybind11's own dispatch costs 120 to 150 ns a call and this 30, so the type is made with
// CPython's API. What the fast path does not know (arrays, keywords, NumPy scalars, other execution
// modes) goes to the method `_evaluate` that the Python layer defines.
#include <Python.h>
#include <structmember.h>

#include "isa.hpp"
#include "schedule_type.hpp"

namespace fastlr::bindings {
namespace {

/// NumPy's types of single numbers that are steps as they are.
struct {
  PyTypeObject *int64 = nullptr, *int32 = nullptr, *float64 = nullptr, *float32 = nullptr;
} numpy_types;

PyObject* evaluate_name = nullptr;  // "_evaluate"

PyObject* evaluate(PyObject* self, PyObject* steps, PyObject* execution) {
  return PyObject_CallMethodObjArgs(self, evaluate_name, steps, execution, nullptr);
}

PyObject* rate_at(const ScheduleObject* object, std::int64_t step) {
  return PyFloat_FromDouble(object->single != nullptr ? double{object->single_at(step)}
                                                      : object->wide->at(step));
}

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

/// NumPy's numbers; null without an exception where the step is none that is known here.
PyObject* call_with_numpy_number(const ScheduleObject* object, PyObject* step) {
  const PyTypeObject* type = Py_TYPE(step);
  if (type == numpy_types.int64 || type == numpy_types.int32) {
    PyObject* number = PyNumber_Index(step);
    if (number == nullptr) return nullptr;
    const long long value = PyLong_AsLongLong(number);
    Py_DECREF(number);
    return rate_at(object, value);
  }
  if (object->single == nullptr) return nullptr;
  if (type == numpy_types.float32) {
    const auto value = static_cast<float>(PyFloat_AsDouble(step));
    return PyFloat_FromDouble(double{object->single->at_real(core::flush(value))});
  }
  if (type == numpy_types.float64) {
    // As an array of one: piecewise schedules compare a float64 in its own precision.
    const double value = PyFloat_AsDouble(step);
    float rate;
    object->single->array(core::StepType::float64, &value, 1, &rate, 1, 1, nullptr);
    return PyFloat_FromDouble(double{rate});
  }
  return nullptr;
}

/// The default execution mode, for any step.
PyObject* call_one(PyObject* self, PyObject* step) {
  const ScheduleObject* object = object_of(self);
  if (object->kernel == nullptr) return evaluate(self, step, nullptr);
  if (PyLong_CheckExact(step)) {
    int overflow;
    const long long value = PyLong_AsLongLongAndOverflow(step, &overflow);
    if (overflow == 0) return rate_at(object, value);
  } else if (PyFloat_CheckExact(step)) {
    const double value = PyFloat_AS_DOUBLE(step);
    if (object->single != nullptr) {
      return PyFloat_FromDouble(double{object->single->at_real(static_cast<float>(value))});
    }
  } else if (PyObject* rate = call_with_numpy_number(object, step)) {
    return rate;
  } else if (PyErr_Occurred() != nullptr) {
    return nullptr;
  }
  return evaluate(self, step, nullptr);
}

/// tp_call: keywords, super().__call__(), and subclasses without the vectorcall flag.
PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* keywords[] = {"steps", "execution", nullptr};
  PyObject* steps;
  PyObject* execution = nullptr;
  if (PyTuple_GET_SIZE(args) == 0 && (kwargs == nullptr || PyDict_GET_SIZE(kwargs) == 0)) {
    return evaluate(self, nullptr, nullptr);  // which refuses it
  }
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O:__call__", const_cast<char**>(keywords),
                                   &steps, &execution)) {
    return nullptr;
  }
  return execution == nullptr ? call_one(self, steps) : evaluate(self, steps, execution);
}

/// Every call but the plainest; apart from it, so that it needs no stack frame.
FASTLR_NOINLINE PyObject* vectorcall_any(PyObject* self, PyObject* const* args, std::size_t nargsf,
                                         PyObject* kwnames) {
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  const ternaryfunc tp_call = Py_TYPE(self)->tp_call;
  if (count == 1 && kwnames == nullptr && tp_call == call) return call_one(self, args[0]);
  try {
    py::tuple positional(count);
    for (Py_ssize_t i = 0; i < count; ++i) {
      positional[static_cast<std::size_t>(i)] = py::handle(args[i]);
    }
    py::dict keyword;
    for (Py_ssize_t i = 0; kwnames != nullptr && i < PyTuple_GET_SIZE(kwnames); ++i) {
      keyword[py::handle(PyTuple_GET_ITEM(kwnames, i))] = py::handle(args[count + i]);
    }
    return tp_call(self, positional.ptr(), keyword.ptr());
  } catch (const std::exception&) {
    return raised();
  }
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  // CPython 3.11 goes on using vectorcall after `Subclass.__call__ = f`; comparing tp_call is free.
  if (PyVectorcall_NARGS(nargsf) == 1 && kwnames == nullptr && Py_TYPE(self)->tp_call == call &&
      PyLong_CheckExact(args[0])) {
    const auto& single_at = object_of(self)->single_at;
    std::int64_t step;
    if (single_at.function != nullptr && is_compact(args[0], step)) {
      return PyFloat_FromDouble(double{single_at(step)});
    }
  }
  return vectorcall_any(self, args, nargsf, kwnames);
}

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self != nullptr) object_of(self)->vectorcall = vectorcall;
  return self;
}

/// _bind(kernel): gives the schedule its kernel, once.
PyObject* bind(PyObject* self, PyObject* kernel) {
  ScheduleObject* object = object_of(self);
  if (object->kernel != nullptr) {
    PyErr_SetString(PyExc_TypeError, "a schedule is immutable: it is initialised only once");
    return nullptr;
  }
  if (!py::isinstance<Kernel>(kernel)) {
    PyErr_SetString(PyExc_TypeError, "_bind() takes a Kernel");
    return nullptr;
  }
  const auto& schedule = py::handle(kernel).cast<const Kernel&>().schedule;
  object->single = std::get_if<core::AnySchedule<float>>(&schedule);
  object->wide = std::get_if<core::AnySchedule<double>>(&schedule);
  if (object->single != nullptr) object->single_at = object->single->scalar();
  Py_INCREF(kernel);
  object->kernel = kernel;
  Py_RETURN_NONE;
}

/// CPython before 3.12 does not hand the vectorcall flag to Python subclasses: they are called in
/// 28 ns with it and 43 without.
PyObject* init_subclass(PyObject* cls, PyObject* args, PyObject* kwargs) {
  auto* type = reinterpret_cast<PyTypeObject*>(cls);
  if (type->tp_call == call && type->tp_vectorcall_offset == offsetof(ScheduleObject, vectorcall)) {
    type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
    PyType_Modified(type);
  }
  // What other bases of the class do, such as typing.Generic.
  try {
    const py::object next =
        py::handle(reinterpret_cast<PyObject*>(&PySuper_Type))(
            py::handle(reinterpret_cast<PyObject*>(schedule_type)), py::handle(cls))
            .attr("__init_subclass__");
    return PyObject_Call(next.ptr(), args, kwargs);
  } catch (const std::exception&) {
    return raised();
  }
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(object_of(self)->kernel);
  return 0;
}

int clear(PyObject* self) {
  object_of(self)->single = nullptr;
  object_of(self)->wide = nullptr;
  object_of(self)->single_at = {};
  Py_CLEAR(object_of(self)->kernel);
  return 0;
}

void destroy(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(ScheduleObject, vectorcall), READONLY, nullptr},
    {"_kernel", T_OBJECT_EX, offsetof(ScheduleObject, kernel), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyMethodDef methods[] = {
    {"_bind", bind, METH_O, nullptr},
    {"__init_subclass__",
     reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(init_subclass)),
     METH_CLASS | METH_VARARGS | METH_KEYWORDS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

template <class Function>
void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

PyType_Slot slots[] = {{Py_tp_new, slot(create)},      {Py_tp_call, slot(call)},
                       {Py_tp_dealloc, slot(destroy)}, {Py_tp_traverse, slot(traverse)},
                       {Py_tp_clear, slot(clear)},     {Py_tp_members, members},
                       {Py_tp_methods, methods},       {0, nullptr}};

PyType_Spec spec = {
    "fastlr._core.Schedule", sizeof(ScheduleObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    slots};

}  // namespace

void register_schedule_type(py::module_& m) {
  evaluate_name = PyUnicode_InternFromString("_evaluate");
  if (evaluate_name == nullptr) throw py::error_already_set();
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) throw py::error_already_set();
  m.attr("Schedule") = py::reinterpret_steal<py::object>(type);
  schedule_type = reinterpret_cast<PyTypeObject*>(type);
  const py::module_ numpy = py::module_::import("numpy");
  const auto numpy_type = [&](const char* name) {
    return reinterpret_cast<PyTypeObject*>(py::object(numpy.attr(name)).release().ptr());
  };
  numpy_types.int64 = numpy_type("int64");
  numpy_types.int32 = numpy_type("int32");
  numpy_types.float64 = numpy_type("float64");
  numpy_types.float32 = numpy_type("float32");
}

}  // namespace fastlr::bindings
