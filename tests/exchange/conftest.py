import pytest

from dictation.case import Case
from dictation.exchange import CaseView
from tests.exchange.chest import chest_case, chest_view


@pytest.fixture
def case() -> Case:
    return chest_case()


@pytest.fixture
def view(case: Case) -> CaseView:
    return chest_view(case)
