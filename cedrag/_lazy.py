"""Values that are computed when first asked for, and kept, without a lock.

Up to Python 3.11 ``functools.cached_property`` computes under a lock that all instances of a class
share: threads that each solve a theory of their own would wait for one another.
"""

import sys
from collections.abc import Callable
from typing import Any

__all__ = ["cached_property"]

if sys.version_info >= (3, 12):
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - the name that readers know
        """As :class:`functools.cached_property` since Python 3.12."""

        def __init__(self, func: Callable[[Any], Any]) -> None:
            self.func = func
            self.__doc__ = func.__doc__
            self.__module__ = func.__module__

        def __set_name__(self, owner: type, name: str) -> None:
            self.attrname = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            # two threads that share an instance may both compute; they find the same
            value = instance.__dict__[self.attrname] = self.func(instance)
            return value
