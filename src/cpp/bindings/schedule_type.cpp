// Schedule: the Python type whose instances are called with a step.
//
// pybind11's own dispatch costs 120 to 150 ns a call and a C function of CPython's 30, so the type
// is made with CPython's API.
#include "schedule_type.hpp"

#include <Python.h>
#include <structmember.h>

#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace fastlr::bindings {
namespace {

PyObject* create(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* self = type->tp_alloc(type, 0);
  if (self != nullptr) object_of(self)->vectorcall = vectorcall;
  return self;
}

/// Gives a schedule its arguments, once.
void set_arguments(ScheduleObject* object, core::Arguments arguments, bool is_double) {
  if (object->kernels != nullptr) {
    PyErr_SetString(PyExc_TypeError, "a schedule is immutable: it is initialised only once");
    throw py::error_already_set();
  }
  auto kernels = std::make_unique<Kernels>(std::move(arguments), is_double);
  const Kernel* eager = kernels->in(core::ExecutionId::eager);
  if (const auto* single = std::get_if<core::AnySchedule<float>>(&eager->schedule)) {
    object->single_at = single->scalar();
  }
  object->kernels = kernels.release();
}

/// _bind(class_name, dtype, arguments): from arguments in the precision of the schedule.
PyObject* bind(PyObject* self, PyObject* args) {
  const char *class_name, *dtype;
  PyObject* arguments;
  if (!PyArg_ParseTuple(args, "ssO!:_bind", &class_name, &dtype, &PyDict_Type, &arguments)) {
    return nullptr;
  }
  try {
    set_arguments(object_of(self),
                  read_arguments(class_name, py::reinterpret_borrow<py::dict>(arguments)),
                  std::string_view(dtype) == "float64");
    Py_RETURN_NONE;
  } catch (const std::exception&) {
    return set_python_error();
  }
}

/// _bind_plain(class_name, config): from the config of a float32 schedule as it was given. False
/// where Python has to check and cast it first.
PyObject* bind_plain(PyObject* self, PyObject* args) {
  const char* class_name;
  PyObject* config;
  if (!PyArg_ParseTuple(args, "sO!:_bind_plain", &class_name, &PyDict_Type, &config)) {
    return nullptr;
  }
  try {
    auto arguments = read_plain_arguments(class_name, config);
    if (!arguments) Py_RETURN_FALSE;
    set_arguments(object_of(self), *std::move(arguments), false);
    Py_RETURN_TRUE;
  } catch (const std::invalid_argument&) {  // whose message is Python's
    Py_RETURN_FALSE;
  } catch (const std::exception&) {
    return set_python_error();
  }
}

/// _kernel(execution): the Kernel that `_evaluate` and the Python half of `table` use.
PyObject* kernel(PyObject* self, PyObject* name) {
  try {
    const auto execution = execution_of(name);
    Kernels* kernels = object_of(self)->kernels;
    if (!execution || kernels == nullptr) throw py::value_error("there is no such kernel");
    return kernels->object_in(*execution).release().ptr();
  } catch (const std::exception&) {
    return set_python_error();
  }
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
    return set_python_error();
  }
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return 0;
}

void destroy(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  delete object_of(self)->kernels;
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(ScheduleObject, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyMethodDef methods[] = {
    {"_bind", bind, METH_VARARGS, nullptr},
    {"_bind_plain", bind_plain, METH_VARARGS, nullptr},
    {"_kernel", kernel, METH_O, nullptr},
    {"__init_subclass__",
     reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(init_subclass)),
     METH_CLASS | METH_VARARGS | METH_KEYWORDS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

template <class Function>
void* slot(Function* function) {
  return reinterpret_cast<void*>(function);
}

PyType_Slot slots[] = {{Py_tp_new, slot(create)},
                       {Py_tp_call, slot(call)},
                       {Py_tp_dealloc, slot(destroy)},
                       {Py_tp_traverse, slot(traverse)},
                       {Py_tp_members, members},
                       {Py_tp_methods, methods},
                       {0, nullptr}};

PyType_Spec spec = {
    "fastlr._core.Schedule", sizeof(ScheduleObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    slots};

}  // namespace

core::Part part_of(PyObject* schedule) {
  if (!PyObject_TypeCheck(schedule, schedule_type) || object_of(schedule)->kernels == nullptr) {
    throw py::type_error("a part must be a schedule that the core evaluates");
  }
  return object_of(schedule)->kernels->shared();
}

void register_schedule_type(py::module_& m) {
  PyObject* type = PyType_FromSpec(&spec);
  if (type == nullptr) throw py::error_already_set();
  m.attr("Schedule") = py::reinterpret_steal<py::object>(type);
  schedule_type = reinterpret_cast<PyTypeObject*>(type);
  register_calls();
}

}  // namespace fastlr::bindings
