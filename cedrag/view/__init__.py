"""Figures, sliders and the live page."""
