"""From authored text to an executed notebook to the notebook that a learner opens: one direction, no hidden state."""
