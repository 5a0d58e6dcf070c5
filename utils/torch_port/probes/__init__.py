"""How a check of lesson 10 asks an answer for numbers: probe(answer, **case), all cases and results in NumPy.

What comes back follows the course's axes, features, examples, time, whatever PyTorch's are. A probe holds no answer: it
runs beside the learner's code, in grading inside the sandbox, and what it gives is compared outside.
"""
