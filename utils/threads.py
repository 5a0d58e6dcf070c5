"""The settings of a process that computes products on one thread, read when it imports NumPy.

For processes that stand side by side: shared out among threads, a product waits for cores that the others hold.
Within a process, `utils.loop.on_one_thread` does the same for one function.
"""

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
