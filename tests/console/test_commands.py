"""The command line as a user meets it: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest

from tests.commands import here, in_a_process, tickstream


def test_help_is_quick_to_read_and_exits_with_0() -> None:
    done = in_a_process("--help")
    assert done.returncode == 0
    trading = ("connect", "worker", "sink", "alerts", "desk")
    for command in ("demo", "replay", "record", "verify", "compare", "doctor", *trading):
        assert command in done.stdout


def test_an_unknown_command_exits_with_2() -> None:
    assert in_a_process("dance").returncode == 2


def test_replaying_a_session_twice_gives_equal_hashes(recorded: Path, tmp_path: Path) -> None:
    capture = str((recorded / "binance" / "usdm_btcusdt_20240808.gz").resolve())
    replay = ("replay", capture, "--json")
    runs = [json.loads(way(*replay, cwd=tmp_path).stdout) for way in (here, in_a_process)]
    assert runs[0]["topics"] == runs[1]["topics"]
    assert (runs[0]["events"], runs[0]["gaps"], runs[0]["dead_letters"]) == (93_954, 0, 0)


def test_replay_fills_an_embedded_clickhouse(recorded: Path, tmp_path: Path) -> None:
    capture = str((recorded / "binance" / "cm_btcusd_perp_20240808.gz").resolve())
    done = tickstream("replay", capture, "--clickhouse", "embedded:ch", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ch").is_dir()


def test_a_file_that_is_no_capture_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "holiday.gz"
    file.write_bytes(b"not a gzip file")
    done = tickstream("replay", str(file), "--json", cwd=tmp_path)
    assert done.returncode == 1
    assert "is not recognised" in json.loads(done.stdout)["error"]
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_truncated_capture_is_folded_up_to_the_damage(recorded: Path, tmp_path: Path) -> None:
    whole = (recorded / "binance" / "spot_btcusdt_20240808.gz").read_bytes()
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    done = tickstream("replay", "cut.gz", "--json", cwd=tmp_path)
    facts = json.loads(done.stdout)
    assert done.returncode == 0
    assert facts["events"] > 10_000
    assert facts["dead_letters"] == 1


def test_an_unknown_key_in_the_configuration_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[market]\nlevel = 5\n")
    done = tickstream("config", "show", "--config", "mine.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "unknown key market.level; did you mean levels?" in done.stderr


def test_config_show_hides_the_password(tmp_path: Path) -> None:
    target = "http://default:secret@host:8123"
    done = tickstream("config", "show", "--json", cwd=tmp_path, TICKSTREAM_CLICKHOUSE=target)
    assert "secret" not in done.stdout
    assert json.loads(done.stdout)["clickhouse"]["target"] == "http://default:***@host:8123"


def test_a_broker_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = tickstream("topics", "create", "--broker", "127.0.0.1:1", cwd=tmp_path)
    assert done.returncode == 1
    assert "127.0.0.1:1 does not answer" in done.stderr


def test_schemas_check_passes() -> None:
    assert json.loads(tickstream("schemas", "check", "--json").stdout) == {
        "ok": True,
        "problems": [],
    }


def test_doctor_says_what_is_there(tmp_path: Path) -> None:
    facts = json.loads(tickstream("doctor", "--json", cwd=tmp_path).stdout)
    assert facts["ok"]
    assert "chDB" in facts["embedded ClickHouse"]


@pytest.mark.parametrize("broker", ["local", "kafka"])
def test_the_demonstration_trades_and_reports(broker: str, tmp_path: Path) -> None:
    done = tickstream("demo", "--broker", broker, "--seconds", "6", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["events"] > 5_000
    assert facts["fills"] > 0
    assert facts["rows"]["fills"] == facts["fills"]
    assert facts["dead_letters"] == 0
    report = Path(facts["report"]).read_text()
    assert "SIM:BTC-USD" in report
    assert "http://" not in report.replace("http://www.w3.org", "")


def test_a_recording_is_verified_and_replayed(broker_alone: str, tmp_path: Path) -> None:
    env = {"TICKSTREAM_BROKER": broker_alone}
    shown = tickstream(
        "demo", "--broker", broker_alone, "--seconds", "4", "--json", cwd=tmp_path, **env
    )
    assert shown.returncode == 0, shown.stderr
    config = str(Path(__file__).parent.parent.parent / "config" / "demo.toml")
    recorded = tickstream("record", "--out", "rec", "--json", cwd=tmp_path, **env)
    assert json.loads(recorded.stdout)["records"]["ticks"] > 100
    verified = tickstream("verify", "rec", "--config", config, "--json", cwd=tmp_path)
    assert json.loads(verified.stdout)["ok"], verified.stdout
    replayed = [
        json.loads(tickstream("replay", "rec", "--config", config, "--json", cwd=tmp_path).stdout)
        for _ in "ab"
    ]
    assert replayed[0]["topics"] == replayed[1]["topics"]
    assert replayed[0]["events"] > 1_000
