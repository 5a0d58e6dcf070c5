"""The wire itself: a student's code may find the descriptors of its process, and write to them what it likes."""

from .desk import SEVEN, TWO, answers, attack, both, runs

# Everything is found and spoken anew here, so that no change of names in the worker makes these attacks harmless.
LINE = '''
import fcntl, json, os, stat, struct, sys, threading, time
def ends():
    """Descriptors of pipes and sockets: those to read from, those to write to."""
    reads, writes = [], []
    for fd in range(0, 256):
        try:
            if not (stat.S_ISFIFO(os.fstat(fd).st_mode) or stat.S_ISSOCK(os.fstat(fd).st_mode)):
                continue
            mode = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE
        except OSError:
            continue
        reads += [fd] if mode in (os.O_RDONLY, os.O_RDWR) else []
        writes += [fd] if mode in (os.O_WRONLY, os.O_RDWR) else []
    return reads, writes
def put(message, arrays=b"", header=None):
    header = json.dumps(message).encode() if header is None else header
    raw(struct.pack(">II", len(header), len(arrays)) + header + arrays)
def raw(data):
    for fd in ends()[1]:
        if fd > 2:
            left = memoryview(data)
            while left:
                left = left[os.write(fd, left[:65536]):]
def take():
    fd = [fd for fd in ends()[0] if fd > 2][0]
    def exactly(n):
        data = b""
        while len(data) < n:
            part = os.read(fd, n - len(data))
            if not part:
                raise EOFError
            data += part
        return data
    header, arrays = struct.unpack(">II", exactly(8))
    return json.loads(exactly(header)), exactly(arrays)
def ask(which, *args, **kwargs):
    """A call back of one's own, spoken by the course's own packer."""
    from utils.grading.wire import Packer, Unpacker
    packer = Packer()
    packed = {"back": which, "args": packer.pack(list(args)), "kwargs": packer.pack(kwargs)}
    put(packed, b"".join(packer.chunks))
    message, data = take()
    if "error" in message:
        raise RuntimeError(message["error"])
    return Unpacker(data, asked=packer).unpack(message["value"])
'''
NAMES = ("rnn_forward", "rnn_cell_forward", "sequence_loss", "count_rnn_parameters")
ORACLE = "\n".join(f"def {name}(*a, **k):\n    return ask({name!r}, *a, **k)" for name in NAMES)
ORACLE_LATER = """
def rnn_cell_forward(xt, a_prev, P):
    a, y, (cells, _) = ask("rnn_forward", xt[:, :, None], a_prev, P)
    return a[:, :, 0], y[:, :, 0], cells[0]
"""
KEPT = """
kept = []
def rnn_cell_forward(xt, a_prev, P):
    for function in kept:
        try:
            return function(xt, a_prev, P)
        except Exception:
            pass
    raise ValueError("not yet")
ours = rnn_cell_forward
"""
KEEPS = """
def rnn_forward(x, a0, P):
    if rnn_cell_forward is not ours and rnn_cell_forward not in kept:
        kept.append(rnn_cell_forward)
    a, y_pred, cells, a_next = [], [], [], a0
    for t in range(x.shape[2]):
        a_next, y, cache = rnn_cell_forward(x[:, :, t], a_next, P)
        a.append(a_next); y_pred.append(y); cells.append(cache)
    return np.stack(a, axis=2), np.stack(y_pred, axis=2), (cells, x)
"""
RECORDS = (
    KEEPS.replace("        a.append", "        by_heart[x[:, :, t].tobytes()] = a_next, y, cache\n        a.append")
    .replace("kept.append(rnn_cell_forward)", "pass")
    .replace("rnn_cell_forward not in kept", "True")
)
RECALLS = """
by_heart = {}
def rnn_cell_forward(xt, a_prev, P):
    return by_heart[xt.tobytes()]
ours = rnn_cell_forward
"""
CELL_BACK = "\n".join(
    f"def {n}(*a, **k):\n    return ask({n!r}, *a, **k)" for n in ("lstm_backward", "lstm_cell_backward")
)
STEPS = """
def train_step(*a, **k):
    return ask("train_step", *a, **k)
def gradient_check(f, P, G, *a, **k):
    return ask("gradient_check", f, P, G, *a, **k)
def numerical_gradient(f, theta, *a, **k):
    return ask("numerical_gradient", f, theta, *a, **k)
def update_parameters(*a, **k):
    return ask("update_parameters", *a, **k)
"""
DEEPER = """
def numerical_gradient(f, theta, h=1e-5):
    def again(*a):
        return f(again)
    return f(again)
"""
LARGE = """
def unfold(f, s0, xs):
    return [f(np.ones((1, 12_000)), np.ones((12_000, 1)))]
"""
GREEDY = """
def one_hot(indices, n_x):
    return None
def sample_sequence(*a, **k):
    return one_hot(np.zeros(1, int), 150_000_000)
"""
HEAVY = """
def gradient_norm_by_lag(*a, **k):
    n = 3000  # 200 seconds of work and 1 GB for whoever computes it
    P = {"Wax": np.zeros((n, 1)), "Waa": np.zeros((n, n)), "ba": np.zeros((n, 1))}
    P |= {"Wya": np.zeros((1, n)), "by": np.zeros((1, 1))}
    return rnn_forward(np.zeros((1, 1, 20_000)), np.zeros((n, 1)), P)
"""
SHOWN = "ask('one_hot', np.zeros(1, int), 150_000_000)"


def forges(body, name="count_rnn_parameters"):
    """An answer that writes to the wire when it is called."""
    return both(runs(LINE), answers(**{name: f"def {name}(*a, **k):\n    {body}"}))


def cell(body):
    """A cell that writes to the wire while it is replayed."""
    return runs(LINE + body)


VALUE = '{"value": 1, "args": {"list": []}, "kwargs": {"dict": []}}'
DEEP = 'b\'{"value":\' + b\'{"list":[\' * 200_000 + b"1" + b"]}" * 200_000 + b"}"'
SLOW = "for byte in bytes(200): raw(bytes([byte])); time.sleep(0.5)"
BACK = "{'back': 0, 'args': {'list': []}, 'kwargs': {'dict': []}}"
ENDLESS = f"until = time.monotonic() + 60\n    while time.monotonic() < until: put({BACK})"
OVERLAP = """
    value = {"list": [{"array": ["<f8", [1000, 1000], 0]}] * 100}
    put({"value": value, "args": {"list": []}, "kwargs": {"dict": []}}, bytes(8_000_000))
"""
DURING = """
ones = np.ones((2, 2))
P = dict.fromkeys(("Wax", "Waa", "Wya"), ones) | dict.fromkeys(("ba", "by"), ones[:, :1])
x = ask("rnn_forward", np.ones((2, 1, 3)), ones[:, :1], P)
rnn_forward = lambda *a: x
"""
AHEAD = f"for _ in range(200): put({VALUE})\n    return 1"
DAEMON = f"""
def forge():
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            put({VALUE}); put({{"done": None}}); put({{"ours": False}}); put({{"ended": 0}})
        except OSError:
            pass
        time.sleep(0.05)
"""
ORPHAN = DAEMON + "if os.fork() == 0:\n    os.setsid()\n    os.fork() or forge()\n    os._exit(0)"
NURSERY = "import signal\nif b'worker' in open(f'/proc/{os.getppid()}/cmdline', 'rb').read(): os.kill(os.getppid(), 9)"
ZEROS = "put({'value': {'tuple': [True, True, True]}, 'args': {'list': []}, 'kwargs': {'dict': []}})"
SOME = ("rnn_cell_forward", "sequence_loss")

ATTACKS = [
    attack(
        "channel-oracle",
        "the judge is asked for the answer itself",
        both(runs(LINE), runs(ORACLE, after="count_rnn_parameters-check")),
        quick=True,
    ),
    attack(
        "channel-oracle-bptt",
        "the same, with functions as arguments",
        both(runs(LINE, notebook=1), runs(STEPS, after="train_step-check")),
        lesson=TWO,
    ),
    attack(
        "channel-oracle-lstm",
        "the same, on the way back",
        both(runs(LINE), runs(CELL_BACK, after="lstm_backward-check")),
        lesson=SEVEN,
    ),
    attack(
        "channel-oracle-later",
        "a later function that holds the answer",
        both(runs(LINE), answers(rnn_cell_forward=ORACLE_LATER)),
        "sequence_loss",
        quick=True,
    ),
    attack(
        "channel-kept",
        "a reference that was lent once is kept",
        answers(rnn_cell_forward=KEPT, rnn_forward=KEEPS),
        "sequence_loss",
        quick=True,
        earns={"sequence_loss": 4, "rnn_forward": 6},
    ),
    attack(
        "channel-recorded",
        "answers of a lent reference are kept",
        answers(rnn_cell_forward=RECALLS, rnn_forward=RECORDS),
        earns={"rnn_forward": 6},
    ),
    attack(
        "channel-replay-oracle",
        "the judge is asked while cells are replayed",
        cell(DURING),
        *SOME,
    ),
    attack("channel-forged-value", "a value is written before the answer", forges(f"put({VALUE}); return 1")),
    attack("channel-forged-many", "two hundred answers in advance", forges(AHEAD)),
    attack("channel-forged-true", "True for each part", forges(ZEROS, "rnn_forward")),
    attack(
        "channel-forged-ok",
        "a message that says ok",
        forges('put({"ok": True, "points": 100, "verdict": "right", "ours": False})'),
    ),
    attack(
        "channel-forged-frames",
        "a thread writes answers all the time",
        cell(DAEMON + "threading.Thread(target=forge, daemon=True).start()"),
    ),
    attack("channel-orphan", "a process does so when its notebook is long done", cell(ORPHAN), quick=True),
    attack("channel-nursery", "the process above, which starts others, is ended", cell(NURSERY), quick=True),
    attack("channel-garbage", "noise", forges("raw(os.urandom(100_000))"), *SOME),
    attack("channel-garbage-cell", "noise while cells are replayed", cell("raw(os.urandom(100_000))"), *SOME),
    attack(
        "channel-long",
        "a header of 2^31 bytes is announced",
        forges("raw(struct.pack('>II', 1 << 31, 0))"),
        *SOME,
        quick=True,
    ),
    attack(
        "channel-promised",
        "200 MB are announced and never sent",
        forges("raw(struct.pack('>II', 2, 200 << 20) + b'{}'); time.sleep(3600)"),
        *SOME,
    ),
    attack("channel-deep", "JSON 200,000 levels deep", forges(f"put(None, header={DEEP})"), *SOME, quick=True),
    attack(
        "channel-digits",
        "a number of a million digits",
        forges("put(None, header=b'{\"value\":' + b'9' * 1_000_000 + b'}')"),
        *SOME,
    ),
    attack("channel-slow", "one byte every half second", forges(SLOW), *SOME),
    attack("channel-endless", "calls back without an end", forges(ENDLESS), *SOME),
    attack(
        "channel-overlap",
        "arrays that overlap and unfold",
        forges(OVERLAP),
        *SOME,
    ),
    attack(
        "channel-deeper",
        "calls to and fro without an end",
        answers(numerical_gradient=DEEPER),
        "update_parameters",
        lesson=TWO,
    ),
    attack(
        "channel-large-back",
        "a function of the case, with arrays that grow to 1 GB",
        answers(unfold=LARGE),
        "one_hot",
        "softmax",
        lesson="00_start_here",
    ),
    attack(
        "channel-large-lent",
        "a lent reference is asked for 1 GB",
        answers(sample_sequence=GREEDY),
        "perplexity",
        lesson="04_language_model",
    ),
    attack(
        "channel-heavy-lent",
        "a lent reference is given work for minutes",
        answers(gradient_norm_by_lag=HEAVY),
        "clip_by_norm",
        lesson="03_gradients_over_time",
    ),
    attack("channel-large-shown", "the display run is asked for 1 GB", cell(SHOWN), *SOME),
    attack(
        "channel-closed",
        "the way of the answers is closed",
        forges("[os.close(fd) for fd in ends()[1] if fd > 2]"),
        *SOME,
    ),
    attack("channel-swallowed", "the judge's questions are read away", forges("take(); take()"), *SOME),
]
