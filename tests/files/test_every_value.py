"""Lists as counties, offices and bureaus send them: every value of every row is what stands in the file."""

from collections.abc import Callable

import pytest
from bureau_files import BUREAU_FILES
from county_files import COUNTY_FILES, Made
from office_files import OFFICE_FILES
from test_county_files import found_in, said_by

from matchmaker.domain.problems import Severity

FILES = [
    pytest.param(make, id=f"{kind}: {name}")
    for kind, files in (("county", COUNTY_FILES), ("office", OFFICE_FILES), ("bureau", BUREAU_FILES))
    for name, make in files.items()
]


@pytest.mark.parametrize("make", FILES)
def test_every_value_is_what_stands_in_the_file(make: Callable[[], Made]) -> None:
    filename, content, wanted = make()
    findings = found_in(content, filename)

    assert [said_by(record) for record in findings.records] == wanted
    assert findings.questions == ()
    assert [problem.message for problem in findings.problems if problem.severity is Severity.ERROR] == []
