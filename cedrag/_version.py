"""The version of the package, for the command, the results and the build."""

__all__ = ["VERSION"]

VERSION = "0.2.0"
