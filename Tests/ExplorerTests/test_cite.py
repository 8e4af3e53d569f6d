"""What the page cites makes the same experiment, and the same numbers, by the command line and by Python."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import momentumflow as mf
import numpy as np
import pytest
from momentumflow._sweep import binary

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PAGE = CHECKOUT / "Sources/Explorer/Page"
COMMANDS = ("solve", "descend", "compare", "limit", "certify", "thresholds")

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

#: Beside the command line's own golden commands: what these leave out.
LINES = {
    "alpha": "solve --gaussian 20,30,3 --lambda 0.123456789012345678 --alpha 1e-120 --until 1 --samples 11",
    "seed": "solve --gaussian 4,7,2 --mean -2.5 --seed 18446744073709551615 --lambda 1 --until 1 --samples 2",
    "every": "solve --gaussian 4,7,2 --lambda 1 --until 1 --output flow.nc",
    "max-time": "solve --gaussian 4,7,2 --flow gf --until-residual 1e-8 --max-time 12345678 --samples 7",
    "log-from": "solve --gaussian 4,7,2 --lambda 1 --until 1e4 --log-samples 5 --log-from 0.1 --rtol 1e-12 --atol 1e-14",
    "preset": "solve --preset even-2023-centred --mean 5 --lambda 0.1 --until 3 --samples 4 --holdout 0.25",
    "preset-descend": "descend --preset lyu-2025 --iterations 100 --samples 11",
    "matched": "descend --gaussian 4,7,2 --lambda 0.3 --step 0.1 --method nesterov --iterations 50 --samples 6",
    "descend-every": "descend --gaussian 4,7,2 --gamma 0.05 --beta 0 --iterations 50 --output descent.nc",
    "descend-log": "descend --gaussian 4,7,2 --gamma 0.05 --beta 0.5 --iterations 1e4 --log-samples 9",
    "descend-residual": "descend --gaussian 4,7,2 --lambda 1 --step 0.1 --until-residual 1e-3 --max-iterations 2e5 --samples 9",
    "descend-start": "descend --gaussian 4,7,2 --u0 u.csv --v0 v.csv --u0-rate v.csv --gamma 0.05 --beta 0.5 --iterations 9 --samples 3",
    "blocks": "solve --gaussian 4,7,2 --network layers --depth 2 --w0 w.csv --w0-rate w.csv --lambda 1 --until 1 --samples 3",
    "table": "solve --data data/gasoline.csv --target octane --standardize --holdout 0.2 --seed 7 --lambda 1 --until 1 --samples 2",
    "table-reading": "limit --data table.csv --target 'the target' --index name --drop b --drop=-c --delimiter semicolon "
    "--decimal comma --missing drop-rows --flow gf",
    "matrices": "limit --design X.csv --response y.csv --truth t.csv --header no --delimiter , --lambda 0.5",
    "compare-gap": "compare --gaussian 4,7,2 --lambda 0.5 --steps 0.1,0.05 --until 3 --gap-work 0 --stepper taylor --rtol 1e-13",
    "limit-taylor": "limit --gaussian 4,7,2 --lambda 0.3 --stepper taylor --max-time 1e5",
    "limit-rk8pd": "limit --gaussian 4,7,2 --lambda 0.3 --stepper rk8pd --delta-tolerance 1e-6",
    "limit-msadams": "limit --gaussian 4,7,2 --lambda 0.3 --stepper msadams",
    "limit-radau5": "limit --gaussian 4,7,2 --lambda 0.3 --stepper radau5 --max-time 1e15",
    "limit-gf-integrate": "limit --gaussian 4,7,2 --flow gf --route integrate --residual-tolerance 1e-6",
    "limit-tail": "limit --gaussian 4,7,2 --gamma 0.05 --beta 0.8 --tail iterate --max-time 1e5 --max-work 1e6 --max-seconds 9.5",
    "limit-descent-integrate": "limit --gaussian 4,7,2 --gamma 0.05 --beta 0.8 --route integrate",
    "limit-layers": "limit --gaussian 4,7,2 --network layers --depth 2 --alpha 0.3 --lambda 0.4",
    "certify-gf": "certify --gaussian 4,7,2 --flow gf --alpha 1e-6",
    "certify-descent": "certify --gaussian 4,7,2 --gamma 0.05 --beta 0.8 --method nesterov",
    "certify-integrate": "certify --gaussian 4,7,2 --lambda 0.3 --route integrate",
    "thresholds-optimal": "thresholds --preset even-2023-uncentred --optimal 1e-3,10 --tolerance 1e-4",
    "thresholds-nesterov": "thresholds --gaussian 4,7,2 --step 0.05 --method nesterov",
}  # fmt: skip

#: What options cannot say.
DOCUMENTS: dict[str, dict[str, Any]] = {
    "limit-matched": {
        "command": "limit", "problem": {"gaussian": {"samples": 4, "features": 7, "nonzeros": 2}},
        "motion": {"lambda": 0.3, "step": 0.1, "method": "heavy-ball"},
    },
    "certify-matched": {
        "command": "certify", "problem": {"gaussian": {"samples": 4, "features": 7, "nonzeros": 2}},
        "motion": {"lambda": 0.3, "step": 0.1, "method": "nesterov"},
    },
    "start-here": {
        "command": "solve", "problem": {"gaussian": {"samples": 2, "features": 3, "nonzeros": 1, "mean": 0.1}, "seed": 3},
        "initialisation": {"u0": [0.1, 0.2, -0.3], "v0": [0, 1e-30, 0.1]}, "motion": {"lambda": 1}, "goal": {"until": 2},
        "recording": {"samples": 3},
    },
    "blocks-here": {
        "command": "descend", "problem": {"gaussian": {"samples": 2, "features": 3, "nonzeros": 1}},
        "initialisation": {"w0": [[0.1, 0.2, 0.3], [0.1, 0.2, -0.3]]}, "network": {"network": "layers", "depth": 2},
        "motion": {"gamma": 0.01, "beta": 0.5}, "goal": {"iterations": 20}, "recording": {"at": [0, 7, 20]},
    },
    "descend-log-from": {
        "command": "descend", "problem": {"gaussian": {"samples": 4, "features": 7, "nonzeros": 2}},
        "motion": {"gamma": 0.05, "beta": 0.5}, "goal": {"iterations": 1000}, "recording": {"log_samples": 7, "log_from": 5},
    },
}  # fmt: skip


def commands() -> dict[str, str]:
    found = {}
    for line in (CHECKOUT / "Tests/CommandLineTests/Golden/commands.txt").read_text().splitlines():
        name, _, command = line.partition("|")
        match = re.match(r"\s*mgf ([a-z]+) ([^|;>&]*)", command)
        if not line.startswith("#") and match and match[1] in COMMANDS:
            found[name.strip()] = f"{match[1]} {match[2]}"
    return found | LINES


def fill(folder: Path) -> None:
    """The files that the experiments read."""
    (folder / "data").symlink_to(CHECKOUT / "data")
    random = np.random.default_rng(5)
    for name, values in {"X": random.standard_normal((4, 7)), "w": np.full((2, 7), 0.25)}.items():
        np.savetxt(folder / f"{name}.csv", values, delimiter=",")
    for name, size in {"y": 4, "t": 7, "u": 7, "v": 7}.items():
        np.savetxt(folder / f"{name}.csv", 0.1 * random.standard_normal(size))
    rows = [[f"row {k}", *(f"{value:.3f}".replace(".", ",") for value in random.standard_normal(5))] for k in range(6)]
    text = "".join(";".join(row) + "\n" for row in [["name", "a", "b", "-c", "e", "the target"], *rows])
    (folder / "table.csv").write_text(text)


def ask(folder: Path, words: list[str]) -> str:
    done = subprocess.run([str(binary()), *words], capture_output=True, text=True, cwd=folder, env=os.environ)
    assert done.returncode in (0, 1), f"{shlex.join(words)}: {done.stderr}"
    return done.stdout


#: Reads lines of [function, arguments…] where experiments are texts, and answers each.
SCRIPT = """
const Cite = require(process.argv[1]);
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = asked.map(([name, ...given]) => {
  const found = Cite[name](...given.map((item) => typeof item === "string" && item.trimStart().startsWith("{") ? Cite.parse(item) : item));
  return found === undefined ? null : found;
});
process.stdout.write(JSON.stringify(answers));
"""


def cite(*asked: list[Any]) -> list[Any]:
    done = subprocess.run(
        ["node", "--harmony-json-parse-with-source", "-e", SCRIPT, str(PAGE / "cite.js")],
        input=json.dumps(asked), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cite")
    fill(place)
    return place


@cache
def printed(folder: Path) -> dict[str, str]:
    """All experiments in full, as text: whole numbers beyond 2⁵³ are exact there."""
    texts = {}
    for name, line in commands().items():
        texts[name] = ask(folder, [*shlex.split(line.replace("--json", "")), "--print-experiment"])
    for name, experiment in DOCUMENTS.items():
        (folder / f"{name}.json").write_text(json.dumps(experiment))
        texts[name] = ask(folder, ["run", f"{name}.json", "--print-experiment"])
    return texts


@cache
def cited(folder: Path) -> dict[str, tuple[Any, str, str]]:
    """The command, the Python lines and the document of each."""
    texts = printed(folder)
    found = cite(*([function, text] for text in texts.values() for function in ("command", "python", "document")))
    return {name: tuple(found[3 * k : 3 * k + 3]) for k, name in enumerate(texts)}


NAMES = [*commands(), *DOCUMENTS]


def test_enough_are_cited() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_command_makes_the_same_experiment(name: str, folder: Path) -> None:
    command, _, document = cited(folder)[name]
    expected = json.loads(printed(folder)[name])
    assert json.loads(document) == expected
    for file, text in command["files"]:
        (folder / file).write_text(text)
    words = shlex.split(command["line"])
    assert words[0] == "mgf"
    assert json.loads(ask(folder, [*words[1:], "--print-experiment"])) == expected
    assert (words[1] == "run") == (name in DOCUMENTS)


@pytest.mark.parametrize("name", NAMES)
def test_command_is_no_longer_than_what_was_typed(name: str, folder: Path) -> None:
    if name in DOCUMENTS:
        return
    typed = commands()[name].replace("--json", "").replace("--quiet", "").split()
    said = cited(folder)[name][0]["line"].split()[1:]
    # What is written in another way, or was left out because a preset says it.
    assert len(said) <= len(typed) + 4


def test_command_is_short(folder: Path) -> None:
    lines = {name: command["line"] for name, (command, _, _) in cited(folder).items()}
    assert lines["limit-mgf-json"] == "mgf limit --gaussian 4,7,2 --lambda 0.3"
    assert lines["certify-gf"] == "mgf certify --gaussian 4,7,2 --alpha 1e-6 --flow gf"
    assert lines["limit-radau5"] == "mgf limit --gaussian 4,7,2 --lambda 0.3 --stepper radau5"
    assert lines["seed"] == (
        "mgf solve --gaussian 4,7,2 --mean -2.5 --seed 18446744073709551615 --lambda 1 --until 1 --samples 2"
    )


def test_shell_makes_the_files(folder: Path, tmp_path: Path) -> None:
    """What is pasted into a shell works where nothing is yet."""
    command = cited(folder)["limit-matched"][0]
    script = command["text"].replace("mgf run", f"{shlex.quote(str(binary()))} run") + " --print-experiment"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert json.loads(done.stdout) == json.loads(printed(folder)["limit-matched"])


def without_timings(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_timings(item)
            for key, item in value.items()
            if key not in ("provenance", "wall_seconds", "output", "seconds", "failure")
        }
    return [without_timings(item) for item in value] if isinstance(value, list) else value


#: Compared in their numbers, too: one of each kind that does not take long.
RUN = [
    "alpha", "seed", "every", "log-from", "preset", "matched", "descend-every", "descend-start", "table", "matrices",
    "start-here", "blocks-here", "compare-json", "limit-mgf-json", "limit-descent", "limit-matched", "certify-json",
    "certify-matched", "thresholds-json", "solve-mgf-json", "descend-log-from", "solve-logistic", "descend-json",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_python_makes_the_same(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    text = printed(folder)[name]
    lines = cited(folder)[name][1]
    if name in RUN:
        names: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mf.Note)
            exec(lines, names)
        assert names["result"].experiment == json.loads(text)
        (folder / "same.json").write_text(text)
        by_command = json.loads(ask(folder, ["run", "same.json", "--json", "--quiet"]))
        assert json.dumps(without_timings(names["result"].to_dict()), sort_keys=True) == json.dumps(
            without_timings(by_command), sort_keys=True
        )
    else:
        # What would be run, found out without running it.
        asked: list[Any] = []
        monkeypatch.setattr(mf._run, "carry_out", lambda experiment, *_: asked.append(experiment))
        exec(lines, {})
        (folder / "asked.json").write_text(json.dumps(asked[0]))
        assert json.loads(ask(folder, ["run", "asked.json", "--print-experiment"])) == json.loads(text)


def test_python_of_arrays(folder: Path) -> None:
    """Numbers that the page holds itself: the same by the shell, which makes files of them, and by Python."""
    random = np.random.default_rng(11)
    X, y = random.standard_normal((3, 5)), random.standard_normal(3)  # noqa: N806
    experiment = {
        "command": "limit",
        "problem": {"matrices": {"X": X.tolist(), "y": y.tolist(), "truth": X[0].tolist(), "name": "mine"}, "seed": 1},
        "motion": {"lambda": 0.3},
    }  # fmt: skip
    command, lines = cite(["command", json.dumps(experiment)], ["python", json.dumps(experiment)])
    names: dict[str, Any] = {}
    exec(lines, names)
    place = folder / "arrays"
    place.mkdir()
    script = command["text"].replace("mgf limit", f"{shlex.quote(str(binary()))} limit --json --quiet")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=place)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["theta_inf"] == names["result"].theta_inf.tolist()
    assert json.loads(done.stdout)["test_error"] == names["result"].test_error
    assert names["result"]["problem"].name == "mine"
    assert names["result"].theta_inf.tolist() == mf.limit(mf.problem(X, y), lambda_=0.3).theta_inf.tolist()


def test_studies(folder: Path) -> None:
    """A map over γ and β, a row of seeds, pairs walked together: what the sweep finds is what `limit` finds."""
    problem = {"gaussian": {"samples": 4, "features": 7, "nonzeros": 2}, "seed": 3}
    pairs = [(gamma, beta) for gamma in (0.01, 0.03, 0.1) for beta in (0, 0.5, 0.9)]
    kinds: dict[str, list[dict[str, Any]]] = {
        "map": [
            {"command": "limit", "problem": problem, "motion": {"gamma": gamma, "beta": beta}, "goal": {"delta_tolerance": 1e-8}}
            for gamma, beta in pairs
        ],
        "pairs": [
            {"command": "limit", "problem": problem, "initialisation": {"alpha": 0.2}, "motion": {"gamma": gamma, "beta": beta}}
            for gamma, beta in ((0.01, 0.5), (0.02, 0.9))
        ],
        "flows": [
            {"command": "limit", "problem": {**problem, "seed": seed}, "motion": {"lambda": lambda_}}
            for seed in (1, 2) for lambda_ in (0.1, 1)
        ],
        "ends": [
            {"command": "descend", "problem": problem, "motion": {"gamma": 0.01, "beta": beta}, "goal": {"iterations": 100}}
            for beta in (0.2, 0.4)
        ],
    }  # fmt: skip
    for name, experiments in kinds.items():
        found, lines = cite(["study", experiments, name], ["pythonStudy", experiments, name])
        (folder / f"{name}.yaml").write_text(found["files"][0][1])
        assert found["line"] == f"mgf sweep {name}.yaml --output {name}.sqlite"
        ask(folder, [*shlex.split(found["line"])[1:], "--quiet"])
        ask(folder, ["sweep", "export", f"{name}.sqlite", f"{name}.csv"])
        with open(folder / f"{name}.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(experiments)
        for row in rows:
            motion = {key: float(row[key]) for key in ("gamma", "beta", "lambda") if key in experiments[0]["motion"]}
            match = [one for one in experiments if all(one["motion"][key] == value for key, value in motion.items())]
            if "seed" in row:
                match = [one for one in match if one["problem"]["seed"] == int(row["seed"])]
            assert len(match) == 1
            result = mf.run(match[0], partial=True)
            norm = result.theta_l1 if name == "ends" else np.abs(result.theta_inf).sum()
            assert np.isclose(float(row["theta_l1"]), norm, rtol=1e-6)
        if name == "map":
            names: dict[str, Any] = {}
            exec(lines.replace("map.sqlite", str(folder / "again.sqlite")), names)
            assert dict(names["grid"].sizes) == {"gamma": 3, "beta": 3}


def test_what_no_study_says(folder: Path) -> None:
    problem = {"gaussian": {"samples": 4, "features": 7, "nonzeros": 2}}
    limits = [{"command": "limit", "problem": problem, "motion": {"lambda": 0.1}}]
    certified = [{**limits[0], "command": "certify", "motion": {"lambda": value}} for value in (0.1, 0.2)]
    assert cite(["study", limits], ["study", certified]) == [None, None]
