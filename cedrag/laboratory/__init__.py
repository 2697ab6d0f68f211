"""From the model to a sample: materials, scales, and what an ammeter reads."""
