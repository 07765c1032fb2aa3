// TableMethod: `schedule.table`, whose plain form goes to the arithmetic through one C function.
//
// Checking arguments in Python costs 3 us, twice what a table of 1000 rates does. A TableMethod
// wraps the Python method and answers table(stop), table(start, stop) and table(start, stop, step)
// with ints of a float32 schedule itself; every other call, with its keywords, errors and very
// large tables, it leaves to the method.
#include <Python.h>
#include <pybind11/numpy.h>
#include <structmember.h>

#include <limits>
#include <optional>

#include "schedule_type.hpp"

namespace fastlr::bindings {
namespace {

struct TableMethodObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  PyObject* method;  // the Python function
};

TableMethodObject* method_of(PyObject* self) { return reinterpret_cast<TableMethodObject*>(self); }

/// More rates than this: the Python method looks first at how much memory there is.
constexpr std::uint64_t surely_available = std::uint64_t{1} << 26;

std::optional<std::int64_t> exact_int(PyObject* value) {
  if (!PyLong_CheckExact(value)) return std::nullopt;
  int overflow;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  // Half the range: differences of two do not overflow.
  constexpr long long limit = std::numeric_limits<long long>::max() / 2;
  if (overflow != 0 || number > limit || number < -limit) return std::nullopt;
  return number;
}

/// The steps of range(start, stop, step) or range(stop), where the arguments are such ints.
std::optional<core::StepRange> steps_of(PyObject* const* args, Py_ssize_t count) {
  std::int64_t values[] = {0, 0, 1};
  for (Py_ssize_t i = 0; i < count; ++i) {
    const auto value = exact_int(args[i]);
    if (!value) return std::nullopt;
    values[count == 1 ? 1 : i] = *value;
  }
  const auto [start, stop, step] = values;
  if (step == 0) return std::nullopt;
  if (step > 0 ? start >= stop : start <= stop) return core::StepRange{0, 1, 0};
  const auto distance = static_cast<std::uint64_t>(step > 0 ? stop - start : start - stop);
  const auto stride = static_cast<std::uint64_t>(step > 0 ? step : -step);
  const std::uint64_t length = (distance - 1) / stride + 1;
  if (length > surely_available) return std::nullopt;
  return core::StepRange{start, length > 1 ? step : 1, static_cast<std::int64_t>(length)};
}

/// py::array_t makes two vectors on its way to this: 50 ns, a tenth of a table of 1000 rates.
py::array empty_table(py::ssize_t count) {
  const auto& numpy = py::detail::npy_api::get();
  PyObject* dtype = numpy.PyArray_DescrFromType_(py::detail::npy_api::NPY_FLOAT_);
  const Py_intptr_t shape[] = {count};
  PyObject* table = numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, dtype, 1, shape, nullptr,
                                                nullptr, 0, nullptr);
  if (table == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::array>(table);
}

PyObject* table(const core::AnySchedule<float>& schedule, const core::StepRange& steps) {
  try {
    py::array rates = empty_table(steps.count);
    float* out = static_cast<float*>(rates.mutable_data());
    run(steps.count, [&](core::StopRequested stop) {
      return schedule.range(steps, out, 0, thread_limit, stop);
    });
    return rates.release().ptr();
  } catch (const std::exception&) {
    return raised();
  }
}

PyObject* vectorcall(PyObject* self, PyObject* const* args, std::size_t nargsf, PyObject* kwnames) {
  const Py_ssize_t count = PyVectorcall_NARGS(nargsf);
  if (kwnames == nullptr && count >= 2 && count <= 4 &&
      PyObject_TypeCheck(args[0], schedule_type)) {
    const ScheduleObject* schedule = object_of(args[0]);
    if (schedule->single != nullptr) {
      if (const auto steps = steps_of(args + 1, count - 1)) return table(*schedule->single, *steps);
    }
  }
  return PyObject_Vectorcall(method_of(self)->method, args, nargsf, kwnames);
}

PyObject* create(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* keywords[] = {"method", nullptr};
  PyObject* method;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:TableMethod", const_cast<char**>(keywords),
                                   &method)) {
    return nullptr;
  }
  PyObject* self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  method_of(self)->vectorcall = vectorcall;
  method_of(self)->method = Py_NewRef(method);
  return self;
}

PyObject* bind_to(PyObject* self, PyObject* instance, PyObject*) {
  return instance == nullptr || instance == Py_None ? Py_NewRef(self)
                                                    : PyMethod_New(self, instance);
}

PyObject* wrapped(PyObject* self, void*) { return Py_NewRef(method_of(self)->method); }

PyObject* documentation(PyObject* self, void*) {
  return PyObject_GetAttrString(method_of(self)->method, "__doc__");
}

PyObject* module_name(PyObject* self, void*) {
  return PyObject_GetAttrString(method_of(self)->method, "__module__");
}

/// Pickled by name, as functions are.
PyObject* reduce(PyObject* self, PyObject*) {
  return PyObject_GetAttrString(method_of(self)->method, "__qualname__");
}

/// What is not its own, such as its name, is the method's.
PyObject* get_attribute(PyObject* self, PyObject* name) {
  PyObject* own = PyObject_GenericGetAttr(self, name);
  if (own != nullptr || !PyErr_ExceptionMatches(PyExc_AttributeError)) return own;
  PyErr_Clear();
  return PyObject_GetAttr(method_of(self)->method, name);
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(method_of(self)->method);
  return 0;
}

int clear(PyObject* self) {
  Py_CLEAR(method_of(self)->method);
  return 0;
}

void destroy(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {{"__vectorcalloffset__", T_PYSSIZET,
                          offsetof(TableMethodObject, vectorcall), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyGetSetDef properties[] = {{"__wrapped__", wrapped, nullptr, nullptr, nullptr},
                            {"__doc__", documentation, nullptr, nullptr, nullptr},
                            {"__module__", module_name, nullptr, nullptr, nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

template <class Function>
void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

PyType_Slot slots[] = {{Py_tp_new, slot(create)},
                       {Py_tp_call, slot(PyVectorcall_Call)},
                       {Py_tp_descr_get, slot(bind_to)},
                       {Py_tp_getattro, slot(get_attribute)},
                       {Py_tp_dealloc, slot(destroy)},
                       {Py_tp_traverse, slot(traverse)},
                       {Py_tp_clear, slot(clear)},
                       {Py_tp_members, members},
                       {Py_tp_methods, methods},
                       {Py_tp_getset, properties},
                       {0, nullptr}};

// A method descriptor: `schedule.table(n)` makes no bound method.
PyType_Spec spec = {"fastlr._core.TableMethod", sizeof(TableMethodObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                        Py_TPFLAGS_METHOD_DESCRIPTOR,
                    slots};

}  // namespace

void register_table_method(py::module_& m) {
  PyObject* created = PyType_FromSpec(&spec);
  if (created == nullptr) throw py::error_already_set();
  const auto type = py::reinterpret_steal<py::object>(created);
  m.def(
      "table_method", [type](const py::object& method) { return type(method); }, py::arg("method"));
}

}  // namespace fastlr::bindings
