"""What the playground computes with: its settings, its methods, the samples, published numbers."""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import provenance
from playground_code import codes

DATA = Path(__file__).resolve().parents[1] / "_build" / "playground" / "playground" / "data.js"

# What can be set: its usual value, and one of some others, or a number within limits; a slider has
# stops, round numbers, so that each press of a key changes something. The settings of a curve come
# first; the others, marked as the view, say what of all the page shows, and under which seed.
MANTISSAS = "1", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.8", "2", "2.2", "2.5", "2.8", "3", \
    "3.5", "4", "4.5", "5", "5.5", "6", "7", "8", "9"  # fmt: skip
RATES = [float(f"{m}e{power}") for power in range(-4, 1) for m in MANTISSAS]
SHARES = [i / 100 for i in range(101)]
BATCHES = [*range(1, 7), 8, 10, 12, 15, 20, 25, 30, 40, 50, 64, 75, 100, 128, 150, 200, 250, 300,
           375, 500, 750, 1000, 1500]  # fmt: skip
STEPS = [*range(1, 21), 25, 30, 40, 50, 75, 100, 150, 200]
PANELS = ["bowl", "loss", "spread", "plane", "sweep"]
SETTINGS = {
    "method": {"usual": "sgd"},
    "lr": {"usual": 0.05, "stops": [*RATES, 10], "min": 0, "max": 1e6},
    "momentum": {"usual": 0.5, "stops": SHARES[:-1], "max": 0.9999},
    "gamma": {"usual": 0.9, "stops": SHARES},
    "rho": {"usual": 0.9, "stops": SHARES},
    "beta1": {"usual": 0.9, "stops": SHARES[:-1], "max": 0.9999},
    "beta2": {"usual": 0.999, "stops": [*SHARES[:-1], 0.995, 0.998, 0.999, 0.9995, 0.9999]},
    "batch": {"usual": 10, "stops": BATCHES, "whole": True},
    "epochs": {"usual": 2, "stops": [*range(1, 7), 8, 10, 12, 15, 20, 25, 30, 40], "whole": True},
    "bowl": {"usual": "valley", "of": ["valley", "round"]},
    "x1": {"usual": -5, "min": -20, "max": 20},
    "x2": {"usual": -2, "min": -20, "max": 20},
    "steps": {"usual": 20, "stops": STEPS, "whole": True},
    "noise": {"usual": 0, "of": [0, 1]},
    "seed": {"usual": 0, "min": 0, "max": 2**32 - 1, "whole": True, "view": True},
    "seeds": {"usual": 1, "of": [1, 100, 1000], "view": True},
    "sweep": {"usual": 0, "of": [0, 1], "view": True},
    "step": {"usual": 2, "stops": [0, *STEPS], "whole": True, "view": True},
    "panel": {"usual": "bowl", "of": PANELS, "view": True},
    "task": {"usual": "", "view": True},
    "hide": {"usual": "", "view": True},
}
USUAL = {name: setting["usual"] for name, setting in SETTINGS.items()}
BOWLS = {"valley": (0.2, 4.0), "round": (2.0, 4.0)}  # curvatures along x1 and x2


@dataclass(frozen=True)
class Method:
    """A rule of d2l.optimizers, or a class of torch.optim, and what it reads.

    `reads` holds the settings that it reads, with their names in Python.
    """

    python: str
    reads: dict[str, str]
    torch: bool = False

    def hyperparams(self, settings: dict) -> dict:
        """What the rule or the class is given."""
        found = {key: settings[name] for name, key in self.reads.items()}
        if "betas" in found:
            found["betas"] = settings["beta1"], settings["beta2"]
        return found | ({"t": 1} if self.python == "adam" else {})


METHODS = {
    "sgd": Method("sgd", {"lr": "lr"}),
    "momentum": Method("momentum", {"lr": "lr", "momentum": "momentum"}),
    "adagrad": Method("adagrad", {"lr": "lr"}),
    "rmsprop": Method("rmsprop", {"lr": "lr", "gamma": "gamma"}),
    "adadelta": Method("adadelta", {"rho": "rho"}),
    "adam": Method("adam", {"lr": "lr"}),
    "torch-sgd": Method("SGD", {"lr": "lr"}, torch=True),
    "torch-momentum": Method("SGD", {"lr": "lr", "momentum": "momentum"}, torch=True),
    "torch-adagrad": Method("Adagrad", {"lr": "lr"}, torch=True),
    "torch-rmsprop": Method("RMSprop", {"lr": "lr", "gamma": "alpha"}, torch=True),
    "torch-adadelta": Method("Adadelta", {"rho": "rho"}, torch=True),
    "torch-adam": Method("Adam", {"lr": "lr", "beta1": "betas", "beta2": "betas"}, torch=True),
}
SETTINGS["method"]["of"] = list(METHODS)


def parse(state: str) -> list[dict]:
    """The settings in an address, and those of the curves kept beside it."""
    return [
        USUAL | {k: v if isinstance(USUAL[k], str) else json.loads(v) for k, v in parse_qsl(curve)}
        for curve in state.split("~")
    ]


def published() -> list[dict[str, str]]:
    """Each published number: the state that it is of, the panel that shows it, the line."""
    content = json.loads((provenance.ROOT / "data" / "published.json").read_text("utf-8"))
    found = []
    for run in content["training_runs"]:
        name, values = run["optimizer"].lower(), dict(run["hyperparams"])
        if run["function"] == "train_pytorch_ch7":
            name = "torch-momentum" if "momentum" in values else f"torch-{name}"
        values.pop("t", None)
        if "alpha" in values:
            values["gamma"] = values.pop("alpha")
        values |= {"batch": run["batch_size"], "epochs": run["num_epochs"]}
        state = "&".join(f"{key}={value}" for key, value in values.items())
        line = f"loss: {run['published_loss']:f}"
        found.append({"state": f"method={name}&{state}", "panel": "loss", "line": line})
    what = ""
    for descent in content["descents"]:
        what = what if descent["what"] == "same" else descent["what"]
        name = next((name for name in METHODS if name in what.lower()), "sgd")
        state = [f"method={name}", f"lr={descent['eta']}"]
        if "gamma" in descent:
            state.append(f"{'momentum' if name == 'momentum' else 'gamma'}={descent['gamma']}")
        state += ["bowl=round"] if descent["section"] == "7.2" else []
        state += ["x1=10", "x2=0", "steps=10"] if "1-D" in what else []
        state += ["noise=1"] if "stochastic" in what else []
        found.append({"state": "&".join(state), "panel": "bowl", "line": descent["published"]})
    return found


def data() -> dict:
    """The samples, what is known of all of them at once, and all of the above."""
    import numpy as np

    import d2l_ch7 as d2l

    features, labels = d2l.get_data_ch7()
    table = np.column_stack([features, labels])  # (n, d + 1), float32
    X = np.column_stack([features.double(), np.ones(len(labels))])  # (n, d + 1)
    y = labels.double().numpy()
    factor = np.linalg.qr(np.column_stack([X, -y]), mode="r")
    minimizer = np.linalg.lstsq(X, y)[0]
    curvatures, directions = np.linalg.eigh(X.T @ X / len(y))
    directions = directions[:, [0, -1]]
    directions = directions * np.sign(directions.T @ minimizer)  # runs start at the left
    return {
        "table": base64.b64encode(table.astype("<f4").tobytes()).decode(),
        "factor": factor.tolist(),
        "minimizer": minimizer.tolist(),
        "optimum": factor[-1, -1] ** 2 / (2 * len(y)),
        "curvatures": curvatures[[0, -1]].tolist(),
        "directions": directions.T.tolist(),
        "bowls": BOWLS,
        "methods": {
            name: {
                "python": method.python,
                "torch": method.torch,
                "reads": list(method.reads),
                "codes": codes(method),
            }
            for name, method in METHODS.items()
        },
        "settings": SETTINGS,
        "published": published(),
    }


@cache
def fingerprint() -> str:
    """Hash of all that the data depend on; each figure asks, and no build changes it."""
    here = Path(__file__)
    sources = here.read_bytes() + here.with_name("playground_code.py").read_bytes()
    return hashlib.sha256(provenance.fingerprint().encode() + sources).hexdigest()


def write_data(path: Path = DATA) -> None:
    """Write it all as a script, unless it is there already."""
    mark = f"/** Made by the build out of data/ ({fingerprint()}). */"
    if not path.exists() or path.read_text("utf-8").partition("\n")[0] != mark:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{mark}\nvar d2lPlayground = {{ data: {json.dumps(data())} }};\n", "utf-8")
