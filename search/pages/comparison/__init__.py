"""Comparisons: papers, methods, benchmarks and models side by side, and their formats."""
