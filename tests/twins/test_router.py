"""The router sends the orders of paper accounts on, and leaves the others to their adapter."""

from dataclasses import replace

import pytest

from schemas.enums import OrdType, Side, TimeInForce
from schemas.execution import ApprovedOrder, CancelRequest
from schemas.inbox import ExecutionReport
from schemas.records import PaperOrder
from streams.operator import Refused
from streams.operators.execution.router import Router, RouterConfig
from streams.operators.risk.signing import SigningKey
from tests.signed import sign

KEY = SigningKey("test", b"a key for tests")
ORDER = ApprovedOrder(
    account="paper",
    strategy="s",
    signal_id="1",
    cl_ord_id="c1",
    instrument="SIM:X",
    ts_event=1,
    side=Side.BUY,
    ord_type=OrdType.MARKET,
    time_in_force=TimeInForce.IOC,
    price=0,
    size=5,
    price_scale=2,
    size_scale=0,
    key_id="",
    signature=b"",
)
CANCEL = CancelRequest("paper", "SIM:X", "c1", 1, "test", "", b"")


@pytest.fixture
def router() -> Router:
    return Router(RouterConfig(KEY, ("paper", "paper2")))


def test_orders_of_paper_accounts_enter_the_instruments_log(router: Router) -> None:
    for account in ("paper", "paper2"):
        for message in (ORDER, CANCEL):
            (output,) = router.apply(sign(replace(message, account=account), KEY))
            assert (output.topic, output.key) == ("ticks", "SIM:X")
            assert isinstance(output.message, PaperOrder)
            assert output.message.account == account


def test_orders_of_other_accounts_stay_where_they_are(router: Router) -> None:
    for message in (ORDER, CANCEL):
        assert router.apply(sign(replace(message, account="live"), KEY)) == []
        assert router.apply(replace(message, account="live")) == []


def test_an_unsigned_order_of_a_paper_account_is_rejected_back(router: Router) -> None:
    (output,) = router.apply(ORDER)
    assert isinstance(output.message, ExecutionReport)
    assert output.message.exec_type == "REJECTED"
    with pytest.raises(Refused, match="signature"):
        router.apply(CANCEL)
