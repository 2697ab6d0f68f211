"""Many points at once: labelled sweeps that can be interrupted, and the search for large diodes."""
