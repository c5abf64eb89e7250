"""Kernels of one signature by their addresses, so that a kernel can call whichever a table names.

A set of features is data, and numba would compile a new program for each; with a table of addresses
one program calls all, a few nanoseconds each, and only the kernels that a set names are compiled.
(numba's own lists of functions compile anew in each process, for seconds.)
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.extending import intrinsic

_MATRIX = types.Array(types.float64, 2, "C")
_VECTOR = types.Array(types.float64, 1, "C")
FOLD = (_MATRIX, types.int64, types.int64, _VECTOR, _VECTOR, _MATRIX)  # see indicator.py


def addresses(kernels: list[Any]) -> npt.NDArray[np.int64]:
    """Of each, compiled for ``FOLD`` where it is not yet; good as long as the kernels live."""
    return np.array([_address(kernel) for kernel in kernels], np.int64)


def _address(kernel: Any) -> int:
    kernel.compile(FOLD)
    compiled = kernel.overloads[FOLD]
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


@intrinsic
def call(typing_context, address, columns, lo, hi, params, state, out):  # type: ignore[no-untyped-def]
    """Calls the kernel at an address."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        convention = context.call_conv
        kind = convention.get_function_type(types.none, FOLD)
        function = builder.inttoptr(arguments[0], kind.as_pointer())
        convention.call_function(builder, function, types.none, FOLD, arguments[1:])
        return context.get_dummy_value()

    return types.none(types.int64, *FOLD), generate
