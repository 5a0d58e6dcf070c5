"""The benchmark on a GPU, rehearsed on the CPU: all parts run, and what they found is written where it belongs."""

import json
import math
import os
import subprocess
import sys

import pytest
import torch

from benchmarks import __main__ as command
from benchmarks import gpu, gpu_layers, gpu_report, gpu_speed, gpu_step, report
from benchmarks.gpu_sizes import FULL, QUICK, TOY

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def rehearsal():
    """What `--toy` finds, run once; writing anything would fail."""
    found, measure = [], gpu.measure

    def noted(*arguments):
        found.append(measure(*arguments))
        return found[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpu, "measure", noted)
        patch.setattr(gpu, "keep", lambda part, found: pytest.fail("a rehearsal writes nothing"))
        assert gpu.main(["--toy"]) == 0
    return found[0]


@pytest.fixture
def stored(root):
    return json.loads((root / "benchmarks" / "results.json").read_text(encoding="utf-8"))


def assert_positive(*values):
    assert values and all(math.isfinite(value) and value > 0 for value in values)


def test_every_part_runs_and_gives_its_figures(rehearsal):
    assert rehearsal["failed"] == {}
    assert {"card", "driver", "torch", "cuda", "cudnn"} <= set(rehearsal)
    assert_positive(*(rehearsal[name] for name in gpu_report.BARS), *rehearsal["peak_tflops"].values())
    assert set(rehearsal["bars"]) == set(gpu_report.BARS) and json.dumps(rehearsal)
    for key, names, places in (
        ("layers", gpu_layers.CONTESTANTS, len(TOY.precisions)),
        ("sweep", gpu_speed.IN_SWEEP, len(gpu_speed.SWEEP_PRECISIONS) * math.prod(map(len, TOY.sweep))),
    ):
        rows = rehearsal[key]
        assert [row["who"] for row in rows] == [*names] * places
        assert {row["why_not"] for row in rows} == {None}
        assert_positive(*(row[name] for row in rows for name in ("tokens_per_second", "share_of_peak")))
    assert [row["precision"] for row in rehearsal["step"]] == list(gpu_step.PRECISIONS)
    assert_positive(*(row["ours_over_bare"] for row in rehearsal["step"]))
    assert list(rehearsal["launches"]) == list(gpu_speed.COUNTED)
    by_hand, hoisted = (rehearsal["launches"][who]["kernels"] for who in gpu_speed.COUNTED[:2])
    assert by_hand > 1.5 * hoisted > 15
    assert all(rehearsal["bits"][way]["seconds"] > 0 for way in gpu_report.WAYS)


def test_a_figure_is_what_its_name_says(rehearsal):
    speeds = {(row["who"], row["precision"]): row["tokens_per_second"] for row in rehearsal["layers"]}
    fastest = max(speeds[who, "tf32"] for who in gpu_speed.SEED_GRU_WAYS)
    assert rehearsal["seed_gru_slowdown"] == pytest.approx(speeds["nn.GRU", "tf32"] / fastest)
    step = next(row for row in rehearsal["step"] if row["precision"] == "tf32")
    ratio = step["ours_tokens_per_second"] / step["bare_tokens_per_second"]
    assert rehearsal["step_over_cudnn"] == step["ours_over_bare"] == pytest.approx(ratio)
    both = rehearsal["beside_numpy"]
    assert rehearsal["speedup_over_numpy"] == pytest.approx(both["numpy_ms_per_step"] / both["card_ms_per_step"])


def test_without_a_card_it_is_one_sentence(monkeypatch, capsys, stored, root):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpu, "keep", lambda part, found: pytest.fail("nothing was measured"))
    assert gpu.main([]) == gpu.main(["--quick"]) == 2
    assert capsys.readouterr().out == f"{gpu.NO_CARD}\n" * 2
    assert command.gpu(quick=False) == {}
    assert capsys.readouterr().out == f"{gpu.NO_CARD}\n"
    monkeypatch.setitem(sys.modules, "torch", None)
    assert gpu.main(["--toy"]) == 2
    assert capsys.readouterr().out == f"{gpu.NO_TORCH}\n"


@pytest.mark.parametrize("way", [["benchmarks/gpu.py"], ["-m", "benchmarks.gpu"]])
def test_both_ways_to_call_it(root, way):
    hidden = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    ended = subprocess.run([sys.executable, *way], cwd=root, env=hidden, text=True, capture_output=True, timeout=120)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, f"{gpu.NO_CARD}\n", "")


def parts_of_mine(monkeypatch, **parts):
    """Parts that find what they are given, or raise it."""

    class Module:
        pass

    for name, result in parts.items():

        def part(sizes, device, peaks, say, result=result):
            for more in result if isinstance(result, list) else [result]:
                if isinstance(more, Exception):
                    raise more
                yield more

        setattr(Module, name, staticmethod(part))
    monkeypatch.setattr(gpu, "PARTS", {name: ("mine", name) for name in parts})
    monkeypatch.setattr(gpu, "import_module", lambda name: Module)


def test_what_is_found_is_handed_on_at_once(monkeypatch, capsys):
    two = [{"seed_gru_slowdown": 1.5}, ValueError("no"), {"seed_gru_slowdown": 9.0}]
    parts_of_mine(monkeypatch, one={"step_over_cudnn": 0.9}, two=two, three={"peak_tflops": {}})
    seen = []
    old = gpu.described(CPU) | {"speedup_over_numpy": 30.0, "failed": {"one": "it was", "four": "it is"}}
    found = gpu.measure(
        TOY, CPU, ("one", "two", "three"), old, lambda found: seen.append(json.loads(json.dumps(found)))
    )
    assert [one["bars"]["speedup_over_numpy"]["held"] for one in seen] == [True] * 6
    assert seen[0]["bars"]["step_over_cudnn"] == {"measured": 0.9, "bar": 0.95, "held": False}
    assert "seed_gru_slowdown" not in seen[1]["bars"] and seen[2]["bars"]["seed_gru_slowdown"]["held"]
    failures = [set(one["failed"]) for one in seen]
    assert failures == [{"one", "four"}, {"four"}, {"four"}, {"two", "four"}, {"two", "four"}, {"two", "four"}]
    assert found["failed"] == {"four": "it is", "two": "ValueError: no"} and found["seed_gru_slowdown"] == 1.5
    assert "ValueError: no" in capsys.readouterr().err
    other = gpu.measure(TOY, CPU, ("one",), old | {"card": "another card"})
    assert "speedup_over_numpy" not in other and other["failed"] == {}


def test_a_full_disk_stops_no_measurement(monkeypatch, capsys):
    parts_of_mine(monkeypatch, one={"step_over_cudnn": 0.9}, two={"seed_gru_slowdown": 1.5})

    def full(found):
        raise OSError("No space left on device")

    found = gpu.measure(TOY, CPU, ("one", "two"), after=full)
    assert set(found["bars"]) == {"step_over_cudnn", "seed_gru_slowdown"} and found["failed"] == {}
    assert "No space left" in capsys.readouterr().err


def test_the_bars_are_measured_first():
    """So that a run which is cut short has them."""
    of_bars = {"step", "numpy", "layers"}
    assert set(list(gpu.PARTS)[: len(of_bars)]) == of_bars
    assert {gpu_speed.BAR_PRECISION} == {FULL.precisions[0], gpu_step.PRECISIONS[0], QUICK.precisions[0]}


def test_where_it_is_written(monkeypatch, tmp_path, stored):
    kept = []
    monkeypatch.setattr(gpu, "keep", lambda part, found: kept.append((part, found)))
    monkeypatch.setattr(gpu, "RESULTS", tmp_path / "results.json")
    gpu.RESULTS.write_text(json.dumps(stored | {"gpu": {"card": "mine"}}))
    before, after = gpu.where(None, quick=False)
    after({"card": "yours"})
    assert before == {"card": "mine"} and kept == [("gpu", {"card": "yours"})]
    assert gpu.where(None, quick=True)[0] == {} and gpu.where(None, quick=True)[1]({}) is None
    out = tmp_path / "new" / "out.json"
    assert gpu.where(out, quick=True)[0] == {} and out.exists()  # before anything is measured
    gpu.where(out, quick=True)[1]({"card": "theirs"})
    assert gpu.where(out, quick=False)[0] == json.loads(out.read_text()) == {"card": "theirs"}
    assert gpu.main(["--keep", str(out)]) == 0
    assert kept[1:] == [("gpu", {"card": "theirs"})]
    with pytest.raises(SystemExit):
        gpu.main(["--toy", "--out", str(out)])


def test_the_page_without_a_card(stored):
    stored.pop("gpu", None)
    page = report.written(stored)
    assert f"## On a GPU\n\n{gpu_report.NOT_MEASURED}\n## Grading" in page
    assert "bare cuDNN" not in report.bars(stored)


def test_the_page_with_a_card(stored, rehearsal):
    found = json.loads(json.dumps(rehearsal)) | {"step_over_cudnn": 0.97, "seed_gru_slowdown": 2.5}
    found |= {"card": "A card", "speedup_over_numpy": None, "failed": {"bits": "ValueError: no"}}
    found["layers"][0] |= {"tokens_per_second": 12_300_000.0, "share_of_peak": 0.456}
    found["layers"][1] |= {"tokens_per_second": None, "share_of_peak": None, "why_not": "OSError: a | b"}
    found["launches"]["nn.LSTM"] = {"why_not": "this | that"}
    found["bars"] = gpu_report.bars(found)
    page = report.written(stored | {"gpu": found})
    assert "Card: A card, driver" in page and gpu_report.NOT_MEASURED not in page
    assert "| training step: tokens/s / bare cuDNN layer | 0.97 | 0.95 | yes |" in page
    assert "| the course's GRU: time / nn.GRU | 2.50 | 2.00 | **no** |" in page
    assert "| training step: time in NumPy / on the card | – | 20.00 | **no** |" in page
    assert "| LSTM by hand | 12.3 (46%) |" in page and "| LSTM, input hoisted | OSError |" in page
    assert "| nn.LSTM | this / that | – |" in page and "The part bits failed: ValueError: no\n" in page
    lines = report.bars(stored | {"gpu": found}).splitlines()
    assert sum(line.startswith("MISSED") and line.endswith(("–  bar 20.00", "2.50  bar 2.00")) for line in lines) == 2


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore")  # what compilers and drivers have to say on a card
def test_on_a_card(tmp_path):
    out = tmp_path / "gpu.json"
    assert gpu.main(["--quick", "--out", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["failed"] == {} and found["card"] == torch.cuda.get_device_name()
    assert set(found["bars"]) == set(gpu_report.BARS)
    assert_positive(*(bar["measured"] for bar in found["bars"].values()))
    assert found["engines"]["tf32"] == {"nn.LSTM": "cuDNN, float32", "nn.GRU": "cuDNN, float32"}
    assert {row["why_not"] for row in found["layers"] if "compiled" not in row["who"]} == {
        None
    }  # some have no compiler
    by_hand, hoisted = (found["launches"][who]["kernels"] for who in gpu_speed.COUNTED[:2])
    assert by_hand > hoisted > 1
