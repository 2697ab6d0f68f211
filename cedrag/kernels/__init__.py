"""Compiled loops: floats and arrays in, floats and arrays out."""
