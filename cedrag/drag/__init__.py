"""Friction between the layers in the normal state."""
