"""``tickstream desk …``: what people may do to accounts while the system trades."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.options import Broker, Config, Json, result

if TYPE_CHECKING:
    from console.commands.desk import Desk

app = typer.Typer(no_args_is_help=True, help="Accounts while they trade: halt, resume, limits.")

Account = Annotated[str, typer.Argument(help="An account of the configuration, or all.")]
Why = Annotated[str, typer.Option(help="Kept on the ledger.")]
Who = Annotated[str, typer.Option(help="Kept on the ledger; the user of this machine if empty.")]
Instrument = Annotated[str, typer.Option(help="VENUE:SYMBOL; every one if empty.")]


def _desk(config: Path | None, broker: str | None, who: str) -> "Desk":
    from console.commands.desk import Desk

    return Desk(config, broker, who or getpass.getuser())


@app.command()
def kill(
    account: Account,
    flatten: Annotated[bool, typer.Option(help="Close every position at the market too.")] = False,
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Stop all orders of an account: what works is cancelled, what comes is refused."""
    result(_desk(config, broker, who).kill(account, True, flatten, why), as_json)


@app.command()
def release(
    account: Account,
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Let an account trade again after ``kill``."""
    result(_desk(config, broker, who).kill(account, False, False, why), as_json)


@app.command()
def reset(
    account: Account,
    breaker: Annotated[str, typer.Option(help="Its name; all if empty.")] = "",
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Let an account trade again after a circuit breaker tripped."""
    result(_desk(config, broker, who).reset(account, breaker, why), as_json)


@app.command()
def limit(
    account: Account,
    name: Annotated[str, typer.Argument(help="max_position, strategy.ema_cross.daily_loss …")],
    value: Annotated[str, typer.Argument(help="A number, or none.")],
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Change a limit."""
    result(_desk(config, broker, who).limit(account, name, value, why), as_json)


@app.command()
def cancel(
    account: Account,
    signal: Annotated[str, typer.Option(help="The order's signal; all orders if empty.")] = "",
    instrument: Instrument = "",
    strategy: Annotated[str, typer.Option(help="Whose orders; everybody's if empty.")] = "",
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Cancel open orders."""
    desk = _desk(config, broker, who)
    result(desk.cancel(account, signal, instrument, strategy, why), as_json)


@app.command()
def flatten(
    account: Account,
    instrument: Instrument = "",
    why: Why = "",
    who: Who = "",
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Cancel what works and close what is held, at the market."""
    result(_desk(config, broker, who).flatten(account, instrument, why), as_json)


@app.command()
def show(
    account: Account, config: Config = None, broker: Broker = None, as_json: Json = False
) -> None:
    """An account as the risk gate last saved it: state, positions, orders, limits."""
    result(_desk(config, broker, "").show(account), as_json)
