"""The condensate: theories, the equilibrium state, and the critical currents."""
