"""Lesson 05: symbols and padding, batches, and who is taken for whom."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nearness import BOTH, near

from utils import reference, textbook

# Embedding


@BOTH
def test_embedding_is_the_product_with_one_hot(maths, rng):
    W = rng.standard_normal((5, 3))
    for indices in (np.array([2, -1, 0, 1, 1, -1, 2]), np.array([-1]), np.array([0]), np.array([2, 1], np.int8)):
        near(maths.embed_symbols(indices, W), W @ maths.one_hot(indices, 3), 1e-15)


@BOTH
def test_embedding_against_torch(maths, rng):
    torch = pytest.importorskip("torch")
    W, indices = rng.standard_normal((5, 4)), rng.integers(4, size=7)
    want = torch.nn.functional.embedding(torch.tensor(indices), torch.tensor(W.T)).T
    near(maths.embed_symbols(indices, W), want.numpy(), 0)


@BOTH
def test_embedding_by_hand(maths):
    W = np.array([[1.0, 2, 3], [4, 5, 6]])
    near(maths.embed_symbols(np.array([2, -1, 0]), W), [[3, 0, 1], [6, 0, 4]])


def test_embedding_keeps_the_dtype_and_hands_out_no_view(rng):
    W = rng.standard_normal((5, 4)).astype(np.float32)
    kept = W.copy()
    columns = reference.embed_symbols(np.array([0, -1, 3]), W)
    assert columns.dtype == np.float32
    columns[:] = 9
    assert (W == kept).all()


# Padding on the left


@BOTH
def test_padding_by_hand(maths):
    indices, mask = maths.pad_left([[4, 0], [7], [1, 2, 3]])
    near(indices, [[-1, 4, 0], [-1, -1, 7], [1, 2, 3]], 0)
    assert mask.tolist() == [[False, True, True], [False, False, True], [True, True, True]]
    assert indices.dtype.kind == "i" and mask.dtype == bool


SEQUENCES = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=8), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(SEQUENCES)
def test_whatever_is_padded_can_be_read_back(sequences):
    indices, mask = reference.pad_left(sequences)
    assert [row[ok].tolist() for row, ok in zip(indices, mask, strict=True)] == sequences
    assert (mask[:, -1]).all() and mask.any(axis=0).all() and (indices[~mask] == -1).all()
    near(textbook.pad_left(sequences), (indices, mask), 0)


@BOTH
def test_arrays_and_lists_are_padded_alike(maths):
    mixed = [[4, 0], np.array([7]), np.array([1, 2, 3], np.int16)]
    near(maths.pad_left(mixed), maths.pad_left([list(map(int, row)) for row in mixed]), 0)


# Batches


@BOTH
@pytest.mark.parametrize("n, size", [(7, 3), (8, 4), (3, 9), (5, 1), (1, 1), (100, 32)])
def test_batches_hold_each_example_once(maths, n, size):
    batches = maths.minibatches(n, size, np.random.default_rng(1))
    assert [len(batch) for batch in batches] == [size] * (n // size) + [n % size] * (n % size > 0)
    together = np.concatenate(batches)
    assert sorted(together) == list(range(n))
    assert (together == np.random.default_rng(1).permutation(n)).all()


@BOTH
def test_batches_draw_one_permutation_and_nothing_else(maths):
    one, other = np.random.default_rng(2), np.random.default_rng(2)
    maths.minibatches(11, 4, one)
    other.permutation(11)
    assert one.random() == other.random()


def test_batches_by_hand():
    class Given(np.random.Generator):
        def permutation(self, n):
            return np.array([3, 0, 4, 1, 2])

    for maths in (reference, textbook):
        got = maths.minibatches(5, 2, Given(np.random.PCG64(0)))
        assert [batch.tolist() for batch in got] == [[3, 0], [4, 1], [2]]


@BOTH
def test_a_mean_of_batch_means_is_not_the_mean(maths, rng):
    """The last batch is smaller: count each batch by its length."""
    losses = rng.random(10)
    batches = maths.minibatches(10, 4, rng)
    means = np.array([losses[batch].mean() for batch in batches])
    lengths = np.array([len(batch) for batch in batches])
    assert (means * lengths).sum() / lengths.sum() == pytest.approx(losses.mean(), rel=1e-12)
    assert abs(means.mean() - losses.mean()) > 1e-3


# Who is taken for whom


@BOTH
def test_confusions_by_hand(maths):
    got = maths.confusion_matrix(np.array([0, 0, 0, 1, 2]), np.array([0, 1, 1, 1, 0]), 4)
    near(got, [[1, 2, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], 0)
    assert got.dtype.kind == "i"


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 40), st.integers(0, 99))
def test_rows_add_up_to_the_classes_and_columns_to_the_answers(n, m, seed):
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(n, size=(2, m))
    counts = reference.confusion_matrix(labels, predicted, n)
    near(counts.sum(axis=1), np.bincount(labels, minlength=n), 0)
    near(counts.sum(axis=0), np.bincount(predicted, minlength=n), 0)
    assert np.trace(counts) == (labels == predicted).sum()
    near(textbook.confusion_matrix(labels, predicted, n), counts, 0)
    near(reference.confusion_matrix(predicted, labels, n), counts.T, 0)


def test_small_whole_numbers_do_not_overflow():
    labels = np.full(3, 200, np.uint8)
    assert reference.confusion_matrix(labels, labels, 201)[200, 200] == 3
