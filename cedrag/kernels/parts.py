"""Kernels as the kernels that call them see them: typed code, without machine code of its own.

numba makes of each function that another one calls a library that could be run by itself: it is
optimised together with all it calls, translated, and gets an entry from Python and one from C.
Then the same is done for its caller, which contains it once more; at the end of a chain of eight
calls, most code has been optimised eight times.  A :class:`Part` is only typed and lowered.  The
kernel that Python calls takes in all its parts, and they are optimised there, once.
"""

from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher

__all__ = ["Part"]


class _Code(JITCodeLibrary):
    """Code to be taken in by others."""

    def finalize(self):
        """Neither link nor optimise nor translate."""
        self._raise_if_finalized()
        self._finalized = True

    def with_all_it_calls(self):
        """This library and those that it needs, each once."""
        return list(dict.fromkeys([self, *self._linking_libraries]))


class _Compiler(Compiler):
    """numba's own stages, the last of which stops before there is anything to run."""

    def __init__(self, typing_context, target_context, _, args, return_type, flags, given):
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        code = _Code(target_context.codegen(), "part")
        super().__init__(typing_context, target_context, code, args, return_type, flags, given)


class Part(CPUDispatcher):
    """The function of a dispatcher for callers that are compiled themselves."""

    def __init__(self, dispatcher):
        options = dispatcher.targetoptions
        super().__init__(dispatcher.py_func, targetoptions=options, pipeline_class=_Compiler)

    def get_call_template(self, args, kws):
        """Compile ``f(x, 12)`` and ``f(x, n)`` once: numba takes each constant for a type."""
        kws = {name: types.unliteral(kind) for name, kind in kws.items()}
        return super().get_call_template(tuple(types.unliteral(kind) for kind in args), kws)

    def add_overload(self, cres):
        """File the code under a key of its own, as there is no entry to file it under."""
        key = object()
        self.targetctx.insert_user_function(key, cres.fndesc, cres.library.with_all_it_calls())
        self.overloads[tuple(cres.signature.args)] = cres._replace(entry_point=key)

    def is_called_as(self, function):
        """Let kernels that name the Python ``function`` call this part."""
        self.typingctx.insert_global(function, types.Dispatcher(self))
