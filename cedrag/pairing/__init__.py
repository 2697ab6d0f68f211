"""Pairing: the integrals of the pair kernels, their minima over the momentum, and T_c."""
