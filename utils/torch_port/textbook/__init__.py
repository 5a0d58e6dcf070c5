"""The answers of lesson 10, step by step. They become the solution cells; the mistakes are edits of their text."""
