"""The page on training: its commands run, with the experiment that it shows."""

import json
from pathlib import Path

from tests.docs.test_docs import ROOT, blocks, commands, run

PAGE = "docs/how-to/train-a-model.md"


def test_the_commands_of_the_page(recorded: Path, tmp_path: Path) -> None:
    shown = [text for page, text in blocks("train") if page == PAGE]
    (experiment,) = (t for page, t in blocks("toml") if page == PAGE and "[train]" in t)
    capture = next(recorded.rglob("usdm_btcusdt_20240808.gz"))
    named = experiment.replace("usdm_btcusdt_20240808.gz", str(capture))
    (tmp_path / "trend.toml").write_text(named)
    lines = commands("".join(shown))
    assert len(lines) == 2
    for line in lines:
        done = run(f"{line} --json", tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        facts = json.loads(done.stdout)
        folder = tmp_path / "var" / "models" / "trend" / facts["version"]
        assert sorted(p.name for p in folder.iterdir()) == [
            "model.onnx",
            "model.toml",
            "report.html",
        ]
    assert facts["trials"] == 5


def test_the_page_names_every_choice() -> None:
    from research.train.training import VALIDATIONS
    from streams.operators.features.models.labels import KINDS

    text = (ROOT / PAGE).read_text() + (ROOT / "docs/reference/training.md").read_text()
    for name in (*VALIDATIONS, *KINDS):
        assert f"`{name}`" in text
