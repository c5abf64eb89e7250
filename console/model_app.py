"""``tickstream model …``: ONNX models, from a file to the stream."""

import getpass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.options import Broker, Config, Json, result

if TYPE_CHECKING:
    from console.commands.model import Models

app = typer.Typer(no_args_is_help=True, help="Models from elsewhere: the registry, and what runs.")

Name = Annotated[str, typer.Argument(help="Of the model in the registry.")]
Version = Annotated[
    str, typer.Argument(help="12 hexadecimal digits, their beginning, latest or previous.")
]
Why = Annotated[str, typer.Option(help="Kept in the table model_changes.")]
Who = Annotated[str, typer.Option(help="Kept beside it; the user of this machine if empty.")]


class To(StrEnum):
    SHADOW = "shadow"
    PRODUCTION = "production"


class Role(StrEnum):
    PRODUCTION = "production"
    SHADOW = "shadow"
    CHALLENGER = "challenger"


def _models(config: Path | None, broker: str | None = None, who: str = "") -> "Models":
    from console.commands.model import Models

    return Models(config, broker, who or getpass.getuser())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="An ONNX model.")],
    name: Annotated[str, typer.Option(help="Of the model in the registry.")],
    inputs: Annotated[str, typer.Option(help="A,B …: the columns it takes, in order.")] = "",
    kind: Annotated[str, typer.Option(help="classifier or regressor.")] = "classifier",
    output: Annotated[str, typer.Option(help="Of the graph; the only float one if empty.")] = "",
    describe: Annotated[
        Path | None, typer.Option(help="A TOML file: label, metrics, feature_set, fallback …")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put a model into the registry, as a candidate."""
    from console.commands.model import read_description

    said: dict[str, Any] = {"kind": kind, **(read_description(describe) if describe else {})}
    if inputs:
        said["inputs"] = inputs.split(",")
    if output:
        said["outputs"] = [output]
    result(_models(config).bring(file, name, said), as_json)


@app.command("list")
def list_(config: Config = None, as_json: Json = False) -> None:
    """The models of the registry, their versions and stages."""
    listed = _models(config).listed()
    if not listed and not as_json:
        typer.echo("none yet: tickstream train makes one, tickstream model import takes one")
        return
    result(listed, as_json)


@app.command()
def show(
    name: Name,
    version: Annotated[str, typer.Argument(help="Of the one in production if empty.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """All that is known of a version: inputs, label, metrics, stage."""
    result(_models(config).show(name, version), as_json)


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="All if empty.")] = "",
    version: Annotated[str, typer.Argument(help="All of the name if empty.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Load versions, compare them with their hash and contract, and time them."""
    result(_models(config).check(name, version), as_json)


@app.command()
def promote(
    name: Name,
    version: Version,
    to: Annotated[To, typer.Option(help="The stage.")] = To.PRODUCTION,
    live: Annotated[bool, typer.Option(help="Also in every slot that runs the model.")] = False,
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Bring a version to shadow, or to production in the place of the one that is there."""
    from streams.models.description import Stage

    result(_models(config, broker, who).promote(name, version, Stage(to), live, why), as_json)


@app.command()
def retire(name: Name, version: Version, config: Config = None, as_json: Json = False) -> None:
    """Take a version out of use."""
    result(_models(config).retire(name, version), as_json)


@app.command()
def deploy(
    slot: Annotated[str, typer.Argument(help="models.NAME of the configuration.")],
    version: Annotated[str, typer.Argument(help="As for promote; nobody any more if empty.")] = "",
    role: Annotated[Role, typer.Option(help="What the version does.")] = Role.PRODUCTION,
    share: Annotated[float, typer.Option(help="Of a challenger: 0 … 1.")] = 0.5,
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Give a version a role in a slot while it runs."""
    from schemas.enums import ModelRole

    models = _models(config, broker, who)
    result(models.deploy(slot, version, ModelRole[role.name], share, why), as_json)
