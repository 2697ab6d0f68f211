"""cedrag: the coherent-exciton diode effect, computed."""
