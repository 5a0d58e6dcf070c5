"""Plots of numbers that others computed, a module by subject. Every caller passes a title that states the finding."""
