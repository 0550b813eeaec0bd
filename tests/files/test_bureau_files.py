"""Lists of other systems and of bureaus: every value of every row is what stands in the file."""

from collections.abc import Callable

import pytest
from bureau_files import BUREAU_FILES, lines_that_name_the_fields_of_the_rows_below
from county_files import Made
from test_county_files import errors, found_in, said_by


@pytest.mark.parametrize("make", BUREAU_FILES.values(), ids=BUREAU_FILES.keys())
def test_every_value_is_what_stands_in_the_file(make: Callable[[], Made]) -> None:
    filename, content, wanted = make()
    findings = found_in(content, filename)

    assert [said_by(record) for record in findings.records] == wanted
    assert findings.questions == ()
    assert errors(findings) == []


def test_what_lines_between_the_rows_were_read_as_is_said() -> None:
    filename, content, _ = lines_that_name_the_fields_of_the_rows_below()
    (table,) = found_in(content, filename).tables

    assert [problem.message for problem in table.problems] == [
        "“电子信息领域(2项)”这行小标题按“技术领域”记入其下各行，请核对。",
        "“(一)城东镇”等 2 行小标题按“所在地域”记入其下各行，请核对。",
    ]
